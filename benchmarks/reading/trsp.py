"""Technician Routing and Scheduling Problem: Pillac, Guéret & Medaglia 2013.

Both forms of the set: coordinates (Euclidean travel at speed 1), and a matrix of travel times in
minutes after the table of places.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reading.text import ReadError, lines_of, name_of, numbers_in, whole

_LIST = re.compile(r"\[([^\]]*)\]")
_COLUMNS = 6  # ID X Y TWS TWE Serv
_MATRICES = ("TRAVEL TIMES", "DISTANCES")
"""Titles of matrices, the one to be used first. The published working times of R1 to R6 are sums
of the travel times; with the distances their routes come to other figures."""


@dataclass(frozen=True, slots=True)
class Place:
    """The depot, a technician's home or a request: a row of the table.

    ``skills`` and ``tools`` are what a technician has and what a request needs; ``parts`` counts
    the spare parts by type on the van, or needed.
    """

    id: int
    x: float
    y: float
    open: float
    close: float
    service: float
    skills: frozenset[int]
    tools: frozenset[int]
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """``matrix`` is None where travel is Euclidean.

    Its rows and columns stand for depot, technicians and requests in this order; after them come
    the columns of the technicians' end homes.
    """

    name: str
    depot: Place
    technicians: tuple[Place, ...]
    requests: tuple[Place, ...]
    matrix: tuple[tuple[float, ...], ...] | None

    @property
    def places(self) -> tuple[Place, ...]:
        """All rows of the table in the order of the file."""
        return (self.depot, *self.technicians, *self.requests)

    def end_column(self, technician: int) -> int:
        """The matrix column that leads home to a technician, counted from 0."""
        last = len(self.places) + technician
        return last if self.matrix and last < len(self.matrix) else 1 + technician


def read(path: Path) -> Instance:
    """Read one file of either form.

    Raises:
        ReadError: a table or number is missing or wrong.
    """
    lines = lines_of(path)
    crew = _crew(path, lines)
    places = [
        _place(path, number, line) for number, line in enumerate(lines, 1) if _LIST.search(line)
    ]
    if len(places) <= crew:
        raise ReadError(path, 0, f"{len(places)} places for a depot and {crew} technicians")
    return Instance(
        name=name_of(path),
        depot=places[0],
        technicians=tuple(places[1 : crew + 1]),
        requests=tuple(places[crew + 1 :]),
        matrix=_matrix(path, lines, len(places)),
    )


def _crew(path: Path, lines: Sequence[str]) -> int:
    """How many rows after the depot are technicians: the first row of numbers alone says it."""
    for number, line in enumerate(lines, 1):
        numbers = numbers_in(line)
        if numbers:
            return whole(numbers[0], path, number, "the crew count")
    raise ReadError(path, 0, "no row with the crew count")


def _place(path: Path, number: int, line: str) -> Place:
    lists = [_integers(path, number, inside) for inside in _LIST.findall(line)]
    lists += [[]] * (3 - len(lists))
    columns = numbers_in(line[: line.index("[")])
    if columns is None or len(columns) < _COLUMNS:
        raise ReadError(path, number, "a place has six numbers: ID X Y TWS TWE Serv, then lists")
    identity, x, y, opens, closes, service = columns[:_COLUMNS]
    return Place(
        id=whole(identity, path, number, "the ID"),
        x=x,
        y=y,
        open=opens,
        close=closes,
        service=service,
        skills=frozenset(lists[0]),
        tools=frozenset(lists[1]),
        parts=tuple(lists[2]),
    )


def _integers(path: Path, number: int, text: str) -> list[int]:
    numbers = numbers_in(text)
    if numbers is None:
        raise ReadError(path, number, f"[{text}]: a list of whole numbers is expected")
    return [whole(n, path, number, "an entry of a list") for n in numbers]


def _matrix(path: Path, lines: Sequence[str], places: int) -> tuple[tuple[float, ...], ...] | None:
    titles = {line.upper(): number for number, line in enumerate(lines)}
    begin = next((titles[title] + 1 for title in _MATRICES if title in titles), None)
    if begin is None:
        return None
    rows: list[list[float]] = []
    for line in lines[begin:]:
        numbers = numbers_in(line)
        if numbers is None:
            break
        if numbers:
            rows.append(numbers)
    if all(len(row) == len(rows) + 1 for row in rows):
        rows = [row[1:] for row in rows]  # the first column holds the ids
    if len(rows) < places or any(len(row) != len(rows) for row in rows):
        raise ReadError(
            path, begin, f"the matrix must be square with a row for each of {places} places"
        )
    return tuple(tuple(row) for row in rows)
