"""Small charts as SVG that stands in a page by itself: bars, lines, waterfall."""

from dataclasses import dataclass
from html import escape
from typing import Protocol

from scenarios.svg import (
    BLUE,
    BOTTOM,
    GAP,
    GREEN,
    GREY,
    LEFT,
    PLOT_HEIGHT,
    RED,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    room_for,
    short,
    svg_of,
    text_of,
)

_BAR = 22
_FIGURE = 110


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
        x, y = Scale.over(xs, LEFT, WIDTH - RIGHT), Scale.over(ys, PLOT_HEIGHT + TOP, TOP)
        parts = [text_of(LEFT, 11, self.y_label, "start")]
        parts += y.grid()
        below = PLOT_HEIGHT + TOP + 16
        parts += [text_of(x.at(tick), below, short(tick), "middle") for tick in x.ticks()]
        bottom = PLOT_HEIGHT + TOP + BOTTOM
        parts.append(text_of((LEFT + WIDTH) / 2, bottom - 8, self.x_label, "middle"))
        way = " ".join(f"{a:.1f},{b:.1f}" for a, b in self._way(x, y))
        parts.append(f'<polyline points="{way}" fill="none" stroke="{BLUE}" stroke-width="2"/>')
        for dot in self.dots:
            colour, size = (RED, 6) if dot.is_marked else (BLUE, 4)
            parts.append(
                f'<circle cx="{x.at(dot.x):.1f}" cy="{y.at(dot.y):.1f}" r="{size}" fill="{colour}">'
                f"<title>{escape(dot.text)}</title></circle>"
            )
        return svg_of(bottom, parts)

    def _way(self, x: Scale, y: Scale) -> list[tuple[float, float]]:
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
        room = room_for(b.label for b in self.bars)
        x = Scale(min(values), max(values), room, WIDTH - _FIGURE, is_padded=False)
        parts = []
        for number, bar in enumerate(self.bars):
            parts += _bar(bar, 0.0, bar.value, x, number)
        return svg_of(_BAR * len(self.bars) + 8, parts)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From a first total (None: from nothing), step by step, to a last one."""

    first: Bar | None
    steps: tuple[Bar, ...]
    last: Bar

    def svg(self) -> str:
        first = () if self.first is None else (self.first,)
        levels = [self.first.value if self.first is not None else 0.0]
        for step in self.steps:
            levels.append(levels[-1] + step.value)
        least, most = min(*levels, self.last.value), max(*levels, self.last.value)
        # The totals are long, the steps short: the axis begins where they can be told apart.
        begin = max(0.0, least - (most - least))
        room = room_for(b.label for b in (*first, *self.steps, self.last))
        x = Scale(begin, most, room, WIDTH - _FIGURE, is_padded=False)
        parts = [part for bar in first for part in _bar(bar, begin, bar.value, x, 0)]
        for number, step in enumerate(self.steps):
            start, end = levels[number], levels[number + 1]
            parts += _bar(step, start, end, x, number + len(first))
        count = len(first) + len(self.steps)
        parts += _bar(self.last, begin, self.last.value, x, count)
        return svg_of(_BAR * (count + 1) + 8, parts)


def _bar(bar: Bar, start: float, end: float, x: Scale, number: int) -> list[str]:
    top = 4 + _BAR * number
    left, right = sorted((x.at(start), x.at(end)))
    colour = {1: GREEN, -1: RED, 0: GREY}[bar.verdict]
    size = f'width="{max(1.0, right - left):.1f}" height="{_BAR - 6}"'
    return [
        text_of(x.start - GAP / 2, top + 13, bar.label, "end"),
        f'<rect x="{left:.1f}" y="{top}" {size} fill="{colour}"/>',
        text_of(right + 6, top + 13, bar.text, "start"),
    ]
