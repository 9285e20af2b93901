"""Which technicians and shifts could serve a visit at all, whatever else they do.

The planner asks this once per visit, technician and shift, and again to say why a visit stayed
out. Each answer is None (nothing in the way) or the first rule in the way and by how much.
"""

from collections import Counter
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from dispatch.domain.people import Certificate, Coverage, Shift, ShiftKind, Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.domain.work import Priority, Visit, Window

PRICE = "price"
"""Not a rule: the place is legal but costs more than leaving the visit out."""

CLOSENESS = (
    "release",
    "pinned",
    "territory",
    "skill",
    "skill_level",
    "skill_expired",
    "excluded",
    "tool",
    "absence",
    "window",
    "standby",
    "parts",
    "travel_limit",
    "shift",
    "overtime",
    "break",
    "rest",
    "max_visits",
    "away",
    "crew",
    "order",
    "same_technician",
    PRICE,
)
"""Obstacles from the farthest to the closest: a technician whom only a later one stops comes
closer to the visit than one whom an earlier one stops already."""

_CAPACITY = CLOSENESS.index("travel_limit")
_COMPANY = CLOSENESS.index("crew")
_COUNTED = ("max_visits", "away")


def closeness(code: str, amount: int) -> tuple[int, int]:
    """Sort key: greater is closer. Where only time or room is short, the smaller amount wins."""
    rank = CLOSENESS.index(code)
    if rank < _COMPANY:
        rank = min(rank, _CAPACITY)
    return rank, -amount * (3600 if code in _COUNTED else 1)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A rule code that stands in the way and by how much it fails (seconds, units or 1)."""

    code: str
    amount: int = 1


@dataclass(frozen=True)
class ShiftTimes:
    """When a technician can work in a shift: clipped by now (unless that has begun already) and by
    absences at its ends.

    ``absent_s`` is what absences take at its beginning.
    """

    shift: Shift
    start_at: datetime
    limit_at: datetime
    absent_s: int

    @property
    def usable(self) -> bool:
        return self.start_at < self.limit_at


def shift_times(snapshot: Snapshot, technician: Technician, shift: Shift) -> ShiftTimes:
    present_at = start_at = shift.under_way_at or max(shift.start_at, snapshot.now_at)
    limit_at = shift.end_at + timedelta(seconds=shift.max_overtime_s)
    for absence in technician.absences:
        if absence.start_at <= start_at < absence.end_at:
            start_at = absence.end_at
    for absence in technician.absences:
        if start_at < absence.start_at < limit_at <= absence.end_at:
            limit_at = absence.start_at
    return ShiftTimes(shift, start_at, limit_at, _seconds(start_at - present_at))


class Qualification:
    """Answers for one snapshot."""

    def __init__(self, snapshot: Snapshot, legs: Legs) -> None:
        self.snapshot = snapshot
        self.legs = legs
        self.zone = ZoneInfo(snapshot.time_zone)
        self.times = {
            shift.id: shift_times(snapshot, technician, shift)
            for technician in snapshot.technicians
            for shift in technician.shifts
        }
        self._certificates = {
            technician.id: _by_skill(technician) for technician in snapshot.technicians
        }

    @cached_property
    def covering(self) -> dict[str, list[Technician]]:
        """The technicians of each territory."""
        found: dict[str, list[Technician]] = {}
        for technician in self.snapshot.technicians:
            for territory in dict.fromkeys(c.territory for c in technician.territories):
                found.setdefault(territory, []).append(technician)
        return found

    @cached_property
    def _covering_ids(self) -> dict[str, frozenset[str]]:
        return {
            territory: frozenset(technician.id for technician in technicians)
            for territory, technicians in self.covering.items()
        }

    @cached_property
    def backups(self) -> set[tuple[str, str]]:
        """(technician, territory) pairs that are covered as backup, and not as primary too."""
        by_coverage: dict[Coverage, set[tuple[str, str]]] = {c: set() for c in Coverage}
        for technician in self.snapshot.technicians:
            for cover in technician.territories:
                by_coverage[cover.coverage].add((technician.id, cover.territory))
        return by_coverage[Coverage.BACKUP] - by_coverage[Coverage.PRIMARY]

    @cached_property
    def may_end_away(self) -> set[str]:
        """The shifts whose routes may end away: the right to, and a next shift to come home in."""
        return set(self._nights)

    @cached_property
    def _may_start_away(self) -> set[str]:
        return set(self._nights.values())

    @cached_property
    def _nights(self) -> dict[str, str]:
        """The shifts before and after each night that might be spent away."""
        return {
            evening.id: morning.id
            for technician in self.snapshot.technicians
            if technician.may_stay_overnight and technician.max_nights > 0
            for evening, morning in pairwise(technician.shifts)
            if self.times[evening.id].usable and self.times[morning.id].usable
        }

    @cached_property
    def _lent_tools(self) -> Counter[str]:
        """The most pieces of each tool that one station lends."""
        lent: Counter[str] = Counter()
        for station in self.snapshot.stations:
            for stock in station.tools:
                lent[stock.tool] = max(lent[stock.tool], stock.quantity)
        return lent

    def of(self, snapshot: Snapshot, legs: Legs) -> "Qualification":
        """The answers for a snapshot that has other visits and sites and nothing else that
        differs."""
        other = copy(self)
        other.snapshot, other.legs = snapshot, legs
        return other

    def of_visit(self, visit: Visit) -> Hindrance | None:
        """What stops everybody: gates and pins."""
        release_at = self.release_at(visit)
        if release_at is None:
            return Hindrance("release")
        pin = self.snapshot.pin.get(visit.id)
        if pin is not None and pin.start_at is not None and pin.start_at < release_at:
            return Hindrance("release", _seconds(release_at - pin.start_at))
        return None

    def of_crew(self, visit: Visit) -> Hindrance | None:
        """What stops everybody who could be one of a crew: that the others are missing, or that
        nobody could lead it."""
        if visit.crew_size == 1:
            return None
        able = [
            t
            for t in self.covering.get(self.snapshot.site_of(visit).territory, ())
            if self.of_technician(visit, t) is None
            and any(self.of_shift(visit, t, shift) is None for shift in t.shifts)
        ]
        if len(able) < visit.crew_size:
            return Hindrance("crew", visit.crew_size - len(able))
        hindrances = [self.of_leader(visit, t) for t in able]
        return None if None in hindrances else hindrances[0]

    def of_technician(self, visit: Visit, technician: Technician) -> Hindrance | None:
        """What stops a technician in every shift, as one of a crew if the visit has one."""
        if visit.crew_size > 1:
            return self._of_person(visit, technician)
        pinned = self._of_pin(visit, technician)
        return pinned or self._of_person(visit, technician) or self._of_tools(visit, technician)

    def of_leader(self, visit: Visit, technician: Technician) -> Hindrance | None:
        """What else stops a technician from leading a crew, which is to bring all that it needs."""
        return self._of_pin(visit, technician) or self._of_tools(visit, technician)

    def _of_pin(self, visit: Visit, technician: Technician) -> Hindrance | None:
        pin = self.snapshot.pin.get(visit.id)
        if pin is not None and pin.technician_id not in (None, technician.id):
            return Hindrance("pinned")
        return None

    def _of_tools(self, visit: Visit, technician: Technician) -> Hindrance | None:
        """Tools that are neither on the van nor to be borrowed."""
        if not visit.tools:
            return None
        tools = Counter(visit.tools) - Counter(technician.tools) - self._lent_tools
        return Hindrance("tool", tools.total()) if tools else None

    def _of_person(self, visit: Visit, technician: Technician) -> Hindrance | None:
        site = self.snapshot.site_of(visit)
        if technician.id not in self._covering_ids.get(site.territory, ()):
            return Hindrance("territory")
        certificates = self._certificates[technician.id]
        missing = [need for need in visit.skills if need.skill not in certificates]
        if missing:
            return Hindrance("skill", len(missing))
        lacking = sum(
            max(0, need.level - max(c.level for c in certificates[need.skill]))
            for need in visit.skills
        )
        if lacking:
            return Hindrance("skill_level", lacking)
        if (
            site.id in technician.excluded_sites
            or site.customer_id in technician.excluded_customers
        ):
            return Hindrance("excluded")
        return None

    def of_shift(self, visit: Visit, technician: Technician, shift: Shift) -> Hindrance | None:
        """What stops a technician in a shift even if it held this visit alone.

        Who may sleep away before or after the shift may be near the site already, or stay there.
        """
        order = self.snapshot.order_of(visit)
        times = self.times[shift.id]
        if not times.usable:
            absent = any(a.start_at <= times.start_at <= a.end_at for a in technician.absences)
            return Hindrance("absence" if absent else "shift")
        valid_through = self.valid_through(visit, technician)
        last_day = times.start_at.astimezone(self.zone).date()
        if valid_through is not None and valid_through < last_day:
            return Hindrance("skill_expired", (last_day - valid_through).days)
        out_s = back_s = 0
        if shift.id not in self._may_start_away:
            out_s = self.legs.leg(technician.station_id, order.site_id)[0]
        if shift.id not in self.may_end_away:
            back_s = self.legs.leg(order.site_id, technician.station_id)[0]
        work_s = visit.duration_s + visit.run_in_s
        start_at = max(times.start_at + timedelta(seconds=out_s), self._not_before(visit))
        pin = self.snapshot.pin.get(visit.id)
        if pin is not None and pin.start_at is not None:
            if start_at > pin.start_at:
                return Hindrance("pinned", _seconds(start_at - pin.start_at))
            start_at = pin.start_at
        else:
            opened_at = _opening(visit.windows, start_at)
            if opened_at is None:
                return Hindrance("window", _seconds(start_at - visit.windows[-1].close_at))
            start_at = opened_at
        over_s = _seconds(start_at - times.limit_at) + work_s + back_s
        if over_s > 0:
            if visit.windows and start_at > times.limit_at:
                return Hindrance("window", _seconds(start_at - times.limit_at))
            if times.limit_at < shift.end_at or over_s <= times.absent_s:
                return Hindrance("absence", over_s)
            return Hindrance("overtime" if shift.max_overtime_s else "shift", over_s)
        if technician.max_travel_s is not None and out_s + back_s > technician.max_travel_s:
            return Hindrance("travel_limit", out_s + back_s - technician.max_travel_s)
        if shift.kind is ShiftKind.STANDBY and order.priority is not Priority.EMERGENCY:
            return Hindrance("standby")
        return None

    def release_at(self, visit: Visit) -> datetime | None:
        """From when on a visit may start; None while a gate is open without an expected time."""
        release_at = visit.release_at or self.snapshot.now_at
        for gate in self.snapshot.order_of(visit).gates:
            opens_at = gate.passed_at or gate.expected_at
            if opens_at is None:
                return None
            release_at = max(release_at, opens_at)
        return release_at

    def valid_through(self, visit: Visit, technician: Technician) -> date | None:
        """The last day on which the technician's certificates serve a visit; None: no end."""
        certificates = self._certificates[technician.id]
        last_days = []
        for need in visit.skills:
            ends = [c.expires_on for c in certificates[need.skill] if c.level >= need.level]
            days = [day for day in ends if day is not None]
            if len(days) == len(ends):
                last_days.append(max(days))
        return min(last_days, default=None)

    def latest_start_at(self, visit: Visit, technician: Technician) -> datetime | None:
        """The last second of the last valid day."""
        day = self.valid_through(visit, technician)
        if day is None:
            return None
        midnight = datetime.combine(day + timedelta(days=1), time(0), self.zone)
        return midnight - timedelta(seconds=1)

    def over_qualified(self, visit: Visit, technician: Technician) -> int:
        """Levels above the need, summed over the required skills."""
        certificates = self._certificates[technician.id]
        return sum(max(c.level for c in certificates[n.skill]) - n.level for n in visit.skills)

    def _not_before(self, visit: Visit) -> datetime:
        return self.release_at(visit) or self.snapshot.end_at


def _opening(windows: tuple[Window, ...], instant: datetime) -> datetime | None:
    """The earliest start from an instant on; None if all windows have closed."""
    if not windows:
        return instant
    return next((max(instant, w.open_at) for w in windows if w.close_at >= instant), None)


def _by_skill(technician: Technician) -> dict[str, list[Certificate]]:
    found: dict[str, list[Certificate]] = {}
    for certificate in technician.certificates:
        found.setdefault(certificate.skill, []).append(certificate)
    return found


def _seconds(delta: timedelta) -> int:
    return int(delta.total_seconds())
