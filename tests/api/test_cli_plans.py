"""Plans in the database as dispatchers make, change and publish them on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from dispatch.domain.plan import Plan
from dispatch.exchange.documents import read_plan
from dispatch.store.checking import check
from dispatch.store.database import Database
from tests.api.conftest import QUICK, Run
from tests.databases import Files, Server

COMMANDS = ("assign", "unassign", "swap", "pin", "unpin", "publish", "plans", "diff")


@pytest.fixture(name="url")
def _url(
    request: pytest.FixtureRequest, databases: Files | Server, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The database of the commands, with an organisation and, for ``draft``, a plan."""
    planned = "draft" in request.fixturenames
    url = databases.filled(request.getfixturevalue("init_and_plan" if planned else "init"))
    monkeypatch.setenv("DISPATCH_DATABASE_URL", url)
    return url


@pytest.fixture(name="draft")
def _draft(url: str) -> int:
    assert url
    return 1


def _json(run: Run, *arguments: object) -> Any:  # noqa: ANN401
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _served(run: Run, version: object) -> dict[str, list[str]]:
    """The technicians of each visit."""
    rows = _json(run, "show", version, "--by", "visit")
    return {row["visit_id"]: row["technician_ids"] for row in rows}


def _alone(run: Run, version: object) -> list[str]:
    return [v for v, people in _served(run, version).items() if len(people) == 1]


def _illegal(run: Run, version: object) -> tuple[str, str]:
    """A visit, and somebody for it for whom a rule is broken."""
    served = _served(run, version)
    people = {person for crew in served.values() for person in crew}
    for visit in _alone(run, version):
        for technician in sorted(people - {*served[visit]}):
            tried = _json(run, "assign", visit, technician, "--dry-run")
            if tried["change"]["effect"]["broken"]:
                return visit, technician
    raise AssertionError("there is no such visit")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    assert run(command, "--help").exit_code == 0
    assert f" {command} " in run("--help").output


def test_plan_saves_a_draft_and_says_how_to_publish(url: str, run: Run, tmp_path: Path) -> None:
    assert url
    out = tmp_path / "copy.plan.json"
    made = run("plan", *QUICK, "--out", out, "--lang", "en")
    assert made.exit_code == 0, made.output
    for text in ("manual dispatcher", "cost, yuan", "The plan is draft 1", "dispatch publish 1"):
        assert text in made.stdout
    assert "草案 2" in run("plan", *QUICK, "--lang", "zh").stdout
    plan: Plan = read_plan(out).plan
    assert {s.visit_id for r in plan.routes for s in r.stops} - {None} == {
        v for v, people in _served(run, 1).items() if people
    }


def test_a_version_is_shown_explained_compared_and_exported(
    run: Run, draft: int, tmp_path: Path
) -> None:
    visit = _alone(run, draft)[0]
    assert run("show", "draft", "--by", "technician", "--lang", "en").exit_code == 0
    assert visit in run("explain", draft, visit, "--lang", "en").output
    assert run("compare", "draft", draft).exit_code == 0
    out = tmp_path / "plan.xlsx"
    assert run("export", "draft", "--format", "excel", "--out", out).exit_code == 0
    assert out.exists()
    missing = run("show", "published", "--lang", "en")
    assert (missing.exit_code, "dispatch plans" in missing.output) == (2, True)


