"""Pins: what must not change about a visit, whatever plan is made."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dispatch.commands.auditing import note, once
from dispatch.commands.versions import load_version
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin
from dispatch.effects import Effect, effect_of
from dispatch.judged import judged
from dispatch.placing import PlacingError, check_pin
from dispatch.store import queries_plans
from dispatch.store.queries import next_position
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_work import PinRow, PinTechnicianRow

PIN, UNPIN = "plan.pin", "plan.unpin"


@dataclass(frozen=True, slots=True)
class Pinned:
    """The pin of a visit before and after; None: no pin."""

    visit_id: str
    before: Pin | None
    after: Pin | None


def pin(
    session: Session, wanted: Pin, by: str, at: datetime, reason: str = "", key: str | None = None
) -> Pinned:
    """Pins a visit, in the place of the pin that it has. Raises PlacingError."""
    done = once(session, key, PIN, Pinned)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    _check(session, wanted)
    before = pin_of(session, wanted.visit_id)
    write_pin(session, wanted, by, at, reason)
    return _noted(session, PIN, Pinned(wanted.visit_id, before, wanted), by, at, reason, key)


def unpin(
    session: Session, visit_id: str, by: str, at: datetime, reason: str = "", key: str | None = None
) -> Pinned:
    """Takes the pin of a visit away. Raises PlacingError if it has none."""
    done = once(session, key, UNPIN, Pinned)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    before = pin_of(session, visit_id)
    if before is None:
        raise PlacingError(f"Visit {visit_id!r} is not pinned.", f"任务 {visit_id!r} 没有锁定。")
    remove_pin(session, visit_id)
    return _noted(session, UNPIN, Pinned(visit_id, before, None), by, at, reason, key)


def effect_of_pin(session: Session, number: int, visit_id: str, wanted: Pin | None) -> Effect:
    """What a version becomes by a pin, or (None) without the one that there is."""
    version = load_version(session, number, to_change=True)
    snapshot = version.judged.snapshot
    changed = with_pin(snapshot, wanted) if wanted else without_pin(snapshot, visit_id)
    return effect_of(version.judged, judged(changed, version.judged.plan, version.travel))


def pin_of(session: Session, visit_id: str) -> Pin | None:
    """The pin of a visit."""
    row = queries_plans.pin_row(session, visit_id)
    if row is None:
        return None
    beside = queries_plans.pinned_beside(session, visit_id)
    others = tuple(other.technician_id for other in beside)
    return Pin(visit_id, row.technician_id, row.start_at, row.after_visit_id, others)


def write_pin(session: Session, wanted: Pin, by: str, at: datetime, reason: str) -> None:
    """Makes this the pin of its visit."""
    row = queries_plans.pin_row(session, wanted.visit_id)
    if row is None:
        row = PinRow(visit_id=wanted.visit_id, position=next_position(session, PinRow))
        session.add(row)
    row.technician_id, row.start_at = wanted.technician_id, wanted.start_at
    row.after_visit_id = wanted.after_visit_id
    row.pinned_at, row.pinned_by, row.reason, row.imported = at, by, reason, False
    session.flush()
    of_visit = PinTechnicianRow.visit_id == wanted.visit_id
    session.execute(delete(PinTechnicianRow).where(of_visit))
    session.add_all(
        PinTechnicianRow(visit_id=wanted.visit_id, position=i, technician_id=technician_id)
        for i, technician_id in enumerate(wanted.other_technician_ids)
    )
    session.flush()


def remove_pin(session: Session, visit_id: str) -> None:
    """Takes the pin of a visit away, if it has one."""
    session.execute(delete(PinTechnicianRow).where(PinTechnicianRow.visit_id == visit_id))
    session.execute(delete(PinRow).where(PinRow.visit_id == visit_id))


def with_pin(snapshot: Snapshot, wanted: Pin) -> Snapshot:
    """The facts with a pin in the place of the one that the visit has."""
    return replace(snapshot, pins=tuple({**snapshot.pin, wanted.visit_id: wanted}.values()))


def without_pin(snapshot: Snapshot, visit_id: str) -> Snapshot:
    return replace(snapshot, pins=tuple(p for p in snapshot.pins if p.visit_id != visit_id))


def _check(session: Session, wanted: Pin) -> None:
    check_pin(wanted, queries_plans.pinned_after(session))
    for visit_id in filter(None, (wanted.visit_id, wanted.after_visit_id)):
        row = queries_plans.visit_row(session, visit_id)
        if row is None or row.ended_at is not None:
            raise PlacingError(
                f"There is no open visit {visit_id!r}.", f"没有未完成的任务 {visit_id!r}。"
            )
    for technician_id in filter(None, (wanted.technician_id, *wanted.other_technician_ids)):
        if session.get(TechnicianRow, technician_id) is None:
            raise PlacingError(
                f"There is no technician {technician_id!r}.", f"没有技术员 {technician_id!r}。"
            )
    if not (wanted.technician_id or wanted.start_at or wanted.after_visit_id):
        raise PlacingError(
            f"Say what of visit {wanted.visit_id!r} is pinned: the technician, the start or the"
            " visit before it.",
            f"请说明任务 {wanted.visit_id!r} 锁定什么：技术员、开始时间或前一个任务。",
        )


def _noted(
    session: Session,
    command: str,
    done: Pinned,
    by: str,
    at: datetime,
    reason: str,
    key: str | None,
) -> Pinned:
    note(
        session,
        command,
        "visit",
        done.visit_id,
        by,
        at,
        reason=reason,
        before=done.before,
        after=done.after,
        outcome=done,
        key=key,
    )
    return done
