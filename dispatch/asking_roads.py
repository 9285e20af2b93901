"""The HTTP interfaces of road networks: OSRM's ``table`` and Valhalla's ``sources_to_targets``."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from dispatch.domain.errors import DispatchError
from dispatch.domain.places import Point
from dispatch.domain.roads import Leg, NetworkKind, RoadNetwork
from dispatch.travel import straight_m

PATIENCE_S = 20.0
_MOST_BYTES = 64 * 1024 * 1024
_PIECE_BYTES = 65536
_BAD_REQUEST = 400

# What is further than all roads, or longer than all ways on them, is a mistake.
_MOST_S = 14 * 24 * 3600
_MOST_M = 10_000_000
# Both ends are moved to the nearest road, which makes a way this much shorter than the straight
# line at most; a network that moved them further does not know the place.
_MOVED_M = 2_000.0
_FASTEST_M_PER_S = 60.0
_M_PER_KM = 1000
# Of OSRM: a place without a road, places without a way. Of Valhalla: places too far apart,
# unconnected regions, a place without a road, no way.
_NO_WAY = {"NoSegment", "NoTable", 154, 170, 171, 442}


class RoadsError(DispatchError):
    """A road network that does not answer, or not as it should."""


class _NoWayError(Exception):
    """Some of the places that were asked about cannot be reached; not which."""


@dataclass(frozen=True, slots=True)
class _Interface:
    """How one kind of server is asked, and what its answer says: seconds and metres."""

    request: Callable[[RoadNetwork, Sequence[Point], Sequence[Point]], Request]
    tables: Callable[[Any], tuple[Any, Any]]


def ask(
    network: RoadNetwork, sources: Sequence[Point], targets: Sequence[Point]
) -> list[list[Leg]]:
    """The legs from each source to each target, points in WGS-84.

    A place that cannot be reached costs its own legs only: the others are asked for again in
    halves. Raises RoadsError.
    """
    try:
        said = _asked(network, sources, targets)
    except _NoWayError:
        if len(sources) == len(targets) == 1:
            return [[(None, None)]]
        if len(sources) >= len(targets):
            half = len(sources) // 2
            return [
                *ask(network, sources[:half], targets),
                *ask(network, sources[half:], targets),
            ]
        half = len(targets) // 2
        left, right = (ask(network, sources, part) for part in (targets[:half], targets[half:]))
        return [[*a, *b] for a, b in zip(left, right, strict=True)]
    straight = straight_m(sources, targets)
    return [
        [_believed(leg, float(m)) for leg, m in zip(row, metres, strict=True)]
        for row, metres in zip(said, straight, strict=True)
    ]


def checked_url(url: str) -> str:
    """The address of a server without the slash at its end. Raises RoadsError."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or "?" in url or "#" in url:
        raise RoadsError(
            f"{url!r} is no address of a road network; http://127.0.0.1:5000 would be one.",
            f"{url!r} 不是路网服务的地址；例如 http://127.0.0.1:5000。",
        )
    return url.rstrip("/")


def _believed(leg: tuple[float | None, float | None], straight: float) -> Leg:
    """Whole seconds and metres. No road is shorter than the straight line, and nobody flies."""
    seconds, metres = leg
    if seconds is None or metres is None:
        return None, None
    if metres + _MOVED_M < straight or metres > seconds * _FASTEST_M_PER_S + _MOVED_M:
        return None, None
    return math.ceil(seconds), round(metres)


# ---------------------------------------------------------------------------------------- formats


def _osrm_request(
    network: RoadNetwork, sources: Sequence[Point], targets: Sequence[Point]
) -> Request:
    points = ";".join(f"{p.longitude:.6f},{p.latitude:.6f}" for p in (*sources, *targets))
    first = ";".join(map(str, range(len(sources))))
    second = ";".join(str(len(sources) + i) for i in range(len(targets)))
    return Request(
        f"{network.url}/table/v1/{quote(network.profile, safe='')}/{points}"
        f"?sources={first}&destinations={second}&annotations=duration,distance"
    )


def _osrm_tables(answer: Any) -> tuple[Any, Any]:  # noqa: ANN401 - any JSON
    if answer["code"] != "Ok":
        raise ValueError(answer["code"])
    return answer["durations"], answer["distances"]


