"""Where the search takes parts from: the van, the base at the start, a detour; and what it does
when they are short. ``solved_small`` checks every plan with the referee.

T1 works Monday 08:00-17:00 from station S1; S2 is another station. Half an hour lies between any
two places; a pick-up takes ten minutes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dispatch.domain.parts import Lot, Part, PartQuantity
from dispatch.domain.people import Break, Technician
from dispatch.domain.plan import StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit, Window
from tests.builders import (
    START_AT,
    FlatLegs,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    at,
    quantities,
)
from tests.solver.solving import PRICES, Solved, solved_small

SIM = a_visit(parts=quantities(sim=1))


def _lot(
    part_id: str = "sim", quantity: int = 1, station: str = "S1", there_at: datetime = START_AT
) -> Lot:
    return Lot(f"L-{station}-{part_id}-{there_at}", station, part_id, quantity, there_at)


def _technician(technician_id: str = "T1", **van: int) -> Technician:
    return a_technician(
        technician_id, shifts=(a_shift(technician_id),), van_stock=quantities(**van)
    )


def _snapshot(
    *visits: Visit,
    lots: Sequence[Lot] = (),
    technicians: Sequence[Technician] | None = None,
    **fields: Any,  # noqa: ANN401
) -> Snapshot:
    return a_snapshot(
        visits=visits or [SIM],
        technicians=technicians or [_technician()],
        stations=(a_station("S1"), a_station("S2")),
        lots=tuple(lots),
        **{"policy": PRICES, **fields},
    )


def _planned(snapshot: Snapshot, legs: FlatLegs | None = None) -> Solved:
    result = solved_small(snapshot, legs)
    assert result.left_out == {}
    return result


def _pickups(result: Solved) -> list[tuple[str | None, tuple[PartQuantity, ...]]]:
    return [(s.station_id, s.parts) for s in result.stops(StopKind.PICKUP)]


def _used(result: Solved) -> dict[str | None, tuple[PartQuantity, ...]]:
    return {s.visit_id: s.parts for s in result.stops(StopKind.VISIT)}


def _codes(snapshot: Snapshot) -> list[str]:
    return list(solved_small(snapshot).left_out.values())


def test_no_part_anywhere() -> None:
    assert _codes(_snapshot()) == ["parts"]


def test_part_on_the_van() -> None:
    result = _planned(_snapshot(technicians=[_technician(sim=1)], lots=[_lot()]))
    assert _pickups(result) == []
    assert _used(result) == {"V1": quantities(sim=1)}


def test_part_at_the_base() -> None:
    assert _pickups(_planned(_snapshot(lots=[_lot()]))) == [("S1", quantities(sim=1))]


def test_part_at_another_station() -> None:
    result = _planned(_snapshot(lots=[_lot(station="S2")]))
    assert _pickups(result) == [("S2", quantities(sim=1))]


def test_one_too_few() -> None:
    two = replace(SIM, parts=quantities(sim=2))
    _planned(_snapshot(two, technicians=[_technician(sim=1)], lots=[_lot()]))
    assert _codes(_snapshot(two, technicians=[_technician(sim=1)])) == ["parts"]


def test_need_is_served_from_van_and_base_together() -> None:
    three = replace(SIM, parts=quantities(sim=3))
    result = _planned(_snapshot(three, technicians=[_technician(sim=1)], lots=[_lot(quantity=2)]))
    assert _pickups(result) == [("S1", quantities(sim=2))]
    assert _used(result) == {"V1": quantities(sim=3)}


def test_delivery_is_waited_for() -> None:
    result = _planned(_snapshot(lots=[_lot(there_at=at(11))]))
    (pickup,) = result.stops(StopKind.PICKUP)
    assert pickup.not_before_at == at(11)
    assert result.start_of("V1") == at(11, 40)


def test_delivery_that_comes_too_late() -> None:
    promised = replace(SIM, windows=(Window(at(9), at(11, 40)),))
    _planned(_snapshot(promised, lots=[_lot(there_at=at(11))]))
    result = solved_small(_snapshot(promised, lots=[_lot(there_at=at(11, 1))]))
    assert result.left_out["V1"] in ("parts", "window")


def test_delivery_after_the_horizon() -> None:
    result = solved_small(_snapshot(lots=[_lot(there_at=at(9, day=5))]))
    assert result.left_out["V1"] in ("parts", "shift")


def test_other_work_is_done_until_the_delivery() -> None:
    early = a_visit("V2", "B", windows=(Window(at(8, 30), at(9)),))
    result = _planned(_snapshot(SIM, early, lots=[_lot(there_at=at(11))]))
    assert result.planned == ["V2", "V1"]


def test_substitute_is_used_when_the_part_is_short() -> None:
    camera = a_visit(parts=quantities(camera=1))
    result = _planned(_snapshot(camera, lots=[_lot("camera2")]))
    assert _used(result) == {"V1": quantities(camera2=1)}


def test_the_part_itself_comes_before_its_substitute() -> None:
    camera = a_visit(parts=quantities(camera=1))
    result = _planned(_snapshot(camera, lots=[_lot("camera2"), _lot("camera")]))
    assert _used(result) == {"V1": quantities(camera=1)}


def test_a_substitute_does_not_stand_for_what_it_is_replaced_by() -> None:
    assert _codes(_snapshot(a_visit(parts=quantities(camera2=1)), lots=[_lot("camera")])) == [
        "parts"
    ]


def test_two_visits_do_not_share_one_unit() -> None:
    second = a_visit("V2", "B", parts=quantities(sim=1))
    _planned(_snapshot(SIM, second, lots=[_lot(quantity=2)]))
    assert _codes(_snapshot(SIM, second, lots=[_lot()])) == ["parts"]


def test_two_routes_do_not_share_one_unit() -> None:
    """Each visit fills a day."""
    day = [replace(SIM, duration_s=7 * 3600), a_visit("V2", parts=SIM.parts, duration_s=7 * 3600)]
    two = [_technician("T1"), _technician("T2")]
    _planned(_snapshot(*day, technicians=two, lots=[_lot(quantity=2)]))
    assert _codes(_snapshot(*day, technicians=two, lots=[_lot()])) == ["parts"]


def test_two_shifts_do_not_share_the_van() -> None:
    day = [replace(SIM, duration_s=7 * 3600), a_visit("V2", parts=SIM.parts, duration_s=7 * 3600)]
    shifts = (a_shift(), a_shift(day=1))
    t1 = a_technician(shifts=shifts, van_stock=quantities(sim=1))
    assert _codes(_snapshot(*day, technicians=[t1])) == ["parts"]
    _planned(_snapshot(*day, technicians=[replace(t1, van_stock=quantities(sim=2))]))


def test_parts_that_are_moved_are_priced() -> None:
    """``solved_small`` compares the cost with the referee's."""
    prices = replace(PRICES, part_move_fen=1_500)
    both = [_lot("sim", station="S2"), _lot("camera", station="S2")]
    needs = replace(SIM, parts=quantities(sim=1, camera=1))
    result = _planned(_snapshot(needs, lots=both, policy=prices))
    assert result.verdict.cost.by_item()["part_move"] == 3_000


