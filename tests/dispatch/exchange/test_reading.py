from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from dispatch.domain.calendars import CalendarDay, HourRange
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import (
    Absence,
    BreakPattern,
    Certificate,
    Coverage,
    ShiftKind,
    TerritoryCover,
)
from dispatch.domain.places import Datum, Point, StationKind, ToolStock
from dispatch.domain.sla import ProvinceRelation
from dispatch.domain.snapshot import SpeedBand, TravelSettings
from dispatch.domain.work import ClockKind, Gate, GateKind, Link, Pin, Priority, SkillNeed, Window
from dispatch.exchange import DataErrors, load_organisation
from tests.dispatch.exchange.small import TEXTS, change, write_small


def _utc(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of September 2026, given as local time of Shanghai."""
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_every_column_arrives_in_its_field(tmp_path: Path) -> None:
    read = load_organisation(write_small(tmp_path))
    assert (read.id, read.name, read.home_province) == ("small", "Small service", "Liaoning")
    assert (read.time_zone, read.planning_at) == ("Asia/Shanghai", _utc(29, 7, 30))
    assert (read.horizon_days, read.default_policy) == (1, "balanced")
    assert (read.shift_calendar_id, read.provisional_years) == ("office", ())

    station = read.stations[0]
    assert station.kind is StationKind.STATION
    assert station.point == Point(41.80, 123.43, Datum.WGS84)
    assert (station.pickup_s, station.tools) == (600, (ToolStock("crane", 1),))
    assert read.customers[0].tier == "gold"
    assert [(s.id, s.customer_id, s.territory) for s in read.sites] == [
        ("S1", "C1", "shenyang"),
        ("S2", "C1", "anshan"),
    ]
    assert [(p.id, p.substitutes) for p in read.parts] == [("sim", ("esim",)), ("esim", ())]
    assert read.lots[0].available_at == read.planning_at

    wang, li = read.technicians
    assert (wang.max_travel_s, wang.max_visits, li.max_travel_s) == (240 * 60, 6, None)
    assert wang.certificates == (Certificate("gps", 2, date(2026, 12, 31)),)
    assert li.territories == (TerritoryCover("shenyang", Coverage.BACKUP),)
    assert wang.absences == (
        Absence(_utc(29, 13), _utc(29, 15), "doctor"),
        Absence(_utc(30, 8), _utc(30, 9)),
    )
    assert (wang.van_stock, wang.tools) == ((PartQuantity("sim", 3),), ("ladder",))
    assert (li.excluded_customers, li.excluded_sites) == ((), ("S2",))

    day, week, night = read.shift_patterns
    assert (day.days, day.start, day.end, day.max_overtime_s) == (
        "workdays",
        time(8),
        time(17),
        3600,
    )
    assert day.breaks == (BreakPattern(time(11, 30), time(12, 30), 45 * 60),)
    assert week.days == "Mon,Tue,Wed,Thu,Fri"
    assert (night.days, night.kind) == ("2026-10-01", ShiftKind.STANDBY)

    urgent, home = read.sla_rules
    assert (urgent.priority, home.priority) == (Priority.EMERGENCY, None)
    assert home.relation is ProvinceRelation.IN_PROVINCE
    assert [(c.kind, c.length_s) for c in urgent.clocks] == [
        (ClockKind.RESPOND, 3600),
        (ClockKind.ARRIVE, 4 * 3600),
    ]
    assert (urgent.clocks[0].breach_fen, urgent.clocks[0].late_fen_per_h) == (20_000, 2_050)

    assert [order.priority for order in read.work_orders] == [Priority.EMERGENCY, Priority.NORMAL]
    assert read.work_orders[1].gates == (
        Gate(GateKind.QUOTE, _utc(28, 17), None, _utc(29, 12), waits_for_customer=True),
    )
    first, second = read.visits
    assert (first.duration_s, first.run_in_s, first.skills) == (
        3600,
        18_000,
        (SkillNeed("gps", 2),),
    )
    assert first.windows == (
        Window(_utc(29, 9), _utc(29, 11)),
        Window(_utc(30, 9), _utc(30, 11)),
    )
    assert (first.parts, second.parts) == ((PartQuantity("sim", 2),), (PartQuantity("esim", 1),))
    assert (second.tools, second.wished_technician_id) == (("ladder",), "T1")
    assert second.stops == tuple(ClockKind)
    assert read.links == (Link("V1", "V2", 0, 480 * 60),)
    assert read.pins == (Pin("V2", "T1"),)
    assert read.published[0].technician_ids == ("T1", "T2")
    assert (read.policies[0].name, read.policies[0].clock_permille) == ("mine", 2500)
    assert read.policies[0].unassigned_fen.low == 200_000
    assert read.travel.bands == (SpeedBand("city", 15_000, 30), SpeedBand("road", None, 60))
    assert read.travel.table is not None
    assert read.travel.table.place_ids == ("SY", "S1", "S2")
    assert read.travel.table.seconds[1] == (600, 0, 5300)


def test_calendars_hold_public_holidays_and_the_own_days(tmp_path: Path) -> None:
    always, office = load_organisation(write_small(tmp_path)).calendars
    assert (always.hours, always.days) == ((), ())
    assert office.hours == (HourRange(time(9), time(12)), HourRange(time(13), time(19, 30)))
    working = office.working_by_day
    assert working[date(2026, 10, 1)] is False
    assert working[date(2026, 9, 20)] is True  # a Sunday, made up for the holiday
    assert CalendarDay(date(2026, 9, 30), False, "Stocktaking") in office.days
    assert list(working) == sorted(working)


def test_without_a_country_only_the_own_days_count(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "organisation", "shift_calendar", "public_holidays,none\nshift_calendar")
    _, office = load_organisation(tmp_path).calendars
    assert [day.day for day in office.days] == [date(2026, 9, 30)]


def test_optional_tables_may_be_absent_or_empty(tmp_path: Path) -> None:
    write_small(tmp_path)
    for table in ("travel", "speed_bands", "policies", "links", "published", "absences"):
        (tmp_path / f"{table}.csv").unlink()
    (tmp_path / "pins.csv").write_text("visit,technician\n", encoding="utf-8")
    read = load_organisation(tmp_path)
    assert read.travel == TravelSettings()
    assert (read.policies, read.links, read.pins) == ((), (), ())


CHINESE = {
    "客户": "编号,名称,等级\nC1,Taxi One,gold\n",
    "技术员责任区": "技术员,责任区,职责\nT1,shenyang,主责\nT2,shenyang,后备\n",
    "班次": (
        "技术员,日子,开始,结束,类型,最长加班（分钟）,休息\n"
        "T1,工作日,8:00,17：00,常规,60,11:30-12:30/45 分钟\n"
        "T2,周一至周五,08:30,17:30,,,\n"
        "T2,2026年10月1日,20:00,08:00,值班,,\n"
    ),
    "任务": (
        "编号,派工单,维修时长(分钟),技能,备件,工具,试运行(分钟),期望技术员\n"
        "V1,W1,1 小时,gps：2,sim×2,,5小时,\nV2,W2,45,gps,esim,ladder,,T1\n"
    ),
}
ENGLISH = {
    "客户": "customers",
    "技术员责任区": "technician_territories",
    "班次": "shifts",
    "任务": "visits",
}


def test_chinese_names_headings_and_words_mean_the_same(tmp_path: Path) -> None:
    expected = load_organisation(write_small(tmp_path))
    for name, text in CHINESE.items():
        (tmp_path / f"{ENGLISH[name]}.csv").unlink()
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert load_organisation(tmp_path) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "gbk"])
def test_encodings_in_which_spreadsheets_save(tmp_path: Path, encoding: str) -> None:
    write_small(tmp_path)
    text = TEXTS["customers"].replace("Taxi One", "沈阳出租一公司")
    (tmp_path / "customers.csv").write_text(text, encoding=encoding)
    assert load_organisation(tmp_path).customers[0].name == "沈阳出租一公司"


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("customers", "id,name,tier", "ID / 编号, Name ,等级"),
        ("customers", "id,name,tier\nC1,Taxi One,gold", "tier,remark,name,id\ngold,!,Taxi One,C1"),
        ("technicians", "max_travel_min", "Max Travel Min"),
        ("technicians", "240", "4:00"),
        ("technicians", "240", "4 h"),
        ("policies", "2.5", "250%"),
        ("work_orders", "2026-09-29 06:00", "2026/9/29 6:00"),
        ("work_orders", "2026-09-29 06:00", "2026-09-28T22:00:00Z"),
        ("work_orders", "2026-09-29 06:00", "2026-09-29T07:00+0900"),
        ("visit_windows", "2026-09-30 09:00", "2026-09-30T09:00:00"),
        ("gates", "yes", "TRUE"),
        ("gates", "yes", "是 / yes"),
        ("visits", "V1,W1", "\n\nV1,W1"),
        ("sla_rules", "in_province", "In Province / 省内"),
        ("visit_windows", "V1,2026-09-29 09:00,2026-09-29 11:00\n", ""),
    ],
)
def test_ways_of_writing_the_same(tmp_path: Path, table: str, old: str, new: str) -> None:
    expected = load_organisation(write_small(tmp_path))
    change(tmp_path, table, old, new)
    if not new:  # the order of windows does not matter
        change(tmp_path, table, "11:00\n", "11:00\nV1,2026-09-29 09:00,2026-09-29 11:00\n")
    assert load_organisation(tmp_path) == expected


def test_a_link_without_order(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "links", "V1,V2,0,480", "V1,V2,none,")
    assert load_organisation(tmp_path).links == (Link("V1", "V2", None),)


def test_a_day_alone_is_its_first_instant(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "work_orders", "2026-09-28 16:00", "2026-09-28")
    assert load_organisation(tmp_path).work_orders[1].reported_at == _utc(28, 0)


def test_local_times_are_those_of_the_organisation(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "organisation", "shift_calendar", "time_zone,Europe/Berlin\nshift_calendar")
    read = load_organisation(tmp_path)
    assert read.planning_at == datetime(2026, 9, 29, 5, 30, tzinfo=UTC)
    assert {calendar.time_zone for calendar in read.calendars} == {"Europe/Berlin"}


def _workbook(path: Path) -> Workbook:
    """The small organisation as a workbook of texts."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, text in TEXTS.items():
        sheet = workbook.create_sheet(name)
        for line in text.splitlines():
            sheet.append([cell or None for cell in line.split(",")])
    workbook.save(path)
    return workbook


def test_a_workbook_of_texts_says_the_same_as_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    _workbook(tmp_path / "small.xlsx")
    assert load_organisation(tmp_path / "small.xlsx") == load_organisation(write_small(folder))


def test_what_excel_makes_of_cells(tmp_path: Path) -> None:
    path = tmp_path / "small.xlsx"
    workbook = _workbook(path)
    workbook["customers"]["A2"] = 1001
    for row in (2, 3):
        workbook["sites"][f"C{row}"] = 1001.0
    workbook["organisation"]["B5"] = datetime(2026, 9, 29, 7, 30)  # noqa: DTZ001 as Excel has it
    workbook["shifts"]["C2"] = time(8)
    workbook["shifts"]["B4"] = date(2026, 10, 1)
    workbook["technician_skills"]["D2"] = datetime(2026, 12, 31)  # noqa: DTZ001 as Excel has it
    workbook["visits"]["C2"] = timedelta(hours=1)
    workbook["sla_rules"]["H2"] = 20.1 + 0.4
    workbook["policies"]["F2"] = 2.5
    workbook["policies"]["F2"].number_format = "0%"
    workbook["gates"]["F2"] = True
    workbook["visit_windows"]["B3"] = datetime(2026, 9, 30)  # noqa: DTZ001 as Excel has it
    workbook.save(path)
    read = load_organisation(path)
    assert read.customers[0].id == read.sites[0].customer_id == "1001"
    assert read.planning_at == _utc(29, 7, 30)
    assert (read.shift_patterns[0].start, read.shift_patterns[2].days) == (time(8), "2026-10-01")
    assert read.technicians[0].certificates[0].expires_on == date(2026, 12, 31)
    assert (read.visits[0].duration_s, read.visits[0].windows[1].open_at) == (3600, _utc(30, 0))
    assert read.sla_rules[0].clocks[0].late_fen_per_h == 2_050
    assert read.policies[0].clock_permille == 2_500
    assert read.work_orders[1].gates[0].waits_for_customer


def test_errors_know_both_languages(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "visits", "gps:2", "gps:0")
    with pytest.raises(DataErrors) as caught:
        load_organisation(tmp_path)
    english, chinese = str(caught.value).splitlines()
    assert english.startswith(
        "visits.csv, row 2, skills: 'gps:0': expected skills with their level"
    )
    assert chinese.startswith("visits.csv，第 2 行，skills: 'gps:0': 应填技能及等级")
