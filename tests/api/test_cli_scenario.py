"""``dispatch scenario`` as people type it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from dispatch.exchange.documents import write_snapshot
from tests.scenarios.laboratories import busy_day

TEXT = """name: one more
base: base.json
seeds: 2
iterations: 40
changes:
  - {change: hire, like: T1}
sweep:
  - {change: {change: overtime}, vary: minutes, values: [0, 120]}
suggest:
  target: {clock: arrive, percent: 100}
  measures:
    - {change: {change: overtime, minutes: 60}, yuan: 100}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scenarios")
    write_snapshot(busy_day(), made / "base.json")
    (made / "one.yaml").write_text(TEXT, encoding="utf-8")
    (made / "two.yaml").write_text(
        TEXT.replace("one more", "two more").replace("like: T1", "like: T1, count: 2"),
        encoding="utf-8",
    )
    return made


def call(folder: Path, *words: str) -> Result:
    results = str(folder / "results")
    return CliRunner().invoke(
        app, ["scenario", *words, "--results", results, "--processes", "1", "--lang", "en"]
    )


def test_run_compare_and_report(folder: Path) -> None:
    page, book = folder / "out.html", folder / "out.xlsx"
    done = call(folder, "run", str(folder / "one.yaml"), "--out", str(page), "--out", str(book))
    assert done.exit_code == 0, done.output
    assert "1 more technician like T1" in done.output
    assert "on time: arrive" in done.output
    assert page.exists()
    assert book.exists()
    again = call(folder, "run", str(folder / "one.yaml"), "--json")
    (found,) = json.loads(again.stdout)["comparisons"]
    assert found["seeds"] == 2
    assert {f["code"] for f in found["figures"]} >= {"total_fen", "clock:arrive", "load:T1"}
    both = call(folder, "compare", str(folder / "one.yaml"), str(folder / "two.yaml"), "--json")
    (beside,) = json.loads(both.stdout)["comparisons"]
    assert (beside["before"], beside["after"]) == ("one more", "two more")


def test_sweep_bottlenecks_and_suggest(folder: Path) -> None:
    swept = call(folder, "sweep", str(folder / "one.yaml"), "--json")
    assert [p["values"] for p in json.loads(swept.stdout)["points"]] == [[0], [120]]
    held = call(folder, "bottlenecks", str(folder / "one.yaml"))
    assert held.exit_code == 0
    suggested = call(folder, "suggest", str(folder / "one.yaml"))
    assert "Target: 100 % on time (arrive)" in suggested.output


def test_what_the_file_does_not_ask_cannot_be_answered(folder: Path) -> None:
    plain = folder / "plain.yaml"
    plain.write_text("name: plain\nbase: base.json\n", encoding="utf-8")
    refused = call(folder, "sweep", str(plain))
    assert refused.exit_code == 2
    assert "sweep is missing" in refused.output


def test_a_report_of_no_known_form_is_refused_before_anything_is_planned(folder: Path) -> None:
    refused = call(folder, "run", str(folder / "one.yaml"), "--out", "report.pdf")
    assert refused.exit_code == 2
    assert "report.pdf" in refused.output


def test_mistakes_are_said_with_their_places(folder: Path) -> None:
    wrong = folder / "wrong.yaml"
    wrong.write_text(TEXT.replace("T1", "T9"), encoding="utf-8")
    refused = call(folder, "run", str(wrong))
    assert refused.exit_code == 2
    assert "wrong.yaml, row 6, changes 1, like: 'T9'" in refused.output


def test_the_schema_of_scenario_files_is_printed() -> None:
    printed = CliRunner().invoke(app, ["schema", "scenario"])
    assert "changes" in json.loads(printed.stdout)["properties"]
