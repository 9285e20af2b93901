"""Vehicle routing with time windows: Solomon's form, and VRPLIB with site dependencies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from benchmarks.reading.text import ReadError, lines_of, name_of, numbers_in, whole

_SOLOMON_COLUMNS = 7  # number, x, y, demand, ready, due, service


class Rounding(Enum):
    """What a set makes of Euclidean distances, which are travel times too."""

    TENTHS_DOWN = "truncated to one decimal"
    THOUSANDTHS = "rounded to three decimals"
    NONE = "unrounded"


@dataclass(frozen=True, slots=True)
class Node:
    id: int
    x: float
    y: float
    demand: int
    open: float
    close: float
    service: float


@dataclass(frozen=True, slots=True)
class Vehicle:
    """``allowed`` holds the ids of the customers it may visit; None: all."""

    id: int
    capacity: int
    allowed: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """``max_duration`` bounds return − departure of each route; None: no bound."""

    name: str
    depot: Node
    customers: tuple[Node, ...]
    vehicles: tuple[Vehicle, ...]
    rounding: Rounding
    max_duration: float | None = None


def read_solomon(path: Path, rounding: Rounding) -> Instance:
    """Read a file in the form of Solomon 1987, which Gehring & Homberger 1999 use too.

    Raises:
        ReadError: the row of vehicles or the customers are missing or wrong.
    """
    fleet: tuple[int, int] | None = None
    nodes: list[Node] = []
    for number, line in enumerate(lines_of(path), 1):
        row = numbers_in(line)
        if not row:
            continue
        if fleet is None and len(row) == 2:
            fleet = (
                whole(row[0], path, number, "the number of vehicles"),
                whole(row[1], path, number, "the capacity"),
            )
        elif len(row) >= _SOLOMON_COLUMNS:
            nodes.append(_solomon_node(path, number, row))
    if fleet is None or not nodes:
        raise ReadError(path, 0, "number and capacity of the vehicles, then nodes are expected")
    vehicles = tuple(Vehicle(i, fleet[1]) for i in range(1, fleet[0] + 1))
    return Instance(name_of(path), nodes[0], tuple(nodes[1:]), vehicles, rounding)


def _solomon_node(path: Path, number: int, row: Sequence[float]) -> Node:
    return Node(
        id=whole(row[0], path, number, "the node's number"),
        x=row[1],
        y=row[2],
        demand=whole(row[3], path, number, "the demand"),
        open=row[4],
        close=row[5],
        service=row[6],
    )


def read_vrplib(path: Path) -> Instance:
    """Read a VRPLIB file with time windows, and with allowed clients by vehicle if it has them.

    Raises:
        ReadError: a section is missing, or distances are not Euclidean.
    """
    facts, sections = _vrplib_parts(path)
    if facts.get("EDGE_WEIGHT_TYPE", "EUC_2D") != "EUC_2D":
        kind = facts["EDGE_WEIGHT_TYPE"]
        raise ReadError(path, 0, f"EDGE_WEIGHT_TYPE is {kind}: EUC_2D is expected")
    nodes = _vrplib_nodes(path, facts, sections)
    depot = next(iter(sections.get("DEPOT", {1: []})))
    if depot not in nodes:
        raise ReadError(path, 0, f"node {depot}, the depot, is not in NODE_COORD_SECTION")
    return Instance(
        name=name_of(path),
        depot=nodes.pop(depot),
        customers=tuple(nodes.values()),
        vehicles=_vrplib_vehicles(path, facts, sections, len(nodes)),
        rounding=Rounding.THOUSANDTHS,
        max_duration=float(facts.get("VEHICLES_MAX_DURATION", 0)) or None,  # 0: no bound
    )


def _vrplib_parts(path: Path) -> tuple[dict[str, str], dict[str, dict[int, list[float]]]]:
    """The ``NAME: value`` lines, and the rows of each section by their first number."""
    facts: dict[str, str] = {}
    sections: dict[str, dict[int, list[float]]] = {}
    rows: dict[int, list[float]] = {}
    for number, line in enumerate(lines_of(path), 1):
        name, colon, value = line.partition(":")
        title = name.strip().upper()
        numbers = numbers_in(line)
        if title.endswith("_SECTION"):
            rows = sections.setdefault(title.removesuffix("_SECTION"), {})
        elif colon:
            facts[title] = value.strip()
        elif numbers and numbers[0] > 0:
            rows[whole(numbers[0], path, number, "the row's number")] = numbers[1:]
    return facts, sections


def _vrplib_nodes(
    path: Path, facts: Mapping[str, str], sections: Mapping[str, Mapping[int, Sequence[float]]]
) -> dict[int, Node]:
    same_service = [float(facts.get("SERVICE_TIME", 0))]
    nodes = {}
    for i in sections.get("NODE_COORD", {}):
        x, y = _pair(path, sections, "NODE_COORD", i)
        opens, closes = _pair(path, sections, "TIME_WINDOW", i)
        demand = sections.get("DEMAND", {}).get(i, [0.0])[0]
        service = sections.get("SERVICE_TIME", {}).get(i, same_service)[0]
        units = whole(demand, path, 0, f"the demand of {i}")
        nodes[i] = Node(i, x, y, units, opens, closes, service)
    return nodes


def _pair(
    path: Path, sections: Mapping[str, Mapping[int, Sequence[float]]], section: str, node: int
) -> tuple[float, float]:
    row = sections.get(section, {}).get(node, ())
    if len(row) != 2:
        raise ReadError(path, 0, f"{section}_SECTION must have two numbers for node {node}")
    return row[0], row[1]


def _vrplib_vehicles(
    path: Path,
    facts: Mapping[str, str],
    sections: Mapping[str, Mapping[int, Sequence[float]]],
    customers: int,
) -> tuple[Vehicle, ...]:
    capacities = sections.get("CAPACITY", {})
    allowed = sections.get("VEHICLES_ALLOWED_CLIENTS")
    count = int(facts.get("VEHICLES", len(capacities) or len(allowed or {}) or customers))
    vehicles = []
    for i in range(1, count + 1):
        capacity = capacities[i][0] if i in capacities else float(facts.get("CAPACITY", "inf"))
        if capacity == float("inf"):
            raise ReadError(path, 0, f"vehicle {i} has no capacity")
        clients = None if allowed is None else frozenset(int(c) for c in allowed.get(i, ()))
        vehicles.append(Vehicle(i, whole(capacity, path, 0, f"capacity of vehicle {i}"), clients))
    return tuple(vehicles)
