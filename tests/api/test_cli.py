"""The command line as people and programs use it: output, files, exit codes, both languages."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len

from tests.api.conftest import Run

COMMANDS = (
    *("plan", "show", "check", "explain", "compare"),
    *("export", "template", "schema", "generate", "snapshot"),
    *("init", "import", "db"),
)
HEAVY = {
    "numba",
    "numpy",
    "pydantic",
    "openpyxl",
    "python_calamine",
    "geopy",
    "holidays",
    "llvmlite",
    "sqlalchemy",
    "alembic",
    "psycopg",
}


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


# ---------------------------------------------------------------------------------------- help


def test_help_names_every_command_and_the_exit_codes(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f" {command} " in result.output
    assert "Exit codes" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"dispatch {command}" in result.output or f" {command} " in result.output


def test_help_loads_no_heavy_library() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, api.cli; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert HEAVY.isdisjoint(loaded)


def test_help_is_chinese_where_the_locale_is() -> None:
    assert "现场服务派工" in program("--help", LC_ALL="zh_CN.UTF-8").stdout
    assert "Field-service dispatch" in program("--help", LC_ALL="en_US.UTF-8").stdout


# ---------------------------------------------------------------------------------------- plan


def test_plan_shows_key_figures_beside_the_manual_dispatcher(
    run: Run, organisation: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.plan.json"
    result = run("plan", organisation, "--iterations", 20, "--out", out, "--lang", "en")
    assert result.exit_code == 0, result.output
    for text in ("manual dispatcher", "visits planned", "cost, yuan", "total", "dispatch explain"):
        assert text in result.stdout
    assert "Searching" in result.stderr
    assert out.exists()


def test_plan_speaks_chinese(run: Run, organisation: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.plan.json"
    result = run("plan", organisation, "--iterations", 1, "--out", out, "--lang", "zh")
    assert result.exit_code == 0, result.output
    for text in ("人工派工", "已排任务", "成本（元）", "合计"):
        assert text in result.stdout
    assert "正在搜索" in result.stderr


def test_plan_goes_to_the_current_folder_unless_told_otherwise(
    run: Run, organisation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("plan", organisation, "--iterations", 1, "--json")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "small.plan.json").exists()
    assert json.loads(result.stdout)["plan_file"] == "small.plan.json"


def test_same_seed_and_iterations_make_the_same_file(
    run: Run, organisation: Path, plan_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "again.plan.json"
    result = run("plan", organisation, "--iterations", 50, "--out", out)
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == plan_file.read_bytes()


def test_plan_takes_days_and_policy(run: Run, organisation: Path, tmp_path: Path) -> None:
    arguments = ("--from", "2026-09-08", "--days", 1, "--policy", "sla_first")
    result = run(
        *("plan", organisation, *arguments, "--iterations", 1, "--lang", "en"),
        *("--out", tmp_path / "x.json"),
    )
    assert result.exit_code == 0, result.output
    assert "Tue 8 Sep 2026 · policy sla_first" in result.stdout


def test_plan_goes_on_from_a_plan_of_which_the_beginning_stays(
    run: Run, organisation: Path, plan_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "next.plan.json"
    arguments = ("--from-plan", plan_file, "--freeze", "2026-09-07T11:00", "--cores", 1)
    result = run("plan", organisation, *arguments, "--iterations", 20, "--out", out)
    assert result.exit_code == 0, result.output
    before, after = (_starts(path, "2026-09-07T03:00") for path in (plan_file, out))
    assert before
    assert after == before


def _starts(path: Path, until: str) -> set[tuple[str, str, str]]:
    """Technician, visit and start of what a plan file starts before an instant (UTC)."""
    routes = json.loads(path.read_text(encoding="utf-8"))["verdict"]["routes"]
    return {
        (route["technician_id"], stop["visit_id"], stop["start_at"])
        for route in routes
        for stop in route["stops"]
        if stop["visit_id"] is not None and stop["start_at"] < until
    }


def test_freezing_needs_a_plan(run: Run, organisation: Path) -> None:
    result = run("plan", organisation, "--freeze", "2026-09-07T11:00", "--lang", "en")
    assert result.exit_code == 2
    assert "--freeze needs --from-plan" in result.output


def test_ctrl_c_keeps_and_writes_the_best_plan(organisation: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept.plan.json"
    arguments = ("plan", str(organisation), "--seconds", "600", "--out", str(out), "--lang", "en")
    with subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Searching"):
                process.send_signal(signal.SIGINT)
                break
        stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert "Interrupted" in stderr
    assert "visits planned" in stdout
    assert json.loads(out.read_text(encoding="utf-8"))


# ---------------------------------------------------------------------------- wrong usage, input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "atlantis"), "neither a sample"),
        (("plan", "liaoning", "--seconds", "1", "--iterations", "1"), "not both"),
        (("plan", "liaoning", "--days", "0"), "--days"),
        (("plan", "liaoning", "--from", "tomorrow"), "tomorrow"),
        (("plan", "liaoning", "--policy", "cheap"), "balanced"),
        (("show", "missing.plan.json"), "missing.plan.json"),
        (("schema", "route"), "route"),
        (("fly",), "fly"),
    ],
)
def test_wrong_usage_is_said_in_words_with_exit_code_2(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


def test_errors_speak_the_language_asked_for(run: Run) -> None:
    assert "找不到组织" in run("plan", "atlantis", "--lang", "zh").stderr
    assert "No organisation" in run("plan", "atlantis", "--lang", "en").stderr


def test_bad_data_is_reported_with_its_place(run: Run, organisation: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(organisation, broken)
    visits = broken / "visits.csv"
    content = visits.read_text(encoding="utf-8-sig").replace("W00003", "W99999")
    visits.write_text(content, encoding="utf-8")
    result = run("plan", broken, "--lang", "en")
    assert result.exit_code == 2
    assert "visits.csv, row 4" in result.stderr
    assert "W99999" in result.stderr
    assert "Traceback" not in result.output


# ----------------------------------------------------------------------------------------- show


def visit_ids(plan_file: Path, run: Run) -> tuple[list[str], list[str]]:
    """Planned and left-out visits."""
    visits = json.loads(run("show", plan_file, "--by", "visit", "--json").stdout)
    planned = [v["visit_id"] for v in visits if v["technician_ids"]]
    return planned, [v["visit_id"] for v in visits if not v["technician_ids"]]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("by", [(), ("--by", "technician"), ("--by", "visit"), ("--by", "sla")])
def test_views_fit_100_columns_and_have_no_colour_in_a_pipe(
    run: Run, plan_file: Path, by: tuple[str, ...], lang: str
) -> None:
    result = run("show", plan_file, *by, "--lang", lang)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.stdout
    assert max(cell_len(line) for line in result.stdout.splitlines()) <= 100


def test_show_by_technician_has_every_planned_visit_and_the_way_there_and_back(
    run: Run, plan_file: Path
) -> None:
    planned, _ = visit_ids(plan_file, run)
    assert planned
    shown = run("show", plan_file, "--by", "technician", "--lang", "en").stdout
    for visit_id in planned:
        assert visit_id in shown
    assert shown.count("depart") == shown.count("back") > 0


def test_show_by_visit_has_all_visits(run: Run, plan_file: Path) -> None:
    shown = run("show", plan_file, "--by", "visit", "--lang", "zh").stdout
    planned, left_out = visit_ids(plan_file, run)
    assert len(planned) + len(left_out) == 12
    for visit_id in (*planned, *left_out):
        assert visit_id in shown


def test_show_by_sla_puts_the_tightest_clock_first(run: Run, plan_file: Path) -> None:
    clocks = json.loads(run("show", plan_file, "--by", "sla", "--json").stdout)
    tightest = min((c for c in clocks if c["margin_s"] is not None), key=lambda c: c["margin_s"])
    rows = run("show", plan_file, "--by", "sla").stdout.split("─\n", 1)[1].splitlines()
    assert rows[0].startswith(tightest["visit_id"])


def test_show_by_cover_names_backups_and_promises_without(
    run: Run, plan_file: Path, tmp_path: Path
) -> None:
    document = json.loads(plan_file.read_text())
    for rule in document["snapshot"]["sla_rules"]:
        rule["cover_notice_s"] = 600
    asking = tmp_path / "asking.plan.json"
    asking.write_text(json.dumps(document))
    found = json.loads(run("show", asking, "--by", "cover", "--json").stdout)
    assert found["promises"] == len(found["backups"]) + len(found["uncovered"]) > 0
    line = f"{found['covered']} covered, {found['without']} without cover"
    assert line in run("show", asking, "--by", "cover", "--lang", "en").stdout
    assert line in run("show", asking, "--lang", "en").stdout
    assert "备份保障" in run("show", asking, "--by", "cover", "--lang", "zh").stdout
    assert json.loads(run("show", asking, "--json").stdout)["cover"] == found


def test_show_json_holds_key_figures(run: Run, plan_file: Path) -> None:
    facts = json.loads(run("show", plan_file, "--json").stdout)
    assert facts["violations"] == []
    assert facts["kpis"]["planned"] + facts["kpis"]["unassigned"] == 12
    assert sum(facts["cost_fen_by_item"].values()) == facts["kpis"]["total_fen"]


# ---------------------------------------------------------------------------------------- check


def test_check_finds_nothing_in_the_planners_plan(
    run: Run, organisation: Path, plan_file: Path, tmp_path: Path
) -> None:
    snapshot = tmp_path / "snapshot.json"
    assert run("snapshot", organisation, "--out", snapshot).exit_code == 0
    result = run("check", snapshot, plan_file, "--lang", "en")
    assert (result.exit_code, result.stdout.split(":")[0]) == (0, "No rule is broken")


def break_plan(plan_file: Path, broken: Path) -> str:
    """Moves the first route into another technician's shift, and names that shift."""
    document = json.loads(plan_file.read_text(encoding="utf-8"))
    routes: list[dict[str, Any]] = document["plan"]["routes"]
    other = next(r for r in routes if r["technician_id"] != routes[0]["technician_id"])
    routes[0]["shift_id"] = other["shift_id"]
    broken.write_text(json.dumps(document), encoding="utf-8")
    return str(other["shift_id"])


