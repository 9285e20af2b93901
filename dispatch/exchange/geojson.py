"""A plan as GeoJSON (RFC 7946): routes as lines, stations, visits and what stayed out as points.

Positions are longitude and latitude in WGS-84. Lines are drawn straight from stop to stop.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dispatch import texts
from dispatch.domain.plan import StopKind
from dispatch.domain.timetable import TimedRoute
from dispatch.judged import JudgedPlan
from dispatch.texts import Language

Feature = dict[str, Any]


def write_geojson(judged: JudgedPlan, path: Path, lang: Language) -> tuple[Path, ...]:
    """Writes one FeatureCollection to ``path``; every feature says its ``type`` in properties."""
    text = json.dumps(collection_of(features_of(judged, lang)), ensure_ascii=False, indent=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return (path,)


def collection_of(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def features_of(judged: JudgedPlan, lang: Language) -> Iterator[Feature]:
    """Stations, then each route and its stops, then what stayed out."""
    yield from _stations(judged)
    for route in judged.verdict.timetable.routes:
        yield from _route(judged, route)
    yield from _unassigned(judged, lang)


def _position(judged: JudgedPlan, place_id: str) -> list[float]:
    """Longitude and latitude, to about 10 cm."""
    point = judged.wgs84(place_id)
    return [round(point.longitude, 6), round(point.latitude, 6)]


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> Feature:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _stations(judged: JudgedPlan) -> Iterator[Feature]:
    for station in judged.snapshot.stations:
        properties = {
            "type": "station",
            "id": station.id,
            "name": station.name,
            "kind": station.kind.value,
        }
        yield _feature("Point", _position(judged, station.id), properties)


def _route(judged: JudgedPlan, route: TimedRoute) -> Iterator[Feature]:
    technician = judged.snapshot.technician[route.route.technician_id]
    driven = [s for s in route.stops if s.stop.kind in (StopKind.VISIT, StopKind.PICKUP)]
    places = [route.start_place_id, *(stop.place_id for stop in driven)]
    if not route.route.ends_away:
        places.append(route.end_place_id)
    owner = {
        "technician_id": technician.id,
        "technician": technician.name,
        "shift_id": route.route.shift_id,
    }
    line = [_position(judged, place_id) for place_id in places]
    yield _feature(
        "LineString",
        line,
        {
            "type": "route",
            **owner,
            "depart_at": judged.iso(route.depart_at),
            "finish_at": judged.iso(route.finish_at),
            "travel_s": route.travel_s,
            "travel_m": route.travel_m,
            "ends_away": route.route.ends_away,
        },
    )
    for number, timed in enumerate(driven, start=1):
        yield _feature(
            "Point",
            _position(judged, timed.place_id),
            {
                "type": timed.stop.kind.value,
                **owner,
                "number": number,
                "visit_id": timed.stop.visit_id,
                "place": judged.place(timed.place_id),
                "arrival_at": judged.iso(timed.arrival_at),
                "start_at": judged.iso(timed.start_at),
                "end_at": judged.iso(timed.end_at),
                "leave_at": judged.iso(timed.leave_at),
            },
        )


def _unassigned(judged: JudgedPlan, lang: Language) -> Iterator[Feature]:
    for left in judged.plan.unassigned:
        site = judged.snapshot.site_of(judged.snapshot.visit[left.visit_id])
        properties = {
            "type": "unassigned",
            "visit_id": left.visit_id,
            "place": judged.place(site.id),
            "code": left.code,
            "reason": texts.rule(left.code, lang),
        }
        yield _feature("Point", _position(judged, site.id), properties)
