"""Planning: snapshot → problem → search → plan, with a reason for every visit that stayed out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.freezing import fitting
from dispatch.loading import from_plan
from dispatch.numbering import Numbering, number
from dispatch.obstacles import obstacles_of, servers_of, summed
from dispatch.placing import left_out
from dispatch.problems import PINNED_FEN, build_problem
from dispatch.travel import Travel
from solver.problem import Problem
from solver.search import Budget, SearchProgress
from solver.solve import (
    Loaded,
    Obstruction,
    Solution,
    SolvedRoute,
    SolvedStop,
    StopType,
    compiled,
    evaluate_plan,
    plan_of_orders,
    solution_so_far,
    solve,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person who waits wants to see. ``phase``: compiling, loading or searching;
    of large organisations also groups and seam.

    ``elapsed_s`` counts from the beginning of the search. ``so_far`` gives the best plan, as long
    as the report lasts; None: there is none yet.
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
    so_far: Callable[[], Plan] | None = field(default=None, repr=False, compare=False)


def loading(snapshot: Snapshot) -> Progress:
    """What there is to say before the kernels are called for the first time."""
    phase = "loading" if compiled() else "compiling"
    return Progress(phase, 0.0, 0, 0.0, 0, 0, len(snapshot.visits), 0, 0.0)


def make_plan(
    snapshot: Snapshot,
    travel: Travel,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int,
    report: Callable[[Progress], None],
    stop: Callable[[], bool],
    start: Plan | None = None,
    cores: int = 2,
) -> Plan:
    """Plan a horizon for ``seconds`` (30 unless given), or for exactly ``iterations``.

    ``start`` is a plan to begin from; what of it the rules forbid is left out first (what of it
    must stay as it is, ``dispatch.freezing`` says in the snapshot). ``stop`` is asked some twenty
    times a second; the best plan so far is returned.
    """
    report(loading(snapshot))
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
                planned=len(snapshot.visits) - at.visits_out,
                visits=len(snapshot.visits),
                clocks_broken=at.clocks_broken,
                share_done=at.share_done,
                so_far=lambda: to_plan(numbering, solution_so_far(problem, at), "search", seed),
            )
        )

    budget = Budget(30.0 if seconds is None else seconds, iterations)
    begin = _begin(numbering, problem, start) if start is not None else []
    solution = solve(
        problem, budget, seed=seed, report=pass_on, stop=stop, cores=cores, start=begin
    )
    plan = to_plan(numbering, solution, "search", seed)
    return plan if solution.is_legal else legal_part(numbering, problem, plan, seed)


def legal_part(numbering: Numbering, problem: Problem, plan: Plan, seed: int) -> Plan:
    """A plan that broke a rule, without crews and linked visits that hold others up too long; all
    that is left out is offered another place.

    Times follow from a plan's decisions, but whether a break is owed follows from the times: who
    waits at home for others of his crew may owe none. So the search may come to waits that are
    shorter than those which follow from nothing.
    """
    tied = _tied(numbering.snapshot, plan)
    while (code := _evaluated(numbering, problem, plan)[0]) != "ok" and tied:
        ways = [(v, *_evaluated(numbering, problem, plan, without=v)) for v in tied]
        legal = [(fen, v) for v, found, fen in ways if found == "ok"]
        _, out = min(legal, default=(0, tied[-1]))
        tied.remove(out)
        plan = left_out(plan, out, code)
    start = from_plan(numbering, problem, plan)
    again = solve(
        problem, Budget(0.0, 0), seed=seed, report=_nobody, stop=lambda: True, start=start
    )
    if not again.is_legal:
        return plan
    return replace(to_plan(numbering, again, plan.made_by, seed), iterations=plan.iterations)


def _tied(snapshot: Snapshot, plan: Plan) -> list[str]:
    """The planned visits that wait for other routes, or that others wait for."""
    linked = {v for link in snapshot.links for v in (link.first_visit_id, link.then_visit_id)}
    planned = [s.visit_id for r in plan.routes for s in r.stops if s.visit_id is not None]
    crews = (v for v in planned if v in linked or snapshot.visit[v].crew_size > 1)
    return list(dict.fromkeys(crews))


def _evaluated(
    numbering: Numbering, problem: Problem, plan: Plan, without: str | None = None
) -> tuple[str, int]:
    """What forbids a plan, or ``ok``, and what it costs."""
    return evaluate_plan(problem, from_plan(numbering, problem, plan, without))


def _nobody(_: SearchProgress) -> None:
    """Nobody looks on."""


def _begin(numbering: Numbering, problem: Problem, start: Plan) -> list[Loaded]:
    """The routes of a plan to start from, as far as they are legal."""
    loaded = from_plan(numbering, problem, fitting(numbering.snapshot, start))
    if evaluate_plan(problem, loaded)[0] == "ok":
        return loaded
    legal = plan_of_orders(problem, {route.shift: route.visits for route in loaded})
    return from_plan(numbering, problem, to_plan(numbering, legal, start.made_by, None))


def to_plan(numbering: Numbering, solution: Solution, made_by: str, seed: int | None) -> Plan:
    """The domain's plan of a solution."""
    obstructions: dict[str, list[Obstruction]] = {
        numbering.members[number].id: [] for number in solution.unassigned
    }
    for found in solution.obstructions:
        obstructions[numbering.members[found.visit].id].append(found)
    solved = sorted(solution.routes, key=lambda r: _route_key(numbering, r))
    routes = tuple(to_route(numbering, route) for route in solved)
    servers = servers_of(routes)
    return Plan(
        routes=routes,
        unassigned=tuple(
            summed(visit_id, obstacles_of(numbering, found, visit_id, servers))
            for visit_id, found in obstructions.items()
        ),
        made_by=made_by,
        seed=seed,
        iterations=solution.iterations,
        bound_fen=_bound_fen(numbering, solution, obstructions),
    )


