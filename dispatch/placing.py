"""Plans changed by hand: a visit taken out, or put where a person wants it.

The search is not asked: what a person decides is done, whatever it breaks, and the referee says
what that is. What the person left open (the order on the route, when to rest, where to get the
parts) is chosen so that as few rules as possible are broken, then by cost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.domain.errors import DispatchError
from dispatch.domain.people import Shift, Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.domain.work import Pin
from dispatch.supplying import returned, supplied

BY_HAND = "by_hand"
"""Why a visit that a person took out is not planned."""

_RESTS = {"break": StopKind.BREAK, "absence": StopKind.ABSENCE}


class PlacingError(DispatchError):
    """Something that a person asked for and that means nothing in this plan."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person wants a visit.

    Every technician is one member of the crew. ``start_at`` chooses the shift; it is kept if a pin
    in the snapshot says so. ``after_visit_id`` stands right before the visit on the first
    technician's route. ``shift_ids`` are the shifts that will do, of somebody who has none of them
    those of the same day; None: any. ``position`` is as which of the first technician's visits in
    the shift it is done, counted from 1; further on than there are visits: as the last one.
    """

    visit_id: str
    technician_ids: tuple[str, ...]
    start_at: datetime | None = None
    after_visit_id: str | None = None
    shift_ids: frozenset[str] | None = None
    position: int | None = None


def place(snapshot: Snapshot, plan: Plan, legs: Legs, wanted: Place) -> Plan:
    """The plan with a visit where a person wants it, and nowhere else. Raises PlacingError."""
    _check(snapshot, wanted)
    changed = _forgotten(taken_out(plan, wanted.visit_id), wanted.visit_id)
    for number, technician_id in enumerate(wanted.technician_ids):
        technician = snapshot.technician[technician_id]
        changed = _with_member(snapshot, changed, legs, wanted, technician, leads=not number)
    return changed


def pin_of_place(wanted: Place) -> Pin:
    """The pin that keeps a visit where a person wants it."""
    first, *others = wanted.technician_ids or (None,)
    return Pin(wanted.visit_id, first, wanted.start_at, wanted.after_visit_id, tuple(others))


def check_pin(wanted: Pin, after: Mapping[str, str | None]) -> None:
    """Raises PlacingError for a pin that can never hold. ``after`` says of the visits that are
    pinned so far which one is pinned right before each."""
    people = [*filter(None, (wanted.technician_id,)), *wanted.other_technician_ids]
    if len(set(people)) < len(people):
        raise _not_named_once(wanted.visit_id)
    after = {**after, wanted.visit_id: wanted.after_visit_id}
    seen: list[str] = []
    before: str | None = wanted.visit_id
    while before is not None and before not in seen:
        seen.append(before)
        before = after.get(before)
    if before == wanted.visit_id:
        circle = " ← ".join((*seen, before))
        raise PlacingError(
            f"Visit {before!r} would come after itself: {circle}.",
            f"任务 {before!r} 将排在自身之后：{circle}。",
        )


def left_out(plan: Plan, visit_id: str, code: str = BY_HAND) -> Plan:
    """The plan without a visit, which stays out for the reason ``code``."""
    without = _forgotten(taken_out(plan, visit_id), visit_id)
    return replace(without, unassigned=(*without.unassigned, Unassigned(visit_id, code)))


def swapped(snapshot: Snapshot, plan: Plan, legs: Legs, first_id: str, second_id: str) -> Plan:
    """The plan in which two visits change technicians and shifts. Raises PlacingError."""
    first, second = _planned(plan, first_id), _planned(plan, second_id)
    without = taken_out(taken_out(plan, first_id), second_id)
    halfway = place(snapshot, without, legs, _in_place_of(first_id, second))
    return place(snapshot, halfway, legs, _in_place_of(second_id, first))


def taken_out(plan: Plan, visit_id: str) -> Plan:
    """The plan without the stops of a visit, and without what was picked up for it."""
    routes: list[Route] = []
    for route in plan.routes:
        rest = returned(route, visit_id) if _has(route, visit_id) else route
        if rest is route or any(map(_is_visit, rest.stops)):
            routes.append(rest)
    return replace(plan, routes=tuple(routes))


def put_first(plan: Plan, visit_id: str, places: Iterable[tuple[str, str]]) -> Plan:
    """The plan in which a visit comes first for technicians in a shift of theirs, and brings
    nothing; ``places`` are the ids of both."""
    changed = _forgotten(taken_out(plan, visit_id), visit_id)
    for place_of_route in places:
        known = (r for r in changed.routes if _key(r) == place_of_route)
        route = next(known, Route(*place_of_route, ()))
        first = Stop(StopKind.VISIT, visit_id=visit_id)
        changed = _with_route(changed, replace(route, stops=(first, *route.stops)))
    return changed


def servers(plan: Plan, visit_id: str) -> tuple[str, ...]:
    """The technicians who do a visit."""
    return tuple(r.technician_id for r in plan.routes if _has(r, visit_id))


def _forgotten(plan: Plan, visit_id: str) -> Plan:
    left = tuple(u for u in plan.unassigned if u.visit_id != visit_id)
    return replace(plan, unassigned=left)


def _is_visit(stop: Stop) -> bool:
    return stop.kind is StopKind.VISIT


def _has(route: Route, visit_id: str) -> bool:
    return any(s.visit_id == visit_id and _is_visit(s) for s in route.stops)


def _planned(plan: Plan, visit_id: str) -> list[Route]:
    routes = [r for r in plan.routes if _has(r, visit_id)]
    if not routes:
        raise PlacingError(
            f"Visit {visit_id!r} is not planned, so it cannot be swapped. Assign it instead.",
            f"任务 {visit_id!r} 未排入计划，不能互换。请改用分派。",
        )
    return routes


def _in_place_of(visit_id: str, routes: Sequence[Route]) -> Place:
    return Place(
        visit_id,
        tuple(r.technician_id for r in routes),
        shift_ids=frozenset(r.shift_id for r in routes),
    )


def _check(snapshot: Snapshot, wanted: Place) -> None:
    for visit_id in filter(None, (wanted.visit_id, wanted.after_visit_id)):
        if visit_id not in snapshot.visit:
            raise PlacingError(
                f"There is no open visit {visit_id!r}. dispatch show published --by visit lists"
                " all.",
                f"没有未完成的任务 {visit_id!r}。可用 dispatch show published --by visit 查看。",
            )
    for technician_id in wanted.technician_ids:
        if technician_id not in snapshot.technician:
            known = ", ".join(sorted(snapshot.technician))
            raise PlacingError(
                f"There is no technician {technician_id!r}; known are: {known}.",
                f"没有技术员 {technician_id!r}；现有：{known}。",
            )
    if wanted.position is not None and wanted.after_visit_id is not None:
        raise PlacingError(
            f"Say at which position visit {wanted.visit_id!r} stands or after which visit, not"
            " both.",
            f"任务 {wanted.visit_id!r} 只能指定位次或前一个任务之一。",
        )
    if not wanted.technician_ids:
        raise _not_named_once(wanted.visit_id)
    own = {s.id for t in wanted.technician_ids for s in snapshot.technician[t].shifts}
    foreign = sorted((wanted.shift_ids or frozenset()) - own)
    if foreign:
        people = ", ".join(wanted.technician_ids)
        raise PlacingError(
            f"{people} have no shift {foreign[0]!r}; theirs are: {', '.join(sorted(own)) or '-'}.",
            f"{people} 没有班次 {foreign[0]!r}；其班次：{'、'.join(sorted(own)) or '-'}。",
        )
    check_pin(pin_of_place(wanted), {p.visit_id: p.after_visit_id for p in snapshot.pins})


def _not_named_once(visit_id: str) -> PlacingError:
    return PlacingError(
        f"Visit {visit_id!r} needs one or more technicians, each named once.",
        f"任务 {visit_id!r} 需要一名或多名技术员，且不得重复。",
    )


# ---------------------------------------------------------------------------- one member's route


def joined(
    snapshot: Snapshot, plan: Plan, legs: Legs, wanted: Place, technician: Technician
) -> tuple[tuple[int, int], Plan] | None:
    """The plan in which one more technician does a visit that is planned already, and how many
    broken rules and fen that adds; None if he has no shift then."""
    jury = _Jury(snapshot, plan, legs, technician.id, wanted.visit_id)
    found = _member_routes(snapshot, plan, jury, wanted, technician, leads=False)
    if not found:
        return None
    best = min(found, key=_badness)
    (broken, fen), (broken_before, fen_before) = _badness(best), _badness_of(jury.before)
    return (broken - broken_before, fen - fen_before), _with_route(plan, best[1])


def _with_member(
    snapshot: Snapshot,
    plan: Plan,
    legs: Legs,
    wanted: Place,
    technician: Technician,
    *,
    leads: bool,
) -> Plan:
    """The plan in which a technician does the visit too, in the best place there is."""
    jury = _Jury(snapshot, plan, legs, technician.id, wanted.visit_id)
    found = _member_routes(snapshot, plan, jury, wanted, technician, leads=leads)
    if not found:
        raise _no_shift(wanted, technician)
    return _with_route(plan, min(found, key=_badness)[1])


def _member_routes(
    snapshot: Snapshot,
    plan: Plan,
    jury: "_Jury",
    wanted: Place,
    technician: Technician,
    *,
    leads: bool,
) -> list[tuple[Verdict, Route]]:
    """The technician's routes with the visit on them, the best of each shift that will do."""
    found: list[tuple[Verdict, Route]] = []
    for route in _routes(snapshot, plan, wanted, technician):
        ready, stop = supplied(snapshot, plan, route, wanted.visit_id, brings=leads)
        after = wanted.after_visit_id if leads else None
        position = wanted.position if leads else None
        tried = [(jury.verdict(r), r) for r in _insertions(ready, stop, after, position)]
        found.append(_rested(snapshot, jury, *min(tried, key=_badness)))
    return found


