"""The work that is still to come: so many visits of each territory and day, and the time that
technicians have left for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from dispatch.domain.people import Coverage, ShiftKind, Technician
from dispatch.domain.route_times import seconds_between
from dispatch.kept_plan import KeptPlan

PERMILLE = 1000
USUAL_VISIT_S = 2 * 3600


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many new visits (in thousandths) a day brings that nobody knows of yet.

    ``usual`` is by territory and weekday (0 is Monday), ``elsewhere`` for territories that are not
    in it. Each takes ``visit_s`` of a technician, travel included.
    """

    elsewhere: int = 0
    usual: Mapping[tuple[str, int], int] = field(default_factory=lambda: MappingProxyType({}))
    visit_s: int = USUAL_VISIT_S

    def expected_s(self, territory: str, day: date) -> int:
        """Seconds of technicians that the new visits of a territory and day take."""
        visits = self.usual.get((territory, day.weekday()), self.elsewhere)
        return visits * self.visit_s // PERMILLE

    def pushed_out(self, territory: str, day: date, free_s: int, taken_s: int) -> int:
        """How many of the visits to come (in thousandths) have no time left on a day if so much of
        the free time is taken, and would have had it."""
        over_s = self.expected_s(territory, day) - free_s
        return (max(0, over_s + taken_s) - max(0, over_s)) * PERMILLE // self.visit_s


def free_s(kept_plan: KeptPlan, territory: str, day: date) -> int:
    """The working time that a plan leaves on a local day to the technicians of a territory.

    Whoever is responsible for several territories has the same part of his time for each. Backups
    count only where nobody is responsible. Overtime and standby do not count.
    """
    snapshot = kept_plan.snapshot
    zone = ZoneInfo(snapshot.time_zone)
    own = [t for t in snapshot.technicians if territory in _territories(t, Coverage.PRIMARY)]
    coverage = Coverage.PRIMARY if own else Coverage.BACKUP
    left_s = 0
    for technician in own or snapshot.technicians:
        shared = _territories(technician, coverage)
        if territory not in shared:
            continue
        for shift in technician.shifts:
            is_that_day = shift.start_at.astimezone(zone).date() == day
            if is_that_day and shift.kind is ShiftKind.REGULAR:
                left_s += _left_s(kept_plan, shift.id, snapshot.now_at) // len(shared)
    return left_s


def _territories(technician: Technician, coverage: Coverage) -> set[str]:
    return {c.territory for c in technician.territories if c.coverage is coverage}


def _left_s(kept_plan: KeptPlan, shift_id: str, now_at: datetime) -> int:
    """What a shift has left from now on, breaks and absences aside."""
    numbering = kept_plan.numbering
    number = numbering.shift_number[shift_id]
    times = numbering.qualification.times[shift_id]
    until_at = min(times.limit_at, times.shift.end_at)
    rest_s = sum(b.duration_s for b in numbering.breaks[number])
    worked_s = kept_plan.kept.paid_s(number)
    return max(0, seconds_between(max(times.start_at, now_at), until_at) - rest_s - worked_s)


def usual_visit_s(kept_plan: KeptPlan) -> int:
    """What a planned visit takes of its technicians on average, travel included."""
    numbering = kept_plan.numbering
    planned = len(kept_plan.servers)
    paid_s = sum(map(kept_plan.kept.paid_s, range(len(numbering.shifts))))
    return paid_s // planned if paid_s else USUAL_VISIT_S
