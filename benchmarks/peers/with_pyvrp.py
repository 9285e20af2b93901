"""PyVRP: iterated local search for vehicle routing with prizes."""

import math
import time
from dataclasses import dataclass, replace

import numpy as np
from pyvrp import (
    Client,
    ClientGroup,
    Depot,
    Location,
    ProblemData,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp.search import NeighbourhoodParams

from benchmarks.peers.model import SECONDS_PER_H, Matrix, Model, Routes, Shift, Work

INFEASIBLE = np.iinfo(np.int64).max
"""The cost of the best solution while there is none."""

LATE_S = 3600
"""A late client is priced as being so late: its prize cannot depend on time."""


NEIGHBOURS = 100
"""Places near each visit that are tried: most of the default 50 lie in shifts that cannot serve
it, and with them it plans a day of 300 visits some 15 % dearer."""

DEMANDING = 0.25
"""The share of time in which a plan with every visit has to be found, or visits get optional."""


@dataclass(frozen=True)
class WithPyvrp:
    """Each shift is a vehicle type with its own costs of legs.

    A leg costs what it costs us, with what the visit at its end costs in that shift; visits that
    may not stand there lie too far away. A visit is one client, or, where clocks run out during
    the day, a group of copies of which one is visited: on time for the full prize, late for less.
    The time of breaks is cut out of the day: what comes after them comes earlier.
    """

    name: str = "pyvrp"
    cannot: tuple[str, ...] = (
        "breaks (their hour is cut out of the day)",
        "part stock (the van is loaded before the shift)",
        "rising price of lateness (one step per clock)",
        "unfair load (a price of long shifts)",
    )
    one_core: bool = True

    def plan(self, day: Model, seconds: float, cores: int, seed: int) -> Routes:  # noqa: ARG002
        day = _without_rests(day)
        found = _search(day, True, DEMANDING * seconds, (1 - DEMANDING) * seconds, seed)
        return found or _search(day, False, (1 - DEMANDING) * seconds, 0, seed) or {}


def _search(
    day: Model, demand_all: bool, hopeful_s: float, more_s: float, seed: int
) -> Routes | None:
    """The best routes after both times; None if there is no solution after the first."""
    data, visits = _data(day, demand_all)
    result = solve(
        data,
        Patience(hopeful_s, more_s),
        seed=seed,
        collect_stats=False,
        display=False,
        params=SolveParams(neighbourhood=NeighbourhoodParams(num_neighbours=NEIGHBOURS)),
    )
    if not result.is_feasible():
        return None
    return {
        route.vehicle_type(): [visits[stop.idx] for stop in route if stop.is_client()]
        for route in result.best.routes()
    }


class Patience:
    """Stops a search that has no solution yet after one time, and any after two."""

    def __init__(self, hopeful_s: float, more_s: float) -> None:
        self.hopeful_s = hopeful_s
        self.whole_s = hopeful_s + more_s
        self.begin: float | None = None

    def __call__(self, best_cost: int) -> bool:
        if self.begin is None:  # the search's own preparations are over
            self.begin = time.perf_counter()
        elapsed_s = time.perf_counter() - self.begin
        return elapsed_s > (self.hopeful_s if best_cost >= INFEASIBLE else self.whole_s)


def _data(day: Model, demand_all: bool) -> tuple[ProblemData, list[int]]:
    """The problem, and the visit of each of its clients."""
    scale = _scale(day)
    stations = len(day.stations)
    clients, groups, visits = _clients(day, scale, demand_all)
    data = ProblemData(
        locations=[Location(0, 0) for _ in range(stations + len(day.work))],
        clients=clients,
        depots=[Depot(number) for number in range(stations)],
        vehicle_types=[
            _vehicle(day, number, day.stations.index(shift.location), scale)
            for number, shift in enumerate(day.shifts)
        ],
        distance_matrices=_distances(day, stations, scale),
        duration_matrices=[day.by_place(day.travel_s)] * len(day.shifts),
        groups=groups,
    )
    return data, visits


def _scale(day: Model) -> int:
    """Makes the price of a paid second a whole number. Larger costs drown its penalties."""
    return SECONDS_PER_H // math.gcd(SECONDS_PER_H, day.paid_fen_per_h)


def _without_rests(day: Model) -> Model:
    """The same day on a clock that stands still while people rest.

    Windows and clocks are everybody's and rests are not: ends move by the longest rest and
    openings by the shortest, so that a plan holds for all of them. A repair that would go on when
    the last rest has to begin comes after it.
    """
    rests = [rest for shift in day.shifts for rest in shift.rests]
    if not rests:
        return day
    latest_s = max(rest.latest_s for rest in rests)
    longest_s = max(rest.duration_s for rest in rests)
    shortest_s = min(_rest_s(shift) for shift in day.shifts)

    def moved(at_s: int, service_s: int, rest_s: int) -> int:
        before_s = latest_s - service_s
        return at_s if at_s <= before_s else max(before_s, at_s - rest_s)

    def cut(work: Work) -> Work:
        windows = []
        for open_s, close_s in work.windows:
            end_s = moved(close_s, work.service_s, longest_s)
            windows.append((min(moved(open_s, work.service_s, shortest_s), end_s), end_s))
        dues = [
            replace(due, start_s=moved(due.start_s, work.service_s, longest_s)) for due in work.dues
        ]
        return replace(work, windows=tuple(windows), dues=tuple(dues))

    shifts = tuple(
        replace(
            shift,
            end_s=shift.end_s - _rest_s(shift),
            limit_s=shift.limit_s - _rest_s(shift),
            rests=(),
            fen={v: fen for v, fen in shift.fen.items() if day.fits_alone(v, shift)},
        )
        for shift in day.shifts
    )
    return replace(day, work=tuple(cut(work) for work in day.work), shifts=shifts)


def _rest_s(shift: Shift) -> int:
    return sum(rest.duration_s for rest in shift.rests)


def _clients(
    day: Model, scale: int, demand_all: bool
) -> tuple[list[Client], list[ClientGroup], list[int]]:
    """The clients, the groups of those that exclude each other, and the visit of each client."""
    clients: list[Client] = []
    groups: list[ClientGroup] = []
    visits: list[int] = []
    for visit, work in enumerate(day.work):
        spans = _spans(work)
        group = None
        if len(spans) > 1:
            group = len(groups)
            copies = range(len(clients), len(clients) + len(spans))
            groups.append(ClientGroup(list(copies), required=demand_all))
        for early_s, late_s, late_fen in spans:
            clients.append(
                Client(
                    len(day.stations) + visit,
                    service_duration=work.service_s,
                    tw_early=early_s,
                    tw_late=late_s,
                    prize=max(0, work.unassigned_fen - late_fen) * scale,
                    required=demand_all and group is None,
                    group=group,
                )
            )
            visits.append(visit)
    return clients, groups, visits


def _spans(work: Work) -> list[tuple[int, int, int]]:
    """Earliest start, latest start and price of lateness, window by window and clock by clock."""
    spans: list[tuple[int, int, int]] = []
    for open_s, close_s in work.windows:
        dues = sorted({due.start_s for due in work.dues if open_s <= due.start_s < close_s})
        for early_s, late_s in zip([open_s, *(d + 1 for d in dues)], [*dues, close_s], strict=True):
            missed = [due for due in work.dues if due.start_s < early_s]
            slope_fen = sum(due.late_fen_per_h for due in missed) * LATE_S // SECONDS_PER_H
            spans.append((early_s, late_s, sum(due.breach_fen for due in missed) + slope_fen))
    return spans


def _vehicle(day: Model, number: int, depot: int, scale: int) -> VehicleType:
    shift = day.shifts[number]
    overtime_fen = day.overtime_fen_per_h + day.unfair_fen_per_h
    return VehicleType(
        start_depot=depot,
        end_depot=depot,
        tw_early=shift.start_s,
        tw_late=shift.limit_s,
        shift_duration=shift.end_s - shift.start_s,
        max_overtime=shift.limit_s - shift.end_s,
        unit_distance_cost=1,
        unit_duration_cost=day.paid_fen_per_h * scale // SECONDS_PER_H,
        unit_overtime_cost=round(overtime_fen * scale / SECONDS_PER_H),
        profile=number,
    )


def _distances(day: Model, stations: int, scale: int) -> list[Matrix]:
    """The cost of the legs, one matrix per shift."""
    legs = day.by_place(day.leg_fen) * scale
    too_far = 2 * scale * max(work.unassigned_fen for work in day.work)
    matrices = []
    for shift in day.shifts:
        extra = np.full(len(day.work), too_far, dtype=np.int64)
        for visit, fen in shift.fen.items():
            extra[visit] = fen * scale
        matrix = legs.copy()
        matrix[:, stations:] += extra
        np.fill_diagonal(matrix, 0)
        matrices.append(matrix)
    return matrices


PEER = WithPyvrp()
