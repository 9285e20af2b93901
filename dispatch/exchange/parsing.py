"""Sheets of text become tables of values, cell by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.exchange.errors import Findings
from dispatch.exchange.kinds import UnfitError, Value
from dispatch.exchange.sheets import Sheet
from dispatch.exchange.table import (
    KEY,
    NOTHING,
    REMARK,
    VALUE,
    Column,
    Heading,
    Table,
    find,
    index_of,
)
from dispatch.exchange.tables import TABLE_INDEX, TABLES
from dispatch.exchange.tables_base import ORGANISATION
from dispatch.texts import Text

_DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(slots=True)
class Row:
    """``values`` by column name; a cell that is wrong, or blank without a default, has none.

    ``number`` is the row number; rows of a vertical table have one for each column.
    """

    number: int
    cells: list[str]
    values: dict[str, Any]
    numbers: dict[str, int] | None = None

    def get(self, name: str) -> Value:
        return self.values.get(name)


@dataclass(slots=True)
class Rows:
    """A table that was read: where each column is, its heading as written, and the rows.

    ``known`` is False if the table or its ids are missing, which then is the error to report.
    """

    table: Table
    file: str
    findings: Findings
    at: dict[str, int] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    known: bool = True

    def text(self, row: Row, name: str) -> str:
        index = self.at.get(name)
        return row.cells[index] if index is not None and index < len(row.cells) else ""

    def report(self, row: Row, message: Text, *names: str, value: str | None = None) -> None:
        """An error in the columns ``names`` of a row."""
        shown = value if value is not None else " / ".join(self.text(row, n) for n in names)
        self.findings.add(
            self.file,
            message,
            row.number if row.numbers is None else row.numbers.get(names[0], row.number),
            " / ".join(self.headings.get(name, name) for name in names),
            shown,
        )


def parse(path: Path, sheets: list[Sheet], findings: Findings) -> dict[str, Rows]:
    """Every table by its name; tables that are not there have no rows."""
    found: dict[str, tuple[Table, Sheet]] = {}
    for sheet in sheets:
        table = find(sheet.name, TABLE_INDEX)
        if table is None:
            close = findings.did_you_mean(sheet.name, [t.name for t in TABLES])
            findings.add(
                sheet.file,
                Text(
                    f"there is no table of this name.{close.en}"
                    f" Known tables: {', '.join(t.name for t in TABLES)}",
                    f"没有这个名称的表。{close.zh}可用的表：{'、'.join(t.chinese for t in TABLES)}",
                ),
                value=sheet.name,
            )
        elif table.name in found:
            findings.add(
                sheet.file,
                Text(
                    f"the table {table.name} is also in {found[table.name][1].file}; keep one",
                    f"表“{table.chinese}”也在 {found[table.name][1].file} 中；请只保留一个",
                ),
                value=sheet.name,
            )
        else:
            found[table.name] = (table, sheet)
    zone = _zone(found)
    parsed = {name: _parse(table, sheet, zone, findings) for name, (table, sheet) in found.items()}
    for table in TABLES:
        if table.name not in parsed:
            if table.required:
                findings.add(
                    path.name,
                    Text(
                        f"the table {table.name} is missing",
                        f"缺少表“{table.chinese}”({table.name})",
                    ),
                    value=table.name,
                )
            parsed[table.name] = Rows(table, table.name, findings, known=not table.required)
    return parsed


def _zone(found: Mapping[str, tuple[Table, Sheet]]) -> ZoneInfo:
    """The organisation's time zone, in which all other cells are read."""
    zone = ZoneInfo(_DEFAULT_ZONE)
    if ORGANISATION.name not in found:
        return zone
    rows = _parse(*found[ORGANISATION.name], zone, Findings()).rows
    return ZoneInfo(rows[0].values.get("time_zone", zone.key)) if rows else zone


def _parse(table: Table, sheet: Sheet, zone: ZoneInfo, findings: Findings) -> Rows:
    rows = Rows(table, sheet.file, findings)
    if not sheet.lines:
        rows.known = False
        if sheet.lines is not None:
            findings.add(
                sheet.file,
                Text("it is empty; the first row must be headings", "内容为空；第一行必须是表头"),
            )
        return rows
    lay = _lay_down if table.vertical else _lay_out
    lay(rows, sheet.lines)
    for column in table.columns:
        _read_column(rows, column, zone)
    return rows


