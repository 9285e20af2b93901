"""What charts are drawn with: texts, lines and scales as SVG, readable on light and dark pages."""

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil, floor, log10

WIDTH = 720
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 16, 44
PLOT_HEIGHT = 240
GAP, _MOST_LABEL = 16, 400
_LETTER, _WIDE_LETTER = 7, 12
_FIRST_WIDE = "\u2e80"
"""From here on letters are as wide as Chinese ones."""
_TICKS = 4
_ROUND = (1, 2, 5, 10)
_PLAIN = 100
"""From here on figures have no decimals."""
FONT_SIZE, SMALL_FONT = 12, 10
INK = "currentColor"
"""The colour of the page's words."""
BLUE, GREEN, RED, GREY = "#4a7bab", "#3a8a57", "#c4574b", "#8a929a"
ORANGE, PURPLE = "#b8742a", "#8b6cb0"


class Scale:
    """Values onto pixels, with a little room on both sides if it is padded."""

    def __init__(
        self, low: float, high: float, start: float, end: float, *, is_padded: bool = True
    ) -> None:
        room = (high - low) / 20 if is_padded else 0.0
        if high == low:
            room = abs(high) / 20 or 1.0
        self.low, self.high, self.start, self._end = low - room, high + room, start, end

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> "Scale":
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

    def grid(self) -> list[str]:
        """The ticks of a vertical scale, with lines through the whole plot."""
        parts = []
        for tick in self.ticks():
            at = self.at(tick)
            parts.append(line_of(LEFT, at, WIDTH - RIGHT, at))
            parts.append(text_of(LEFT - 6, at + 4, short(tick), "end"))
        return parts


def width_of(label: str) -> int:
    """Pixels that a text takes at most."""
    return sum(_WIDE_LETTER if c >= _FIRST_WIDE else _LETTER for c in label)


def room_for(labels: Iterable[str]) -> int:
    """Pixels for labels at the left, none of which is cut off unless it is very long."""
    return min(_MOST_LABEL, GAP + max(map(width_of, labels), default=0))


def svg_of(height: float, parts: Sequence[str]) -> str:
    """A picture of the usual width."""
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        f'role="img" font-size="{FONT_SIZE}" font-family="sans-serif">{body}</svg>'
    )


def line_of(x1: float, y1: float, x2: float, y2: float) -> str:
    """A faint line of the grid."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{INK}" stroke-opacity=".16"/>'
    )


def text_of(
    x: float, y: float, text: str, anchor: str, colour: str = INK, size: int = FONT_SIZE
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size}">{escape(text)}</text>'
    )


def short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _PLAIN else f"{value:.3g}"
