"""A plan as an Excel workbook for people: one sheet per question."""

from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook

from dispatch.exchange import plan_tables
from dispatch.exchange.excel_sheet import add_sheet
from dispatch.judged import JudgedPlan
from dispatch.kpi_rows import summary_table
from dispatch.texts import Language


def write_plan_workbook(judged: JudgedPlan, path: Path, lang: Language) -> tuple[Path, ...]:
    """Writes the sheets summary, stops by technician, visits, unassigned, clocks, cost and
    violations."""
    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
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
        add_sheet(book, table, _title(judged))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return (path,)


def _title(judged: JudgedPlan) -> str:
    """The organisation and its local days."""
    snapshot = judged.snapshot
    days = (snapshot.start_at, snapshot.end_at - timedelta(seconds=1))
    first, last = (at.astimezone(judged.zone).date() for at in days)
    return f"{snapshot.organisation} {first}" + (f" – {last}" if last != first else "")
