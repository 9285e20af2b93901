"""``dispatch ticket``, ``record``, ``status``, ``report`` and ``form`` as people use them."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from api.opened import whoever
from dispatch.commands.auditing import note
from dispatch.exchange import load_organisation as read_files
from dispatch.store import queries_work
from dispatch.store.database import open_database
from dispatch.store.rows_log import AuditRow
from tests.api.conftest import Run
from tests.databases import Files, Fill, Server


class Desk:
    """Commands on a database with the small organisation, a day after what its data describe."""

    def __init__(self, run: Run, organisation: Path) -> None:
        self._run = run
        self.organisation = read_files(organisation)
        self.day = f"{self.organisation.planning_at:%Y-%m-}{self.organisation.planning_at.day + 1}"

    def says(self, *words: object, code: int = 0, clock: str = "10:00", lang: str = "en") -> str:
        said = self._run(*words, "--now", f"{self.day}T{clock}", "--lang", lang)
        assert said.exit_code == code, said.output
        return said.output

    def ticket(self, number: str = "X1", *more: object) -> str:
        site = self.organisation.sites[0].id
        return self.says("ticket", number, "--site", site, "--product", "p", *more, clock="08:00")


@pytest.fixture(name="desk")
def _desk(
    databases: Files | Server,
    run: Run,
    organisation: Path,
    init: Fill,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", databases.filled(init))
    return Desk(run, organisation)


def test_a_ticket_is_taken_once(desk: Desk) -> None:
    assert "Work order X1 (new): reported. Visits: X1-1." in desk.ticket()
    assert "known already" in desk.ticket()
    assert "alert station" in desk.ticket("X2", "--priority", "emergency")
    said = desk.says("ticket", "X3", "--json", code=2)
    assert "neither equipment nor a site" in said


def test_facts_lead_from_state_to_state(desk: Desk) -> None:
    desk.ticket("X1", "--skip-diagnosis", "--minutes", 30)
    technician = desk.organisation.technicians[0].id
    told = ("--technician", technician, "--start", f"{desk.day}T09:00")
    assert "published" in desk.says("record", "X1", "published", *told, clock="08:10")
    assert "on site" in desk.says("record", "X1", "arrived", "--at", f"{desk.day}T09:00")
    assert "X1-1-F1" in desk.says("record", "X1", "visit_failed", "--reason", "no_access")
    said = desk.says("record", "X1", "arrived", "--visit", "X1-1", code=2, clock="10:05")
    assert "not possible" in said
    assert "Possible then" in said


def test_what_was_recorded_by_mistake_is_taken_back(desk: Desk) -> None:
    desk.ticket("X1", "--skip-diagnosis", "--minutes", 30)
    technician = desk.organisation.technicians[0].id
    told = ("--technician", technician, "--start", f"{desk.day}T09:00")
    desk.says("record", "X1", "published", *told, clock="08:10")
    desk.says("record", "X1", "arrived", "--at", f"{desk.day}T09:00", "--id", "A1")
    desk.says("record", "X1", "repaired", clock="09:30")
    said = desk.says("withdraw", "X1", "A1", "--reason", "slip", code=2, clock="09:31")
    assert "later events rest on it" in said
    desk.says("withdraw", "X1", "repaired", "--reason", "slip", clock="09:32")
    desk.says("record", "X1", "visit_failed", "--reason", "no_access")
    slip = ("withdraw", "X1", "visit_failed", "--reason", "slip", "--id", "U1")
    said = desk.says(*slip, clock="10:02")
    assert "on site" in said
    assert "X1-1-F1" in said
    assert "withdrawn already" in desk.says(*slip, clock="10:03")
    assert "X1: 已发布" in desk.says("withdraw", "X1", "A1", "--reason", "手误", lang="zh")
    assert "(withdrawn)" in desk.says("status", "X1", clock="10:05")
    assert "no event 'A7'" in desk.says("withdraw", "X1", "A7", "--reason", "?", code=2)


def test_details_that_are_wrong_are_named(desk: Desk) -> None:
    desk.ticket()
    assert "amount_fen" in desk.says("record", "X1", "quote_asked", code=2)
    assert "score" in desk.says("record", "X1", "responded", "--score", 3, code=2)
    assert "score 9" in desk.says("record", "X1", "satisfaction_called", "--score", 9, code=2)
    assert "NAME*2" in desk.says("record", "X1", "parts_asked", "--part", "*2", code=2)


def test_the_same_event_id_changes_nothing(desk: Desk) -> None:
    desk.ticket()
    first = json.loads(desk.says("record", "X1", "responded", "--id", "E1", "--json"))
    again = json.loads(desk.says("record", "X1", "responded", "--id", "E1", "--json"))
    assert (first["again"], again["again"]) == (False, True)


def test_the_same_event_id_is_the_same_event_later_too(desk: Desk) -> None:
    """Neither the time nor the visit was given: both are those of the first try."""
    desk.ticket("X1", "--skip-diagnosis", "--minutes", 30)
    technician = desk.organisation.technicians[0].id
    told = ("--technician", technician, "--start", f"{desk.day}T09:00")
    desk.says("record", "X1", "published", *told, clock="08:10")
    desk.says("record", "X1", "arrived", clock="09:00")
    failed = ("record", "X1", "visit_failed", "--reason", "no_access", "--id", "E1", "--json")
    first = json.loads(desk.says(*failed, clock="09:10"))
    again = json.loads(desk.says(*failed, clock="09:20"))
    assert (first["again"], again["again"]) == (False, True)
    assert (first["follow_ups"], first["visit_state"]) == (["X1-1-F1"], "failed")
    other = desk.says(*failed[:-1], "--at", f"{desk.day}T09:11", code=2)
    assert "another event" in other


def test_who_saw_it_says_so_and_who_types_is_on_record(desk: Desk) -> None:
    desk.ticket()
    desk.says("record", "X1", "responded", "--by", "T7")
    facts = json.loads(desk.says("status", "X1", "--json"))
    assert "T7" in [event["by"] for event in facts["events"]]
    known = open_database()
    with known.reading() as session:
        typed = session.scalars(select(AuditRow.done_by).where(AuditRow.command == "record")).all()
    known.close()
    assert typed == [whoever()]


def test_parts_that_were_not_booked_are_listed_as_they_are_settled(desk: Desk, run: Run) -> None:
    desk.ticket("X1", "--skip-diagnosis", "--minutes", 30)
    technician, part = desk.organisation.technicians[0].id, desk.organisation.parts[0].id
    told = ("--technician", technician, "--start", f"{desk.day}T09:00")
    desk.says("record", "X1", "published", *told, clock="08:10")
    desk.says("record", "X1", "arrived", clock="09:00")
    repaired = ("record", "X1", "repaired", "--used", f"{part}*999", "--late", "--id", "E9")
    desk.says(*repaired, code=1)
    assert "E9/parts" in desk.says("status")
    assert run("settle", "E8", "--reason", "a guess", "--lang", "en").exit_code == 2
    assert run("settle", "E9/parts", "--reason", "counted", "--lang", "en").exit_code == 0
    assert "E9/parts" not in desk.says("status")


def test_all_refused_facts_are_exported(desk: Desk) -> None:
    known, at = open_database(), desk.organisation.planning_at
    with known.writing() as session:
        for number in range(51):
            note(session, queries_work.REFUSED, "event", f"E{number}", "T1", at)
    known.close()
    assert len(json.loads(desk.says("status", "--json"))["refused"]) == 51


def test_a_diagnosis_may_be_expected(desk: Desk) -> None:
    desk.ticket("X1", "--diagnosed-by", f"{desk.day}T12:00")
    (waiting,) = [
        found
        for found in json.loads(desk.says("status", "--json"))["lists"]["waiting"]
        if found["work_order_id"] == "X1"
    ]
    assert waiting["expected_at"] is not None


def test_only_states_that_lists_show_are_offered(desk: Desk) -> None:
    assert "published" in desk.says("status", "--state", "open", code=2)


def test_what_a_phone_sends_too_late_is_listed_until_somebody_settles_it(
    desk: Desk, run: Run
) -> None:
    desk.ticket()
    desk.says("record", "X1", "cancelled")
    late = ("record", "X1", "arrived", "--visit", "X1-1", "--late", "--id", "E7")
    assert "Kept for a person" in desk.says(*late, code=1, clock="10:05")
    assert "E7" in desk.says("status")
    assert run("settle", "E7", "--reason", "a mistake", "--lang", "en").exit_code == 0
    assert "E7" not in desk.says("status")


def test_status_shows_one_work_order_in_both_languages(desk: Desk) -> None:
    desk.ticket("X1", "--text", "It is dark")
    english, chinese = desk.says("status", "X1"), desk.says("status", "X1", lang="zh")
    assert "It is dark" in english
    assert "Possible next: " in english
    assert "已报修" in chinese
    assert json.loads(desk.says("status", "X1", "--json"))["state"] == "reported"
    assert "X9" in desk.says("status", "X9", code=2)


def test_status_lists_what_has_to_be_seen_to(desk: Desk) -> None:
    desk.ticket()
    day = json.loads(desk.says("status", "--json"))
    assert "X1" in [w["work_order_id"] for w in day["lists"]["waiting"]]
    assert day["states"]["reported"] == 1
    assert "X1" in desk.says("status", "--state", "reported")
    assert "remote diagnosis" in desk.says("status")
    assert "远程诊断" in desk.says("status", lang="zh")


def test_emergency_plans_are_opened_and_somebody_comes_first(desk: Desk) -> None:
    desk.ticket("X1", "--priority", "emergency", "--skip-diagnosis")
    made = json.loads(desk.says("contain", "X1", "--key", "K1", "--json"))
    assert made == json.loads(desk.says("contain", "X1", "--key", "K1", "--json"))
    desk.says("record", "X1", "emergency_opened")
    assert "X1" in desk.says("status")
    desk.says("escalate")
    assert "No emergency plan is due" in desk.says("escalate")


def test_the_monthly_report_is_a_screen_a_workbook_or_rows(desk: Desk, tmp_path: Path) -> None:
    desk.ticket()
    month = desk.day[:7]
    assert "share" in desk.says("report", month)
    rows = json.loads(desk.says("report", month, "--json"))
    assert {row["month"] for row in rows["attainment"]} == {month}
    book, file = tmp_path / "report.xlsx", tmp_path / "report.json"
    desk.says("report", month, "--out", book)
    desk.says("report", month, "--out", file, "--format", "json")
    assert len(load_workbook(book).worksheets) >= 5
    assert json.loads(file.read_text(encoding="utf-8")) == rows
    assert "--to" in desk.says("report", month, "--to", "2020-01", code=2)
    assert "--out" in desk.says("report", month, "--format", "json", code=2)
    desk.says("report", month, "--out", tmp_path / "new" / "x.json", "--format", "json")
    assert json.loads((tmp_path / "new" / "x.json").read_text(encoding="utf-8")) == rows


def test_forms_need_a_published_plan(desk: Desk, tmp_path: Path) -> None:
    said = desk.says("form", "X1-1", "--out", tmp_path / "form.pdf", code=2)
    assert "published" in said


def test_forms_of_the_published_plan(desk: Desk, run: Run, tmp_path: Path) -> None:
    planned = run("plan", "--iterations", 20, "--json")
    assert planned.exit_code == 0, planned.output
    published = run("publish")
    assert published.exit_code == 0, published.output
    out = tmp_path / "form.pdf"
    desk.says("form", desk.organisation.visits[0].id, "--out", out)
    assert out.read_bytes().startswith(b"%PDF")
