"""``dispatch export --format pdf``: work order forms."""

import json
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from tests.api.conftest import Run


def page_count(path: Path) -> int:
    with PdfDocument(path) as document:
        return len(document)


def visit_ids(plan_file: Path) -> list[str]:
    """The planned visits, route by route."""
    plan = json.loads(plan_file.read_text(encoding="utf-8"))["plan"]
    stops = [stop for route in plan["routes"] for stop in route["stops"]]
    return [stop["visit_id"] for stop in stops if stop["kind"] == "visit"]


def test_every_planned_visit_has_a_form(run: Run, plan_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "forms.pdf"
    result = run("export", plan_file, "--format", "pdf", "--out", out, "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert page_count(out) >= len(set(visit_ids(plan_file))) > 1


def test_one_visit_is_one_form(run: Run, plan_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "form.pdf"
    visit_id = visit_ids(plan_file)[0]
    result = run("export", plan_file, "--format", "pdf", "--out", out, "--visit", visit_id)
    assert result.exit_code == 0, result.output
    assert page_count(out) == 1


def test_a_technicians_day_that_is_not_there_says_which_are(
    run: Run, plan_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "day.pdf"
    plan = json.loads(plan_file.read_text(encoding="utf-8"))["plan"]
    technician_id = plan["routes"][0]["technician_id"]
    chosen = ("--technician", technician_id)
    result = run("export", plan_file, "--format", "pdf", "--out", out, *chosen)
    assert result.exit_code == 0, result.output
    refused = run(
        *("export", plan_file, "--format", "pdf", "--out", tmp_path / "x.pdf"),
        *(*chosen, "--day", "2000-01-01", "--lang", "en"),
    )
    assert refused.exit_code == 2
    assert "has no route on 2000-01-01; there are routes on" in refused.stderr
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "csv", "--visit", "V1"), "--format pdf"),
        (("--format", "pdf", "--visit", "V1", "--technician", "T1"), "--visit"),
        (("--format", "pdf", "--day", "2026-09-29"), "--technician"),
    ],
)
def test_choices_that_make_no_sense_are_wrong_usage(
    run: Run, plan_file: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("export", plan_file, "--out", tmp_path / "x", *arguments, "--lang", "en")
    assert result.exit_code == 2
    assert said in result.stderr
