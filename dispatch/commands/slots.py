"""Slots in the record: asked for, held for a while, made promises, released."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note, once
from dispatch.commands.slot_errors import (
    bad_hold,
    begun_already,
    no_hold,
    ran_out,
    several_visits,
    slot_gone,
    told_already,
    unknown_visit,
)
from dispatch.commands.slots_kept import days_until, kept_plan_for
from dispatch.domain.work import Window
from dispatch.slots import fit
from dispatch.store import queries_plans, queries_slots
from dispatch.store.rows_work import HeldSlotRow

HOLD, CONFIRM, RELEASE = "slot.hold", "slot.confirm", "slot.release"


@dataclass(frozen=True, slots=True)
class Held:
    """A window that is kept for a visit until ``expires_at``, and who would come."""

    visit_id: str
    window: Window
    technician_id: str
    held_at: datetime
    expires_at: datetime
    held_by: str


@dataclass(frozen=True, slots=True)
class Promised:
    """A window that a customer was promised."""

    visit_id: str
    window: Window
    before: tuple[Window, ...]


def visit_named(session: Session, name: str) -> str:
    """The visit that is called so, or the only open visit of the work order. Raises SlotError."""
    if queries_plans.visit_row(session, name) is not None:
        return name
    visits = queries_slots.open_visits_of(session, name)
    if len(visits) > 1:
        raise several_visits(name, tuple(visits))
    if not visits:
        raise unknown_visit(name)
    return visits[0]


def list_held(session: Session, at: datetime) -> tuple[Held, ...]:
    """What is held, in the order in which it was."""
    return tuple(map(_held, queries_slots.held_slots(session, at)))


def hold(
    session: Session,
    visit_id: str,
    window: Window,
    until: datetime,
    by: str,
    at: datetime,
    key: str | None = None,
) -> Held:
    """Keeps a window for a visit: planning, and who asks for slots, take it as promised until then.

    It is looked for anew, beside all that is held and promised, and nobody else holds anything
    meanwhile: so the last technician is not held twice. What was held for the visit before is not
    any more.

    Raises:
        UnknownVersionError: there is no plan yet.
        SlotError: there is no such visit, it has begun or people were told of it, the times mean
            nothing, or nobody can come in that window (any more).
    """
    done = once(session, key, HOLD, Held)
    if done is not None:
        return done
    if not at < until or not max(at, window.open_at) < window.close_at:
        raise bad_hold(window, until, at)
    queries_plans.lock_plans(session)
    _check_open(session, visit_id)
    queries_slots.drop_held(session, visit_id, at)
    held = HeldSlotRow(
        visit_id=visit_id,
        technician_id=_who_comes(session, visit_id, window, at),
        open_at=window.open_at,
        close_at=window.close_at,
        held_at=at,
        expires_at=until,
        held_by=by,
    )
    session.add(held)
    session.flush()
    made = _held(held)
    note(session, HOLD, "visit", visit_id, by, at, after=made, outcome=made, key=key)
    return made


def confirm(
    session: Session, visit_id: str, by: str, at: datetime, reason: str = "", key: str | None = None
) -> Promised:
    """Makes the window that is held for a visit its promised window.

    Raises SlotError: nothing is held, it ran out, or a plan made since has nobody for it.
    """
    done = once(session, key, CONFIRM, Promised)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    row = _locked_hold(session, visit_id)
    if row.expires_at <= at:
        raise ran_out(visit_id, row.expires_at)
    _check_open(session, visit_id)
    window = Window(row.open_at, row.close_at)
    queries_slots.drop_held(session, visit_id, at)
    _who_comes(session, visit_id, window, at)
    old = queries_slots.promised_windows(session, visit_id)
    made = Promised(visit_id, window, tuple(Window(w.open_at, w.close_at) for w in old))
    queries_slots.promise_only(session, visit_id, window.open_at, window.close_at)
    note(
        session,
        CONFIRM,
        "visit",
        visit_id,
        by,
        at,
        reason=reason,
        after=made,
        outcome=made,
        key=key,
    )
    return made


def release(
    session: Session, visit_id: str, by: str, at: datetime, reason: str = "", key: str | None = None
) -> Held:
    """Gives up the window that is held for a visit. Raises SlotError if none is."""
    done = once(session, key, RELEASE, Held)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    gone = _held(_locked_hold(session, visit_id))
    queries_slots.drop_held(session, visit_id, at)
    note(
        session,
        RELEASE,
        "visit",
        visit_id,
        by,
        at,
        reason=reason,
        before=gone,
        outcome=gone,
        key=key,
    )
    return gone


def _who_comes(session: Session, visit_id: str, window: Window, at: datetime) -> str:
    """Who leads a visit in a window, beside all that is held and promised. Raises SlotError."""
    days = days_until(session, window.close_at, at)
    option = fit(kept_plan_for(session, visit_id, days, at), visit_id, window)
    if option is None:
        raise slot_gone(visit_id, window)
    return option.seats[0].technician_id


def _locked_hold(session: Session, visit_id: str) -> HeldSlotRow:
    row = queries_slots.held_slot(session, visit_id)
    if row is None:
        raise no_hold(visit_id)
    return row


def _check_open(session: Session, visit_id: str) -> None:
    row = queries_plans.visit_row(session, visit_id)
    if row is None or row.ended_at is not None:
        raise unknown_visit(visit_id)
    if row.started_at is not None:
        raise begun_already(visit_id)
    told_at = queries_slots.told_at(session, visit_id)
    if told_at is not None:
        raise told_already(visit_id, told_at)


def _held(row: HeldSlotRow) -> Held:
    window = Window(row.open_at, row.close_at)
    return Held(row.visit_id, window, row.technician_id, row.held_at, row.expires_at, row.held_by)