def _badness(tried: tuple[Verdict, Route]) -> tuple[int, int]:
    return _badness_of(tried[0])


def _badness_of(verdict: Verdict) -> tuple[int, int]:
    return len(verdict.violations), verdict.cost.total_fen


def _routes(
    snapshot: Snapshot, plan: Plan, wanted: Place, technician: Technician
) -> Iterator[Route]:
    """The technician's routes that will do, those without a visit so far among them."""
    known = {r.shift_id: r for r in plan.routes if r.technician_id == technician.id}
    for shift in technician.shifts:
        route = known.get(shift.id, Route(technician.id, shift.id, ()))
        if _will_do(snapshot, wanted, shift, route):
            yield route


def _will_do(snapshot: Snapshot, wanted: Place, shift: Shift, route: Route) -> bool:
    if wanted.shift_ids is not None and shift.id not in wanted.shift_ids:
        technician = snapshot.technician[route.technician_id]
        has_one = any(s.id in wanted.shift_ids for s in technician.shifts)
        if has_one or not any(_same_day(shift, snapshot.shift[s]) for s in wanted.shift_ids):
            return False
    if wanted.start_at is not None:
        until = shift.end_at + timedelta(seconds=shift.max_overtime_s)
        return shift.start_at <= wanted.start_at < until
    after = wanted.after_visit_id
    return after is None or _has(route, after) or route.technician_id != wanted.technician_ids[0]


