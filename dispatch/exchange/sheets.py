"""Reads files as sheets of text: a folder of CSV files, or one workbook."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from dispatch.exchange.errors import Findings
from dispatch.texts import Text

GUIDE = ("guide", "说明")  # the sheet of a template that only explains
_WHOLE = 1e15  # a workbook keeps 15 digits of a number
_SECOND = timedelta(seconds=1)
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*\bt="e"')


@dataclass(frozen=True, slots=True)
class Sheet:
    """``file`` is how errors name it, ``name`` the table it claims to be; ``lines`` are the lines
    that are not blank, with their row numbers (None: unreadable, which is already reported)."""

    file: str
    name: str
    lines: list[tuple[int, list[str]]] | None


def read_sheets(path: Path, findings: Findings) -> list[Sheet]:
    """All sheets of a folder or workbook; what cannot be read at all goes to ``findings``."""
    if path.is_dir():
        return _folder(path, findings)
    if not path.exists():
        findings.add(
            str(path),
            Text(
                "there is no such folder or workbook; give a folder of CSV files or an .xlsx file",
                "没有这个文件夹或工作簿；请给出 CSV 文件夹或 .xlsx 文件",
            ),
        )
        return []
    if path.suffix.casefold() == ".csv":
        findings.add(
            path.name,
            Text(
                "one CSV file is one table; give the folder that holds all of them",
                "一个 CSV 文件只是一张表；请给出包含所有表的文件夹",
            ),
        )
        return []
    return _workbook(path, findings)


def _folder(path: Path, findings: Findings) -> list[Sheet]:
    sheets = []
    for file in sorted(path.iterdir()):
        if file.suffix.casefold() == ".csv" and not file.name.startswith((".", "~")):
            text = _decoded(file, findings)
            lines = None if text is None else list(_csv_lines(file, text, findings))
            sheets.append(Sheet(file.name, file.stem, lines))
    if not sheets:
        findings.add(
            path.name,
            Text("there is no .csv file in this folder", "该文件夹中没有 .csv 文件"),
        )
    return sheets


def _decoded(file: Path, findings: Findings) -> str | None:
    """The text, UTF-8 or else GB 18030, in which Chinese spreadsheets save CSV files."""
    content = file.read_bytes()
    if b"\0" not in content:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    findings.add(
        file.name,
        Text(
            "this is no text in UTF-8 or GB 18030; save it as CSV in UTF-8",
            "不是 UTF-8 或 GB 18030 编码的文本；请另存为 UTF-8 的 CSV",
        ),
    )
    return None


def _csv_lines(file: Path, text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield number, stripped
            number = reader.line_num + 1
    except csv.Error:
        findings.add(
            file.name,
            Text(
                "a quotation mark does not match; double the ones that belong to the text",
                "引号不配对；文字中的引号须写两个",
            ),
            row=number,
        )


def _workbook(path: Path, findings: Findings) -> list[Sheet]:
    import python_calamine  # a compiled library that only reading a workbook needs

    try:
        workbook = python_calamine.load_workbook(path)
        sheets = [
            Sheet(
                f"{path.name} [{name}]",
                name,
                _lines(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)),
            )
            for name in workbook.sheet_names
            if not any(part in GUIDE for part in name.casefold().split("·"))
        ]
    except (python_calamine.CalamineError, python_calamine.ZipError, OSError):
        findings.add(
            path.name,
            Text(
                "this is no workbook that can be read; save it as .xlsx without a password",
                "不是可以读取的工作簿；请另存为 .xlsx，且不加密码",
            ),
        )
        return []
    _report_error_cells(path, findings)
    return sheets


_Cell = str | float | bool | datetime | date | time | timedelta


def _lines(rows: list[list[_Cell]]) -> list[tuple[int, list[str]]]:
    lines = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    return [(number, cells) for number, cells in lines if any(cells)]


def _text(cell: _Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).casefold()
    if isinstance(cell, float | int):
        return str(int(cell)) if abs(cell) < _WHOLE and cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        return (cell + _SECOND / 2).replace(microsecond=0).isoformat(" ")
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell / _SECOND), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return cell.isoformat()


def _report_error_cells(path: Path, findings: Findings) -> None:
    """Cells such as #REF!, which calamine reads as blank."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        members = (name for name in archive.namelist() if name.startswith("xl/worksheets/"))
        if not any(_ERROR_CELL.search(archive.read(name)) for name in members):
            return
    from openpyxl import load_workbook  # slow to import, and rarely needed here

    workbook = load_workbook(path, read_only=True, data_only=True)
    for sheet in workbook.worksheets:
        headings: dict[int, str] = {}
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "e":
                    findings.add(
                        f"{path.name} [{sheet.title}]",
                        Text(
                            "the formula in this cell failed; correct it or enter a value",
                            "该单元格的公式出错；请改正或直接填写数值",
                        ),
                        cell.row,
                        headings.get(cell.column or 0, cell.coordinate),
                        str(cell.value),
                    )
                elif cell.value is not None:
                    headings.setdefault(cell.column or 0, str(cell.value))
    workbook.close()
