"""What people were told: bookings and commitments made those of a plan, and who is to be told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from dispatch.domain.events import Event, EventKind, Publication
from dispatch.domain.snapshot import Snapshot
from dispatch.judged import JudgedPlan
from dispatch.store import queries_plans
from dispatch.store.rows_plans import BookingRow, CommitmentRow, CommitmentTechnicianRow


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody was told of a visit: who comes, and when."""

    technician_ids: tuple[str, ...]
    start_at: datetime


class Recipient(StrEnum):
    TECHNICIAN = "technician"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody has to be told that a visit is no more as it was.

    ``old`` is None for whoever knows nothing of it yet, ``new`` for whom it is off.
    """

    visit_id: str
    to: Recipient
    recipient_id: str
    old: Told | None
    new: Told | None


@dataclass(frozen=True, slots=True)
class Change:
    """What was told of a visit and what is to be told now; None: nothing."""

    visit_id: str
    old: Told | None
    new: Told | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What publishing a plan changes for people."""

    changes: tuple[Change, ...]
    snapshot: Snapshot

    def notices(self) -> Iterator[Notice]:
        """The technicians of a visit, then the customer."""
        for change in self.changes:
            yield from _to_technicians(change)
            customer = self.snapshot.site_of(self.snapshot.visit[change.visit_id]).customer_id
            yield Notice(change.visit_id, Recipient.CUSTOMER, customer, change.old, change.new)

    def events(self, version: int, by: str, at: datetime) -> Iterator[Event]:
        """What goes into the lives of the work orders."""
        for change in self.changes:
            new = change.new
            kind = EventKind.PUBLISHED if new else EventKind.UNPUBLISHED
            yield Event(
                id=f"plan {version}/{change.visit_id}/{kind}",
                kind=kind,
                work_order_id=self.snapshot.visit[change.visit_id].work_order_id,
                happened_at=at,
                recorded_at=at,
                by=by,
                visit_id=change.visit_id,
                details=Publication(new.technician_ids, new.start_at) if new else None,
            )


def changes_by(session: Session, found: JudgedPlan) -> Changes:
    """What a plan changes of what was told; who is on site already is not told anew."""
    begun = set(queries_plans.begun_visits(session))
    old, new = _told_so_far(session), _told_by(found)
    known = [v.id for v in found.snapshot.visits if v.id not in begun]
    changes = (Change(v, old.get(v), new.get(v)) for v in known)
    return Changes(tuple(c for c in changes if c.old != c.new), found.snapshot)


def tell(session: Session, changes: Changes, version: int) -> None:
    """Makes the commitments what a plan says."""
    changed = [change.visit_id for change in changes.changes]
    for table in (CommitmentTechnicianRow, CommitmentRow):
        session.execute(delete(table).where(table.visit_id.in_(changed)))
    new = [(c.visit_id, c.new) for c in changes.changes if c.new is not None]
    if not new:
        return
    session.execute(
        insert(CommitmentRow),
        [
            {"visit_id": v, "start_at": told.start_at, "plan_version": version, "position": 0}
            for v, told in new
        ],
    )
    session.execute(
        insert(CommitmentTechnicianRow),
        [
            {"visit_id": v, "position": position, "technician_id": technician_id}
            for v, told in new
            for position, technician_id in enumerate(told.technician_ids)
        ],
    )


def book(session: Session, found: JudgedPlan, version: int) -> int:
    """Makes the bookings those of a plan; how many there are.

    Time that a visit still takes which somebody is on site for stays booked, planned or not. The
    database refuses what would book a technician twice at the same time.
    """
    begun = set(queries_plans.begun_visits(session)) - found.served.keys()
    wanted = {
        (timed.technician_id, visit_id, timed.stop.start_at, timed.stop.end_at)
        for visit_id, crew in found.served.items()
        for timed in crew
    }
    known = {
        (row.technician_id, row.visit_id, row.start_at, row.finish_at): row.id
        for row in queries_plans.bookings(session)
        if row.visit_id not in begun
    }
    gone = [number for key, number in known.items() if key not in wanted]
    # First all that goes, then all that comes: in between nobody is anywhere twice.
    session.execute(delete(BookingRow).where(BookingRow.id.in_(gone)))
    new = sorted(wanted - known.keys())
    if new:
        session.execute(insert(BookingRow), [_booking(key, version) for key in new])
    return len(wanted)


def _booking(key: tuple[str, str, datetime, datetime], version: int) -> Mapping[str, object]:
    technician_id, visit_id, start_at, finish_at = key
    return {
        "technician_id": technician_id,
        "visit_id": visit_id,
        "start_at": start_at,
        "finish_at": finish_at,
        "plan_version": version,
    }


def _told_so_far(session: Session) -> Mapping[str, Told]:
    people: dict[str, list[str]] = defaultdict(list)
    for row in queries_plans.commitment_technicians(session):
        people[row.visit_id].append(row.technician_id)
    return {
        row.visit_id: Told(tuple(sorted(people[row.visit_id])), row.start_at)
        for row in queries_plans.commitments(session)
    }


def _told_by(found: JudgedPlan) -> Mapping[str, Told]:
    start_of = found.verdict.timetable.start_of
    return {
        visit_id: Told(tuple(sorted(timed.technician_id for timed in crew)), start_of(visit_id))
        for visit_id, crew in found.served.items()
    }


def _to_technicians(change: Change) -> Iterable[Notice]:
    old = change.old.technician_ids if change.old else ()
    new = change.new.technician_ids if change.new else ()
    for technician_id in sorted({*old, *new}):
        yield Notice(
            change.visit_id,
            Recipient.TECHNICIAN,
            technician_id,
            change.old if technician_id in old else None,
            change.new if technician_id in new else None,
        )
