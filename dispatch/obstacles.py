"""Why a visit is not done by each of the technicians, and what that sums up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dispatch.domain.plan import Obstacle, Route, Unassigned
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit
from dispatch.numbering import Numbering
from dispatch.problems import running_clocks_of, unassigned_fen
from dispatch.qualification import PRICE, Hindrance, closeness
from solver.solve import Obstruction

Servers = Mapping[str, frozenset[str]]
"""The technicians of each planned visit."""


@dataclass(frozen=True, slots=True)
class TechnicianObstacle:
    """The rule that comes closest to letting a technician take a visit, and in which shift.

    ``shift_id`` is None where the rule holds in every shift. ``amount`` is by how much the rule
    fails; with code ``price`` the place is legal and ``amount`` is what it costs in fen, for a
    crew with the cheapest others.
    """

    technician_id: str
    shift_id: str | None
    code: str
    amount: int


def servers_of(routes: Iterable[Route], without: str | None = None) -> Servers:
    """Who serves what on the routes, ``without`` one of the visits."""
    found: dict[str, frozenset[str]] = {}
    for route in routes:
        for stop in route.stops:
            if stop.visit_id is not None and stop.visit_id != without:
                crew = found.get(stop.visit_id, frozenset())
                found[stop.visit_id] = crew | {route.technician_id}
    return found


def obstacles_of(
    numbering: Numbering,
    obstructions: Iterable[Obstruction],
    visit_id: str,
    servers: Servers,
    may_fit: bool = False,
) -> tuple[TechnicianObstacle, ...]:
    """For each technician the rule that comes closest to allowing a visit, closest first.

    ``obstructions`` are the solver's answers for the candidates of the visit, or of the members
    of its crew; ``servers`` is the plan that it is not in. ``may_fit`` says that a place may be
    there that costs less than leaving the visit out: it was taken out only to ask, or nobody has
    looked for one yet.
    """
    snapshot, ask = numbering.snapshot, numbering.qualification
    visit = snapshot.visit[visit_id]
    placed = _placed(numbering, obstructions, visit)
    for_all, for_able = ask.of_visit(visit), ask.of_crew(visit)
    obstacles = []
    for technician in snapshot.technicians:
        hindrance = for_all or ask.of_technician(visit, technician)
        if hindrance is not None:
            found = TechnicianObstacle(technician.id, None, hindrance.code, hindrance.amount)
            obstacles.append(found)
            continue
        in_shifts = placed.get(technician.id, [])
        for shift in technician.shifts:
            hindrance = ask.of_shift(visit, technician, shift) or for_able
            if hindrance is not None:
                in_shifts.append(
                    TechnicianObstacle(technician.id, shift.id, hindrance.code, hindrance.amount)
                )
        # Whoever is able and asked nowhere makes way for those that a pin names.
        code = "pinned" if visit.id in snapshot.pin and technician.shifts else "shift"
        none = TechnicianObstacle(technician.id, None, code, 1)
        closest = max(in_shifts, key=lambda o: closeness(o.code, o.amount), default=none)
        in_company = _in_company(snapshot, visit, closest, servers)
        obstacles.append(in_company if may_fit else _not_too_cheap(numbering, visit, in_company))
    return tuple(sorted(obstacles, key=lambda o: closeness(o.code, o.amount), reverse=True))


def _placed(
    numbering: Numbering, obstructions: Iterable[Obstruction], visit: Visit
) -> dict[str, list[TechnicianObstacle]]:
    """By technician the solver's answers, for a crew as far as there are others for it."""
    placed: dict[str, list[TechnicianObstacle]] = {}
    rows = tuple(obstructions)
    leader = numbering.visit_number[visit.id]
    of_leader = [row for row in rows if row.visit == leader]
    # Nobody can join a crew that nobody can lead.
    for row in rows if any(row.code == "ok" for row in of_leader) else of_leader:
        technician, shift_id = numbering.shifts[row.shift]
        code = PRICE if row.code == "ok" else row.code
        found = TechnicianObstacle(technician.id, shift_id, code, row.amount)
        placed.setdefault(technician.id, []).append(found)
    if visit.crew_size == 1:
        return placed
    cheapest = {
        technician_id: min(prices)
        for technician_id, found_there in placed.items()
        if (prices := [o.amount for o in found_there if o.code == PRICE])
    }
    return {
        technician_id: [_with_others(o, cheapest, visit.crew_size - 1) for o in found_there]
        for technician_id, found_there in placed.items()
    }


def _with_others(
    obstacle: TechnicianObstacle, cheapest: Mapping[str, int], others: int
) -> TechnicianObstacle:
    """A place for one of a crew is as dear as the places of all, if there are such."""
    if obstacle.code != PRICE:
        return obstacle
    prices = sorted(fen for t, fen in cheapest.items() if t != obstacle.technician_id)
    if len(prices) < others:
        return replace(obstacle, code="crew", amount=others - len(prices))
    return replace(obstacle, amount=obstacle.amount + sum(prices[:others]))


def _in_company(
    snapshot: Snapshot, visit: Visit, obstacle: TechnicianObstacle, servers: Servers
) -> TechnicianObstacle:
    """A place that is legal by itself may not be in the company of linked visits."""
    if obstacle.code != PRICE:
        return obstacle
    hindrance = _of_links(snapshot, visit, obstacle.technician_id, servers)
    if hindrance is None:
        return obstacle
    return replace(obstacle, shift_id=None, code=hindrance.code, amount=hindrance.amount)


def _not_too_cheap(
    numbering: Numbering, visit: Visit, obstacle: TechnicianObstacle
) -> TechnicianObstacle:
    """A place that costs less than leaving the visit out is none: others have no time then."""
    snapshot = numbering.snapshot
    if obstacle.code != PRICE:
        return obstacle
    clocks = running_clocks_of(snapshot, visit)
    if obstacle.amount >= unassigned_fen(snapshot, visit, clocks):
        return obstacle
    if visit.crew_size > 1:
        return replace(obstacle, code="crew", amount=1)
    linked = any(visit.id in (x.first_visit_id, x.then_visit_id) for x in snapshot.links)
    return replace(obstacle, code="order", amount=1) if linked else obstacle


def _of_links(
    snapshot: Snapshot, visit: Visit, technician_id: str, servers: Servers
) -> Hindrance | None:
    for link in snapshot.links:
        pair = (link.first_visit_id, link.then_visit_id)
        if visit.id not in pair:
            continue
        first_id, then_id = pair
        if visit.id == then_id and link.min_lag_s is not None and first_id not in servers:
            return Hindrance("order")
        other_id = first_id if visit.id == then_id else then_id
        if not link.same_technician or visit.crew_size > 1:
            continue  # any one of a crew will do
        if technician_id not in servers.get(other_id, {technician_id}):
            return Hindrance("same_technician")
    return None


def summed(visit_id: str, obstacles: Sequence[TechnicianObstacle]) -> Unassigned:
    """A visit's obstacles by code, the closest first."""
    by_code: dict[str, list[TechnicianObstacle]] = {}
    for obstacle in obstacles:
        by_code.setdefault(obstacle.code, []).append(obstacle)
    found = tuple(
        Obstacle(code, len(same), same[0].technician_id, same[0].amount)
        for code, same in by_code.items()
    )
    return Unassigned(visit_id, found[0].code if found else "territory", found)
