"""Plans of the public sets as plain data, in the ids of the instance."""

from dataclasses import dataclass, field
from typing import TypeAlias

Id: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class Stop:
    """A customer, or a depot on the way; ``service`` says which of several services is meant."""

    id: Id
    service: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """What one technician does in one day, without the beginning and the end at home."""

    technician: Id
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    routes: tuple[Route, ...]
    unserved: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class TimedRoute:
    """A route with the start of each stop, all in the instance's unit of time."""

    route: Route
    departs: float
    starts: tuple[float, ...]
    returns: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says of a plan.

    ``first_goal`` comes before ``objective`` (both are minimised) in the sets that have two goals,
    and is 0 in the others. ``faults`` say what is wrong; a plan without faults is feasible.
    """

    objective: float
    routes: tuple[TimedRoute, ...]
    faults: tuple[str, ...]
    first_goal: int = 0
    figures: dict[str, float] = field(default_factory=dict)
