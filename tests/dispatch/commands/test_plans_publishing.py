"""Publishing: bookings, commitments, reservations, events and notices, all or nothing."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch.commands.by_hand import Assign, Unassign
from dispatch.commands.pinning import pin
from dispatch.commands.plan_errors import (
    BrokenRulesError,
    MissingReasonError,
    NotADraftError,
    StaleVersionError,
)
from dispatch.commands.publishing import Published, publish
from dispatch.commands.stock_errors import StockError
from dispatch.commands.told import Recipient
from dispatch.domain.events import EventKind
from dispatch.domain.plan import Plan
from dispatch.domain.work import Pin
from dispatch.placing import servers
from dispatch.planned_parts import planned_pickups
from dispatch.store.checking import check
from dispatch.store.copying import contents
from dispatch.store.database import Database
from dispatch.store.errors import Guard, GuardError
from dispatch.store.retrying import in_writing
from dispatch.store.rows_log import EventRow
from dispatch.store.rows_parts import BalanceRow, ReservationRow, ReservationState
from dispatch.store.rows_plans import BookingRow, CommitmentRow, PlanState, PlanVersionRow
from dispatch.store.rows_work import VisitRow
from tests.databases import Server
from tests.dispatch.commands.planned import (
    BY,
    begun,
    changed,
    fill,
    later,
    loaded,
    plan_of_sample,
    published,
    saved,
    searched,
)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    fill(database)
    return database


def _states(database: Database) -> dict[int, PlanState]:
    with database.reading() as session:
        return {row.version: row.state for row in session.scalars(select(PlanVersionRow))}


def _bookings(database: Database) -> set[tuple[str, str, str, str]]:
    with database.reading() as session:
        rows = session.scalars(select(BookingRow))
        return {
            (r.technician_id, r.visit_id, r.start_at.isoformat(), r.finish_at.isoformat())
            for r in rows
        }


def _planned(database: Database, number: int) -> set[tuple[str, str, str, str]]:
    """What the referee says of a version."""
    return {
        (t.technician_id, v, t.stop.start_at.isoformat(), t.stop.end_at.isoformat())
        for v, crew in loaded(database, number).judged.served.items()
        for t in crew
    }


def _reserved(database: Database) -> Counter[tuple[str, str]]:
    """Units by visit and station that are promised."""
    with database.reading() as session:
        rows = session.execute(
            select(ReservationRow.visit_id, BalanceRow.station_id, ReservationRow.quantity)
            .join(BalanceRow, BalanceRow.id == ReservationRow.balance_id)
            .where(ReservationRow.state == ReservationState.COMMITTED)
        )
        found: Counter[tuple[str, str]] = Counter()
        for visit_id, station_id, quantity in rows:
            found[visit_id, station_id or ""] += quantity
        return found


def _wanted(database: Database, number: int) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for pickup in planned_pickups(loaded(database, number).judged.verdict.timetable):
        found[pickup.visit_id, pickup.station_id] += pickup.quantity
    return found


def test_what_is_published_is_booked_promised_reserved_and_told(filled: Database) -> None:
    number = saved(filled).version
    done = published(filled, number)
    assert _states(filled) == {number: PlanState.PUBLISHED}
    assert _bookings(filled) == _planned(filled, number)
    assert _reserved(filled) == _wanted(filled, number)
    assert done.units == _wanted(filled, number).total() > 0
    found = loaded(filled, number).judged
    start_of = found.verdict.timetable.start_of
    told = {c.visit_id: (set(c.technician_ids), c.start_at) for c in found.snapshot.published}
    assert told == {
        v: ({t.technician_id for t in crew}, start_of(v)) for v, crew in found.served.items()
    }
    assert check(filled) == ()


def test_the_lives_of_work_orders_know_what_was_published(filled: Database) -> None:
    number = saved(filled).version
    published(filled, number)
    served = loaded(filled, number).judged.served
    with filled.reading() as session:
        states = {row.id: row.state for row in session.scalars(select(VisitRow))}
        events = session.scalars(select(EventRow).where(EventRow.kind == EventKind.PUBLISHED))
        told = {event.visit_id for event in events}
    assert {v for v, state in states.items() if state == "published"} == set(served) == told


def test_everybody_whose_visit_changes_is_told_and_nobody_else(filled: Database) -> None:
    first = saved(filled).version
    published(filled, first)
    before = loaded(filled, first).judged
    visit_id = next(v for v, crew in sorted(before.served.items()) if len(crew) == 1)
    draft = changed(filled, first, Unassign(visit_id)).version
    done = published(filled, draft, minutes=5)
    (technician_id,) = servers(before.plan, visit_id)
    customer = before.snapshot.site_of(before.snapshot.visit[visit_id]).customer_id
    of_visit = [(n.to, n.recipient_id) for n in done.notices if n.visit_id == visit_id]
    assert of_visit == [
        (Recipient.TECHNICIAN, technician_id),
        (Recipient.CUSTOMER, customer),
    ]
    assert all(n.new is None for n in done.notices if n.visit_id == visit_id)
    after = loaded(filled, draft).judged
    differs = {
        v
        for v in before.served
        if v not in after.served
        or before.verdict.timetable.start_of(v) != after.verdict.timetable.start_of(v)
    }
    assert {n.visit_id for n in done.notices} == differs
    with filled.reading() as session:
        assert session.get(CommitmentRow, visit_id) is None
        row = session.get(VisitRow, visit_id)
        assert row is not None
        assert row.state == "open"
    assert _bookings(filled) == _planned(filled, draft)
    assert _reserved(filled) == _wanted(filled, draft)
    assert check(filled) == ()


def test_a_second_search_takes_the_place_of_the_first(filled: Database) -> None:
    first = saved(filled).version
    published(filled, first)
    baseline = begun(filled, later(3))
    second = saved(filled, baseline, searched(baseline.snapshot, seed=9), minutes=4)
    assert second.base == first
    published(filled, second.version, minutes=5)
    assert _states(filled) == {
        first: PlanState.SUPERSEDED,
        second.version: PlanState.PUBLISHED,
    }
    assert _bookings(filled) == _planned(filled, second.version)
    assert _reserved(filled) == _wanted(filled, second.version)
    assert check(filled) == ()


def test_published_twice_with_one_key_is_published_once(filled: Database) -> None:
    number = saved(filled).version
    first = published(filled, number, key="once")
    assert published(filled, number, key="once") == first
    with pytest.raises(NotADraftError):
        published(filled, number)


def test_a_draft_of_an_old_base_is_refused(filled: Database) -> None:
    first, second = saved(filled).version, saved(filled).version
    published(filled, first)
    before = _all(filled)
    with pytest.raises(StaleVersionError):
        published(filled, second)
    assert _all(filled) == before


def test_whoever_believes_in_another_base_is_refused(filled: Database) -> None:
    number = saved(filled).version
    with pytest.raises(StaleVersionError) as refused:
        in_writing(filled, lambda s: publish(s, number, BY, later(2), expected_base=7))
    assert "made from" not in refused.value.message_en
    assert "None" not in refused.value.message_en + refused.value.message_zh


def test_broken_rules_need_a_reason_that_stays_on_record(filled: Database) -> None:
    number = saved(filled).version
    version = loaded(filled, number).judged
    visit_id = next(v for v, crew in sorted(version.served.items()) if len(crew) == 1)
    other = next(
        t.id for t in version.snapshot.technicians if t.id not in servers(version.plan, visit_id)
    )
    in_writing(filled, lambda s: pin(s, Pin(visit_id, other), BY, later(1)))
    before = _all(filled)
    with pytest.raises(BrokenRulesError) as refused:
        published(filled, number)
    assert {v.code for v in refused.value.broken} == {"pinned"}
    with pytest.raises(MissingReasonError):
        in_writing(filled, lambda s: publish(s, number, BY, later(2), " ", force=True))
    assert _all(filled) == before
    in_writing(filled, lambda s: publish(s, number, BY, later(2), "no other way", force=True))
    forced = loaded(filled, number).forced
    assert [(f.code, f.subject, f.reason, f.forced_by) for f in forced] == [
        ("pinned", visit_id, "no other way", BY)
    ]


def test_without_the_parts_nothing_is_published(filled: Database) -> None:
    number = saved(filled).version
    _, station_id = next(iter(_wanted(filled, number)))
    with filled.writing() as session:
        # Somebody else holds everything at the depot.
        session.execute(
            update(BalanceRow)
            .where(BalanceRow.station_id == station_id)
            .values(reserved=BalanceRow.on_hand, promised=BalanceRow.expected)
        )
    before = _all(filled)
    with pytest.raises(StockError):
        published(filled, number)
    assert _all(filled) == before


def test_a_technician_who_is_booked_is_not_booked_again(filled: Database) -> None:
    """A visit that somebody is busy with keeps its time, even if the plan does without it."""
    first = saved(filled).version
    published(filled, first)
    busy, other = _two_of_a_route(plan_of_sample())
    second = changed(filled, first, Unassign(busy)).version
    published(filled, second, minutes=4)
    start_at = loaded(filled, second).judged.verdict.timetable.start_of(other)
    technician_id = servers(plan_of_sample(), other)[0]
    third = changed(filled, second, Unassign(other), minutes=5).version
    published(filled, third, minutes=6)
    with filled.writing() as session:
        session.execute(update(VisitRow).where(VisitRow.id == busy).values(started_at=start_at))
        session.add(
            BookingRow(
                technician_id=technician_id,
                visit_id=busy,
                start_at=start_at,
                finish_at=start_at + timedelta(minutes=5),
                plan_version=third,
            )
        )
    wish = Assign(other, (technician_id,), start_at)
    fourth = changed(filled, third, wish, "test", minutes=7, force=True).version
    before = _all(filled)
    with pytest.raises(GuardError) as refused:
        published(filled, fourth, minutes=8)
    assert refused.value.guard is Guard.DOUBLE_BOOKING
    assert _all(filled) == before


def _two_of_a_route(plan: Plan) -> tuple[str, str]:
    """Two visits that one technician does one after the other, alone."""
    for route in plan.routes:
        alone = [
            s.visit_id
            for s in route.stops
            if s.visit_id is not None and len(servers(plan, s.visit_id)) == 1
        ]
        if len(alone) > 1:
            return alone[0], alone[1]
    raise AssertionError("no route has two visits")


def _all(database: Database) -> object:
    with database.reading() as session:
        return contents(session)


def test_of_two_publishers_of_one_base_one_wins(server: Server) -> None:
    database = Database(server.new())
    fill(database)
    for _ in range(4):
        drafts = [saved(database).version for _ in range(2)]
        start = Barrier(2)

        def publisher(number: int, start: Barrier = start) -> Published | StaleVersionError:
            def command(session: Session) -> Published:
                return publish(session, number, BY, later(2))

            start.wait()
            try:
                return in_writing(database, command)
            except StaleVersionError as error:
                return error

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(publisher, drafts))
        (won,) = (d for d in done if isinstance(d, Published))
        assert Counter(_states(database).values())[PlanState.PUBLISHED] == 1
        assert _states(database)[won.version] is PlanState.PUBLISHED
        assert _bookings(database) == _planned(database, won.version)
        assert check(database) == ()
    database.close()
