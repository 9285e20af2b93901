"""A plan: what was decided, and nothing that follows from it (the timetable derives that)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.domain.parts import PartQuantity


class StopKind(StrEnum):
    VISIT = "visit"
    PICKUP = "pickup"
    BREAK = "break"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a route. Which fields mean something depends on ``kind``:

    * visit: ``visit_id``; ``parts`` are the parts used there (substitutes by their own id);
      ``not_before_at`` if it was decided at a time when it could not begin sooner
    * pickup: ``station_id``; ``parts`` and ``tools`` taken; ``not_before_at`` waits for a delivery
    * break: ``index`` into the breaks of the shift
    * absence: ``index`` into the absences of the technician
    """

    kind: StopKind
    visit_id: str | None = None
    station_id: str | None = None
    parts: tuple[PartQuantity, ...] = ()
    tools: tuple[str, ...] = ()
    not_before_at: datetime | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One technician's ordered stops in one shift. ``ends_away``: sleeps at the last stop."""

    technician_id: str
    shift_id: str
    stops: tuple[Stop, ...]
    ends_away: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A rule code that keeps ``technicians`` technicians from a visit.

    ``technician_id`` is the one of them who comes closest, and ``amount`` by how much the rule
    fails for that one (seconds or units, 0 where a rule has no amount).
    """

    code: str
    technicians: int
    technician_id: str | None = None
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A visit that stayed out. ``code`` is the rule that comes closest to letting it in."""

    visit_id: str
    code: str
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes with at least one visit each, sorted by technician and shift, and what stayed out.

    ``made_by`` says who planned: ``search``, ``manual`` (the manual dispatcher), or a person.
    ``bound_fen`` is what every legal plan costs at least, where that is known.
    """

    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...] = ()
    made_by: str = "search"
    seed: int | None = None
    iterations: int | None = None
    bound_fen: int | None = None
