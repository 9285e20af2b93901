"""The smallest plans with nights away, borrowed tools and the price of the worst lateness; with
several windows and clocks. Every plan is checked by the referee (``solved_small``).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from dispatch.domain.parts import Lot
from dispatch.domain.people import Technician
from dispatch.domain.places import ToolStock
from dispatch.domain.plan import StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Visit, Window
from tests.builders import (
    FlatLegs,
    a_policy,
    a_shift,
    a_station,
    a_technician,
    a_visit,
    at,
    clocks,
    quantities,
)
from tests.solver.monday import monday, planned, t1_of
from tests.solver.solving import PRICES, Solved, solved_small

HOUR_S = 3600

# ------------------------------------------------------------------------------------ nights


FAR = FlatLegs(3 * HOUR_S, 200_000, {("A", "B"): (1800, 20_000), ("B", "C"): (1800, 20_000)})
"""Three hours from anywhere; but A, B and C are half an hour from each other."""

LONG = tuple(a_visit(f"V{i}", site, duration_s=4 * HOUR_S) for i, site in ((1, "A"), (2, "B")))
"""Three hours there, four hours' work and three back are more than a shift's nine hours."""


def _traveller(days: int = 2, **fields: Any) -> Technician:  # noqa: ANN401
    shifts = tuple(a_shift("T1", day) for day in range(days))
    nights = {"may_stay_overnight": True, "max_nights": 1}
    return a_technician("T1", **{"shifts": shifts, **nights, **fields})


def _nights(result: Solved) -> list[bool]:
    return [route.ends_away for route in result.plan.routes]


def test_night_away() -> None:
    result = planned(monday(*LONG, technicians=[_traveller()]), FAR)
    assert _nights(result) == [True, False]


def test_without_the_right_to_stay_nothing_far_is_done() -> None:
    stays_home = _traveller(may_stay_overnight=False)
    assert solved_small(monday(*LONG, technicians=[stays_home]), FAR).planned == []


def test_a_night_needs_a_shift_to_come_home_in() -> None:
    assert solved_small(monday(*LONG, technicians=[_traveller(days=1)]), FAR).planned == []


def test_lodging_is_paid_where_it_is_cheaper_than_the_way() -> None:
    """Two visits of two hours, each three hours from home: two ways are 27,000 + 12,000 fen."""
    visits = [replace(v, duration_s=2 * HOUR_S, windows=(_day(i),)) for i, v in enumerate(LONG)]
    for lodging_fen, stays in ((30_000, True), (40_000, False)):
        prices = replace(PRICES, lodging_fen=lodging_fen)
        result = planned(monday(*visits, technicians=[_traveller()], policy=prices), FAR)
        assert _nights(result) == [stays, False]
        assert result.verdict.cost.by_item().get("lodging", 0) == (lodging_fen if stays else 0)


def _day(day: int) -> Window:
    return Window(at(8, day=day), at(17, day=day))


@pytest.mark.parametrize("max_nights", [1, 2])
def test_nights_in_a_row(max_nights: int) -> None:
    """A day's work at each of three places: with one night nobody comes to the third."""
    places = enumerate(("A", "B", "C"))
    visits = [a_visit(f"V{i}", s, duration_s=5 * HOUR_S, windows=(_day(i),)) for i, s in places]
    traveller = _traveller(days=3, max_nights=max_nights)
    result = solved_small(monday(*visits, technicians=[traveller]), FAR)
    assert len(result.planned) == max_nights + 1


@pytest.mark.parametrize("rest_h", [18, 19])
def test_rest_after_a_night_away(rest_h: int) -> None:
    """The work of the first day ends at 15:00; to start at 09:30 one leaves at 09:00."""
    visits = (LONG[0], replace(LONG[1], windows=(Window(at(9, 30, 1), at(9, 30, 1)),)))
    rested = _traveller(min_rest_s=rest_h * HOUR_S)
    result = solved_small(monday(*visits, technicians=[rested]), FAR)
    assert len(result.planned) == (2 if rest_h == 18 else 0)


# ------------------------------------------------------------------------------------- tools


LADDER = (ToolStock("ladder", 1),)


def _lending(
    *visits: Visit,
    lenders: Sequence[str] = ("S1",),
    technicians: Sequence[Technician] = (),
    **fields: Any,  # noqa: ANN401
) -> Snapshot:
    """The stations S1 (the base) and S2, of which the lenders lend a ladder."""
    stations = tuple(a_station(s, tools=LADDER if s in lenders else ()) for s in ("S1", "S2"))
    visits = visits or (a_visit(tools=("ladder",)),)
    people = technicians or [t1_of()]
    return monday(*visits, **{"stations": stations, "technicians": people, **fields})


def _pair() -> list[Technician]:
    return [t1_of(), a_technician("T2", shifts=(a_shift("T2"),))]


def test_tool_borrowed_at_the_base() -> None:
    result = planned(_lending())
    pickups = result.stops(StopKind.PICKUP)
    assert [(s.station_id, s.tools) for s in pickups] == [("S1", ("ladder",))]
    assert result.start_of("V1") == at(8, 40)


