"""A work order assigned at once: who could take its visits, and the best place of each taken.

Looking changes nothing. Whoever commits has the published plan for himself meanwhile, so what was
found is still there when it is written; what the database refuses all the same is looked for again.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from sqlalchemy.orm import Session

from dispatch.answering import (
    Answer,
    Option,
    best_displacements,
    best_insertions,
    late_s,
    least_late,
)
from dispatch.commands.amending import Amended, put, write
from dispatch.commands.held_places import HeldPlaces
from dispatch.commands.live_plan import LivePlan, Standing, Turn
from dispatch.commands.plan_errors import BrokenRulesError
from dispatch.commands.recording_errors import UnknownWorkOrderError
from dispatch.commands.stock_errors import StockError
from dispatch.commands.told import Notice
from dispatch.domain.errors import DispatchError
from dispatch.domain.work import Priority, Visit
from dispatch.obstacles import TechnicianObstacle
from dispatch.placing import PlacingError
from dispatch.rehearsal import moment
from dispatch.store import queries_plans, queries_work
from dispatch.store.database import attempt
from dispatch.store.errors import GuardError, StoreError

_T = TypeVar("_T")
_TRIES = 4
"""So often a place is looked for again that turned out to be gone."""


class OutdatedPlanError(DispatchError):
    """The plan that is kept has to be loaded anew before anything is assigned in it."""

    def __init__(self) -> None:
        super().__init__(
            "The plan has just changed and is being loaded. Try again in some seconds.",
            "计划刚刚变更，正在重新载入。请稍后重试。",
        )


class PlaceGoneError(PlacingError):
    """A place that was seen and is not there any more."""


class Outcome(StrEnum):
    """What became of a visit: only looked at; booked; planned already; nobody can take it; nobody
    can come in time, and it had to be in time."""

    LOOKED = "looked"
    BOOKED = "booked"
    PLANNED = "planned"
    NOBODY = "nobody"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of the places that a person saw: who leads, and when it starts."""

    visit_id: str
    technician_id: str
    start_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """How a work order is to be assigned.

    ``most`` places are looked for. Others make way if it ``displaces`` (None: for emergencies).
    ``in_time``: only if no clock is late. ``technicians`` and ``visits`` are those that the caller
    sees (None: all): nobody else is given anything, and no other visit makes way.
    """

    most: int = 3
    displaces: bool | None = None
    in_time: bool = False
    chosen: tuple[Chosen, ...] = ()
    technicians: AbstractSet[str] | None = None
    visits: AbstractSet[str] | None = None

    def allow(self, option: Option) -> bool:
        people = {seat.technician_id for seat in option.seats}
        others = {*option.bumped, *(v for v, _ in option.choice.moved)}
        sees_people = self.technicians is None or people <= self.technicians
        return sees_people and (self.visits is None or others <= self.visits)


@dataclass(frozen=True, eq=False)
class Looked:
    """What there is for a visit: ways in time come first, then the cheapest. ``least_late`` stands
    where every way is too late for a clock. ``kept_from`` are those who keep time for something
    else, ``technicians`` those that the caller sees."""

    visit_id: str
    options: tuple[Option, ...]
    least_late: Option | None
    answer: Answer
    kept_from: tuple[TechnicianObstacle, ...]
    technicians: AbstractSet[str] | None

    @cached_property
    def obstacles(self) -> tuple[TechnicianObstacle, ...]:
        """One for each technician who cannot, closest first."""
        seen = self.technicians
        found = (*self.kept_from, *self.answer.obstacles)
        return tuple(o for o in found if seen is None or o.technician_id in seen)


