"""Who sends at the moment, and what became of what was sent. All times here are real ones."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, update
from sqlalchemy.orm import Session

from dispatch.domain.messages import DeliveryState
from dispatch.store import queries_out
from dispatch.store.database import attempt
from dispatch.store.errors import Guard, GuardError
from dispatch.store.rows_out import DeliveryRow, SenderRow

TURN = timedelta(seconds=60)
"""How long others wait for a sender that was killed."""
_SENDER = "sender"
_PAUSES_S = (5, 30, 120, 600, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 20 * 3600, 36 * 3600)
"""After each attempt that failed; after the last one nothing is tried any more: 3 days."""
_JITTER = 0.1
PATIENCE = 5
"""Messages may be refused one by one; after so many in a row the endpoint rests, each time for
longer, and then is tried with as many again."""
_LONGEST_REST_S = 300
_KEPT = timedelta(days=30)
_GONE = 410
_MOST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt to send these. ``error`` is empty if they were taken; ``wait_s`` is
    how long the other side wants to be left alone."""

    delivery_ids: tuple[int, ...]
    status: int | None
    error: str
    wait_s: int = 0

    @property
    def wants_no_more(self) -> bool:
        """Nothing else is to be sent now."""
        return self.wait_s > 0 or self.status == _GONE


def take_turn(session: Session, holder: str, now: datetime) -> bool:
    """Makes ``holder`` the one who sends, or lets it go on; False: somebody else does."""
    values = {"holder": holder, "until_at": now + TURN}
    free = or_(SenderRow.holder == holder, SenderRow.until_at < now)
    statement = update(SenderRow).where(SenderRow.id == _SENDER, free).values(values)
    taken = session.execute(statement.returning(SenderRow.id))
    return taken.first() is not None or _is_first(session, values)


def end_turn(session: Session, holder: str, now: datetime) -> None:
    """Lets others send at once."""
    own = (SenderRow.id == _SENDER, SenderRow.holder == holder)
    session.execute(update(SenderRow).where(*own).values(until_at=now - TURN))


def looked(session: Session, at: datetime) -> None:
    """Somebody looked for what nobody does."""
    session.execute(update(SenderRow).where(SenderRow.id == _SENDER).values(looked_at=at))


def settle(
    session: Session, endpoint_id: str, outcomes: Sequence[Outcome], rest_s: int, now: datetime
) -> None:
    """Writes what came of attempts, in their order. ``rest_s`` is for the endpoint, after them."""
    by_id: Mapping[int, Outcome] = {id_: one for one in outcomes for id_ in one.delivery_ids}
    endpoint = queries_out.endpoint(session, endpoint_id, locked=True)
    if endpoint is None:
        return  # taken away meanwhile, and all deliveries with it
    for row in queries_out.deliveries_of(session, list(by_id)):
        _write(row, by_id[row.id], now)
    for outcome in outcomes:
        endpoint.failures = endpoint.failures + 1 if outcome.error else 0
        if outcome.status == _GONE:
            endpoint.disabled_at = endpoint.disabled_at or now
    wish_s = max((outcome.wait_s for outcome in outcomes), default=0)
    wanted_s = max(rest_s, _back_off_s(endpoint.failures), wish_s)
    endpoint.rests_until = now + timedelta(seconds=wanted_s) if wanted_s else None


def forget_old_deliveries(session: Session, now: datetime) -> None:
    """Deliveries are kept for 30 days after they were made or given up."""
    queries_out.forget_deliveries(session, now - _KEPT)


def _write(row: DeliveryRow, outcome: Outcome, now: datetime) -> None:
    row.attempts += 1
    row.status, row.error = outcome.status, outcome.error[:_MOST_ERROR]
    row.next_at = row.done_at = None
    if not outcome.error:
        row.state, row.done_at = DeliveryState.DELIVERED, now
    elif row.attempts > len(_PAUSES_S):
        row.state, row.done_at = DeliveryState.FAILED, now
    else:
        pause_s = _PAUSES_S[row.attempts - 1] * (1 + _JITTER * _share(row))
        row.next_at = now + timedelta(seconds=max(pause_s, outcome.wait_s))


def _back_off_s(failures: int) -> int:
    rounds = failures // PATIENCE
    return min(1 << (rounds - 1), _LONGEST_REST_S) if rounds else 0


def _share(row: DeliveryRow) -> float:
    """From 0 to 1, another one for each attempt: what failed together is not tried together."""
    digest = hashlib.sha256(f"{row.id}/{row.attempts}".encode()).digest()
    return digest[0] / 255


def _is_first(session: Session, values: Mapping[str, object]) -> bool:
    try:
        with attempt(session):
            session.execute(insert(SenderRow).values(id=_SENDER, **values))
    except GuardError as error:
        if error.guard is not Guard.DUPLICATE:
            raise
        return False
    return True