def _valhalla_request(
    network: RoadNetwork, sources: Sequence[Point], targets: Sequence[Point]
) -> Request:
    def places(points: Sequence[Point]) -> list[dict[str, float]]:
        return [{"lat": p.latitude, "lon": p.longitude} for p in points]

    body = {
        "sources": places(sources),
        "targets": places(targets),
        "costing": network.profile,
        "units": "kilometers",
        "verbose": True,
    }
    headers = {"Content-Type": "application/json"}
    return Request(f"{network.url}/sources_to_targets", json.dumps(body).encode(), headers)


def _valhalla_tables(answer: Any) -> tuple[Any, Any]:  # noqa: ANN401 - any JSON
    if answer.get("units", "kilometers") != "kilometers":
        raise ValueError(answer["units"])
    rows = answer["sources_to_targets"]
    seconds = [[cell["time"] for cell in row] for row in rows]
    metres = [[_metres(cell["distance"]) for cell in row] for row in rows]
    return seconds, metres


def _metres(kilometres: float | None) -> float | None:
    return None if kilometres is None else kilometres * _M_PER_KM


_INTERFACES: Mapping[NetworkKind, _Interface] = {
    NetworkKind.OSRM: _Interface(_osrm_request, _osrm_tables),
    NetworkKind.VALHALLA: _Interface(_valhalla_request, _valhalla_tables),
}


def _asked(
    network: RoadNetwork, sources: Sequence[Point], targets: Sequence[Point]
) -> list[list[tuple[float | None, float | None]]]:
    """Raises RoadsError, _NoWayError."""
    interface = _INTERFACES[network.kind]
    content = _fetched(network, interface.request(network, sources, targets))
    try:
        seconds, metres = interface.tables(json.loads(content))
        return [
            [
                (_figure(seconds[i][j], _MOST_S), _figure(metres[i][j], _MOST_M))
                for j in _indices(seconds[i], metres[i], len(targets))
            ]
            for i in _indices(seconds, metres, len(sources))
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _failed(network, f"its answer cannot be read ({error})", "应答无法识别") from error


def _indices(first: Sequence[object], second: Sequence[object], size: int) -> range:
    if not len(first) == len(second) == size:
        raise ValueError(f"{len(first)} × {len(second)}, not {size}")
    return range(size)


def _figure(value: object, most: int) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(repr(value)[:40])
    return float(value)


# ------------------------------------------------------------------------------------------- HTTP


class _NoRedirects(HTTPRedirectHandler):
    """Only the server that was named is asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - as it is there
        return None


def _opener() -> OpenerDirector:
    return build_opener(ProxyHandler({}), _NoRedirects())


def _fetched(network: RoadNetwork, request: Request) -> bytes:
    """Raises RoadsError, _NoWayError."""
    until = time.monotonic() + PATIENCE_S
    try:
        with _opener().open(request, timeout=PATIENCE_S) as response:
            return _read(response, until)
    except HTTPError as error:
        with error:
            if error.code == _BAD_REQUEST and _code_in(error) in _NO_WAY:
                raise _NoWayError from error
        raise _failed(network, f"it answers {error.code}", f"应答 {error.code}") from error
    except TimeoutError as error:
        raise _failed(
            network, f"no answer within {PATIENCE_S:g} s", f"{PATIENCE_S:g} 秒内无应答"
        ) from error
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise _failed(network, str(reason), str(reason)) from error


def _read(response: Any, until: float) -> bytes:  # noqa: ANN401 - an HTTPResponse
    """All of the answer. Raises TimeoutError, and OSError if there is too much of it."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE_BYTES):
        pieces.append(piece)
        size += len(piece)
        if size > _MOST_BYTES:
            raise OSError(f"more than {_MOST_BYTES} bytes")
        if time.monotonic() > until:
            raise TimeoutError
    return b"".join(pieces)


def _code_in(error: HTTPError) -> object:
    """What the server calls its refusal: OSRM with a word, Valhalla with a number."""
    try:
        said = json.loads(error.read(_PIECE_BYTES))
    except (ValueError, RecursionError, OSError, HTTPException):
        return None
    if not isinstance(said, dict):
        return None
    code = said.get("error_code", said.get("code"))
    return code if isinstance(code, str | int) else None


def _failed(network: RoadNetwork, reason_en: str, reason_zh: str) -> RoadsError:
    # Without the path, which may hold a key.
    server = urlsplit(network.url).netloc.rpartition("@")[2]
    return RoadsError(
        f"The road network {network.name} at {server} cannot be used: {reason_en}.",
        f"无法使用路网 {network.name}（{server}）：{reason_zh}。",
    )
