"""What a study came to, as it is kept and told: plain values and texts in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from pydantic import TypeAdapter

from dispatch.kpi_rows import KpiUnit
from dispatch.texts import Language, Text
from scenarios.compare import Difference
from scenarios.study import Compared


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


TOLD: TypeAdapter[tuple[ToldScenario, ...]] = TypeAdapter(tuple[ToldScenario, ...])


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
