"""Timefold: constraint streams and local search on a Java virtual machine."""

from dataclasses import dataclass, field
from typing import Annotated, Optional

from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (
    CascadingUpdateShadowVariable,
    InverseRelationShadowVariable,
    NextElementShadowVariable,
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningListVariable,
    PlanningScore,
    PreviousElementShadowVariable,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    Constraint,
    ConstraintFactory,
    HardSoftScore,
    constraint_provider,
)

from benchmarks.peers.model import Model, Routes

LATEST_S = 1 << 30

# What follows is translated to Java: plain statements only, and the class of the list's elements
# stands before the class that has the list.


@planning_entity
@dataclass
class Visit:
    id: Annotated[str, PlanningId]
    number: int
    location: int
    service_s: int
    open_s: int
    close_s: int
    unassigned_fen: int
    dues: list[list[int]]
    travel_s: list[int]
    leg_fen: list[int]
    vehicle: Annotated[
        Optional["Vehicle"], InverseRelationShadowVariable(source_variable_name="visits")
    ] = None
    previous: Annotated[
        Optional["Visit"], PreviousElementShadowVariable(source_variable_name="visits")
    ] = None
    next: Annotated[Optional["Visit"], NextElementShadowVariable(source_variable_name="visits")] = (
        None
    )
    start_s: Annotated[
        int | None, CascadingUpdateShadowVariable(target_method_name="update_start")
    ] = None

    def update_start(self) -> None:
        if self.vehicle is None:
            self.start_s = None
            return
        if self.previous is None:
            leaves_s = self.vehicle.start_s
            arrives_s = leaves_s + self.vehicle.travel_s[self.location]
        else:
            leaves_s = self.previous.end_s()
            arrives_s = leaves_s + self.previous.travel_s[self.location]
        start_s = max(arrives_s, self.open_s)
        latest_s = self.vehicle.rest_latest_s
        if leaves_s <= latest_s and start_s + self.service_s > latest_s:
            rested_s = max(arrives_s, self.vehicle.rest_earliest_s) + self.vehicle.rest_s
            start_s = max(rested_s, self.open_s)
        self.start_s = start_s

    def start(self) -> int:
        return self.start_s if self.start_s is not None else 0

    def end_s(self) -> int:
        return self.start() + self.service_s

    def is_unqualified(self) -> bool:
        return self.vehicle is not None and self.number not in self.vehicle.fen

    def too_late_s(self) -> int:
        return max(0, self.start() - self.close_s)

    def visit_fen(self) -> int:
        vehicle = self.vehicle
        if vehicle is None:
            return self.unassigned_fen
        return self.leg_there_fen(vehicle) + self.with_fen(vehicle) + self.late_fen()

    def leg_there_fen(self, vehicle: "Vehicle") -> int:
        if self.previous is None:
            return vehicle.leg_fen[self.location]
        return self.previous.leg_fen[self.location]

    def with_fen(self, vehicle: "Vehicle") -> int:
        if self.number in vehicle.fen:
            return vehicle.fen[self.number]
        return 0

    def late_fen(self) -> int:
        fen = 0
        for due in self.dues:
            late_s = self.start() - due[0]
            if late_s > 0:
                fen = fen + due[1] + due[2] * late_s // 3600
        return fen


@planning_entity
@dataclass
class Vehicle:
    """A shift. Prices are fen per hour."""

    id: Annotated[str, PlanningId]
    location: int
    start_s: int
    end_s: int
    limit_s: int
    fair_s: int
    rest_earliest_s: int
    rest_latest_s: int
    rest_s: int
    fen: dict[int, int]
    travel_s: list[int]
    leg_fen: list[int]
    paid_fen_per_h: int
    overtime_fen_per_h: int
    unfair_fen_per_h: int
    visits: Annotated[list[Visit], PlanningListVariable(allows_unassigned_values=True)] = field(
        default_factory=list
    )

    def finish_s(self) -> int:
        if len(self.visits) == 0:
            return self.start_s
        last = self.visits[-1]
        home_s = last.end_s() + last.travel_s[self.location]
        if last.end_s() <= self.rest_latest_s and home_s > self.rest_latest_s:
            return home_s + self.rest_s
        return home_s

    def too_late_s(self) -> int:
        return max(0, self.finish_s() - self.limit_s)

    def route_fen(self) -> int:
        if len(self.visits) == 0:
            return 0
        first = self.visits[0]
        finish_s = self.finish_s()
        paid_s = finish_s - (first.start() - self.travel_s[first.location])
        if first.end_s() <= self.rest_latest_s and finish_s > self.rest_latest_s:
            paid_s = paid_s - self.rest_s
        fen = paid_s * self.paid_fen_per_h
        fen = fen + max(0, finish_s - self.end_s) * self.overtime_fen_per_h
        fen = fen + max(0, paid_s - self.fair_s) * self.unfair_fen_per_h
        return fen // 3600 + self.visits[-1].leg_fen[self.location]


