"""The monthly report: sums, shares, and the workbook read back."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from dispatch.domain.reporting import (
    AttainmentRow,
    Dimension,
    FirstTimeFixRow,
    MonthlyReport,
    PartsUsedRow,
    SatisfactionRow,
    TechnicianRow,
    permille,
    summed_by,
)
from dispatch.domain.work import ClockKind
from dispatch.exchange.report_excel import write_monthly_report

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def attained(
    month: date = SEPTEMBER,
    province: str = "辽宁",
    customer: str = "沈阳出租",
    clock: ClockKind = ClockKind.ARRIVE,
    counted: int = 4,
    kept: int = 3,
) -> AttainmentRow:
    return AttainmentRow(month, province, "沈阳", "终端", customer, clock, counted, kept)


REPORT = MonthlyReport(
    organisation="辽宁 & Co",
    first_month=AUGUST,
    last_month=SEPTEMBER,
    attainment=(
        attained(AUGUST, counted=2, kept=2),
        attained(counted=4, kept=3),
        attained(province="吉林", counted=6, kept=2),
        attained(clock=ClockKind.RESPOND, counted=0, kept=0),
    ),
    first_time_fix=(FirstTimeFixRow(SEPTEMBER, "沈阳", "终端", repaired=8, first_time=7),),
    satisfaction=(
        SatisfactionRow(
            SEPTEMBER, "沈阳", due=9, answered=4, satisfied=3, score_sum=17, complaints=1
        ),
        SatisfactionRow(
            SEPTEMBER, "大连", due=2, answered=0, satisfied=0, score_sum=0, complaints=0
        ),
    ),
    parts_used=(PartsUsedRow(SEPTEMBER, "沈阳", "SIM-4G", "=物联网卡", used=12, returned=10),),
    technicians=(
        TechnicianRow(
            SEPTEMBER,
            "SY-01",
            "王伟",
            "沈阳",
            visits=20,
            repairs=16,
            first_time=14,
            clocks=40,
            kept=39,
            travel_s=90_000,
            overtime_s=5400,
        ),
    ),
)

_ROWS = st.builds(
    AttainmentRow,
    month=st.sampled_from([AUGUST, SEPTEMBER]),
    province=st.sampled_from(["辽宁", "吉林"]),
    station=st.sampled_from(["沈阳", "大连"]),
    product=st.sampled_from(["终端", "SIM"]),
    customer=st.sampled_from(["A", "B", "C"]),
    clock=st.sampled_from(ClockKind),
    counted=st.just(9),
    kept=st.integers(0, 9),
)


# --------------------------------------------------------------------------------------- rows


def test_broken_clocks_and_shares_follow_from_the_counts() -> None:
    row = attained(counted=3, kept=2)
    assert (row.broken, row.kept_permille) == (1, 666)


def test_where_nothing_counts_there_is_no_share() -> None:
    assert permille(0, 0) is None
    assert attained(counted=0, kept=0).kept_permille is None


@given(st.lists(_ROWS, max_size=20), st.sampled_from(Dimension))
def test_sums_lose_no_clock_in_any_dimension(
    rows: list[AttainmentRow], dimension: Dimension
) -> None:
    sums = summed_by(rows, dimension)
    assert len({(s.value, s.clock) for s in sums}) == len(sums)
    counted: Counter[ClockKind] = Counter()
    kept: Counter[ClockKind] = Counter()
    for row in rows:
        counted[row.clock] += row.counted
        kept[row.clock] += row.kept
    for summed in sums:
        counted[summed.clock] -= summed.counted
        kept[summed.clock] -= summed.kept
    assert not any(counted.values())
    assert not any(kept.values())


def test_sums_are_by_value_then_clock() -> None:
    sums = summed_by(REPORT.attainment, Dimension.PROVINCE)
    assert [(s.value, s.clock, s.counted, s.kept) for s in sums] == [
        ("吉林", ClockKind.ARRIVE, 6, 2),
        ("辽宁", ClockKind.RESPOND, 0, 0),
        ("辽宁", ClockKind.ARRIVE, 6, 5),
    ]


def test_rows_for_programs_are_plain_and_have_the_shares() -> None:
    rows = REPORT.as_rows()
    assert rows["attainment"][1] == {
        "month": "2026-09",
        "province": "辽宁",
        "station": "沈阳",
        "product": "终端",
        "customer": "沈阳出租",
        "clock": "arrive",
        "counted": 4,
        "kept": 3,
        "broken": 1,
        "kept_permille": 750,
    }
    assert rows["first_time_fix"][0]["first_time_permille"] == 875
    assert rows["satisfaction"][1]["satisfied_permille"] is None
    assert rows["parts_used"][0]["used"] == 12
    assert rows["technicians"][0]["kept_permille"] == 975


# ----------------------------------------------------------------------------------- workbook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "new" / "report.xlsx"
    write_monthly_report(REPORT, path)
    return path


def sheet_rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    heading, *rows = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def test_each_question_has_a_sheet_named_in_both_languages(path: Path) -> None:
    assert load_workbook(path).sheetnames == [
        "时限达成 attainment",
        "达成明细 attainment detail",
        "一次修复 first-time fix",
        "满意度 satisfaction",
        "备件消耗 parts used",
        "技术员绩效 technicians",
    ]


def test_attainment_is_summed_up_by_every_dimension(path: Path) -> None:
    rows = sheet_rows(path, "时限达成 attainment")
    arrive = [r for r in rows if r["时限 clock"] == "到场 arrive"]
    found = {(r["维度 by"], r["取值 value"]): r["按时率 kept %"] for r in arrive}
    assert found == {
        ("月份 month", "2026-08"): 1.0,
        ("月份 month", "2026-09"): 0.5,
        ("省份 province", "辽宁"): 0.833,
        ("省份 province", "吉林"): 0.333,
        ("服务站 station", "沈阳"): 0.583,
        ("产品 product", "终端"): 0.583,
        ("客户 customer", "沈阳出租"): 0.583,
    }
    assert {r["超时 broken"] for r in arrive if r["取值 value"] == "吉林"} == {4}


def test_a_share_of_nothing_is_an_empty_cell(path: Path) -> None:
    detail = sheet_rows(path, "达成明细 attainment detail")
    assert [r["按时率 kept %"] for r in detail] == [1.0, 0.75, 0.333, None]
    satisfaction = sheet_rows(path, "满意度 satisfaction")
    assert [r["平均分 mean score (1-5)"] for r in satisfaction] == [4.25, None]


def test_technicians_have_hours_and_shares(path: Path) -> None:
    (row,) = sheet_rows(path, "技术员绩效 technicians")
    assert row["任务数 visits"] == 20
    assert row["一次修复率 first-time fix %"] == 0.875
    assert row["按时率 on time %"] == 0.975
    assert row["路程（小时） travel h"] == 25
    assert row["加班（小时） overtime h"] == 1.5


def test_shares_are_shown_as_per_cent_and_names_are_never_formulas(path: Path) -> None:
    book = load_workbook(path)
    assert book["达成明细 attainment detail"]["J3"].number_format == "0.0%"
    assert book["备件消耗 parts used"]["D2"].value == "=物联网卡"
    assert book["备件消耗 parts used"]["D2"].data_type == "s"


def test_every_sheet_prints_landscape_with_headings_and_title_on_each_page(path: Path) -> None:
    for sheet in load_workbook(path).worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.oddHeader is not None
        assert sheet.oddFooter is not None
        assert sheet.oddFooter.right.text == "&P / &N"
        assert sheet.oddHeader.left.text == "辽宁 && Co 2026-08 – 2026-09"


def test_an_empty_report_is_a_workbook_with_headings_only(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    write_monthly_report(MonthlyReport("x", AUGUST, AUGUST), path)
    assert {sheet.max_row for sheet in load_workbook(path).worksheets} == {1}