def _same_day(first: Shift, second: Shift) -> bool:
    """Whether two shifts, maybe of different people, begin less than half a day apart."""
    return abs(first.start_at - second.start_at) < timedelta(hours=12)


def _no_shift(wanted: Place, technician: Technician) -> PlacingError:
    shifts = ", ".join(s.id for s in technician.shifts) or "-"
    if wanted.after_visit_id is not None:
        return PlacingError(
            f"Technician {technician.id} does not do visit {wanted.after_visit_id!r}, so"
            f" {wanted.visit_id!r} cannot come right after it.",
            f"技术员 {technician.id} 不承担任务 {wanted.after_visit_id!r}，"
            f"{wanted.visit_id!r} 无法紧接其后。",
        )
    return PlacingError(
        f"Technician {technician.id} has no shift then for visit {wanted.visit_id!r}. The shifts"
        f" of the horizon are: {shifts}.",
        f"技术员 {technician.id} 届时没有班次承担任务 {wanted.visit_id!r}。"
        f"计划期内的班次：{shifts}。",
    )


def _insertions(
    route: Route, stop: Stop, after_visit_id: str | None, number: int | None = None
) -> Iterator[Route]:
    """The route with one more stop, at every place that will do; as the visit with a ``number``."""
    visits = sum(map(_is_visit, route.stops))
    ahead = None if number is None else min(number - 1, visits)
    for position in range(len(route.stops) + 1):
        before = [s for s in route.stops[:position] if _is_visit(s)]
        is_behind = after_visit_id is None or (before and before[-1].visit_id == after_visit_id)
        if is_behind and ahead in (None, len(before)):
            stops = (*route.stops[:position], stop, *route.stops[position:])
            yield replace(route, stops=stops)


