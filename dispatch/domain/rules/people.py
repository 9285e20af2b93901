"""Rules about who does a visit."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from dispatch.domain.people import ShiftKind, Technician
from dispatch.domain.rules.violation import Violation, by_member, by_visit, members
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable
from dispatch.domain.work import Priority, SkillNeed


def level_of(technician: Technician, skill: str) -> int | None:
    """The highest level that the technician was ever certified for; None without the skill."""
    return max((c.level for c in technician.certificates if c.skill == skill), default=None)


def skill(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for member, visit, technician in members(snapshot, timetable):
        missing = sum(level_of(technician, need.skill) is None for need in visit.skills)
        if missing:
            yield by_member("skill", member, missing)


def skill_level(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for member, visit, technician in members(snapshot, timetable):
        missing = 0
        for need in visit.skills:
            level = level_of(technician, need.skill)
            if level is not None:
                missing += max(0, need.level - level)
        if missing:
            yield by_member("skill_level", member, missing)


def skill_expired(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    zone = ZoneInfo(snapshot.time_zone)
    for member, visit, technician in members(snapshot, timetable):
        day = member.stop.start_at.astimezone(zone).date()
        days = sum(_days_expired(technician, need, day) for need in visit.skills)
        if days:
            yield by_member("skill_expired", member, days)


def _days_expired(technician: Technician, need: SkillNeed, day: date) -> int:
    """Days since the last certificate for the need expired; 0 if one is valid, or none is."""
    held = [
        c.expires_on or date.max
        for c in technician.certificates
        if c.skill == need.skill and c.level >= need.level
    ]
    return max(0, (day - max(held)).days) if held else 0


def territory(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for member, visit, technician in members(snapshot, timetable):
        place = snapshot.site_of(visit).territory
        if all(t.territory != place for t in technician.territories):
            yield by_member("territory", member, 1)


def excluded(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for member, visit, technician in members(snapshot, timetable):
        site = snapshot.site_of(visit)
        if (
            site.id in technician.excluded_sites
            or site.customer_id in technician.excluded_customers
        ):
            yield by_member("excluded", member, 1)


def crew(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """A technician who stands on a visit twice is one too many."""
    for visit_id, on_it in timetable.visits.items():
        size = snapshot.visit[visit_id].crew_size
        different = len({m.technician_id for m in on_it})
        wrong = abs(size - different) + len(on_it) - different
        if wrong:
            yield by_visit("crew", visit_id, wrong)
        elif visit_id in timetable.circles and size > 1:
            yield by_visit("crew", visit_id, 1)


def same_technician(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for link in snapshot.links:
        first = {m.technician_id for m in timetable.visits.get(link.first_visit_id, ())}
        then = {m.technician_id for m in timetable.visits.get(link.then_visit_id, ())}
        if link.same_technician and first and then and not first & then:
            yield by_visit("same_technician", link.then_visit_id, 1)


def standby(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for member, visit, _ in members(snapshot, timetable):
        on_standby = member.route.shift.kind is ShiftKind.STANDBY
        if on_standby and snapshot.order_of(visit).priority is not Priority.EMERGENCY:
            yield by_member("standby", member, 1)
