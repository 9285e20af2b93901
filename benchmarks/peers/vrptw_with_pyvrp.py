"""PyVRP on routing instances, as a case like our own: the same clock, cores and checker.

It knows one core: one process for each has a seed of its own, and the best plan counts.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import numpy as np
from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
from pyvrp.stop import MaxRuntime

from benchmarks.models.case import Case, Effort
from benchmarks.models.routing import SCALES, case, distances_of
from benchmarks.reading.routing import Instance, Rounding
from solver.problem import Problem
from solver.solve import Solution, plan_of_orders

Found = tuple[int, list[list[int]]]
"""The distance, and the customers (from 0) of each route in order."""


def with_pyvrp(instance: Instance) -> Case:
    """The case of an instance with distance as its objective and vehicles that are all alike."""
    ours = case(instance, fewest_vehicles=False)
    return replace(ours, search=partial(_search, instance, ours.problem))


def _search(instance: Instance, problem: Problem, effort: Effort) -> Solution:
    seeds = [effort.cores * (effort.seed - 1) + core for core in range(1, effort.cores + 1)]
    with ProcessPoolExecutor(effort.cores, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(partial(_routes, instance, effort.seconds), seeds))
    _, routes = min(found)
    return plan_of_orders(problem, dict(enumerate(routes)))


def _routes(instance: Instance, seconds: float, seed: int) -> Found:
    result = solve(
        _data(instance), MaxRuntime(seconds), seed=seed, collect_stats=False, display=False
    )
    if not result.is_feasible():
        return np.iinfo(np.int64).max, []
    routes = [[stop.idx for stop in route if stop.is_client()] for route in result.best.routes()]
    return int(result.cost()), routes


def _data(instance: Instance) -> ProblemData:
    if instance.rounding is not Rounding.TENTHS_DOWN:
        raise ValueError("distances have to be whole tenths")
    scale = SCALES[instance.rounding]
    nodes = (instance.depot, *instance.customers)
    tenths = np.rint(distances_of(nodes, instance.rounding) * scale).astype(np.int64)
    clients = [
        Client(
            number,
            delivery=[customer.demand],
            service_duration=round(customer.service * scale),
            tw_early=round(customer.open * scale),
            tw_late=round(customer.close * scale),
        )
        for number, customer in enumerate(instance.customers, start=1)
    ]
    vehicle = VehicleType(
        len(instance.vehicles),
        capacity=[instance.vehicles[0].capacity],
        tw_early=round(instance.depot.open * scale),
        tw_late=round(instance.depot.close * scale),
    )
    return ProblemData(
        locations=[Location(node.x, node.y) for node in nodes],
        clients=clients,
        depots=[Depot(0)],
        vehicle_types=[vehicle],
        distance_matrices=[tenths],
        duration_matrices=[tenths],
    )