@planning_solution
@dataclass
class Roster:
    vehicles: Annotated[list[Vehicle], PlanningEntityCollectionProperty]
    visits: Annotated[list[Visit], PlanningEntityCollectionProperty, ValueRangeProvider]
    score: Annotated[HardSoftScore | None, PlanningScore] = None


@constraint_provider
def constraints(factory: ConstraintFactory) -> list[Constraint]:
    return [
        factory.for_each(Visit)
        .filter(lambda visit: visit.is_unqualified())
        .penalize(HardSoftScore.of_hard(36000))
        .as_constraint("qualified"),
        factory.for_each(Visit)
        .filter(lambda visit: visit.too_late_s() > 0)
        .penalize(HardSoftScore.ONE_HARD, lambda visit: visit.too_late_s())
        .as_constraint("window"),
        factory.for_each(Vehicle)
        .filter(lambda vehicle: vehicle.too_late_s() > 0)
        .penalize(HardSoftScore.ONE_HARD, lambda vehicle: vehicle.too_late_s())
        .as_constraint("shift"),
        factory.for_each_including_unassigned(Visit)
        .penalize(HardSoftScore.ONE_SOFT, lambda visit: visit.visit_fen())
        .as_constraint("visit"),
        factory.for_each(Vehicle)
        .penalize(HardSoftScore.ONE_SOFT, lambda vehicle: vehicle.route_fen())
        .as_constraint("route"),
    ]


@dataclass(frozen=True)
class WithTimefold:
    """A list of visits per shift, their starts as shadow variables, prices as soft constraints.

    Its machine starts and translates before the clock does.
    """

    name: str = "timefold"
    cannot: tuple[str, ...] = (
        "part stock (the van is loaded before the shift)",
        "a second break of a shift",
    )
    one_core: bool = True

    def plan(self, day: Model, seconds: float, cores: int, seed: int) -> Routes:  # noqa: ARG002
        config = SolverConfig(
            solution_class=Roster,
            entity_class_list=[Vehicle, Visit],
            random_seed=seed,
            score_director_factory_config=ScoreDirectorFactoryConfig(
                constraint_provider_function=constraints
            ),
            termination_config=TerminationConfig(
                spent_limit=Duration(milliseconds=round(1000 * seconds))
            ),
        )
        roster = SolverFactory.create(config).build_solver().solve(_roster(day))
        return {
            int(vehicle.id): [visit.number for visit in vehicle.visits]
            for vehicle in roster.vehicles
            if vehicle.visits
        }


def _roster(day: Model) -> Roster:
    travel_s, leg_fen = day.travel_s.tolist(), day.leg_fen.tolist()
    vehicles = []
    for number, shift in enumerate(day.shifts):
        rest = shift.rests[0] if shift.rests else None
        vehicles.append(
            Vehicle(
                id=str(number),
                location=shift.location,
                start_s=shift.start_s,
                end_s=shift.end_s,
                limit_s=shift.limit_s,
                fair_s=shift.fair_s,
                rest_earliest_s=rest.earliest_s if rest else 0,
                rest_latest_s=rest.latest_s if rest else LATEST_S,
                rest_s=rest.duration_s if rest else 0,
                fen=dict(shift.fen),
                travel_s=travel_s[shift.location],
                leg_fen=leg_fen[shift.location],
                paid_fen_per_h=day.paid_fen_per_h,
                overtime_fen_per_h=day.overtime_fen_per_h,
                unfair_fen_per_h=day.unfair_fen_per_h,
            )
        )
    visits = [
        Visit(
            id=str(number),
            number=number,
            location=work.location,
            service_s=work.service_s,
            open_s=work.windows[0][0],
            close_s=work.windows[-1][1],
            unassigned_fen=work.unassigned_fen,
            dues=[[due.start_s, due.breach_fen, due.late_fen_per_h] for due in work.dues],
            travel_s=travel_s[work.location],
            leg_fen=leg_fen[work.location],
        )
        for number, work in enumerate(day.work)
    ]
    return Roster(vehicles, visits)


PEER = WithTimefold()
