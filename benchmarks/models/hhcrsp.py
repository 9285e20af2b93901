"""Home care as a problem: each service is a visit, double services are units with ties."""

import math
from functools import partial

import numpy as np

from benchmarks.checks.hhcrsp import check
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
from benchmarks.reading.hhcrsp import Instance, Patient
from solver.problem import FOREVER_S, Problem
from solver.solve import Solution

SCALE = 1000
"""Units in a minute: the distances have three decimals."""

TERMS = 3
"""The published objective is the mean of three terms; the problem's cost is their sum."""


def case(instance: Instance) -> Case:
    problem = problem_of(instance)

    def run(effort: Effort) -> Solution:
        return search(problem, effort.part(1.0), effort)

    def plan_of(solution: Solution) -> Plan:
        visits = [Stop(p.id, s.name) for p in instance.patients for s in p.services]
        return to_plan(solution, [c.id for c in instance.caregivers], visits, [])

    return Case(instance.name, problem, TERMS * SCALE, run, plan_of, partial(check, instance))


def problem_of(instance: Instance) -> Problem:
    """Travel, all tardiness and the worst tardiness cost 1 for each unit."""
    distances = np.array(instance.distances)
    travel = scaled_up(distances, SCALE)
    unassigned = _more_than_any_plan(instance)
    visits: list[Visit] = []
    for patient in instance.patients:
        visits += _visits_of(instance, patient, len(visits), unassigned)
    shifts = [Shift(0, 0, FOREVER_S) for _ in instance.caregivers]
    metres = rounded(distances, SCALE)
    prices = Prices(distance=1, worst_late=1)
    return build((travel, metres), visits, shifts, prices, Depots())


def _visits_of(instance: Instance, patient: Patient, first: int, unassigned: int) -> list[Visit]:
    """The services of a patient, whose first one gets the number ``first``."""
    ties: list[tuple[tuple[int, int], ...]] = [(), ()]
    if patient.lag is not None:
        least, most = (round(lag * SCALE) for lag in patient.lag)
        ties = [((first + 1, -most),), ((first, least),)]
    return [
        Visit(
            location=patient.index,
            service=units_up(service.duration, SCALE),
            window=(units_up(patient.open, SCALE), FOREVER_S),
            shifts=tuple(
                i for i, c in enumerate(instance.caregivers) if service.name in c.abilities
            ),
            unassigned=0 if i else unassigned,  # leaving out a unit is paid at its first visit
            due=units_down(patient.close, SCALE),
            leader=first,
            ties=ties[i],
        )
        for i, service in enumerate(patient.services)
    ]


def _more_than_any_plan(instance: Instance) -> int:
    """As if one caregiver did everything, each service as late as the last."""
    services = [service for patient in instance.patients for service in patient.services]
    leg = max((max(row) for row in instance.distances), default=0.0)
    last = max((p.open + sum(p.lag or ()) for p in instance.patients), default=0.0)
    end = last + math.fsum(s.duration + leg for s in services) + leg
    return math.ceil(SCALE * end * (len(services) + 2))
