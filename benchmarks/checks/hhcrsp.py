"""Home care: abilities, double services, tardiness; start times follow from the routes."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TypeAlias

from benchmarks.checks.common import each_once, routes_by_technician
from benchmarks.checks.timing import EPSILON
from benchmarks.plans import Id, Plan, Stop, TimedRoute, Verdict
from benchmarks.reading.hhcrsp import Instance, Patient

_DEPOT = 0  # its row of the distances

Starts: TypeAlias = dict[tuple[Id, int], float]
"""When each service of each patient starts; services count from 0."""


def check(instance: Instance, plan: Plan) -> Verdict:
    """Recompute a plan. The objective is (distance + largest tardiness + all tardiness) / 3.

    Every service counts, so that a patient with two may be tardy twice.
    """
    patients = {p.id: p for p in instance.patients}
    wanted = {(p.id, s.name) for p in instance.patients for s in p.services}
    served = [(stop.id, stop.service) for route in plan.routes for stop in route.stops]
    faults = list(routes_by_technician(plan, {c.id for c in instance.caregivers}))
    faults += each_once(served, wanted)
    faults += [f"{p} {service} is not served" for p, service in sorted(wanted - set(served))]
    if faults:
        return Verdict(math.nan, (), tuple(faults))
    faults += _ability_faults(instance, plan)
    faults += _same_caregiver_faults(plan, patients)
    starts = _earliest_starts(instance, plan, patients)
    if starts is None:
        return Verdict(math.nan, (), (*faults, "routes wait for each other in a circle"))
    faults += _lag_faults(patients, starts)
    tardiness = [max(0.0, start - patients[str(p)].close) for (p, _), start in starts.items()]
    distance = math.fsum(_distances(instance, plan, patients))
    worst, total = max(tardiness, default=0.0), math.fsum(tardiness)
    return Verdict(
        objective=(distance + worst + total) / 3,
        routes=tuple(_timed(instance, plan, patients, starts)),
        faults=tuple(faults),
        figures={"distance": distance, "max_tardiness": worst, "total_tardiness": total},
    )


def _number(patient: Patient, stop: Stop) -> int:
    """Which of the patient's services a stop is, from 0."""
    return [s.name for s in patient.services].index(stop.service)


def _ability_faults(instance: Instance, plan: Plan) -> list[str]:
    able = {c.id: c.abilities for c in instance.caregivers}
    return [
        f"caregiver {route.technician} cannot give {stop.service} to {stop.id}"
        for route in plan.routes
        for stop in route.stops
        if stop.service not in able[str(route.technician)]
    ]


def _same_caregiver_faults(plan: Plan, patients: Mapping[str, Patient]) -> list[str]:
    faults = []
    for route in plan.routes:
        mine = [stop.id for stop in route.stops]
        faults += [
            f"caregiver {route.technician} gives both services to {p}"
            for p in sorted(set(mine), key=mine.index)
            if mine.count(p) > 1 and len(patients[str(p)].services) > 1
        ]
    return faults


def _earliest_starts(
    instance: Instance, plan: Plan, patients: Mapping[str, Patient]
) -> Starts | None:
    """The earliest starts that satisfy routes, windows and lags together; None if none do.

    Each round can settle one more start for good, unless starts push each other in a circle.
    """
    starts: Starts = {(p.id, i): p.open for p in patients.values() for i in range(len(p.services))}
    for _ in range(len(starts) + 1):
        before = dict(starts)
        for route in plan.routes:
            place, ready = _DEPOT, 0.0
            for stop in route.stops:
                patient = patients[str(stop.id)]
                i = _number(patient, stop)
                arrival = ready + instance.distances[place][patient.index]
                starts[patient.id, i] = max(starts[patient.id, i], arrival)
                place, ready = patient.index, starts[patient.id, i] + patient.services[i].duration
        for patient in patients.values():
            if patient.lag is not None:
                least, most = patient.lag
                first, second = (patient.id, 0), (patient.id, 1)
                starts[second] = max(starts[second], starts[first] + least)
                starts[first] = max(starts[first], starts[second] - most)
        if all(starts[key] <= before[key] + EPSILON for key in starts):
            return starts
    return None


def _lag_faults(patients: Mapping[str, Patient], starts: Starts) -> list[str]:
    faults = []
    for patient in patients.values():
        if patient.lag is not None:
            least, most = patient.lag
            lag = starts[patient.id, 1] - starts[patient.id, 0]
            if not least - EPSILON <= lag <= most + EPSILON:
                faults.append(f"{patient.id}: lag {lag:.6f} is not in {least}..{most}")
    return faults


def _distances(instance: Instance, plan: Plan, patients: Mapping[str, Patient]) -> list[float]:
    legs = []
    for route in plan.routes:
        rows = [_DEPOT, *(patients[str(s.id)].index for s in route.stops), _DEPOT]
        legs += [instance.distances[a][b] for a, b in pairwise(rows)]
    return legs


def _timed(
    instance: Instance, plan: Plan, patients: Mapping[str, Patient], starts: Starts
) -> list[TimedRoute]:
    timed = []
    for route in plan.routes:
        stops = [(patients[str(s.id)], _number(patients[str(s.id)], s)) for s in route.stops]
        if not stops:
            continue
        at = tuple(starts[patient.id, i] for patient, i in stops)
        first, (last, service) = stops[0][0], stops[-1]
        departs = at[0] - instance.distances[_DEPOT][first.index]
        ready = at[-1] + last.services[service].duration
        timed.append(TimedRoute(route, departs, at, ready + instance.distances[last.index][_DEPOT]))
    return timed