def _find_heading(
    rows: Rows, written: str, known: Sequence[Column | Heading], number: int
) -> Column | Heading | None:
    """The column or heading meant; None, and an error, if there is none."""
    found = find(written, index_of(known))
    if found is None:
        close = rows.findings.did_you_mean(written, [n for k in known for n in (k.name, k.chinese)])
        message = Text(
            f"there is no such column.{close.en} Known: {', '.join(k.name for k in known)}",
            f"没有这一列。{close.zh}可用的列：{'、'.join(k.chinese for k in known)}",
        )
        rows.findings.add(rows.file, message, number, written, written)
    return found


def _find_headings(
    rows: Rows, line: tuple[int, list[str]], known: Sequence[Column | Heading]
) -> dict[str, int]:
    """The place of each known heading by its name; reports those that are unknown or twice."""
    places: dict[str, int] = {}
    number, headings = line
    for place, written in enumerate(headings):
        found = _find_heading(rows, written, known, number) if written else None
        if found is None:
            continue
        if found.name in places:
            message = Text("this column is there twice", "这一列重复出现")
            rows.findings.add(rows.file, message, number, written, written)
            continue
        places[found.name] = place
        rows.headings[found.name] = written
    return places


def _report_missing(rows: Rows, column: Column | Heading, number: int) -> None:
    rows.known = False
    rows.findings.add(
        rows.file,
        Text(
            f"{column.name} is missing; it is required",
            f"缺少“{column.chinese}”({column.name})，此项必填",
        ),
        number,
        column.name,
    )


def _lay_out(rows: Rows, lines: list[tuple[int, list[str]]]) -> None:
    number, headings = lines[0]
    rows.at = _find_headings(rows, lines[0], (*rows.table.columns, REMARK))
    for column in rows.table.columns:
        if column.required and column.name not in rows.at:
            _report_missing(rows, column, number)
    rows.rows = [Row(number, cells, {}) for number, cells in lines[1:]]
    bare = [place for place, heading in enumerate(headings) if not heading]
    for row in rows.rows:
        beyond = range(len(headings), len(row.cells))
        for place in (*bare, *beyond) if bare or beyond else ():
            if place < len(row.cells) and row.cells[place]:
                message = Text(
                    "this cell has no heading; a comma inside a text needs quotation marks",
                    "该单元格没有表头；文字中的逗号须用引号括起来",
                )
                rows.findings.add(rows.file, message, row.number, None, row.cells[place])


def _lay_down(rows: Rows, lines: list[tuple[int, list[str]]]) -> None:
    """Lines of key and value become one row."""
    number, _ = lines[0]
    places = _find_headings(rows, lines[0], (KEY, VALUE, REMARK))
    for heading in (KEY, VALUE):
        if heading.name not in places:
            _report_missing(rows, heading, number)
            return
    numbers: dict[str, int] = {}
    row = Row(number, [], {}, numbers)
    for number, cells in lines[1:]:
        key, value = (
            cells[place] if place < len(cells) else ""
            for place in (places[KEY.name], places[VALUE.name])
        )
        column = _find_heading(rows, key, rows.table.columns, number) if key else None
        if column is None:
            continue
        if column.name in rows.at:
            message = Text("this key is there twice", "该项目重复出现")
            rows.findings.add(rows.file, message, number, key, value)
            continue
        rows.at[column.name] = len(row.cells)
        rows.headings[column.name] = key
        numbers[column.name] = number
        row.cells.append(value)
    rows.rows = [row]
    for column in rows.table.columns:
        if column.required and column.name not in rows.at:
            _report_missing(rows, column, lines[0][0])


def _read_column(rows: Rows, column: Column, zone: ZoneInfo) -> None:
    """Reads the cells of a column; equal texts are read once."""
    place = rows.at.get(column.name, -1)
    default = rows.table.default_of(column)
    known: dict[str, Any] = {} if default is NOTHING else {"": default}
    for row in rows.rows:
        text = row.cells[place] if 0 <= place < len(row.cells) else ""
        if text in known:
            row.values[column.name] = known[text]
        elif text:
            try:
                row.values[column.name] = known[text] = column.kind.read(text, zone)
            except UnfitError as unfit:
                rows.report(row, _expected(column, unfit), column.name)
        elif column.required and place >= 0:
            rows.report(
                row,
                Text(
                    f"it must not be blank; expected {column.kind.expected.en}",
                    f"不能为空；应填{column.kind.expected.zh}",
                ),
                column.name,
            )


def _expected(column: Column, unfit: UnfitError) -> Text:
    expected = Text(f"expected {column.kind.expected.en}", f"应填{column.kind.expected.zh}")
    if unfit.why is None:
        return expected
    return Text(f"{unfit.why.en}; {expected.en}", f"{unfit.why.zh}；{expected.zh}")
