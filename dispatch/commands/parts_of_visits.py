"""What facts about visits mean for stock: what was built in, what came back, what is free again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.recording_errors import nobodys_van
from dispatch.commands.reservations import release_visits
from dispatch.commands.stock_use import consume, return_unit
from dispatch.domain.events import Event, Publication, Repair
from dispatch.domain.life import Life


def book_parts(session: Session, life: Life, event: Event, by: str, at: datetime) -> None:
    """Takes the parts of a repair out of stock, and notes the units that it brought back.

    The event's id is the key: the same again books nothing. Raises StockError, and RecordingError
    if nobody knows whose van the parts came from.
    """
    if event.visit_id is None or not isinstance(event.details, Repair):
        return
    if event.details.parts_used:
        consume(
            session,
            event.visit_id,
            _whose(life, event),
            event.details.parts_used,
            by,
            at,
            happened_at=event.happened_at,
            key=f"{event.id}/used",
        )
    for number, unit in enumerate(event.details.returned):
        return_unit(
            session,
            event.visit_id,
            unit,
            by,
            at,
            returned_at=event.happened_at,
            key=f"{event.id}/returned/{number}",
        )


def free_parts(session: Session, visit_ids: Collection[str], by: str, at: datetime) -> None:
    """Lets go of what visits had reserved that need it no more."""
    if visit_ids:
        release_visits(session, visit_ids, by, at)


def _whose(life: Life, event: Event) -> str:
    """Who repaired: whoever says so, if people were told that they come; else the first of them."""
    told = [
        e.details.technician_ids
        for e in life.events
        if e.visit_id == event.visit_id and isinstance(e.details, Publication)
    ]
    if not told or not told[-1]:
        raise nobodys_van(event.visit_id or "")
    return event.by if event.by in told[-1] else told[-1][0]
