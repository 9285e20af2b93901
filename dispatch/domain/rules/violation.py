"""A broken rule, and how rules name it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dispatch.domain.people import Technician
from dispatch.domain.route_times import TimedRoute
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedVisit, Timetable
from dispatch.domain.work import Visit


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: its code, what breaks it, and by how much (units: docs/rules.md).

    ``subject`` is the id of the visit, the shift (for what a route breaks) or the technician. The
    technician and the shift are also given where a visit breaks the rule on one route only.
    """

    code: str
    subject: str
    amount: int
    visit_id: str | None = None
    technician_id: str | None = None
    shift_id: str | None = None


Rule = Callable[[Snapshot, Timetable], Iterator[Violation]]


def by_visit(code: str, visit_id: str, amount: int) -> Violation:
    return Violation(code, visit_id, amount, visit_id=visit_id)


def by_member(code: str, member: TimedVisit, amount: int) -> Violation:
    """Broken by one technician of a visit."""
    route = member.route.route
    return Violation(
        code, member.visit_id, amount, member.visit_id, route.technician_id, route.shift_id
    )


def by_route(code: str, timed: TimedRoute, amount: int) -> Violation:
    route = timed.route
    return Violation(
        code, route.shift_id, amount, technician_id=route.technician_id, shift_id=route.shift_id
    )


def by_technician(code: str, technician_id: str, amount: int) -> Violation:
    return Violation(code, technician_id, amount, technician_id=technician_id)


def members(
    snapshot: Snapshot, timetable: Timetable
) -> Iterator[tuple[TimedVisit, Visit, Technician]]:
    """Every planned visit with each technician who does it."""
    for visit_id, crew in timetable.visits.items():
        for member in crew:
            yield member, snapshot.visit[visit_id], snapshot.technician[member.technician_id]
