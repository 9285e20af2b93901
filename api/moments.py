"""What time it is for an organisation."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.store import queries_plans

_LIVE = timedelta(days=7)


def moment(session: Session) -> datetime:
    """Now; of an organisation that describes other days, as in the samples, now in those days.

    Its clock began to run at the instant that its data describe, when they were first brought in.
    """
    clock = datetime.now(UTC)
    described = queries_plans.planning_at(session)
    brought = queries_plans.first_import_at(session)
    if described is None or brought is None or abs(described - brought) < _LIVE:
        return clock
    return clock + (described - brought)
