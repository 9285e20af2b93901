"""The monthly report as an Excel workbook: one sheet per question, headings in both languages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

from dispatch import texts
from dispatch.domain.reporting import (
    AttainmentRow,
    AttainmentSum,
    Dimension,
    MonthlyReport,
    month_text,
    summed_by,
)
from dispatch.exchange.excel_sheet import add_sheet
from dispatch.exchange.plan_tables import Cell, PlanTable
from dispatch.texts import Text

_MONTH = texts.DIMENSIONS[Dimension.MONTH]
_STATION = texts.DIMENSIONS[Dimension.STATION]
_PRODUCT = texts.DIMENSIONS[Dimension.PRODUCT]
_CLOCK_HEADINGS = (
    Text("clock", "时限"),
    Text("counted", "计入"),
    Text("kept", "按时"),
    Text("broken", "超时"),
    Text("kept %", "按时率"),
)


@dataclass(frozen=True, slots=True)
class _Question:
    """One sheet; headings that end in % are of shares."""

    name: Text
    headings: tuple[Text, ...]
    rows: Iterable[tuple[Cell, ...]]


def write_monthly_report(report: MonthlyReport, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(monthly_report_file(report))


def monthly_report_file(report: MonthlyReport) -> bytes:
    """Attainment (summed up by each dimension, and in detail), first-time fix, satisfaction, parts
    used and technicians."""
    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    title = f"{report.organisation} {_months(report)}"
    for question in _questions(report):
        shares = {i for i, heading in enumerate(question.headings) if heading.en.endswith("%")}
        headings = tuple(heading.both for heading in question.headings)
        table = PlanTable(question.name.both, headings, tuple(question.rows))
        add_sheet(book, table, title, shares)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _questions(report: MonthlyReport) -> Iterator[_Question]:
    yield _Question(
        Text("attainment", "时限达成"),
        (Text("by", "维度"), Text("value", "取值"), *_CLOCK_HEADINGS),
        _attainment_sums(report),
    )
    yield _Question(
        Text("attainment detail", "达成明细"),
        (*(texts.DIMENSIONS[d] for d in Dimension), *_CLOCK_HEADINGS),
        _attainment(report),
    )
    yield _Question(
        Text("first-time fix", "一次修复"),
        (
            _MONTH,
            _STATION,
            _PRODUCT,
            Text("repaired", "修复单数"),
            Text("first time", "一次修复"),
            Text("first time %", "一次修复率"),
        ),
        _first_time_fix(report),
    )
    yield _Question(
        Text("satisfaction", "满意度"),
        (
            _MONTH,
            _STATION,
            Text("calls due", "应回访"),
            Text("answered", "已评分"),
            Text("satisfied", "满意"),
            Text("satisfied %", "满意率"),
            Text("mean score (1-5)", "平均分"),
            Text("complaints", "投诉"),
        ),
        _satisfaction(report),
    )
    yield _Question(
        Text("parts used", "备件消耗"),
        (
            _MONTH,
            _STATION,
            Text("part id", "备件编号"),
            Text("part", "备件"),
            Text("used", "消耗"),
            Text("returned", "旧件返还"),
        ),
        _parts_used(report),
    )
    yield _Question(
        Text("technicians", "技术员绩效"),
        (
            _MONTH,
            Text("technician id", "技术员编号"),
            Text("technician", "技术员"),
            _STATION,
            Text("visits", "任务数"),
            Text("first-time fix %", "一次修复率"),
            Text("on time %", "按时率"),
            Text("travel h", "路程（小时）"),
            Text("overtime h", "加班（小时）"),
        ),
        _technicians(report),
    )


def _attainment_sums(report: MonthlyReport) -> Iterator[tuple[Cell, ...]]:
    for dimension in Dimension:
        for row in summed_by(report.attainment, dimension):
            yield texts.DIMENSIONS[dimension].both, row.value, *_clock_cells(row)


def _attainment(report: MonthlyReport) -> Iterator[tuple[Cell, ...]]:
    for row in report.attainment:
        yield (
            month_text(row.month),
            row.province,
            row.station,
            row.product,
            row.customer,
            *_clock_cells(row),
        )


def _clock_cells(row: AttainmentRow | AttainmentSum) -> tuple[Cell, ...]:
    clock, share = texts.CLOCKS[row.clock].both, _share(row.kept_permille)
    return clock, row.counted, row.kept, row.broken, share


def _first_time_fix(report: MonthlyReport) -> Iterator[tuple[Cell, ...]]:
    for row in report.first_time_fix:
        share = _share(row.first_time_permille)
        month = month_text(row.month)
        yield month, row.station, row.product, row.repaired, row.first_time, share


def _satisfaction(report: MonthlyReport) -> Iterator[tuple[Cell, ...]]:
    for row in report.satisfaction:
        yield (
            month_text(row.month),
            row.station,
            row.due,
            row.answered,
            row.satisfied,
            _share(row.satisfied_permille),
            Decimal(row.score_sum) / row.answered if row.answered else None,
            row.complaints,
        )


def _parts_used(report: MonthlyReport) -> Iterator[tuple[Cell, ...]]:
    for row in report.parts_used:
        yield month_text(row.month), row.station, row.part_id, row.part, row.used, row.returned


def _technicians(report: MonthlyReport) -> Iterator[tuple[Cell, ...]]:
    for row in report.technicians:
        yield (
            month_text(row.month),
            row.technician_id,
            row.technician,
            row.station,
            row.visits,
            _share(row.first_time_permille),
            _share(row.kept_permille),
            Decimal(row.travel_s) / 3600,
            Decimal(row.overtime_s) / 3600,
        )


def _months(report: MonthlyReport) -> str:
    first, last = month_text(report.first_month), month_text(report.last_month)
    return first if first == last else f"{first} – {last}"


def _share(value_permille: int | None) -> Decimal | None:
    return None if value_permille is None else Decimal(value_permille).scaleb(-3)