def test_tool_borrowed_on_the_way() -> None:
    result = planned(_lending(lenders=("S2",)))
    assert [s.station_id for s in result.stops(StopKind.PICKUP)] == ["S2"]
    assert result.start_of("V1") == at(9, 10)


def test_own_tool_is_not_borrowed() -> None:
    result = planned(_lending(technicians=[t1_of(tools=("ladder",))]))
    assert result.stops(StopKind.PICKUP) == []


def test_nobody_lends_the_tool() -> None:
    result = solved_small(_lending(lenders=()))
    assert result.left_out == {"V1": "tool"}


def test_a_borrowed_tool_serves_all_visits_after_it() -> None:
    visits = [a_visit(f"V{i}", f"P{i}", tools=("ladder",)) for i in (1, 2, 3)]
    result = planned(_lending(*visits))
    assert len(result.stops(StopKind.PICKUP)) == 1


def test_as_many_pieces_as_the_visit_asks_for() -> None:
    two = a_visit(tools=("ladder", "ladder"))
    assert solved_small(_lending(two)).left_out == {"V1": "tool"}
    planned(_lending(two, technicians=[t1_of(tools=("ladder",))]))


def test_a_tool_is_out_until_the_route_ends() -> None:
    """Both visits at the same time: one ladder is not enough, two are."""
    together = (Window(at(9), at(9, 30)),)
    visits = [a_visit(f"V{i}", f"P{i}", tools=("ladder",), windows=together) for i in (1, 2)]
    assert len(solved_small(_lending(*visits, technicians=_pair())).left_out) == 1
    planned(_lending(*visits, technicians=_pair(), lenders=("S1", "S2")))


def test_a_tool_is_lent_again_when_it_is_back() -> None:
    """V1 ends at 09:40 and the ladder is back at 10:10; V2 needs it for 11:00."""
    barred = [
        t1_of(excluded_sites=("P2",)),
        a_technician("T2", shifts=(a_shift("T2"),), excluded_sites=("P1",)),
    ]
    visits = [
        a_visit("V1", "P1", tools=("ladder",)),
        a_visit("V2", "P2", tools=("ladder",), windows=(Window(at(11), at(12)),)),
    ]
    planned(_lending(*visits, technicians=barred))


def test_tool_and_part_from_one_pickup() -> None:
    """S2 has both; the base has none."""
    visit = a_visit(tools=("ladder",), parts=quantities(sim=1))
    lots = (Lot("L1", "S2", "sim", 1, at(0, day=-1)),)
    result = planned(_lending(visit, lenders=("S2",), lots=lots))
    (pickup,) = result.stops(StopKind.PICKUP)
    assert (pickup.tools, pickup.parts) == (("ladder",), quantities(sim=1))


# ---------------------------------------------------------------------------- worst lateness


@pytest.mark.parametrize("durations_h", [(1, 2), (2, 1)])
def test_worst_lateness_is_kept_low(durations_h: tuple[int, int]) -> None:
    """Both are due at 08:30. Whatever comes second waits for the first, so the short one is first:
    an hour and a half late at 3,600 fen an hour."""
    visits = [
        a_visit(f"V{i}", f"P{i}", duration_s=hours * HOUR_S)
        for i, hours in enumerate(durations_h, 1)
    ]
    result = planned(
        monday(
            *visits,
            sla_rules=clocks((ClockKind.ARRIVE, at(8, 30))),
            policy=a_policy(1_000_000, worst_late_fen_per_h=3_600),
        )
    )
    assert result.planned[0] == f"V{durations_h.index(1) + 1}"
    assert result.verdict.cost.by_item()["worst_late"] == 5_400


def test_worst_lateness_counts_over_all_routes() -> None:
    """A second technician costs paid time and saves an hour and a half of lateness."""
    visits = [a_visit(f"V{i}", f"P{i}") for i in (1, 2)]
    for price, routes in ((100, 1), (10_000, 2)):
        result = planned(
            monday(
                *visits,
                technicians=_pair(),
                sla_rules=clocks((ClockKind.ARRIVE, at(8, 30))),
                policy=replace(PRICES, worst_late_fen_per_h=price),
            )
        )
        assert len(result.plan.routes) == routes


# ------------------------------------------------------------- several windows, several clocks


def test_the_second_window_where_the_first_is_missed() -> None:
    """V1 takes the morning, so V2 waits for the afternoon."""
    morning, afternoon = Window(at(8, 30), at(9)), Window(at(14), at(15))
    visits = (
        a_visit("V1", "P1", windows=(morning,)),
        a_visit("V2", "P2", windows=(morning, afternoon)),
    )
    result = planned(monday(*visits))
    assert result.start_of("V2") == at(14)


def test_every_clock_is_priced() -> None:
    """Half an hour late to respond and arrive, an hour and a half to restore."""
    due = tuple((kind, at(8)) for kind in ClockKind)
    rules = clocks(*due, breach_fen=100, late_fen_per_h=2_000)
    result = planned(monday(sla_rules=rules))
    lines = {k: fen for k, fen in result.verdict.cost.by_item().items() if k.startswith("clock")}
    assert lines == {"clock_respond": 1_100, "clock_arrive": 1_100, "clock_restore": 3_100}
