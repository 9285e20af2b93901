"""VROOM: a construction heuristic and local search, as many threads as there are cores."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import vroom

from benchmarks.peers.model import SECONDS_PER_H, Matrix, Model, Routes, Shift, Work

MOST_URGENT = 100
"""The highest priority there is."""


@dataclass(frozen=True)
class WithVroom:
    """Each shift is a vehicle with a matrix of costs of its own: what a leg and the time on it
    cost us, and what the visit at its end costs in that shift.

    Every visit is a skill that the shifts have in which it may stand. A clock that runs out during
    the day ends the window: without that, the plans were a fifth dearer.
    """

    name: str = "vroom"
    cannot: tuple[str, ...] = (
        "price of lateness (a clock that runs out ends the window)",
        "price of leaving a visit out (a priority of 0-100)",
        "paid time other than travel, overtime, unfair load",
        "part stock (the van is loaded before the shift)",
    )
    one_core: bool = False

    def plan(self, day: Model, seconds: float, cores: int, seed: int) -> Routes:  # noqa: ARG002
        stations = len(day.stations)
        problem = vroom.Input()
        dearest_fen = max(work.unassigned_fen for work in day.work)
        for visit, work in enumerate(day.work):
            problem.add_job(_job(visit, work, stations, dearest_fen))
        travel_s = day.by_place(day.travel_s)
        legs_fen = day.by_place(_leg_fen(day))
        for number, shift in enumerate(day.shifts):
            profile = str(number)
            problem.add_vehicle(
                _vehicle(number, shift, day.stations.index(shift.location), profile)
            )
            problem.set_durations_matrix(profile, travel_s)
            problem.set_costs_matrix(profile, _costs(legs_fen, shift, stations))
        solution = problem.solve(
            exploration_level=5, nb_threads=cores, timeout=timedelta(seconds=seconds)
        )
        routes: Routes = {}
        for row in solution.routes.itertuples():
            if row.type == "job":
                routes.setdefault(int(row.vehicle_id), []).append(int(row.id))
        return routes


def _job(visit: int, work: Work, stations: int, dearest_fen: int) -> vroom.Job:
    return vroom.Job(
        visit,
        location=stations + visit,
        default_service=work.service_s,
        skills={visit},
        priority=MOST_URGENT * work.unassigned_fen // dearest_fen,
        time_windows=[vroom.TimeWindow(*window) for window in work.in_time],
    )


def _vehicle(number: int, shift: Shift, station: int, profile: str) -> vroom.Vehicle:
    return vroom.Vehicle(
        number,
        start=station,
        end=station,
        profile=profile,
        skills=set(shift.fen),
        time_window=vroom.TimeWindow(shift.start_s, shift.limit_s),
        breaks=[
            vroom.Break(i, [vroom.TimeWindow(rest.earliest_s, rest.latest_s)], rest.duration_s)
            for i, rest in enumerate(shift.rests)
        ],
    )


def _leg_fen(day: Model) -> Matrix:
    return day.leg_fen + day.travel_s * day.paid_fen_per_h // SECONDS_PER_H


def _costs(legs_fen: Matrix, shift: Shift, stations: int) -> Matrix:
    costs = legs_fen.copy()
    for visit, fen in shift.fen.items():
        costs[:, stations + visit] += fen
    np.fill_diagonal(costs, 0)
    return costs


PEER = WithVroom()
