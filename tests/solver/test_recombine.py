"""Which routes can be combined, rule by rule, and what the best combination costs.

There are three visits and two technicians with two shifts each (0 and 1, 2 and 3); leaving a visit
out costs 1,000. Columns are made up: what they would really cost does not matter here.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from dispatch.domain.people import Technician
from dispatch.numbering import number
from dispatch.problems import build_problem
from solver.column import Column
from solver.kernels import FROM_DETOUR, FROM_VAN
from solver.problem import Problem
from solver.recombine import Master, Picked, pick
from tests.builders import FlatLegs, a_policy, a_shift, a_snapshot, a_technician, a_visit
from tests.solver.solving import matrix

HOUR_S = 3600


def _technician(technician_id: str) -> Technician:
    return a_technician(technician_id, shifts=tuple(a_shift(technician_id, d) for d in (0, 1)))


def _problem(**arrays: Any) -> Problem:  # noqa: ANN401
    """``sim`` is part 2; the station S1 is depot 0 and has none of anything."""
    snapshot = a_snapshot(
        visits=[a_visit(f"V{i}", f"P{i}") for i in range(3)],
        technicians=[_technician(t) for t in ("T1", "T2")],
        policy=a_policy(1_000),
    )
    travel = matrix(snapshot, FlatLegs())
    return build_problem(number(snapshot, travel), travel)._replace(**arrays)


def _column(shift: int, *visits: int, fen: int = 0, **fields: Any) -> Column:  # noqa: ANN401
    """From 08:00 to 17:00 of the shift's day."""
    begin_s = 8 * HOUR_S + 24 * HOUR_S * (shift % 2)
    hours = {"depart_s": begin_s, "finish_s": begin_s + 9 * HOUR_S, "paid_s": 9 * HOUR_S}
    rest = {"takes": (), "overtime_s": 0, "late_s": 0}
    return Column(shift, visits, cost_fen=fen, **{**hours, **rest, **fields})


def _picked(problem: Problem, columns: Sequence[Column]) -> Picked:
    found = pick(problem, columns, seconds=10, deterministic=True)
    assert found is not None
    assert found.proven
    return found


def _fen(problem: Problem, *columns: Column) -> int:
    return _picked(problem, columns).cost_fen


def _list(owner: int, *others: int, size: int = 3) -> tuple[Any, Any]:
    """A list of others that one of the visits has, as pointers and entries."""
    pointers = [0] * (owner + 1) + [len(others)] * (size - owner)
    return np.array(pointers, np.int32), np.array(others, np.int32)


# --------------------------------------------------------------------------------- structure


def test_nothing_to_pick_from_leaves_all_out() -> None:
    assert _picked(_problem(), []) == Picked((), 3_000, 3_000)


def test_each_visit_once_and_one_route_a_shift() -> None:
    columns = [
        _column(0, 0, 1, fen=300),
        _column(0, 2, fen=100),
        _column(2, 1, 2, fen=300),
        _column(2, 2, fen=250),
    ]
    found = _picked(_problem(), columns)
    assert (found.columns, found.cost_fen) == ((0, 3), 550)


def test_a_visit_that_costs_more_than_leaving_it_out_is_left_out() -> None:
    assert _picked(_problem(), [_column(0, 0, fen=1_001)]).columns == ()


_PAIR = {"visit_leader": np.array([0, 0, 2], np.int32)}


@pytest.mark.parametrize(("shifts", "fen"), [((0, 2), 1_200), ((0, 1), 2_000), ((0, 0), 2_000)])
def test_a_crew_is_whole_and_of_different_technicians(shifts: Sequence[int], fen: int) -> None:
    """A member costs nothing to leave out: it stays out with its leader."""
    problem = _problem(**_PAIR, visit_unassigned_fen=np.array([1_000, 0, 1_000]))
    columns = [_column(s, v, fen=100) for s, v in zip(shifts, (0, 1), strict=True)]
    assert _fen(problem, *columns) == fen


