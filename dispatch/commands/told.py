"""What people were told: bookings and commitments made those of a plan, and who is to be told."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from dispatch.domain.events import Event, EventKind, Publication
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedVisit, Timetable
from dispatch.store import queries_plans
from dispatch.store.queries import put, remove_by
from dispatch.store.rows_plans import BookingRow, CommitmentRow, CommitmentTechnicianRow


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
    old: Publication | None
    new: Publication | None


@dataclass(frozen=True, slots=True)
class Change:
    """What was told of a visit and what is to be told now; None: nothing."""

    visit_id: str
    old: Publication | None
    new: Publication | None


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

    def events(self, plan: str, by: str, at: datetime) -> Iterator[Event]:
        """What goes into the lives of the work orders; ``plan`` names the plan as it is now."""
        for change in self.changes:
            new = change.new
            kind = EventKind.PUBLISHED if new else EventKind.UNPUBLISHED
            yield Event(
                id=f"plan {plan}/{change.visit_id}/{kind}",
                kind=kind,
                work_order_id=self.snapshot.visit[change.visit_id].work_order_id,
                happened_at=at,
                recorded_at=at,
                by=by,
                visit_id=change.visit_id,
                details=new,
            )


def changes_by(snapshot: Snapshot, timetable: Timetable, begun: AbstractSet[str]) -> Changes:
    """What a plan, or the part of one that differs, changes of what was told; of what has ``begun``
    nobody is told anew."""
    old, new = _told_so_far(snapshot), _told_by(timetable)
    known = [v.id for v in snapshot.visits if v.id not in begun]
    changes = (Change(v, old.get(v), new.get(v)) for v in known)
    return Changes(tuple(c for c in changes if c.old != c.new), snapshot)


def tell(session: Session, changes: Changes, version: int) -> None:
    """Makes the commitments what a plan says."""
    changed = [change.visit_id for change in changes.changes]
    for table in (CommitmentTechnicianRow, CommitmentRow):
        remove_by(session, table, visit_id=changed)
    new = [(c.visit_id, c.new) for c in changes.changes if c.new is not None]
    put(
        session,
        CommitmentRow,
        [
            {"visit_id": v, "start_at": told.start_at, "plan_version": version, "position": 0}
            for v, told in new
        ],
    )
    put(
        session,
        CommitmentTechnicianRow,
        [
            {"visit_id": v, "position": position, "technician_id": technician_id}
            for v, told in new
            for position, technician_id in enumerate(told.technician_ids)
        ],
    )


def book(
    session: Session,
    served: Mapping[str, tuple[TimedVisit, ...]],
    begun: AbstractSet[str],
    version: int,
    among: AbstractSet[str] | None = None,
) -> int:
    """Makes the bookings those of a plan, or of some visits in it; how many there are.

    ``served`` are the visits as they are done. What has ``begun`` stays booked, planned or not,
    until it is repaired. The database refuses what would book a technician twice at the same time.
    """
    rows = queries_plans.bookings(session, among)
    planned = {visit_id for visit_id, crew in served.items() if crew}
    stays = (begun if among is None else begun & among) - planned
    repaired = _repaired(session, stays)
    wanted = {
        (timed.technician_id, visit_id, timed.stop.start_at, timed.stop.end_at)
        for visit_id, crew in served.items()
        for timed in crew
    }
    wanted |= {
        (row.technician_id, row.visit_id, *repaired[row.visit_id])
        for row in rows
        if row.visit_id in repaired
    }
    known = {
        (row.technician_id, row.visit_id, row.start_at, row.finish_at): row.id
        for row in rows
        if row.visit_id not in stays - repaired.keys()
    }
    gone = [number for key, number in known.items() if key not in wanted]
    # First all that goes, then all that comes: in between nobody is anywhere twice.
    remove_by(session, BookingRow, id=gone)
    new = sorted(wanted - known.keys())
    put(session, BookingRow, [_booking(key, version) for key in new])
    return len(wanted)


def _repaired(session: Session, begun: AbstractSet[str]) -> Mapping[str, tuple[datetime, datetime]]:
    """When visits began and were repaired, of those that were: a second at least."""
    if not begun:
        return {}
    return {
        row.id: (row.started_at, max(row.repaired_at, row.started_at + timedelta(seconds=1)))
        for row in queries_plans.visits_under_way(session)
        if row.id in begun and row.started_at is not None and row.repaired_at is not None
    }


def _booking(key: tuple[str, str, datetime, datetime], version: int) -> Mapping[str, object]:
    technician_id, visit_id, start_at, finish_at = key
    return {
        "technician_id": technician_id,
        "visit_id": visit_id,
        "start_at": start_at,
        "finish_at": finish_at,
        "plan_version": version,
    }


def _told_so_far(snapshot: Snapshot) -> Mapping[str, Publication]:
    return {
        told.visit_id: Publication(tuple(sorted(told.technician_ids)), told.start_at)
        for told in snapshot.published
    }


def _told_by(timetable: Timetable) -> Mapping[str, Publication]:
    return {
        visit_id: Publication(
            tuple(sorted(timed.technician_id for timed in crew)), timetable.start_of(visit_id)
        )
        for visit_id, crew in timetable.visits.items()
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
