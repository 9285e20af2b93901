"""The smallest example of each rule that ties visits, routes or days together, planned."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.domain.people import Absence, Certificate, Technician
from dispatch.domain.places import ToolStock
from dispatch.domain.plan import Plan, StopKind
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.domain.work import ClockKind, Commitment, Link, Pin, SkillNeed, Visit, Window
from dispatch.planning import make_plan
from tests.builders import (
    FlatLegs,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    at,
    clocks,
    quantities,
)
from tests.solver.solving import PRICES, matrix

LENDING = a_station(tools=(ToolStock("ladder", 1),))


def _plan(snapshot: Snapshot, legs: Legs | None = None) -> tuple[Plan, Verdict]:
    """What the search makes of a snapshot; all visits are in and no rule is broken."""
    travel = matrix(snapshot, legs or FlatLegs())
    plan = make_plan(
        snapshot, travel, iterations=100, seed=1, report=lambda _: None, stop=lambda: False
    )
    verdict = judge(snapshot, plan, travel)
    assert verdict.violations == ()
    assert plan.unassigned == ()
    return plan, verdict


def _days(count: int, *technician_ids: str) -> list[Technician]:
    """Technicians who work that many days."""
    return [
        a_technician(t, shifts=tuple(a_shift(t, day) for day in range(count)))
        for t in technician_ids
    ]


def _who(verdict: Verdict, visit_id: str) -> list[str]:
    return sorted(m.technician_id for m in verdict.timetable.visits[visit_id])


def _monday(*visits: Visit, **fields: Any) -> Snapshot:  # noqa: ANN401
    """T1 and T2 on one day."""
    given = {"technicians": _days(1, "T1", "T2"), "policy": PRICES, **fields}
    return a_snapshot(visits, **given)


# --------------------------------------------------------------------------------------- crews


def test_a_crew_starts_together() -> None:
    """T2 is held up until ten, so T1 leaves home late."""
    t1, t2 = _days(1, "T1", "T2")
    held_up = replace(t2, absences=(Absence(at(7), at(9, 30)),))
    _, verdict = _plan(_monday(a_visit(crew_size=2), technicians=[t1, held_up]))
    assert _who(verdict, "V1") == ["T1", "T2"]
    assert [m.stop.start_at for m in verdict.timetable.visits["V1"]] == [at(10), at(10)]
    assert [r.depart_at for r in verdict.timetable.routes] == [at(9, 30), at(9, 30)]


def test_a_crew_of_three_skilled_technicians() -> None:
    technicians = _days(1, "T1", "T2", "T3", "T4")
    skilled = [replace(t, certificates=(Certificate("lift"),)) for t in technicians[1:]]
    visit = a_visit(crew_size=3, skills=(SkillNeed("lift"),))
    _, verdict = _plan(_monday(visit, technicians=[technicians[0], *skilled]))
    assert _who(verdict, "V1") == ["T2", "T3", "T4"]


def test_one_of_a_crew_brings_the_parts() -> None:
    t1, t2 = _days(1, "T1", "T2")
    loaded = replace(t2, van_stock=quantities(sim=2))
    visit = a_visit(crew_size=2, parts=quantities(sim=2))
    plan, _ = _plan(_monday(visit, technicians=[t1, loaded]))
    used = {r.technician_id: s.parts for r in plan.routes for s in r.stops}
    assert used == {"T1": (), "T2": quantities(sim=2)}


@pytest.mark.parametrize("pin", [Pin("V1", "T2"), Pin("V1", "T3", other_technician_ids=("T2",))])
def test_a_pin_names_members_of_a_crew(pin: Pin) -> None:
    snapshot = _monday(a_visit(crew_size=2), technicians=_days(1, "T1", "T2", "T3"), pins=(pin,))
    _, verdict = _plan(snapshot)
    assert {pin.technician_id, *pin.other_technician_ids} <= set(_who(verdict, "V1"))


def test_a_wish_is_granted_by_one_of_a_crew() -> None:
    policy = replace(PRICES, wish_fen=1_000)
    visit = a_visit(crew_size=2, wished_technician_id="T3")
    technicians = _days(1, "T1", "T2", "T3")
    _, verdict = _plan(_monday(visit, technicians=technicians, policy=policy))
    assert "T3" in _who(verdict, "V1")


def test_people_who_were_told_are_kept_together() -> None:
    policy = replace(PRICES, change_technician_fen=1_000)
    told = (Commitment("V1", ("T3", "T2"), at(8, 30)),)
    technicians = _days(1, "T1", "T2", "T3")
    snapshot = _monday(a_visit(crew_size=2), technicians=technicians, policy=policy, published=told)
    _, verdict = _plan(snapshot)
    assert _who(verdict, "V1") == ["T2", "T3"]


def test_crews_follow_each_other_with_lags() -> None:
    visits = [a_visit("V1", crew_size=2), a_visit("V2", crew_size=2, duration_s=1800)]
    link = Link("V1", "V2", min_lag_s=3600, max_lag_s=3600)
    _, verdict = _plan(_monday(*visits, links=(link,)))
    lag = verdict.timetable.start_of("V2") - verdict.timetable.end_of("V1")
    assert lag == timedelta(hours=1)


# --------------------------------------------------------------------------------------- links


def test_a_visit_waits_for_the_minimum_lag() -> None:
    link = Link("V1", "V2", min_lag_s=7200)
    _, verdict = _plan(_monday(a_visit("V1"), a_visit("V2", "B"), links=(link,)))
    lag = verdict.timetable.start_of("V2") - verdict.timetable.end_of("V1")
    assert lag >= timedelta(hours=2)


@pytest.mark.parametrize(("max_lag_s", "end"), [(1800, at(13, 30)), (0, at(14))])
def test_a_visit_waits_so_that_the_maximum_lag_holds(max_lag_s: int, end: datetime) -> None:
    """V2 was promised at two; each by a technician of its own."""
    visits = [
        a_visit("V1", skills=(SkillNeed("lift"),)),
        a_visit("V2", "B", windows=(Window(at(14), at(14)),)),
    ]
    lifter, other = _days(1, "T1", "T2")
    technicians = [replace(lifter, certificates=(Certificate("lift"),)), other]
    pins = (Pin("V2", technician_id="T2"),)
    links = (Link("V1", "V2", max_lag_s=max_lag_s),)
    _, verdict = _plan(_monday(*visits, technicians=technicians, links=links, pins=pins))
    assert verdict.timetable.end_of("V1") == end


def test_the_same_technician_does_linked_visits() -> None:
    """A technician of its own for each would be cheaper: overtime is dear."""
    visits = [a_visit(v, s, duration_s=5 * 3600) for v, s in (("V1", "A"), ("V2", "B"))]
    technicians = _days(2, "T1", "T2")
    link = Link("V1", "V2", min_lag_s=None, same_technician=True)
    _, verdict = _plan(_monday(*visits, technicians=technicians, links=(link,)))
    assert _who(verdict, "V1") == _who(verdict, "V2")


# ------------------------------------------------------------------------------ run-ins, nights


def test_work_at_the_same_site_is_done_during_a_run_in() -> None:
    """Five hours' run-in and an hour's visit elsewhere would not fit with the others one by one."""
    visits = [a_visit("V1", run_in_s=5 * 3600), a_visit("V2"), a_visit("V3", duration_s=7200)]
    snapshot = _monday(*visits, technicians=_days(1, "T1"))
    _, verdict = _plan(snapshot)
    (route,) = verdict.timetable.routes
    assert route.finish_at == at(15)


def test_nights_in_a_row_are_limited() -> None:
    """Four hours each, three hours from home: two nights for three visits, or a trip each."""
    visits = [a_visit(f"V{n}", duration_s=4 * 3600) for n in range(3)]
    far = FlatLegs(3 * 3600)
    (technician,) = _days(3, "T1")
    snapshot = a_snapshot(visits, policy=replace(PRICES, lodging_fen=30_000))

    def nights(max_nights: int) -> list[bool]:
        traveller = replace(technician, may_stay_overnight=True, max_nights=max_nights)
        plan, verdict = _plan(replace(snapshot, technicians=(traveller,)), far)
        assert verdict.cost.by_item()["lodging"] == 30_000 * max_nights
        return [r.ends_away for r in plan.routes]

    assert nights(2) == [True, True, False]


def test_a_night_away_keeps_the_rest() -> None:
    """Thirteen hours of rest: the second day has to begin at nine or later."""
    visits = [a_visit(v, duration_s=5 * 3600) for v in ("V1", "V2")]
    (technician,) = _days(2, "T1")
    traveller = replace(technician, may_stay_overnight=True, max_nights=1, min_rest_s=16 * 3600)
    snapshot = a_snapshot(visits, [traveller], policy=PRICES)
    plan, verdict = _plan(snapshot, FlatLegs(3 * 3600))
    assert [r.ends_away for r in plan.routes] == [True, False]
    first, second = verdict.timetable.routes
    assert second.depart_at - first.finish_at >= timedelta(hours=16)


# --------------------------------------------------------------------------------------- tools


def test_a_tool_is_borrowed_on_the_way() -> None:
    plan, _ = _plan(_monday(a_visit(tools=("ladder",)), stations=(LENDING,)))
    (pickup,) = [s for r in plan.routes for s in r.stops if s.kind is StopKind.PICKUP]
    assert (pickup.station_id, pickup.tools, pickup.parts) == ("S1", ("ladder",), ())


def test_a_borrowed_tool_serves_all_that_follows() -> None:
    visits = [a_visit(f"V{n}", f"S-{n}", tools=("ladder",)) for n in range(3)]
    plan, _ = _plan(_monday(*visits, stations=(LENDING,)))
    assert [s.tools for r in plan.routes for s in r.stops if s.tools] == [("ladder",)]


def test_who_has_the_tool_borrows_none() -> None:
    t1, t2 = _days(1, "T1", "T2")
    equipped = replace(t2, tools=("ladder",))
    snapshot = _monday(a_visit(tools=("ladder",)), technicians=[t1, equipped], stations=(LENDING,))
    plan, verdict = _plan(snapshot)
    assert _who(verdict, "V1") == ["T2"]
    assert [s.kind for r in plan.routes for s in r.stops] == [StopKind.VISIT]


def test_a_tool_comes_with_the_parts() -> None:
    visit = a_visit(tools=("ladder",), parts=quantities(sim=1))
    t1, t2 = _days(1, "T1", "T2")
    technicians = [t1, replace(t2, van_stock=quantities(sim=1))]
    plan, _ = _plan(_monday(visit, technicians=technicians, stations=(LENDING,)))
    assert [r.technician_id for r in plan.routes] == ["T2"]


# --------------------------------------------------------------------------------- the latest


def test_the_worst_lateness_decides_the_order() -> None:
    """Whatever goes second is late: the long one after the short one is the lesser evil."""
    visits = [a_visit("V1", duration_s=4 * 3600), a_visit("V2", "B")]
    policy = replace(PRICES, worst_late_fen_per_h=1_000)
    due = clocks((ClockKind.ARRIVE, at(8, 30)))
    technicians = _days(1, "T1")
    plan, verdict = _plan(_monday(*visits, technicians=technicians, policy=policy, sla_rules=due))
    assert [s.visit_id for r in plan.routes for s in r.stops] == ["V2", "V1"]
    assert verdict.cost.by_item()["worst_late"] == 1_500
