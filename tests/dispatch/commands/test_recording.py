"""Facts come in: what is on record afterwards."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from dispatch.commands.recording import (
    record,
    record_all,
    settle,
)
from dispatch.commands.recording_errors import (
    EventTakenError,
    FutureError,
    RecordingError,
    UnknownWorkOrderError,
)
from dispatch.domain.events import EventKind as E
from dispatch.domain.events import (
    PartUsed,
    Publication,
    Repair,
    ReturnedUnit,
)
from dispatch.domain.life_errors import IllegalStepError, MalformedEventError
from dispatch.domain.transitions import State
from dispatch.domain.work import Commitment
from dispatch.store import queries_work
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_log import AuditRow, EventRow
from dispatch.store.rows_parts import ReturnedUnitRow
from dispatch.store.rows_work import VisitRow
from tests.builders import a_visit, a_work_order
from tests.databases import Server
from tests.dispatch.commands.records import (
    PUBLISHED,
    REPAIRED,
    Record,
    an_organisation,
    assert_derived,
    found,
    minute,
)


@pytest.fixture(name="known")
def _known(database: Database) -> Iterator[Record]:
    made = found(database)
    made.ticket()
    yield made
    with database.reading() as session:
        assert_derived(session)
    assert check(database) == ()


def _count(database: Database, table: type[EventRow] | type[AuditRow] | type[VisitRow]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _refused(database: Database) -> list[str]:
    with database.reading() as session:
        return [kept["event"]["id"] for _, kept in queries_work.refused_page(session)]


# ------------------------------------------------------------------------------- what is on record


def test_a_whole_life_ends_closed(known: Record) -> None:
    last = known.go(*REPAIRED, E.SIGNED_OFF, E.CLOSED)
    row = known.row()
    assert (row.state, row.closed_at) == (State.CLOSED, minute(last - 1))
    assert (row.arrived_at, row.restored_at) == (minute(4), minute(6))
    with known.database.reading() as session:
        visit = session.get_one(VisitRow, "W1-1")
        assert (visit.state, visit.started_at, visit.ended_at) == (
            State.SIGNED_OFF,
            minute(4),
            minute(7),
        )


def test_an_illegal_step_changes_nothing_and_names_the_legal_ones(known: Record) -> None:
    before = _count(known.database, EventRow), _count(known.database, AuditRow)
    with pytest.raises(IllegalStepError) as error:
        known.tell(E.QUOTE_ACCEPTED, 5)
    assert E.ON_SITE_NEEDED in error.value.legal
    assert (_count(known.database, EventRow), _count(known.database, AuditRow)) == before


def test_the_same_fact_again_changes_nothing(known: Record) -> None:
    event = known.event(E.RESPONDED, 5)
    assert not known.send(event).again
    counts = _count(known.database, EventRow), _count(known.database, AuditRow)
    again = known.send(event, at=90)
    assert again.again
    assert again.state is State.REPORTED
    assert (_count(known.database, EventRow), _count(known.database, AuditRow)) == counts


def test_an_id_is_given_once(known: Record) -> None:
    known.ticket("W2")
    known.tell(E.RESPONDED, 5, event_id="X")
    with pytest.raises(MalformedEventError):
        known.tell(E.PAUSED, 6, event_id="X")
    with pytest.raises(EventTakenError, match="W1"):
        known.tell(E.RESPONDED, 5, order="W2", event_id="X")


def test_what_has_not_happened_yet_is_refused(known: Record) -> None:
    with pytest.raises(FutureError, match="future"):
        known.send(known.event(E.RESPONDED, 20), at=10)
    assert known.send(known.event(E.RESPONDED, 11), at=10).state is State.REPORTED


def test_an_unknown_work_order_is_named(known: Record) -> None:
    with pytest.raises(UnknownWorkOrderError, match="W9"):
        known.tell(E.RESPONDED, 5, order="W9")


def test_the_audit_trail_says_who_and_from_what_to_what(known: Record) -> None:
    known.tell(E.PAUSED, 5)
    with known.database.reading() as session:
        entry = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
        assert entry is not None
        assert (entry.command, entry.subject_id, entry.done_by) == ("record", "W1", "T1")
        assert entry.before == {"state": "reported"}
        assert entry.after is not None
        assert entry.after["state"] == "reported"


# ---------------------------------------------------------------------------------------- gates


def test_in_warranty_nobody_is_asked(known: Record) -> None:
    assert known.tell(E.ON_SITE_NEEDED, 5).state is State.READY
    assert E.IN_WARRANTY in [e.kind for e in known.life().events]


def test_out_of_warranty_the_customer_has_to_accept_a_quote(known: Record) -> None:
    known.ticket("W2", equipment_id="E2")
    assert known.tell(E.ON_SITE_NEEDED, 5, order="W2").state is State.QUOTE_NEEDED
    with pytest.raises(IllegalStepError):
        known.tell(E.PUBLISHED, 6, order="W2")
    known.tell(E.QUOTE_ASKED, 7, order="W2")
    assert known.tell(E.QUOTE_ACCEPTED, 30, order="W2").state is State.READY


def test_solved_remotely_no_visit_is_planned_until_somebody_is_needed_after_all(
    known: Record,
) -> None:
    known.tell(E.SOLVED_REMOTELY, 5)
    with known.database.reading() as session:
        assert session.get_one(VisitRow, "W1-1").ended_at == minute(5)
    known.tell(E.ON_SITE_NEEDED, 9)
    with known.database.reading() as session:
        assert session.get_one(VisitRow, "W1-1").ended_at is None


# --------------------------------------------------------------------------------- from the field


def test_facts_from_a_phone_come_in_any_order(known: Record) -> None:
    known.go(*PUBLISHED)
    repaired = known.send(known.event(E.REPAIRED, 60), at=100, late=True)
    assert (repaired.waits, repaired.state) == (True, State.PUBLISHED)
    arrived = known.send(known.event(E.ARRIVED, 30), at=101, late=True)
    assert (arrived.waits, arrived.state) == (False, State.REPAIRED)
    assert known.row().restored_at == minute(60)


def test_what_a_phone_sends_and_cannot_be_is_kept_for_a_person(known: Record) -> None:
    known.go(*REPAIRED, E.SIGNED_OFF, E.CLOSED)
    event = known.event(E.REPAIRED, 90)
    for _ in range(2):
        refused = known.send(event, late=True)
        assert refused.refused is not None
        assert "not possible" in refused.refused.en
    assert _refused(known.database) == [event.id]
    with known.database.writing() as session:
        settle(session, event.id, "desk", minute(99), "was another visit")
    assert _refused(known.database) == []


def test_nothing_from_a_phone_is_lost_whatever_is_wrong_with_it(known: Record) -> None:
    unknown = known.event(E.ARRIVED, 5, order="W9")
    ahead = known.event(E.ARRIVED, 500)
    for event in (unknown, ahead):
        assert known.send(event, at=6, late=True).refused is not None
    assert _refused(known.database) == [unknown.id, ahead.id]


def test_parts_that_were_not_booked_are_settled_by_the_id_that_is_listed(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    many = known.event(E.REPAIRED, 40, details=Repair((PartUsed("camera", 7),)))
    assert known.send(many, late=True).refused is not None
    with known.database.writing() as session:
        ((_, kept),) = queries_work.refused_page(session)
        settle(session, kept["id"], "desk", minute(99), "counted the van")
    assert _refused(known.database) == []


def test_what_was_never_refused_cannot_be_settled(known: Record) -> None:
    known.tell(E.RESPONDED, 5, event_id="X")
    for event_id in ("nonsense", "X"):
        with (
            pytest.raises(RecordingError, match=event_id),
            known.database.writing() as session,
        ):
            settle(session, event_id, "desk", minute(9), "why not")


def test_what_the_database_refuses_is_kept_too(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    used = Repair((PartUsed("camera"),), (ReturnedUnit("camera"),))
    known.ticket("W2")
    with known.database.writing() as session:
        # A number that was given already, to another visit.
        session.add(_returned("W1-1/1", "W2-1"))
    event = known.event(E.REPAIRED, 40, details=used)
    kept = known.send(event, late=True)
    assert (kept.visit_state, kept.refused is not None) == (State.REPAIRED, True)
    assert _refused(known.database) == [event.id]


def _returned(number: str, visit_id: str) -> ReturnedUnitRow:
    return ReturnedUnitRow(
        id=number, visit_id=visit_id, part_id="camera", serial="", returned_at=minute(9)
    )


def test_an_id_that_follows_from_another_is_given_once_too(known: Record) -> None:
    known.ticket("W2")
    known.tell(E.RESPONDED, 2, order="W2", event_id="X/in_warranty")
    with pytest.raises(EventTakenError, match="W2"):
        known.tell(E.ON_SITE_NEEDED, 5, event_id="X")
    late = known.send(known.event(E.ON_SITE_NEEDED, 5, event_id="X"), late=True)
    assert late.refused is not None


def test_who_did_it_and_who_wrote_it_down_are_both_known(known: Record) -> None:
    event = known.event(E.RESPONDED, 5)
    in_writing(known.database, lambda s: record(s, event, "desk", minute(6)))
    with known.database.reading() as session:
        row = session.get_one(EventRow, event.id)
        entry = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
        assert entry is not None
        assert (row.recorded_by, entry.done_by) == ("T1", "desk")


def test_a_refused_fact_that_fits_later_needs_nobody(known: Record) -> None:
    known.tell(E.SOLVED_REMOTELY, 5)
    known.tell(E.CLOSED, 6)
    early = known.event(E.ARRIVED, 5, order="W2")
    assert known.send(early, at=7, late=True).refused is not None
    known.ticket("W2", at=1)
    assert known.send(early, at=8, late=True).waits
    assert _refused(known.database) == []


# ----------------------------------------------------------------------------------- many at once


def test_many_facts_are_taken_in_together_or_not_at_all(known: Record) -> None:
    known.ticket("W2")
    known.tell(E.ON_SITE_NEEDED, 1)
    events = [known.event(E.PUBLISHED, 5, order=order) for order in ("W1", "W2")]
    with pytest.raises(IllegalStepError), known.database.writing() as session:
        record_all(session, events, "desk", minute(5))
    assert known.row().state == State.READY
    known.tell(E.ON_SITE_NEEDED, 2, order="W2")
    with known.database.writing() as session:
        assert record_all(session, events, "desk", minute(5)) == {
            "W1": State.PUBLISHED,
            "W2": State.PUBLISHED,
        }


def test_a_work_order_from_a_table_lives_on(database: Database) -> None:
    order = replace(a_work_order("W5"), responded_at=minute(3))
    told = Commitment("V5", ("T2",), minute(60))
    organisation = an_organisation(
        work_orders=(order,), visits=(a_visit("V5", work_order_id="W5"),), published=(told,)
    )
    known = found(database, organisation)
    departed = known.tell(E.DEPARTED, 50, order="W5", visit="V5")
    assert departed.state is State.UNDER_WAY
    events = known.life("W5").events
    assert [e.details for e in events if e.kind is E.PUBLISHED] == [
        Publication(("T2",), minute(60))
    ]
    with database.reading() as session:
        assert_derived(session)


@pytest.mark.parametrize("writers", [8])
def test_writers_of_one_work_order_take_turns(server: Server, writers: int) -> None:
    """Each of them may record the one legal step; exactly one of each kind gets through."""
    database = Database(server.new(), wait_s=10)
    known = found(database)
    known.ticket()
    known.go(*PUBLISHED)
    departures = [known.event(E.VISIT_FAILED, 30) for _ in range(writers)]
    same = known.event(E.PAUSED, 31, event_id="same")

    def send(number: int) -> tuple[str, bool]:
        try:
            known.send(departures[number])
        except IllegalStepError:
            return "illegal", known.send(same).again
        return "recorded", known.send(same).again

    with ThreadPoolExecutor(writers) as pool:
        outcomes = list(pool.map(send, range(writers)))
    assert [o for o, _ in outcomes].count("recorded") == 1
    assert [again for _, again in outcomes].count(False) == 1
    with database.reading() as session:
        (life,) = assert_derived(session)
        assert [v.id for v in life.visits] == ["W1-1", "W1-1-F1"]
    database.close()
