"""Visits that wait for other routes: crews and lags."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from dispatch.domain.people import Technician
from dispatch.domain.timetable import derive
from dispatch.domain.work import Link, Window
from tests.builders import FlatLegs, a_plan, a_route, a_shift, a_snapshot, a_technician, a_visit, at

LEGS = FlatLegs()


def two_technicians() -> list[Technician]:
    return [a_technician("T1"), a_technician("T2")]


def test_a_crew_starts_when_its_last_member_can() -> None:
    visits = [a_visit("V1", crew_size=2), a_visit("V2", "B"), a_visit("V3", "C")]
    plan = a_plan(a_route("V1", "V3"), a_route("V2", "V1", technician_id="T2"))
    timetable = derive(a_snapshot(visits, two_technicians()), plan, LEGS)
    assert [m.stop.start_at for m in timetable.visits["V1"]] == [at(10), at(10)]
    assert (timetable.start_of("V1"), timetable.end_of("V1")) == (at(10), at(11))
    assert timetable.start_of("V3") == at(11, 30)
    assert timetable.routes[0].depart_at == at(9, 30)
    assert not timetable.circles


def test_crews_wait_along_a_chain() -> None:
    visits = [a_visit(v, s, crew_size=2) for v, s in (("V1", "A"), ("V2", "B"), ("V3", "C"))]
    visits.append(a_visit("V4", "D"))
    technicians = [a_technician(f"T{n}") for n in range(1, 5)]
    plan = a_plan(
        a_route("V3", technician_id="T1"),
        a_route("V2", "V3", technician_id="T2"),
        a_route("V1", "V2", technician_id="T3"),
        a_route("V4", "V1", technician_id="T4"),
    )
    timetable = derive(a_snapshot(visits, technicians), plan, LEGS)
    assert [timetable.start_of(v) for v in ("V4", "V1", "V2", "V3")] == [
        at(8, 30),
        at(10),
        at(11, 30),
        at(13),
    ]


def test_crews_that_wait_for_each_other_in_a_circle_are_named_and_do_not_wait() -> None:
    visits = [a_visit("V1", crew_size=2), a_visit("V2", "B", crew_size=2)]
    visits += [a_visit("V3", "C", crew_size=2), a_visit("V4", "D")]
    technicians = [*two_technicians(), a_technician("T3")]
    plan = a_plan(
        a_route("V1", "V2", "V3"),
        a_route("V2", "V1", technician_id="T2"),
        a_route("V4", "V3", technician_id="T3"),
    )
    timetable = derive(a_snapshot(visits, technicians), plan, LEGS)
    assert timetable.circles == {"V1", "V2"}
    assert [m.stop.start_at for m in timetable.visits["V1"]] == [at(8, 30), at(10)]
    assert (timetable.start_of("V1"), timetable.end_of("V1")) == (at(10), at(11))
    assert [m.stop.start_at for m in timetable.visits["V3"]] == [at(11, 30), at(11, 30)]


def test_a_visit_that_stands_on_a_route_twice_is_a_circle() -> None:
    timetable = derive(a_snapshot(), a_plan(a_route("V1", "V1")), LEGS)
    assert timetable.circles == {"V1"}
    assert [m.stop.start_at for m in timetable.visits["V1"]] == [at(8, 30), at(9, 30)]


@pytest.mark.parametrize(
    ("lag_s", "start"), [(0, at(9, 30)), (7200, at(11, 30)), (-3600, at(8, 30))]
)
def test_a_visit_waits_for_the_lag_after_the_first_repair(lag_s: int, start: datetime) -> None:
    snapshot = a_snapshot(
        [a_visit("V1"), a_visit("V2", "B")],
        two_technicians(),
        links=(Link("V1", "V2", min_lag_s=lag_s),),
    )
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    assert derive(snapshot, plan, LEGS).start_of("V2") == start


@pytest.mark.parametrize("link", [Link("V1", "V2", min_lag_s=None), Link("V3", "V2")])
def test_a_visit_waits_for_no_lag_and_for_no_visit_that_is_not_planned(link: Link) -> None:
    visits = [a_visit("V1"), a_visit("V2", "B"), a_visit("V3")]
    snapshot = a_snapshot(visits, two_technicians(), links=(link,))
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    assert derive(snapshot, plan, LEGS).start_of("V2") == at(8, 30)


def test_a_lag_against_the_order_of_a_route_does_not_wait_for_ever() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2")], links=(Link("V1", "V2"),))
    timetable = derive(snapshot, a_plan(a_route("V2", "V1")), LEGS)
    assert timetable.circles == {"V2"}
    assert timetable.start_of("V2") == at(8, 30)


def test_a_visit_waits_for_the_later_of_two_lags() -> None:
    visits = [a_visit("V1"), a_visit("V2"), a_visit("V3")]
    links = (Link("V1", "V3", min_lag_s=7200), Link("V2", "V3"))
    snapshot = a_snapshot(visits, [*two_technicians(), a_technician("T3")], links=links)
    routes = [a_route(f"V{n}", technician_id=f"T{n}") for n in (1, 2, 3)]
    assert derive(snapshot, a_plan(*routes), LEGS).start_of("V3") == at(11, 30)


def test_lags_in_a_circle_over_two_routes_name_those_that_wait_in_it_only() -> None:
    visits = [a_visit(f"V{n}") for n in range(1, 6)]
    links = (Link("V1", "V2"), Link("V3", "V4"), Link("V3", "V5"))
    snapshot = a_snapshot(visits, [*two_technicians(), a_technician("T3")], links=links)
    plan = a_plan(
        a_route("V2", "V3"),
        a_route("V4", "V1", technician_id="T2"),
        a_route("V5", technician_id="T3"),
    )
    timetable = derive(snapshot, plan, LEGS)
    assert timetable.circles == {"V2", "V4"}
    assert timetable.start_of("V5") == timetable.end_of("V3") == at(10, 30)


def test_a_negative_lag_against_the_order_of_a_route_can_hold() -> None:
    link = Link("V1", "V2", min_lag_s=-7200)
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2")], links=(link,))
    timetable = derive(snapshot, a_plan(a_route("V2", "V1")), LEGS)
    assert not timetable.circles
    assert timetable.start_of("V1") == at(9, 30)


@pytest.mark.parametrize(
    ("max_lag_s", "start"),
    [(7200, at(9)), (3600, at(10)), (0, at(11)), (None, at(8, 30)), (5 * 3600, at(8, 30))],
)
def test_the_first_visit_waits_so_that_the_maximum_lag_holds(
    max_lag_s: int | None, start: datetime
) -> None:
    """V2 starts at noon."""
    visits = [a_visit("V1"), a_visit("V2", "B", release_at=at(12))]
    snapshot = a_snapshot(visits, two_technicians(), links=(Link("V1", "V2", 0, max_lag_s),))
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    timetable = derive(snapshot, plan, LEGS)
    assert (timetable.start_of("V1"), timetable.start_of("V2")) == (start, at(12))
    assert not timetable.circles


def test_waiting_for_a_maximum_lag_moves_on_what_follows_and_the_departure() -> None:
    visits = [a_visit("V1"), a_visit("V2", "B", release_at=at(12)), a_visit("V3", "C")]
    snapshot = a_snapshot(visits, two_technicians(), links=(Link("V1", "V2", max_lag_s=0),))
    plan = a_plan(a_route("V1", "V3"), a_route("V2", technician_id="T2"))
    timetable = derive(snapshot, plan, LEGS)
    assert timetable.routes[0].depart_at == at(10, 30)
    assert timetable.start_of("V3") == at(12, 30)


def test_a_crew_waits_for_a_maximum_lag_as_one() -> None:
    """The visit before V1 is early enough; the crew of V1 waits for V2 all the same."""
    visits = [a_visit("V0", "D"), a_visit("V1", crew_size=2), a_visit("V2", release_at=at(13))]
    technicians = [*two_technicians(), a_technician("T3")]
    links = (Link("V1", "V2", min_lag_s=None, max_lag_s=1800),)
    plan = a_plan(
        a_route("V0", "V1"),
        a_route("V1", technician_id="T2"),
        a_route("V2", technician_id="T3"),
    )
    timetable = derive(a_snapshot(visits, technicians, links=links), plan, LEGS)
    assert [m.stop.start_at for m in timetable.visits["V1"]] == [at(11, 30), at(11, 30)]


def test_minimum_and_maximum_lags_settle_over_windows() -> None:
    """V1 waits for V2 and jumps to its second window, so does V2, and V1 waits for that."""
    visits = [
        a_visit("V1", windows=(Window(at(8), at(8, 45)), Window(at(11), at(12)))),
        a_visit("V2", "B", windows=(Window(at(11), at(11, 30)), Window(at(14), at(15)))),
    ]
    links = (Link("V1", "V2", min_lag_s=0, max_lag_s=3600),)
    snapshot = a_snapshot(visits, two_technicians(), links=links)
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    timetable = derive(snapshot, plan, LEGS)
    assert (timetable.start_of("V1"), timetable.start_of("V2")) == (at(12), at(14))
    assert not timetable.circles


def test_a_maximum_lag_that_the_way_between_the_visits_breaks_is_a_circle() -> None:
    """However late V1 starts, V2 is half an hour's travel later."""
    link = Link("V1", "V2", max_lag_s=1799)
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], links=(link,))
    timetable = derive(snapshot, a_plan(a_route("V1", "V2")), LEGS)
    assert timetable.circles == {"V1"}
    assert timetable.start_of("V1") == at(8, 30)


def test_a_long_chain_of_lags_settles() -> None:
    ids = [f"V{n}" for n in range(40)]
    technicians = [a_technician(f"T{n}", shifts=(a_shift(f"T{n}"),)) for n in range(40)]
    links = tuple(Link(a, b) for a, b in pairwise(ids))
    snapshot = a_snapshot([a_visit(v) for v in ids], technicians, links=links)
    routes = [a_route(f"V{n}", technician_id=f"T{n}") for n in range(40)]
    timetable = derive(snapshot, a_plan(*reversed(routes)), LEGS)
    assert timetable.start_of("V39") == at(8, 30) + timedelta(hours=39)
