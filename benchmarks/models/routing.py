"""Vehicle routing as a problem: what vehicles carry is one part that every visit uses."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.checks.routing import check
from benchmarks.models.arrays import (
    Depots,
    Prices,
    Shift,
    Visit,
    build,
    rounded,
    scaled_up,
    units_down,
    units_up,
)
from benchmarks.models.case import Case, Effort, search, to_plan
from benchmarks.plans import Plan, Stop
from benchmarks.reading.routing import Instance, Node, Rounding, Vehicle
from solver.kernels import FROM_VAN
from solver.problem import FOREVER_S, Problem
from solver.search import Budget
from solver.solve import Loaded, Solution, SolvedRoute, Take

SCALES = {Rounding.TENTHS_DOWN: 10, Rounding.THOUSANDTHS: 1000, Rounding.NONE: 10_000}
"""Units in 1 of the instance."""

TOO_LONG = 10
"""Fen for each unit that a route is out longer than it may: the solver knows no such limit, and
pays for it as for unfair load. Much more would keep the search hot for too long, as its temperature
follows what visits cost; a unit of time is hardly worth ten of distance."""

FIRST_SHARE, FLEET_SHARE = 0.1, 0.6
"""How much of the time the first plan gets, and all plans together until the fleet is settled."""


def case(instance: Instance, *, fewest_vehicles: bool) -> Case:
    problem = problem_of(instance, len(instance.vehicles))

    def run(effort: Effort) -> Solution:
        if fewest_vehicles:
            return search_with_fewest_vehicles(instance, effort)
        return search(problem, effort.part(1.0), effort)

    def plan_of(solution: Solution) -> Plan:
        visits = [Stop(c.id) for c in instance.customers]
        return to_plan(solution, [v.id for v in instance.vehicles], visits, [])

    unit = SCALES[instance.rounding]
    checked = partial(check, instance, fewest_vehicles=fewest_vehicles)
    return Case(instance.name, problem, unit, run, plan_of, checked)


def problem_of(instance: Instance, vehicles: int) -> Problem:
    """Distance is the objective, with the first so many vehicles of the instance."""
    scale = SCALES[instance.rounding]
    nodes = (instance.depot, *instance.customers)
    distances = distances_of(nodes, instance.rounding)
    metres = rounded(distances, scale)
    unassigned = 2 * len(nodes) * int(metres.max(initial=0)) + 1
    visits = [
        Visit(
            location=i,
            service=units_up(customer.service, scale),
            window=(units_up(customer.open, scale), units_down(customer.close, scale)),
            shifts=tuple(
                s for s, v in enumerate(instance.vehicles[:vehicles]) if _may_visit(v, customer)
            ),
            unassigned=unassigned,
            needs=((0, customer.demand),) if customer.demand else (),
        )
        for i, customer in enumerate(instance.customers, 1)
    ]
    limit = instance.max_duration
    shifts = [
        Shift(
            location=0,
            start=units_up(instance.depot.open, scale),
            limit=units_down(instance.depot.close, scale),
            stock=(vehicle.capacity,),
            fair=FOREVER_S if limit is None else units_down(limit, scale),
        )
        for vehicle in instance.vehicles[:vehicles]
    ]
    prices = Prices(distance=1, unfair=0 if limit is None else TOO_LONG)
    travel = (scaled_up(distances, scale), metres)
    return build(travel, visits, shifts, prices, Depots(tools=(False,)))


def distances_of(nodes: tuple[Node, ...], rounding: Rounding) -> NDArray[np.float64]:
    x = np.array([node.x for node in nodes])
    y = np.array([node.y for node in nodes])
    exact = np.hypot(x[:, None] - x, y[:, None] - y)
    if rounding is Rounding.TENTHS_DOWN:
        return np.asarray(np.floor(10 * exact) / 10)
    return np.asarray(np.round(exact, 3) if rounding is Rounding.THOUSANDTHS else exact)


def _may_visit(vehicle: Vehicle, customer: Node) -> bool:
    fits = customer.demand <= vehicle.capacity
    return fits and (vehicle.allowed is None or customer.id in vehicle.allowed)


def search_with_fewest_vehicles(instance: Instance, effort: Effort) -> Solution:
    """Take away one vehicle after the other while every customer can be served, then shorten.

    The vehicles have to be alike. A trial without one of them begins with the other routes.
    """
    clock = _Clock(effort)
    best = search(problem_of(instance, len(instance.vehicles)), effort.part(FIRST_SHARE), effort)
    clock.count(best)
    demand = sum(customer.demand for customer in instance.customers)
    fewest = math.ceil(demand / instance.vehicles[0].capacity)
    while not best.unassigned and len(best.routes) > fewest and clock.left(FLEET_SHARE):
        longest_first = sorted(best.routes, key=lambda route: -len(route.stops))
        trial = search(
            problem_of(instance, len(best.routes) - 1),
            clock.budget(FLEET_SHARE),
            effort,
            start=_loaded(longest_first[:-1]),
            until_all_planned=True,
        )
        clock.count(trial)
        if trial.unassigned:
            break
        best = trial
    vehicles = len(instance.vehicles) if best.unassigned else len(best.routes)
    start = _loaded(list(best.routes))
    problem = problem_of(instance, vehicles)
    last = search(problem, clock.budget(1.0), effort, start=start)
    clock.count(last)
    return clock.whole(last)


def _loaded(routes: Sequence[SolvedRoute]) -> tuple[Loaded, ...]:
    """Routes to start from, on the first shifts: the vehicles are alike."""
    return tuple(
        Loaded(
            shift,
            tuple(stop.index for stop in route.stops),
            tuple(
                Take(stop.index, part, quantity, -1, FROM_VAN)
                for stop in route.stops
                for part, quantity in stop.parts
            ),
        )
        for shift, route in enumerate(routes)
    )


class _Clock:
    """How much of an effort is spent, over several searches."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self._begin = time.monotonic()
        self._iterations = 0

    def count(self, solution: Solution) -> None:
        self._iterations += solution.iterations

    def left(self, share: float) -> float:
        """What is left until so much of the effort is spent, as a share of the whole."""
        effort = self._effort
        if effort.iterations is not None:
            spent = self._iterations / max(effort.iterations, 1)
        else:
            spent = (time.monotonic() - self._begin) / max(effort.seconds, 1e-9)
        return max(0.0, share - spent)

    def budget(self, share: float) -> Budget:
        return self._effort.part(self.left(share))

    def whole(self, last: Solution) -> Solution:
        """The last solution with the iterations of all searches."""
        return replace(last, iterations=self._iterations)
