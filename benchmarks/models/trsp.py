"""Technician routing as a problem: tools and parts are both parts of the solver."""

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.checks.trsp import check
from benchmarks.models.arrays import (
    Depots,
    Prices,
    Shift,
    Visit,
    build,
    scaled_up,
    units_down,
    units_up,
)
from benchmarks.models.case import Case, Effort, search, to_plan
from benchmarks.plans import Plan, Stop
from benchmarks.reading.trsp import Instance, Place
from solver.problem import Problem
from solver.solve import Solution

SCALE = 10_000
"""Units in 1 of the instance: the matrices have four decimals."""


def case(instance: Instance, *, all_must_be_served: bool) -> Case:
    problem = problem_of(instance)

    def run(effort: Effort) -> Solution:
        return search(problem, effort.part(1.0), effort)

    def plan_of(solution: Solution) -> Plan:
        technicians = [t.id for t in instance.technicians]
        visits = [Stop(r.id) for r in instance.requests]
        return to_plan(solution, technicians, visits, [Stop(instance.depot.id)])

    checked = partial(check, instance, all_must_be_served=all_must_be_served)
    return Case(instance.name, problem, SCALE, run, plan_of, checked)


def problem_of(instance: Instance) -> Problem:
    """Paid time is the objective; leaving a request out costs more than all working days."""
    travel = scaled_up(_travel(instance), SCALE)
    tools = sorted({tool for place in instance.places for tool in place.tools})
    parts = max(len(place.parts) for place in instance.places)
    days = math.fsum(t.close - t.open for t in instance.technicians)
    first_request = 1 + len(instance.technicians)
    visits = [
        Visit(
            location=first_request + i,
            service=units_up(request.service, SCALE),
            window=(units_up(request.open, SCALE), units_down(request.close, SCALE)),
            shifts=_able(instance, request),
            unassigned=units_up(days, SCALE) + 1,
            needs=_needs(request, tools, parts),
        )
        for i, request in enumerate(instance.requests)
    ]
    shifts = [
        Shift(
            location=1 + i,
            start=units_up(technician.open, SCALE),
            limit=units_down(technician.close, SCALE),
            stock=_stock(technician, tools, parts),
        )
        for i, technician in enumerate(instance.technicians)
    ]
    is_tool = (*(False for _ in range(parts)), *(True for _ in tools))
    depots = Depots((0,) if is_tool else (), is_tool)
    return build((travel, np.zeros_like(travel)), visits, shifts, Prices(paid=1), depots)


def _travel(instance: Instance) -> NDArray[np.float64]:
    """Travel between depot, homes and requests; the column of a home leads to where it ends."""
    if instance.matrix is None:
        points = np.array([(p.x, p.y) for p in instance.places])
        x, y = np.moveaxis(points[:, None] - points[None, :], 2, 0)
        return np.asarray(np.hypot(x, y))
    size = len(instance.places)
    columns = np.arange(size)
    for i in range(len(instance.technicians)):
        columns[1 + i] = instance.end_column(i)
    travel = np.array(instance.matrix)[:size, columns]
    np.fill_diagonal(travel, 0.0)
    return travel


def _able(instance: Instance, request: Place) -> tuple[int, ...]:
    return tuple(i for i, t in enumerate(instance.technicians) if request.skills <= t.skills)


def _needs(request: Place, tools: list[int], parts: int) -> tuple[tuple[int, int], ...]:
    used = tuple((part, count) for part, count in enumerate(request.parts) if count)
    return used + tuple((parts + tools.index(tool), 1) for tool in sorted(request.tools))


def _stock(technician: Place, tools: list[int], parts: int) -> tuple[int, ...]:
    spare = technician.parts + (0,) * (parts - len(technician.parts))
    return spare + tuple(int(tool in technician.tools) for tool in tools)
