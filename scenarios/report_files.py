"""Reports as files: a page of HTML that needs nothing else, or an Excel workbook."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from openpyxl import Workbook

from dispatch.domain.errors import DispatchError
from dispatch.exchange.excel_sheet import add_sheet
from dispatch.exchange.plan_tables import PlanTable
from dispatch.texts import Language
from scenarios.report import Report, Section

_HTML, _EXCEL = ".html", ".xlsx"
REPORTS = (_HTML, _EXCEL)
_SHEET_NAME = 31
"""Excel's longest name of a sheet."""
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;
color:light-dark(#222,#dfe3e7);background:light-dark(#fff,#1b1f24)}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}
table{border-collapse:collapse;margin:.7em 0}th{text-align:left;border-bottom:2px solid #4a7bab}
td,th{padding:.15em .9em .15em 0;vertical-align:top}td.n,th.n{text-align:right}
td.n{white-space:nowrap}summary{cursor:pointer}.wide{overflow-x:auto}
tr:nth-child(even) td{background:light-dark(#f4f6f8,#242a31)}svg{max-width:100%;height:auto}
"""
_MOST_ROWS = 20
"""Longer tables are folded up."""


class ReportError(DispatchError):
    """A report that nobody can write."""


def check_report(path: Path, forms: Sequence[str] = REPORTS) -> None:
    """Raises ReportError if the name of a file does not say which of the forms it is to have."""
    if path.suffix.lower() not in forms:
        raise ReportError(
            f"{path}: a report is a file {' or '.join(forms)}.",
            f"{path}：报告文件须以 {' 或 '.join(forms)} 结尾。",
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
            yield _folded(section, lang)
    yield "</html>\n"


def _folded(section: Section, lang: Language) -> str:
    table = f'<div class="wide">{_table(section)}</div>'
    count = len(section.rows)
    if count <= _MOST_ROWS:
        return table
    said = lang.pick(f"{count} rows", f"{count} 行")
    return f"<details><summary>{said}</summary>{table}</details>"


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
    for number, section in enumerate(s for s in report.sections if s.cells or s.rows):
        name = f"{number + 1} {section.title}".translate(_NOT_IN_NAMES)[:_SHEET_NAME]
        headings = section.cell_headings or section.headings
        tables.append(PlanTable(name, headings, section.cells or section.rows))
    for table in tables:
        add_sheet(book, table, report.title)
    return book
