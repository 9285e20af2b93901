"""Technician routing: skills, tools, parts, windows; working time with the best departure."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from benchmarks.checks.common import each_once, routes_by_technician
from benchmarks.checks.timing import Timing, best_departure
from benchmarks.plans import Plan, Route, TimedRoute, Verdict
from benchmarks.reading.trsp import Instance, Place


def check(instance: Instance, plan: Plan, *, all_must_be_served: bool) -> Verdict:
    """Recompute a plan. The objective is the sum of return − departure over all routes.

    Requests left out are faults if all must be served; else their number is the first goal.
    """
    technicians = {t.id: t for t in instance.technicians}
    requests = {r.id for r in instance.requests}
    served = [s.id for route in plan.routes for s in route.stops if s.id != instance.depot.id]
    faults = list(routes_by_technician(plan, technicians))
    faults += each_once([(s, "") for s in served], {(r, "") for r in requests})
    timed = [] if faults else _timed(instance, plan, faults)
    left_out = sorted(requests - set(served))
    if sorted(map(str, plan.unserved)) != sorted(map(str, left_out)):
        faults.append(f"unserved are {left_out}, the plan says {list(plan.unserved)}")
    if all_must_be_served:
        faults += [f"request {request} is not served" for request in left_out]
    return Verdict(
        objective=math.fsum(t.returns - t.departs for t in timed),
        routes=tuple(timed),
        faults=tuple(faults),
        first_goal=0 if all_must_be_served else len(left_out),
        figures={"unserved": len(left_out), "used": len(plan.routes)},
    )


def _timed(instance: Instance, plan: Plan, faults: list[str]) -> list[TimedRoute]:
    """Times of all routes; what is wrong with them is added to ``faults``."""
    timed = []
    for route in plan.routes:
        timing = _timing(instance, route)
        timed.append(TimedRoute(route, timing.departs, timing.starts, timing.returns))
        faults += _late(route, timing)
        faults += _equipment(instance, route)
    return timed


def _stops(instance: Instance, route: Route) -> list[Place]:
    place = {p.id: p for p in instance.places}
    return [place[int(stop.id)] for stop in route.stops]


def _timing(instance: Instance, route: Route) -> Timing:
    stops = _stops(instance, route)
    technician = [t.id for t in instance.technicians].index(int(route.technician))
    home = instance.technicians[technician]
    return best_departure(
        (home.open, home.close),
        _legs(instance, technician, stops),
        [(stop.open, stop.close) for stop in stops],
        [stop.service for stop in stops],
    )


def _legs(instance: Instance, technician: int, stops: Sequence[Place]) -> list[float]:
    home = instance.technicians[technician]
    if instance.matrix is None:
        points = [(p.x, p.y) for p in (home, *stops, home)]
        return [math.dist(a, b) for a, b in pairwise(points)]
    row = {p.id: i for i, p in enumerate(instance.places)}
    rows = [row[p.id] for p in (home, *stops)] + [instance.end_column(technician)]
    return [instance.matrix[a][b] for a, b in pairwise(rows)]


def _late(route: Route, timing: Timing) -> list[str]:
    ids = [*(stop.id for stop in route.stops), "home"]
    return [f"technician {route.technician}: {ids[i]} is {x:.6f} late" for i, x in timing.late]


def _equipment(instance: Instance, route: Route) -> list[str]:
    """Faults in skills, tools and parts, walking along the route; the depot gives everything."""
    who = next(t for t in instance.technicians if t.id == route.technician)
    at_depot = False
    used: Counter[int] = Counter()
    faults = []
    for stop in _stops(instance, route):
        name = f"technician {who.id}, request {stop.id}"
        if stop.id == instance.depot.id:
            if at_depot:
                faults.append(f"technician {who.id} visits the depot twice")
            at_depot = True
            continue
        if stop.skills - who.skills:
            faults.append(f"{name}: skills {sorted(stop.skills - who.skills)} are missing")
        if at_depot:
            continue
        if stop.tools - who.tools:
            faults.append(f"{name}: tools {sorted(stop.tools - who.tools)} are missing")
        used.update(dict(enumerate(stop.parts)))
        for part, count in enumerate(stop.parts):
            stock = who.parts[part] if part < len(who.parts) else 0
            if count and used[part] > stock:
                faults.append(f"{name}: {used[part]} of part {part} are used, the van had {stock}")
    return faults
