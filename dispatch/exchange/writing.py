"""Writes an organisation as a folder of CSV files, one per table."""

import csv
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.domain.organisation import Organisation
from dispatch.exchange.kinds import Style
from dispatch.exchange.rows import Row, rows_of
from dispatch.exchange.table import KEY, VALUE, Column, Heading, Table
from dispatch.exchange.tables import TABLES
from dispatch.texts import Language, Text


def write_folder(organisation: Organisation, path: Path, lang: Language = Language.EN) -> None:
    """Writes the tables that have rows, with headings and choices in ``lang``.

    Files of optional tables without rows are removed, so that the folder says no more than the
    organisation. UTF-8 with a byte order mark, which spreadsheets need to read Chinese.
    """
    path.mkdir(parents=True, exist_ok=True)
    style = Style(ZoneInfo(organisation.time_zone), lang)
    rows = rows_of(organisation)
    for table in TABLES:
        file = path / f"{table.name}.csv"
        if not rows[table.name] and not table.required:
            file.unlink(missing_ok=True)
            continue
        with file.open("w", encoding="utf-8-sig", newline="") as opened:
            csv.writer(opened, lineterminator="\n").writerows(lines(table, rows[table.name], style))


def lines(table: Table, rows: list[Row], style: Style) -> Iterator[list[str]]:
    """The heading line and the lines of cells of a table."""
    if table.vertical:
        yield [heading(KEY, style), heading(VALUE, style)]
        for column in table.columns:
            yield [heading(column, style), *(cell(column, row, style) for row in rows)]
        return
    yield [heading(column, style) for column in table.columns]
    for row in rows:
        yield [cell(column, row, style) for column in table.columns]


def heading(column: Column | Heading, style: Style) -> str:
    return style.word(Text(column.name, column.chinese))


def cell(column: Column, row: Row, style: Style) -> str:
    value = row[column.name]
    if value is None and not column.kind.shows_none:
        return ""
    return column.kind.show(value, style)
