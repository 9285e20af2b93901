"""Tables as sheets of an Excel workbook that reads and prints well."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from dispatch.exchange.plan_tables import Cell, PlanTable

_WIDEST = 48
_HEAD_FONT = Font(bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="3B5B7A")


def add_sheet(book: Workbook, table: PlanTable, title: str, shares: Collection[int] = ()) -> None:
    """Adds a sheet with the table; ``title`` heads its printed pages.

    ``shares`` are the columns, from 0, whose numbers are shown as per cent.
    """
    sheet = book.create_sheet(table.name)
    sheet.append(table.headings)
    for cell in sheet[1]:
        cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL
    for row in table.rows:
        sheet.append(row)
    for row_cells in sheet.iter_rows(min_row=2):
        for column, cell in enumerate(row_cells):
            if isinstance(cell.value, str):
                # Names are text, also where they look like a formula.
                cell.data_type = "s"
            elif isinstance(cell.value, datetime):
                cell.number_format = "yyyy-mm-dd hh:mm"
            elif isinstance(cell.value, Decimal):
                cell.number_format = "0.0%" if column in shares else "#,##0.00"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for column, heading in enumerate(table.headings):
        width = 2 + max(_width(cell) for cell in (heading, *(row[column] for row in table.rows)))
        sheet.column_dimensions[get_column_letter(column + 1)].width = min(_WIDEST, width)
    _lay_out_for_print(sheet, title)


def _lay_out_for_print(sheet: Worksheet, title: str) -> None:
    """A4, landscape, all columns on one page, title and headings on every page, pages counted."""
    sheet.set_printer_settings(int(Worksheet.PAPERSIZE_A4), Worksheet.ORIENTATION_LANDSCAPE)
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    head, foot = HeaderFooterItem(), HeaderFooterItem()
    head.left.text = title.replace("&", "&&")
    head.right.text = "&A"  # the sheet's name
    foot.right.text = "&P / &N"
    sheet.oddHeader, sheet.oddFooter = head, foot


def _width(cell: Cell) -> int:
    """Columns that a cell needs; a Chinese character takes two."""
    if isinstance(cell, datetime):
        return len("2026-09-29 08:00")
    if isinstance(cell, date):
        return len("2026-09-29")
    text = "" if cell is None else str(cell)
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
