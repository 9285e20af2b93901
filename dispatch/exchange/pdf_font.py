"""The font of printed forms: which characters it has, how wide they are, where lines break.

Noto Sans SC comes with a package, so forms look the same on machines without Chinese fonts. A PDF
embeds the glyphs that it uses and no others.
"""

import re
from collections.abc import Iterator
from typing import cast

from fpdf import FPDF
from fpdf.fonts import TTFFont
from pylopdf_fonts_zh_cn import sans_path

FAMILY = "notosanssc"
MISSING = "〓"
"""The printers' sign for a character that the font does not have."""

_MM_PER_POINT = 25.4 / 72
_OPENING = "（《「『【〔〈“‘［｛"
_CLOSING = "，。、；：？！）》」』】〕〉”’］｝…％"
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
# What stays together on a line: a Chinese character or a word, with the opening marks before it,
# the closing ones after it and the spaces that end it.
_PIECE = re.compile(
    rf"[{_OPENING}]*"
    rf"(?:(?![{_OPENING}{_CLOSING}])[{_WIDE}][{_CLOSING},.;:?!%)\]}}]*"
    rf"|[^\s{_WIDE}{_OPENING}{_CLOSING}]+[{_CLOSING}]*"
    rf"|[{_CLOSING}]+)?\s*"
)


class FormFont:
    """The font as ``pdf`` draws it; registers it there. To be closed when the PDF is written."""

    def __init__(self, pdf: FPDF) -> None:
        pdf.add_font(FAMILY, fname=sans_path())
        self._font: TTFFont = cast("TTFFont", pdf.fonts[FAMILY])

    def close(self) -> None:
        """Closes the font's file, of which glyphs are read as late as the PDF is written."""
        self._font.ttfont.close()

    def lines(self, text: str, points: float, width_mm: float) -> list[str]:
        """The text broken into lines of at most ``width_mm``; at least one."""
        return [
            line
            for paragraph in text.splitlines() or [""]
            for line in self._broken(self._printable(paragraph), points, width_mm)
        ]

    def width(self, text: str, points: float) -> float:
        """Millimetres that a text takes in a size."""
        return self._font.get_text_width(text, points, None)[1] * _MM_PER_POINT

    def _printable(self, text: str) -> str:
        """White space as spaces, no control characters, a sign for what the font does not have."""
        characters = (" " if c.isspace() else c for c in text)
        return "".join(
            c if ord(c) in self._font.cmap else MISSING for c in characters if c.isprintable()
        )

    def _broken(self, paragraph: str, points: float, width_mm: float) -> Iterator[str]:
        line = ""
        for piece in self._pieces(paragraph, points, width_mm):
            if line and self.width((line + piece).rstrip(), points) > width_mm:
                yield line.rstrip()
                line = ""
            line += piece
        yield line.rstrip()

    def _pieces(self, paragraph: str, points: float, width_mm: float) -> Iterator[str]:
        """What stays together; what is too long for any line comes character by character."""
        for piece in _PIECE.findall(paragraph):
            fits = self.width(piece.rstrip(), points) <= width_mm
            yield from [piece] if fits else piece
