"""The best values that others published, from the file ``records.json`` beside the data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "records.json"
_LEVELS_UP = 2  # a set's folder may lie in a folder of sets, beside the records


@dataclass(frozen=True, slots=True)
class Record:
    """``first_goal`` is 0 in the sets that have an objective only."""

    objective: float
    first_goal: int = 0


def find_records(folder: Path) -> Mapping[str, Any]:
    """The content of the nearest file of records, in the folder or above; empty without one."""
    for place in (folder, *list(folder.resolve().parents)[:_LEVELS_UP]):
        if (place / FILE).is_file():
            content: Mapping[str, Any] = json.loads((place / FILE).read_text(encoding="utf-8"))
            return content
    return {}


def record_of(records: Mapping[str, Any], ending: str, instance: str) -> Record | None:
    """The record of an instance in the groups whose name has the ending; case does not matter."""
    for group, values in records.items():
        if group.endswith(ending) and (ending.startswith("_") or group == ending):
            for name, value in values.items():
                if name.lower() == instance.lower():
                    return _record(value)
    return None


def _record(value: object) -> Record:
    """A number, [vehicles, distance], or an object with ``cost`` or ``working_time``."""
    match value:
        case int() | float():
            return Record(float(value))
        case [int(first), int() | float() as objective]:
            return Record(float(objective), first)
        case {"working_time": int() | float() as objective, "unserved": int(first)}:
            return Record(float(objective), first)
        case {"cost": int() | float() as objective}:
            return Record(float(objective))
        case _:
            raise ValueError(f"{FILE}: {value!r} is no record that this program knows")


def gap_percent(objective: float, first_goal: int, record: Record | None) -> float | None:
    """How far above the record a plan is; None if the first goals differ or nobody knows one."""
    if record is None or first_goal != record.first_goal or record.objective <= 0:
        return None
    return 100 * (objective / record.objective - 1)
