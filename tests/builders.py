"""Small snapshots and plans for tests. The smallest example:

    snapshot = a_snapshot(visits=[a_visit("V1", skills=(SkillNeed("camera"),))])
    plan = a_plan(a_route("V1"))
    verdict = judge(snapshot, plan, FlatLegs())
    assert broken(verdict, "skill") == [("V1", 1)]

It is Monday 28 September 2026 in Shanghai; technician T1 of station S1 works 08:00-17:00 on three
days (shifts ``T1@0``, ``T1@1``, ``T1@2``). Each visit takes an hour and has a work order of its own
at site A, in territory ``north``, which everybody covers. Half an hour and 20 km lie between any
two places. Nothing costs anything unless a policy says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dispatch.domain.calendars import Calendar
from dispatch.domain.parts import Part, PartQuantity
from dispatch.domain.people import Shift, Technician, TerritoryCover
from dispatch.domain.places import Customer, Point, Site, Station, StationKind
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.policy import Policy, UnassignedPrices
from dispatch.domain.referee import Verdict
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Priority, Visit, WorkOrder

TIME_ZONE = "Asia/Shanghai"
ALWAYS = Calendar("always", TIME_ZONE)
START_AT = datetime(2026, 9, 27, 16, tzinfo=UTC)
"""Monday, local midnight."""


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    """A local time of a day of the horizon (day 0 is Monday), in UTC."""
    return START_AT + timedelta(days=day, hours=hour, minutes=minute)


@dataclass(frozen=True)
class FlatLegs:
    """Travel that is the same everywhere, but for the pairs in ``table`` (both ways)."""

    seconds: int = 1800
    metres: int = 20_000
    table: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def leg(self, from_id: str, to_id: str) -> tuple[int, int]:
        for pair in ((from_id, to_id), (to_id, from_id)):
            if pair in self.table:
                return self.table[pair]
        return self.seconds, self.metres


# ------------------------------------------------------------------------------------- facts


def a_policy(unassigned_fen: int = 0, **prices: int) -> Policy:
    """Nothing costs anything but what is given."""
    return Policy("test", UnassignedPrices(*(unassigned_fen,) * 4), **prices)


# Builders take any field of what they build; typing each of them again would hide the defaults.


def a_station(station_id: str = "S1", **fields: Any) -> Station:  # noqa: ANN401
    point = Point(41.8, 123.4)
    station = Station(station_id, "Base", StationKind.STATION, point, "Liaoning", "Shenyang")
    return replace(station, **fields)


def a_site(site_id: str = "A", **fields: Any) -> Site:  # noqa: ANN401
    point = Point(41.9, 123.5)
    site = Site(site_id, f"Site {site_id}", "C1", point, "Liaoning", "Shenyang", "north")
    return replace(site, **fields)


def a_shift(
    technician_id: str = "T1",
    day: int = 0,
    start: int = 8,
    end: int = 17,
    **fields: Any,  # noqa: ANN401
) -> Shift:
    """A shift between two full hours of a day."""
    shift = Shift(f"{technician_id}@{day}", at(start, day=day), at(end, day=day))
    return replace(shift, **fields)


def a_technician(technician_id: str = "T1", **fields: Any) -> Technician:  # noqa: ANN401
    technician = Technician(
        technician_id,
        f"Technician {technician_id}",
        "S1",
        territories=(TerritoryCover("north"),),
        shifts=tuple(a_shift(technician_id, day) for day in range(3)),
    )
    return replace(technician, **fields)


def a_work_order(order_id: str = "W1", site_id: str = "A", **fields: Any) -> WorkOrder:  # noqa: ANN401
    order = WorkOrder(order_id, site_id, "terminal", Priority.NORMAL, START_AT)
    return replace(order, **fields)


def a_visit(visit_id: str = "V1", site: str = "A", **fields: Any) -> Visit:  # noqa: ANN401
    """An hour's visit, whose work order ``a_snapshot`` makes unless it is given one."""
    return replace(Visit(visit_id, f"{visit_id}@{site}", 3600), **fields)