def _rested(
    snapshot: Snapshot, jury: "_Jury", verdict: Verdict, route: Route
) -> tuple[Verdict, Route]:
    """The route with its rests put anew, if they are missed or late as they stand."""
    best = verdict, route
    for code, kind in _RESTS.items():
        if any(v.code == code and v.shift_id == route.shift_id for v in best[0].violations):
            tried = replace(route, stops=tuple(s for s in best[1].stops if s.kind is not kind))
            for rest in rests_of(snapshot, tried, kind):
                choices = _insertions(tried, rest, None)
                tried = min(((jury.verdict(r), r) for r in choices), key=_badness)[1]
            best = min(best, (jury.verdict(tried), tried), key=_badness)
    return best


def rests_of(snapshot: Snapshot, route: Route, kind: StopKind) -> Iterator[Stop]:
    shift = snapshot.shift[route.shift_id]
    if kind is StopKind.BREAK:
        yield from (Stop(kind, index=i) for i in range(len(shift.breaks)))
        return
    for i, absence in enumerate(snapshot.technician[route.technician_id].absences):
        if shift.start_at < absence.start_at and absence.end_at < shift.end_at:
            yield Stop(kind, index=i)


def _with_route(plan: Plan, route: Route) -> Plan:
    others = (r for r in plan.routes if (r.technician_id, r.shift_id) != _key(route))
    return replace(plan, routes=tuple(sorted((*others, route), key=_key)))


def _key(route: Route) -> tuple[str, str]:
    return route.technician_id, route.shift_id


class _Jury:
    """Judges routes of one technician by as much of the plan as matters for comparing them.

    That is the technician's other routes, and those of visits that a crew or a link ties to them.
    """

    def __init__(
        self, snapshot: Snapshot, plan: Plan, legs: Legs, technician_id: str, visit_id: str
    ) -> None:
        tied = {visit_id, *_linked(snapshot, visit_id)}
        near = [
            r
            for r in plan.routes
            if r.technician_id == technician_id or any(_has(r, v) for v in tied)
        ]
        known = {s.visit_id for r in near for s in r.stops if _is_visit(s)} | {visit_id}
        self._plan = Plan(tuple(near))
        self._legs = legs
        self._snapshot = part_of(snapshot, known, {technician_id, *(r.technician_id for r in near)})

    @property
    def before(self) -> Verdict:
        return judge(self._snapshot, self._plan, self._legs)

    def verdict(self, route: Route) -> Verdict:
        return judge(self._snapshot, _with_route(self._plan, route), self._legs)


def _linked(snapshot: Snapshot, visit_id: str) -> Iterator[str]:
    for link in snapshot.links:
        if visit_id in (link.first_visit_id, link.then_visit_id):
            yield from {link.first_visit_id, link.then_visit_id} - {visit_id}


def part_of(
    snapshot: Snapshot, visits: Iterable[str | None], technicians: Iterable[str]
) -> Snapshot:
    """The snapshot with only some visits and technicians."""
    known, people = set(visits), set(technicians)
    kept = tuple(v for v in snapshot.visits if v.id in known)
    orders = {v.work_order_id for v in kept}
    return replace(
        snapshot,
        technicians=tuple(t for t in snapshot.technicians if t.id in people),
        work_orders=tuple(o for o in snapshot.work_orders if o.id in orders),
        visits=kept,
        links=tuple(
            link
            for link in snapshot.links
            if link.first_visit_id in known and link.then_visit_id in known
        ),
        pins=tuple(p for p in snapshot.pins if p.visit_id in known),
        published=tuple(c for c in snapshot.published if c.visit_id in known),
    )