def test_the_nearer_of_two_stations_is_chosen() -> None:
    legs = FlatLegs(table={("S2", "A"): (60, 500)})
    stations = tuple(a_station(s) for s in ("S1", "S3", "S2"))
    lots = (_lot(station="S2"), _lot(station="S3"))
    result = _planned(replace(_snapshot(lots=lots), stations=stations), legs)
    assert [station for station, _ in _pickups(result)] == ["S2"]


def test_parts_from_two_other_stations_are_out_of_reach() -> None:
    """One detour a route: the honest reason is still the parts."""
    needs = replace(SIM, parts=quantities(sim=1, camera=1))
    lots = [_lot("sim", station="S2"), _lot("camera", station="S3")]
    snapshot = _snapshot(needs, lots=lots)
    stations = (*snapshot.stations, a_station("S3"))
    assert solved_small(replace(snapshot, stations=stations)).left_out == {"V1": "parts"}


def test_many_parts() -> None:
    """More than a route can note: it still ends in a legal plan."""
    parts = tuple(Part(f"P{i}", f"Part {i}") for i in range(60))
    needs = tuple(PartQuantity(p.id, 1) for p in parts)
    lots = [_lot(p.id) for p in parts]
    result = solved_small(_snapshot(a_visit(parts=needs), lots=lots, parts=parts))
    assert result.left_out in ({}, {"V1": "parts"})


def test_break_after_a_pickup_that_the_departure_moves() -> None:
    """S2 is two hours away. Who leaves late for a visit at 14:30 is there at 13:05: too late for a
    break that has to begin by 13:00, though there would be time for it after an early departure."""
    lunch = Break(at(11, 30), at(13), 2700)
    t1 = a_technician(shifts=(a_shift(breaks=(lunch,)),))
    visit = replace(SIM, windows=(Window(at(14, 30), at(15)),))
    result = solved_small(
        _snapshot(visit, technicians=[t1], lots=[_lot(station="S2")]),
        FlatLegs(table={("S1", "S2"): (7200, 80_000)}),
    )
    assert result.planned == ["V1"]
