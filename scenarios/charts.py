"""Small charts as SVG that stands in a page by itself: bars, lines, waterfall, heat map."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Protocol

WIDTH = 720
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 16, 44
_PLOT_HEIGHT = 240
_BAR = 22
_GAP, _MOST_LABEL = 16, 400
_LETTER, _WIDE_LETTER = 7, 12
_FIRST_WIDE = "\u2e80"
"""From here on letters are as wide as Chinese ones."""
_FIGURE = 110
_CELL, _CELL_HEIGHT = 26, 18
_TICKS = 4
_ROUND = (1, 2, 5, 10)
_BLUE, _GREEN, _RED, _GREY = "#3b5b7a", "#3a8a57", "#b5463c", "#8a929a"
_FULL = 1000.0


class Chart(Protocol):
    """``svg`` is an element of its own size, readable without colours: all figures are written."""

    def svg(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line, with what a reader hears who points at it."""

    x: float
    y: float
    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class LineChart:
    """Dots in the order of x; the line may be stepped, for what one gets at most for a price."""

    x_label: str
    y_label: str
    dots: tuple[Dot, ...]
    is_stepped: bool = False

    def svg(self) -> str:
        xs, ys = [d.x for d in self.dots], [d.y for d in self.dots]
        x, y = _Scale.over(xs, _LEFT, WIDTH - _RIGHT), _Scale.over(ys, _PLOT_HEIGHT + _TOP, _TOP)
        parts = [_text(_LEFT, 11, self.y_label, "start")]
        for tick in y.ticks():
            at = y.at(tick)
            parts.append(_line(_LEFT, at, WIDTH - _RIGHT, at, "#dde2e7"))
            parts.append(_text(_LEFT - 6, at + 4, _short(tick), "end"))
        below = _PLOT_HEIGHT + _TOP + 16
        parts += [_text(x.at(tick), below, _short(tick), "middle") for tick in x.ticks()]
        bottom = _PLOT_HEIGHT + _TOP + _BOTTOM
        parts.append(_text((_LEFT + WIDTH) / 2, bottom - 8, self.x_label, "middle"))
        way = " ".join(f"{a:.1f},{b:.1f}" for a, b in self._way(x, y))
        parts.append(f'<polyline points="{way}" fill="none" stroke="{_BLUE}" stroke-width="2"/>')
        for dot in self.dots:
            colour, size = (_RED, 6) if dot.is_marked else (_BLUE, 4)
            parts.append(
                f'<circle cx="{x.at(dot.x):.1f}" cy="{y.at(dot.y):.1f}" r="{size}" fill="{colour}">'
                f"<title>{escape(dot.text)}</title></circle>"
            )
        return _svg(bottom, parts)

    def _way(self, x: "_Scale", y: "_Scale") -> list[tuple[float, float]]:
        way: list[tuple[float, float]] = []
        for dot in self.dots:
            if self.is_stepped and way:
                way.append((x.at(dot.x), way[-1][1]))
            way.append((x.at(dot.x), y.at(dot.y)))
        return way


