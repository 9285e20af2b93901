"""A day that has begun, by small examples: who is where, until when."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dispatch.domain.parts import Lot
from dispatch.domain.people import Absence, Break, Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Commitment, Pin, Visit, Window
from dispatch.freezing import freeze
from dispatch.going_on import Busy, begun_first, going_on, on_the_way, shift_under_way
from dispatch.judged import judged
from dispatch.placing import Place, place
from dispatch.plan_difference import appointment_of
from dispatch.planning import make_plan
from dispatch.travel import travel_of
from tests.builders import (
    START_AT,
    a_plan,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    at,
    break_stop,
    pickup_stop,
    quantities,
    visit_stop,
)
from tests.solver.solving import PRICES

HOUR_S = 3600


def _day(*visits: Visit, hour: int = 10, told: tuple[str, ...] = ("T1",)) -> Snapshot:
    """A day at that hour, of which people were told that these visits start at nine."""
    return a_snapshot(
        list(visits) or [a_visit()],
        [a_technician("T1"), a_technician("T2")],
        now_at=at(hour),
        policy=PRICES,
        published=tuple(Commitment(v.id, told, at(9)) for v in visits or [a_visit()]),
    )


def _searched(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """What a search plans, which the referee must not object to."""
    travel = travel_of(snapshot)
    plan = make_plan(
        snapshot, travel, iterations=50, seed=1, report=lambda _: None, stop=lambda: False
    )
    found = judged(snapshot, plan, travel)
    assert found.verdict.violations == ()
    starts = {v: appointment_of(found, v) for v in found.served}
    return {
        v: (*a.technician_ids, f"{a.start_at.astimezone(found.zone):%H:%M}")
        for v, a in starts.items()
        if a
    }


@pytest.mark.parametrize("minute", [0, 20, 59])
def test_the_search_starts_it_when_it_began(minute: int) -> None:
    snapshot = going_on(_day(), [Busy("V1", at(9, minute))])
    assert snapshot.pin["V1"] == Pin("V1", "T1", at(9, minute))
    assert _searched(snapshot) == {"V1": ("T1", f"09:{minute:02}")}


def test_it_lasts_until_now_at_least() -> None:
    short = replace(a_visit(), duration_s=600)
    snapshot = going_on(_day(short), [Busy("V1", at(9))])
    assert snapshot.visit["V1"].duration_s == HOUR_S


def test_after_the_repair_only_the_rest_of_the_run_in_is_to_come() -> None:
    visit = replace(a_visit(), run_in_s=HOUR_S)
    snapshot = going_on(_day(visit), [Busy("V1", at(9), at(9, 40))])
    found = snapshot.visit["V1"]
    assert (found.duration_s, found.run_in_s) == (HOUR_S, HOUR_S - 20 * 60)


def test_what_it_needs_is_there() -> None:
    visit = a_visit(parts=quantities(camera=1), tools=("ladder",))
    assert _searched(going_on(_day(visit), [Busy("V1", at(9))])) == {"V1": ("T1", "09:00")}


def test_parts_for_what_comes_next_are_picked_up_after_it() -> None:
    day = _day(a_visit("V1"), a_visit("V2", "B", parts=quantities(sim=1)))
    stocked = replace(
        day,
        technicians=(a_technician(shifts=a_technician().shifts[:1]),),
        lots=(Lot("L1", "S1", "sim", 1, START_AT),),
        published=day.published[:1],
    )
    snapshot = going_on(stocked, [Busy("V1", at(9))])
    planned = _searched(snapshot)
    assert planned["V1"] == ("T1", "09:00")
    assert planned["V2"] > ("T1", "10:00")
    travel = travel_of(snapshot)
    placed = place(snapshot, a_plan(a_route("V1")), travel, Place("V2", ("T1",)))
    assert judged(snapshot, placed, travel).verdict.violations == ()


def test_what_is_repaired_and_left_for_another_visit_is_over() -> None:
    busy = [Busy("V1", at(9), at(9, 15)), Busy("V2", at(9, 50))]
    snapshot = going_on(_day(a_visit("V1"), a_visit("V2", "B")), busy)
    assert list(snapshot.visit) == ["V2"]
    assert _searched(snapshot) == {"V2": ("T1", "09:50")}


def test_what_is_left_unrepaired_is_planned_again_for_the_same_people() -> None:
    busy = [Busy("V1", at(9)), Busy("V2", at(9, 50))]
    snapshot = going_on(_day(a_visit("V1"), a_visit("V2", "B")), busy)
    assert snapshot.pin["V1"] == Pin("V1", "T1")
    planned = _searched(snapshot)
    assert planned["V2"] == ("T1", "09:50")
    assert planned["V1"] > ("T1", "10:00")


def test_what_began_the_day_before_goes_on_now() -> None:
    snapshot = going_on(_day(), [Busy("V1", START_AT - timedelta(hours=5))])
    assert snapshot.pin["V1"] == Pin("V1", "T1")
    assert shift_under_way(snapshot.technician["T1"]) is None


def test_a_crew_is_there_together() -> None:
    crew = _day(a_visit(crew_size=2), told=("T1", "T2"))
    assert _searched(going_on(crew, [Busy("V1", at(9, 5))])) == {"V1": ("T1", "T2", "09:05")}


def test_whoever_is_on_the_way_gets_there_when_people_were_told() -> None:
    """From the station nobody would get there any more."""
    snapshot = replace(_day(), now_at=at(9))
    assert travel_of(snapshot).leg("S1", "A")[0] > 0
    busy = [Busy("V1", None)]
    going = on_the_way(going_on(snapshot, busy), busy)
    assert _searched(going) == {"V1": ("T1", "09:00")}
    pinned = replace(snapshot, pins=(Pin("V1", "T2"),))
    assert on_the_way(pinned, busy).pins == pinned.pins


def test_a_break_before_it_is_not_owed() -> None:
    rest = Break(at(8, 30), at(9, 30), 600)
    technician = a_technician("T1")
    shift = replace(technician.shifts[0], breaks=(rest,))
    day = replace(_day(), technicians=(replace(technician, shifts=(shift,)),))
    snapshot = going_on(day, [Busy("V1", at(9))])
    assert _searched(snapshot) == {"V1": ("T1", "09:00")}
    plan = begun_first(snapshot, a_plan(a_route(break_stop(), "V1")), frozenset(["V1"]))
    assert plan == a_plan(a_route("V1"))


def test_the_plan_begins_with_it_and_brings_nothing() -> None:
    snapshot = going_on(_day(a_visit("V1"), a_visit("V2", "B")), [Busy("V2", at(9))])
    before = a_plan(a_route(pickup_stop(sim=1), "V1", visit_stop("V2", sim=1), technician_id="T2"))
    after = begun_first(snapshot, before, frozenset(["V2"]))
    assert after == a_plan(a_route("V2"), a_route("V1", technician_id="T2"))


def test_what_has_begun_can_be_frozen_too() -> None:
    snapshot = going_on(_day(a_visit("V1"), a_visit("V2", "B")), [Busy("V1", at(9))])
    travel = travel_of(snapshot)
    frozen = freeze(snapshot, a_plan(a_route("V1", "V2")), travel, at(15))
    assert _searched(frozen)["V1"] == ("T1", "09:00")


@pytest.mark.parametrize(
    "people",
    [
        a_technician(),
        a_technician(shifts=(a_shift(max_overtime_s=HOUR_S),)),
        a_technician(shifts=(a_shift(max_overtime_s=5 * HOUR_S),), max_total_overtime_s=HOUR_S),
        a_technician(absences=(Absence(at(16), at(17)),)),
        a_technician(absences=(Absence(at(16), at(20)),)),
        a_technician(absences=(Absence(at(14), at(15, 25)),)),
    ],
)
def test_what_has_begun_goes_on_however_late_it_gets(people: Technician) -> None:
    """From 15:30 to 18:30, whatever shifts and absences say."""
    long = a_visit(duration_s=3 * HOUR_S)
    day = replace(_day(long, hour=16), technicians=(people,))
    assert _searched(going_on(day, [Busy("V1", at(15, 30))])) == {"V1": ("T1", "15:30")}


def test_what_begins_in_the_overtime_belongs_to_that_day() -> None:
    people = a_technician(shifts=(a_shift(max_overtime_s=2 * HOUR_S), a_shift(day=1)))
    day = replace(_day(hour=18), technicians=(people,))
    snapshot = going_on(day, [Busy("V1", at(17, 30))])
    assert shift_under_way(snapshot.technician["T1"]) == snapshot.shift["T1@0"]
    assert _searched(snapshot) == {"V1": ("T1", "17:30")}


def test_whoever_is_on_the_way_is_let_in_late_and_comes_home_late() -> None:
    day = replace(_day(a_visit(windows=(Window(at(15), at(16, 45)),))), now_at=at(16, 50))
    busy = [Busy("V1", None)]
    assert _searched(on_the_way(going_on(day, busy), busy)) == {"V1": ("T1", "16:50")}


@pytest.mark.parametrize(("told", "starts"), [(at(12), "12:00"), (at(10, 30), "11:00")])
def test_whoever_is_on_site_elsewhere_comes_to_his_crew_when_he_can(
    told: datetime, starts: str
) -> None:
    """T1 is at V1 until 11:00; only T2 is on the way to V2, where both should be."""
    day = _day(a_visit("V1", duration_s=2 * HOUR_S), a_visit("V2", "B", crew_size=2))
    together = Commitment("V2", ("T1", "T2"), told)
    day = replace(day, published=(day.published[0], together))
    busy = [Busy("V1", at(9)), Busy("V2", None)]
    going = on_the_way(going_on(day, busy), busy)
    assert _searched(going) == {"V1": ("T1", "09:00"), "V2": ("T1", "T2", starts)}
