"""Which SLA clocks a work order has, and when they run out."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from dispatch.domain.calendars import Calendar, add_open_time, open_time_between
from dispatch.domain.places import Customer, Site
from dispatch.domain.sla import Clock, ProvinceRelation, SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Gate, WorkOrder


def clocks_of(snapshot: Snapshot, work_order: WorkOrder) -> tuple[Clock, ...]:
    """The clocks of the first SLA rule that matches, in the rule's order; none if none matches."""
    rule = sla_rule_of(snapshot, work_order)
    if rule is None:
        return ()
    calendars = {c.id: c for c in snapshot.calendars}
    pauses = _pauses(work_order.gates, snapshot.now_at)
    return tuple(
        Clock(
            kind=terms.kind,
            due_at=_due_at(
                calendars[terms.calendar_id], work_order.reported_at, terms.length_s, pauses
            ),
            breach_fen=terms.breach_fen,
            late_fen_per_h=terms.late_fen_per_h,
            stopped_at=_recorded_at(work_order, terms.kind),
        )
        for terms in rule.clocks
    )


def sla_rule_of(snapshot: Snapshot, work_order: WorkOrder) -> SlaRule | None:
    """The first SLA rule that matches."""
    site = snapshot.site[work_order.site_id]
    customer = snapshot.customer[site.customer_id]
    in_province = site.province == snapshot.home_province
    relation = ProvinceRelation.IN_PROVINCE if in_province else ProvinceRelation.OUT_OF_PROVINCE
    for rule in snapshot.sla_rules:
        if rule.relation in (None, relation) and _matches(rule, work_order, site, customer):
            return rule
    return None


def _matches(rule: SlaRule, work_order: WorkOrder, site: Site, customer: Customer) -> bool:
    return (
        rule.province in (None, site.province)
        and rule.city in (None, site.city)
        and rule.product in (None, work_order.product)
        and rule.tier in (None, customer.tier)
        and rule.priority in (None, work_order.priority)
    )


def _pauses(gates: Iterable[Gate], now_at: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when each gate waits for the customer, sorted; they may overlap.

    A gate that is open now is waited for at least until now, however early it was expected.
    """
    return sorted(
        (gate.opened_at, gate.passed_at or max(gate.expected_at or now_at, now_at))
        for gate in gates
        if gate.waits_for_customer
    )


def _due_at(
    calendar: Calendar,
    reported_at: datetime,
    length_s: int,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    """The instant by which the clock has run ``length_s`` of open time outside the pauses."""
    runs_from, left_s = reported_at, length_s
    for paused_at, resumed_at in pauses:
        run_s = open_time_between(calendar, runs_from, paused_at)
        if run_s >= left_s:
            break
        left_s -= run_s
        runs_from = max(runs_from, paused_at, resumed_at)
    return add_open_time(calendar, runs_from, left_s)


def _recorded_at(work_order: WorkOrder, kind: ClockKind) -> datetime | None:
    events = {
        ClockKind.RESPOND: work_order.responded_at,
        ClockKind.ARRIVE: work_order.arrived_at,
        ClockKind.RESTORE: work_order.restored_at,
    }
    return events[kind]
