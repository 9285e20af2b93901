"""Which changes of the facts an obstacle suggests."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from dispatch.domain.people import Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import SkillNeed, Visit
from dispatch.obstacles import TechnicianObstacle
from dispatch.qualification import PRICE
from dispatch.relaxations import (
    BackupTerritory,
    Certified,
    DearerOut,
    EarlierStart,
    ExtraTechnician,
    GatePassed,
    MoreOvertime,
    MoreParts,
    MoreTools,
    MoreTravel,
    MoreVisits,
    PartsOnVan,
    Relaxation,
    Released,
    Unpinned,
    WiderWindow,
)

_BUSY = (
    *("absence", "window", "travel_limit", "shift", "overtime", "break", "rest", "max_visits"),
    *("away", "crew", "same_technician"),
)
"""What stops a technician who is busy, and not one like him who is free."""

GUESS_S = 2 * 3600
"""Where a window or a break is missed in one place, staying longer may be the way out in another:
nobody knows by how much."""

LATE = ("window", "shift", "overtime", "absence", "break")
"""What may be because a visit is released late."""


def suggestions(
    facts: Snapshot, visit: Visit, obstacle: TechnicianObstacle, out_fen: int
) -> Iterator[Relaxation]:
    """Changes that might overcome an obstacle, each by as much as it says. ``out_fen`` is what it
    costs to leave the visit out."""
    technician = facts.technician[obstacle.technician_id]
    amount, shift_id = obstacle.amount, obstacle.shift_id
    match obstacle.code:
        case "release":
            yield from _gates(facts, visit, hopeless=True)
            if visit.id in facts.pin:
                yield Unpinned(visit.id)
        case "pinned" if visit.id in facts.pin:
            yield Unpinned(visit.id)
        case "territory":
            yield BackupTerritory(technician.id, facts.site_of(visit).territory)
        case "skill" | "skill_level" | "skill_expired":
            need = min(visit.skills, key=lambda n: _strength(technician, n))
            yield Certified(technician.id, need.skill, need.level)
        case "tool":
            yield from _tools(facts, visit, technician)
        case "parts":
            for part in visit.parts:
                yield MoreParts(amount, technician.station_id, part.part_id)
                yield PartsOnVan(amount, technician.id, part.part_id)
        case "window":
            if visit.windows:  # else it is the window of another visit on the route
                yield WiderWindow(amount, visit.id, later=True)
                yield WiderWindow(amount, visit.id, later=False)
            if shift_id is not None:
                yield EarlierStart(amount, technician.id, shift_id)
                yield MoreOvertime(GUESS_S, technician.id, shift_id)
        case "break" if shift_id is not None:
            yield MoreOvertime(GUESS_S, technician.id, shift_id)
        case "shift" | "overtime" if shift_id is not None:
            yield MoreOvertime(amount, technician.id, shift_id)
        case "travel_limit":
            yield MoreTravel(amount, technician.id)
        case "max_visits":
            yield MoreVisits(amount, technician.id)
        case code if code == PRICE and amount >= out_fen:
            yield DearerOut(amount - out_fen + 1, facts.order_of(visit).priority)
    if obstacle.code in LATE:
        yield from _gates(facts, visit, hopeless=False)
        if visit.release_at is not None and visit.release_at > facts.now_at:
            yield Released(visit.id)
    if obstacle.code in _BUSY and technician.shifts:
        yield ExtraTechnician(technician.id, shift_id or technician.shifts[0].id)


def _gates(facts: Snapshot, visit: Visit, *, hopeless: bool) -> Iterator[GatePassed]:
    """The first open gate that nobody expects to be passed, or each that is expected to be."""
    order = facts.order_of(visit)
    is_open = [g for g in order.gates if g.passed_at is None]
    if hopeless:
        is_open = [g for g in is_open if g.expected_at is None][:1]
    yield from (GatePassed(order.id, gate.kind) for gate in is_open)


def _strength(technician: Technician, need: SkillNeed) -> tuple[bool, int, date]:
    """How well a technician meets a need: the skill, levels that are missing, the last day."""
    levels = [c.level for c in technician.certificates if c.skill == need.skill]
    ends = [
        c.expires_on or date.max
        for c in technician.certificates
        if c.skill == need.skill and c.level >= need.level
    ]
    missing = max(0, need.level - max(levels, default=0))
    return bool(levels), -missing, max(ends, default=date.max)


def _tools(facts: Snapshot, visit: Visit, technician: Technician) -> Iterator[MoreTools]:
    """The tools that neither the van nor the own station has, or else each that is not on the van
    (a station may lend it to others)."""
    not_on_van = Counter(visit.tools) - Counter(technician.tools)
    station = facts.station[technician.station_id]
    lent = Counter({stock.tool: stock.quantity for stock in station.tools})
    missing = (not_on_van - lent) or not_on_van
    yield from (MoreTools(pieces, station.id, tool) for tool, pieces in missing.items())
