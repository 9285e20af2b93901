"""Reports as files: a page of HTML that needs nothing else, or an Excel workbook."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from openpyxl import Workbook

from dispatch.domain.errors import DispatchError
from dispatch.exchange.excel_sheet import add_sheet
from dispatch.exchange.plan_tables import PlanTable
from dispatch.texts import Language
from scenarios.report import Report, Section

_HTML, _EXCEL = ".html", ".xlsx"
_SHEET_NAME = 31
"""Excel's longest name of a sheet."""
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_STYLE = """
body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}
table{border-collapse:collapse;margin:.7em 0}th{text-align:left;border-bottom:2px solid #3b5b7a}
td,th{padding:.15em .9em .15em 0;vertical-align:top}td.n,th.n{text-align:right}
td.n{white-space:nowrap}
tr:nth-child(even) td{background:#f4f6f8}svg{max-width:100%;height:auto}
"""


class ReportError(DispatchError):
    """A report that nobody can write."""


def check_report(path: Path) -> None:
    """Raises ReportError if the name of a file does not say which form it is to have."""
    if path.suffix.lower() not in (_HTML, _EXCEL):
        raise ReportError(
            f"{path}: a report is a file {_HTML} or {_EXCEL}.",
            f"{path}：报告文件须以 {_HTML} 或 {_EXCEL} 结尾。",
        )


def write_report(report: Report, path: Path, lang: Language) -> None:
    """Writes a page or a workbook, as the file's name says. Raises ReportError."""
    check_report(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == _HTML:
        path.write_text(page_of(report, lang), encoding="utf-8")
    else:
        workbook_of(report).save(path)


def page_of(report: Report, lang: Language) -> str:
    """The page."""
    return "".join(_page(report, lang))


def _page(report: Report, lang: Language) -> Iterator[str]:
    yield (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(report.title)}</h1>"
    )
    for line in report.lines:
        yield f"<p>{escape(line)}</p>"
    for section in report.sections:
        yield f"<h2>{escape(section.title)}</h2>"
        for line in section.lines:
            yield f"<p>{escape(line)}</p>"
        if section.chart is not None:
            yield section.chart.svg()
        if section.rows:
            yield _table(section)
    yield "</html>\n"


def _table(section: Section) -> str:
    def cells(tag: str, texts: tuple[str, ...]) -> str:
        return "".join(
            f"<{tag}{'' if i in section.words else ' class=n'}>{escape(text)}</{tag}>"
            for i, text in enumerate(texts)
        )

    rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in section.rows)
    return f"<table><tr>{cells('th', section.headings)}</tr>{rows}</table>"


def workbook_of(report: Report) -> Workbook:
    """A sheet with the sentences, and one for each table."""
    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    said = [*report.lines, *(line for section in report.sections for line in section.lines)]
    tables = [PlanTable(report.summary, (report.title,), tuple((line,) for line in said))]
    for number, section in enumerate(s for s in report.sections if s.rows):
        name = f"{number + 1} {section.title}".translate(_NOT_IN_NAMES)[:_SHEET_NAME]
        tables.append(PlanTable(name, section.headings, section.cells or section.rows))
    for table in tables:
        add_sheet(book, table, report.title)
    return book
