"""Technicians are away: absences that come up, change and fall away."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.domain.errors import DispatchError
from dispatch.store import queries_lists
from dispatch.store.rows_people import AbsenceRow


class AbsenceError(DispatchError):
    """An absence that cannot be as it was told."""


class OverlappingAbsenceError(AbsenceError):
    """An absence in a time in which the technician is away already."""


@dataclass(frozen=True, slots=True)
class AbsenceFacts:
    """An absence, and the visits that people were told of for this time."""

    technician_id: str
    start_at: datetime
    end_at: datetime
    reason: str
    booked_visit_ids: tuple[str, ...]


def absence_facts(session: Session, row: AbsenceRow) -> AbsenceFacts:
    booked = queries_lists.booked_between(session, row.technician_id, row.start_at, row.end_at)
    return AbsenceFacts(row.technician_id, row.start_at, row.end_at, row.reason, tuple(booked))


def add_absence(
    session: Session,
    technician_id: str,
    start_at: datetime,
    end_at: datetime,
    reason: str,
    by: str,
    at: datetime,
) -> AbsenceFacts:
    """A technician will be away. The plan stays as it is: what is booked meanwhile is named.

    The same absence again changes nothing. Raises AbsenceError.
    """
    if not queries_lists.lock_technician(session, technician_id):
        raise AbsenceError(
            f"There is no technician {technician_id!r}.", f"没有技术员 {technician_id!r}。"
        )
    known = queries_lists.absence(session, technician_id, start_at)
    if known is not None and (known.end_at, known.reason) == (end_at, reason):
        return absence_facts(session, known)
    _refuse_overlap(session, technician_id, start_at, end_at)
    row = AbsenceRow(technician_id=technician_id, start_at=start_at, end_at=end_at, reason=reason)
    session.add(row)
    session.flush()
    facts = absence_facts(session, row)
    note(session, "add absence", "technician", technician_id, by, at, reason=reason, after=facts)
    return facts


def change_absence(
    session: Session, row: AbsenceRow, end_at: datetime, reason: str, by: str, at: datetime
) -> AbsenceFacts:
    """It ends at another time, or has another reason. Raises AbsenceError."""
    before = absence_facts(session, row)
    _refuse_overlap(session, row.technician_id, row.start_at, end_at, but_for=row)
    row.end_at, row.reason = end_at, reason
    session.flush()
    after = absence_facts(session, row)
    note(
        session,
        "change absence",
        "technician",
        row.technician_id,
        by,
        at,
        reason=reason,
        before=before,
        after=after,
    )
    return after


def remove_absence(session: Session, row: AbsenceRow, by: str, at: datetime) -> None:
    """The technician will be there after all."""
    before = absence_facts(session, row)
    session.delete(row)
    note(session, "remove absence", "technician", row.technician_id, by, at, before=before)


def _refuse_overlap(
    session: Session,
    technician_id: str,
    start_at: datetime,
    end_at: datetime,
    but_for: AbsenceRow | None = None,
) -> None:
    if end_at <= start_at:
        raise AbsenceError(
            f"An absence from {start_at.isoformat()} cannot end at {end_at.isoformat()}.",
            f"缺勤自 {start_at.isoformat()} 起，不能于 {end_at.isoformat()} 结束。",
        )
    for other in queries_lists.absences_touching(session, technician_id, start_at, end_at):
        if other is not but_for:
            known = f"{other.start_at.isoformat()} – {other.end_at.isoformat()}"
            raise OverlappingAbsenceError(
                f"{technician_id} is away already: {known}. Change that absence instead.",
                f"{technician_id} 在此期间已缺勤：{known}。请更改该缺勤。",
            )
