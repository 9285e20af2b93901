"""Slots in the record: who holds one has it, and nobody else."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from dispatch.commands.assigning import (
    Assigned,
    Terms,
    assign,
    committed,
    look,
    standing_to_change,
)
from dispatch.commands.by_hand import Assign, change
from dispatch.commands.live_plan import LivePlan, Turn
from dispatch.commands.plan_errors import UnknownVersionError
from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.commands.slot_errors import SlotError, SlotGoneError
from dispatch.commands.slots import Held, Promised, confirm, hold, list_held, release
from dispatch.commands.slots_kept import kept_plan_for, usual_demand
from dispatch.commands.versions import load_version, planning_snapshot
from dispatch.domain.organisation import Organisation
from dispatch.domain.people import ShiftPattern
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.work import Link, Window
from dispatch.planning import make_plan
from dispatch.slots import slots
from dispatch.store import queries_plans
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.mapping import save_organisation
from dispatch.store.retrying import in_writing
from dispatch.travel import travel_of
from tests.builders import START_AT, a_snapshot, a_technician, a_visit, at
from tests.dispatch.commands.stores import an_organisation

NOW = START_AT
SOON = NOW + timedelta(minutes=15)
MORNING = Window(at(8), at(10))
THREE_HOURS = 3 * 3600
VISITS = tuple(f"V{number}" for number in range(8))
BY = "test"


def _organisation(**fields: object) -> Organisation:
    """T1 and T2 work daily from 08:00 to 17:00; each visit takes three hours, so that each of them
    begins one between 08:00 and 10:00."""
    facts = a_snapshot(
        [a_visit(visit_id, duration_s=THREE_HOURS) for visit_id in VISITS],
        [a_technician(t, shifts=()) for t in ("T1", "T2")],
    )
    patterns = tuple(ShiftPattern(t, "daily", time(8), time(17)) for t in ("T1", "T2"))
    known = replace(
        an_organisation(),
        technicians=facts.technicians,
        shift_patterns=patterns,
        work_orders=facts.work_orders,
        visits=facts.visits,
        sites=facts.sites,
        lots=(),
    )
    return replace(known, **fields)  # type: ignore[arg-type]


def _filled(database: Database, organisation: Organisation) -> Database:
    """With a draft that plans nothing yet."""
    with database.writing() as session:
        save_organisation(session, organisation, BY, NOW)
        save_draft(session, take_baseline(session, NOW, NOW), Plan(()), BY, NOW)
    return database


@pytest.fixture(name="store")
def _store(database: Database) -> Database:
    return _filled(database, _organisation())


def _held(
    store: Database,
    visit_id: str,
    window: Window = MORNING,
    until: datetime = SOON,
    now: datetime = NOW,
    key: str | None = None,
) -> Held:
    return in_writing(store, lambda s: hold(s, visit_id, window, until, BY, now, key), 60)


def _offered(store: Database, visit_id: str, now: datetime = NOW) -> list[Window]:
    with store.reading() as session:
        kept_plan = kept_plan_for(session, visit_id, 3, now)
    return [slot.window for slot in slots(kept_plan, visit_id, days=3, most=30)]


def test_who_asks_next_is_not_offered_what_is_held(store: Database) -> None:
    assert MORNING in _offered(store, "V0")
    held = [_held(store, visit_id) for visit_id in ("V1", "V2")]
    assert {h.technician_id for h in held} == {"T1", "T2"}
    assert MORNING not in _offered(store, "V0")
    assert MORNING in _offered(store, "V1")  # its own
    with pytest.raises(SlotGoneError, match="V3"):
        _held(store, "V3")
    with store.reading() as session:
        assert list(list_held(session, NOW)) == held
    assert list(check(store)) == []


def test_a_hold_that_ran_out_gives_way(store: Database) -> None:
    for visit_id in ("V1", "V2"):
        _held(store, visit_id)
    assert MORNING not in _offered(store, "V0", SOON - timedelta(seconds=1))
    assert MORNING in _offered(store, "V0", SOON)
    again = _held(store, "V3", until=SOON + timedelta(hours=1), now=SOON)
    with store.reading() as session:
        assert list_held(session, SOON) == (again,)
    with pytest.raises(SlotError, match="held"):
        in_writing(store, lambda s: confirm(s, "V1", BY, SOON))


def test_whoever_releases_gives_it_back(store: Database) -> None:
    for visit_id in ("V1", "V2"):
        _held(store, visit_id)
    in_writing(store, lambda s: release(s, "V2", BY, NOW))
    assert _held(store, "V3").window == MORNING
    with pytest.raises(SlotError, match="V2"):
        in_writing(store, lambda s: release(s, "V2", BY, NOW))


def test_a_visit_holds_one_window_at_a_time(store: Database) -> None:
    _held(store, "V1")
    noon = _held(store, "V1", Window(at(12), at(14)))
    with store.reading() as session:
        assert list_held(session, NOW) == (noon,)


def _planned(store: Database, now: datetime = NOW) -> dict[str, datetime]:
    """When a search starts each visit; the referee finds nothing wrong."""
    with store.reading() as session:
        snapshot = planning_snapshot(session, now, held_at=now)
    travel = travel_of(snapshot)
    plan = make_plan(
        snapshot, travel, iterations=60, seed=1, report=lambda _: None, stop=lambda: False
    )
    verdict = judge(snapshot, plan, travel)
    assert verdict.violations == ()
    return {v: verdict.timetable.start_of(v) for v in verdict.timetable.visits}


def test_planning_keeps_what_is_held(store: Database) -> None:
    noon = Window(at(12, day=2), at(13, day=2))
    _held(store, "V5", noon)
    assert noon.open_at <= _planned(store)["V5"] <= noon.close_at
    with store.reading() as session:
        assert planning_snapshot(session, SOON, held_at=SOON).visit["V5"].windows == ()


def test_a_version_has_the_windows_that_are_held_now(store: Database) -> None:
    _held(store, "V5")
    with store.reading() as session:
        windows = [
            load_version(session, 1, at=now).judged.snapshot.visit["V5"].windows
            for now in (NOW, SOON)
        ]
    assert windows == [(MORNING,), ()]


def test_what_is_confirmed_is_promised_for_good(store: Database) -> None:
    _held(store, "V1")
    made = in_writing(store, lambda s: confirm(s, "V1", BY, NOW))
    assert made == Promised("V1", MORNING, ())
    with store.reading() as session:
        assert list_held(session, NOW) == ()
        snapshot = planning_snapshot(session, SOON, held_at=SOON)
    assert snapshot.visit["V1"].windows == (MORNING,)
    assert MORNING.open_at <= _planned(store, SOON)["V1"] <= MORNING.close_at
    # Though no plan has it yet, it is taken.
    _held(store, "V2")
    with pytest.raises(SlotGoneError):
        _held(store, "V3")


def test_what_was_promised_can_be_promised_for_another_time(store: Database) -> None:
    noon = Window(at(12, day=1), at(14, day=1))
    for window in (MORNING, noon):
        _held(store, "V1", window)
        made = in_writing(store, lambda s: confirm(s, "V1", BY, NOW))
    assert made.before == (MORNING,)
    with store.reading() as session:
        assert planning_snapshot(session, NOW).visit["V1"].windows == (noon,)


def test_it_is_confirmed_only_if_somebody_can_still_come(store: Database) -> None:
    """Meanwhile both technicians were given other work for the morning."""
    _held(store, "V1")
    for visit_id, technician_id in (("V2", "T1"), ("V3", "T2")):
        wish = Assign(visit_id, (technician_id,), at(9))
        with store.writing() as session:
            change(session, 1, wish, BY, NOW)
    with pytest.raises(SlotGoneError):
        in_writing(store, lambda s: confirm(s, "V1", BY, NOW))
    with store.reading() as session:
        assert [h.visit_id for h in list_held(session, NOW)] == ["V1"]


def test_a_command_that_is_sent_twice_holds_once(store: Database) -> None:
    first = _held(store, "V1", key="k")
    assert _held(store, "V1", key="k", now=NOW + timedelta(minutes=1)) == first


@pytest.mark.parametrize(
    ("visit_id", "window", "until"),
    [
        ("V99", MORNING, SOON),
        ("V1", Window(at(10), at(8)), SOON),
        ("V1", Window(NOW - timedelta(hours=2), NOW), SOON),
        ("V1", MORNING, NOW),
    ],
)
def test_what_means_nothing_is_refused(
    store: Database, visit_id: str, window: Window, until: datetime
) -> None:
    with pytest.raises(SlotError):
        _held(store, visit_id, window, until)
    with store.reading() as session:
        assert list_held(session, NOW) == ()


def test_nothing_is_held_for_what_people_were_told_of(store: Database) -> None:
    def plan_and_publish(session: Session) -> None:
        baseline = take_baseline(session, NOW, NOW)
        plan = make_plan(
            baseline.snapshot,
            travel_of(baseline.snapshot),
            iterations=60,
            seed=1,
            report=lambda _: None,
            stop=lambda: False,
        )
        saved = save_draft(session, baseline, plan, BY, NOW)
        publish(session, saved.version, BY, NOW)

    in_writing(store, plan_and_publish)
    with pytest.raises(SlotError, match="unassign"):
        _held(store, "V1")


def test_without_a_plan_there_is_nothing_to_look_in(database: Database) -> None:
    with database.writing() as session:
        save_organisation(session, _organisation(), BY, NOW)
    with pytest.raises(UnknownVersionError):
        _held(database, "V1")


def test_two_customers_never_hold_the_last_technician(store: Database) -> None:
    """Two technicians can begin in the morning; all customers ask at once."""

    def asked(visit_id: str) -> str:
        try:
            return type(_held(store, visit_id)).__name__
        except SlotGoneError as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(VISITS)) as pool:
        said = Counter(pool.map(asked, VISITS))
    assert said == {"Held": 2, "SlotGoneError": len(VISITS) - 2}
    with store.reading() as session:
        held = [found.visit_id for found in list_held(session, NOW)]
    starts = _planned(store)
    assert all(MORNING.open_at <= starts[visit_id] <= MORNING.close_at for visit_id in held)


def test_a_crew_takes_both(database: Database) -> None:
    visits = list(_organisation().visits)
    visits[0] = replace(visits[0], crew_size=2)
    store = _filled(database, _organisation(visits=tuple(visits)))
    _held(store, "V0")
    with pytest.raises(SlotGoneError):
        _held(store, "V1")


def test_what_is_linked_is_kept_room_for_too(database: Database) -> None:
    """V1 follows V0 at once and takes as long: the day of one technician is full."""
    organisation = _organisation(links=(Link("V0", "V1", 0, 3600),))
    store = _filled(database, organisation)
    _held(store, "V0")
    _held(store, "V2")
    noon = Window(at(11), at(13))
    _held(store, "V3", noon)
    with pytest.raises(SlotGoneError):
        _held(store, "V4", noon)


def test_the_work_that_usually_comes_in_is_counted_from_the_record(database: Database) -> None:
    """Five Mondays ago the first work order came in; two more did last Monday."""
    orders = list(_organisation().work_orders)
    week = timedelta(days=7)
    for i, weeks in enumerate((5, 1, 1)):
        orders[i] = replace(orders[i], reported_at=NOW - weeks * week)
    for i in range(3, len(orders)):
        orders[i] = replace(orders[i], reported_at=NOW)
    store = _filled(database, _organisation(work_orders=tuple(orders)))
    with store.reading() as session:
        kept_plan = kept_plan_for(session, "V0", 1, NOW)
        found = usual_demand(session, kept_plan, NOW)
        new = usual_demand(session, kept_plan, NOW - 4 * week)
    assert found is not None
    assert found.usual == {("north", 0): 600}
    assert found.expected_s("north", date(2026, 9, 28)) == 600 * found.visit_s // 1000
    assert found.expected_s("north", date(2026, 9, 29)) == 0
    assert new is None


def test_what_is_held_keeps_its_time_against_what_others_assign(store: Database) -> None:
    """Another process has loaded the plan before, and books what comes in."""
    with store.writing() as session:
        queries_plans.set_rehearsal(session, NOW - datetime.now(UTC))
    with store.writing() as session:
        publish(session, 1, BY, NOW)
    elsewhere = LivePlan(store)
    with elsewhere.asked():
        pass
    held = [_held(store, visit_id, until=NOW + timedelta(hours=1)) for visit_id in ("V1", "V2")]

    def booked(visit_id: str) -> Assigned:
        def write(turn: Turn, waits: bool) -> Assigned:
            with store.writing() as session:
                standing = standing_to_change(session, turn, NOW, waits=waits)
                return assign(session, turn, standing, f"{visit_id}@A", Terms(), BY, NOW)

        return committed(elsewhere, write)

    made = [booked(visit_id).visits[0].option for visit_id in ("V3", "V4")]
    assert all(option is not None and option.start_at >= MORNING.close_at for option in made)
    for one in held:
        in_writing(store, lambda s, one=one: confirm(s, one.visit_id, BY, NOW))  # type: ignore[misc]
    with store.reading() as session:
        found = load_version(session, 1, at=NOW).judged
    assert found.verdict.violations == ()
    assert {"V3", "V4"} <= found.served.keys()


def test_what_was_held_and_expired_keeps_no_time(store: Database) -> None:
    with store.writing() as session:
        queries_plans.set_rehearsal(session, NOW - datetime.now(UTC))
    with store.writing() as session:
        publish(session, 1, BY, NOW)
    until = NOW + timedelta(hours=1)
    for visit_id in ("V1", "V2"):
        _held(store, visit_id, until=until)
    live = LivePlan(store)
    with live.asked() as (standing, _):
        visit = standing.kept_plan.snapshot.visit["V3"]
        held, free = (look(standing, visit, Terms(), now).options[0] for now in (NOW, until))
    assert held.start_at >= MORNING.close_at > free.start_at