def test_a_file_of_that_name_comes_first(
    run: Run,
    draft: int,
    plan_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert draft
    monkeypatch.chdir(tmp_path)
    (tmp_path / "draft").write_bytes(plan_file.read_bytes())
    assert _json(run, "show", "draft")["kpis"] == _json(run, "show", plan_file)["kpis"]


def test_publish_tells_people_once(url: str, run: Run, draft: int) -> None:
    done = _json(run, "publish")
    assert done["version"] == draft
    assert done["bookings"] > 0
    assert {n["to"] for n in done["notices"]} == {"technician", "customer"}
    again = run("publish", draft, "--lang", "en")
    assert (again.exit_code, "only drafts" in again.output) == (2, True)
    (version,) = _json(run, "plans")
    assert version["state"] == "published"
    database = Database(url)
    assert check(database) == ()
    database.close()


def test_publish_is_said_in_both_languages(run: Run, draft: int) -> None:
    assert run("publish", "--base", 5, "--lang", "en").exit_code == 2
    said = run("publish", "--lang", "zh").output
    assert f"版本 {draft} 已发布" in said
    assert "待通知" in said
    assert "published" in run("plans", "--lang", "en").output


def test_assign_shows_what_it_does_then_does_it(run: Run, draft: int) -> None:
    before = _served(run, draft)
    visit = _alone(run, draft)[0]
    (technician,) = before[visit]
    out = run("unassign", visit, "--lang", "en")
    assert (out.exit_code, f"{visit} is no longer planned" in out.output) == (0, True)
    without = _served(run, draft)
    assert without == {**before, visit: []}
    tried = run("assign", visit, technician, "--dry-run", "--lang", "en")
    assert f"{visit} is planned now" in tried.output
    assert _served(run, draft) == without
    done = run("assign", visit, technician, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert f"Draft {draft} has it" in done.output
    assert _served(run, draft) == before


def test_a_broken_rule_needs_a_reason_which_is_shown_with_the_plan(run: Run, draft: int) -> None:
    visit, technician = _illegal(run, draft)
    refused = run("assign", visit, technician, "--lang", "en")
    assert refused.exit_code == 1
    assert "breaks" in refused.stdout
    assert "--force" in refused.stderr
    forced = run("assign", visit, technician, "--force", "客户要求", "--lang", "en")
    assert forced.exit_code == 0
    for shown in (("show", "draft"), ("show", "draft", "--by", "technician")):
        assert "客户要求" in run(*shown, "--lang", "zh").output
    assert "客户要求" in run("publish", "--lang", "en").output
    assert {f["reason"] for f in _json(run, "show", "published")["forced"]} == {"客户要求"}


def test_the_published_plan_is_changed_and_published_at_once(run: Run, draft: int) -> None:
    assert run("publish").exit_code == 0
    visit = _alone(run, "published")[0]
    done = _json(run, "unassign", visit, "--publish")
    assert done["published"]["replaced"] == draft
    assert visit in {n["visit_id"] for n in done["published"]["notices"]}
    assert _served(run, "published")[visit] == []
    said = run("diff", draft, "published", "--lang", "en").output
    assert f"{visit} is no longer planned" in said
    assert f"{visit} 不再排入" in run("diff", draft, "published", "--lang", "zh").output
    assert "plan the same" in run("diff", "published", "published", "--lang", "en").output


def test_a_forced_change_is_published_with_whatever_else_is_broken(run: Run, draft: int) -> None:
    visit, technician = _illegal(run, draft)
    other = next(v for v in _alone(run, draft) if v != visit)
    people = {person for crew in _served(run, draft).values() for person in crew}
    somebody = next(p for p in sorted(people) if p not in _served(run, draft)[other])
    assert run("pin", other, "--technician", somebody).exit_code == 0
    done = _json(run, "assign", visit, technician, "--force", "客户要求", "--publish")
    assert {f["reason"] for f in done["published"]["forced"]} == {"客户要求"}
    assert other in {f["subject"] for f in done["published"]["forced"]}


@pytest.mark.parametrize("wrong", [("plans", "--before"), ("publish", "--base"), ("show",)])
def test_numbers_that_are_too_large_are_wrong_input(
    url: str, run: Run, wrong: tuple[str, ...]
) -> None:
    assert url
    assert run(*wrong, "9" * 20).exit_code == 2


def test_two_visits_are_swapped(run: Run, draft: int) -> None:
    before = _served(run, draft)
    first, second = next(
        (a, b) for a in _alone(run, draft) for b in _alone(run, draft) if before[a] != before[b]
    )
    done = run("swap", first, second, "--force", "test", "--lang", "en")
    assert done.exit_code == 0, done.output
    after = _served(run, draft)
    assert (after[first], after[second]) == (before[second], before[first])


def test_pins_are_set_as_planned_and_taken_away(run: Run, draft: int) -> None:
    visit = _alone(run, draft)[0]
    pinned = _json(run, "pin", visit, "--reason", "promised")
    assert pinned["pin"]["after"]["technician_id"] == _served(run, draft)[visit][0]
    assert pinned["pin"]["after"]["start_at"]
    assert pinned["effect"]["broken"] == []
    assert "Pinned" in run("explain", draft, visit, "--lang", "en").output
    assert run("unpin", visit, "--lang", "zh").exit_code == 0
    assert run("unpin", visit, "--lang", "en").exit_code == 2
    nothing = run("pin", "V-none", "--lang", "zh")
    assert (nothing.exit_code, "没有未完成的任务" in nothing.output) == (2, True)


def test_a_later_plan_goes_on_from_the_published_one(run: Run, draft: int) -> None:
    assert run("publish").exit_code == 0
    made = _json(run, "plan", *QUICK)
    assert (made["base"], made["merged"]) == (draft, [])
    assert _json(run, "publish")["replaced"] == draft


def test_without_a_plan_every_command_says_how_to_make_one(url: str, run: Run) -> None:
    assert url
    for command in (("publish",), ("unassign", "V1"), ("diff", "1", "2")):
        said = run(*command, "--lang", "en")
        assert said.exit_code == 2
        assert "dispatch plan" in said.output


def test_assign_without_a_technician_shows_places_and_books_one(run: Run, draft: int) -> None:
    visit = _alone(run, draft)[0]
    asked = _json(run, "assign", visit, "--most", 3)
    numbers = [option["number"] for option in asked["options"]]
    assert "1" in numbers
    shown = run("assign", visit, "--lang", "en").output
    for text in ("Who could take it", "adds, yuan", f"--on {draft} --take"):
        assert text in shown
    assert "谁可以承担" in run("assign", visit, "--lang", "zh").output
    before = _served(run, draft)
    assert run("assign", visit, "--take", numbers[-1], "--dry-run").exit_code == 0
    assert _served(run, draft) == before
    done = run("assign", visit, "--take", numbers[-1], "--most", 3, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert f"Draft {draft} has it" in done.output
    seats = {seat["technician_id"] for seat in asked["options"][-1]["seats"]}
    assert set(_served(run, draft)[visit]) == seats


def test_a_place_that_is_not_there_is_wrong_input(run: Run, draft: int) -> None:
    visit = _alone(run, draft)[0]
    for wrong in (("--take", "999"), ("--take", "x"), ("--after", visit)):
        assert run("assign", visit, *wrong, "--lang", "en").exit_code == 2
    assert run("assign", "V-none", "--lang", "zh").exit_code == 2
    assert run("assign", visit, "T-any", "--take", 1).exit_code == 2


def test_who_could_take_a_visit_is_said_of_a_plan_file_too(run: Run, plan_file: Path) -> None:
    visit = _alone(run, plan_file)[0]
    asked = _json(run, "assign", visit, "--on", plan_file)
    assert [option["number"] for option in asked["options"]]
    assert "Next:" not in run("assign", visit, "--on", plan_file, "--lang", "en").output
