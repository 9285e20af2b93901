"""Whether what a snapshot says of itself holds together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.domain.snapshot import Snapshot
from dispatch.exchange.kinds import Value
from dispatch.texts import Text


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``pointer`` is a JSON pointer into the snapshot."""

    pointer: str
    value: str
    message: Text


# Paths into a snapshot; * stands for every item of a list.
_REFERENCES = (
    ("sites/*/customer_id", "customers"),
    ("parts/*/substitutes/*", "parts"),
    ("lots/*/station_id", "stations"),
    ("lots/*/part_id", "parts"),
    ("technicians/*/station_id", "stations"),
    ("technicians/*/van_stock/*/part_id", "parts"),
    ("technicians/*/excluded_customers/*", "customers"),
    ("technicians/*/excluded_sites/*", "sites"),
    ("work_orders/*/site_id", "sites"),
    ("visits/*/work_order_id", "work_orders"),
    ("visits/*/parts/*/part_id", "parts"),
    ("visits/*/wished_technician_id", "technicians"),
    ("links/*/first_visit_id", "visits"),
    ("links/*/then_visit_id", "visits"),
    ("pins/*/visit_id", "visits"),
    ("pins/*/technician_id", "technicians"),
    ("pins/*/after_visit_id", "visits"),
    ("pins/*/other_technician_ids/*", "technicians"),
    ("published/*/visit_id", "visits"),
    ("published/*/technician_ids/*", "technicians"),
    ("sla_rules/*/clocks/*/calendar_id", "calendars"),
)
# Each of these groups of ids has no id twice.
_UNIQUE = (
    ("stations/*/id", "sites/*/id"),
    ("customers/*/id",),
    ("parts/*/id",),
    ("lots/*/id",),
    ("technicians/*/id",),
    ("technicians/*/shifts/*/id",),
    ("work_orders/*/id",),
    ("visits/*/id",),
    ("calendars/*/id",),
    ("pins/*/visit_id",),
    ("published/*/visit_id",),
)
_INTERVALS = (
    ("", "start_at", "end_at"),
    ("technicians/*/shifts/*", "start_at", "end_at"),
    ("technicians/*/shifts/*/breaks/*", "earliest_at", "latest_at"),
    ("technicians/*/absences/*", "start_at", "end_at"),
    ("visits/*/windows/*", "open_at", "close_at"),
)
# Lists of intervals that are sorted and do not overlap.
_SORTED = (
    ("technicians/*/shifts", "start_at", "end_at"),
    ("technicians/*/absences", "start_at", "end_at"),
    ("visits/*/windows", "open_at", "close_at"),
)
_TIME_ZONES = ("time_zone", "calendars/*/time_zone")


def contradictions(snapshot: Snapshot) -> Iterator[Contradiction]:
    """Unknown and double ids, intervals that end before they start or overlap, unknown zones."""
    for path, target in _REFERENCES:
        known = {item.id for item in getattr(snapshot, target)}
        for pointer, value in _at(snapshot, path):
            if value is not None and value not in known:
                message = Text(f"there is no such id in {target}", f"{target} 中没有该编号")
                yield Contradiction(pointer, value, message)
    for group in _UNIQUE:
        yield from _twice(snapshot, group)
    for path, start, end in _INTERVALS:
        for pointer, item in _at(snapshot, path):
            if getattr(item, end) < getattr(item, start):
                message = Text(f"it must not be before {start}", f"不得早于 {start}")
                yield Contradiction(f"{pointer}/{end}", str(getattr(item, end)), message)
    for path, start, end in _SORTED:
        yield from _overlaps(snapshot, path, start, end)
    for path in _TIME_ZONES:
        for pointer, name in _at(snapshot, path):
            if not _is_zone(name):
                message = Text(
                    "expected a time zone such as Asia/Shanghai", "应为时区，例如 Asia/Shanghai"
                )
                yield Contradiction(pointer, name, message)


def _at(item: Value, path: str, pointer: str = "") -> Iterator[tuple[str, Value]]:
    """What stands at ``path``, each with its JSON pointer."""
    step, _, rest = path.partition("/")
    if not step:
        yield pointer, item
    elif step == "*":
        for number, child in enumerate(item):
            yield from _at(child, rest, f"{pointer}/{number}")
    else:
        yield from _at(getattr(item, step), rest, f"{pointer}/{step}")


def _twice(snapshot: Snapshot, paths: Sequence[str]) -> Iterator[Contradiction]:
    first: dict[str, str] = {}
    for path in paths:
        for pointer, value in _at(snapshot, path):
            if first.setdefault(value, pointer) != pointer:
                message = Text(
                    f"the id is already at {first[value]}", f"与 {first[value]} 的编号重复"
                )
                yield Contradiction(pointer, value, message)


def _overlaps(snapshot: Snapshot, path: str, start: str, end: str) -> Iterator[Contradiction]:
    for pointer, items in _at(snapshot, path):
        for number, (before, item) in enumerate(pairwise(items), 1):
            if getattr(item, start) < getattr(before, end):
                message = Text(
                    "it must not start before the one before it ends", "不得早于前一项的结束时间"
                )
                place = f"{pointer}/{number}/{start}"
                yield Contradiction(place, str(getattr(item, start)), message)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
