"""The manager's figures, by what is on record."""

from datetime import date, timedelta

import pytest

from dispatch.commands.stock import Expected, expect, receive
from dispatch.commands.stock_picks import Units
from dispatch.commands.tickets import VisitNeeds
from dispatch.domain.access import Grant, Role
from dispatch.domain.attainment import ClockState
from dispatch.domain.events import Complaint, Failure, FailureReason, Publication
from dispatch.domain.events import EventKind as E
from dispatch.domain.figures import Done, Figures, PartShort, SpanName, current_spans
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Absence
from dispatch.domain.work import ClockKind
from dispatch.figures import figures_of
from dispatch.kept_lives import KeptLives
from dispatch.store.database import Database
from dispatch.store.queries_stock import Place
from dispatch.store.retrying import in_writing
from tests.builders import a_technician
from tests.dispatch.commands.records import HOUR, PUBLISHED, Record, an_organisation, found, minute

MONDAY, TUESDAY = date(2026, 9, 28), date(2026, 9, 29)
ALL = Grant("k", "manager", Role.VIEWER)
DAY = 24 * HOUR


@pytest.fixture(name="known")
def _known(database: Database) -> Record:
    made = found(database)
    made.ticket()
    return made


def _figures(
    known: Record,
    at: int,
    first: date = MONDAY,
    last: date = MONDAY,
    grant: Grant = ALL,
    kept: KeptLives | None = None,
) -> Figures:
    with known.database.reading() as session:
        return figures_of(session, minute(at), grant, first, last, kept or KeptLives())


def _shares(figures: Figures, name: SpanName) -> dict[ClockKind, tuple[int, int, int, int]]:
    (own,) = (s for s in figures.spans if s.span.name is name)
    return {c.clock: (c.counted, c.kept, c.before_counted, c.before_kept) for c in own.clocks}


def test_weeks_and_months_are_compared_with_the_same_part_of_the_last_ones() -> None:
    today, week, month = current_spans(date(2026, 3, 31))
    assert (today.before_first, today.before_last) == (date(2026, 3, 30), date(2026, 3, 30))
    assert (week.first, week.before_first, week.before_last) == (
        date(2026, 3, 30),
        date(2026, 3, 23),
        date(2026, 3, 24),
    )
    # February has no 31st.
    assert (month.before_first, month.before_last) == (date(2026, 2, 1), date(2026, 2, 28))


def test_clocks_count_on_the_day_on_which_they_were_due(known: Record) -> None:
    known.tell(E.RESPONDED, 30)
    known.ticket("W2", at=22 * HOUR)  # respond due on Monday, arrive and restore on Tuesday
    known.tell(E.RESPONDED, 23 * HOUR + 30, order="W2")
    figures = _figures(known, DAY + 7 * HOUR, first=TUESDAY, last=TUESDAY)
    assert _shares(figures, SpanName.TODAY) == {
        ClockKind.RESPOND: (0, 0, 2, 1),
        ClockKind.ARRIVE: (1, 0, 1, 0),
        ClockKind.RESTORE: (1, 0, 1, 0),
    }
    assert _shares(figures, SpanName.CHOSEN) == _shares(figures, SpanName.TODAY)
    assert [(d.day, d.clock, d.counted, d.kept) for d in figures.by_day] == [
        (TUESDAY, ClockKind.ARRIVE, 1, 0),
        (TUESDAY, ClockKind.RESTORE, 1, 0),
    ]
    (station,) = (s for s in figures.stations if s.station_id == "S1")
    assert [(c.counted, c.kept) for c in station.clocks] == [(0, 0), (1, 0), (1, 0)]


def test_what_runs_out_says_which_visit_is_to_stop_it_and_when_somebody_comes(
    known: Record,
) -> None:
    known.go(*PUBLISHED)
    lines = {line.clock: line for line in _figures(known, 3 * HOUR).running_out}
    assert {c: line.state for c, line in lines.items()} == {
        ClockKind.RESPOND: ClockState.BROKEN,
        ClockKind.ARRIVE: ClockState.RUNNING,
    }
    assert lines[ClockKind.ARRIVE].visit_id == "W1-1"
    assert lines[ClockKind.ARRIVE].starts_at is not None
    known.tell(E.ARRIVED, 3 * HOUR)
    assert [line.clock for line in _figures(known, 5 * HOUR).running_out] == [ClockKind.RESTORE]


