from datetime import datetime

import pytest

from dispatch.domain.people import Absence, Break, Technician
from dispatch.domain.plan import Stop
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import (
    Span,
    TimedRoute,
    TimedStop,
    derive,
    time_route,
)
from dispatch.domain.work import Gate, GateKind, Pin, Window
from tests.builders import (
    START_AT,
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    a_work_order,
    absence_stop,
    at,
    break_stop,
    pickup_stop,
)

LEGS = FlatLegs()


def times(stop: TimedStop) -> tuple[datetime, datetime, datetime, datetime]:
    return stop.arrival_at, stop.start_at, stop.end_at, stop.leave_at


def seconds(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds())


def timed(snapshot: Snapshot, *stops: Stop | str, ends_away: bool = False) -> TimedRoute:
    """The only route of a plan."""
    plan = a_plan(a_route(*stops, ends_away=ends_away))
    return derive(snapshot, plan, LEGS).routes[0]


def with_break(earliest: datetime, latest: datetime, minutes: int = 30) -> Technician:
    rest = Break(earliest, latest, minutes * 60)
    return a_technician(shifts=(a_shift(breaks=(rest,)),))


# ----------------------------------------------------------------------------- plain routes


def test_a_route_goes_out_works_and_comes_home() -> None:
    route = timed(a_snapshot(), "V1")
    assert route.depart_at == at(8)
    assert times(route.stops[0]) == (at(8, 30), at(8, 30), at(9, 30), at(9, 30))
    assert route.finish_at == at(10)
    assert (route.start_place_id, route.end_place_id) == ("S1", "S1")
    assert (route.travel_s, route.travel_m) == (3600, 40_000)
    assert (route.home_travel_s, route.home_travel_m) == (1800, 20_000)
    assert (route.paid_s, route.overtime_s) == (7200, 0)
    assert route.drives == (Span(at(8), at(8, 30)), Span(at(9, 30), at(10)))


def test_departure_is_as_late_as_the_first_visit_allows() -> None:
    visit = a_visit(windows=(Window(at(14), at(15)),))
    route = timed(a_snapshot([visit]), "V1")
    assert (route.earliest_at, route.depart_at) == (at(8), at(13, 30))
    assert times(route.stops[0])[:2] == (at(14), at(14))


def test_nothing_begins_before_now() -> None:
    assert timed(a_snapshot(now_at=at(11, 7)), "V1").depart_at == at(11, 7)


def test_a_route_begins_when_the_absence_that_covers_its_start_ends() -> None:
    technician = a_technician(absences=(Absence(at(7), at(9)), Absence(at(9), at(9, 30))))
    assert timed(a_snapshot(technicians=[technician]), "V1").depart_at == at(9, 30)


def test_an_absence_that_ends_at_the_start_of_the_shift_is_over() -> None:
    technician = a_technician(absences=(Absence(at(7), at(8)), Absence(at(8, 1), at(9))))
    assert timed(a_snapshot(technicians=[technician]), "V1").depart_at == at(8)


def test_overtime_is_what_lies_after_the_shift() -> None:
    route = timed(a_snapshot([a_visit(duration_s=9 * 3600)]), "V1")
    assert (route.finish_at, route.overtime_s) == (at(18), 3600)


def test_a_route_without_a_visit_has_no_times() -> None:
    plan = a_plan(a_route(pickup_stop(sim=1)), a_route("V1", day=1))
    assert [r.route for r in derive(a_snapshot(), plan, LEGS).routes] == [plan.routes[1]]


def test_one_route_can_be_timed_alone() -> None:
    route = time_route(
        a_snapshot(), a_route("V1"), LEGS, start_place_id="A", not_before={"V1": at(12)}
    )
    assert (route.depart_at, route.stops[0].start_at) == (at(12), at(12))


# ----------------------------------------------------------------------- windows, releases, pins


