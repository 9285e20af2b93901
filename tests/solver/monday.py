"""One technician, T1, who works on Monday from 08:00 to 17:00, and visits for that day.

Each visit takes an hour and half an hour lies between any two places, unless a test says otherwise.
"""

from typing import Any

from dispatch.domain.people import Absence, Shift, Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit
from tests.builders import FlatLegs, a_shift, a_snapshot, a_technician
from tests.solver.solving import PRICES, Solved, solved_small


def t1_of(*absences: Absence, shift: Shift | None = None, **fields: Any) -> Technician:  # noqa: ANN401
    return a_technician(shifts=(shift or a_shift(),), absences=absences, **fields)


def monday(*visits: Visit, t1: Technician | None = None, **fields: Any) -> Snapshot:  # noqa: ANN401
    facts: dict[str, Any] = {"technicians": [t1 or t1_of()], "policy": PRICES}
    return a_snapshot(visits=visits or None, **(facts | fields))


def planned(snapshot: Snapshot, legs: FlatLegs | None = None) -> Solved:
    """Everything is planned."""
    result = solved_small(snapshot, legs)
    assert result.left_out == {}
    return result


def left_out(snapshot: Snapshot, legs: FlatLegs | None = None) -> dict[str, str]:
    return solved_small(snapshot, legs).left_out
