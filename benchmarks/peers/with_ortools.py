"""OR-Tools routing: guided local search over a constraint model."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.peers.model import SECONDS_PER_H, Model, Routes, Work

SCALE = SECONDS_PER_H
"""Costs are in 1/3600 fen, so that the price of a second is a whole number."""

NOBODY = -1

STEP_S = 3600
"""A breach has one price at once; a soft bound knows slopes only: it is reached in an hour."""


@dataclass(frozen=True)
class WithOrtools:
    """Time is a dimension with breaks, soft bounds for clocks, overtime and unfair load; what a
    visit costs in a shift is another, whose length is paid."""

    name: str = "ortools"
    cannot: tuple[str, ...] = (
        "price of breaking a clock (paid over the first hour of lateness)",
        "a second clock of a visit",
        "part stock (the van is loaded before the shift)",
    )
    one_core: bool = True

    def plan(self, day: Model, seconds: float, cores: int, seed: int) -> Routes:  # noqa: ARG002
        bases = [day.stations.index(shift.location) for shift in day.shifts]
        places = len(day.stations) + len(day.work)
        nodes = pywrapcp.RoutingIndexManager(places, len(day.shifts), bases, bases)
        routing = pywrapcp.RoutingModel(nodes)
        legs = routing.RegisterTransitMatrix((day.by_place(day.leg_fen) * SCALE).tolist())
        routing.SetArcCostEvaluatorOfAllVehicles(legs)
        _add_fen(routing, day)
        _add_time(routing, nodes, day)
        for visit, work in enumerate(day.work):
            index = nodes.NodeToIndex(len(day.stations) + visit)
            routing.VehicleVar(index).SetValues([NOBODY, *day.able[visit]])
            routing.AddDisjunction([index], work.unassigned_fen * SCALE)
        solution = routing.SolveWithParameters(_parameters(seconds))
        if solution is None:
            return {}
        return {
            vehicle: [nodes.IndexToNode(i) - len(day.stations) for i in order]
            for vehicle, order in enumerate(_orders(routing, solution))
            if order
        }


def _add_fen(routing: pywrapcp.RoutingModel, day: Model) -> None:
    evaluators = []
    for shift in day.shifts:
        fen = [0] * (len(day.stations) + len(day.work))
        for visit, extra in shift.fen.items():
            fen[len(day.stations) + visit] = extra
        evaluators.append(routing.RegisterUnaryTransitVector(fen))
    most = sum(max(shift.fen.values(), default=0) for shift in day.shifts) + 1
    most *= len(day.work)
    routing.AddDimensionWithVehicleTransits(evaluators, 0, most, True, "fen")
    routing.GetDimensionOrDie("fen").SetSpanCostCoefficientForAllVehicles(SCALE)


def _add_time(
    routing: pywrapcp.RoutingModel, nodes: pywrapcp.RoutingIndexManager, day: Model
) -> None:
    service_s = [0] * len(day.stations) + [work.service_s for work in day.work]
    legs = day.by_place(day.travel_s).tolist()
    transit = [[s + leg for leg in row] for s, row in zip(service_s, legs, strict=True)]
    evaluator = routing.RegisterTransitMatrix(transit)
    routing.AddDimension(evaluator, day.horizon_s, day.horizon_s, False, "time")
    time = routing.GetDimensionOrDie("time")
    for visit, work in enumerate(day.work):
        _bound_start(time, nodes.NodeToIndex(len(day.stations) + visit), work)
    visits_s = [service_s[nodes.IndexToNode(i)] for i in range(routing.Size())]
    solver = routing.solver()
    for number, shift in enumerate(day.shifts):
        time.CumulVar(routing.Start(number)).SetRange(shift.start_s, shift.limit_s)
        time.CumulVar(routing.End(number)).SetRange(shift.start_s, shift.limit_s)
        time.SetSpanCostCoefficientForVehicle(day.paid_fen_per_h, number)
        time.SetCumulVarSoftUpperBound(routing.End(number), shift.end_s, day.overtime_fen_per_h)
        rest_s = sum(rest.duration_s for rest in shift.rests)
        unfair = pywrapcp.BoundCost(shift.fair_s + rest_s, day.unfair_fen_per_h)
        time.SetSoftSpanUpperBoundForVehicle(unfair, number)
        rests = [
            solver.FixedDurationIntervalVar(
                rest.earliest_s, rest.latest_s, rest.duration_s, False, f"rest {number} {i}"
            )
            for i, rest in enumerate(shift.rests)
        ]
        time.SetBreakIntervalsOfVehicle(rests, number, visits_s)
        routing.AddVariableMinimizedByFinalizer(time.CumulVar(routing.End(number)))
        routing.AddVariableMaximizedByFinalizer(time.CumulVar(routing.Start(number)))


def _bound_start(time: pywrapcp.RoutingDimension, index: int, work: Work) -> None:
    start = time.CumulVar(index)
    start.SetRange(work.windows[0][0], work.windows[-1][1])
    for (_, close_s), (open_s, _) in pairwise(work.windows):
        start.RemoveInterval(close_s + 1, open_s - 1)
    if work.dues:
        first = min(work.dues, key=lambda due: due.start_s)
        slope_fen = first.late_fen_per_h + first.breach_fen * SECONDS_PER_H // STEP_S
        time.SetCumulVarSoftUpperBound(index, max(0, first.start_s), slope_fen)


def _parameters(seconds: float) -> object:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    parameters.time_limit.FromTimedelta(timedelta(seconds=seconds))
    return parameters


def _orders(routing: pywrapcp.RoutingModel, solution: pywrapcp.Assignment) -> list[list[int]]:
    orders = []
    for vehicle in range(routing.vehicles()):
        order = []
        index = solution.Value(routing.NextVar(routing.Start(vehicle)))
        while not routing.IsEnd(index):
            order.append(index)
            index = solution.Value(routing.NextVar(index))
        orders.append(order)
    return orders


PEER = WithOrtools()
