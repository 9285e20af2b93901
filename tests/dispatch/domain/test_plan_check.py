from dataclasses import replace

import pytest

from dispatch.domain.people import Absence
from dispatch.domain.plan import Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.plan_check import PlanError
from dispatch.domain.timetable import derive
from tests.builders import (
    FlatLegs,
    a_plan,
    a_route,
    a_snapshot,
    a_technician,
    absence_stop,
    at,
    break_stop,
    pickup_stop,
)

LEGS = FlatLegs()


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (a_route("V1", technician_id="T9"), "route 1: technician 'T9'"),
        (a_route("V1", day=7), "route 1: shift 'T1@7'"),
        (a_route("V1", "V9"), "route 1 (T1), stop 2: visit 'V9'"),
        (a_route(pickup_stop("S9")), "route 1 (T1), stop 1: station 'S9'"),
        (a_route(pickup_stop(lamp=1)), "route 1 (T1), stop 1: part 'lamp'"),
        (a_route(pickup_stop(sim=0)), "quantity 0 of part 'sim': must be 1 or more"),
        (a_route(break_stop(0)), "break index 0: there is none"),
        (a_route(absence_stop(2)), "absence index 2: must be 0 to 1"),
        (a_route(Stop(StopKind.VISIT)), "route 1 (T1), stop 1: visit None"),
        (a_route(Stop(StopKind.BREAK)), "break index None"),
    ],
)
def test_what_the_snapshot_does_not_have_is_named_with_its_place(
    route: Route, message: str
) -> None:
    technician = a_technician(absences=(Absence(at(10), at(11)), Absence(at(12), at(13))))
    with pytest.raises(PlanError) as error:
        derive(a_snapshot(technicians=[technician]), a_plan(route), LEGS)
    assert message in error.value.message_en


def test_an_unassigned_visit_must_be_known() -> None:
    plan = replace(Plan(()), unassigned=(Unassigned("V9", "window"),))
    with pytest.raises(PlanError, match="unassigned 1: visit 'V9'"):
        derive(a_snapshot(), plan, LEGS)
