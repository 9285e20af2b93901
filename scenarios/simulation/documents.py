"""The lines of an event log, and how facts and plans are told in them as differences.

A plan line holds what has changed since the plan line before: objects member by member, lists of
things with an id thing by thing, and all else as a whole. Folding the lines gives what people knew.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from dispatch.domain.events import Event
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.exchange.documents import PlanDocument
from dispatch.judged import JudgedPlan

FORMAT_VERSION: Final = 1
_KEYS = ("id", "visit_id", "shift_id")
"""What things in lists are known by, the first that all of them have."""
_SNAPSHOT, _PLAN, _EVENT = TypeAdapter(Snapshot), TypeAdapter(Plan), TypeAdapter(Event)

Value = Any


def event_line(event: Event) -> dict[str, Value]:
    return {"line": "event", **_EVENT.dump_python(event, mode="json", exclude_defaults=True)}


def begin_line(organisation: str, seed: int, first: date, days: int) -> dict[str, Value]:
    return {
        "line": "begin",
        "format_version": FORMAT_VERSION,
        "organisation": organisation,
        "seed": seed,
        "first": first.isoformat(),
        "days": days,
    }


def end_line(day: date) -> dict[str, Value]:
    """``day`` is the one on which it was stopped, or the one after the last."""
    return {"line": "end", "day": day.isoformat()}


class PlanLine:
    """Makes plan lines, one after the other."""

    def __init__(self) -> None:
        self._before: dict[str, Value] = {}

    def line(self, plan: JudgedPlan, at: datetime, by: str) -> dict[str, Value]:
        now = keyed(
            {
                "snapshot": _SNAPSHOT.dump_python(plan.snapshot, mode="json"),
                "plan": _PLAN.dump_python(plan.plan, mode="json"),
            }
        )
        found = {
            "line": "plan",
            "at": at.isoformat(),
            "by": by,
            "cost_fen": plan.verdict.cost.total_fen,
            "changes": difference(self._before, now),
        }
        self._before = now
        return found


def document_of(state: Mapping[str, Value]) -> PlanDocument:
    """The facts and the plan of folded lines."""
    plain = listed(state)
    return PlanDocument(
        _SNAPSHOT.validate_python(plain["snapshot"]), _PLAN.validate_python(plain["plan"])
    )


# ------------------------------------------------------------------------------- differences


def keyed(value: Value) -> Value:
    """The same with lists of things as objects by the things' ids, in their order."""
    if isinstance(value, dict):
        return {name: keyed(member) for name, member in value.items()}
    if isinstance(value, list):
        key = _key_of(value)
        if key is not None:
            return {_LIST: key, **{thing[key]: keyed(thing) for thing in value}}
    return value


_LIST: Final = "*"
"""The member of such an object that says which member the ids are."""


def _key_of(things: list[Value]) -> str | None:
    for key in _KEYS:
        named = all(isinstance(t, dict) and isinstance(t.get(key), str) for t in things)
        if things and named and len({t[key] for t in things}) == len(things):
            return key
    return None


def listed(value: Value) -> Value:
    """What ``keyed`` was given."""
    if isinstance(value, dict):
        if _LIST in value:
            return [listed(thing) for name, thing in value.items() if name != _LIST]
        return {name: listed(member) for name, member in value.items()}
    return value


def difference(before: Value, after: Value) -> Value:
    """What has to be said of ``after`` to somebody who knows ``before``."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return {"=": after}
    if before.get(_LIST) != after.get(_LIST):
        return {"=": after}
    changed = {
        name: difference(before[name], member) if name in before else {"=": member}
        for name, member in after.items()
        if name not in before or before[name] != member
    }
    gone = [name for name in before if name not in after]
    order = list(after)
    kept = [name for name in before if name in after]
    kept += [name for name in after if name not in before]
    found: dict[str, Value] = {}
    if changed:
        found["~"] = changed
    if gone:
        found["-"] = gone
    if kept != order:
        found["order"] = order
    return found


def patched(before: Value, said: Mapping[str, Value]) -> Value:
    """``after``, from ``before`` and their difference."""
    if "=" in said:
        return said["="]
    after = {name: member for name, member in before.items() if name not in said.get("-", ())}
    for name, change in said.get("~", {}).items():
        after[name] = patched(after.get(name), change)
    if "order" in said:
        after = {name: after[name] for name in said["order"]}
    return after
