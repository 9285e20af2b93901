"""What a snapshot becomes in the solver's arrays."""

from typing import Any

import pytest

from dispatch.domain.parts import Lot
from dispatch.domain.places import ToolStock
from dispatch.domain.work import ClockKind, Commitment, Link, Pin, Visit
from dispatch.numbering import Numbering, number
from dispatch.problems import PINNED_FEN, build_problem
from solver.problem import Problem
from tests.builders import (
    START_AT,
    FlatLegs,
    a_policy,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    at,
    clocks,
    quantities,
)
from tests.solver.solving import matrix

CREW = a_visit("V1", crew_size=2)


def _built(*visits: Visit, **fields: Any) -> tuple[Numbering, Problem]:  # noqa: ANN401
    given = {"technicians": [a_technician("T1"), a_technician("T2")], **fields}
    snapshot = a_snapshot(visits, **given)
    travel = matrix(snapshot, FlatLegs())
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    problem.validate()
    return numbering, problem


def _of(pointers: Any, values: Any, owner: int) -> list[int]:  # noqa: ANN401
    return list(values[pointers[owner] : pointers[owner + 1]].tolist())


def _ties(problem: Problem, visit: int) -> list[tuple[int, int]]:
    tied = _of(problem.tie_ptr, problem.tie_visit, visit)
    return list(zip(tied, _of(problem.tie_ptr, problem.tie_lag_s, visit), strict=True))


def _technicians(problem: Problem, visit: int) -> set[int]:
    shifts = _of(problem.candidate_ptr, problem.candidate_shift, visit)
    return {int(problem.shift_technician[shift]) for shift in shifts}


# --------------------------------------------------------------------------------------- crews


def test_a_crew_is_one_visit_for_each_member() -> None:
    numbering, problem = _built(a_visit("V0"), CREW, a_visit("V2"))
    assert [v.id for v in numbering.members] == ["V0", "V1", "V1", "V2"]
    assert numbering.visit_number == {"V0": 0, "V1": 1, "V2": 3}
    assert list(numbering.crew_of("V1")) == [1, 2]
    assert problem.visit_leader.tolist() == [0, 1, 1, 3]
    assert [_ties(problem, v) for v in range(4)] == [[], [(2, 0)], [(1, 0)], []]


def test_the_leader_has_what_is_paid_once_and_what_is_needed() -> None:
    visit = a_visit("V1", crew_size=2, parts=quantities(sim=2), tools=("ladder", "ladder"))
    told = (Commitment("V1", ("T1", "T2"), at(9)),)
    lending = a_station(tools=(ToolStock("ladder", 2),))
    _, problem = _built(
        visit,
        policy=a_policy(1_000),
        published=told,
        stations=(lending,),
        sla_rules=clocks((ClockKind.ARRIVE, at(0, day=9))),
        pins=(Pin("V1", start_at=at(9)),),
    )
    assert problem.visit_unassigned_fen.tolist() == [1_000 + PINNED_FEN, 0]
    assert problem.visit_told.tolist() == [1000, 0]
    assert problem.clock_ptr.tolist() == [0, 1, 1]
    assert problem.need_ptr.tolist() == [0, 2, 2]
    assert problem.need_quantity.tolist() == [2, 2]
    assert problem.window_ptr.tolist() == [0, 1, 2]
    assert problem.visit_pin_rank.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("pin", "members"),
    [
        (Pin("V1", "T2"), ({1}, {0, 2})),
        (Pin("V1", "T2", other_technician_ids=("T1",)), ({1}, {0})),
        (Pin("V1", start_at=at(10)), ({0, 1, 2}, {0, 1, 2})),
    ],
)
def test_pinned_technicians_are_the_first_of_a_crew(
    pin: Pin, members: tuple[set[int], set[int]]
) -> None:
    three = [a_technician(t) for t in ("T1", "T2", "T3")]
    _, problem = _built(CREW, technicians=three, pins=(pin,))
    assert (_technicians(problem, 0), _technicians(problem, 1)) == members