@dataclass(frozen=True, slots=True)
class Bar:
    """``value`` may be negative; ``text`` is what is written at its end. ``verdict`` is 1 for good
    news, −1 for bad, 0 for neither."""

    label: str
    value: float
    text: str
    verdict: int = 0


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from a common line to the right and left."""

    bars: tuple[Bar, ...]

    def svg(self) -> str:
        values = [0.0, *(b.value for b in self.bars)]
        room = _room(b.label for b in self.bars)
        x = _Scale(min(values), max(values), room, WIDTH - _FIGURE, is_padded=False)
        parts = []
        for number, bar in enumerate(self.bars):
            parts += _bar(bar, 0.0, bar.value, x, number)
        return _svg(_BAR * len(self.bars) + 8, parts)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From a first total, step by step, to a last one."""

    first: Bar
    steps: tuple[Bar, ...]
    last: Bar

    def svg(self) -> str:
        levels = [self.first.value]
        for step in self.steps:
            levels.append(levels[-1] + step.value)
        least, most = min(*levels, self.last.value), max(*levels, self.last.value)
        # The totals are long, the steps short: the axis begins where they can be told apart.
        begin = max(0.0, least - (most - least))
        room = _room(b.label for b in (self.first, *self.steps, self.last))
        x = _Scale(begin, most, room, WIDTH - _FIGURE, is_padded=False)
        parts = _bar(self.first, begin, self.first.value, x, 0)
        for number, step in enumerate(self.steps, 1):
            parts += _bar(step, levels[number - 1], levels[number], x, number)
        parts += _bar(self.last, begin, self.last.value, x, len(self.steps) + 1)
        return _svg(_BAR * (len(self.steps) + 2) + 8, parts)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Loads in permille by row and column, with their figures in the cells; None: there is none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]

    def svg(self) -> str:
        room = _room(label for label, _ in self.rows)
        width = max(_CELL, (WIDTH - room) // max(1, len(self.columns)))
        parts = []
        for number, name in enumerate(self.columns):
            parts.append(_text(room + width * (number + 0.5), 12, name, "middle"))
        for row, (label, values) in enumerate(self.rows):
            top = _TOP + row * _CELL_HEIGHT
            parts.append(_text(room - _GAP / 2, top + 13, label, "end"))
            for number, value in enumerate(values):
                if value is not None:
                    left = room + width * number
                    parts.append(
                        f'<rect x="{left}" y="{top}" width="{width - 2}" '
                        f'height="{_CELL_HEIGHT - 2}" fill="{_heat(value)}"/>'
                    )
                    shown = f"{value / 10:.0f} %"
                    parts.append(_text(left + width / 2, top + 12, shown, "middle", _ink(value)))
        return _svg(_TOP + _CELL_HEIGHT * len(self.rows) + 8, parts)


class _Scale:
    """Values onto pixels, with a little room on both sides if it is padded."""

    def __init__(
        self, low: float, high: float, start: float, end: float, *, is_padded: bool = True
    ) -> None:
        room = (high - low) / 20 if is_padded else 0.0
        if high == low:
            room = abs(high) / 20 or 1.0
        self.low, self.high, self.start, self._end = low - room, high + room, start, end

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> "_Scale":
        return cls(min(values), max(values), start, end)

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self._end - self.start)

    def ticks(self) -> list[float]:
        """Round values, some ``_TICKS`` of them."""
        rough = (self.high - self.low) / _TICKS
        power = 10.0 ** floor(log10(rough))
        step = next(round_ * power for round_ in _ROUND if round_ * power >= rough)
        return [step * i for i in range(ceil(self.low / step), floor(self.high / step) + 1)]


def _bar(bar: Bar, start: float, end: float, x: _Scale, number: int) -> list[str]:
    top = 4 + _BAR * number
    left, right = sorted((x.at(start), x.at(end)))
    colour = {1: _GREEN, -1: _RED, 0: _GREY}[bar.verdict]
    size = f'width="{max(1.0, right - left):.1f}" height="{_BAR - 6}"'
    return [
        _text(x.start - _GAP / 2, top + 13, bar.label, "end"),
        f'<rect x="{left:.1f}" y="{top}" {size} fill="{colour}"/>',
        _text(right + 6, top + 13, bar.text, "start"),
    ]


def _room(labels: Iterable[str]) -> int:
    """Pixels for labels at the left, none of which is cut off unless it is very long."""
    widths = [sum(_WIDE_LETTER if c >= _FIRST_WIDE else _LETTER for c in label) for label in labels]
    return min(_MOST_LABEL, _GAP + max(widths, default=0))


def _svg(height: float, parts: Sequence[str]) -> str:
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        f'role="img" font-size="12" font-family="sans-serif">{body}</svg>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(text)}</text>"
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _heat(permille: float) -> str:
    """From white over blue, and red above the whole of the hours."""
    share = min(1.0, max(0.0, permille / _FULL))
    if permille > _FULL:
        return _RED
    red, green, blue = (round(255 - share * (255 - c)) for c in (0x3B, 0x5B, 0x7A))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _ink(permille: float) -> str:
    return "#fff" if permille > _FULL / 2 else "#222"