@pytest.mark.parametrize(
    ("windows", "start"),
    [
        ((Window(at(8), at(8, 30)), Window(at(11), at(12))), at(8, 30)),
        ((Window(at(8), at(8, 29)), Window(at(11), at(12))), at(11)),
        ((Window(at(8), at(8, 29)),), at(8, 30)),
    ],
    ids=["closes as it starts", "the next one", "too late: at once"],
)
def test_a_visit_starts_in_the_first_window_that_has_not_closed(
    windows: tuple[Window, ...], start: datetime
) -> None:
    assert timed(a_snapshot([a_visit(windows=windows)]), "V1").stops[0].start_at == start


def test_a_pinned_start_replaces_the_windows() -> None:
    visit = a_visit(windows=(Window(at(14), at(15)),))
    snapshot = a_snapshot([visit], pins=(Pin("V1", start_at=at(10)),))
    assert timed(snapshot, "V1").stops[0].start_at == at(10)


def test_a_visit_waits_for_its_release_and_every_gate() -> None:
    gates = (
        Gate(GateKind.QUOTE, START_AT, passed_at=at(7), expected_at=at(12)),
        Gate(GateKind.PARTS, START_AT, expected_at=at(11)),
    )
    visit = a_visit(work_order_id="W1", release_at=at(10))
    snapshot = a_snapshot([visit], work_orders=[a_work_order(gates=gates)])
    assert timed(snapshot, "V1").stops[0].start_at == at(11)


# ---------------------------------------------------------------------------------- run-in


def test_a_run_in_holds_the_technician_at_the_site() -> None:
    route = timed(a_snapshot([a_visit(run_in_s=5 * 3600)]), "V1")
    assert times(route.stops[0]) == (at(8, 30), at(8, 30), at(9, 30), at(14, 30))
    assert (route.finish_at, route.paid_s) == (at(15), 7 * 3600)


def test_other_work_at_the_same_site_is_done_during_a_run_in() -> None:
    visits = [a_visit("V1", run_in_s=5 * 3600), a_visit("V2"), a_visit("V3", "B")]
    route = timed(a_snapshot(visits), "V1", "V2", "V3")
    assert times(route.stops[1]) == (at(9, 30), at(9, 30), at(10, 30), at(14, 30))
    assert route.stops[1].travel_s == 0
    assert route.stops[2].arrival_at == at(15)


def test_a_later_visit_may_stretch_the_hold_at_a_site() -> None:
    visits = [a_visit("V1", run_in_s=1800), a_visit("V2", run_in_s=3600)]
    route = timed(a_snapshot(visits), "V1", "V2")
    assert [s.leave_at for s in route.stops] == [at(10), at(11, 30)]


# ---------------------------------------------------------------------------------- breaks


def test_case_1_a_break_is_taken_during_the_run_in() -> None:
    visits = [a_visit("V1", run_in_s=3 * 3600), a_visit("V2", "B")]
    snapshot = a_snapshot(visits, [with_break(at(11), at(13))])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert times(route.stops[1])[1:3] == (at(11), at(11, 30))
    assert route.stops[1].place_id == "A"
    assert route.stops[2].arrival_at == at(13)
    assert route.paid_s == seconds(at(8), at(14, 30)) - 1800


def test_case_1_before_a_visit_at_the_same_site_the_break_takes_its_time() -> None:
    visits = [a_visit("V1", run_in_s=3 * 3600), a_visit("V2")]
    snapshot = a_snapshot(visits, [with_break(at(9), at(13))])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert times(route.stops[1])[1:3] == (at(9, 30), at(10))
    assert times(route.stops[2]) == (at(10), at(10), at(11), at(12, 30))


def test_case_1_needs_the_whole_break_to_fit_into_the_run_in() -> None:
    visits = [a_visit("V1", run_in_s=3600), a_visit("V2", "B")]
    fits = a_snapshot(visits, [with_break(at(10), at(13))])
    too_long = a_snapshot(visits, [with_break(at(10), at(13), minutes=31)])
    assert timed(fits, "V1", break_stop(), "V2").stops[1].start_at == at(10)
    assert timed(too_long, "V1", break_stop(), "V2").stops[1].start_at == at(11)