def test_work_counts_once_and_against_the_shift_less_absences(database: Database) -> None:
    away = Absence(minute(8 * HOUR), minute(12 * HOUR))
    known = found(
        database,
        an_organisation(
            technicians=(
                a_technician("T1", shifts=()),
                a_technician("T2", shifts=(), absences=(away,)),
            )
        ),
    )
    for order, begin in (("W1", 9 * HOUR), ("W2", 9 * HOUR + 30)):  # at the same site, at once
        known.ticket(order)
        known.go(E.ON_SITE_NEEDED, E.PUBLISHED, order=order)
        known.tell(E.DEPARTED, begin, order=order)
        known.tell(E.ARRIVED, begin + 10, order=order)
        known.tell(E.REPAIRED, begin + 50, order=order)
    known.tell(E.REPAIRED, 18 * HOUR, order="W2")
    loads = {load.technician_id: load for load in _figures(known, DAY).loads}
    technician_ids = {"T1", "T2"}
    assert set(loads) == technician_ids
    assert (loads["T1"].regular_s, loads["T2"].regular_s) == ((9 * 3600,), (5 * 3600,))
    worked = {name: load.worked_s[0] for name, load in loads.items() if load.worked_s[0]}
    assert set(worked.values()) == {9 * 3600}  # from 9:00 to 18:00, none of it twice
    assert {loads[name].overtime_s for name in worked} == {(3600,)}


def test_open_work_is_told_by_age_and_by_whether_anybody_was_told(known: Record) -> None:
    known.ticket("W2", at=30 * HOUR)
    known.go(*PUBLISHED, order="W2", start=30 * HOUR + 1)
    ages = _figures(known, 30 * HOUR + 10).ages
    assert [(a.from_h, a.waiting, a.unassigned) for a in ages] == [
        (0, 1, 0),
        (24, 1, 1),
        (72, 0, 0),
        (168, 0, 0),
    ]


def test_a_repair_at_the_second_try_is_no_first_time_fix(known: Record) -> None:
    known.ticket("W2", at=1)
    for order in ("W1", "W2"):
        known.go(*PUBLISHED, E.ARRIVED, order=order, start=2)
    known.tell(E.REPAIRED, 60)
    known.tell(E.VISIT_FAILED, 60, order="W2", details=Failure(FailureReason.NO_ACCESS))
    told = Publication(("T2",), minute(90))
    again = {"order": "W2", "visit": "W2-1-F1"}
    known.tell(E.PUBLISHED, 70, details=told, **again)
    known.tell(E.ARRIVED, 90, **again)
    known.tell(E.REPAIRED, 120, **again)
    known.tell(E.COMPLAINT_RECEIVED, 200, details=Complaint("C1"))
    assert _figures(known, 300).done == Done(2, 1, 1, 1)
    known.tell(E.COMPLAINT_ANSWERED, 400, details=Complaint("C1"))
    known.tell(E.COMPLAINT_CLOSED, 500, details=Complaint("C1"))
    tuesday = _figures(known, DAY + 1, first=TUESDAY, last=TUESDAY)
    assert (tuesday.done, tuesday.done_before) == (Done(), Done(2, 1, 1, 0))


def test_what_was_read_once_is_read_again_when_something_was_added(known: Record) -> None:
    kept = KeptLives()
    known.go(*PUBLISHED, E.ARRIVED, E.REPAIRED, E.SIGNED_OFF, E.CLOSED)
    assert _figures(known, 100, kept=kept).done == Done(1, 1, 0, 0)
    known.tell(E.COMPLAINT_RECEIVED, 200, details=Complaint("C1"))
    assert _figures(known, 300, kept=kept).done == Done(1, 1, 1, 1)


def test_parts_are_short_beyond_what_is_free_there_and_substitutes_count(known: Record) -> None:
    """T1 has two cameras on the van; the depot gets a substitute, and an SIM is to come."""
    needs = VisitNeeds(parts=(PartQuantity("camera", 2), PartQuantity("sim", 1)))
    for order in ("W2", "W3"):
        known.ticket(order, visits=(needs,))
    assert _figures(known, 1).parts_short == (
        PartShort("S1", "camera", "Camera", 4, 2, 0, None, 0),
        PartShort("S1", "sim", "SIM", 2, 0, 0, None, 0),
    )

    def deliver(session: object) -> None:
        place = Place(station_id="S1")
        receive(session, "L1", Units("camera2", 1), place, "desk", minute(2))  # type: ignore[arg-type]
        elsewhere = Place(station_id="S2")
        receive(session, "L2", Units("camera", 3), elsewhere, "desk", minute(2))  # type: ignore[arg-type]
        delivery = Expected("L3", "sim", 1, "S1", minute(2 * DAY))
        expect(session, delivery, "desk", minute(2))  # type: ignore[arg-type]

    in_writing(known.database, deliver)
    assert _figures(known, 3).parts_short == (
        PartShort("S1", "camera", "Camera", 4, 3, 0, None, 3),
        PartShort("S1", "sim", "SIM", 2, 0, 1, minute(2 * DAY), 0),
    )
    limited = Grant("k", "south", Role.VIEWER, ("south",))
    nothing = _figures(known, 3, grant=limited)
    assert (nothing.parts_short, nothing.running_out, nothing.by_day) == ((), (), ())
    assert sum(age.waiting for age in nothing.ages) == 0


def test_days_are_those_that_were_asked_for(known: Record) -> None:
    figures = _figures(known, 1, last=MONDAY + timedelta(days=2))
    assert [day.isoformat() for day in figures.load_days] == [
        "2026-09-28",
        "2026-09-29",
        "2026-09-30",
    ]
