"""How often callers may call: a bucket of calls for each, which fills as time goes by."""

from datetime import datetime

from sqlalchemy import case, insert, literal, update
from sqlalchemy.orm import Session

from dispatch.store.database import attempt
from dispatch.store.errors import Guard, GuardError
from dispatch.store.rows_access import AllowanceRow

_MICROSECONDS = 1_000_000


def take_calls(
    session: Session, caller_id: str, wanted: int, rate_per_s: float, most: int, now: datetime
) -> bool:
    """Takes so many calls from a caller's bucket, all or none; whether they were there.

    ``rate_per_s`` calls come in each second, up to ``most``. It is one UPDATE, so it holds however
    many processes take at the same time.
    """
    now_us = round(now.timestamp() * _MICROSECONDS)
    each_us = max(1, round(_MICROSECONDS / rate_per_s))
    known = AllowanceRow.full_us
    full_us = case((known > now_us, known), else_=literal(now_us)) + wanted * each_us
    statement = (
        update(AllowanceRow)
        .where(AllowanceRow.caller_id == caller_id, full_us <= now_us + most * each_us)
        .values(full_us=full_us)
        .returning(AllowanceRow.caller_id)
    )
    taken = session.execute(statement, execution_options={"synchronize_session": False})
    return taken.first() is not None or _is_first(session, caller_id, now_us + wanted * each_us)


def _is_first(session: Session, caller_id: str, full_us: int) -> bool:
    """Whether the caller never called before: the bucket was full then."""
    try:
        with attempt(session):
            values = {"caller_id": caller_id, "full_us": full_us}
            session.execute(insert(AllowanceRow).values(values))
    except GuardError as error:
        if error.guard is not Guard.DUPLICATE:
            raise
        return False
    return True