def test_check_names_every_violation_and_exits_with_1(
    run: Run, plan_file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.plan.json"
    shift_id = break_plan(plan_file, broken)
    result = run("check", plan_file, broken, "--lang", "en")
    assert result.exit_code == 1
    assert "does not fit into the shift" in result.stdout
    violations = json.loads(run("check", plan_file, broken, "--json").stdout)["violations"]
    assert ("shift", shift_id) in {(v["code"], v["subject"]) for v in violations}


def test_check_rejects_a_plan_of_another_snapshot(
    run: Run, plan_file: Path, tmp_path: Path
) -> None:
    other, snapshot = tmp_path / "other", tmp_path / "other.json"
    run("generate", "--visits", 3, "--seed", 1, other)
    run("snapshot", other, "--out", snapshot)
    result = run("check", snapshot, plan_file, "--lang", "en")
    assert result.exit_code == 2
    assert "not in the snapshot" in result.stderr


# ------------------------------------------------------------------------------ explain, compare


def test_explain_says_who_when_and_at_what_cost(run: Run, plan_file: Path) -> None:
    planned, _ = visit_ids(plan_file, run)
    for lang, texts in (("en", ("who", "when", "way", "yuan")), ("zh", ("谁", "何时", "元"))):
        result = run("explain", plan_file, planned[0], "--lang", lang)
        assert result.exit_code == 0, result.output
        assert planned[0] in result.stdout
        for text in texts:
            assert text in result.stdout


def test_explain_names_what_keeps_each_technician_from_a_visit(run: Run, plan_file: Path) -> None:
    _, left_out = visit_ids(plan_file, run)
    result = run("explain", plan_file, left_out[0], "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "Left out" in result.stdout
    explanation = json.loads(run("explain", plan_file, left_out[0], "--json").stdout)
    assert explanation["obstacles"]
    for obstacle in explanation["obstacles"]:
        assert obstacle["technician_id"] in result.stdout
        assert obstacle["code"] in result.stdout


def test_explain_says_what_would_let_a_visit_in(run: Run, plan_file: Path) -> None:
    _, left_out = visit_ids(plan_file, run)
    way = json.loads(run("explain", plan_file, left_out[0], "--json", "--lang", "en").stdout)[
        "way_in"
    ]
    assert way["text"] in run("explain", plan_file, left_out[0], "--lang", "en").stdout
    assert way["found"] == bool(way["changes"])


def test_explain_without_a_visit_sums_up_what_is_left_out(run: Run, plan_file: Path) -> None:
    _, left_out = visit_ids(plan_file, run)
    for lang, texts in (("en", ("what keeps visits out",)), ("zh", ("未排原因", "怎样才能排入"))):
        result = run("explain", plan_file, "--lang", lang)
        assert result.exit_code == 0, result.output
        for text in (*texts, *left_out):
            assert text in result.stdout
    found = json.loads(run("explain", plan_file, "--json").stdout)
    assert [reason["visit_id"] for reason in found["left_out"]] == left_out
    assert sum(blocker["visits"] for blocker in found["blockers"]) == len(left_out)
    assert found["fitting"] == []


def test_show_says_what_would_let_visits_in(run: Run, plan_file: Path) -> None:
    assert "what would let it in" in run("show", plan_file, "--lang", "en").stdout


def test_explain_of_an_unknown_visit_says_how_to_find_the_known(run: Run, plan_file: Path) -> None:
    result = run("explain", plan_file, "V-nowhere", "--lang", "en")
    assert result.exit_code == 2
    assert "--by visit" in result.stderr


def test_compare_shows_what_changed(run: Run, plan_file: Path, tmp_path: Path) -> None:
    same = run("compare", plan_file, plan_file, "--lang", "en")
    assert "Both plans do the same visits" in same.stdout
    other = tmp_path / "other.plan.json"
    document = json.loads(plan_file.read_text(encoding="utf-8"))
    del document["plan"]["routes"][0]
    other.write_text(json.dumps(document), encoding="utf-8")
    changes = json.loads(run("compare", plan_file, other, "--json").stdout)["changes"]
    assert changes
    shown = run("compare", plan_file, other, "--lang", "en").stdout
    for change in changes:
        assert change["visit_id"] in shown


# ----------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("form", ["excel", "csv", "ical", "geojson"])
def test_export_writes_where_it_is_told(
    run: Run, plan_file: Path, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "new" / f"out.{form}"
    result = run("export", plan_file, "--format", form, "--out", out)
    assert result.exit_code == 0, result.output
    files = sorted(out.iterdir()) if out.is_dir() else [out]
    assert files
    assert all(file.stat().st_size > 0 for file in files)


def test_template_is_a_workbook_with_a_sheet_for_each_table(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    assert run("template", path).exit_code == 0
    tables = {sheet.split("·")[0] for sheet in load_workbook(path).sheetnames}
    assert {"technicians", "visits", "work_orders"} <= tables


def test_schema_prints_one_or_all(run: Run) -> None:
    files = json.loads(run("schema").stdout)
    assert set(files) == {"snapshot", "plan", "scenario"}
    assert json.loads(run("schema", "plan").stdout) == files["plan"]
    assert json.loads(run("schema", "api").stdout)["openapi"].startswith("3.1")


def test_generate_makes_what_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    assert run("generate", "--visits", 4, "--seed", 2, folder).exit_code == 0
    with (folder / "visits.csv").open(encoding="utf-8-sig") as file:
        assert len(file.readlines()) == 1 + 4