@dataclass(frozen=True, slots=True)
class VisitAssigned:
    """What became of one visit: ``option`` was booked, or ``looked`` says what there is."""

    visit_id: str
    outcome: Outcome
    looked: Looked | None
    option: Option | None = None
    amended: Amended | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of the open visits of a work order, by which version of the plan."""

    work_order_id: str
    version: int
    visits: tuple[VisitAssigned, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(n for v in self.visits if v.amended for n in v.amended.notices)

    @property
    def booked(self) -> bool:
        return any(visit.outcome is Outcome.BOOKED for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Refused:
    """A work order of several that could not be assigned."""

    work_order_id: str
    error: DispatchError


def suggest(session: Session, standing: Standing, work_order_id: str, terms: Terms) -> Assigned:
    """Who could take the visits of a work order, each with those before it planned where it is
    best. Raises UnknownWorkOrderError, OutdatedPlanError if it is not known how the work order
    stands now, and KeptPlanError."""
    kept_plan = standing.kept_plan
    before = kept_plan.plan
    visits = _visits(session, standing, work_order_id)
    found = []
    for number, visit in enumerate(visits, 1):
        looked = look(standing, visit, terms, moment(session))
        found.append(VisitAssigned(visit.id, Outcome.LOOKED, looked))
        if looked.options and number < len(visits) and visit.id not in kept_plan.servers:
            kept_plan.apply(looked.options[0].change)
    if kept_plan.plan is not before:
        kept_plan.go_back(before)
    return Assigned(work_order_id, standing.version, tuple(found))


def look(standing: Standing, visit: Visit, terms: Terms, at: datetime) -> Looked:
    """The best ways to plan a visit that leave room for what is held ``at`` that time.

    Raises KeptPlanError.
    """
    kept_plan, most = standing.kept_plan, terms.most
    held = HeldPlaces(kept_plan, standing.held, visit.id, at)
    is_limited = terms.technicians is not None or terms.visits is not None
    everybody = len(kept_plan.snapshot.technicians)
    found = best_insertions(kept_plan, visit.id, everybody if is_limited else most)
    ways = list(filter(terms.allow, found.options))
    kept = list(filter(held.are_kept, ways))
    if len(kept) < len(ways) and not is_limited:
        ways = list(best_insertions(kept_plan, visit.id, everybody).options)
        kept = list(filter(held.are_kept, ways))
    kept_from = [held.obstacle(option) for option in ways if option not in kept]
    ways = kept
    order = kept_plan.snapshot.order_of(visit)
    displaces = terms.displaces
    if displaces is None:
        displaces = order.priority is Priority.EMERGENCY
    if displaces:
        displacements = filter(terms.allow, best_displacements(kept_plan, visit.id, most))
        ways += filter(held.are_kept, displacements)
    late = None
    if ways and all(late_s(option.margins) > 0 for option in ways):

        def allow(option: Option) -> bool:
            return terms.allow(option) and held.are_kept(option)

        least = filter(None, (*ways, least_late(kept_plan, visit.id, ways, allow)))
        late = min(least, key=lambda option: late_s(option.margins))
        if late_s(late.margins) == 0:
            ways.append(late)
            late = None
    ways.sort(key=lambda option: (late_s(option.margins) > 0, option.added_fen))
    return Looked(visit.id, tuple(ways[:most]), late, found, tuple(kept_from), terms.technicians)


# ----------------------------------------------------------------------------------- committing


def committed(live: LivePlan, write: Callable[[Turn, bool], _T]) -> _T:
    """What ``write`` gives, which assigns in a transaction of its own.

    Loading the plan anew is done outside of it, so that others may write meanwhile; if that does
    not help because facts change all the time, within.
    """
    for waits in (False, False):
        try:
            with live.changed() as turn:
                return write(turn, waits)
        except OutdatedPlanError:
            live.renew()
    with live.changed() as turn:
        return write(turn, True)


def standing_to_change(session: Session, turn: Turn, at: datetime, *, waits: bool) -> Standing:
    """The plan, that nobody else changes until the transaction ends. Raises OutdatedPlanError
    unless it ``waits``, and UnknownVersionError."""
    queries_plans.lock_plans(session)
    standing = turn.current(session, at, waits=waits)
    if standing is None:
        raise OutdatedPlanError
    return standing


def assign(
    session: Session,
    turn: Turn,
    standing: Standing,
    work_order_id: str,
    terms: Terms,
    by: str,
    at: datetime,
) -> Assigned:
    """Books the best place of each open visit of a work order that is not planned yet.

    Raises:
        UnknownWorkOrderError: there is no such work order, or it is over.
        OutdatedPlanError: it is not known how it stands now.
        PlaceGoneError: a place that was chosen is gone.
        LifeError: the work order does not allow a visit now.
    """
    found = []
    for visit in _visits(session, standing, work_order_id):
        if visit.id in standing.kept_plan.servers:
            found.append(VisitAssigned(visit.id, Outcome.PLANNED, None))
        else:
            found.append(_booked(session, turn, standing, visit, terms, by, at))
    return Assigned(work_order_id, standing.version, tuple(found))


def assign_all(
    session: Session,
    turn: Turn,
    standing: Standing,
    work_order_ids: Sequence[str],
    terms: Terms,
    by: str,
    at: datetime,
) -> Iterator[Assigned | Refused]:
    """Assigns one work order after the other; one that cannot be assigned stops no others.

    Raises OutdatedPlanError, and StoreError if the database is away.
    """
    for work_order_id in work_order_ids:
        plan, lines = standing.kept_plan.plan, turn.lines
        try:
            with attempt(session):
                yield assign(session, turn, standing, work_order_id, terms, by, at)
        except DispatchError as error:
            if isinstance(error, StoreError | OutdatedPlanError):
                raise
            turn.back_to(plan, lines)
            yield Refused(work_order_id, error)


def _booked(
    session: Session,
    turn: Turn,
    standing: Standing,
    visit: Visit,
    terms: Terms,
    by: str,
    at: datetime,
) -> VisitAssigned:
    kept_plan = standing.kept_plan
    for _ in range(_TRIES):
        found = best_for(standing, visit, terms, at)
        option = found.option
        if option is None:
            return found
        before = kept_plan.plan
        try:
            with attempt(session):
                (amended,) = write(session, standing, (put(session, standing, option),), by, at)
        except (BrokenRulesError, GuardError, StockError):
            # Something about these people is not as it is believed to be: look again, beside them.
            standing.go_back(before)
            standing.close(_touched(standing, option))
            continue
        turn.wrote(amended.line_id)
        return replace(found, amended=amended)
    return VisitAssigned(visit.id, Outcome.NOBODY, look(standing, visit, terms, at))


def best_for(standing: Standing, visit: Visit, terms: Terms, at: datetime) -> VisitAssigned:
    """What is to become of a visit. Raises PlaceGoneError."""
    terms = terms if terms.chosen else replace(terms, most=1)  # pricing others would take as long
    looked = look(standing, visit, terms, at)
    option = _choice(looked, terms)
    if option is None:
        return VisitAssigned(visit.id, Outcome.NOBODY, looked)
    if terms.in_time and late_s(option.margins) > 0:
        return VisitAssigned(visit.id, Outcome.LATE, looked)
    return VisitAssigned(visit.id, Outcome.BOOKED, None, option)


def _choice(looked: Looked, terms: Terms) -> Option | None:
    """What a person chose, or the best. Raises PlaceGoneError."""
    chosen = next((c for c in terms.chosen if c.visit_id == looked.visit_id), None)
    if chosen is None:
        return next(iter(looked.options), None)
    for option in looked.options:
        if (option.seats[0].technician_id, option.start_at) == (
            chosen.technician_id,
            chosen.start_at,
        ):
            return option
    start = chosen.start_at.isoformat(" ", "minutes")
    raise PlaceGoneError(
        f"The place of visit {chosen.visit_id!r} with {chosen.technician_id!r} at {start} is gone."
        " Ask for suggestions again.",
        f"任务 {chosen.visit_id!r} 由 {chosen.technician_id!r} 于 {start} 承担的安排已不存在。"
        "请重新获取建议。",
    )


def _touched(standing: Standing, option: Option) -> set[str]:
    numbering = standing.kept_plan.numbering
    return {numbering.shifts[numbering.shift_number[s]][0].id for s in option.routes}


def _visits(session: Session, standing: Standing, work_order_id: str) -> Sequence[Visit]:
    """The open visits of a work order, as the plan knows them."""
    visits = queries_work.open_visits_of(session, (work_order_id,)).get(work_order_id)
    if visits is None:
        raise UnknownWorkOrderError(work_order_id)
    return known_visits(session, standing, work_order_id, visits)


def known_visits(
    session: Session, standing: Standing, work_order_id: str, visit_ids: Sequence[str]
) -> Sequence[Visit]:
    """Visits as the plan knows them. Raises OutdatedPlanError."""
    if not standing.is_known(session, work_order_id):
        raise OutdatedPlanError
    known = standing.kept_plan.snapshot.visit
    if any(visit_id not in known for visit_id in visit_ids):
        raise OutdatedPlanError
    return [known[visit_id] for visit_id in visit_ids]