def test_a_crew_of_others_than_told_pays_once() -> None:
    problem = _problem(
        **_PAIR, visit_told=np.array([1000, 0, 0], np.int32), change_technician_fen=70
    )
    columns = [_column(0, 0), _column(2, 1)]
    assert _fen(problem, *columns) == 1_070
    told = np.ones(len(problem.candidate_shift), np.uint8)
    assert _fen(problem._replace(candidate_told=told), *columns) == 1_000


def test_what_has_to_be_planned_first() -> None:
    pointers, firsts = _list(1, 0)
    problem = _problem(first_ptr=pointers, first_visit=firsts)
    assert _fen(problem, _column(0, 1)) == 3_000
    assert _fen(problem, _column(0, 1), _column(2, 0)) == 1_000


def test_mates_by_the_same_technician() -> None:
    pointers, mates = _list(0, 1)
    problem = _problem(mate_ptr=pointers, mate_visit=mates)
    assert _fen(problem, _column(0, 0), _column(2, 1)) == 2_000
    assert _fen(problem, _column(0, 0), _column(1, 1)) == 1_000
    assert _fen(problem, _column(0, 0)) == 2_000


# ------------------------------------------------------------------------------------- stock


def _with_supplies(*supplies: tuple[int, int], **arrays: Any) -> Problem:  # noqa: ANN401
    """Part 2 comes to the depot: (when, how many)."""
    return _problem(
        supply_ptr=np.array([0, 0, 0, len(supplies)], np.int32),
        supply_at_s=np.array([at_s for at_s, _ in supplies]),
        supply_quantity=np.array([units for _, units in supplies], np.int32),
        **arrays,
    )


def _taking(shift: int, visit: int, supply: int, units: int = 1) -> Column:
    return _column(shift, visit, takes=((2, units, supply, FROM_DETOUR),))


def test_depot_stock_is_shared() -> None:
    assert _fen(_with_supplies((0, 1)), _taking(0, 0, 0), _taking(2, 1, 0)) == 2_000
    assert _fen(_with_supplies((0, 2)), _taking(0, 0, 0), _taking(2, 1, 0)) == 1_000


def test_what_came_before_serves_later_but_not_the_other_way_round() -> None:
    problem = _with_supplies((0, 1), (90_000, 1))
    assert _fen(problem, _taking(1, 0, 1, units=2)) == 2_000
    assert _fen(problem, _taking(0, 0, 0, units=2)) == 3_000
    assert _fen(problem, _taking(1, 0, 1, units=2), _taking(0, 1, 0)) == 2_000


def test_van_stock_is_for_all_shifts() -> None:
    stock = np.array([[0, 0, 1], [0, 0, 1]], np.int32)
    columns = [_column(s, v, takes=((2, 1, -1, FROM_VAN),)) for v, s in enumerate((0, 1, 2))]
    assert _fen(_problem(van_stock=stock), *columns) == 1_000


def test_a_tool_is_out_until_the_finish() -> None:
    problem = _with_supplies((0, 1), part_is_tool=np.array([0, 0, 1], np.uint8))
    morning = _taking(0, 0, 0)._replace(finish_s=12 * HOUR_S)
    late = _taking(2, 1, 0)
    assert _fen(problem, morning, late) == 2_000
    assert _fen(problem, morning, late._replace(depart_s=12 * HOUR_S)) == 1_000
    assert _fen(problem, morning, _taking(1, 1, 0)) == 1_000


# ------------------------------------------------------------------------------- technicians


@pytest.mark.parametrize(("rest_h", "fen"), [(15, 1_000), (16, 2_000)])
def test_rest_between_routes(rest_h: int, fen: int) -> None:
    """17:00 to 08:00 is 15 hours."""
    problem = _problem(technician_rest_s=np.array([rest_h, 0]) * HOUR_S)
    assert _fen(problem, _column(0, 0), _column(1, 1)) == fen
    assert _fen(problem, _column(2, 0), _column(3, 1)) == 1_000