def test_case_1_starts_until_the_latest_start_of_the_break() -> None:
    visits = [a_visit("V1", run_in_s=3600), a_visit("V2", "B")]
    in_time = a_snapshot(visits, [with_break(at(9), at(9, 30))])
    too_late = a_snapshot(visits, [with_break(at(9), at(9, 29))])
    assert timed(in_time, "V1", break_stop(), "V2").stops[2].arrival_at == at(11)
    late = timed(too_late, "V1", break_stop(), "V2")
    assert late.stops[1].start_at == at(9, 30)
    assert late.stops[2].arrival_at == at(11)


def test_case_2_a_break_is_taken_on_arrival() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [with_break(at(10, 15), at(12))])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert times(route.stops[1])[:3] == (at(10), at(10, 15), at(10, 45))
    assert route.stops[1].place_id == "B"
    assert times(route.stops[2])[:2] == (at(10), at(10, 45))
    assert route.drives[1] == Span(at(9, 30), at(10))


def test_case_2_arriving_at_the_latest_start_is_in_time() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [with_break(at(9), at(10))])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert times(route.stops[1])[:3] == (at(10), at(10), at(10, 30))


def test_case_3_a_break_is_taken_on_the_road() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [with_break(at(9), at(9, 50))])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert times(route.stops[1])[1:3] == (at(9, 50), at(10, 20))
    assert route.stops[1].place_id == "B"
    assert route.stops[2].arrival_at == at(10, 30)
    assert route.drives[1:3] == (Span(at(9, 30), at(9, 50)), Span(at(10, 20), at(10, 30)))


def test_case_3_a_break_may_start_at_the_very_departure() -> None:
    """The run-in ends at the latest start; the break is too long to be taken in it."""
    visits = [a_visit("V1", run_in_s=3600), a_visit("V2", "B")]
    snapshot = a_snapshot(visits, [with_break(at(9), at(10, 30), minutes=61)])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert (route.stops[1].start_at, route.stops[1].place_id) == (at(10, 30), "A")
    assert route.stops[2].arrival_at == at(12, 1)


def test_case_4_a_break_is_taken_before_leaving() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [with_break(at(9), at(9, 20))])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert times(route.stops[1])[1:3] == (at(9, 30), at(10))
    assert route.stops[1].place_id == "A"
    assert route.stops[2].arrival_at == at(10, 30)


def test_case_4_a_break_may_begin_in_the_run_in_and_end_after_it() -> None:
    visits = [a_visit("V1", run_in_s=3600), a_visit("V2", "B")]
    snapshot = a_snapshot(visits, [with_break(at(9), at(10, 15), minutes=90)])
    route = timed(snapshot, "V1", break_stop(), "V2")
    assert times(route.stops[1])[1:3] == (at(9, 30), at(11))
    assert route.stops[2].arrival_at == at(11, 30)


def test_two_breaks_on_one_leg_follow_each_other() -> None:
    breaks = (Break(at(9), at(9, 40), 600), Break(at(9), at(9, 55), 600))
    technician = a_technician(shifts=(a_shift(breaks=breaks),))
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [technician])
    route = timed(snapshot, "V1", break_stop(0), break_stop(1), "V2")
    assert [s.start_at for s in route.stops] == [at(8, 30), at(9, 40), at(9, 55), at(10, 20)]


def test_departure_makes_room_for_a_break_before_the_first_visit() -> None:
    visit = a_visit(windows=(Window(at(14), at(15)),))
    snapshot = a_snapshot([visit], [with_break(at(11), at(13, 30))])
    route = timed(snapshot, break_stop(), "V1")
    assert route.depart_at == at(13)
    assert times(route.stops[0])[1:3] == (at(13, 30), at(14))
    assert route.stops[1].start_at == at(14)


def test_a_break_that_is_taken_at_home_is_after_the_finish() -> None:
    snapshot = a_snapshot(technicians=[with_break(at(9), at(12))])
    route = timed(snapshot, "V1", break_stop())
    assert route.stops[1].start_at == route.finish_at == at(10)
    assert route.paid_s == 7200


# --------------------------------------------------------------------------------- absences


def out(start: datetime, end: datetime) -> Technician:
    return a_technician(absences=(Absence(start, end),))


def test_an_absence_begins_on_time_after_arrival() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [out(at(10), at(11))])
    route = timed(snapshot, "V1", absence_stop(), "V2")
    assert times(route.stops[1])[:3] == (at(10), at(10), at(11))
    assert times(route.stops[2])[:2] == (at(10), at(11))


