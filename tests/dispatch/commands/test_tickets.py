"""Tickets become work orders, once; emergencies get somebody who comes first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from dispatch.commands.recording_errors import FutureError, RecordingError, TicketError
from dispatch.commands.tickets import (
    Contained,
    NewTicket,
    Taken,
    VisitNeeds,
    contain,
    take_ticket,
)
from dispatch.domain.events import EventKind as E
from dispatch.domain.parts import PartQuantity
from dispatch.domain.recorded import work_order_of
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.transitions import State
from dispatch.domain.work import ClockKind, GateKind, Priority, SkillNeed, Ticket, Window
from dispatch.importing import import_organisation
from dispatch.store.database import Database
from dispatch.store.mapping import load_snapshot
from dispatch.store.retrying import in_writing
from dispatch.store.rows_work import LinkRow, WorkOrderRow
from dispatch.work_order_facts import work_order_facts
from tests.builders import ALWAYS, START_AT, a_visit, a_work_order
from tests.databases import Server
from tests.dispatch.commands.records import (
    Record,
    an_organisation,
    assert_derived,
    found,
    minute,
)


@pytest.fixture(name="known")
def _known(database: Database) -> Iterator[Record]:
    made = found(database)
    yield made
    with database.reading() as session:
        assert_derived(session)


NEEDS = VisitNeeds(
    duration_s=1800,
    skills=(SkillNeed("camera", 2),),
    parts=(PartQuantity("camera", 1),),
    tools=("ladder",),
    windows=(Window(minute(60), minute(120)),),
    run_in_s=600,
    crew_size=2,
    wished_technician_id="T2",
)


def test_a_ticket_becomes_a_work_order_with_all_that_is_known(known: Record) -> None:
    taken = known.ticket("X1", visits=(NEEDS, VisitNeeds()), priority=Priority.HIGH)
    assert taken == Taken("X1", ("X1-1", "X1-2"), State.REPORTED)
    life = known.life("X1")
    order, visit = work_order_of(life), life.visits[0]
    assert (order.product, order.site_id, order.priority) == ("terminal", "A", Priority.HIGH)
    assert [(g.kind, g.passed_at) for g in order.gates] == [(GateKind.REMOTE_DIAGNOSIS, None)]
    assert VisitNeeds(**{f: getattr(visit, f) for f in NEEDS.__slots__}) == NEEDS


def test_what_came_in_is_planned_once_its_gates_are_open(known: Record) -> None:
    known.ticket("X1", visits=(NEEDS,))
    known.tell(E.ON_SITE_NEEDED, 5, order="X1")
    with known.database.reading() as session:
        snapshot = load_snapshot(session, minute(10))
    assert [v.id for v in snapshot.visits] == ["X1-1"]
    assert all(g.passed_at for g in snapshot.work_orders[0].gates)


def test_the_same_number_again_is_the_same_work_order(known: Record) -> None:
    first = known.ticket("X1")
    again = known.ticket("X1", at=30, priority=Priority.LOW)
    assert again == replace(first, again=True)
    assert known.row("X1").reported_at == minute(0)


def test_a_ticket_again_is_as_urgent_as_it_was(known: Record) -> None:
    first = known.ticket("X1")
    assert known.ticket("X1", priority=Priority.EMERGENCY) == replace(first, again=True)
    urgent = known.ticket("X2", priority=Priority.EMERGENCY)
    assert known.ticket("X2", priority=Priority.LOW) == replace(urgent, again=True)


def test_without_a_remote_diagnosis_the_warranty_decides_at_once(known: Record) -> None:
    assert known.ticket("X1", skip_diagnosis=True).state is State.CLEARED
    assert known.ticket("X2", skip_diagnosis=True, equipment_id="E2").state is State.QUOTE_NEEDED


def test_a_visit_is_like_that_of_the_last_work_order_of_the_product(known: Record) -> None:
    known.ticket("X1", visits=(NEEDS,))
    known.ticket("X2", at=5, visits=())
    known.ticket("X3", at=6, visits=(), equipment_id=None, site_id="B", product="other")
    like, unlike = known.life("X2").visits[0], known.life("X3").visits[0]
    assert (like.duration_s, like.skills, like.run_in_s) == (1800, NEEDS.skills, 600)
    assert (like.parts, like.windows) == ((), ())
    assert (unlike.duration_s, unlike.skills) == (3600, ())


def test_an_emergency_alerts_the_nearest_station(known: Record) -> None:
    assert known.ticket("X1", priority=Priority.EMERGENCY).alerted_station_id == "S1"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"equipment_id": None}, "neither equipment nor a site"),
        ({"equipment_id": "E9"}, "E9"),
        ({"equipment_id": None, "site_id": "Z", "product": "p"}, "site 'Z'"),
        ({"equipment_id": None, "site_id": "A"}, "nor a product"),
        ({"site_id": "B"}, "stands at site 'A'"),
        ({"visits": (VisitNeeds(parts=(PartQuantity("p9", 1),)),)}, "part 'p9'"),
        ({"visits": (VisitNeeds(wished_technician_id="T9"),)}, "technician 'T9'"),
    ],
)
def test_a_ticket_that_says_too_little_or_nonsense_is_refused(
    known: Record, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(TicketError, match=said):
        known.ticket("X1", **wrong)
    with known.database.reading() as session:
        assert session.get(WorkOrderRow, "X1") is None


def test_a_ticket_of_tomorrow_is_refused(known: Record) -> None:
    ticket = Ticket("X1", minute(500), "phone", "")
    with pytest.raises(FutureError):
        in_writing(
            known.database,
            lambda s: take_ticket(s, NewTicket(ticket, equipment_id="E1"), "desk", minute(0)),
        )


def test_the_number_of_another_work_order_is_refused(database: Database) -> None:
    visits = (a_visit("V5", work_order_id="W5"),)
    known = found(database, an_organisation(work_orders=(a_work_order("W5"),), visits=visits))
    with pytest.raises(TicketError, match="W5"):
        known.ticket("W5")


@pytest.mark.parametrize("writers", [8])
def test_who_sends_the_same_ticket_at_once_gets_the_same_work_order(
    server: Server, writers: int
) -> None:
    database = Database(server.new(), wait_s=10)
    known = found(database)
    with ThreadPoolExecutor(writers) as pool:
        taken = list(pool.map(lambda n: known.ticket(f"X{n % 2}"), range(writers)))
    assert {t.work_order_id for t in taken} == {"X0", "X1"}
    assert [t.again for t in taken].count(False) == 2
    with database.reading() as session:
        positions = session.scalars(select(WorkOrderRow.position)).all()
        assert len(set(positions)) == 2
        assert_derived(session)
    database.close()


# -------------------------------------------------------------------------- who comes first


def _contain(known: Record, key: str | None = None) -> Contained:
    return in_writing(known.database, lambda s: contain(s, "W1", "desk", minute(9), key=key))


def test_somebody_of_the_nearest_station_comes_first(known: Record) -> None:
    known.ticket(priority=Priority.EMERGENCY)
    made = _contain(known, key="K")
    assert made == Contained("W1-1-C1", "W1-1", "S1")
    assert _contain(known, key="K") == made
    visits = known.life().visit
    assert visits["W1-1"].stops == (ClockKind.RESTORE,)
    assert visits["W1-1-C1"].stops == (ClockKind.RESPOND, ClockKind.ARRIVE)
    with known.database.reading() as session:
        assert session.get(LinkRow, ("W1-1-C1", "W1-1")) is not None
        assert session.scalar(select(func.count()).select_from(LinkRow)) == 1


def test_nobody_comes_first_twice_or_for_nothing(known: Record) -> None:
    known.ticket()
    _contain(known)
    with pytest.raises(RecordingError, match="already"):
        _contain(known)
    known.tell(E.SOLVED_REMOTELY, 20)
    with pytest.raises(RecordingError, match="no repair to come"):
        _contain(known)


def test_nobody_can_be_sent_where_there_is_no_station(database: Database) -> None:
    known = found(database, an_organisation(stations=(), technicians=(), shift_patterns=()))
    known.ticket()
    with pytest.raises(RecordingError, match="no station"):
        _contain(known)


def test_who_contains_the_fault_stops_the_clock_to_arrive(known: Record) -> None:
    known.ticket()
    made = _contain(known)
    known.tell(E.ON_SITE_NEEDED, 20)
    known.tell(E.PUBLISHED, 21, visit=made.visit_id)
    known.tell(E.ARRIVED, 30, visit=made.visit_id)
    known.tell(E.REPAIRED, 40, visit=made.visit_id)
    row = known.row()
    assert (row.arrived_at, row.restored_at) == (minute(30), None)


def test_terms_that_an_import_changes_hold_at_once(known: Record) -> None:
    known.ticket("X1")

    def due(hours: int) -> bool:
        with known.database.reading() as session:
            facts = work_order_facts(session, "X1", minute(1))
        clocks = {clock.kind: clock.due_at for clock in facts.clocks}
        return clocks[ClockKind.ARRIVE] == minute(60 * hours)

    assert due(hours=4)
    rule = SlaRule("all", clocks=(ClockTerms(ClockKind.ARRIVE, 2 * 3600, ALWAYS.id),))
    with known.database.writing() as session:
        import_organisation(session, an_organisation(sla_rules=(rule,)), "importer", START_AT)
    assert due(hours=2)
