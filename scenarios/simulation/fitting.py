"""Rates from what an organisation has on record: counted, and drawn towards the mean where little
was counted."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.domain.errors import DispatchError
from dispatch.domain.events import EventKind, Failure, FailureReason
from dispatch.domain.life import Life
from dispatch.domain.route_times import seconds_between
from dispatch.domain.work import Priority
from dispatch.texts import Text
from scenarios.simulation.rates import HOURS, WEEKDAYS, Durations, Flow, Rates

_LEAST_DAYS = 7
_TYPICAL_TICKETS = 20.0
"""Of each part of a count so much is taken from the whole: counts far above that speak for
themselves."""
_TYPICAL_DAYS = 2.0
_USUAL_SIGMA = 0.3
_PARTS = (FailureReason.WRONG_PART, FailureReason.MISSING_PART)
_AWAY = (FailureReason.CUSTOMER_ABSENT, FailureReason.NO_ACCESS)


class FitError(DispatchError):
    """A record that says too little."""


@dataclass(frozen=True, slots=True)
class _Report:
    at: datetime
    city: str
    product: str


def fitted(
    lives: Sequence[Life], cities: Mapping[str, str], zone: ZoneInfo, assumed: Rates
) -> Rates:
    """The rates that the lives of work orders show; ``cities`` are by site.

    What nobody has recorded is taken from ``assumed``, and said. Raises FitError for less than a
    week of reports.
    """
    reports = [_report(life, cities, zone) for life in lives]
    if not reports:
        raise _too_short(0)
    first = min(r.at for r in reports).date()
    days = (max(r.at for r in reports).date() - first).days + 1
    if days < _LEAST_DAYS:
        raise _too_short(days)
    durations, not_timed = _durations(lives)
    remote = _remote(lives)
    away, wrong, visits = _failures(lives)
    return replace(
        assumed,
        tickets_per_day=len(reports) / days,
        flows=_flows(reports),
        weekdays=_weekdays(reports, first, days),
        hours=_hours(reports),
        remote=assumed.remote if remote is None else remote,
        durations=durations or assumed.durations,
        customer_away=_drawn(away, visits, assumed.customer_away),
        wrong_part=_drawn(wrong, visits, assumed.wrong_part),
        assumed=tuple(_said(len(reports), days, visits, remote is None, not durations, not_timed)),
    )


def _too_short(days: int) -> FitError:
    return FitError(
        f"The record has tickets of {days} days; rates need {_LEAST_DAYS} or more.",
        f"记录中只有 {days} 天的工单；拟合发生率至少需要 {_LEAST_DAYS} 天。",
    )


def _report(life: Life, cities: Mapping[str, str], zone: ZoneInfo) -> _Report:
    order = life.work_order
    return _Report(order.reported_at.astimezone(zone), cities[order.site_id], order.product)


def _flows(reports: Iterable[_Report]) -> tuple[Flow, ...]:
    """Cities times products, each count drawn towards what the city and the product say apart."""
    both = Counter((r.city, r.product) for r in reports)
    city, product = Counter[str](), Counter[str]()
    for (c, p), n in both.items():
        city[c] += n
        product[p] += n
    total = both.total()
    return tuple(
        Flow(c, p, round(_shrunk(n, city[c] * product[p] / total), 4))
        for (c, p), n in sorted(both.items())
    )


def _shrunk(counted: int, expected: float) -> float:
    """The posterior mean of a Poisson count with a gamma prior: the more was counted, the less the
    expectation weighs."""
    weight = counted / (counted + _TYPICAL_TICKETS)
    return weight * counted + (1 - weight) * expected


def _weekdays(reports: Iterable[_Report], first: date, days: int) -> tuple[float, ...]:
    counted = Counter(r.at.weekday() for r in reports)
    mean = counted.total() / days
    seen = Counter((first + timedelta(days=n)).weekday() for n in range(days))
    return tuple(
        round((counted[d] + _TYPICAL_DAYS * mean) / (seen[d] + _TYPICAL_DAYS) / mean, 4)
        for d in range(WEEKDAYS)
    )


def _hours(reports: Iterable[_Report]) -> tuple[float, ...]:
    counted = Counter(r.at.hour for r in reports)
    mean = counted.total() / HOURS
    return tuple(round(_shrunk(counted[h], mean) / mean, 4) for h in range(HOURS))


def _durations(lives: Iterable[Life]) -> tuple[tuple[Durations, ...], int]:
    """By product, log-normal: how much longer repairs took than planned; and how many visits have
    no times. The mean and spread of each product are drawn towards those of all."""
    logs: dict[str, list[float]] = {}
    not_timed = 0
    for life in lives:
        for planned_s, took_s in _repairs(life):
            if took_s > 0 and planned_s > 0:
                logs.setdefault(life.work_order.product, []).append(math.log(took_s / planned_s))
            else:
                not_timed += 1
    every = [log for found in logs.values() for log in found]
    if not every:
        return (), not_timed
    mean, sigma = _moments(every, 0.0, _USUAL_SIGMA)
    found = [Durations("", round(math.exp(mean + sigma**2 / 2), 4), round(sigma, 4))]
    for product in sorted(logs):
        own, spread = _moments(logs[product], mean, sigma)
        found.append(Durations(product, round(math.exp(own + spread**2 / 2), 4), round(spread, 4)))
    return tuple(found), not_timed


def _moments(logs: Sequence[float], mean: float, sigma: float) -> tuple[float, float]:
    """Mean and standard deviation, as if some more had been seen with the given ones."""
    count = len(logs) + _TYPICAL_TICKETS
    middle = (sum(logs) + _TYPICAL_TICKETS * mean) / count
    squares = sum((log - middle) ** 2 for log in logs)
    squares += _TYPICAL_TICKETS * (sigma**2 + (mean - middle) ** 2)
    return middle, math.sqrt(squares / count)


def _repairs(life: Life) -> Iterator[tuple[int, int]]:
    """Planned and real seconds of the repairs on record."""
    arrived: dict[str, datetime] = {}
    for event in life.events:
        if event.visit_id is None:
            continue
        if event.kind is EventKind.ARRIVED:
            arrived.setdefault(event.visit_id, event.happened_at)
        elif event.kind is EventKind.REPAIRED and event.visit_id in arrived:
            took_s = seconds_between(arrived.pop(event.visit_id), event.happened_at)
            yield life.visit[event.visit_id].duration_s, took_s


def _remote(lives: Iterable[Life]) -> float | None:
    """The share solved remotely, of what is no planned work; None if nobody has diagnosed
    anything."""
    counted: Counter[EventKind] = Counter()
    for life in lives:
        if life.work_order.priority is not Priority.LOW:
            kinds = {e.kind for e in life.events}
            counted.update(kinds & {EventKind.SOLVED_REMOTELY, EventKind.ON_SITE_NEEDED})
    solved, needed = counted[EventKind.SOLVED_REMOTELY], counted[EventKind.ON_SITE_NEEDED]
    return round(solved / (solved + needed), 4) if solved + needed else None


def _failures(lives: Iterable[Life]) -> tuple[int, int, int]:
    """Visits that found nobody, or had the wrong parts, and all that are over."""
    away = wrong = over = 0
    for life in lives:
        for event in life.events:
            over += event.kind in (EventKind.SIGNED_OFF, EventKind.VISIT_FAILED)
            if isinstance(event.details, Failure):
                away += event.details.reason in _AWAY
                wrong += event.details.reason in _PARTS
    return away, wrong, over


def _drawn(counted: int, of: int, usual: float) -> float:
    return round((counted + usual * _TYPICAL_TICKETS) / (of + _TYPICAL_TICKETS), 4)


def _said(
    tickets: int, days: int, visits: int, no_remote: bool, no_times: bool, not_timed: int
) -> Iterator[Text]:
    yield Text(
        f"Counted: {tickets} tickets on {days} days, {visits} visits that are over. Bursts,"
        " times of the"
        " desk, how drives spread, illness and deliveries are assumed.",
        f"实测：{days} 天 {tickets} 张工单，{visits} 个已结束的任务。"
        "突发高峰、服务台时长、行程波动、病假和补货为假定。",
    )
    if no_remote:
        yield Text(
            "Assumed: the share solved remotely; no diagnosis is on record.",
            "假定：远程解决率；记录中没有诊断结果。",
        )
    if no_times:
        yield Text(
            "Assumed: how long repairs take; no arrival and repair is on record.",
            "假定：维修时长；记录中没有到场和修复时刻。",
        )
    elif not_timed:
        yield Text(
            f"{not_timed} repairs without a length were left out.",
            f"{not_timed} 次维修没有时长，未计入。",
        )