def test_an_absence_before_which_the_next_place_is_too_far_is_taken_before_leaving() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [out(at(9, 59), at(11))])
    route = timed(snapshot, "V1", absence_stop(), "V2")
    assert times(route.stops[1])[1:3] == (at(9, 59), at(11))
    assert route.stops[1].place_id == "A"
    assert route.stops[2].arrival_at == at(11, 30)
    assert route.paid_s == seconds(route.depart_at, route.finish_at) - 61 * 60


def test_an_absence_waits_for_the_run_in_and_keeps_its_length() -> None:
    visits = [a_visit("V1", run_in_s=3600), a_visit("V2", "B")]
    route = timed(a_snapshot(visits, [out(at(10), at(11))]), "V1", absence_stop(), "V2")
    assert times(route.stops[1])[1:3] == (at(10, 30), at(11, 30))


def test_each_absence_is_taken_in_its_own_time() -> None:
    absences = (Absence(at(10), at(11)), Absence(at(12), at(13)))
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], [a_technician(absences=absences)])
    route = timed(snapshot, "V1", absence_stop(0), absence_stop(1), "V2")
    assert [s.start_at for s in route.stops[1:]] == [at(10), at(12), at(13)]


def test_with_an_absence_before_the_first_visit_the_departure_is_the_earliest() -> None:
    visit = a_visit(windows=(Window(at(14), at(15)),))
    route = timed(a_snapshot([visit], [out(at(10), at(12))]), absence_stop(), "V1")
    assert (route.depart_at, route.stops[1].arrival_at) == (at(8), at(8, 30))
    assert route.paid_s == seconds(at(8), at(15, 30)) - 2 * 3600


# ---------------------------------------------------------------------------------- pickups


def test_a_pickup_at_the_base_takes_its_time_and_no_travel() -> None:
    route = timed(a_snapshot(), pickup_stop(sim=1), "V1")
    assert times(route.stops[0]) == (at(8), at(8), at(8, 10), at(8, 10))
    assert route.stops[0].travel_s == 0
    assert route.stops[1].arrival_at == at(8, 40)


def test_a_pickup_waits_for_a_delivery_and_the_departure_with_it() -> None:
    stations = (a_station(), a_station("S2", pickup_s=300))
    snapshot = a_snapshot(stations=stations)
    route = timed(snapshot, pickup_stop("S2", not_before_at=at(12), sim=1), "V1")
    assert route.depart_at == at(11, 30)
    assert times(route.stops[0])[:3] == (at(12), at(12), at(12, 5))
    assert route.stops[1].arrival_at == at(12, 35)


def test_two_pickups_at_one_station_need_no_travel_between_them() -> None:
    route = timed(a_snapshot(), "V1", pickup_stop(sim=1), pickup_stop(sim=1))
    assert [s.travel_s for s in route.stops] == [1800, 1800, 0]
    assert route.finish_at == at(10, 20)


# -------------------------------------------------------------------------------- nights away


def test_a_route_that_ends_away_finishes_with_its_run_in_and_the_next_begins_there() -> None:
    snapshot = a_snapshot([a_visit("V1", run_in_s=7200), a_visit("V2")])
    plan = a_plan(a_route("V2", day=1), a_route("V1", ends_away=True))
    second, first = derive(snapshot, plan, LEGS).routes
    assert (first.finish_at, first.end_place_id, first.home_travel_s) == (at(11, 30), "A", 0)
    assert (second.start_place_id, second.depart_at) == ("A", at(8, day=1))
    assert second.stops[0].start_at == at(8, day=1)
    assert second.end_place_id == "S1"


def test_breaks_after_the_last_visit_of_a_route_that_ends_away_are_taken_there() -> None:
    snapshot = a_snapshot(technicians=[with_break(at(11), at(12))])
    route = timed(snapshot, "V1", break_stop(), ends_away=True)
    assert (route.stops[1].place_id, route.stops[1].start_at) == ("A", at(11))
    assert (route.finish_at, route.paid_s) == (at(11, 30), 3 * 3600)
