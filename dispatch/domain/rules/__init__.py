"""The hard rules of docs/rules.md, one function for each code."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dispatch.domain.rules import people, routes, stock, visits
from dispatch.domain.rules.violation import Rule, Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable

__all__ = ["RULES", "Rule", "Violation", "in_order", "violations"]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "skill": people.skill,
        "skill_level": people.skill_level,
        "skill_expired": people.skill_expired,
        "territory": people.territory,
        "excluded": people.excluded,
        "shift": routes.shift,
        "overtime": routes.overtime,
        "absence": routes.absence,
        "break": routes.break_,
        "window": visits.window,
        "release": visits.release,
        "parts": stock.parts,
        "part_pickup": stock.part_pickup,
        "tool": stock.tool,
        "crew": people.crew,
        "order": visits.order,
        "same_technician": people.same_technician,
        "run_in": routes.run_in,
        "travel_limit": routes.travel_limit,
        "max_visits": routes.max_visits,
        "rest": routes.rest,
        "away": routes.away,
        "pinned": visits.pinned,
        "standby": people.standby,
    }
)
_NUMBER = {code: number for number, code in enumerate(RULES)}


def violations(snapshot: Snapshot, timetable: Timetable) -> tuple[Violation, ...]:
    """Every broken rule, in the order of ``RULES``, and of what breaks it."""
    return in_order(v for rule in RULES.values() for v in rule(snapshot, timetable))


def in_order(found: Iterable[Violation]) -> tuple[Violation, ...]:
    """The same order, whatever was found first; of one thing what a rule says first."""
    return tuple(sorted(found, key=_place))


def _place(violation: Violation) -> tuple[int, str, str, str]:
    return (
        _NUMBER[violation.code],
        violation.subject,
        violation.technician_id or "",
        violation.shift_id or "",
    )
