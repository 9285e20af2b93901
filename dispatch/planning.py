"""Planning: snapshot → problem → search → plan, with a reason for every visit that stayed out."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Obstacle, Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit
from dispatch.problems import PINNED_FEN, Numbering, build_problem, number
from dispatch.qualification import PRICE, closeness
from dispatch.travel import Travel
from solver.kernels import FROM_BASE, FROM_DETOUR, FROM_VAN
from solver.problem import Problem
from solver.search import Budget, SearchProgress
from solver.solve import (
    Loaded,
    Obstruction,
    Solution,
    SolvedRoute,
    SolvedStop,
    StopType,
    Take,
    compiled,
    solve,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person who waits wants to see. ``phase``: compiling, loading or searching.

    ``elapsed_s`` counts from the beginning of the search.
    """

    phase: str
    elapsed_s: float
    iterations: int
    iterations_per_s: float
    cost_fen: int
    planned: int
    visits: int
    clocks_broken: int
    share_done: float


@dataclass(frozen=True, slots=True)
class TechnicianObstacle:
    """The rule that comes closest to letting a technician take a visit, and in which shift.

    ``shift_id`` is None where the rule holds in every shift. ``amount`` is by how much the rule
    fails; with code ``price`` the place is legal and ``amount`` is what it costs in fen.
    """

    technician_id: str
    shift_id: str | None
    code: str
    amount: int


def make_plan(
    snapshot: Snapshot,
    travel: Travel,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int,
    report: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> Plan:
    """Plan a horizon for ``seconds`` (30 unless given), or for exactly ``iterations``.

    ``stop`` is asked some twenty times a second; the best plan so far is returned.
    """
    phase = "loading" if compiled() else "compiling"
    report(Progress(phase, 0.0, 0, 0.0, 0, 0, len(snapshot.visits), 0, 0.0))
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)

    def pass_on(at: SearchProgress) -> None:
        report(
            Progress(
                phase="searching",
                elapsed_s=at.elapsed_s,
                iterations=at.iterations,
                iterations_per_s=at.iterations / max(at.elapsed_s, 1e-9),
                cost_fen=at.cost_fen % PINNED_FEN,  # without the fine for pins that do not hold
                planned=at.visits_planned,
                visits=problem.n_visits,
                clocks_broken=at.clocks_broken,
                share_done=at.share_done,
            )
        )

    budget = Budget(30.0 if seconds is None else seconds, iterations)
    solution = solve(problem, budget, seed=seed, report=pass_on, stop=stop)
    return to_plan(numbering, solution, "search", seed)


def to_plan(numbering: Numbering, solution: Solution, made_by: str, seed: int | None) -> Plan:
    """The domain's plan of a solution."""
    snapshot = numbering.snapshot
    obstructions: dict[int, list[Obstruction]] = {visit: [] for visit in solution.unassigned}
    for found in solution.obstructions:
        obstructions[found.visit].append(found)
    routes = sorted(solution.routes, key=lambda r: _route_key(numbering, r))
    return Plan(
        routes=tuple(_to_route(numbering, route) for route in routes),
        unassigned=tuple(
            _unassigned(snapshot.visits[v], obstacles_of(numbering, found, v))
            for v, found in obstructions.items()
        ),
        made_by=made_by,
        seed=seed,
        iterations=solution.iterations,
    )


def obstacles_of(
    numbering: Numbering, obstructions: Iterable[Obstruction], visit_number: int
) -> tuple[TechnicianObstacle, ...]:
    """For each technician the rule that comes closest to allowing a visit, closest first.

    ``obstructions`` are the solver's answers for the visit's candidates.
    """
    snapshot, ask = numbering.snapshot, numbering.qualification
    visit = snapshot.visits[visit_number]
    placed: dict[str, list[TechnicianObstacle]] = {}
    for row in obstructions:
        technician, shift_id = numbering.shifts[row.shift]
        code = PRICE if row.code == "ok" else row.code
        found = TechnicianObstacle(technician.id, shift_id, code, row.amount)
        placed.setdefault(technician.id, []).append(found)
    for_all = ask.of_visit(visit)
    obstacles = []
    for technician in snapshot.technicians:
        hindrance = for_all or ask.of_technician(visit, technician)
        if hindrance is not None:
            found = TechnicianObstacle(technician.id, None, hindrance.code, hindrance.amount)
            obstacles.append(found)
            continue
        in_shifts = placed.get(technician.id, [])
        for shift in technician.shifts:
            hindrance = ask.of_shift(visit, technician, shift)
            if hindrance is not None:
                in_shifts.append(
                    TechnicianObstacle(technician.id, shift.id, hindrance.code, hindrance.amount)
                )
        none = TechnicianObstacle(technician.id, None, "shift", 1)
        obstacles.append(max(in_shifts, key=lambda o: closeness(o.code, o.amount), default=none))
    return tuple(sorted(obstacles, key=lambda o: closeness(o.code, o.amount), reverse=True))


