"""Work orders assigned at once: what was promised holds, and nothing is promised twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.commands.absences import add_absence
from dispatch.commands.assigning import (
    Assigned,
    Chosen,
    Outcome,
    PlaceGoneError,
    Refused,
    Terms,
    VisitAssigned,
    assign,
    assign_all,
    committed,
    standing_to_change,
    suggest,
)
from dispatch.commands.assigning_together import Wanted, assign_together
from dispatch.commands.hand_records import ASSIGN_NOW
from dispatch.commands.live_plan import LivePlan, Turn
from dispatch.commands.publishing import publish
from dispatch.commands.recording_errors import UnknownWorkOrderError
from dispatch.commands.stuck import stuck
from dispatch.commands.tickets import NewTicket, VisitNeeds, take_ticket
from dispatch.commands.versions import Version, load_version, not_forced
from dispatch.domain.parts import PartQuantity
from dispatch.domain.referee import judge
from dispatch.domain.work import Priority, Ticket
from dispatch.explain import Explainer
from dispatch.relaxing import Relaxer
from dispatch.store import queries_plans
from dispatch.store.database import Database
from dispatch.store.queries_changes import changes_since, mark_now
from dispatch.store.rows_log import AuditRow, EventRow
from dispatch.store.rows_parts import ReservationRow
from tests.dispatch.commands.planned import (
    BY,
    NOW,
    begun,
    fill,
    later,
    organisation,
    published,
    saved,
)

SITES = [site.id for site in organisation().sites]
AT_ONCE = 6


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    """The sample with a published plan."""
    fill(database)
    with database.writing() as session:
        queries_plans.set_rehearsal(session, NOW - datetime.now(UTC))
    published(database, saved(database).version)
    return database


def ticket(
    database: Database,
    number: str,
    priority: Priority = Priority.NORMAL,
    parts: Sequence[PartQuantity] = (),
    site: int = 0,
    duration_s: int = 1800,
) -> str:
    needs = VisitNeeds(duration_s=duration_s, parts=tuple(parts))
    new = NewTicket(
        Ticket(number, NOW, "api", "", ""),
        site_id=SITES[site % len(SITES)],
        product="p",
        priority=priority,
        visits=(needs,),
        skip_diagnosis=True,
    )
    with database.writing() as session:
        return take_ticket(session, new, BY, later(3)).work_order_id


def commit(
    database: Database,
    live: LivePlan,
    work_order_id: str,
    terms: Terms | None = None,
    at: datetime = NOW + timedelta(minutes=4),
) -> Assigned:
    def write(turn: Turn, waits: bool) -> Assigned:
        with database.writing() as session:
            standing = standing_to_change(session, turn, at, waits=waits)
            return assign(session, turn, standing, work_order_id, terms or Terms(), BY, at)

    return committed(live, write)


def checked(database: Database, number: int = 1) -> Version:
    """The published plan; the referee finds nothing, and people were told just what it says."""
    with database.reading() as session:
        version = load_version(session, number)
        assert not_forced(session, version) == ()
        booked = {
            (b.visit_id, b.technician_id, b.start_at) for b in queries_plans.bookings(session)
        }
    found = version.judged
    told = {(c.visit_id, t, c.start_at) for c in found.snapshot.published for t in c.technician_ids}
    planned = {
        (visit_id, timed.technician_id, timed.stop.start_at)
        for visit_id, crew in found.served.items()
        for timed in crew
    }
    assert planned == booked == told
    return version


def test_the_best_place_is_booked_and_people_are_told(filled: Database) -> None:
    live = LivePlan(filled)
    order = ticket(filled, "N1")
    with live.asked() as (standing, session):
        looked = suggest(session, standing, order, Terms()).visits[0].looked
    assert looked is not None
    made = commit(filled, live, order).visits[0]
    assert made.outcome is Outcome.BOOKED
    assert made.option is not None
    assert made.amended is not None
    assert made.option.choice == looked.options[0].choice
    version = checked(filled)
    assert made.visit_id in version.judged.served
    assert {n.visit_id for n in made.amended.notices} >= {made.visit_id}
    with filled.reading() as session:
        kinds = session.scalars(select(EventRow.kind).where(EventRow.work_order_id == order)).all()
    assert "published" in kinds


def test_what_would_help_is_what_the_whole_plan_says(filled: Database) -> None:
    """One lacks parts; for the others the days are too short, or too full."""
    live, part = LivePlan(filled), organisation().lots[0].part_id
    orders = [ticket(filled, "P", parts=[PartQuantity(part, 500)])]
    orders += [ticket(filled, f"L{n}", site=n, duration_s=3600 * (6 + n)) for n in range(4)]
    kinds = []
    for order in orders:
        with live.asked() as (standing, session):
            looked = suggest(session, standing, order, Terms()).visits[0].looked
            assert looked is not None
            helped = stuck(standing, looked)
        if helped is None:
            continue
        snapshot, travel, plan = helped.snapshot, helped.travel, helped.plan
        verdict, explainer = judge(snapshot, plan, travel), Explainer(snapshot, travel, plan)
        whole = Relaxer.of(explainer, verdict)
        way, wanted = helped.way_in(), whole.way_in(helped.visit_id)
        assert (way.relaxations, way.fen) == (wanted.relaxations, wanted.fen)
        kinds += [type(one) for one in way.relaxations]
    assert len(set(kinds)) >= 2


def test_suggesting_changes_nothing(filled: Database) -> None:
    live = LivePlan(filled)
    order = ticket(filled, "N1")
    plan = checked(filled).judged.plan
    for _ in range(2):
        with live.asked() as (standing, session):
            kept = standing.kept_plan.plan.routes
            suggest(session, standing, order, Terms(displaces=True))
            assert standing.kept_plan.plan.routes == kept
    assert checked(filled).judged.plan.routes == plan.routes


def test_booked_again_it_stays_where_it_is(filled: Database) -> None:
    live = LivePlan(filled)
    order = ticket(filled, "N1")
    commit(filled, live, order)
    plan = checked(filled).judged.plan
    assert commit(filled, live, order).visits[0].outcome is Outcome.PLANNED
    assert checked(filled).judged.plan == plan


def test_a_place_that_was_chosen_is_taken_or_said_to_be_gone(filled: Database) -> None:
    live = LivePlan(filled)
    orders = [ticket(filled, f"N{n}") for n in range(2)]
    with live.asked() as (standing, session):
        looked = [suggest(session, standing, order, Terms()).visits[0] for order in orders]
    chosen = [_last_of(one, minutes) for one, minutes in zip(looked, (0, 1), strict=True)]
    made = commit(filled, live, orders[0], Terms(chosen=(chosen[0],))).visits[0].option
    assert made is not None
    assert (made.seats[0].technician_id, made.start_at) == (
        chosen[0].technician_id,
        chosen[0].start_at,
    )
    with pytest.raises(PlaceGoneError):
        commit(filled, live, orders[1], Terms(chosen=(chosen[1],)))
    checked(filled)


def _last_of(one: VisitAssigned, minutes_off: int) -> Chosen:
    """The last place that there is for a visit, or one where nothing is."""
    assert one.looked is not None
    last = one.looked.options[-1]
    start_at = last.start_at + timedelta(minutes=minutes_off)
    return Chosen(one.visit_id, last.seats[0].technician_id, start_at)


def test_many_at_once_never_get_the_same_hour_or_part(filled: Database) -> None:
    """Two processes, several threads in each."""
    part = next(lot for lot in organisation().lots if lot.quantity)
    needs = [PartQuantity(part.part_id, 1)]
    orders = [ticket(filled, f"N{n}", parts=needs * (n % 2), site=n) for n in range(2 * AT_ONCE)]
    others = Database(filled.url.render_as_string(hide_password=False))
    lives = [(filled, LivePlan(filled)), (others, LivePlan(others))]

    def one(number: int) -> Assigned:
        database, live = lives[number % 2]
        return commit(database, live, orders[number])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(one, range(len(orders))))
    others.close()
    version = checked(filled)
    booked = {v.visit_id for a in made for v in a.visits if v.outcome is Outcome.BOOKED}
    assert len(booked) >= AT_ONCE
    assert booked <= version.judged.served.keys()
    with filled.reading() as session:
        kept = session.scalars(select(ReservationRow).where(ReservationRow.plan_version == 1)).all()
    assert {row.visit_id for row in kept} <= version.judged.served.keys()


def test_together_each_gets_what_it_would_get_alone(filled: Database) -> None:
    """Together and undone, then alone; then others together, which another process follows."""
    here, there = LivePlan(filled), LivePlan(filled)
    part = next(lot for lot in organisation().lots if lot.quantity)
    needs = [PartQuantity(part.part_id, 1)]
    orders = [ticket(filled, f"N{n}", parts=needs * (n % 2), site=n) for n in range(2 * AT_ONCE)]
    at = NOW + timedelta(minutes=4)

    class UndoneError(Exception):
        pass

    def together(own: Sequence[str], *, undone: bool) -> list[Assigned | None]:
        made: list[Assigned | None] = []

        def write(turn: Turn, waits: bool) -> None:
            with filled.writing() as session:
                standing = standing_to_change(session, turn, at, waits=waits)
                wanted = [Wanted(order, Terms()) for order in (own[0], "nothing", *own[1:])]
                made[:] = assign_together(session, turn, standing, wanted, BY, at)
                if undone:
                    raise UndoneError

        if undone:
            with pytest.raises(UndoneError):
                committed(here, write)
        else:
            committed(here, write)
        assert made.pop(1) is None
        return made

    first, others = orders[:AT_ONCE], orders[AT_ONCE:]
    tried = together(first, undone=True)
    assert [v.option and v.option.choice for one in tried if one for v in one.visits] == [
        v.option and v.option.choice for order in first for v in commit(filled, here, order).visits
    ]
    with there.asked():
        pass
    made = [visit for one in together(others, undone=False) if one for visit in one.visits]
    assert len(made) == len(others)
    amended = [visit.amended for visit in made if visit.amended is not None]
    assert len(amended) >= 2
    assert [one.number for one in amended] == list(
        range(amended[0].number, amended[0].number + len(amended))
    )
    with filled.reading() as session:
        wanted = select(AuditRow.id).where(AuditRow.command == ASSIGN_NOW)
        lines = session.scalars(wanted.order_by(AuditRow.id)).all()
    assert [one.line_id for one in amended] == list(lines[-len(amended) :])
    plan = checked(filled).judged.plan
    with there.asked() as (standing, _):
        followed = standing.kept_plan.plan.routes
        assert not standing.outdated
    assert {r.shift_id: [s.visit_id for s in r.stops] for r in followed} == {
        r.shift_id: [s.visit_id for s in r.stops] for r in plan.routes
    }


def test_what_another_process_assigns_is_followed_without_loading(filled: Database) -> None:
    here, there = LivePlan(filled), LivePlan(filled)
    with here.asked() as (standing, _):
        kept_plan = standing.kept_plan
    orders = [ticket(filled, f"N{n}", site=n) for n in range(4)]
    for order in orders:
        commit(filled, there, order)
    with here.asked() as (standing, _):
        assert standing.kept_plan is kept_plan
        assert not standing.outdated
        routes = {r.shift_id: [s.visit_id for s in r.stops] for r in kept_plan.plan.routes}
    plan = checked(filled).judged.plan
    assert routes == {r.shift_id: [s.visit_id for s in r.stops] for r in plan.routes}


def test_nothing_vanishes_for_emergencies(filled: Database) -> None:
    live = LivePlan(filled)
    before = checked(filled).judged
    known = {v.id for v in before.snapshot.visits}
    for number in range(6):
        order = ticket(filled, f"E{number}", Priority.EMERGENCY, site=number)
        made = commit(filled, live, order).visits[0]
        if made.option is not None:
            known.add(made.visit_id)
        version = checked(filled).judged
        out = {u.visit_id for u in version.plan.unassigned}
        assert known <= version.served.keys() | out
        if made.option is not None:
            assert {*made.option.bumped} <= out


def test_who_is_away_now_is_given_nothing(filled: Database) -> None:
    live = LivePlan(filled)
    order = ticket(filled, "N1")
    with live.asked() as (standing, session):
        looked = suggest(session, standing, order, Terms()).visits[0].looked
    assert looked is not None
    best = looked.options[0].seats[0].technician_id
    end_at = NOW + timedelta(days=9)
    with filled.writing() as session:
        add_absence(session, best, NOW, end_at, "", BY, later(4))
    made = commit(filled, live, order).visits[0].option
    assert made is None or made.seats[0].technician_id != best


def test_one_that_cannot_be_assigned_stops_no_others(filled: Database) -> None:
    live = LivePlan(filled)
    orders = (ticket(filled, "N1"), "nothing", ticket(filled, "N2"))
    at = later(4)

    def write(turn: Turn, waits: bool) -> list[Assigned | Refused]:
        with filled.writing() as session:
            standing = standing_to_change(session, turn, at, waits=waits)
            return list(assign_all(session, turn, standing, orders, Terms(), BY, at))

    first, second, third = committed(live, write)
    assert isinstance(first, Assigned)
    assert isinstance(third, Assigned)
    assert isinstance(second, Refused)
    assert isinstance(second.error, UnknownWorkOrderError)
    checked(filled)


def test_a_command_that_fails_leaves_the_kept_plan_as_it_was(filled: Database) -> None:
    live = LivePlan(filled)
    order = ticket(filled, "N1")
    with live.asked() as (standing, _):
        before = standing.kept_plan.plan.routes

    class BrokenError(Exception):
        pass

    def write(turn: Turn, waits: bool) -> None:
        with filled.writing() as session:
            standing = standing_to_change(session, turn, later(4), waits=waits)
            assign(session, turn, standing, order, Terms(), BY, later(4))
            raise BrokenError

    with pytest.raises(BrokenError):
        committed(live, write)
    with live.asked() as (standing, _):
        assert standing.kept_plan.plan.routes == before
    assert commit(filled, live, order).visits[0].outcome is Outcome.BOOKED
    checked(filled)


def test_a_draft_made_before_has_what_was_assigned_since(filled: Database) -> None:
    baseline = begun(filled, later(3))
    draft = saved(filled, baseline, minutes=3).version
    live = LivePlan(filled)
    visit = commit(filled, live, ticket(filled, "N1")).visits[0]
    assert visit.outcome is Outcome.BOOKED
    with filled.writing() as session:
        publish(session, draft, BY, later(9))
    assert visit.visit_id in checked(filled, draft).judged.served
    again = commit(filled, live, ticket(filled, "N2"), at=later(10))
    assert again.version == draft
    checked(filled, draft)


def test_lines_that_come_to_light_late_are_read_once(filled: Database) -> None:
    def line(number: int) -> AuditRow:
        return AuditRow(
            id=number,
            done_at=NOW,
            done_by=BY,
            command="settle event",
            subject_kind="event",
            subject_id=str(number),
        )

    with filled.reading() as session:
        mark = mark_now(session)
    first = mark.last + 1
    seen: list[int] = []
    for new in ([first + 1], [], [first], [first + 3], [first + 2]):
        with filled.writing() as session:
            session.add_all(map(line, new))
        with filled.reading() as session:
            found, mark = changes_since(session, mark)
        assert [one.id for one in found] == new
        seen += new
    assert mark.last == max(seen)
    assert mark.beside(mark.last + 2).missing >= {mark.last + 1}
