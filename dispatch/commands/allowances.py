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
    if _taken(session, caller_id, wanted, rate_per_s, most, now_us):
        return True
    try:
        with attempt(session):
            left = float(most - wanted)
            values = {"caller_id": caller_id, "left": left, "counted_us": now_us}
            session.execute(insert(AllowanceRow).values(values))
    except GuardError as error:
        if error.guard is not Guard.DUPLICATE:
            raise
        return False
    return True


def _taken(
    session: Session, caller_id: str, wanted: int, rate_per_s: float, most: int, now_us: int
) -> bool:
    # Clocks of several machines differ a little: time never runs backwards here.
    passed_us = case(
        (AllowanceRow.counted_us < now_us, literal(now_us) - AllowanceRow.counted_us), else_=0
    )
    grown = AllowanceRow.left + passed_us * (rate_per_s / _MICROSECONDS)
    full = case((grown > most, float(most)), else_=grown)
    counted = case((AllowanceRow.counted_us < now_us, now_us), else_=AllowanceRow.counted_us)
    statement = (
        update(AllowanceRow)
        .where(AllowanceRow.caller_id == caller_id, full >= wanted)
        .values(left=full - wanted, counted_us=counted)
        .returning(AllowanceRow.caller_id)
    )
    found = session.execute(statement, execution_options={"synchronize_session": False})
    return found.first() is not None
