"""What days come to: figures, and how sure they are."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dispatch.domain.work import ClockKind, Priority
from dispatch.texts import CLOCKS, PRIORITIES, Text
from scenarios.simulation.measures import DayFigures, Result, Tally

_HOUR_S, _WEEK = 3600, 7
_FEN_PER_YUAN = 100
_T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t: with so many degrees of freedom (1 ...) 95 % lie within plus or minus this."""
_NORMAL_95 = 1.960


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that is counted: its name for programs and people, and how. ``percent``: it is a
    ratio, shown in per cent; ``most`` is as much as it can be.

    ``of`` gives None where there is nothing to count.
    """

    name: str
    text: Text
    of: Callable[[Sequence[DayFigures]], float | None]
    percent: bool = False
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over all days that count, and the ends of its 95 % interval (None: too little was
    simulated to say; nothing is below 0, and no part more than the whole). ``samples`` are the
    weeks, or the replications, that it was estimated from."""

    value: float | None
    low: float | None = None
    high: float | None = None
    samples: int = 1


def _per_day(amount: Callable[[DayFigures], float]) -> Callable[[Sequence[DayFigures]], float]:
    return lambda days: sum(map(amount, days)) / len(days)


def _share(
    tally: Callable[[DayFigures], Tally], unit: float = 1.0
) -> Callable[[Sequence[DayFigures]], float | None]:
    def of(days: Sequence[DayFigures]) -> float | None:
        count = sum(tally(d).count for d in days)
        return sum(tally(d).sum for d in days) / count / unit if count else None

    return of


def _clock(kind: ClockKind) -> Callable[[DayFigures], Tally]:
    return lambda day: day.clocks[kind]


def _wait(priority: Priority) -> Callable[[DayFigures], Tally]:
    return lambda day: Tally(len(day.waits_s[priority]), sum(day.waits_s[priority]))


def _paid_and_regular(day: DayFigures) -> Tally:
    work = day.work.values()
    return Tally(sum(w.regular_s for w in work), sum(w.paid_s for w in work))


FIGURES: tuple[Figure, ...] = (
    Figure("tickets", Text("tickets a day", "每日工单"), _per_day(lambda d: d.tickets)),
    Figure(
        "solved_remotely",
        Text("of these solved remotely", "其中远程解决"),
        _share(lambda d: Tally(d.tickets, d.solved_remotely)),
        percent=True,
        most=1.0,
    ),
    Figure("visits", Text("visits a day", "每日上门任务"), _per_day(lambda d: d.visits)),
    Figure(
        "open_visits",
        Text("open visits at night", "当晚未做任务"),
        _per_day(lambda d: d.open_visits),
    ),
    *(
        Figure(
            f"on_time_{kind}",
            Text(f"on time: {CLOCKS[kind].en}", f"按时：{CLOCKS[kind].zh}"),
            _share(_clock(kind)),
            percent=True,
            most=1.0,
        )
        for kind in ClockKind
    ),
    *(
        Figure(
            f"wait_h_{priority}",
            Text(
                f"hours until on site: {PRIORITIES[priority].en}",
                f"到场等待小时：{PRIORITIES[priority].zh}",
            ),
            _share(_wait(priority), _HOUR_S),
        )
        for priority in Priority
    ),
    Figure(
        "first_time_fix",
        Text("fixed at the first visit", "一次修复率"),
        _share(lambda d: d.fixed),
        percent=True,
        most=1.0,
    ),
    Figure(
        "utilisation",
        Text("use of working hours", "工时利用率"),
        _share(_paid_and_regular),
        percent=True,
    ),
    Figure(
        "overtime_h",
        Text("overtime, hours a day", "每日加班小时"),
        _per_day(lambda d: sum(w.overtime_s for w in d.work.values()) / _HOUR_S),
    ),
    Figure(
        "travel_h",
        Text("travel, hours a day", "每日行程小时"),
        _per_day(lambda d: sum(w.travel_s for w in d.work.values()) / _HOUR_S),
    ),
    Figure(
        "travel_km", Text("travel, km a day", "每日行程公里"), _per_day(lambda d: d.travel_m / 1000)
    ),
    Figure("ill", Text("technicians ill", "病假技术员"), _per_day(lambda d: d.ill)),
    Figure(
        "stock_outs",
        Text("visits a day that waited for parts", "每日因缺件等待的任务"),
        _per_day(lambda d: d.stock_outs),
    ),
    Figure(
        "cost_yuan",
        Text("cost, yuan a day", "每日成本（元）"),
        _per_day(lambda d: sum(d.cost_fen.values()) / _FEN_PER_YUAN),
    ),
)


def estimates(results: Sequence[Result]) -> Mapping[str, Estimate]:
    """Each figure by name. Several results are replications (other seeds); of a single one the
    weeks that count are taken as samples, which are less independent than replications."""
    samples = [r.counted for r in results] if len(results) > 1 else _weeks(results[0].counted)
    whole = [day for result in results for day in result.counted]
    return {figure.name: _estimate(figure, whole, samples) for figure in FIGURES}


def cost_by_item(results: Sequence[Result]) -> Mapping[str, int]:
    """Fen a day, by item of the policy, the dearest first."""
    days = [day for result in results for day in result.counted]
    sums: Counter[str] = Counter()
    for day in days:
        sums.update(day.cost_fen)
    return {item: fen // len(days) for item, fen in sums.most_common() if fen} if days else {}


def left_out_a_day(results: Sequence[Result]) -> Mapping[str, float]:
    """Why visits had to wait: how many a day some plan left out, by rule, the most first."""
    days = [day for result in results for day in result.counted]
    sums: Counter[str] = Counter()
    for day in days:
        sums.update(day.left_out)
    return {code: count / len(days) for code, count in sums.most_common()}


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of a mean, by Student's t; None for fewer than two values."""
    if len(values) < 2:
        return None
    freedom = len(values) - 1
    t = _T_95[freedom - 1] if freedom <= len(_T_95) else _NORMAL_95
    half = t * statistics.stdev(values) / math.sqrt(len(values))
    mean = statistics.fmean(values)
    return mean - half, mean + half


def _weeks(days: Sequence[DayFigures]) -> list[Sequence[DayFigures]]:
    whole = len(days) // _WEEK
    return [days[i * _WEEK : (i + 1) * _WEEK] for i in range(whole)]


def _estimate(
    figure: Figure, whole: Sequence[DayFigures], samples: Sequence[Sequence[DayFigures]]
) -> Estimate:
    if not whole:
        return Estimate(None, samples=0)
    values = [v for days in samples if days and (v := figure.of(days)) is not None]
    ends = interval(values)
    low, high = (None, None) if ends is None else (max(0.0, ends[0]), min(figure.most, ends[1]))
    return Estimate(figure.of(whole), low, high, len(values))
