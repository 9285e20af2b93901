"""Home health care routing and scheduling: Mankowska, Meisel & Bierwirth 2014, as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reading.text import ReadError, name_of

MOST_SERVICES = 2


@dataclass(frozen=True, slots=True)
class Service:
    """One service at a patient: what it is, and how long it takes in minutes."""

    name: str
    duration: float


@dataclass(frozen=True, slots=True)
class Patient:
    """``lag`` bounds start of the second service − start of the first; None: one service only.

    ``index`` counts rows of the distances, in which the depot has row 0.
    """

    id: str
    index: int
    open: float
    close: float
    services: tuple[Service, ...]
    lag: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Caregiver:
    id: str
    abilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Instance:
    """Distances are minutes of travel too; they go from row to column."""

    name: str
    patients: tuple[Patient, ...]
    caregivers: tuple[Caregiver, ...]
    distances: tuple[tuple[float, ...], ...]


def read(path: Path) -> Instance:
    """Read one file.

    Raises:
        ReadError: it is no JSON, lacks a field, or has what this set does not have.
    """
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        return _instance(path, data)
    except json.JSONDecodeError as error:
        raise ReadError(path, error.lineno, f"no JSON: {error.msg}") from error
    except ReadError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(path, 0, f"a field is missing or of the wrong kind: {error}") from error


def _instance(path: Path, data: Mapping[str, Any]) -> Instance:
    if len(data["central_offices"]) != 1:
        raise ReadError(path, 0, f"{len(data['central_offices'])} central offices: one is expected")
    durations = {s["id"]: s.get("default_duration") for s in data["services"]}
    patients = tuple(
        _patient(path, i, patient, durations) for i, patient in enumerate(data["patients"], 1)
    )
    distances = tuple(tuple(float(d) for d in row) for row in data["distances"])
    rows = len(patients) + 1
    if len(distances) != rows or any(len(row) != rows for row in distances):
        raise ReadError(path, 0, f"distances must have {rows} rows and columns: depot, patients")
    return Instance(
        name=name_of(path),
        patients=patients,
        caregivers=tuple(Caregiver(c["id"], frozenset(c["abilities"])) for c in data["caregivers"]),
        distances=distances,
    )


def _patient(
    path: Path, index: int, patient: Mapping[str, Any], durations: Mapping[str, float | None]
) -> Patient:
    services = tuple(
        Service(s["service"], float(s.get("duration") or durations[s["service"]] or 0))
        for s in patient["required_caregivers"]
    )
    if not 1 <= len(services) <= MOST_SERVICES:
        raise ReadError(path, 0, f"patient {patient['id']}: {len(services)} services, not 1 or 2")
    opens, closes = patient["time_window"]
    lag = _lag(patient["synchronization"]) if len(services) == MOST_SERVICES else None
    return Patient(patient["id"], index, float(opens), float(closes), services, lag)


def _lag(synchronization: Mapping[str, Any]) -> tuple[float, float]:
    if synchronization["type"] == "simultaneous":
        return 0.0, 0.0
    least, most = synchronization["distance"]
    return float(least), float(most)
