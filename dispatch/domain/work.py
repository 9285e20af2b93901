"""What customers need: work orders, their gates, and the visits that are planned for them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.domain.parts import PartQuantity


class Priority(StrEnum):
    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class ClockKind(StrEnum):
    """SLA clocks: somebody answers, is on site, the equipment runs again."""

    RESPOND = "respond"
    ARRIVE = "arrive"
    RESTORE = "restore"


class GateKind(StrEnum):
    REMOTE_DIAGNOSIS = "remote_diagnosis"
    QUOTE = "quote"
    PARTS = "parts"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Gate:
    """What must be true before a visit may start.

    An open gate (``passed_at`` is None) that is expected to open lets visits start from
    ``expected_at`` on; one without an expected time lets none start. The SLA clocks of the work
    order pause while a gate that ``waits_for_customer`` is open.
    """

    kind: GateKind
    opened_at: datetime
    passed_at: datetime | None = None
    expected_at: datetime | None = None
    waits_for_customer: bool = False


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What the customer needs; owns the SLA. ``*_at`` of the clocks are recorded events."""

    id: str
    site_id: str
    product: str
    priority: Priority
    reported_at: datetime
    gates: tuple[Gate, ...] = ()
    responded_at: datetime | None = None
    arrived_at: datetime | None = None
    restored_at: datetime | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What came in, as it came in; work orders are born from it.

    ``number`` is the one of the system that it came from, and unique.
    """

    number: str
    received_at: datetime
    channel: str
    text: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class SkillNeed:
    skill: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Window:
    """Service starts between ``open_at`` and ``close_at``, both included."""

    open_at: datetime
    close_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One trip of one technician (or crew) to a site; the unit that is planned.

    ``duration_s`` is the repair; ``run_in_s`` is how long the technician stays on site after it.
    ``windows`` are sorted and disjoint; none means any time. ``stops`` names the clocks that this
    visit stops: respond and arrive at its start, restore at the end of its repair.
    """

    id: str
    work_order_id: str
    duration_s: int
    skills: tuple[SkillNeed, ...] = ()
    parts: tuple[PartQuantity, ...] = ()
    tools: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    release_at: datetime | None = None
    run_in_s: int = 0
    crew_size: int = 1
    wished_technician_id: str | None = None
    stops: tuple[ClockKind, ...] = (ClockKind.RESPOND, ClockKind.ARRIVE, ClockKind.RESTORE)


@dataclass(frozen=True, slots=True)
class Link:
    """``then_visit_id`` depends on ``first_visit_id``.

    The lag runs from the end of the first repair to the start of the second visit and may be
    negative. ``min_lag_s`` None: no order is asked for, nor a minimum; ``max_lag_s`` None: no
    maximum.
    """

    first_visit_id: str
    then_visit_id: str
    min_lag_s: int | None = 0
    max_lag_s: int | None = None
    same_technician: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """What must not change about a visit: technician, start, or the visit right before it.

    ``technician_id`` is one of those who do it; ``other_technician_ids`` are pinned beside that
    one, where a crew does it.
    """

    visit_id: str
    technician_id: str | None = None
    start_at: datetime | None = None
    after_visit_id: str | None = None
    other_technician_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commitment:
    """What people were told: this visit, by these technicians, at this time."""

    visit_id: str
    technician_ids: tuple[str, ...]
    start_at: datetime
