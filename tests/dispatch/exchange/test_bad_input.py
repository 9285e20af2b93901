"""Broken files, tables and cells: each error names its place, its value and what would be right."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from dispatch.exchange import DataError, DataErrors, load_organisation
from tests.dispatch.exchange.small import TEXTS, change, write_small


def _errors(path: Path) -> tuple[DataError, ...]:
    with pytest.raises(DataErrors) as caught:
        load_organisation(path)
    return caught.value.errors


CELLS = [
    # table, text, what it becomes, row, column, value, part of the message
    ("visits", "W1,60", "W1,soon", 2, "duration_min", "soon", "minutes, more than 0"),
    ("visits", "W1,60", "W1,0", 2, "duration_min", "0", "more than 0"),
    ("visits", "W1,60", "W1,NaN", 2, "duration_min", "NaN", "minutes, more than 0"),
    ("visits", "W1,60", "W1,0.001", 2, "duration_min", "0.001", "whole number"),
    ("visits", "W1,60", "W1,60 years", 2, "duration_min", "60 years", "for example 90, 1:30"),
    ("visits", "gps:2", "gps;gps:2", 2, "skills", "gps;gps:2", "twice"),
    ("visits", "sim*2", "sim*0", 2, "parts", "sim*0", "parts with their quantity"),
    ("visits", "V1,W1", "V1,W9", 2, "work_order", "W9", "no such id in work_orders"),
    ("visits", "V1,W1", "V1,", 2, "work_order", "", "must not be blank"),
    ("visits", "sim*2", "simm*2", 2, "parts", "simm", "Did you mean 'sim'?"),
    ("visits", "ladder,,T1", "ladder,,T7", 3, "wished_technician", "T7", "in technicians"),
    ("visits", "V2,W2", "V1,W2", 3, "id", "V1", "already in row 2"),
    ("visits", ",T1\n", ",T1,oops\n", 3, None, "oops", "no heading"),
    ("technicians", "240,6", "-5,6", 2, "max_travel_min", "-5", "0 or more"),
    ("technicians", "240,6", "240,2.5", 2, "max_visits", "2.5", "whole number"),
    ("technicians", "T1,Wang", "1.23E+17,Wang", 2, "id", "1.23E+17", "lost digits"),
    ("technician_skills", "2026-12-31", "2026-02-30", 2, "expires_on", "2026-02-30", "no such day"),
    ("technician_skills", "2026-12-31", "46387", 2, "expires_on", "46387", "such as 2026-09-29"),
    ("technician_skills", "gps,2", "gps,0", 2, "level", "0", "1 or more"),
    ("technician_territories", "primary", "main", 2, "coverage", "main", "primary (主责), backup"),
    ("van_stock", "T1,sim,3", "T1,sim,-3", 2, "quantity", "-3", "0 or more"),
    ("van_stock", "T1,sim,3", "T1,sim,3\nT1,sim,4", 3, "technician / part", "T1 / sim", "row 2"),
    ("stock", "5", "five", 2, "quantity", "five", "whole number"),
    ("stations", "41.80", "91.80", 2, "latitude", "91.80", "-90 to 90"),
    ("stations", "41.80", "inf", 2, "latitude", "inf", "-90 to 90"),
    ("stations", "41.80,123.43", "87.6,43.8", 2, "latitude / longitude", "87.6 / 43.8", "swapped"),
    ("sites", "S1,Depot", "SY,Depot", 2, "id", "SY", "a station has this id"),
    ("customers", "C1", "C1;C2", 2, "id", "C1;C2", "without semicolons"),
    ("parts", "esim\n", "sim\n", 2, "substitutes", "sim", "cannot replace itself"),
    ("exclusions", "T2,,S2", "T2,C1,S2", 2, "customer / site", "C1 / S2", "one of them"),
    ("shifts", "workdays,08:00", "workdays,25:00", 2, "start", "25:00", "such as 08:30"),
    ("shifts", "workdays", "someday", 2, "days", "someday", "Mon-Fri, daily"),
    ("shifts", "30/45", "30", 2, "breaks", "11:30-12:30", "earliest start-latest start/minutes"),
    ("absences", "09-29 15:00", "09-29 12:00", 2, "to", "2026-09-29 12:00", "must be after from"),
    ("absences", "09-30 08:00", "09-29 14:00", 3, "from", "2026-09-29 14:00", "overlaps row 2"),
    ("calendars", "12:00;13:00", "14:00;13:00", 3, "hours", "09:00-14:00;13:00-19:30", "overlap"),
    ("calendars", "09:00-12", "12:30-12", 3, "hours", "12:30-12:00;13:00-19:30", "end after"),
    ("calendar_days", "no,", "perhaps,", 2, "working", "perhaps", "yes or no"),
    ("sla_rules", "20.50", "20.505", 2, "late_yuan_per_h", "20.505", "at most 2 digits"),
    ("sla_rules", "arrive,4,always", "arrive,,always", 3, "hours", "", "a clock needs it"),
    ("sla_rules", "arrive,4,always", ",4,", 3, "hours", "4", "belongs to a clock"),
    ("sla_rules", "12,office", "12,ofice", 4, "calendar", "ofice", "Did you mean 'office'?"),
    ("sla_rules", "urgent,,emergency,a", "urgent,,high,a", 3, "priority", "high", "row 2 has"),
    ("work_orders", "2026-09-29 06:00", "yesterday", 2, "reported_at", "yesterday", "local day"),
    ("work_orders", "2026-09-29 06:00", "2026-09-29 24:30", 2, "reported_at", None, "no such day"),
    ("gates", "12:00,yes", "12:00,yes\nW2,rain,2026-09-28 17:00,,,", 3, "kind", "rain", "quote"),
    ("gates", "17:00,,", "17:00,2026-09-28 16:30,", 2, "passed_at", None, "after opened_at"),
    ("visit_windows", "30 09:00", "29 10:00", 3, "from", "2026-09-29 10:00", "overlaps row 2"),
    ("links", "V1,V2", "V1,V3", 2, "then_visit", "V3", "no such id in visits"),
    ("links", "V1,V2", "V2,V2", 2, "then_visit", "V2", "cannot depend on itself"),
    ("links", "0,480", "500,480", 2, "max_lag_min", "480", "after min_lag_min (500)"),
    ("pins", "V2,T1", "V2,", 2, "visit", "V2", "a pin needs"),
    ("pins", "T1,,", "T1,,V2", 2, "after_visit", "V2", "after itself"),
    ("published", "T1;T2", "T1;T3", 2, "technicians", "T3", "no such id in technicians"),
    ("policies", "2.5", "lots", 2, "clock_factor", "lots", "1.3 or 130%"),
    ("policies", "mine,20000", "mine,-1", 2, "unassigned_emergency_yuan", "-1", "0 or more"),
    ("speed_bands", "road,", "road,60", 3, "up_to_km", "60", "leave it blank"),
    ("speed_bands", "city,15", "city,", 2, "up_to_km", "", "only the last band"),
    ("travel", "S2,S1,5300,89000\n", "", None, "from", "S2", "the first is to S1"),
    ("organisation", "2026-09-29 07:30", "now", 5, "planning_at", "now", "2026-09-29 08:00"),
    ("organisation", "name,Small", "nam,Small", 3, "nam", "nam", "Did you mean 'name'?"),
    ("organisation", "key,value\n", "key,value\nid,x\n", 3, "id", "small", "twice"),
    (
        "organisation",
        "id,small",
        "id,small\ntime_zone,Mars",
        3,
        "time_zone",
        "Mars",
        "Asia/Shanghai",
    ),
    (
        "organisation",
        "id,small",
        "id,small\ndefault_policy,balance",
        3,
        "default_policy",
        "balance",
        "Did you mean 'balanced'?",
    ),
]


@pytest.mark.parametrize(("table", "old", "new", "row", "column", "value", "said"), CELLS)
def test_a_broken_cell(
    tmp_path: Path,
    table: str,
    old: str,
    new: str,
    row: int | None,
    column: str | None,
    value: str | None,
    said: str,
) -> None:
    write_small(tmp_path)
    change(tmp_path, table, old, new)
    found = [e for e in _errors(tmp_path) if said in e.message_en]
    assert [(e.file, e.row, e.column) for e in found] == [(f"{table}.csv", row, column)]
    assert value is None or found[0].value == value
    assert found[0].message_zh


TABLES = [
    # table, its new text or bytes, row, column, value, part of the message
    ("technicians", b"", None, None, None, "it is empty; the first row"),
    ("technicians", b" \n\n", None, None, None, "it is empty; the first row"),
    ("technicians", b"id,name,station\nT1,\xff\xfe\x00W,SY\n", None, None, None, "UTF-8"),
    ("technicians", "id,name,station\nT1,王,SY\n".encode("utf-16"), None, None, None, "UTF-8"),
    ("technicians", b'id,name,station\nT1,"Wang,SY\n', 2, None, None, "quotation mark"),
    ("technicians", b'id,name,station\nT1,"Wa"ng",SY\n', 2, None, None, "quotation mark"),
    ("technicians", b"id,name\nT1,Wang\n", 1, "station", None, "station is missing"),
    ("technicians", b"id,name,statoin\nT1,W,SY\n", 1, "statoin", "statoin", "mean 'station'?"),
    ("technicians", b"id,name,name,station\nT1,W,W,SY\n", 1, "name", "name", "there twice"),
    ("technicians", b"id,,name,station\nT1,4,W,SY\n", 2, None, "4", "no heading"),
    ("organisation", b"key\nid\n", 1, "value", None, "value is missing"),
    ("organisation", b"key,value\nid,x\n", 1, "name", None, "name is missing"),
    ("technisians", b"id\nT1\n", None, None, "technisians", "Did you mean 'technicians'?"),
    ("Technicians ", b"id,name,station\n", None, None, None, "is also in"),
    ("客户", "编号,名称\nC1,Taxi\n".encode(), None, None, None, "is also in"),
]


@pytest.mark.parametrize(("table", "content", "row", "column", "value", "said"), TABLES)
def test_a_broken_table(
    tmp_path: Path,
    table: str,
    content: bytes,
    row: int | None,
    column: str | None,
    value: str | None,
    said: str,
) -> None:
    write_small(tmp_path)
    (tmp_path / f"{table}.csv").write_bytes(content)
    found = [e for e in _errors(tmp_path) if said in e.message_en]
    assert len(found) == 1
    assert (found[0].row, found[0].column) == (row, column)
    assert value is None or found[0].value == value
    assert found[0].message_zh


def test_a_missing_table(tmp_path: Path) -> None:
    (write_small(tmp_path) / "visits.csv").unlink()
    missing = [e for e in _errors(tmp_path) if e.message_en == "the table visits is missing"]
    assert [(e.file, e.value) for e in missing] == [(tmp_path.name, "visits")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone", None, "no such folder or workbook"),
        ("notes.xlsx", b"hello", "no workbook that can be read"),
        ("empty.xlsx", b"", "no workbook that can be read"),
        ("visits.csv", b"id\nV1\n", "give the folder"),
    ],
)
def test_paths_that_are_no_input(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (found,) = _errors(tmp_path / name)
    assert said in found.message_en
    assert name in found.file


def test_a_folder_without_tables(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("hello", encoding="utf-8")
    (found,) = _errors(tmp_path)
    assert (found.file, "no .csv file" in found.message_en) == (tmp_path.name, True)


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.xlsx", "w") as archive:
        archive.writestr("visits.csv", "id\nV1\n")
    (found,) = _errors(tmp_path / "data.xlsx")
    assert (found.file, "save it as .xlsx" in found.message_en) == ("data.xlsx", True)


def _workbook() -> Workbook:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, text in TEXTS.items():
        sheet = workbook.create_sheet(name)
        for line in text.splitlines():
            sheet.append([cell or None for cell in line.split(",")])
    return workbook


def test_a_formula_that_failed(tmp_path: Path) -> None:
    workbook = _workbook()
    workbook["technicians"]["D2"] = "#REF!"  # the column may be blank, so it must not be lost
    workbook.save(tmp_path / "small.xlsx")
    (found,) = _errors(tmp_path / "small.xlsx")
    assert (found.file, found.row) == ("small.xlsx [technicians]", 2)
    assert (found.column, found.value) == ("max_travel_min", "#REF!")
    assert "formula in this cell failed" in found.message_en


def test_a_broken_cell_of_a_workbook(tmp_path: Path) -> None:
    workbook = _workbook()
    workbook["visits"].insert_rows(2, 3)
    workbook["visits"]["C5"] = -4
    workbook.save(tmp_path / "small.xlsx")
    (found,) = _errors(tmp_path / "small.xlsx")
    assert (found.file, found.row, found.column) == ("small.xlsx [visits]", 5, "duration_min")
    assert found.value == "-4"


def test_an_unknown_sheet(tmp_path: Path) -> None:
    workbook = _workbook()
    workbook.create_sheet("Sheet1")
    workbook.save(tmp_path / "small.xlsx")
    (found,) = _errors(tmp_path / "small.xlsx")
    assert (found.file, found.value) == ("small.xlsx [Sheet1]", "Sheet1")
    assert "no table of this name" in found.message_en


def test_a_heading_is_named_as_it_was_written(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "visits", "duration_min", "维修时长(分钟)")
    change(tmp_path, "visits", "W1,60", "W1,soon")
    (found,) = _errors(tmp_path)
    assert found.column == "维修时长(分钟)"


def test_rows_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "customers", "C1,Taxi One,gold", '\nC1,"Taxi\nOne",gold\n\n,Bus,')
    (found,) = _errors(tmp_path)
    assert (found.row, found.column, found.value) == (6, "id", "")


def test_a_time_that_the_clock_skips(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "organisation", "shift_calendar", "time_zone,Europe/Berlin\nshift_calendar")
    change(tmp_path, "absences", "2026-09-29 13:00", "2026-03-29 02:30")
    (found,) = _errors(tmp_path)
    assert (found.row, found.value) == (2, "2026-03-29 02:30")
    assert "go forward" in found.message_en


def test_all_errors_of_all_tables_come_at_once(tmp_path: Path) -> None:
    write_small(tmp_path)
    change(tmp_path, "visits", "W1,60", "W1,soon")
    change(tmp_path, "visits", "V2,W2", "V2,W8")
    change(tmp_path, "stations", "41.80", "hot")
    change(tmp_path, "shifts", "30/45", "30/0")
    change(tmp_path, "technicians", "id,name", "id,nom")
    (tmp_path / "customers.csv").unlink()  # its sites are not blamed for it
    errors = [e for e in _errors(tmp_path) if e.file != tmp_path.name]
    places = [(e.file, e.row, e.column) for e in errors]
    assert places == [
        ("shifts.csv", 2, "breaks"),
        ("stations.csv", 2, "latitude"),
        ("technicians.csv", 1, "nom"),
        ("technicians.csv", 1, "name"),
        ("visits.csv", 2, "duration_min"),
        ("visits.csv", 3, "work_order"),
    ]


def test_thousands_of_wrong_ids_are_all_reported(tmp_path: Path) -> None:
    write_small(tmp_path)
    rows = "".join(f"V{i},X{i},30,,,,,\n" for i in range(10, 5010))
    change(tmp_path, "visits", "V2,W2", f"{rows}V2,W2")
    assert len(_errors(tmp_path)) == 5000
