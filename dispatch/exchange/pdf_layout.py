"""Printed forms as rows of cells: what a form says, without where on the paper it stands.

Lengths are millimetres, sizes of letters points. The paper is A4, upright.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from dispatch.exchange.pdf_font import FormFont

PAGE_WIDTH = 210.0
MARGIN = 14.0
TOP, BOTTOM = 20.0, 283.0
"""Between these, rows are put; above stands the head of the page, below its foot."""

_LINE_FACTOR = 0.46
"""Height of a line for each point of its letters."""
PAD_X, PAD_Y = 1.4, 0.8


class Look(Enum):
    """How a cell looks: size of the letters, grey ground, bold, frame, centred."""

    TITLE = (16.0, False, True, False, True)
    BAND = (9.5, True, True, True, False)
    LABEL = (7.5, True, False, True, False)
    VALUE = (9.0, False, False, True, False)

    def __init__(self, points: float, grey: bool, bold: bool, framed: bool, centred: bool) -> None:
        self.points = points
        self.grey = grey
        self.bold = bold
        self.framed = framed
        self.centred = centred

    @property
    def line_mm(self) -> float:
        return self.points * _LINE_FACTOR


@dataclass(frozen=True, slots=True)
class Cell:
    """``share`` is its part of the row's width: the shares of a row add up to 1. ``picture`` is a
    PNG that stands at the right of it."""

    text: str
    share: float
    look: Look = Look.VALUE
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """``min_mm`` leaves room to write by hand."""

    cells: tuple[Cell, ...]
    min_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading, which stands again where the rows go on on another page.

    ``whole``: goes to the next page rather than be parted.
    """

    heading: tuple[Row, ...]
    rows: tuple[Row, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One form, of as many pages as it takes. ``head`` stands in one line on each of them."""

    head: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class LaidCell:
    lines: tuple[str, ...]
    look: Look
    x: float
    width: float
    picture: bytes | None = None

    @property
    def height(self) -> float:
        return len(self.lines) * self.look.line_mm + 2 * PAD_Y


@dataclass(frozen=True, slots=True)
class LaidRow:
    """A row with its lines broken, or as much of it as a page takes."""

    cells: tuple[LaidCell, ...]
    min_mm: float

    @property
    def height(self) -> float:
        return max(self.min_mm, *(cell.height for cell in self.cells))


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """``y`` is the top of the row, from the top of the page."""

    row: LaidRow
    y: float


def pages_of(form: Form, font: FormFont) -> list[list[PlacedRow]]:
    """The rows of each page.

    What is too high for what is left of a page goes to the next one; what is too high for any page
    is parted between lines.
    """
    filling = _Filling(font)
    for section in form.sections:
        filling.put(section)
    return filling.pages


class _Filling:
    """Pages that are being filled with rows, from the top down."""

    def __init__(self, font: FormFont) -> None:
        self._font = font
        self._y = TOP
        self.pages: list[list[PlacedRow]] = [[]]

    def put(self, section: Section) -> None:
        heading = [self._laid(row) for row in section.heading]
        heading_mm = sum(row.height for row in heading)
        room_mm = BOTTOM - TOP - heading_mm
        rows = [part for row in section.rows for part in _parts(self._laid(row), room_mm)]
        rows_mm = sum(row.height for row in rows)
        together_mm = rows_mm if section.whole and rows_mm <= room_mm else rows[0].height
        if self._y + heading_mm + together_mm > BOTTOM:
            self._turn()
        self._place(heading)
        for row in rows:
            if self._y + row.height > BOTTOM:
                self._turn()
                self._place(heading)
            self._place([row])

    def _turn(self) -> None:
        self.pages.append([])
        self._y = TOP

    def _place(self, rows: Sequence[LaidRow]) -> None:
        for row in rows:
            self.pages[-1].append(PlacedRow(row, self._y))
            self._y += row.height

    def _laid(self, row: Row) -> LaidRow:
        cells, x = [], MARGIN
        for cell in row.cells:
            width = cell.share * (PAGE_WIDTH - 2 * MARGIN)
            lines = self._font.lines(cell.text, cell.look.points, width - 2 * PAD_X)
            cells.append(LaidCell(tuple(lines), cell.look, x, width, cell.picture))
            x += width
        return LaidRow(tuple(cells), row.min_mm)


def _parts(row: LaidRow, room_mm: float) -> Iterator[LaidRow]:
    """The row, or, where that is too high, what fits and then the rest."""
    while row.height > room_mm:
        fitting, rest = [], []
        for cell in row.cells:
            lines = int((room_mm - 2 * PAD_Y) / cell.look.line_mm)
            fitting.append(replace(cell, lines=cell.lines[:lines]))
            rest.append(replace(cell, lines=cell.lines[lines:]))
        yield LaidRow(tuple(fitting), room_mm)
        row = LaidRow(tuple(rest), 0.0)
    yield row
