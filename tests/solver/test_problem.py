"""Broken arrays are refused by name; and the kernels know every array."""

from typing import Any

import numpy as np
import pytest

from dispatch.domain.parts import Lot, PartQuantity
from dispatch.domain.people import Break
from dispatch.domain.places import ToolStock
from dispatch.domain.work import ClockKind, Link, Window
from dispatch.numbering import number
from dispatch.problems import build_problem
from solver import kernels, problem
from solver.problem import Problem, ProblemError
from solver.solve import CODES
from tests.builders import (
    START_AT,
    FlatLegs,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    at,
    clocks,
)
from tests.solver.solving import matrix


def _problem() -> Problem:
    """Two visits at two sites, two technicians with a shift each; no array is empty."""
    lunch = (Break(at(11), at(13), 1800),)
    technicians = [
        a_technician(t, shifts=(a_shift(t, breaks=lunch),), van_stock=(PartQuantity("sim", 1),))
        for t in ("T1", "T2")
    ]
    needs = {"parts": (PartQuantity("sim", 1),), "tools": ("ladder",)}
    visits = [a_visit(v, v, windows=(Window(at(9), at(12)),), **needs) for v in ("V1", "V2")]
    snapshot = a_snapshot(
        visits=visits,
        technicians=technicians,
        stations=(a_station(tools=(ToolStock("ladder", 2),)),),
        lots=(Lot("L1", "S1", "sim", 3, START_AT),),
        links=(Link("V1", "V2", 0, 7200, same_technician=True),),
        sla_rules=clocks((ClockKind.ARRIVE, at(12))),
    )
    travel = matrix(snapshot, FlatLegs())
    return build_problem(number(snapshot, travel), travel)


def _refusal(**arrays: Any) -> str:  # noqa: ANN401
    with pytest.raises(ProblemError) as refused:
        _problem()._replace(**arrays).validate()
    return str(refused.value)


_ARRAYS = sorted(
    name for name, value in _problem()._asdict().items() if isinstance(value, np.ndarray)
)


def test_a_built_problem_is_valid_and_frozen() -> None:
    built = _problem()
    built.validate()
    for name in _ARRAYS:
        assert getattr(built, name).size > 0, name
        assert not getattr(built, name).flags.writeable, name


@pytest.mark.parametrize("name", [a for a in _ARRAYS if a != "van_stock"])
def test_too_long_an_array_is_refused(name: str) -> None:
    array = getattr(_problem(), name)
    longer = np.concatenate((array, array[-1:]))
    # Of arrays that must be equally long any may be the wrong one.
    assert _refusal(**{name: longer}).startswith(name.split("_")[0])


@pytest.mark.parametrize("name", [a for a in _ARRAYS if a.endswith("_ptr")])
@pytest.mark.parametrize("fault", ["begins", "ends", "falls"])
def test_a_broken_pointer_is_refused(name: str, fault: str) -> None:
    pointers = getattr(_problem(), name).copy()
    if fault == "begins":
        pointers[0] = 1
    elif fault == "ends":
        pointers[-1] += 1
    else:
        pointers[1] = pointers[-1] + 1
    assert _refusal(**{name: pointers}).startswith(name)


@pytest.mark.parametrize(
    "name",
    [
        "visit_location",
        "visit_pin_after",
        "visit_leader",
        "tie_visit",
        "first_visit",
        "mate_visit",
        "need_alternative",
        "shift_technician",
        "shift_location",
        "shift_depot",
        "depot_location",
        "candidate_shift",
    ],
)
@pytest.mark.parametrize("value", [-2, 99])
def test_an_index_out_of_range_is_refused_with_its_place(name: str, value: int) -> None:
    array = getattr(_problem(), name).copy()
    array[-1] = value
    told = _refusal(**{name: array})
    assert told.startswith(f"{name}[{len(array) - 1}] = {value}: must be in")


@pytest.mark.parametrize("name", ["travel_s", "travel_m"])
def test_negative_travel_is_refused(name: str) -> None:
    travel = getattr(_problem(), name).copy()
    travel[0, 1] = -1
    assert name in _refusal(**{name: travel})


def test_travel_that_is_no_square_is_refused() -> None:
    assert "travel_m" in _refusal(travel_m=_problem().travel_m[:, :1].copy())


def test_shifts_in_disorder_are_refused() -> None:
    technicians = _problem().shift_technician[::-1].copy()
    assert "shift_technician" in _refusal(shift_technician=technicians)


def test_pointers_into_shifts_that_contradict_their_technicians_are_refused() -> None:
    assert "technician_ptr" in _refusal(technician_ptr=np.array([0, 0, 2], np.int32))


def test_an_array_in_another_order_of_memory_is_refused() -> None:
    assert "travel_s" in _refusal(travel_s=np.asfortranarray(_problem().travel_s))


@pytest.mark.parametrize("name", ["travel_s", "visit_service_s", "need_quantity", "candidate_ptr"])
def test_arrays_of_floats_are_refused(name: str) -> None:
    assert name in _refusal(**{name: getattr(_problem(), name).astype(np.float64)})


# ------------------------------------------------------------------------------------ kernels


def test_kernels_have_a_place_for_every_array_and_price() -> None:
    """Travel is an array of its own, with its price in it; due times are in VISIT_CLOSES_S."""
    left_out = ("visit_due_s",)  # goes into VISIT_CLOSES_S
    names = [n for n in Problem._fields if not n.startswith("travel") and n not in left_out]
    places = [getattr(kernels, name.upper()) for name in names]
    assert all(isinstance(place, int) for place in places)
    assert len(set(places)) == len(names)


def test_kernels_and_problem_mean_the_same_for_ever() -> None:
    assert kernels.FOREVER_S == problem.FOREVER_S


def test_every_number_of_the_kernels_has_its_code() -> None:
    names = [{"order": "ORDER_CODE", "away": "AWAY_CODE"}.get(c, c.upper()) for c in CODES]
    assert [getattr(kernels, name) for name in names] == list(range(len(CODES)))
