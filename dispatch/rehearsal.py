"""What time it is for an organisation. For one that describes other days, as the samples do, it is
a time in those days: its rehearsal clock."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.store import queries_plans

_LIVE = timedelta(days=7)


def moment(session: Session) -> datetime:
    """The time that counts for the organisation in the database; now, if there is none."""
    return datetime.now(UTC) + (queries_plans.rehearsal(session) or timedelta(0))


def rehearsal_of(
    known: timedelta | None, known_at: datetime | None, described_at: datetime, clock: datetime
) -> timedelta:
    """How far the clock of an organisation is from the real one, when it is brought in again.

    ``known`` is how far it was, None when it is brought in for the first time; ``known_at`` and
    ``described_at`` are the instants that its data described, and describe now. An organisation
    that lives now never begins to rehearse, whatever its files say.
    """
    if known is not None and (known_at == described_at or not known):
        return known
    rehearsal = timedelta(seconds=round((described_at - clock).total_seconds()))
    return rehearsal if abs(rehearsal) >= _LIVE else timedelta(0)
