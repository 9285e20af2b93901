"""The price of one more: a scenario with one or two quantities at several values each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from scenarios.changes import Change
from scenarios.outcome import CLOCK
from scenarios.scenario import ChangeOf, Loaded, Scenario
from scenarios.scenario_file import Axis
from scenarios.statistics import Interval, paired
from scenarios.study import Carried, Laboratory

COST = "total_fen"
ARRIVE = f"{CLOCK}arrive"
_FEN = 100
_PERMILLE_PER_PERCENT = 10
_LEVEL = 0.05


@dataclass(frozen=True)
class Point:
    """The scenario at one value of each axis. ``price_fen`` is what these values cost."""

    values: tuple[float, ...]
    price_fen: float
    carried: Carried

    @property
    def cost_fen(self) -> float:
        return self.carried.mean(COST)

    @property
    def whole_fen(self) -> float:
        """The plan's cost and the price of what makes it possible."""
        return self.cost_fen + self.price_fen

    @property
    def on_site_percent(self) -> float | None:
        """How many are on site in time; None if no such clock counts."""
        if not all(ARRIVE in outcome.figures for outcome in self.carried.outcomes.values()):
            return None
        return self.carried.mean(ARRIVE) / _PERMILLE_PER_PERCENT


@dataclass(frozen=True)
class Step:
    """From one value of an axis (its ``number``) to the next, the other one being the same: what
    each further unit saves in the plan. ``values`` are those that it leads to."""

    number: int
    values: tuple[float, ...]
    units: float
    saved_fen: Interval

    @property
    def value(self) -> float:
        return self.values[self.number]


@dataclass(frozen=True)
class Sweep:
    """All points that have at least one run, in the order of their values."""

    axes: tuple[Axis, ...]
    points: tuple[Point, ...]

    @property
    def is_curve(self) -> bool:
        return len(self.axes) == 1

    @property
    def cheapest(self) -> Point:
        """The point that costs least with the price of its values; the first of equal ones."""
        return min(self.points, key=lambda p: p.whole_fen)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The marginal values, axis by axis, by the seeds that both ends have."""
        return tuple(
            _step(number, before, after)
            for number in range(len(self.axes))
            for line in self._lines(number)
            for before, after in pairwise(line)
            if before.carried.outcomes.keys() & after.carried.outcomes.keys()
        )

    def _lines(self, number: int) -> Iterable[Sequence[Point]]:
        """The points that differ in one axis only, in rising order."""
        lines: dict[tuple[float, ...], list[Point]] = {}
        for point in self.points:
            others = point.values[:number] + point.values[number + 1 :]
            lines.setdefault(others, []).append(point)
        return lines.values()

    @property
    def knee(self) -> Point:
        """Where more is no longer worth it: the cheapest point if a unit has a price, else the one
        farthest below the straight line from the first to the last."""
        if any(axis.yuan for axis in self.axes) or not self.is_curve:
            return self.cheapest
        first, last = self.points[0], self.points[-1]
        width = (last.values[0] - first.values[0]) or 1.0

        def below_line(point: Point) -> float:
            share = (point.values[0] - first.values[0]) / width
            return first.cost_fen + share * (last.cost_fen - first.cost_fen) - point.cost_fen

        return max(self.points, key=below_line)


Grid = tuple[tuple[tuple[float, ...], Scenario], ...]
"""Scenarios by the values that they stand for."""


def grid(axes: Sequence[Axis], scenario: Scenario, change_of: ChangeOf) -> Grid:
    """The scenario at each combination of values, in rising order. Raises what ``change_of``
    does."""
    made: list[list[tuple[float, Change]]] = []
    for number, axis in enumerate(axes):
        steps = ("sweep", number, "change")
        values = sorted(set(axis.values))
        made.append([(value, change_of(axis.at(value), steps)) for value in values])
    return tuple(
        (
            tuple(value for value, _ in chosen),
            scenario.having(_name(axes, chosen), *(change for _, change in chosen)),
        )
        for chosen in product(*made)
    )


def sweep(loaded: Loaded, laboratory: Laboratory) -> Sweep:
    """Carries out all points of a file. Raises DataErrors."""
    axes = loaded.file.form.sweep
    points = grid(axes, loaded.scenario, loaded.change_of)
    return swept(axes, points, laboratory.carry_out([scenario for _, scenario in points]))


def swept(axes: Sequence[Axis], points: Grid, carried: Sequence[Carried]) -> Sweep:
    """The points with what there is of them."""
    return Sweep(
        tuple(axes),
        tuple(
            Point(values, _price_fen(axes, values), one)
            for (values, _), one in zip(points, carried, strict=True)
            if one.outcomes
        ),
    )


def _price_fen(axes: Sequence[Axis], values: Sequence[float]) -> float:
    return sum(_FEN * axis.yuan * value for axis, value in zip(axes, values, strict=True))


def _name(axes: Sequence[Axis], chosen: Sequence[tuple[float, Change]]) -> str:
    return ", ".join(
        f"{axis.vary} {value:g}" for axis, (value, _) in zip(axes, chosen, strict=True)
    )


def _step(number: int, before: Point, after: Point) -> Step:
    first, second = before.carried.outcomes, after.carried.outcomes
    units = after.values[number] - before.values[number]
    saved = [
        (first[seed].figures[COST] - second[seed].figures[COST]) / units
        for seed in first
        if seed in second
    ]
    return Step(number, after.values, units, paired(saved, _LEVEL))
