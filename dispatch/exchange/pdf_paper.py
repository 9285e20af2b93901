"""Draws printed forms on the pages of a PDF."""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from io import BytesIO
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextMode

from dispatch.exchange.pdf_font import FAMILY, FormFont
from dispatch.exchange.pdf_layout import (
    BOTTOM,
    MARGIN,
    PAD_X,
    PAD_Y,
    PAGE_WIDTH,
    TOP,
    Form,
    LaidCell,
    PlacedRow,
    pages_of,
)

_SMALL_POINTS = 8.0
_GREY = 232
_FRAME_MM = 0.2
_BOLD_MM = 0.25
"""The font has one weight: bold letters are drawn with an outline as wide as this."""
_PICTURE_SHARE = 0.6
_BASELINE = 0.34
"""How far under the top of a line its letters stand, in millimetres for each point."""


def write_forms(forms: Iterable[Form], path: Path, title: str, printed_at: datetime) -> None:
    """Writes the forms one after the other, each on pages of its own.

    ``printed_at`` is in local time; the same forms and time give the same bytes.
    """
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_creation_date(printed_at)
    pdf.set_line_width(_FRAME_MM)
    with closing(FormFont(pdf)) as font:
        for form in forms:
            _draw_form(pdf, font, form, f"{printed_at:%Y-%m-%d %H:%M}")
        written = pdf.output()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written)


def _draw_form(pdf: FPDF, font: FormFont, form: Form, printed: str) -> None:
    pages = pages_of(form, font)
    for number, rows in enumerate(pages, start=1):
        pdf.add_page()
        _draw_edges(pdf, font, form, printed, number, len(pages))
        for placed in rows:
            _draw_row(pdf, font, placed)


def _draw_edges(
    pdf: FPDF, font: FormFont, form: Form, printed: str, number: int, pages: int
) -> None:
    """Head and foot of a page."""
    counted = f"第 {number} 页，共 {pages} 页 Page {number} of {pages}"
    right = PAGE_WIDTH - MARGIN - font.width(counted, _SMALL_POINTS)
    pdf.set_font(FAMILY, size=_SMALL_POINTS)
    pdf.text(MARGIN, TOP - 3.5, font.lines(form.head, _SMALL_POINTS, PAGE_WIDTH - 2 * MARGIN)[0])
    pdf.text(MARGIN, BOTTOM + 6, f"打印时间 Printed {printed}")
    pdf.text(right, BOTTOM + 6, counted)


def _draw_row(pdf: FPDF, font: FormFont, placed: PlacedRow) -> None:
    """All cells of a row have the same first baseline."""
    cells = placed.row.cells
    baseline = placed.y + PAD_Y + _BASELINE * max(cell.look.points for cell in cells)
    for cell in cells:
        if cell.look.framed:
            pdf.set_fill_color(_GREY if cell.look.grey else 255)
            pdf.rect(cell.x, placed.y, cell.width, placed.row.height, style="DF")
        _draw_text(pdf, font, cell, baseline)
        if cell.picture is not None:
            _draw_picture(pdf, cell, placed)


def _draw_text(pdf: FPDF, font: FormFont, cell: LaidCell, y: float) -> None:
    look = cell.look
    pdf.set_font(FAMILY, size=look.points)
    mode = TextMode.FILL_STROKE if look.bold else TextMode.FILL
    with pdf.local_context(text_mode=mode, line_width=_BOLD_MM if look.bold else _FRAME_MM):
        for line in cell.lines:
            indent = (cell.width - font.width(line, look.points)) / 2 if look.centred else PAD_X
            pdf.text(cell.x + indent, y, line)
            y += look.line_mm


def _draw_picture(pdf: FPDF, cell: LaidCell, placed: PlacedRow) -> None:
    """In the right part of the cell, as large as fits."""
    width = cell.width * _PICTURE_SHARE
    pdf.image(
        BytesIO(cell.picture or b""),
        x=cell.x + cell.width - width,
        y=placed.y + PAD_Y,
        w=width - PAD_X,
        h=placed.row.height - 2 * PAD_Y,
        keep_aspect_ratio=True,
    )