def clocks(*due: tuple[ClockKind, datetime], **prices: int) -> tuple[SlaRule, ...]:
    """An SLA rule for every work order that is reported at the start of the horizon."""
    terms = tuple(
        ClockTerms(kind, round((due_at - START_AT).total_seconds()), ALWAYS.id, **prices)
        for kind, due_at in due
    )
    return (SlaRule("all", clocks=terms),)


def a_snapshot(
    visits: Sequence[Visit] | None = None,
    technicians: Sequence[Technician] | None = None,
    sites: Sequence[Site] = (),
    work_orders: Sequence[WorkOrder] = (),
    **fields: Any,  # noqa: ANN401
) -> Snapshot:
    """V1, T1 and S1 unless others are given, and all work orders and sites that these name.

    The parts ``camera`` (``camera2`` is its substitute), ``camera2`` and ``sim`` are known.
    """
    visits = [a_visit()] if visits is None else visits
    technicians = [a_technician()] if technicians is None else technicians
    unknown = {v.work_order_id for v in visits} - {order.id for order in work_orders}
    orders = (*work_orders, *(a_work_order(o, o.split("@")[1]) for o in sorted(unknown)))
    other_sites = {order.site_id for order in orders} - {site.id for site in sites}
    snapshot = Snapshot(
        organisation="test",
        home_province="Liaoning",
        time_zone=TIME_ZONE,
        start_at=START_AT,
        end_at=START_AT + timedelta(days=3),
        now_at=START_AT,
        policy=a_policy(),
        stations=(a_station(),),
        customers=(Customer("C1", "Customer C1"),),
        sites=(*sites, *(a_site(s) for s in sorted(other_sites))),
        parts=(Part("camera", "Camera", ("camera2",)), Part("camera2", "New"), Part("sim", "SIM")),
        lots=(),
        technicians=tuple(technicians),
        work_orders=orders,
        visits=tuple(visits),
        calendars=(ALWAYS,),
    )
    return replace(snapshot, **fields)


# -------------------------------------------------------------------------------------- plans


def quantities(**units: int) -> tuple[PartQuantity, ...]:
    """``quantities(sim=2, camera=1)``"""
    return tuple(PartQuantity(part_id, quantity) for part_id, quantity in units.items())


def visit_stop(visit_id: str, **units: int) -> Stop:
    """A visit that uses so many units of parts."""
    return Stop(StopKind.VISIT, visit_id=visit_id, parts=quantities(**units))


def pickup_stop(
    station_id: str = "S1",
    tools: tuple[str, ...] = (),
    not_before_at: datetime | None = None,
    **units: int,
) -> Stop:
    return Stop(
        StopKind.PICKUP,
        station_id=station_id,
        parts=quantities(**units),
        tools=tools,
        not_before_at=not_before_at,
    )


def break_stop(index: int = 0) -> Stop:
    return Stop(StopKind.BREAK, index=index)


def absence_stop(index: int = 0) -> Stop:
    return Stop(StopKind.ABSENCE, index=index)


def a_route(
    *stops: Stop | str, technician_id: str = "T1", day: int = 0, ends_away: bool = False
) -> Route:
    """A route in the technician's shift of that day; a stop that is a string is a visit's id."""
    return Route(
        technician_id,
        f"{technician_id}@{day}",
        tuple(visit_stop(s) if isinstance(s, str) else s for s in stops),
        ends_away,
    )


def a_plan(*routes: Route) -> Plan:
    return Plan(routes)


# ------------------------------------------------------------------------------------ verdicts


def broken(verdict: Verdict, code: str) -> list[tuple[str, int]]:
    """Subject and amount of each violation of a rule."""
    return [(v.subject, v.amount) for v in verdict.violations if v.code == code]
