"""All that a board draws, as small as it can be said: what is null, empty or usual is left out."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dispatch.commands.versions import Forced
from dispatch.domain.people import Absence, Break
from dispatch.domain.plan import StopKind
from dispatch.domain.rules import Violation
from dispatch.domain.work import ClockKind, Priority
from dispatch.store.queries_board import DoneVisit
from dispatch.store.rows_plans import PlanState


class ClockSafety(StrEnum):
    """What a clock of a visit is by the plan: ``broken`` if it runs out before the visit stops it,
    or has run out and nothing is planned; ``at_risk`` if less than half an hour is left when it is
    stopped (of what is not planned: if it runs out within hours)."""

    SAFE = "safe"
    AT_RISK = "at_risk"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class BoardShift:
    """Breaks start between ``earliest_at`` and ``latest_at``."""

    id: str
    start_at: datetime
    end_at: datetime
    standby: bool = False
    max_overtime_s: int = 0
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardTechnician:
    """``skills`` with their levels; ``backup`` are territories covered as backup only."""

    id: str
    name: str
    station_id: str
    territories: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()
    skills: dict[str, int] = field(default_factory=dict)
    shifts: tuple[BoardShift, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """A station, or a site with its customer and territory; degrees in WGS-84."""

    name: str
    latitude: float
    longitude: float
    customer: str | None = None
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class BoardStop:
    """A stop; its times are seconds from ``zero_at``. What is left out: kind ``visit``;
    ``arrival`` where it is ``start``; ``leave`` where it is ``end``. The run-in of a visit lasts
    from ``end`` to ``leave``. ``parts`` are those used by a visit, or those that are picked up. A
    stop of kind ``visit`` without ``visit_id`` is one that the caller does not see."""

    start: int
    end: int
    kind: StopKind = StopKind.VISIT
    visit_id: str | None = None
    station_id: str | None = None
    arrival: int | None = None
    leave: int | None = None
    travel_s: int = 0
    travel_m: int = 0
    parts: dict[str, int] = field(default_factory=dict)
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardRoute:
    """``depart`` and ``finish`` are seconds from ``zero_at``. ``ends_away``: the technician sleeps
    at the last stop."""

    technician_id: str
    shift_id: str
    depart: int
    finish: int
    stops: tuple[BoardStop, ...]
    home_travel_s: int = 0
    home_travel_m: int = 0
    overtime_s: int = 0
    ends_away: bool = False


@dataclass(frozen=True, slots=True)
class BoardClock:
    """``due`` is in seconds from ``zero_at``. ``margin_s`` is what is left when the visit stops the
    clock, negative if late; null: not planned."""

    due: int
    margin_s: int | None = None


@dataclass(frozen=True, slots=True)
class BoardVisit:
    """A visit, planned or not. ``clocks`` are those that run, ``clock`` is the worst of them.
    ``state`` is left out until somebody is on the way. ``pinned``: ``technician``, ``start``,
    ``after``. ``code`` and ``reason`` say why it is not planned; then also ``duration_s`` and
    ``parts`` are there, which its stop has otherwise."""

    work_order_id: str
    site_id: str
    product: str
    priority: Priority = Priority.NORMAL
    state: str | None = None
    clock: ClockSafety = ClockSafety.SAFE
    clocks: dict[ClockKind, BoardClock] = field(default_factory=dict)
    run_in_s: int = 0
    crew_size: int = 1
    skills: tuple[str, ...] = ()
    duration_s: int | None = None
    parts: dict[str, int] = field(default_factory=dict)
    pinned: tuple[str, ...] = ()
    by_hand: bool = False
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NextClock:
    """The clock that runs out first, of those that have not yet."""

    visit_id: str
    clock: ClockKind
    due: int
    margin_s: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A version as a board draws it. ``version`` is its number, ``now_at`` the organisation's time.
    ``zero_at`` is from where the times of stops, routes and clocks count, in seconds.

    ``stations``, ``sites`` and ``visits`` are by id. ``unassigned`` are ids of visits, those whose
    clock runs out first in front. ``done`` are visits that are over. ``forced`` is what people
    broke on purpose. Costs are told to callers who see everything.
    """

    version: int
    state: PlanState
    zero_at: datetime
    from_at: datetime
    until_at: datetime
    now_at: datetime
    made_by: str
    policy: str
    technicians: tuple[BoardTechnician, ...]
    routes: tuple[BoardRoute, ...]
    visits: dict[str, BoardVisit]
    sites: dict[str, BoardPlace]
    stations: dict[str, BoardPlace]
    unassigned: tuple[str, ...]
    done: tuple[DoneVisit, ...]
    violations: tuple[Violation, ...]
    forced: tuple[Forced, ...]
    base: int | None = None
    cost_fen: dict[str, int] | None = None
    next_clock: NextClock | None = None