def test_overtime_over_the_horizon() -> None:
    problem = _problem(technician_max_overtime_s=np.array([HOUR_S, HOUR_S]))
    columns = [_column(s, v, overtime_s=1_801) for v, s in enumerate((0, 1))]
    assert _fen(problem, *columns) == 2_000
    assert _fen(problem, columns[0], columns[1]._replace(overtime_s=1_799)) == 1_000
    assert _fen(problem, columns[0], columns[1]._replace(shift=3)) == 1_000


@pytest.mark.parametrize(("paid_s", "fen"), [(35_999, 0), (36_000, 0), (36_003, 1), (36_004, 2)])
def test_unfair_load_is_rounded_down(paid_s: int, fen: int) -> None:
    """Ten hours are fair: 3 s above them cost 1.5 fen, 4 s 2 fen."""
    problem = _problem(unfair_fen_per_h=1_800, technician_fair_s=np.array([36_000, 0]))
    half = _column(0, 0, paid_s=paid_s - 18_000), _column(1, 1, paid_s=18_000)
    assert _fen(problem, *half) == 1_000 + fen


@pytest.mark.parametrize(("late_s", "fen"), [(0, 0), (1_799, 0), (1_800, 1), (5_400, 3)])
def test_only_the_worst_lateness_counts(late_s: int, fen: int) -> None:
    """Two fen an hour, rounded down."""
    problem = _problem(worst_late_fen_per_h=2)
    columns = [_column(0, 0, late_s=late_s), _column(2, 1, late_s=late_s // 2)]
    assert _fen(problem, *columns) == 1_000 + fen


# ------------------------------------------------------------------------------------ nights


def _away(shift: int, *visits: int) -> Column:
    return _column(shift, *visits, ends_away=True)


def _woken(shift: int, *visits: int, by: int, problem: Problem) -> Column:
    """It starts where a visit is."""
    return _column(shift, *visits, starts_at=int(problem.visit_location[by]))


def test_who_sleeps_away_starts_there() -> None:
    problem = _problem(technician_max_nights=np.array([1, 1], np.int32))
    assert _fen(problem, _away(0, 0)) == 3_000
    assert _fen(problem, _away(0, 0), _column(1, 1)) == 2_000
    assert _fen(problem, _away(0, 0), _woken(1, 1, by=0, problem=problem)) == 1_000
    assert _fen(problem, _away(0, 0), _woken(1, 1, by=2, problem=problem)) == 3_000
    assert _fen(problem, _away(0, 0), _woken(3, 1, by=0, problem=problem)) == 3_000
    assert _fen(problem, _woken(1, 1, by=0, problem=problem)) == 3_000


def test_nights_need_the_right() -> None:
    problem = _problem()
    assert _fen(problem, _away(0, 0), _woken(1, 1, by=0, problem=problem)) == 3_000


# ----------------------------------------------------------------------------------- solving


def test_below_a_cost_there_may_be_nothing() -> None:
    columns = [_column(0, 0, fen=100)]
    assert pick(_problem(), columns, below_fen=2_101, seconds=10) == Picked((0,), 2_100, 2_100)
    assert pick(_problem(), columns, below_fen=2_100, seconds=10) is None


def test_a_hint_changes_nothing_about_the_best() -> None:
    columns = [_column(0, 0, fen=100), _column(0, 0, 1, fen=200), _column(2, 2, fen=5)]
    for hint in ((), (0, 2), (1,), (0, 1)):
        found = pick(_problem(), columns, hint=hint, seconds=10)
        assert found == Picked((1, 2), 205, 205)


def test_a_charge_holds_for_that_combination_only() -> None:
    columns = [_column(0, 0), _column(2, 1), _column(3, 2)]
    master = Master(_problem(), columns)
    master.charge((0, 1), (2,), 50)
    assert master.solve(seconds=10) == Picked((0, 1, 2), 0, 0)
    master.charge((0, 1, 2), (), 70)
    assert master.solve(seconds=10) == Picked((0, 1, 2), 70, 70)
    master.forbid((0, 1, 2), ())
    found = master.solve(seconds=10)
    assert found is not None
    assert (len(found.columns), found.cost_fen) == (2, 1_000)
