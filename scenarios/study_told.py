"""What a study came to, as it is kept and told: plain values and texts in both languages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from pydantic import TypeAdapter

from dispatch.kpi_rows import KpiUnit
from dispatch.texts import Language, Text
from scenarios.bottlenecks import Bottleneck
from scenarios.changes import Change
from scenarios.compare import Difference
from scenarios.report import bottleneck_report, suggestion_report, sweep_report
from scenarios.statistics import Interval
from scenarios.study import Compared
from scenarios.suggest import Suggestion, Tried
from scenarios.sweep import Step, Sweep


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """One figure without and with the changes: means, as they are shown, and the mean difference
    with the interval in which the true one lies.

    ``low`` and ``high`` are None as long as one run says nothing of chance. ``verdict`` is 1 if it
    is clearly better, −1 if clearly worse, 0 if neither. ``is_same``: with every seed.
    """

    code: str
    label: Text
    unit: KpiUnit
    is_key: bool
    before: Text
    after: Text
    difference: Text
    mean: float
    low: float | None
    high: float | None
    is_clear: bool
    is_same: bool
    verdict: int
    sentence: Text


@dataclass(frozen=True, slots=True)
class ToldHand:
    """A visit that others do now in every run. Nobody: it is left out."""

    visit_id: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    why: Text


@dataclass(frozen=True, slots=True)
class ToldScenario:
    """A scenario beside the baseline, over so many seeds."""

    name: str
    changes: tuple[Text, ...]
    seeds: int
    is_noise: bool
    prices_differ: bool
    sentence: Text
    figures: tuple[ToldFigure, ...]
    hands: tuple[ToldHand, ...]


@dataclass(frozen=True, slots=True)
class ToldSaving:
    """What something saves, on average; ``low`` and ``high`` are None as long as one run says
    nothing of chance. ``label`` says what."""

    label: Text
    fen: int
    low_fen: int | None
    high_fen: int | None
    is_clear: bool


@dataclass(frozen=True, slots=True)
class ToldPoint:
    """A sweep at some values: means over ``seeds`` runs. ``whole_fen`` is what the plan and these
    values cost; ``on_site_percent`` are the visits in time, None if no such clock counts. ``saved``
    is, for each quantity, what each unit more has saved since its value before; None at the first.
    """

    values: tuple[float, ...]
    cost_fen: int
    whole_fen: int
    on_site_percent: float | None
    unassigned: float
    overtime_s: int
    seeds: int
    is_knee: bool
    saved: tuple[ToldSaving | None, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldSweep:
    """A quantity (or two) at several values. ``steps`` are what each unit more saves, along a
    curve."""

    changes: tuple[Text, ...]
    points: tuple[ToldPoint, ...]
    steps: tuple[ToldSaving, ...]
    sentence: Text


@dataclass(frozen=True, slots=True)
class ToldBottlenecks:
    """What relieving each would save, the dearest first."""

    changes: tuple[Text, ...]
    bottlenecks: tuple[ToldSaving, ...]
    sentence: Text


@dataclass(frozen=True, slots=True)
class ToldSet:
    """A set of measures: its price, and what it reaches."""

    text: Text
    yuan: float
    percent: float
    cost_fen: int
    is_best: bool


@dataclass(frozen=True, slots=True)
class ToldSuggestion:
    """The cheapest set that was found, and what each price buys. ``sentences``: the target, the
    answer, how much was tried."""

    changes: tuple[Text, ...]
    is_reached: bool
    frontier: tuple[ToldSet, ...]
    sentences: tuple[Text, ...]


Told = tuple[ToldScenario, ...] | ToldSweep | ToldBottlenecks | ToldSuggestion
TOLD: TypeAdapter[Told] = TypeAdapter(Told)


def told(pair: Compared) -> ToldScenario:
    """A comparison that has a pair of runs at least."""
    found = pair.comparison
    return ToldScenario(
        name=found.after,
        changes=tuple(change.text() for change in pair.after.scenario.changes),
        seeds=found.runs,
        is_noise=found.is_noise,
        prices_differ=found.prices_differ,
        sentence=_both(found.sentence),
        figures=tuple(_figure(one) for one in found.differences),
        hands=tuple(ToldHand(h.visit_id, h.before, h.after, h.why) for h in pair.hands),
    )


def told_sweep(name: str, changes: Sequence[Change], found: Sweep) -> ToldSweep:
    """A sweep that has a point at least."""
    knee = found.knee
    saved = {
        (step.values, step.number): _saving(_upto(step), step.saved_fen) for step in found.steps
    }
    return ToldSweep(
        changes=tuple(change.text() for change in changes),
        points=tuple(
            ToldPoint(
                values=p.values,
                cost_fen=round(p.cost_fen),
                whole_fen=round(p.whole_fen),
                on_site_percent=p.on_site_percent,
                unassigned=p.carried.mean("unassigned"),
                overtime_s=round(p.carried.mean("overtime_s")),
                seeds=len(p.carried.outcomes),
                is_knee=p is knee,
                saved=tuple(saved.get((p.values, number)) for number in range(len(found.axes))),
            )
            for p in found.points
        ),
        steps=tuple(saved.values()) if found.is_curve else (),
        sentence=_both(lambda lang: sweep_report(name, found, lang).lines[0]),
    )


def told_bottlenecks(
    name: str, changes: Sequence[Change], found: Sequence[Bottleneck]
) -> ToldBottlenecks:
    return ToldBottlenecks(
        changes=tuple(change.text() for change in changes),
        bottlenecks=tuple(_saving(b.relief.text, b.saved_fen) for b in found),
        sentence=_both(lambda lang: bottleneck_report(name, found, lang).lines[0]),
    )


def told_suggestion(name: str, changes: Sequence[Change], found: Suggestion) -> ToldSuggestion:
    lines = {lang: suggestion_report(name, found, lang).lines for lang in Language}
    return ToldSuggestion(
        changes=tuple(change.text() for change in changes),
        is_reached=found.is_reached,
        frontier=tuple(
            ToldSet(
                found.text(one.levels),
                one.yuan,
                one.percent,
                round(one.cost_fen),
                one is found.best,
            )
            for one in found.frontier
        ),
        sentences=tuple(map(Text, lines[Language.EN], lines[Language.ZH])),
    )


def _set(found: Suggestion, one: Tried) -> ToldSet:
    text, fen = found.text(one.levels), round(one.cost_fen)
    return ToldSet(text, one.yuan, one.percent, fen, one is found.best)


def _upto(step: Step) -> Text:
    return Text(f"→ {step.value:g}", f"→ {step.value:g}")


def _saving(label: Text, saved_fen: Interval) -> ToldSaving:
    low, high = (round(x) if isfinite(x) else None for x in (saved_fen.low, saved_fen.high))
    return ToldSaving(label, round(saved_fen.mean), low, high, saved_fen.is_clear)


def _figure(one: Difference) -> ToldFigure:
    figure, interval = one.figure, one.interval
    low, high = (x if isfinite(x) else None for x in (interval.low, interval.high))
    return ToldFigure(
        code=figure.code,
        label=figure.label,
        unit=figure.unit,
        is_key=figure.is_key,
        before=_both(lambda lang: figure.with_unit(one.before, lang)),
        after=_both(lambda lang: figure.with_unit(one.after, lang)),
        difference=_both(lambda lang: figure.with_unit(interval.mean, lang, signed=True)),
        mean=interval.mean,
        low=low,
        high=high,
        is_clear=one.is_clear,
        is_same=one.same,
        verdict=one.verdict,
        sentence=_both(one.sentence),
    )


def _both(say: Callable[[Language], str]) -> Text:
    return Text(say(Language.EN), say(Language.ZH))
