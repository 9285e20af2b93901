"""Vehicle routing with time windows: capacity, allowed vehicles, windows, route duration."""

import math
from collections.abc import Sequence
from itertools import pairwise

from benchmarks.checks.common import each_once, routes_by_technician
from benchmarks.checks.timing import EPSILON, best_departure
from benchmarks.plans import Plan, Route, TimedRoute, Verdict
from benchmarks.reading.routing import Instance, Node, Rounding, Vehicle


def check(instance: Instance, plan: Plan, *, fewest_vehicles: bool) -> Verdict:
    """Recompute a plan. The objective is the distance, rounded as the instance says.

    The number of vehicles is the first goal where that is wanted.
    """
    customers = {c.id: c for c in instance.customers}
    vehicles = {v.id: v for v in instance.vehicles}
    served = [stop.id for route in plan.routes for stop in route.stops]
    faults = list(routes_by_technician(plan, vehicles))
    faults += each_once([(s, "") for s in served], {(c, "") for c in customers})
    timed, distance = [], 0.0
    if not faults:
        for route in plan.routes:
            stops = [customers[int(stop.id)] for stop in route.stops]
            faults += _load_faults(vehicles[int(route.technician)], stops)
            legs = _legs(instance, stops)
            distance += math.fsum(legs)
            timed.append(_timed(instance, route, stops, legs, faults))
    faults += [f"customer {c} is not served" for c in sorted(set(customers) - set(served))]
    used = sum(1 for route in plan.routes if route.stops)
    return Verdict(
        objective=distance,
        routes=tuple(timed),
        faults=tuple(faults),
        first_goal=used if fewest_vehicles else 0,
        figures={"vehicles": used},
    )


def distance(a: Node, b: Node, rounding: Rounding) -> float:
    exact = math.hypot(a.x - b.x, a.y - b.y)
    if rounding is Rounding.TENTHS_DOWN:
        return math.floor(10 * exact) / 10
    return round(exact, 3) if rounding is Rounding.THOUSANDTHS else exact


def _legs(instance: Instance, stops: Sequence[Node]) -> list[float]:
    nodes = [instance.depot, *stops, instance.depot]
    return [distance(a, b, instance.rounding) for a, b in pairwise(nodes)]


def _timed(
    instance: Instance,
    route: Route,
    stops: Sequence[Node],
    legs: Sequence[float],
    faults: list[str],
) -> TimedRoute:
    """Times of a route; what is wrong with them is added to ``faults``."""
    timing = best_departure(
        (instance.depot.open, instance.depot.close),
        legs,
        [(stop.open, stop.close) for stop in stops],
        [stop.service for stop in stops],
    )
    ids = [*(stop.id for stop in stops), "the return"]
    name = f"vehicle {route.technician}"
    faults += [f"{name}: {ids[i]} is {x:.6f} late" for i, x in timing.late]
    limit = instance.max_duration
    if limit is not None and timing.duration > limit + EPSILON:
        faults.append(f"{name} is out for {timing.duration:.6f}, the limit is {limit}")
    return TimedRoute(route, timing.departs, timing.starts, timing.returns)


def _load_faults(vehicle: Vehicle, stops: Sequence[Node]) -> list[str]:
    faults = []
    load = sum(stop.demand for stop in stops)
    if load > vehicle.capacity:
        faults.append(f"vehicle {vehicle.id} carries {load}, its capacity is {vehicle.capacity}")
    if vehicle.allowed is not None:
        faults += [
            f"vehicle {vehicle.id} may not visit customer {stop.id}"
            for stop in stops
            if stop.id not in vehicle.allowed
        ]
    return faults
