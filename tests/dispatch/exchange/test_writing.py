from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook

from dispatch.domain.calendars import CalendarDay
from dispatch.domain.organisation import Organisation
from dispatch.exchange import (
    DataErrors,
    load_organisation,
    write_folder,
    write_template,
    write_workbook,
)
from dispatch.exchange.tables import TABLES
from dispatch.texts import Language
from tests.dispatch.exchange.drawn import organisations
from tests.dispatch.exchange.small import TEXTS, write_small

_EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_EXAMPLES
@given(organisation=organisations)
def test_a_written_folder_reads_back_as_it_was(organisation: Organisation) -> None:
    with TemporaryDirectory() as folder:
        for lang in Language:
            write_folder(organisation, Path(folder), lang)
            assert load_organisation(Path(folder)) == organisation


@settings(_EXAMPLES, max_examples=10)
@given(organisation=organisations)
def test_a_written_workbook_reads_back_as_it_was(organisation: Organisation) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "organisation.xlsx"
        write_workbook(organisation, path)
        assert load_organisation(path) == organisation


@pytest.fixture(name="small")
def _small(tmp_path: Path) -> Organisation:
    folder = tmp_path / "small"
    folder.mkdir()
    return load_organisation(write_small(folder))


def test_equal_organisations_make_equal_files(tmp_path: Path, small: Organisation) -> None:
    write_folder(small, tmp_path / "one")
    write_folder(load_organisation(tmp_path / "one"), tmp_path / "two")
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_public_holidays_are_not_written_but_the_own_days_are(
    tmp_path: Path, small: Organisation
) -> None:
    write_folder(small, tmp_path)
    days = (tmp_path / "calendar_days.csv").read_text(encoding="utf-8-sig")
    assert days == "calendar,day,working,name\noffice,2026-09-30,no,Stocktaking\n"
    assert "public_holidays,CN\n" in (tmp_path / "organisation.csv").read_text(encoding="utf-8-sig")


def test_days_without_the_public_holidays_are_all_written(
    tmp_path: Path, small: Organisation
) -> None:
    own = (CalendarDay(date(2026, 10, 1), True, "open as usual"),)
    calendars = tuple(replace(calendar, days=own) for calendar in small.calendars)
    changed = replace(small, calendars=calendars)
    write_folder(changed, tmp_path)
    assert load_organisation(tmp_path) == changed


def test_chinese_headings_and_words(tmp_path: Path, small: Organisation) -> None:
    write_folder(small, tmp_path, Language.ZH)
    lines = (tmp_path / "technician_territories.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["技术员,责任区,职责", "T1,shenyang,主责", "T2,shenyang,后备"]


def test_tables_that_became_empty_leave_no_file(tmp_path: Path, small: Organisation) -> None:
    write_folder(small, tmp_path)
    write_folder(replace(small, pins=()), tmp_path)
    assert not (tmp_path / "pins.csv").exists()
    assert load_organisation(tmp_path).pins == ()


def test_the_template_explains_every_heading(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx")
    workbook = load_workbook(tmp_path / "template.xlsx")
    assert workbook.sheetnames[0] == "guide·说明"
    for table in TABLES:
        sheet = workbook[f"{table.name}·{table.chinese}"]
        assert sheet.freeze_panes == "B2"
        if table.vertical:
            headings = [cell for (cell,) in sheet["A2" : f"A{sheet.max_row}"]]
        else:
            assert sheet.max_row == 1
            headings = list(sheet[1])
        for column, cell in zip(table.columns, headings, strict=True):
            assert cell.value in (f"{column.name} / {column.chinese}", column.name)
            said = cell.comment.text
            assert column.note.en in said
            assert column.note.zh in said
            assert ("Required" in said) == column.required


def test_the_template_offers_choices(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx")
    sheet = load_workbook(tmp_path / "template.xlsx")["technician_territories·技术员责任区"]
    (choices,) = sheet.data_validations.dataValidation
    assert (str(choices.sqref), choices.formula1) == ("C2:C20000", '"primary / 主责,backup / 后备"')


def test_a_template_that_was_filled_in_is_read(tmp_path: Path, small: Organisation) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path)
    workbook = load_workbook(path)
    for table in TABLES:
        sheet = workbook[f"{table.name}·{table.chinese}"]
        lines = [line.split(",") for line in TEXTS[table.name].splitlines()]
        places = {str(cell.value).split(" / ")[0]: cell for cell in (*sheet[1], *sheet["A"])}
        for line in lines[1:]:
            for name, text in zip(lines[0], line, strict=True):
                if table.vertical and name == "value":
                    sheet.cell(places[line[0]].row, 2).value = text
                elif not table.vertical:
                    sheet.cell(lines.index(line) + 1, places[name].column).value = text
    workbook.save(path)
    assert load_organisation(path) == small


def test_an_empty_template_says_what_is_missing(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx")
    with pytest.raises(DataErrors) as caught:
        load_organisation(tmp_path / "template.xlsx")
    assert [error.column for error in caught.value.errors] == [
        "id / 编号",
        "name / 名称",
        "home_province / 所在省份",
        "planning_at / 计划时刻",
        "shift_calendar / 班次日历",
    ]
