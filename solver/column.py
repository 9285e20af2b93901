"""Columns: routes that CP-SAT may pick."""

from typing import NamedTuple

Take = tuple[int, int, int, int]
"""Part, quantity, supply and kind as in the kernels."""


class Column(NamedTuple):
    """One legal route of one shift. Times in s, costs in fen.

    Tools that it takes are out from the departure to the finish. ``pick_before`` is the visit
    before which the detour for parts is, or -1. ``starts_at`` is the location of the night before
    (-1: the route starts at the base). ``cost_fen`` is all that the route costs alone, but for
    fairness, the worst lateness, and the price of change of a crew. ``late_s`` is the worst
    lateness of its clocks.
    """

    shift: int
    visits: tuple[int, ...]
    takes: tuple[Take, ...]
    cost_fen: int
    depart_s: int
    finish_s: int
    paid_s: int
    overtime_s: int
    late_s: int
    ends_away: bool = False
    starts_at: int = -1
    pick_before: int = -1
