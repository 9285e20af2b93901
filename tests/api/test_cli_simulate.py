"""``dispatch simulate``, ``simulate replay`` and ``simulate fit`` as people type them."""

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook
from rich.console import Console

from api.views.simulate import show_result
from dispatch.domain.referee import judge
from dispatch.domain.rules import Violation
from dispatch.exchange import load_organisation
from dispatch.exchange.documents import read_plan
from dispatch.texts import Language, rule
from dispatch.travel import travel_of
from scenarios.simulation.measures import BrokenByPlan, DayFigures, Result
from scenarios.simulation.rates import Illness, assumed_rates, read_rates, write_rates
from tests.api.conftest import Run, run_dispatch
from tests.builders import TIME_ZONE, at
from tests.databases import Files, Fill
from tests.scenarios.simulation_world import MONDAY


@dataclass(frozen=True)
class Lived:
    """A week in which nobody falls ill, with three tickets a day, and its reports."""

    log: Path
    page: str
    book: Workbook
    said: str
    facts: dict[str, Any]


@pytest.fixture(scope="module", name="lived")
def _lived(organisation: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("weeks")
    log, out, rates = folder / "week.jsonl", folder / "week.json", folder / "rates.json"
    page, book, spells = folder / "week.html", folder / "week.xlsx", folder / "spells.json"
    known = load_organisation(organisation)
    third = str(known.planning_at.astimezone(ZoneInfo(known.time_zone)).date() + timedelta(days=2))
    heat = {"name": "heat <40>", "first": third, "last": third, "demand": 1.5}
    spells.write_text(json.dumps({"spells": [heat]}), encoding="utf-8")
    usual = assumed_rates(known)
    write_rates(replace(usual, remote=0.25, illness=Illness(per_1000_days=0.0)), rates)
    words: tuple[object, ...] = ("--weeks", 1, "--tickets", 3, "--rates", rates, "--cores", 1)
    words += ("--routine", "every-240", "--iterations", 20, "--log", log, "--out", out)
    words += ("--out", page, "--out", book, "--spells", spells)
    done = run_dispatch("simulate", organisation, *words, "--lang", "en")
    assert done.exit_code == 0, done.output
    facts = json.loads(out.read_text(encoding="utf-8"))
    return Lived(log, page.read_text(encoding="utf-8"), load_workbook(book), done.stdout, facts)


def test_the_screen_says_what_was_simulated(lived: Lived) -> None:
    words = " ".join(lived.said.split())  # lines end where the screen does
    assert "3 tickets a day in the mean" in words
    assert "25 % are solved remotely" in words
    assert "broke" not in words
    rows = {line[:16]: line.split() for line in lived.said.splitlines()}
    assert rows["technicians ill "][2] == "0"
    days = lived.facts["results"][0]["days"]
    assert len(days) == 7
    assert sum(day["visits"] for day in days) > 0
    assert [day["plan_violations"] for day in days] == [[]] * 7


def test_the_screen_says_which_rules_plans_broke() -> None:
    wrong = Violation("break", "T1@0", 300, technician_id="T1", shift_id="T1@0")
    day = DayFigures(MONDAY, plan_violations=[BrokenByPlan(at(12, day=14), wrong)])
    console = Console(record=True, width=120, file=StringIO())
    show_result(console, [Result((day,), MONDAY, True, 0)], ZoneInfo(TIME_ZONE), Language.EN)
    said = console.export_text()
    assert "Plans broke 1 rule." in said
    assert f"Mon 12 Oct 12:00 {rule('break', Language.EN)} (break) T1@0 T1 5 min" in said


def test_the_reports_say_what_was_counted(lived: Lived, run: Run) -> None:
    assert not re.search(r"(src|href)=|url\(|@import|<script|https?:", lived.page)
    assert lived.page.count("<svg") == 6
    assert "heat &lt;40&gt;" in lived.page
    for line in lived.said.splitlines()[:1]:
        assert line.split("·")[1].strip() in lived.page
    figures, facts = lived.facts["figures"], lived.facts
    days = facts["results"][0]["days"]
    counted = days[facts["warm_up"] :]
    key = _rows(lived.book, "Key figures")
    assert key["tickets a day"][1] == pytest.approx(figures["tickets"]["value"], abs=0.001)
    kept = 100 * figures["on_time_arrive"]["value"]
    assert key["on time: arrive, %"][1] == pytest.approx(kept, abs=0.001)
    waits = {row[0]: row[1] for row in _rows(lived.book, "Hours until").values()}
    assert waits == {
        priority: count
        for priority in ("emergency", "high", "normal", "low")
        if (count := sum(len(day["waits_s"][priority]) for day in counted))
    }
    costs = sum(row[1] for row in _rows(lived.book, "Cost by item").values())
    assert costs == pytest.approx(sum(facts["cost_fen_per_day"].values()) / 100)
    by_day = _rows(lived.book, "Day by day")
    assert [row[2] for row in by_day.values()] == [day["tickets"] for day in days]
    assert [row[1] for row in by_day.values()][:3] == ["warm-up", None, "heat <40>"]
    refused = run("simulate", "--out", "week.pdf", "--lang", "en")
    assert refused.exit_code == 2
    assert "week.pdf: a report is a file .html or .xlsx or .json" in refused.output


def _rows(book: Workbook, title: str) -> dict[Any, tuple[Any, ...]]:
    """The rows of the sheet whose name has a title, by their first cell."""
    sheet = next(sheet for sheet in book.worksheets if title in sheet.title)
    return {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}


def test_an_instant_can_be_looked_at(lived: Lived, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "then.plan.json"
    first = lived.facts["first"]
    done = run("simulate", "replay", lived.log, "--at", f"{first}T12:00", "--out", out)
    assert done.exit_code == 0, done.output
    assert str(out) in done.stdout
    found = read_plan(out)
    assert judge(found.snapshot, found.plan, travel_of(found.snapshot)).violations == ()
    assert run("show", out, "--by", "technician", "--lang", "zh").exit_code == 0
    too_early = run("simulate", "replay", lived.log, "--at", "2020-01-01T00:00", "--lang", "en")
    assert too_early.exit_code == 2
    assert "has no plan by then" in too_early.output


def test_rates_come_from_the_record(
    files: Files, init: Fill, run: Run, organisation: Path, tmp_path: Path
) -> None:
    url, out = files.filled(init), tmp_path / "rates.json"
    early = run("simulate", "fit", out, "--lang", "en", url=url)
    assert early.exit_code == 2
    assert "rates need 7 or more" in early.output
    made = run("import", organisation, "--history", 2, url=url)
    assert made.exit_code == 0, made.output
    done = run("simulate", "fit", out, "--lang", "en", url=url)
    assert done.exit_code == 0, done.output
    rates = read_rates(out)
    assert f"{rates.tickets_per_day:.1f} tickets a day" in done.stdout
    assert "Counted:" in done.stdout
    cities = {site.city for site in load_organisation(organisation).sites}
    assert {flow.city for flow in rates.flows} <= cities
