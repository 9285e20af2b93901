"""A small server that speaks as OSRM and Valhalla do, for tests: straight roads at 36 km/h."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from dispatch.domain.places import Point
from dispatch.domain.roads import NetworkKind, RoadNetwork
from dispatch.travel import straight_m

M_PER_S = 10
WINDING = 1.1
PROFILES = {NetworkKind.OSRM: "driving", NetworkKind.VALHALLA: "auto"}
Body = dict[str, Any]


def _as_it_is(answer: Body) -> Body | bytes:
    return answer


@dataclass
class Roads:
    """The server, and how it is to behave. ``asked`` is what it was asked: sources, targets."""

    url: str = ""
    asked: list[tuple[tuple[Point, ...], tuple[Point, ...]]] = field(default_factory=list)
    spoil: Callable[[Body], Body | bytes] = _as_it_is
    status: int = 200
    unknown: Callable[[Point], bool] = lambda _: False
    most: int = 50
    hangs: threading.Event | None = None

    def network(self, kind: NetworkKind = NetworkKind.OSRM, most_places: int = 50) -> RoadNetwork:
        return RoadNetwork(kind, self.url, PROFILES[kind], most_places)

    def legs(self, sources: tuple[Point, ...], targets: tuple[Point, ...]) -> Any:  # noqa: ANN401
        self.asked.append((sources, targets))
        return straight_m(sources, targets) * WINDING


@contextmanager
def road_server() -> Iterator[Roads]:
    """A server on a free port of this machine."""
    roads = Roads()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = urlsplit(self.path)
            _, service, version, profile, coordinates = found.path.split("/")
            assert (service, version, profile) == ("table", "v1", "driving")
            query = parse_qs(found.query)
            assert query["annotations"] == ["duration,distance"]
            points = [
                Point(float(latitude), float(longitude))
                for longitude, latitude in (c.split(",") for c in coordinates.split(";"))
            ]
            sources, targets = (
                tuple(points[int(i)] for i in query[name][0].split(";"))
                for name in ("sources", "destinations")
            )
            if len(points) > 2 * roads.most:
                self.answer({"code": "TooBig"}, 400)
            elif any(map(roads.unknown, points)):
                self.answer({"code": "NoSegment", "message": "Could not find a segment"}, 400)
            else:
                metres = roads.legs(sources, targets)
                durations = np.round(metres / M_PER_S, 1).tolist()
                answer = {"code": "Ok", "durations": durations, "distances": metres.tolist()}
                self.answer(answer, roads.status)

        def do_POST(self) -> None:
            assert self.path == "/sources_to_targets"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert body["costing"] == "auto"
            sources, targets = (
                tuple(Point(p["lat"], p["lon"]) for p in body[name])
                for name in ("sources", "targets")
            )
            if len(sources) * len(targets) > roads.most**2:
                self.answer({"error_code": 150, "error": "Exceeded max locations"}, 400)
            elif any(map(roads.unknown, (*sources, *targets))):
                self.answer({"error_code": 171, "error": "No suitable edges near location"}, 400)
            else:
                cells = [
                    [
                        {
                            "from_index": i,
                            "to_index": j,
                            "time": round(m / M_PER_S),
                            "distance": m / 1000,
                        }
                        for j, m in enumerate(row)
                    ]
                    for i, row in enumerate(roads.legs(sources, targets).tolist())
                ]
                answer = {"sources_to_targets": cells, "units": "kilometers"}
                self.answer(answer, roads.status)

        def answer(self, body: Body, status: int) -> None:
            if roads.hangs is not None:
                roads.hangs.wait()
            made = roads.spoil(body)
            content = made if isinstance(made, bytes) else json.dumps(made).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    roads.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield roads
    finally:
        if roads.hangs is not None:
            roads.hangs.set()
        server.shutdown()
        thread.join()
        server.server_close()
