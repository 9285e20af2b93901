"""``dispatch repair`` on a plan file and on the published plan of a database."""

import json
from pathlib import Path
from typing import Any

import pytest

from dispatch.exchange.documents import read_plan
from tests.api.conftest import Run
from tests.databases import Files, Fill, Server

QUICK = ("--iterations", 20, "--cores", 1)
NOON = ("--at", "2026-09-07T10:30")


def _json(run: Run, *arguments: object) -> Any:  # noqa: ANN401
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _busiest(plan_file: Path) -> str:
    routes = read_plan(plan_file).plan.routes
    return max(routes, key=lambda route: len(route.stops)).technician_id


def test_the_ways_to_go_on_are_shown_in_both_languages(run: Run, plan_file: Path) -> None:
    event = ("--ill", _busiest(plan_file))
    english = run("repair", plan_file, *NOON, *event, *QUICK, "--lang", "en")
    assert english.exit_code == 0, english.output
    for text in ("What can be done", "do nothing", "late"):
        assert text in english.stdout
    assert "维持原样" in run("repair", plan_file, *NOON, *event, *QUICK, "--lang", "zh").stdout


def test_the_way_that_is_taken_is_a_plan_file_like_any_other(
    run: Run, plan_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "repaired.plan.json"
    event = ("--late", f"{_busiest(plan_file)}=12:00")
    found = _json(run, "repair", plan_file, *NOON, *event, *QUICK, "--take", 1, "--out", out)
    assert found["taken"] == found["alternatives"][0]["kind"]
    shown = _json(run, "show", out)
    assert shown["kpis"]
    again = _json(run, "repair", out, "--at", "2026-09-07T12:30", *event[:1], event[1], *QUICK)
    assert again["alternatives"]


@pytest.mark.parametrize(
    "event",
    [
        ("--ill", "nobody"),
        ("--late", "T0001"),
        ("--overrun", "V00001=soon"),
        ("--missing", "sim"),
        ("--closed", "here-there"),
        ("--emergency", "nowhere=90"),
        ("--cancel", "V9"),
        ("--late", "T0001=25:00"),
    ],
)
def test_what_means_nothing_is_refused(run: Run, plan_file: Path, event: tuple[str, str]) -> None:
    done = run("repair", plan_file, *NOON, *event, *QUICK, "--lang", "en")
    assert done.exit_code == 2, done.output


def test_a_file_needs_the_time(run: Run, plan_file: Path) -> None:
    done = run("repair", plan_file, *QUICK, "--lang", "en")
    assert (done.exit_code, "--at" in done.output) == (2, True)


def test_the_published_plan_is_repaired_into_a_draft(
    databases: Files | Server, monkeypatch: pytest.MonkeyPatch, run: Run, init_and_plan: Fill
) -> None:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", databases.filled(init_and_plan))
    refused = run("repair", *QUICK, "--lang", "en")
    assert (refused.exit_code, "published" in refused.output) == (2, True)
    assert run("publish").exit_code == 0
    rows = _json(run, "show", "published", "--by", "visit")
    technician = next(row["technician_ids"][0] for row in rows if row["technician_ids"])
    found = _json(run, "repair", "--ill", technician, *QUICK, "--take", 1)
    assert found["version"] == 2
    moved = _json(run, "show", 2, "--by", "visit")
    assert moved != rows
    assert run("publish", 2).exit_code == 0
    cancelled = run("repair", "--cancel", rows[0]["visit_id"], "--lang", "zh")
    assert (cancelled.exit_code, "dispatch record" in cancelled.output) == (2, True)
