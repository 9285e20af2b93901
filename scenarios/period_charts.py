"""Charts whose columns are days, weeks or sides: trends and heat maps, with marks over columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from scenarios.svg import (
    BLUE,
    BOTTOM,
    FONT_SIZE,
    GAP,
    GREEN,
    GREY,
    LEFT,
    ORANGE,
    PLOT_HEIGHT,
    PURPLE,
    RED,
    RIGHT,
    SMALL_FONT,
    TOP,
    WIDTH,
    Scale,
    room_for,
    short,
    svg_of,
    text_of,
    width_of,
)

_STYLES = ((BLUE, ""), (ORANGE, "7 3"), (GREEN, "2 3"), (PURPLE, "9 3 2 3"))
"""Colours and dashes: lines can be told apart without colours, too."""
_CELL_HEIGHT = 18
_WIDE_CELL = 40
"""From so many pixels on a cell has room for the unit."""
_MARK, _SAMPLE = 15, 26
_MOST_DOTS = 40
_FULL = 1000.0
_DARK_BLUE, _DARK_RED = (0x3B, 0x5B, 0x7A), "#b5463c"


@dataclass(frozen=True, slots=True)
class Mark:
    """Columns from the first through the last that are not like the others. ``is_quiet``: they do
    not count."""

    first: int
    last: int
    name: str
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A value for each column, None where there is none; ``lows`` and ``highs`` are the ends of a
    band around it, or empty."""

    name: str
    values: tuple[float | None, ...]
    lows: tuple[float | None, ...] = ()
    highs: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """Lines over columns; the vertical axis goes from 0 to ``most``, or as high as is needed."""

    columns: tuple[str, ...]
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    most: float | None = None

    def svg(self) -> str:
        top = TOP + _MARK * len(self.marks) + 8
        floor = top + PLOT_HEIGHT
        x = Scale(0, len(self.columns), LEFT, WIDTH - RIGHT, is_padded=False)
        known = [v for one in self.lines for v in (*one.values, *one.highs) if v is not None]
        most = self.most or max(known, default=0.0) or 1.0
        y = Scale(0.0, most, floor, top, is_padded=False)
        parts = [text_of(0, 11, self.y_label, "start"), *self._legend()]
        parts += _marked(self.marks, x, TOP + 4, floor)
        parts += y.grid()
        parts += _named(self.columns, x, floor + 16)
        parts.append(text_of((LEFT + WIDTH) / 2, floor + BOTTOM - 8, self.x_label, "middle"))
        for number, one in enumerate(self.lines):
            parts += self._drawn(one, number, x, y)
        return svg_of(floor + BOTTOM, parts)

    def _legend(self) -> Iterator[str]:
        left: float = width_of(self.y_label) + 2 * GAP
        for number, one in enumerate(self.lines):
            yield _way([(left, 7), (left + _SAMPLE, 7)], number)
            yield text_of(left + _SAMPLE + 5, 11, one.name, "start")
            left += _SAMPLE + width_of(one.name) + GAP

    def _drawn(self, one: Line, number: int, x: Scale, y: Scale) -> Iterator[str]:
        colour, _ = _STYLES[number % len(_STYLES)]
        for low, high in zip(
            _runs(one.lows, x, y), (r[::-1] for r in _runs(one.highs, x, y)), strict=True
        ):
            yield f'<polygon points="{_points(low + high)}" fill="{colour}" fill-opacity=".2"/>'
        for run in _runs(one.values, x, y):
            yield _way(run, number)
        has_dots = len(one.values) <= _MOST_DOTS
        for column, value in enumerate(one.values):
            if value is not None and (has_dots or _is_alone(one.values, column)):
                said = f"{self.columns[column]} · {one.name}: {short(value)}"
                yield (
                    f'<circle cx="{x.at(column + 0.5):.1f}" cy="{y.at(value):.1f}" r="3" '
                    f'fill="{colour}"><title>{escape(said)}</title></circle>'
                )


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Loads in permille by row and column, with their figures in the cells; None: there is none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]
    marks: tuple[Mark, ...] = ()

    def svg(self) -> str:
        room = room_for(label for label, _ in self.rows)
        x = Scale(0, max(1, len(self.columns)), room, WIDTH, is_padded=False)
        begin = TOP + _MARK * len(self.marks)
        floor = begin + _CELL_HEIGHT * len(self.rows)
        parts = [*_marked(self.marks, x, TOP, floor), *_named(self.columns, x, 12)]
        for row, (label, values) in enumerate(self.rows):
            top = begin + row * _CELL_HEIGHT
            parts.append(text_of(room - GAP / 2, top + 13, label, "end"))
            for number, value in enumerate(values):
                if value is not None:
                    parts += _cell(value, x.at(number), top, x.at(1) - x.at(0))
        return svg_of(floor + 8, parts)


def _cell(value: float, left: float, top: float, width: float) -> Iterator[str]:
    is_wide = width >= _WIDE_CELL
    shown = f"{value / 10:.0f}{' %' if is_wide else ''}"
    size = FONT_SIZE if is_wide else SMALL_FONT
    yield (
        f'<rect x="{left:.1f}" y="{top}" width="{width - 2:.1f}" '
        f'height="{_CELL_HEIGHT - 2}" fill="{_heat(value)}"/>'
    )
    yield text_of(left + width / 2 - 1, top + 12, shown, "middle", _ink(value), size)


def _marked(marks: Sequence[Mark], x: Scale, top: float, floor: float) -> Iterator[str]:
    """The marks over the columns, each with its name in a row of its own."""
    for number, mark in enumerate(marks):
        left, right, row = x.at(mark.first), x.at(mark.last + 1), top + number * _MARK
        yield (
            f'<rect x="{left:.1f}" y="{row:.1f}" width="{right - left:.1f}" '
            f'height="{floor - row:.1f}" fill="{GREY if mark.is_quiet else RED}" '
            'fill-opacity=".16"/>'
        )
        at_end = left + width_of(mark.name) > WIDTH
        yield text_of(
            right - 3 if at_end else left + 3, row + 11, mark.name, "end" if at_end else "start"
        )


def _named(columns: Sequence[str], x: Scale, y: float) -> Iterator[str]:
    """As many names of columns as there is room for."""
    if not columns:
        return
    step = 1 + int((max(map(width_of, columns)) + GAP / 2) / (x.at(1) - x.at(0)))
    for number in range(0, len(columns), step):
        yield text_of(x.at(number + 0.5), y, columns[number], "middle")


def _runs(values: Sequence[float | None], x: Scale, y: Scale) -> list[list[tuple[float, float]]]:
    """Points that follow each other without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for column, value in enumerate(values):
        if value is not None:
            runs[-1].append((x.at(column + 0.5), y.at(value)))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _is_alone(values: Sequence[float | None], column: int) -> bool:
    around = values[max(0, column - 1) : column + 2]
    return sum(value is not None for value in around) == 1


def _way(points: Sequence[tuple[float, float]], number: int) -> str:
    colour, dashes = _STYLES[number % len(_STYLES)]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{_points(points)}" fill="none" stroke="{colour}" '
        f'stroke-width="2"{dashed}/>'
    )


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)


def _heat(permille: float) -> str:
    """From white over blue, and red above the whole of the hours."""
    if permille > _FULL:
        return _DARK_RED
    share = max(0.0, permille / _FULL)
    red, green, blue = (round(255 - share * (255 - c)) for c in _DARK_BLUE)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _ink(permille: float) -> str:
    """Cells are the same on light and dark pages."""
    return "#fff" if permille > _FULL / 2 else "#222"
