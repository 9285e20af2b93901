"""Visits put into the published plan at once: what people were told, technicians' time and parts
follow in the same transaction.

The version stays the same and counts its amendments. What it was before each of them is in the
audit trail. Several are put one after the other, and written all at once: of a visit that two of
them move people are told where it is in the end.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from dispatch.commands.told import Change, Changes, Notice, book, changes_by, tell
from dispatch.domain.events import Event
from dispatch.domain.plan import Plan, Route, Unassigned
from dispatch.domain.rules import violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, TimedVisit, Timetable, derive
from dispatch.domain.work import Commitment
from dispatch.effects import not_among
from dispatch.freezing import not_sooner
from dispatch.planned_parts import PlannedPickup, by_time, planned_pickups
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


@dataclass(frozen=True, slots=True)
class Put:
    """A visit that was put into the kept plan, and is not written yet. ``visits`` is all that this
    could touch, ``before`` the routes that it changes as they were, ``routes`` as they are;
    ``left`` are the visits that stay out for it."""

    option: Option
    before: tuple[Route, ...]
    times: Timetable
    visits: frozenset[str]
    routes: Mapping[str, Route | None]
    changes: Changes
    left: tuple[Unassigned, ...]
    exchange: Exchange | None


def put(session: Session, standing: Standing, option: Option) -> Put:
    """Does to the kept plan what an option says; that of others may not be written yet either.
    Nobody else may change plans meanwhile; whoever rolls back has to put the kept plan back.

    Raises BrokenRulesError: the referee says that it breaks a rule.
    """
    kept_plan = standing.kept_plan
    shifts, shift_number = kept_plan.numbering.shifts, kept_plan.numbering.shift_number
    people = {shifts[shift_number[shift_id]][0].id for shift_id in option.routes}
    routes, snapshot = kept_plan.near(option.visit_id, people)
    visits = frozenset(snapshot.visit)
    snapshot = replace(snapshot, published=standing.told(session, visits))
    changed = {
        shift_id: not_sooner(snapshot, standing.from_at, route) if route is not None else None
        for shift_id, route in option.routes.items()
    }
    before = {route.shift_id: route for route in routes}
    after = tuple(r for r in {**before, **changed}.values() if r is not None)
    times = _checked(snapshot, routes, after, kept_plan.travel)
    changes = changes_by(snapshot, times, standing.begun)
    exchange = _exchange(standing, option)
    left = {u.visit_id: u for u in kept_plan.apply(option.change).unassigned}
    standing.tell({c.visit_id: _commitment(c) for c in changes.changes})
    return Put(
        option,
        tuple(before[shift_id] for shift_id in changed if shift_id in before),
        times,
        visits,
        changed,
        changes,
        tuple(left[visit_id] for visit_id in option.bumped),
        exchange,
    )


def write(
    session: Session, standing: Standing, puts: Sequence[Put], by: str, at: datetime
) -> tuple[Amended, ...]:
    """Writes what was put into the kept plan, all of it or nothing.

    Raises:
        LifeError: a work order does not allow a visit now.
        StockError, GuardError: parts or time are not there any more.
    """
    if not puts:
        return ()
    version = standing.version
    added_fen = sum(one.option.added_fen for one in puts)
    last = queries_amending.count_amendments(session, version, len(puts), added_fen)
    numbers = range(last - len(puts) + 1, last + 1)
    routes = {shift_id: route for one in puts for shift_id, route in one.routes.items()}
    queries_amending.rewrite_routes(session, version, routes)
    out: dict[str, Unassigned | None] = {}
    for one in puts:
        out |= {one.option.visit_id: None} | {left.visit_id: left for left in one.left}
    queries_amending.leave_out(session, version, out, [left for left in out.values() if left])
    _carry_out(session, standing, puts, numbers, by, at)
    lines = [
        note(
            session,
            ASSIGN_NOW,
            "plan",
            str(version),
            by,
            at,
            before={"version": version},
            after=Amendment(
                version,
                number,
                tuple(_decisions(one.option)),
                one.before,
                tuple(route for route in one.routes.values() if route is not None),
                one.exchange,
            ),
        )
        for number, one in zip(numbers, puts, strict=True)
    ]
    session.flush()
    return tuple(
        Amended(version, number, line.id, tuple(one.changes.notices()))
        for number, line, one in zip(numbers, lines, puts, strict=True)
    )


def _checked(
    snapshot: Snapshot, before: tuple[Route, ...], after: tuple[Route, ...], legs: Legs
) -> Timetable:
    """The times of the routes that change, and of all that is tied to them. Raises BrokenRulesError
    if that breaks a rule that was not broken before."""
    times = derive(snapshot, Plan(after), legs)
    found = violations(snapshot, times)
    if found:
        known = violations(snapshot, derive(snapshot, Plan(before), legs))
        broken = not_among(found, known)
        if broken:
            raise BrokenRulesError(broken)
    return times


def _commitment(change: Change) -> Commitment | None:
    """What people are told of a visit now."""
    new = change.new
    return Commitment(change.visit_id, new.technician_ids, new.start_at) if new else None


def _carry_out(
    session: Session,
    standing: Standing,
    puts: Sequence[Put],
    numbers: Sequence[int],
    by: str,
    at: datetime,
) -> None:
    version = standing.version
    changes = Changes(tuple(_in_the_end(puts)), standing.kept_plan.snapshot)
    record_all(session, _events(changes, puts, numbers, version, by, at), by, at)
    tell(session, changes, version)
    visits = frozenset(visit_id for one in puts for visit_id in one.visits)
    served: dict[str, tuple[TimedVisit, ...]] = {}
    pickups: dict[str, list[PlannedPickup]] = {}
    for one in puts:
        for visit_id in one.visits:
            served[visit_id] = one.times.visits.get(visit_id, ())
            pickups[visit_id] = []
        for pickup in planned_pickups(one.times):
            pickups[pickup.visit_id].append(pickup)
    book(session, served, standing.begun, version, visits)
    wants = [
        Want(p.visit_id, p.part_id, p.quantity, Place(station_id=p.station_id), p.at)
        for p in sorted((p for own in pickups.values() for p in own), key=by_time)
    ]
    reserve_for_plan(session, wants, version, by, at, begun=standing.begun, among=visits)


def _in_the_end(puts: Sequence[Put]) -> Iterator[Change]:
    """What all of them change together of what people were told."""
    first: dict[str, Change] = {}
    last: dict[str, Change] = {}
    for change in (change for one in puts for change in one.changes.changes):
        first.setdefault(change.visit_id, change)
        last[change.visit_id] = change
    for visit_id, change in first.items():
        if change.old != last[visit_id].new:
            yield Change(visit_id, change.old, last[visit_id].new)


def _events(
    changes: Changes,
    puts: Sequence[Put],
    numbers: Sequence[int],
    version: int,
    by: str,
    at: datetime,
) -> Iterator[Event]:
    """What goes into the lives of work orders, each event by the last that changed the visit."""
    number_of = {
        change.visit_id: number
        for number, one in zip(numbers, puts, strict=True)
        for change in one.changes.changes
    }
    for change in changes.changes:
        plan = f"{version}.{number_of[change.visit_id]}"
        yield from Changes((change,), changes.snapshot).events(plan, by, at)


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
