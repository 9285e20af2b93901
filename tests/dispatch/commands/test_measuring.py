"""Travel from a road network: asked for once, kept, and honest where it is not there."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest
from sqlalchemy import update

from dispatch import asking_roads
from dispatch.asking_roads import RoadsError
from dispatch.commands.measuring import Measured, leave_network, measure, use_network
from dispatch.commands.versions import planning_snapshot
from dispatch.datum import to_wgs84
from dispatch.domain.places import Point, Site, Station
from dispatch.domain.roads import NetworkKind
from dispatch.domain.snapshot import Snapshot
from dispatch.importing import import_organisation
from dispatch.judged import judged
from dispatch.rehearsal import moment
from dispatch.spots import point_of, spot_of
from dispatch.store.database import Database
from dispatch.store.rows_places import SiteRow
from dispatch.travel import Travel, straight_m, travel_of
from dispatch.travel_basis import basis_of
from scenarios.generate import generate
from tests.dispatch.commands.planned import searched
from tests.roads import M_PER_S, WINDING, Roads, road_server

NOW = datetime(2026, 9, 28, 16, tzinfo=UTC)
ORGANISATION = generate(visits=12, seed=3)
STANDING: tuple[Station | Site, ...] = (*ORGANISATION.stations, *ORGANISATION.sites)
PLACES = len({spot_of(p.point) for p in STANDING})
LEGS = PLACES * (PLACES - 1)
KINDS = tuple(NetworkKind)


@pytest.fixture(name="roads")
def _roads() -> Iterator[Roads]:
    with road_server() as server:
        yield server


@pytest.fixture(name="store")
def _store(database: Database) -> Database:
    with database.writing() as session:
        import_organisation(session, ORGANISATION, "test", NOW)
    return database


def use(
    store: Database, roads: Roads, kind: NetworkKind = NetworkKind.OSRM, most: int = 50
) -> None:
    with store.writing() as session:
        use_network(session, roads.network(kind, most), "test", NOW)


def measured(store: Database, at: datetime = NOW, **how: Any) -> Measured:  # noqa: ANN401
    found = measure(store, at, **how)
    assert found is not None
    return found


def snapshot_of(store: Database) -> Snapshot:
    with store.reading() as session:
        return planning_snapshot(session, moment(session))


def estimates(store: Database) -> tuple[Snapshot, Travel]:
    snapshot = snapshot_of(store)
    alone = replace(snapshot, travel=replace(snapshot.travel, roads=None))
    return snapshot, travel_of(alone)


@pytest.mark.parametrize("kind", KINDS)
def test_every_leg_is_what_the_network_says(
    store: Database, roads: Roads, kind: NetworkKind
) -> None:
    use(store, roads, kind, most=7)
    assert measured(store) == Measured(LEGS, 0, LEGS)
    assert all(len(s) <= 7 and len(t) <= 7 for s, t in roads.asked)
    snapshot = snapshot_of(store)
    travel = travel_of(snapshot)
    some: tuple[Station | Site, ...] = (*snapshot.stations, *snapshot.sites[:5])
    for a in some:
        for b in snapshot.sites:
            start, end = point_of(spot_of(a.point)), point_of(spot_of(b.point))
            metres = float(straight_m([start], [end])[0, 0]) * WINDING if a.id != b.id else 0
            seconds, found = travel.leg(a.id, b.id)
            assert abs(found - metres) <= 1
            assert abs(seconds - metres / M_PER_S) <= 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_known_is_not_asked_for_again(
    store: Database, roads: Roads, kind: NetworkKind
) -> None:
    use(store, roads, kind)
    measured(store)
    asked = len(roads.asked)
    assert measured(store) == Measured(LEGS, LEGS, 0)
    assert len(roads.asked) == asked


def test_a_site_that_moved_is_all_that_is_asked_for(store: Database, roads: Roads) -> None:
    use(store, roads)
    measured(store)
    roads.asked.clear()
    site = ORGANISATION.sites[0]
    with store.writing() as session:
        there = {"latitude": site.point.latitude + 0.01, "longitude": site.point.longitude}
        session.execute(update(SiteRow).where(SiteRow.id == site.id).values(there))
    with store.reading() as session:
        moved = planning_snapshot(session, moment(session)).site[site.id]
    assert measured(store).answered == 2 * (PLACES - 1)
    spot = spot_of(moved.point)
    assert all(spot in {*map(spot_of, (*s, *t))} for s, t in roads.asked)
    assert sum(len(s) * len(t) for s, t in roads.asked) <= 2 * PLACES


def test_what_is_old_is_asked_for_again_and_used_until_then(store: Database, roads: Roads) -> None:
    use(store, roads)
    measured(store)
    before = travel_of(snapshot_of(store))
    later = NOW + timedelta(days=100)
    roads.status = 503
    assert measured(store, later).answered == 0
    assert (travel_of(snapshot_of(store)).seconds == before.seconds).all()
    roads.status = 200
    assert measured(store, later, anyway=True).answered == LEGS
    assert measured(store, later).known == LEGS


def test_networks_are_asked_in_wgs84(store: Database, roads: Roads) -> None:
    use(store, roads)
    measured(store)
    places = {spot_of(to_wgs84(p.point)) for p in STANDING}
    assert {spot_of(p) for s, t in roads.asked for p in (*s, *t)} == places


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_without_a_road_costs_its_own_legs_only(
    store: Database, roads: Roads, kind: NetworkKind
) -> None:
    use(store, roads, kind)
    lost = ORGANISATION.sites[3]
    spot = spot_of(lost.point)
    roads.unknown = lambda point: spot_of(point) == spot
    assert measured(store).missing == 0
    snapshot, by_distance = estimates(store)
    travel = travel_of(snapshot)
    for site in snapshot.sites:
        same = travel.leg(lost.id, site.id) == by_distance.leg(lost.id, site.id)
        assert same or spot_of(site.point) == spot
        other = ORGANISATION.stations[0].id
        if spot_of(site.point) != spot:
            assert travel.leg(other, site.id) != by_distance.leg(other, site.id)


def changed(key: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:  # noqa: ANN401
    return lambda answer: {**answer, key: value}


NONSENSE: dict[str, tuple[NetworkKind, Callable[[dict[str, Any]], dict[str, Any] | bytes]]] = {
    "not JSON": (NetworkKind.OSRM, lambda _: b"<html>"),
    "deep": (NetworkKind.OSRM, lambda _: b"[" * 100_000),
    "empty": (NetworkKind.OSRM, lambda _: {}),
    "a list": (NetworkKind.VALHALLA, lambda _: b"[1]"),
    "no tables": (NetworkKind.OSRM, changed("durations", None)),
    "too few": (NetworkKind.OSRM, changed("distances", [[1]])),
    "below zero": (
        NetworkKind.OSRM,
        lambda a: {**a, "durations": [[-1 for _ in row] for row in a["durations"]]},
    ),
    "not finite": (
        NetworkKind.OSRM,
        lambda a: {**a, "distances": [[float("nan") for _ in row] for row in a["distances"]]},
    ),
    "words": (
        NetworkKind.OSRM,
        lambda a: {**a, "distances": [["far" for _ in row] for row in a["distances"]]},
    ),
    "miles": (NetworkKind.VALHALLA, changed("units", "miles")),
    "no cells": (NetworkKind.VALHALLA, changed("sources_to_targets", [[{}]])),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_not_believed(store: Database, roads: Roads, what: str) -> None:
    kind, roads.spoil = NONSENSE[what]
    use(store, roads, kind)
    found = measured(store)
    assert found.failure is not None
    assert found.answered == 0
    snapshot, by_distance = estimates(store)
    assert (travel_of(snapshot).seconds == by_distance.seconds).all()


def test_roads_shorter_than_the_straight_line_are_not_believed(
    store: Database, roads: Roads
) -> None:
    """A map of somewhere else puts all places onto its last road."""
    use(store, roads)
    roads.spoil = lambda a: {
        **a,
        "durations": [[60 for _ in row] for row in a["durations"]],
        "distances": [[100 for _ in row] for row in a["distances"]],
    }
    measured(store)
    snapshot, by_distance = estimates(store)
    travel = travel_of(snapshot)
    far = by_distance.metres > 5_000
    assert far.any()
    assert (travel.metres == by_distance.metres)[far].all()


def test_a_network_that_fails_is_left_alone_for_a_while(store: Database, roads: Roads) -> None:
    use(store, roads, most=5)
    roads.status = 500
    assert measured(store).failure is not None
    assert len(roads.asked) == 2
    resting = measured(store, NOW + timedelta(minutes=1))
    assert resting.failure is not None
    assert len(roads.asked) == 2
    roads.status = 200
    assert measured(store, NOW + timedelta(minutes=10)) == Measured(LEGS, 0, LEGS)


def test_a_network_that_is_not_there_or_never_answers(
    store: Database, roads: Roads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_roads, "PATIENCE_S", 0.2)
    use(store, roads)
    roads.hangs = threading.Event()
    slow = measured(store)
    assert slow.failure is not None
    assert "0.2" in slow.failure.message_en
    with store.writing() as session:
        away = replace(roads.network(), url="http://127.0.0.1:9")
        use_network(session, away, "test", NOW)
    gone = measured(store)
    assert gone.failure is not None
    assert "127.0.0.1:9" in gone.failure.message_zh


def test_stopped_halfway_it_keeps_what_it_has(store: Database, roads: Roads) -> None:
    use(store, roads, most=5)
    seen: list[Measured] = []
    first = measured(store, report=seen.append, stop=lambda: len(seen) == 2)
    assert 0 < first.answered < LEGS
    assert measured(store) == Measured(LEGS, first.answered, LEGS - first.answered)


def test_a_plan_says_how_much_of_it_is_estimated(store: Database, roads: Roads) -> None:
    def basis() -> Any:  # noqa: ANN401
        snapshot = snapshot_of(store)
        found = judged(snapshot, searched(snapshot), travel_of(snapshot))
        assert not found.verdict.violations
        return basis_of(snapshot, found.verdict.timetable)

    alone = basis()
    assert alone.source == "distance"
    assert alone.estimated == alone.legs > 0
    use(store, roads)
    nothing = basis()
    assert (nothing.source, nothing.estimated) == ("osrm driving", nothing.legs)
    measured(store)
    assert basis().estimated == 0
    with store.writing() as session:
        leave_network(session, "test", NOW)
    assert basis() == alone
    assert measure(store, NOW) is None


def test_addresses_that_are_none_are_refused(store: Database, roads: Roads) -> None:
    for url in (
        "ftp://x",
        "http://",
        "127.0.0.1:5000",
        "http://x:99999",
        "http://x/?a=1",
        "file:///",
    ):
        with store.writing() as session, pytest.raises(RoadsError):
            use_network(session, replace(roads.network(), url=url), "test", NOW)


def test_spots_are_a_metre_wide() -> None:
    for point in (Point(41.8057, 123.4315), Point(-33.5, -70.25), Point(90, 180), Point(-90, -180)):
        there = point_of(spot_of(point))
        assert abs(there.latitude - point.latitude) < 1e-5
        assert abs(there.longitude - point.longitude) < 1e-5
    assert ceil(spot_of(Point(90, 180))) < 2**63
