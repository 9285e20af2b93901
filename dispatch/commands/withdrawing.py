"""A mistaken fact is withdrawn: what followed is undone, or what stands in the way is named."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.commands.announcing import announce, message_of_withdrawal, messages_of
from dispatch.commands.further_visits import add_follow_ups
from dispatch.commands.parts_of_visits import free_parts
from dispatch.commands.recording import (
    is_over,
    locked_lives,
    note_life,
    over_since,
    refuse_future,
    settle,
)
from dispatch.commands.recording_errors import EventTakenError, NotYoursError, UnknownEventError
from dispatch.commands.stock_back import keep_again, unbook_parts
from dispatch.domain.events import Event, EventKind, Withdrawal
from dispatch.domain.life import Life, order_state, visit_state
from dispatch.domain.life_errors import rests_on
from dispatch.domain.lifecycle import step
from dispatch.domain.transitions import FIELD, OVER, State
from dispatch.domain.withdrawing import LATELY, withdraw
from dispatch.store import queries_work
from dispatch.store.mapping_life import write_life
from dispatch.store.mapping_rows import TableRows
from dispatch.store.rows_work import VisitRow


@dataclass(frozen=True, slots=True)
class Mistake:
    """An event of a work order that is to be withdrawn.

    ``id`` is that of the withdrawal, so that it may be sent again; ``by`` says so, ``reason`` is
    why. ``own``: withdraw it only if it was recorded by one of these, on site and lately.
    """

    id: str
    work_order_id: str
    event_id: str
    happened_at: datetime
    by: str
    reason: str
    own: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of a mistaken event, and how its work order stands now.

    ``again``: it was withdrawn already. ``settled``: it had been refused, and needs nobody any
    more. ``dropped`` are follow-up visits that nobody wants any more, ``follow_ups`` new ones.
    """

    event_id: str
    work_order_id: str
    state: State
    visit_state: State | None = None
    again: bool = False
    settled: bool = False
    dropped: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()


def withdraw_event(session: Session, mistake: Mistake, by: str, at: datetime) -> Withdrawn:
    """Everything is as if the event had never been; ``by`` is who gives the command.

    Parts are where they were, what was reserved is again, follow-up visits are dropped. Sent
    again, or withdrawn by another one, nothing changes.

    Raises:
        UnknownWorkOrderError, UnknownEventError: there is no such thing.
        NotYoursError: see ``Mistake.own``.
        FutureError, EventTakenError, MalformedEventError: the withdrawal cannot be recorded.
        WithdrawalError: later events rest on it, or its kind is not withdrawn.
        StockError: a part has gone elsewhere meanwhile.
    """
    rows, before = next(locked_lives(session, (mistake.work_order_id,)))
    event = _on_record(before, mistake.event_id)
    if event is None:
        return _settled(session, before, mistake, by, at)
    withdrawal = _withdrawal(session, mistake, event, at)
    life = withdraw(before, event, withdrawal)
    if life is before:
        return replace(_outcome(life, event), again=True)
    life, dropped = _without_follow_ups(rows, before, life, event, withdrawal)
    added = add_follow_ups(session, before, life)
    life = replace(life, visits=(*life.visits, *added))
    free_parts(session, over_since(before, life), by, at)
    _undo_stock(session, before, life, event, by, at)
    write_life(session, rows, life, at)
    told = message_of_withdrawal(event, withdrawal, life.work_order.site_id)
    announce(session, (told, *messages_of(before, life)))
    note_life(session, "withdraw event", before, life, by, at, mistake.reason)
    if queries_work.refused(session, _unbooked(event)) is not None:
        settle(session, _unbooked(event), by, at, mistake.reason)
    follow_ups = tuple(visit.id for visit in added)
    return replace(_outcome(life, event), dropped=dropped, follow_ups=follow_ups)


def _on_record(life: Life, event_id: str) -> Event | None:
    events = (*life.events, *life.waiting, *life.withdrawn)
    return next((event for event in events if event.id == event_id), None)


