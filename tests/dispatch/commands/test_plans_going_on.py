"""Plans made in the middle of the day: what has begun is a fact."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.commands.versions import Version
from dispatch.domain.timetable import TimedVisit
from dispatch.domain.transitions import State
from dispatch.domain.work import Pin
from dispatch.placing import servers
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_parts import ReservationRow, ReservationState
from dispatch.store.rows_plans import BookingRow
from dispatch.store.rows_work import PinRow, VisitRow
from tests.dispatch.commands.planned import BY, fill, later, loaded, published, saved, searched

LATE = timedelta(minutes=12)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    fill(database)
    return database


def _first(version: Version) -> list[tuple[str, TimedVisit]]:
    """The visit that each technician begins the first day with, alone, the earliest first."""
    found: dict[str, tuple[str, TimedVisit]] = {}
    crews = sorted(version.judged.served.items(), key=lambda pair: pair[1][0].stop.start_at)
    for visit_id, crew in crews:
        found.setdefault(crew[0].technician_id, (visit_id, crew[0]))
    day = next(timed.route.shift.start_at.date() for _, timed in found.values())
    return [
        (visit_id, timed)
        for visit_id, timed in found.values()
        if len(version.judged.served[visit_id]) == 1 and timed.route.shift.start_at.date() == day
    ]


def _set(database: Database, visit_id: str, **values: object) -> None:
    with database.writing() as session:
        session.execute(update(VisitRow).where(VisitRow.id == visit_id).values(**values))


def _planned_again(database: Database, now: datetime) -> Version:
    """A second plan, searched at ``now`` and published without any force."""
    with database.reading() as session:
        baseline = take_baseline(session, now, now)
    plan = searched(baseline.snapshot, seed=9)
    draft = in_writing(database, lambda s: save_draft(s, baseline, plan, BY, now))
    assert draft.conflicts == ()
    in_writing(database, lambda s: publish(s, draft.version, BY, now))
    return loaded(database, draft.version)


def _bookings(database: Database, visit_id: str) -> list[tuple[str, datetime, datetime]]:
    with database.reading() as session:
        rows = session.scalars(select(BookingRow).where(BookingRow.visit_id == visit_id))
        return [(r.technician_id, r.start_at, r.finish_at) for r in rows]


def test_a_visit_that_somebody_is_on_site_with_stays_where_and_when_it_is(
    filled: Database,
) -> None:
    number = saved(filled).version
    published(filled, number)
    busy = _first(loaded(filled, number))[:3]
    assert len(busy) > 1
    for visit_id, timed in busy:
        _set(filled, visit_id, started_at=timed.stop.start_at + LATE)
    now = busy[-1][1].stop.start_at + 2 * LATE
    version = _planned_again(filled, now)
    for visit_id, timed in busy:
        ((technician_id, start_at, finish_at),) = _bookings(filled, visit_id)
        assert (technician_id, start_at) == (timed.technician_id, timed.stop.start_at + LATE)
        assert finish_at >= now
        (again,) = version.judged.served[visit_id]
        assert (again.technician_id, again.stop.start_at) == (technician_id, start_at)
        after = [s for s in again.route.stops if s.visit_id not in (None, visit_id)]
        assert all(stop.start_at >= finish_at for stop in after)
    assert check(filled) == ()


def test_whoever_leaves_early_for_the_next_visit_is_not_booked_twice(filled: Database) -> None:
    number = saved(filled).version
    published(filled, number)
    version = loaded(filled, number)
    first, then = next(
        (alone[0], alone[1])
        for route in version.judged.verdict.timetable.routes
        for alone in [
            [s for s in route.stops if s.visit_id and len(version.judged.served[s.visit_id]) == 1]
        ]
        if len(alone) > 1
    )
    repaired_at = first.start_at + timedelta(seconds=60)
    _set(filled, first.visit_id or "", started_at=first.start_at, repaired_at=repaired_at)
    _set(filled, then.visit_id or "", started_at=first.end_at - timedelta(seconds=60))
    _planned_again(filled, first.end_at)
    ((_, start_at, finish_at),) = _bookings(filled, first.visit_id or "")
    assert (start_at, finish_at) == (first.start_at, repaired_at)


def test_nobody_else_is_sent_anywhere_before_now(filled: Database) -> None:
    number = saved(filled).version
    published(filled, number)
    visit_id, timed = _first(loaded(filled, number))[0]
    _set(filled, visit_id, started_at=timed.stop.start_at)
    now = timed.stop.start_at + timedelta(minutes=30)
    version = _planned_again(filled, now)
    routes = version.judged.verdict.timetable.routes
    others = [r for r in routes if visit_id not in {s.visit_id for s in r.stops}]
    assert others
    assert all(r.depart_at >= now for r in others)


def test_whoever_is_on_the_way_does_what_people_were_told(filled: Database) -> None:
    number = saved(filled).version
    published(filled, number)
    visit_id, timed = next(
        (v, timed) for v, timed in _first(loaded(filled, number)) if timed.stop.travel_s > 120
    )
    now = timed.stop.start_at - timedelta(seconds=timed.stop.travel_s // 2)
    _set(filled, visit_id, state=State.UNDER_WAY.value)
    before = _bookings(filled, visit_id)
    _planned_again(filled, now)
    assert _bookings(filled, visit_id) == before


def test_parts_of_a_begun_visit_stay_promised_to_it(filled: Database) -> None:
    number = saved(filled).version
    published(filled, number)
    version = loaded(filled, number)
    with filled.reading() as session:
        rows = session.scalars(select(ReservationRow.visit_id)).all()
    visit_id = next(v for v in rows if len(version.judged.served[v]) == 1)
    (timed,) = version.judged.served[visit_id]
    _set(filled, visit_id, started_at=timed.stop.start_at)
    _planned_again(filled, timed.stop.start_at + LATE)
    with filled.reading() as session:
        of_visit = ReservationRow.visit_id == visit_id
        states = session.scalars(select(ReservationRow.state).where(of_visit)).all()
    assert states
    assert set(states) == {ReservationState.COMMITTED}


def test_a_published_plan_begins_with_what_has_begun(filled: Database) -> None:
    """Whatever its order was, and whatever was pinned since."""
    number = saved(filled).version
    published(filled, number)
    version = loaded(filled, number)
    visit_id, timed = next(
        (stop.visit_id, route)
        for route in version.judged.verdict.timetable.routes
        for stop in route.stops
        if stop.visit_id is not None
        and stop.visit_id != next(s.visit_id for s in route.stops if s.visit_id)
        and len(version.judged.served[stop.visit_id]) == 1
    )
    began_at = timed.depart_at + timedelta(hours=1)
    _set(filled, visit_id, started_at=began_at)
    with filled.writing() as session:
        session.add(
            PinRow(visit_id=visit_id, position=99, pinned_at=later(99), pinned_by=BY, start_at=None)
        )
    found = loaded(filled, number).judged
    (again,) = found.served[visit_id]
    assert again.stop.start_at == began_at
    assert next(s.visit_id for s in again.route.stops if s.visit_id) == visit_id
    assert found.snapshot.pin[visit_id] == Pin(visit_id, timed.route.technician_id, began_at)
    assert servers(found.plan, visit_id) == (timed.route.technician_id,)
