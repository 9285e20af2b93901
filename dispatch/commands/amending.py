"""A visit put into the published plan at once: what people were told, technicians' time and parts
follow in the same transaction.

The version stays the same and counts its amendments. What it was before each of them is in the
audit trail.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.answering import Option
from dispatch.commands.auditing import note
from dispatch.commands.hand_records import ASSIGN_NOW, Decision
from dispatch.commands.live_plan import Standing
from dispatch.commands.live_records import Amendment, Exchange, ExchangePlace
from dispatch.commands.plan_errors import BrokenRulesError
from dispatch.commands.recording import record_all
from dispatch.commands.reservations import reserve_for_plan
from dispatch.commands.shelf import Want
from dispatch.commands.told import Notice, book, changes_by, tell
from dispatch.domain.plan import Plan, Route
from dispatch.effects import not_among
from dispatch.freezing import not_sooner
from dispatch.judged import JudgedPlan, judged
from dispatch.planned_parts import planned_pickups
from dispatch.store import queries_amending
from dispatch.store.queries_stock import Place


@dataclass(frozen=True, slots=True)
class Amended:
    """The published plan with one more visit: its version, how many were assigned in it at once so
    far, the line of the audit trail, and who has to be told what."""

    version: int
    number: int
    line_id: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class _Part:
    """The part of the plan that an option changes, before and after."""

    before: tuple[Route, ...]
    found: JudgedPlan
    visits: frozenset[str]
    routes: Mapping[str, Route | None]


def amend(session: Session, standing: Standing, option: Option, by: str, at: datetime) -> Amended:
    """Does to the plan what an option says. Nobody else may change plans meanwhile.

    The plan that is kept has it when this returns; whoever rolls back has to put it back.

    Raises:
        BrokenRulesError: the referee says that it breaks a rule.
        LifeError: the work order does not allow a visit now.
        StockError, GuardError: parts or time are not there any more.
    """
    part = _judged(session, standing, option)
    exchange = _exchange(standing, option)
    left = {u.visit_id: u for u in standing.kept_plan.apply(option.change).unassigned}
    version = standing.version
    number = queries_amending.count_amendment(session, version, option.added_fen)
    queries_amending.rewrite_routes(session, version, part.routes)
    bumped = [left[visit_id] for visit_id in option.bumped]
    queries_amending.leave_out(session, version, (option.visit_id,), bumped)
    notices = _carry_out(session, standing, part, f"{version}.{number}", by, at)
    made = Amendment(
        version,
        number,
        tuple(_decisions(option)),
        part.before,
        tuple(route for route in part.routes.values() if route is not None),
        exchange,
    )
    line = note(
        session,
        ASSIGN_NOW,
        "plan",
        str(version),
        by,
        at,
        before={"version": version},
        after=made,
    )
    session.flush()
    return Amended(version, number, line.id, notices)


def _judged(session: Session, standing: Standing, option: Option) -> _Part:
    """The routes that change, and all that is tied to them, judged. Raises BrokenRulesError."""
    kept_plan = standing.kept_plan
    shifts, shift_number = kept_plan.numbering.shifts, kept_plan.numbering.shift_number
    people = {shifts[shift_number[shift_id]][0].id for shift_id in option.routes}
    routes, snapshot = kept_plan.near(option.visit_id, people)
    visits = frozenset(snapshot.visit)
    told = queries_amending.commitments(session, visits)
    snapshot = replace(snapshot, published=told)
    changed = {
        shift_id: not_sooner(snapshot, standing.from_at, route) if route is not None else None
        for shift_id, route in option.routes.items()
    }
    before = {route.shift_id: route for route in routes}
    after = tuple(r for r in {**before, **changed}.values() if r is not None)
    found = judged(snapshot, Plan(after), kept_plan.travel)
    if found.verdict.violations:
        known = judged(snapshot, Plan(routes), kept_plan.travel).verdict.violations
        broken = not_among(found.verdict.violations, known)
        if broken:
            raise BrokenRulesError(broken)
    same = tuple(before[shift_id] for shift_id in changed if shift_id in before)
    return _Part(same, found, visits, changed)


def _carry_out(
    session: Session, standing: Standing, part: _Part, plan: str, by: str, at: datetime
) -> tuple[Notice, ...]:
    version = standing.version
    changes = changes_by(part.found, standing.begun)
    record_all(session, changes.events(plan, by, at), by, at)
    tell(session, changes, version)
    book(session, part.found, standing.begun, version, part.visits)
    wants = [
        Want(p.visit_id, p.part_id, p.quantity, Place(station_id=p.station_id), p.at)
        for p in planned_pickups(part.found.verdict.timetable)
    ]
    reserve_for_plan(session, wants, version, by, at, begun=standing.begun, among=part.visits)
    return tuple(changes.notices())


def _decisions(option: Option) -> Iterator[Decision]:
    people = tuple(seat.technician_id for seat in option.seats)
    yield Decision(option.visit_id, people, option.start_at)
    for visit_id, others in option.choice.moved:
        yield Decision(visit_id, others)
    for visit_id in option.bumped:
        yield Decision(visit_id, ())


def _exchange(standing: Standing, option: Option) -> Exchange | None:
    """The change for other processes; None if crews have a part in it."""
    numbering = standing.kept_plan.numbering
    moved = [numbering.members[v] for v in option.change.out]
    placed = [numbering.members[place.visit] for place in option.change.places]
    if any(visit.crew_size > 1 for visit in (*moved, *placed)):
        return None
    routes = {
        shift_id: tuple(s.visit_id for s in route.stops if s.visit_id is not None) if route else ()
        for shift_id, route in option.routes.items()
    }
    wanted = {visit.id for visit in placed}
    places = tuple(
        ExchangePlace(visit_id, shift_id, position)
        for shift_id, visits in routes.items()
        for position, visit_id in enumerate(visits)
        if visit_id in wanted
    )
    orders = tuple(dict.fromkeys(visit.work_order_id for visit in placed))
    return Exchange(tuple(visit.id for visit in moved), places, routes, orders)
