"""A plan together with what the referee says of it: what screens and exported files read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from dispatch.datum import to_wgs84
from dispatch.domain.cost import stopped_by_plan
from dispatch.domain.places import Point
from dispatch.domain.plan import Plan
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, TimedVisit


@dataclass(frozen=True, slots=True)
class ClockMargin:
    """A running clock that a visit stops, and when it does (None: the visit is not planned)."""

    visit_id: str
    clock: Clock
    stops_at: datetime | None

    @property
    def margin_s(self) -> int | None:
        """Seconds left when the clock stops; negative if late."""
        if self.stops_at is None:
            return None
        return round((self.clock.due_at - self.stops_at).total_seconds())


@dataclass(frozen=True)
class JudgedPlan:
    """``snapshot``, ``plan`` and ``verdict`` belong together; the rest is looked up in them."""

    snapshot: Snapshot
    plan: Plan
    verdict: Verdict

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.snapshot.time_zone)

    @property
    def served(self) -> Mapping[str, tuple[TimedVisit, ...]]:
        """Each planned visit as its technicians do it, one entry for every member of its crew."""
        return self.verdict.timetable.visits

    @cached_property
    def margins(self) -> Mapping[str, tuple[ClockMargin, ...]]:
        """The running clocks that each visit is to stop."""
        timetable = self.verdict.timetable
        return {
            visit_id: tuple(
                ClockMargin(
                    visit_id,
                    clock,
                    stopped_by_plan(timetable, visit_id, clock)
                    if visit_id in timetable.visits
                    else None,
                )
                for clock in clocks
            )
            for visit_id, clocks in self.verdict.clocks.items()
        }

    @cached_property
    def tightest_clocks(self) -> list[tuple[int, ClockMargin]]:
        """Clocks of planned visits with their margins in seconds, the tightest first."""
        timed = [
            (margin.margin_s, margin)
            for margins in self.margins.values()
            for margin in margins
            if margin.margin_s is not None
        ]
        return sorted(timed, key=lambda pair: (pair[0], pair[1].visit_id, pair[1].clock.kind))

    def technician(self, technician_id: str | None) -> str:
        """Name and id for people; empty for None."""
        if technician_id is None:
            return ""
        known = self.snapshot.technician.get(technician_id)
        return f"{known.name} {technician_id}" if known else technician_id

    def place(self, place_id: str) -> str:
        """City and name of a station or site."""
        place = self.snapshot.station.get(place_id) or self.snapshot.site[place_id]
        return place.name if place.name.startswith(place.city) else f"{place.city} {place.name}"

    def wgs84(self, place_id: str) -> Point:
        """The point of a station or site in WGS-84, as calendars and GeoJSON want it."""
        return to_wgs84(self.snapshot.point_of(place_id))

    def iso(self, at: datetime) -> str:
        """Local time with its offset, ``2026-09-29T08:31:00+08:00``."""
        return at.astimezone(self.zone).isoformat()

    def place_of_visit(self, visit_id: str) -> str:
        return self.place(self.snapshot.site_of(self.snapshot.visit[visit_id]).id)


def judged(snapshot: Snapshot, plan: Plan, legs: Legs) -> JudgedPlan:
    return JudgedPlan(snapshot, plan, judge(snapshot, plan, legs))
