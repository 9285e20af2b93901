"""The solver's numbers of what a snapshot names."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from dispatch.domain.people import Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit
from dispatch.qualification import Qualification
from dispatch.travel import Travel


@dataclass(frozen=True, slots=True)
class ShiftBreak:
    """A break or absence of a shift as the solver numbers them; ``index`` as plans do."""

    is_absence: bool
    index: int
    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True)
class Numbering:
    """The solver's numbers of a snapshot's visits, technicians, shifts, parts and depots.

    Visits, technicians, parts and stations (all of them depots) count in the snapshot's order,
    shifts by technician and start. A visit has one number for each member of its crew, the leader
    first. The ``tools`` that visits need are parts too, after all others. ``breaks`` holds those
    of each shift.
    """

    snapshot: Snapshot
    qualification: Qualification
    shifts: tuple[tuple[Technician, str], ...]
    breaks: tuple[tuple[ShiftBreak, ...], ...]
    tools: tuple[str, ...]

    @cached_property
    def shift_number(self) -> dict[str, int]:
        return {shift_id: i for i, (_, shift_id) in enumerate(self.shifts)}

    @cached_property
    def members(self) -> tuple[Visit, ...]:
        """The visit of each number; a crew's visit stands there once for each member."""
        return tuple(v for v in self.snapshot.visits for _ in range(max(1, v.crew_size)))

    @cached_property
    def leaders(self) -> tuple[Visit | None, ...]:
        """The same, but None for those who are no leaders."""
        number = self.visit_number
        return tuple(v if number[v.id] == i else None for i, v in enumerate(self.members))

    @cached_property
    def visit_number(self) -> dict[str, int]:
        """The number of each visit's leader."""
        return {visit.id: i for i, visit in reversed(tuple(enumerate(self.members)))}

    def crew_of(self, visit_id: str) -> range:
        """The numbers of a visit: one, or those of its crew's members."""
        leader = self.visit_number[visit_id]
        return range(leader, leader + max(1, self.snapshot.visit[visit_id].crew_size))

    @cached_property
    def technician_number(self) -> dict[str, int]:
        return {technician.id: i for i, technician in enumerate(self.snapshot.technicians)}

    @cached_property
    def part_number(self) -> dict[str, int]:
        return {part.id: i for i, part in enumerate(self.snapshot.parts)}

    @cached_property
    def tool_number(self) -> dict[str, int]:
        return {tool: len(self.snapshot.parts) + i for i, tool in enumerate(self.tools)}

    @cached_property
    def station_number(self) -> dict[str, int]:
        return {station.id: i for i, station in enumerate(self.snapshot.stations)}

    def of(self, snapshot: Snapshot, travel: Travel) -> "Numbering":
        """The numbers of a snapshot that has other visits and sites and nothing else that differs,
        and asks for no other tools."""
        ask = self.qualification.of(snapshot, travel)
        return replace(self, snapshot=snapshot, qualification=ask)

    def seconds(self, instant: datetime) -> int:
        return int((instant - self.snapshot.start_at).total_seconds())


def number(snapshot: Snapshot, travel: Travel) -> Numbering:
    qualification = Qualification(snapshot, travel)
    shifts = tuple((t, shift.id) for t in snapshot.technicians for shift in t.shifts)
    tools = tuple(sorted({tool for visit in snapshot.visits for tool in visit.tools}))
    unbroken = Numbering(snapshot, qualification, shifts, (), tools)
    breaks = tuple(_breaks_of(unbroken, technician, shift_id) for technician, shift_id in shifts)
    return replace(unbroken, breaks=breaks)


def _breaks_of(
    numbering: Numbering, technician: Technician, shift_id: str
) -> tuple[ShiftBreak, ...]:
    """The breaks that are still to come, and the absences that cut the shift in two."""
    times = numbering.qualification.times[shift_id]
    found = [
        ShiftBreak(
            False,
            i,
            numbering.seconds(b.earliest_at),
            numbering.seconds(b.latest_at),
            b.duration_s,
        )
        for i, b in enumerate(times.shift.breaks)
        if b.latest_at >= times.start_at
    ]
    for i, absence in enumerate(technician.absences):
        if times.start_at < absence.start_at and absence.start_at < times.limit_at:
            start_s = numbering.seconds(absence.start_at)
            end_s = numbering.seconds(absence.end_at)
            # No break is owed for which the absence leaves no time.
            found = [
                b
                for b in found
                if b.is_absence or b.earliest_s + b.duration_s <= start_s or end_s <= b.latest_s
            ]
            found.append(ShiftBreak(True, i, start_s, start_s, end_s - start_s))
    return tuple(sorted(found, key=lambda b: (b.earliest_s, b.latest_s)))