def _withdrawal(session: Session, mistake: Mistake, event: Event, at: datetime) -> Event:
    """The event that withdraws another one. Raises EventTakenError, FutureError, NotYoursError."""
    owner = queries_work.work_order_of_event(session, mistake.id)
    if owner not in (None, event.work_order_id):
        raise EventTakenError(mistake.id, owner)
    made = Event(
        id=mistake.id,
        kind=EventKind.WITHDRAWN,
        work_order_id=event.work_order_id,
        happened_at=mistake.happened_at,
        recorded_at=at,
        by=mistake.by,
        visit_id=event.visit_id,
        details=Withdrawal(event.id),
        note=mistake.reason,
    )
    refuse_future(made, at)
    if mistake.own is not None:
        is_late = made.happened_at - event.recorded_at > LATELY
        if event.kind not in FIELD or event.by not in mistake.own or is_late:
            raise NotYoursError(event, LATELY.seconds // 60)
    return made


def _settled(session: Session, life: Life, mistake: Mistake, by: str, at: datetime) -> Withdrawn:
    """What was refused and kept for a person needs none any more. Raises UnknownEventError."""
    kept = queries_work.refused(session, mistake.event_id)
    if kept is None or not _may_settle(kept, mistake):
        raise UnknownEventError(mistake.work_order_id, mistake.event_id)
    settle(session, mistake.event_id, by, at, mistake.reason)
    return Withdrawn(mistake.event_id, mistake.work_order_id, order_state(life), settled=True)


def _may_settle(kept: Any, mistake: Mistake) -> bool:  # noqa: ANN401 - JSON
    is_own = mistake.own is None or kept["recorded_by"] in mistake.own
    return is_own and kept["work_order_id"] == mistake.work_order_id


def _outcome(life: Life, event: Event) -> Withdrawn:
    return Withdrawn(
        event_id=event.id,
        work_order_id=event.work_order_id,
        state=order_state(life),
        visit_state=visit_state(life, event.visit_id) if event.visit_id else None,
    )


def _unbooked(event: Event) -> str:
    """The id under which the parts of a fact are kept for a person."""
    return f"{event.id}/parts"


def _without_follow_ups(
    rows: TableRows, before: Life, life: Life, event: Event, withdrawal: Event
) -> tuple[Life, tuple[str, ...]]:
    """Visits that were to make good for what did not fail are dropped. Raises WithdrawalError if
    people were told of one. Its clocks were those of the other all along, so none pass on."""
    dropped = []
    for visit_id in _not_needed(rows, before, life):
        state = visit_state(life, visit_id)
        if state is State.DROPPED:
            continue
        if state is not State.OPEN:
            own = [e for e in life.events if e.visit_id == visit_id]
            raise rests_on(event, tuple(own[-1:]))
        dropping = replace(
            withdrawal,
            id=f"{withdrawal.id}/{visit_id}",
            kind=EventKind.VISIT_DROPPED,
            visit_id=visit_id,
            happened_at=withdrawal.recorded_at,
            details=None,
        )
        life = step(life, dropping)
        dropped.append(visit_id)
    return life, tuple(dropped)


def _not_needed(rows: TableRows, before: Life, life: Life) -> Iterator[str]:
    """The follow-ups of visits that have not failed after all."""
    if life.order in OVER:
        return
    for row in rows[VisitRow]:
        first_id = row["follows_visit_id"] or ""
        failed = [visit_state(known, first_id) is State.FAILED for known in (before, life)]
        if failed == [True, False]:
            yield row["id"]


def _undo_stock(
    session: Session, before: Life, life: Life, event: Event, by: str, at: datetime
) -> None:
    """Parts are where they were, and reserved for visits that are not over after all."""
    unbook_parts(session, event, by, at, is_over=is_over(life, event.visit_id or ""))
    revived = over_since(life, before)
    if revived:
        keep_again(session, revived, event.recorded_at, by, at)
