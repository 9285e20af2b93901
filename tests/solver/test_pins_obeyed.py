"""Pins hold in every plan, or the pinned visit stays out with an honest reason; and prices that
hang on who does a visit. Every plan is checked by the referee (``solved_small``)."""

from dataclasses import replace
from typing import Any

import pytest

from dispatch.domain.people import Coverage, TerritoryCover
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Commitment, Pin, Window
from tests.builders import a_shift, a_technician, a_visit, at
from tests.solver.monday import left_out, monday, planned, t1_of
from tests.solver.solving import PRICES, solved_small


def _pinned(*pins: Pin, **fields: Any) -> Snapshot:  # noqa: ANN401
    both = [t1_of(), a_technician("T2", shifts=(a_shift("T2"),))]
    visits = (a_visit("V1", "A"), a_visit("V2", "B"))
    return monday(*visits, **{"technicians": both, "pins": pins, **fields})


@pytest.mark.parametrize("technician_id", ["T1", "T2"])
def test_pinned_technician(technician_id: str) -> None:
    result = planned(_pinned(Pin("V1", technician_id=technician_id)))
    assert result.technician_of("V1") == technician_id


def test_pinned_technician_who_cannot() -> None:
    absent = a_technician("T2", territories=(TerritoryCover("south"),), shifts=(a_shift("T2"),))
    result = solved_small(_pinned(Pin("V1", technician_id="T2"), technicians=[t1_of(), absent]))
    assert result.left_out.keys() == {"V1"}
    assert {o.code for o in result.plan.unassigned[0].obstacles} == {"pinned", "territory"}


def test_pinned_start() -> None:
    assert planned(_pinned(Pin("V1", start_at=at(11)))).start_of("V1") == at(11)
    assert left_out(_pinned(Pin("V1", start_at=at(8, 29)))) == {"V1": "pinned"}


def test_two_pinned_starts_that_exclude_each_other() -> None:
    pins = (Pin("V1", start_at=at(11)), Pin("V2", start_at=at(11)))
    codes = left_out(_pinned(*pins, technicians=[t1_of()]))
    assert list(codes.values()) == ["pinned"]


def test_a_pinned_start_replaces_the_windows() -> None:
    visit = a_visit(windows=(Window(at(9), at(10)),))
    result = planned(monday(visit, pins=(Pin("V1", start_at=at(13)),)))
    assert result.start_of("V1") == at(13)


@pytest.mark.parametrize(("first", "then"), [("V1", "V2"), ("V2", "V1")])
def test_pinned_order(first: str, then: str) -> None:
    result = planned(_pinned(Pin(then, after_visit_id=first)))
    assert result.planned == [first, then]


def test_pinned_after_a_visit_that_stays_out() -> None:
    pins = (Pin("V1", start_at=at(8)), Pin("V2", after_visit_id="V1"))
    assert left_out(_pinned(*pins)) == {"V1": "pinned", "V2": "pinned"}


def test_a_chain_of_pins() -> None:
    visits = [a_visit(f"V{i}", f"S-{i}") for i in range(1, 5)]
    pins = tuple(Pin(f"V{i}", after_visit_id=f"V{i + 1}") for i in range(1, 4))
    assert planned(monday(*visits, pins=pins)).planned == ["V4", "V3", "V2", "V1"]


def test_a_circle_of_pins_stays_out() -> None:
    pins = (Pin("V1", after_visit_id="V2"), Pin("V2", after_visit_id="V1"))
    assert left_out(_pinned(*pins)) == {"V1": "pinned", "V2": "pinned"}


# ----------------------------------------------------------------------------------- prices


def test_a_territory_covered_as_primary_and_backup_is_primary() -> None:
    """``solved_small`` compares the cost with the referee's."""
    both = tuple(TerritoryCover("north", coverage) for coverage in Coverage)
    prices = replace(PRICES, backup_territory_fen=5_000)
    assert planned(monday(t1=t1_of(territories=both), policy=prices)).planned == ["V1"]


def test_people_who_were_told_keep_their_visit() -> None:
    told = (Commitment("V1", ("T2",), at(14)),)
    prices = replace(PRICES, change_technician_fen=10_000, change_time_fen=8_000)
    result = planned(_pinned(published=told, policy=prices))
    assert result.technician_of("V1") == "T2"
