"""The promises of a plan that want a backup: visits whose technician may not come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.domain.clocks import sla_rule_of
from dispatch.domain.work import ClockKind, Visit
from dispatch.judged import ClockMargin, JudgedPlan


@dataclass(frozen=True, slots=True)
class Promise:
    """A planned visit that keeps SLA clocks, and one technician who may fail before it.

    At ``told_at`` everybody knows that this technician did not come. Somebody else who starts by
    ``latest_at`` still keeps every clock that the plan keeps, and the promised window.
    """

    visit_id: str
    technician_id: str
    shift_id: str
    start_at: datetime
    told_at: datetime
    latest_at: datetime


@dataclass(frozen=True, slots=True)
class Promises:
    """``kept`` are those that the plan keeps, in order of time; ``unkept`` the visits for which it
    keeps no clock anyway, being late or left out."""

    kept: tuple[Promise, ...]
    unkept: tuple[str, ...]


def promises_of(judged: JudgedPlan) -> Promises:
    """The promises under SLA rules that ask for cover; a crew has one for each member.

    What somebody has begun is none any more.
    """
    snapshot = judged.snapshot
    kept: list[Promise] = []
    unkept: list[str] = []
    latest = latest_starts(judged)
    for visit in snapshot.visits:
        rule = sla_rule_of(snapshot, snapshot.order_of(visit))
        margins = judged.margins[visit.id]
        if rule is None or rule.cover_notice_s is None or not margins:
            continue
        if not any(map(_is_kept, margins)):
            unkept.append(visit.id)
            continue
        notice = timedelta(seconds=rule.cover_notice_s)
        for member in judged.served[visit.id]:
            start_at = member.stop.start_at
            if start_at >= snapshot.now_at:
                told_at = start_at + notice
                shift_id = member.route.shift.id
                promise = Promise(
                    visit.id, member.technician_id, shift_id, start_at, told_at, latest[visit.id]
                )
                kept.append(promise)
    kept.sort(key=lambda p: (p.told_at, p.visit_id, p.technician_id))
    return Promises(tuple(kept), tuple(unkept))


def latest_starts(judged: JudgedPlan) -> Mapping[str, datetime]:
    """Until when planned visits may start so that every clock that the plan keeps is still kept,
    and in their last window; visits with neither are not among them."""
    found = {}
    for visit_id in judged.served:
        visit = judged.snapshot.visit[visit_id]
        ends = [_latest_start(visit, m) for m in judged.margins[visit_id] if _is_kept(m)]
        ends += [w.close_at for w in visit.windows[-1:]]
        if ends:
            found[visit_id] = min(ends)
    return found


def _is_kept(margin: ClockMargin) -> bool:
    return margin.margin_s is not None and margin.margin_s >= 0


def _latest_start(visit: Visit, margin: ClockMargin) -> datetime:
    repairs = margin.clock.kind is ClockKind.RESTORE
    return margin.clock.due_at - timedelta(seconds=visit.duration_s if repairs else 0)