def _bound_fen(numbering: Numbering, solution: Solution, left_out: Iterable[str]) -> int | None:
    """The bound without the fines for pins that do not hold, which are no part of the cost."""
    if solution.bound_fen is None:
        return None
    pins_out = sum(visit_id in numbering.snapshot.pin for visit_id in left_out)
    return max(0, solution.bound_fen - pins_out * PINNED_FEN)


def _route_key(numbering: Numbering, route: SolvedRoute) -> tuple[str, str]:
    technician, shift_id = numbering.shifts[route.shift]
    return technician.id, shift_id


def to_route(numbering: Numbering, route: SolvedRoute) -> Route:
    """The domain's route of a solved one."""
    technician, shift_id = numbering.shifts[route.shift]
    stops = tuple(_to_stop(numbering, route.shift, stop) for stop in route.stops)
    return Route(technician.id, shift_id, stops, route.ends_away)


def _to_stop(numbering: Numbering, shift: int, stop: SolvedStop) -> Stop:
    snapshot = numbering.snapshot
    if stop.type is StopType.BREAK:
        taken = numbering.breaks[shift][stop.index]
        kind = StopKind.ABSENCE if taken.is_absence else StopKind.BREAK
        return Stop(kind, index=taken.index)
    n_parts = len(snapshot.parts)
    parts = tuple(
        PartQuantity(snapshot.parts[p].id, quantity) for p, quantity in stop.parts if p < n_parts
    )
    if stop.type is StopType.VISIT:
        return Stop(StopKind.VISIT, visit_id=numbering.members[stop.index].id, parts=parts)
    tools = (
        name
        for p, quantity in stop.parts
        if p >= n_parts
        for name in [numbering.tools[p - n_parts]] * quantity
    )
    waits = stop.not_before_s > 0
    return Stop(
        StopKind.PICKUP,
        station_id=snapshot.stations[stop.index].id,
        parts=parts,
        tools=tuple(tools),
        not_before_at=snapshot.start_at + timedelta(seconds=stop.not_before_s) if waits else None,
    )
