"""The cheapest set of measures that reaches a target, and what each price buys.

Sets are planned as scenarios are. From nothing on, the step that brings most for its price is taken
(two steps together where none alone helps) until the target is reached; then whatever turns out not
to be needed is given back, the dearest first. That is no proof that no cheaper set exists.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import inf

from dispatch.domain.cost import running_clocks
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind
from dispatch.texts import Text
from scenarios.changes import Change
from scenarios.outcome import CLOCK, Outcome
from scenarios.scenario import ChangeOf, Loaded, Scenario
from scenarios.scenario_file import Measure, Target
from scenarios.study import Laboratory

_FEN = 100
_HOUR_S = 3600
_PERMILLE_PER_PERCENT = 10

Levels = tuple[int, ...]
"""How much of each measure is taken: 0 is nothing, 1 its first size."""


@dataclass(frozen=True, slots=True)
class Option:
    """A measure in one size, and its price."""

    change: Change
    yuan: float


@dataclass(frozen=True, slots=True)
class Tried:
    """A set of measures: its price, and what it reaches in per cent and fen, on average."""

    levels: Levels
    yuan: float
    percent: float
    cost_fen: float


@dataclass(frozen=True)
class Suggestion:
    """``nothing`` is the scenario as it is, ``best`` the suggested set: the cheapest of those tried
    that reach the target, or what reaches most if none does. ``is_whole``: nobody stopped it."""

    target: Target
    options: tuple[tuple[Option, ...], ...]
    nothing: Tried
    best: Tried
    tried: tuple[Tried, ...]
    is_whole: bool = True

    @property
    def is_reached(self) -> bool:
        return self.best.percent >= self.target.percent

    @property
    def frontier(self) -> tuple[Tried, ...]:
        """The sets than which no other that was tried is cheaper and reaches as much, from the
        cheapest on."""
        found: list[Tried] = []
        for one in sorted(self.tried, key=lambda t: (t.yuan, -t.percent, t.levels)):
            if not found or one.percent > found[-1].percent:
                found.append(one)
        return tuple(found)

    def taken(self, levels: Levels) -> tuple[Option, ...]:
        """The measures of a set."""
        return taken(self.options, levels)

    def text(self, levels: Levels) -> Text:
        said = [option.change.text() for option in self.taken(levels)]
        if not said:
            return Text("nothing", "不采取措施")
        return Text("; ".join(s.en for s in said), "；".join(s.zh for s in said))


Options = tuple[tuple[Option, ...], ...]
"""The sizes of each measure, from small to large."""


def options_of(measures: Sequence[Measure], change_of: ChangeOf) -> Options:
    """Raises what ``change_of`` does."""
    return tuple(
        tuple(
            Option(change_of(written, ("suggest", "measures", number, "change")), yuan)
            for written, yuan in measure.levels()
        )
        for number, measure in enumerate(measures)
    )


def suggest(loaded: Loaded, laboratory: Laboratory) -> Suggestion | None:
    """Searches for the cheapest set; None if it was stopped before anything was known. Raises
    DataErrors, and needs a file that says what to suggest."""
    form = loaded.file.form.suggest
    assert form is not None
    options = options_of(form.measures, loaded.change_of)
    return suggestion(loaded.scenario, options, form.target, laboratory)


def suggestion(
    scenario: Scenario, options: Options, target: Target, laboratory: Laboratory
) -> Suggestion | None:
    """The same of measures that are made already."""
    search = _Search(scenario, laboratory, options, target)
    search.go()
    nothing = search.tried.get((0,) * len(options))
    if nothing is None:
        return None
    tried = tuple(search.tried.values())
    reached = [t for t in tried if t.percent >= target.percent]
    best = min(reached, key=_cheapest) if reached else max(tried, key=_reaches_most)
    return Suggestion(target, options, nothing, best, tried, not laboratory.stop())


def _cheapest(one: Tried) -> tuple[float, float, Levels]:
    return one.yuan, -one.percent, one.levels


def _reaches_most(one: Tried) -> tuple[float, float]:
    return one.percent, -one.yuan


@dataclass
class _Search:
    scenario: Scenario
    laboratory: Laboratory
    options: tuple[tuple[Option, ...], ...]
    target: Target
    tried: dict[Levels, Tried] = field(default_factory=dict)

    def go(self) -> None:
        at: Levels = (0,) * len(self.options)
        self._try([at, tuple(len(sizes) for sizes in self.options)])
        while at in self.tried and self.tried[at].percent < self.target.percent:
            step = self._best_step(at, self._singles(at)) or self._best_step(at, self._pairs(at))
            if step is None:
                return
            at = step
        if at in self.tried:
            self._give_back(at)

    def _best_step(self, at: Levels, to: Iterable[Levels]) -> Levels | None:
        """The next set that gains most for its price; None if none gains anything."""
        now, candidates = self.tried[at], list(to)
        self._try(candidates)
        done = [self.tried[c] for c in candidates if c in self.tried]
        better = [one for one in done if one.percent > now.percent]

        def worth(one: Tried) -> tuple[float, float]:
            gained = min(one.percent, self.target.percent) - now.percent
            more = one.yuan - now.yuan
            return gained / more if more > 0 else inf, one.percent

        return max(better, key=worth).levels if better else None

    def _give_back(self, at: Levels) -> None:
        """Takes away, a size at a time, what the target does not need."""
        while True:
            smaller = [_with(at, {i: level - 1}) for i, level in enumerate(at) if level]
            self._try(smaller)
            enough = [
                self.tried[s]
                for s in smaller
                if s in self.tried and self.tried[s].percent >= self.target.percent
            ]
            if not enough:
                return
            at = min(enough, key=_cheapest).levels

    def _singles(self, at: Levels) -> Iterator[Levels]:
        for i, level in enumerate(at):
            if level < len(self.options[i]):
                yield _with(at, {i: level + 1})

    def _pairs(self, at: Levels) -> Iterator[Levels]:
        free = [i for i, level in enumerate(at) if level < len(self.options[i])]
        for i, j in combinations(free, 2):
            yield _with(at, {i: at[i] + 1, j: at[j] + 1})

    def _try(self, sets: Sequence[Levels]) -> None:
        """Plans sets that are not known yet; one of which not all runs are done stays unknown."""
        new = [s for s in dict.fromkeys(sets) if s not in self.tried]
        scenarios = [self._scenario(s) for s in new]
        for levels, carried in zip(new, self.laboratory.carry_out(scenarios), strict=True):
            if carried.is_whole:
                shares = [
                    attained(carried.scenario.facts(seed), outcome, self.target)
                    for seed, outcome in carried.outcomes.items()
                ]
                percent = sum(shares) / len(shares)
                yuan = sum(o.yuan for o in taken(self.options, levels))
                self.tried[levels] = Tried(levels, yuan, percent, carried.mean("total_fen"))

    def _scenario(self, levels: Levels) -> Scenario:
        changes = (option.change for option in taken(self.options, levels))
        return self.scenario.having(str(levels), *changes)


def taken(options: Sequence[Sequence[Option]], levels: Levels) -> tuple[Option, ...]:
    """The measures of a set, each in its size."""
    chosen = zip(options, levels, strict=True)
    return tuple(sizes[level - 1] for sizes, level in chosen if level)


def attained(facts: Snapshot, outcome: Outcome, target: Target) -> float:
    """Per cent of the target's clocks that a run keeps; with hours, of all those that run, counted
    from the report on: a visit that is left out keeps none."""
    if target.hours is None:
        return outcome.figures.get(f"{CLOCK}{target.clock}", 1000.0) / _PERMILLE_PER_PERCENT
    kept = counted = 0
    for visit_id, clocks in running_clocks(facts).items():
        if any(clock.kind is target.clock for clock in clocks):
            counted += 1
            appointment = outcome.visits.get(visit_id)
            if appointment is not None:
                visit = facts.visit[visit_id]
                waited_s = (
                    appointment.start_at - facts.order_of(visit).reported_at
                ).total_seconds()
                waited_s += visit.duration_s if target.clock is ClockKind.RESTORE else 0
                kept += waited_s <= target.hours * _HOUR_S
    return 100 * kept / counted if counted else 100.0


def _with(levels: Levels, changed: dict[int, int]) -> Levels:
    return tuple(changed.get(i, level) for i, level in enumerate(levels))
