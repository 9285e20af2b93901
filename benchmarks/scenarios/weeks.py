"""Weeks of Liaoning: how long they take to simulate, and whether they are the same again."""

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.scenarios.frame import Found, Size, say
from scenarios import organisations
from scenarios.bases import named_organisation
from scenarios.simulation.measures import Result
from scenarios.simulation.planner import Effort
from scenarios.simulation.rates import FILE, read_rates
from scenarios.simulation.routine import Routine
from scenarios.simulation.simulate import Setting, Step, simulate
from scenarios.simulation.staffing import staffed
from scenarios.simulation.summary import estimates

WANTED_S = 600
_SAMPLE = "liaoning"
_FIRST = date(2026, 10, 12)
"""A Monday with four ordinary weeks after it: in a week of holidays work would pile up."""
_HOUR_S = 3600
_SHOWN = 16
"""So many letters of a hash are said."""


@dataclass
class _Hashed:
    """A log that nobody keeps: a hash of all its lines, as a file would have them, and what it was
    after each plan. The first line is left out: it says how many days there will be."""

    whole: Any = field(default_factory=hashlib.sha256)
    after_plans: list[str] = field(default_factory=list)
    size: int = 0

    def write(self, line: dict[str, Any]) -> None:
        if line["line"] == "begin":
            return
        said = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
        self.whole.update(said)
        self.size += len(said)
        if line["line"] == "plan":
            self.after_plans.append(self.whole.hexdigest())


def weeks(size: Size) -> Found:
    """All days once, and the first of them again."""
    setting = _setting(size)
    log, again = _Hashed(), _Hashed()
    begin = time.monotonic()
    result = simulate(setting, log.write, _report, lambda: False)
    wall_s = time.monotonic() - begin
    simulate(replace(setting, days=size.days_again), again.write, _report, lambda: False)
    breaches = _broken(result, ZoneInfo(setting.organisation.time_zone))
    if again.after_plans != log.after_plans[: len(again.after_plans)]:
        breaches.append(f"the first {size.days_again} days had another log with the same seed")
    figures = _figures(result)
    return Found(
        f"{size.days} days, {figures['tickets']:.0f} tickets a day,"
        f" {len(setting.organisation.technicians)} technicians, {len(log.after_plans)} plans:"
        f" {wall_s:.0f} s; log {log.whole.hexdigest()[:_SHOWN]}, {size.days_again} days the same"
        " again",
        f"{WANTED_S} s or less for four weeks",
        wall_s <= WANTED_S,
        tuple(breaches),
        {
            "wall_s": round(wall_s, 1),
            "plans": len(log.after_plans),
            "log_sha256": log.whole.hexdigest(),
            "log_bytes": log.size,
            **figures,
            "broken_as_it_went": dict(sum((d.broken for d in result.days), Counter[str]())),
        },
    )


def _broken(result: Result, zone: ZoneInfo) -> list[str]:
    """The rules that plans broke: when, which, where and by how much."""
    return [
        f"{one.at.astimezone(zone):%Y-%m-%d %H:%M} {one.violation.code} {one.violation.subject}"
        f" {one.violation.technician_id or ''}: {one.violation.amount}"
        for day in result.days
        for one in day.plan_violations
    ]


def _setting(size: Size) -> Setting:
    _, organisation = named_organisation(_SAMPLE)
    rates = read_rates(organisations.path_of(_SAMPLE) / FILE)
    return Setting(
        organisation=staffed(organisation, size.staff_percent),
        rates=replace(rates, tickets_per_day=size.tickets),
        routine=Routine(every_s=_HOUR_S),
        first=_FIRST,
        days=size.days,
        effort=Effort(size.search_iterations),
    )


def _figures(result: Result) -> dict[str, float]:
    found = estimates([result])
    return {name: round(e.value, 4) for name, e in found.items() if e.value is not None}


def _report(at: Step) -> None:
    say(f"{at.day}: {at.tickets} tickets, {at.open_visits} open visits, {at.plans} plans")
