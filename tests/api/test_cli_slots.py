"""Slots as dispatchers ask for them on the command line, and hold them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Run
from tests.databases import Files, Fill


@pytest.fixture(name="draft")
def _draft(files: Files, monkeypatch: pytest.MonkeyPatch, init_and_plan: Fill) -> int:
    """A database of the commands, with an organisation and a draft."""
    monkeypatch.setenv("DISPATCH_DATABASE_URL", files.filled(init_and_plan))
    return 1


def _json(run: Run, *arguments: object) -> Any:  # noqa: ANN401
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _free(run: Run, version: int) -> str:
    """A visit that has slots and that people were not told of."""
    rows = _json(run, "show", version, "--by", "visit")
    for row in rows:
        found = run("slots", row["visit_id"], "--late", "--json")
        if found.exit_code == 0 and json.loads(found.stdout):
            held = run("slots", row["visit_id"], "--late", "--hold", 1, "--json")
            if held.exit_code == 0:
                assert run("slots", row["visit_id"], "--release").exit_code == 0
                return str(row["visit_id"])
    raise AssertionError("no visit of the small organisation has a slot")


def test_a_slot_is_offered_held_listed_and_confirmed(draft: int, run: Run) -> None:
    visit = _free(run, draft)
    offered = _json(run, "slots", visit, "--late", "--expect", 2)
    assert all(slot["pushed_out"] is not None for slot in offered)
    held = _json(run, "slots", visit, "--late", "--expect", 2, "--hold", 1, "--minutes", 30)
    assert held["window"] == offered[0]["window"]
    assert [row["visit_id"] for row in _json(run, "slots", "--held")] == [visit]
    assert visit in run("slots", "--held", "--lang", "zh").output
    assert _json(run, "slots", visit, "--confirm")["window"] == held["window"]
    assert _json(run, "slots", "--held") == []
    assert "Nothing is held" in run("slots", "--held", "--lang", "en").output


def test_what_is_not_held_cannot_be_confirmed(draft: int, run: Run) -> None:
    visit = _free(run, draft)
    for what in ("--confirm", "--release"):
        done = run("slots", visit, what, "--lang", "en")
        assert (done.exit_code, visit in done.output) == (2, True)
    done = run("slots", visit, "--late", "--hold", 99, "--lang", "en")
    assert (done.exit_code, "no slot 99" in done.output) == (2, True)


def test_a_plan_file_is_asked_too(run: Run, plan_file: Path) -> None:
    rows = _json(run, "show", plan_file, "--by", "visit")
    for lang in ("en", "zh"):
        for row in rows[:3]:
            done = run("slots", row["visit_id"], "--plan", plan_file, "--late", "--lang", lang)
            assert done.exit_code == 0, done.output


def test_something_has_to_be_named(run: Run) -> None:
    assert run("slots").exit_code == 2


def test_the_help_is_there(run: Run) -> None:
    assert "--hold" in run("slots", "--help").output
