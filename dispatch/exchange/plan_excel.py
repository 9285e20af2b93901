"""A plan as an Excel workbook for people: one sheet per question."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from dispatch.exchange import plan_tables
from dispatch.exchange.plan_tables import Cell, PlanTable
from dispatch.judged import JudgedPlan
from dispatch.kpi_rows import summary_table
from dispatch.texts import Language

_WIDEST = 48
_HEAD_FONT = Font(bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="3B5B7A")


def write_plan_workbook(judged: JudgedPlan, path: Path, lang: Language) -> tuple[Path, ...]:
    """Writes the sheets summary, stops by technician, visits, unassigned, clocks, cost and
    violations."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    tables = (
        summary_table(judged, lang),
        plan_tables.stops_table(judged, lang),
        plan_tables.visits_table(judged, lang),
        plan_tables.unassigned_table(judged, lang),
        plan_tables.clocks_table(judged, lang),
        plan_tables.cost_table(judged, lang),
        plan_tables.violations_table(judged, lang),
    )
    for table in tables:
        _fill(book.create_sheet(table.name), table)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return (path,)


def _fill(sheet: Worksheet, table: PlanTable) -> None:
    sheet.append(table.headings)
    for cell in sheet[1]:
        cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL
    for row in table.rows:
        sheet.append(row)
    for row_cells in sheet.iter_rows(min_row=2):
        for cell in row_cells:
            if isinstance(cell.value, str):
                # Ids and descriptions are text, also where they look like a formula.
                cell.data_type = "s"
            elif isinstance(cell.value, datetime):
                cell.number_format = "yyyy-mm-dd hh:mm"
            elif isinstance(cell.value, Decimal):
                cell.number_format = "#,##0.00"
    _lay_out_for_print(sheet)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for column, heading in enumerate(table.headings, start=1):
        cells = [heading, *(row[column - 1] for row in table.rows)]
        width = min(_WIDEST, 2 + max(_width(cell) for cell in cells))
        sheet.column_dimensions[get_column_letter(column)].width = width


def _lay_out_for_print(sheet: Worksheet) -> None:
    """Landscape, all columns on one page, the headings on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _width(cell: Cell) -> int:
    """Columns that a cell needs; a Chinese character takes two."""
    if isinstance(cell, datetime):
        return len("2026-09-29 08:00")
    if isinstance(cell, date):
        return len("2026-09-29")
    return sum(2 if ord(character) > 0x2E7F else 1 for character in str(cell or ""))