@pytest.mark.parametrize(
    ("pins", "prices"),
    [
        ((), [[5, 5, 0], [0, 0]]),  # T3 leads or is not there
        ((Pin("V1", "T2"),), [[0], [5, 0]]),
        ((Pin("V1", "T3"),), [[0], [0, 0]]),
    ],
)
def test_one_member_of_a_crew_tells_whether_a_wish_is_granted(
    pins: tuple[Pin, ...], prices: list[list[int]]
) -> None:
    technicians = [a_technician(t, shifts=a_technician(t).shifts[:1]) for t in ("T1", "T2", "T3")]
    visit = a_visit("V1", crew_size=2, wished_technician_id="T3")
    _, problem = _built(visit, technicians=technicians, pins=pins, policy=a_policy(wish_fen=5))
    found = [_of(problem.candidate_ptr, problem.candidate_fen, v) for v in range(2)]
    assert found == prices


@pytest.mark.parametrize(
    ("told", "flags"),
    [(("T2",), [0, 0]), (("T1", "T2"), [1, 1]), (("T2", "T3"), [0, 1]), (("T2", "T2"), [0, 0])],
)
def test_who_was_told_of_a_crew_of_two(told: tuple[str, ...], flags: list[int]) -> None:
    technicians = [a_technician(t, shifts=a_technician(t).shifts[:1]) for t in ("T1", "T2")]
    technicians.append(a_technician("T3", shifts=()))
    published = (Commitment("V1", told, at(9)),)
    _, problem = _built(CREW, technicians=technicians, published=published)
    assert _of(problem.candidate_ptr, problem.candidate_told, 0) == flags
    assert problem.visit_told.tolist() == [1000, 0]


# --------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("link", "ties", "firsts"),
    [
        (Link("V1", "V2"), ([], [(0, 3600)]), [0]),
        (Link("V1", "V2", -600, 1800), ([(1, -5400)], [(0, 3000)]), [0]),
        (Link("V1", "V2", None, 0), ([(1, -3600)], []), []),
        (Link("V1", "V2", None, None, same_technician=True), ([], []), []),
    ],
)
def test_links_become_ties(
    link: Link, ties: tuple[list[tuple[int, int]], ...], firsts: list[int]
) -> None:
    _, problem = _built(a_visit("V1"), a_visit("V2"), links=(link,))
    assert (_ties(problem, 0), _ties(problem, 1)) == ties
    assert _of(problem.first_ptr, problem.first_visit, 1) == firsts
    mates = [_of(problem.mate_ptr, problem.mate_visit, v) for v in range(2)]
    assert mates == ([[1], [0]] if link.same_technician else [[], []])


# ------------------------------------------------------------------------------- tools, nights


def test_tools_are_parts_that_stations_lend() -> None:
    visits = [a_visit("V1", tools=("ladder",)), a_visit("V2", parts=quantities(sim=1))]
    equipped = a_technician("T1", tools=("ladder", "ladder", "drill"))
    lending = a_station(tools=(ToolStock("ladder", 3), ToolStock("drill", 1)))
    lot = Lot("L1", "S1", "sim", 5, START_AT)
    _, problem = _built(*visits, technicians=[equipped], stations=(lending,), lots=(lot,))
    assert problem.part_is_tool.tolist() == [0, 0, 0, 1]
    assert problem.van_stock.tolist() == [[0, 0, 0, 2]]
    assert problem.need_alternative.tolist() == [3, 2]
    assert problem.supply_ptr.tolist() == [0, 0, 0, 1, 2]
    assert problem.supply_quantity.tolist() == [5, 3]


def test_a_night_may_be_spent_away_before_another_shift() -> None:
    traveller = a_technician("T1", may_stay_overnight=True, max_nights=2)
    homely = a_technician("T2", max_nights=2)
    _, problem = _built(a_visit(), technicians=[traveller, homely])
    assert problem.shift_may_stay.tolist() == [1, 1, 0, 0, 0, 0]
    assert problem.technician_max_nights.tolist() == [2, 0]
