"""Simulated days of all replications side by side, put together to the columns of charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from dispatch.domain.work import Priority
from dispatch.texts import Language
from scenarios.period_charts import Line, Mark
from scenarios.simulation.measures import DayFigures, Result
from scenarios.simulation.simulate import Setting
from scenarios.simulation.summary import FIGURES, Figure

BY_NAME = {figure.name: figure for figure in FIGURES}
_LENGTHS = (1, 7, 28)
"""How many days a column may stand for."""
_PERCENT, _PERMILLE, _HOUR_S = 100, 1000, 3600
_DAY = timedelta(days=1)

Period = tuple[date, ...]
"""The days of a column."""


@dataclass(frozen=True)
class Lived:
    """What was simulated, and what came of it with each seed."""

    setting: Setting
    results: tuple[Result, ...]
    lang: Language

    @cached_property
    def days(self) -> dict[date, list[DayFigures]]:
        """All days that were simulated, in their order, with all replications."""
        found: dict[date, list[DayFigures]] = {}
        for result in self.results:
            for day in result.days:
                found.setdefault(day.day, []).append(day)
        return dict(sorted(found.items()))

    @cached_property
    def counted(self) -> list[DayFigures]:
        return [day for result in self.results for day in result.counted]

    def periods(self, most: int) -> list[Period]:
        """The days in columns of equal length, as short as ``most`` columns allow."""
        days = list(self.days)
        length = next((n for n in _LENGTHS if len(days) <= n * most), _LENGTHS[-1])
        return [tuple(days[i : i + length]) for i in range(0, len(days), length)]

    def line(self, name: str, periods: Sequence[Period], *, has_band: bool = False) -> Line:
        """A figure of FIGURES over the columns, shares in per cent; the band goes from the lowest
        replication to the highest."""
        figure = BY_NAME[name]
        said = figure.text.say(self.lang)
        values = tuple(scaled(figure, self._of(period)) for period in periods)
        if not has_band or len(self.results) == 1:
            return Line(said, values)
        runs = [{day.day: day for day in result.days} for result in self.results]
        each = [
            [
                value
                for run in runs
                if (value := scaled(figure, [run[d] for d in period if d in run])) is not None
            ]
            for period in periods
        ]
        lows, highs = (tuple(end(v, default=None) for v in each) for end in (min, max))
        return Line(said, values, lows, highs)

    def marks(self, periods: Sequence[Period]) -> tuple[Mark, ...]:
        """Warm-up and spells."""
        setting = self.setting
        last = setting.first + (setting.warm_up - 1) * _DAY
        warm_up = self.lang.pick("warm-up", "预热")
        found = [_mark(warm_up, setting.first, last, periods, is_quiet=True)]
        found += [_mark(s.name, s.first, s.last, periods) for s in setting.spells]
        return tuple(mark for mark in found if mark is not None)

    def absent(self, day: date) -> int:
        """Technicians of whom it was known that they are away then, if only for an hour."""
        organisation = self.setting.organisation
        zone = ZoneInfo(organisation.time_zone)
        start_at = datetime.combine(day, time(0), zone)
        end_at = datetime.combine(day + _DAY, time(0), zone)
        return sum(
            any(a.start_at < end_at and a.end_at > start_at for a in technician.absences)
            for technician in organisation.technicians
        )

    def waits_h(self, priority: Priority) -> list[float]:
        """Hours from the report until somebody was on site, in rising order."""
        return sorted(s / _HOUR_S for day in self.counted for s in day.waits_s[priority])

    def use_permille(self, ids: frozenset[str], period: Period) -> float | None:
        """The paid time of technicians over their regular shifts; None if they have none."""
        days = self._of(period)
        works = [day.work[one] for day in days for one in ids if one in day.work]
        regular_s = sum(work.regular_s for work in works)
        return _PERMILLE * sum(work.paid_s for work in works) / regular_s if regular_s else None

    def _of(self, period: Period) -> list[DayFigures]:
        return [figures for day in period for figures in self.days[day]]


def scaled(figure: Figure, days: Sequence[DayFigures]) -> float | None:
    """A figure over some days, shares in per cent; None if there is nothing to count."""
    value = figure.of(days) if days else None
    return _PERCENT * value if value is not None and figure.percent else value


def _mark(
    name: str, first: date, last: date, periods: Sequence[Period], *, is_quiet: bool = False
) -> Mark | None:
    """The columns that have any of these days."""
    columns = [i for i, days in enumerate(periods) if days[0] <= last and first <= days[-1]]
    return Mark(columns[0], columns[-1], name, is_quiet) if columns else None
