"""Two scenarios by the same seeds: what differs, how sure that is, and what it means in words.

Each figure's differences are paired by seed. The interval is that of Student's t: with the five or
ten runs that people wait for no other is narrower and keeps its word, and the figures of plans are
near enough to normal. Many figures are looked at together, so each interval is made so wide that
all of one comparison hold together with 98 % (Bonferroni): half of what may go wrong is for the key
figures, half for their parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf

from dispatch.domain.snapshot import Snapshot
from dispatch.texts import Language, Text
from scenarios.figures import Figure, figures_of
from scenarios.outcome import LOAD, Outcome
from scenarios.scenario import BASELINE
from scenarios.statistics import Interval, paired

LEVEL = 0.02
"""The chance that anything is said of a comparison that is but noise."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure in two scenarios: means, and the mean difference with its interval."""

    figure: Figure
    before: float
    after: float
    interval: Interval
    runs: int

    @property
    def is_clear(self) -> bool:
        """Whether it can be told from noise."""
        return self.interval.is_clear

    @property
    def same(self) -> bool:
        """Whether it is the same with every seed."""
        return self.runs > 1 and self.interval == Interval(0.0, 0.0, 0.0)

    @property
    def verdict(self) -> int:
        """1 if it is clearly better, −1 if clearly worse, 0 otherwise."""
        if not self.is_clear:
            return 0
        return self.figure.better if self.interval.mean > 0 else -self.figure.better

    def word(self, lang: Language) -> str:
        """What that means, in one word."""
        if self.same:
            return lang.pick("same", "相同")
        if not self.is_clear:
            return lang.pick("noise", "波动")
        words = {
            1: Text("better", "改善"),
            -1: Text("worse", "变差"),
            0: Text("clear", "明确"),
        }
        return words[self.verdict].say(lang)

    def sentence(self, lang: Language) -> str:
        """What that means, in one plain sentence."""
        label, mean = self.figure.label.say(lang), self.interval.mean
        if self.same:
            return Text(f"{label}: the same with every seed.", f"{label}：每个种子下都相同。").say(
                lang
            )
        by = self.figure.with_unit(mean, lang, signed=True)
        if isinf(self.interval.high):
            return Text(
                f"{label}: {by}; so few runs say nothing of chance, give more seeds.",
                f"{label}：相差 {by}；运行次数太少，无法判断是否偶然，请增加种子数。",
            ).say(lang)
        low, high = (
            self.figure.with_unit(x, lang, signed=True)
            for x in (self.interval.low, self.interval.high)
        )
        if not self.is_clear:
            return Text(
                f"{label}: {by} on average, between {low} and {high}: cannot be told from noise.",
                f"{label}：平均相差 {by}，区间 {low} 至 {high}：与随机波动无法区分。",
            ).say(lang)
        more = mean > 0
        how = {
            1: Text(", for the better", "，有所改善"),
            -1: Text(", for the worse", "，有所变差"),
            0: Text("", ""),
        }[self.verdict]
        return Text(
            f"{label} {'rises' if more else 'falls'} by {by.lstrip('+−')} (between {low} and"
            f" {high}){how.en}: more than noise.",
            f"{label}{'上升' if more else '下降'} {by.lstrip('+−')}（{low} 至 {high}）{how.zh}："
            "超出随机波动。",
        ).say(lang)


@dataclass(frozen=True)
class Comparison:
    """What one scenario is against another."""

    before: str
    after: str
    runs: int
    differences: tuple[Difference, ...]
    prices_differ: bool

    @property
    def is_noise(self) -> bool:
        """Whether nothing can be told from noise."""
        return not any(d.is_clear for d in self.differences)

    def names(self, lang: Language) -> tuple[str, str]:
        """What the two are called: a baseline has no name of its own."""
        before = lang.pick(BASELINE, "基准") if self.before == BASELINE else self.before
        return before, self.after

    @property
    def key(self) -> tuple[Difference, ...]:
        return tuple(d for d in self.differences if d.figure.is_key)

    @property
    def parts(self) -> tuple[Difference, ...]:
        return tuple(d for d in self.differences if not d.figure.is_key)

    def of(self, code: str) -> Difference:
        return next(d for d in self.differences if d.figure.code == code)

    def sentence(self, lang: Language) -> str:
        """The whole in one sentence."""
        clear = [d for d in self.key if d.is_clear]
        if self.is_noise:
            return Text(
                f"Nothing can be told from noise over {self.runs} seeds.",
                f"在 {self.runs} 个种子下，所有差异都与随机波动无法区分。",
            ).say(lang)
        names = lang.pick(", ", "、").join(d.figure.label.say(lang) for d in clear)
        return Text(
            f"More than noise over {self.runs} seeds: {names or 'parts only, see below'}.",
            f"在 {self.runs} 个种子下超出随机波动的有：{names or '仅分项，见下'}。",
        ).say(lang)


def compare(
    names: tuple[str, str],
    facts: tuple[Snapshot, Snapshot],
    before: Mapping[int, Outcome],
    after: Mapping[int, Outcome],
) -> Comparison:
    """Compares by the seeds that both have outcomes of, of which there has to be one at least.

    ``facts`` are those of any run: names of technicians, and prices.
    """
    seeds = [seed for seed in before if seed in after]
    pairs = [(before[seed].figures, after[seed].figures) for seed in seeds]
    codes = [code for sides in pairs for figures in sides for code in figures]
    everybody = facts[1] if len(facts[1].technicians) > len(facts[0].technicians) else facts[0]
    figures = [f for f in figures_of(codes, everybody) if _in_both(f, pairs)]
    n_keys = sum(f.is_key for f in figures)
    found = []
    for figure in figures:
        share = LEVEL / 2 / max(1, n_keys if figure.is_key else len(figures) - n_keys)
        sides = [(x.get(figure.code, 0.0), y.get(figure.code, 0.0)) for x, y in pairs]
        interval = paired([y - x for x, y in sides], share, figure.step)
        before_mean, after_mean = (sum(side) / len(sides) for side in zip(*sides, strict=True))
        found.append(Difference(figure, before_mean, after_mean, interval, len(sides)))
    prices = tuple((f.policy, tuple(r.clocks for r in f.sla_rules)) for f in facts)
    return Comparison(*names, len(pairs), tuple(found), prices[0] != prices[1])


def _in_both(
    figure: Figure, pairs: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]
) -> bool:
    """Somebody who is there in one of them only has no load to compare, nor has a clock that does
    not count; what a plan does not pay for is nothing."""
    whole = figure.code.startswith(LOAD) or figure.is_key
    return not whole or all(figure.code in side for sides in pairs for side in sides)
