"""A tiny organisation for simulations: one station, one or two technicians, one site, no chance."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any

from dispatch.domain.calendars import Calendar
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot
from dispatch.domain.people import BreakPattern, ShiftPattern
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.work import ClockKind, Priority
from scenarios.simulation.measures import Result
from scenarios.simulation.planner import Effort
from scenarios.simulation.rates import Bursts, Desk, Durations, Flow, Illness, Rates
from scenarios.simulation.routine import Routine
from scenarios.simulation.simulate import Setting, simulate
from tests.builders import (
    TIME_ZONE,
    a_snapshot,
    a_technician,
    a_visit,
    a_work_order,
    at,
    quantities,
)

MONDAY = date(2026, 10, 12)
HOUR_S = 3600
CERTAIN = Rates(
    tickets_per_day=3.0,
    flows=(Flow("Shenyang", "terminal", 1.0),),
    hours=tuple(float(5 <= hour < 16) for hour in range(24)),
    bursts=Bursts(per_week=0.0),
    desk=Desk(sigma=0.0),
    remote=0.0,
    durations=(Durations("", 1.0, 0.0),),
    travel_sigma=0.0,
    customer_away=0.0,
    wrong_part=0.0,
    illness=Illness(per_1000_days=0.0),
)
"""Tickets come by chance; all else goes as planned."""
WILD = replace(
    CERTAIN,
    tickets_per_day=8.0,
    remote=0.3,
    durations=(Durations("", 1.1, 0.5),),
    travel_sigma=0.3,
    customer_away=0.15,
    wrong_part=0.2,
    illness=Illness(per_1000_days=80.0, days=2.0),
)
OFTEN = Routine(every_s=3 * HOUR_S)
AT_ONCE = Routine(at_once=True)


def an_organisation(technicians: int = 2, **fields: Any) -> Organisation:  # noqa: ANN401
    """Work orders of three kinds: plain, with a part, and an emergency."""
    visits = (
        a_visit("V1", work_order_id="O1"),
        a_visit("V2", work_order_id="O2", parts=quantities(sim=1), duration_s=5400),
        a_visit("V3", work_order_id="O3", run_in_s=HOUR_S),
    )
    orders = (
        a_work_order("O1"),
        a_work_order("O2"),
        a_work_order("O3", priority=Priority.EMERGENCY),
    )
    people = [
        a_technician(f"T{n + 1}", shifts=(), van_stock=quantities(sim=2))
        for n in range(technicians)
    ]
    facts = a_snapshot(visits, people, work_orders=orders)
    rest = BreakPattern(time(11, 30), time(13), 2700)
    patterns = tuple(
        ShiftPattern(
            t.id, "Mon,Tue,Wed,Thu,Fri", time(8), time(17), max_overtime_s=HOUR_S, breaks=(rest,)
        )
        for t in people
    )
    terms = (
        ClockTerms(ClockKind.ARRIVE, 12 * HOUR_S, "always", 10_000, 1_000),
        ClockTerms(ClockKind.RESTORE, 24 * HOUR_S, "always", 10_000, 1_000),
    )
    organisation = Organisation(
        id="tiny",
        name="Tiny",
        home_province=facts.home_province,
        time_zone=TIME_ZONE,
        planning_at=at(7),
        horizon_days=2,
        shift_calendar_id="always",
        stations=facts.stations,
        customers=facts.customers,
        sites=facts.sites,
        parts=facts.parts,
        lots=(Lot("L1", "S1", "sim", 20, at(0)),),
        technicians=facts.technicians,
        shift_patterns=patterns,
        work_orders=facts.work_orders,
        visits=facts.visits,
        calendars=(Calendar("always", TIME_ZONE),),
        sla_rules=(SlaRule("all", clocks=terms),),
    )
    return replace(organisation, **fields)


def a_setting(rates: Rates = WILD, routine: Routine = OFTEN, **fields: Any) -> Setting:  # noqa: ANN401
    organisation = fields.pop("organisation", an_organisation())
    setting = Setting(
        organisation, rates, routine, MONDAY, days=2, effort=Effort(iterations=20, cores=1)
    )
    return replace(setting, **fields)


def lived(setting: Setting) -> tuple[Result, list[dict[str, Any]]]:
    """The result and the lines of the log."""
    lines: list[dict[str, Any]] = []
    return simulate(setting, lines.append, lambda _: None, lambda: False), lines


def of_kind(lines: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["line"] == "event" and line["kind"] == kind]