def _unassigned(visit: Visit, obstacles: tuple[TechnicianObstacle, ...]) -> Unassigned:
    """Sum a visit's obstacles up by code, the closest first."""
    by_code: dict[str, list[TechnicianObstacle]] = {}
    for obstacle in obstacles:
        by_code.setdefault(obstacle.code, []).append(obstacle)
    summed = tuple(
        Obstacle(code, len(same), same[0].technician_id, same[0].amount)
        for code, same in by_code.items()
    )
    return Unassigned(visit.id, summed[0].code if summed else "territory", summed)


def _route_key(numbering: Numbering, route: SolvedRoute) -> tuple[str, str]:
    technician, shift_id = numbering.shifts[route.shift]
    return technician.id, shift_id


def _to_route(numbering: Numbering, route: SolvedRoute) -> Route:
    technician, shift_id = numbering.shifts[route.shift]
    stops = tuple(_to_stop(numbering, route.shift, stop) for stop in route.stops)
    return Route(technician.id, shift_id, stops)


def _to_stop(numbering: Numbering, shift: int, stop: SolvedStop) -> Stop:
    snapshot = numbering.snapshot
    if stop.type is StopType.BREAK:
        taken = numbering.breaks[shift][stop.index]
        kind = StopKind.ABSENCE if taken.is_absence else StopKind.BREAK
        return Stop(kind, index=taken.index)
    parts = tuple(PartQuantity(snapshot.parts[p].id, quantity) for p, quantity in stop.parts)
    if stop.type is StopType.VISIT:
        return Stop(StopKind.VISIT, visit_id=snapshot.visits[stop.index].id, parts=parts)
    waits = stop.not_before_s > 0
    return Stop(
        StopKind.PICKUP,
        station_id=snapshot.stations[stop.index].id,
        parts=parts,
        not_before_at=snapshot.start_at + timedelta(seconds=stop.not_before_s) if waits else None,
    )


def from_plan(numbering: Numbering, problem: Problem, plan: Plan, without: int) -> list[Loaded]:
    """The routes of a plan for the solver, without one visit.

    Visits that the solver could not have put there (crews, hand-made exceptions) are left out.
    """
    routes = []
    for route in plan.routes:
        shift = numbering.shift_number[route.shift_id]
        loaded = _load_route(numbering, problem, route, shift, without)
        if loaded.visits:
            routes.append(loaded)
    return routes


def _load_route(
    numbering: Numbering, problem: Problem, route: Route, shift: int, without: int
) -> Loaded:
    base = numbering.station_number[numbering.shifts[shift][0].station_id]
    picked: dict[int, Counter[str]] = {FROM_BASE: Counter(), FROM_DETOUR: Counter()}
    supplies: dict[tuple[int, str], int] = {}
    visits: list[int] = []
    takes: list[Take] = []
    first = next((s for s in route.stops if s.kind in (StopKind.VISIT, StopKind.PICKUP)), None)
    for stop in route.stops:
        if stop.kind is StopKind.PICKUP and stop.station_id is not None:
            depot = numbering.station_number[stop.station_id]
            at_start = stop is first and depot == base and stop.not_before_at is None
            kind = FROM_BASE if at_start else FROM_DETOUR
            by_s = int(problem.shift_start_s[shift])
            if stop.not_before_at is not None:
                by_s = max(by_s, numbering.seconds(stop.not_before_at))
            for part in stop.parts:
                picked[kind][part.part_id] += part.quantity
                number = numbering.part_number[part.part_id]
                supplies[kind, part.part_id] = _supply_at(problem, depot, number, by_s)
        elif stop.kind is StopKind.VISIT and stop.visit_id is not None:
            visit = numbering.visit_number[stop.visit_id]
            if visit == without or not problem.is_candidate(visit, shift):
                continue
            visits.append(visit)
            for part in stop.parts:
                number, left = numbering.part_number[part.part_id], part.quantity
                for kind in (FROM_DETOUR, FROM_BASE):
                    used = min(left, picked[kind][part.part_id])
                    if used:
                        picked[kind][part.part_id] -= used
                        supply = supplies[kind, part.part_id]
                        takes.append(Take(visit, number, used, supply, kind))
                        left -= used
                if left:
                    takes.append(Take(visit, number, left, -1, FROM_VAN))
    return Loaded(shift, tuple(visits), tuple(takes))


def _supply_at(problem: Problem, depot: int, part: int, by_s: int) -> int:
    """The last supply of a part at a depot that is there by an instant."""
    row = depot * problem.van_stock.shape[1] + part
    first, end = problem.supply_ptr[row], problem.supply_ptr[row + 1]
    there = sum(at_s <= by_s for at_s in problem.supply_at_s[first:end].tolist())
    return int(first) + max(int(there) - 1, 0)
