"""Writes an organisation, or an empty template, as an Excel workbook with one sheet per table.

openpyxl is imported in functions, since it is slow to import and only writing needs it.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dispatch.domain.organisation import Organisation
from dispatch.exchange.kinds import Style
from dispatch.exchange.rows import Row, rows_of
from dispatch.exchange.sheets import GUIDE
from dispatch.exchange.table import NOTHING, Column, Table
from dispatch.exchange.tables import TABLES
from dispatch.exchange.writing import lines

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_LAST_ROW = 20_000  # drop-downs reach down to here
_DIGITS = 15  # that a workbook keeps of a number
_REQUIRED, _OPTIONAL = "BDD7EE", "EDEDED"  # colour of headings: blue, grey
_GUIDE_LINES = (
    (
        "One sheet per table. Sheets that are not needed may stay empty or be deleted.",
        "每个工作表是一张表。不需要的表可以留空或删除。",
    ),
    (
        "Headings may be English, Chinese or both, in any order; a column 'remark' is ignored.",
        "表头可用英文、中文或两者，列的顺序不限；“备注”列会被忽略。",
    ),
    (
        "Point at a heading to read what belongs there. Blue ones must be filled in.",
        "把鼠标移到表头上可查看填写说明。蓝色表头为必填项。",
    ),
    (
        "Times are local times of the organisation, such as 2026-09-29 08:00.",
        "时间均为组织当地时间，例如 2026-09-29 08:00。",
    ),
    (
        "Several values in one cell are separated by semicolons: gps:2;video and sim*2;camera.",
        "同一单元格的多个值以分号分隔，例如 gps:2;video 和 sim*2;camera。",
    ),
)


def write_workbook(organisation: Organisation, path: Path) -> None:
    """Writes all tables, with headings and choices in both languages."""
    _write(path, rows_of(organisation), Style(ZoneInfo(organisation.time_zone), None))


def write_template(path: Path) -> None:
    """Writes an empty workbook to fill in: explained headings, choices as drop-downs."""
    _write(path, {}, Style(ZoneInfo("UTC"), None))


def _write(path: Path, rows: Mapping[str, list[Row]], style: Style) -> None:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    _write_guide(workbook)
    for table in TABLES:
        sheet = workbook.create_sheet(f"{table.name}·{table.chinese}")
        sheet.freeze_panes = "B2"
        write = _write_vertical if table.vertical else _write_table
        write(sheet, table, lines(table, rows.get(table.name, []), style))
    workbook.save(path)


def _write_guide(workbook: "Workbook") -> None:
    sheet = workbook.create_sheet("·".join(GUIDE))
    for letter, width in (("A", 36), ("B", 80), ("C", 60)):
        sheet.column_dimensions[letter].width = width
    for en, zh in _GUIDE_LINES:
        sheet.append(["", en, zh])
    sheet.append([])
    for table in TABLES:
        needed = " *" if table.required else ""
        sheet.append([f"{table.name}·{table.chinese}{needed}", table.note.en, table.note.zh])


def _write_vertical(sheet: "Worksheet", table: Table, written: Iterator[list[str]]) -> None:
    sheet.append(next(written))
    for letter in "AB":
        sheet.column_dimensions[letter].width = 40
    for number, (column, line) in enumerate(zip(table.columns, written, strict=True), 2):
        _append(sheet, line[:1], line[1:], (column,))
        _explain(sheet, f"A{number}", table, column)
        _add_choices(sheet, f"B{number}", column)


def _write_table(sheet: "Worksheet", table: Table, written: Iterator[list[str]]) -> None:
    from openpyxl.utils import get_column_letter

    sheet.append(next(written))
    for number, column in enumerate(table.columns, 1):
        letter = get_column_letter(number)
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(14, len(column.name) + 2 * len(column.chinese) + 4)
        if not column.kind.number:
            dimension.number_format = "@"  # or ids such as 007 would become numbers
        _explain(sheet, f"{letter}1", table, column)
        _add_choices(sheet, f"{letter}2:{letter}{_LAST_ROW}", column)
    for line in written:
        _append(sheet, [], line, table.columns)


def _append(
    sheet: "Worksheet", heads: list[str], cells: list[str], columns: Sequence[Column]
) -> None:
    """A row of ``heads`` and cells; text is never taken for a formula or an error."""
    values = [_value(text, column) for text, column in zip(cells, columns, strict=False)]
    sheet.append([*heads, *values])
    for place, value in enumerate(values, len(heads) + 1):
        if isinstance(value, str) and value[0] in "=#":
            sheet.cell(sheet.max_row, place).data_type = "s"


def _value(text: str, column: Column) -> str | float | int | None:
    if not text:
        return None
    if not column.kind.number:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text  # such as a duration in seconds
    if len(number.as_tuple().digits) > _DIGITS:
        return text
    return int(number) if number == int(number) else float(number)


def _add_choices(sheet: "Worksheet", cells: str, column: Column) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    if column.kind.choices:
        both = Style(ZoneInfo("UTC"), None)
        listed = ",".join(both.word(choice) for choice in column.kind.choices)
        choices = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
        choices.showErrorMessage = False  # either language alone is right, too
        choices.add(cells)
        sheet.add_data_validation(choices)


def _explain(sheet: "Worksheet", cell: str, table: Table, column: Column) -> None:
    """Colours a heading, and says in a comment what belongs there."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill

    heading = sheet[cell]
    heading.font = Font(bold=True)
    heading.fill = PatternFill("solid", fgColor=_REQUIRED if column.required else _OPTIONAL)
    heading.comment = Comment(_explanation(table, column), "dispatch", height=180, width=320)


def _explanation(table: Table, column: Column) -> str:
    expected = column.kind.expected
    en, zh = ("Required.", "必填。") if column.required else ("Optional.", "选填。")
    default = table.default_of(column)
    if default not in (NOTHING, None, "", ()):
        blank = column.kind.show(default, Style(ZoneInfo("UTC"), None))
        en, zh = f"Blank means {blank}.", f"留空表示 {blank}。"
    return (
        f"{column.note.en}. {en}\nFormat: {expected.en}\n"
        f"{column.note.zh}。{zh}\n格式：{expected.zh}"
    )
