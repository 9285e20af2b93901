"""The commands: what they write, what they print, what they do with bad input."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.records import Record, find_records, gap_percent, record_of
from benchmarks.results import gaps_over_time, read_results
from benchmarks.sets import Convention, bench_set, files_of
from tests.benchmarks import small


def run(folder: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Run a set for a moment; the exit code and the results in the file."""
    small.write_all(folder)
    out = folder / "out.jsonl"
    short = ["--seconds", "0.2", "--cores", "1", "--out", str(out)]
    code = main(["run", *arguments, "--data", str(folder), *short])
    return code, read_results([out]) if out.exists() else []


def test_a_result_holds_all_that_anybody_needs_to_check_it(tmp_path: Path) -> None:
    code, (result,) = run(tmp_path, "trsp")
    assert code == 0
    assert (result["set"], result["instance"]) == ("trsp", "T101")
    assert (result["seed"], result["seconds"], result["cores"]) == (1, 0.2, 1)
    assert result["feasible"]
    assert result["objective"] == pytest.approx(95)
    assert (result["record"], result["gap_percent"]) == (100, pytest.approx(-5))
    first, second = sorted(result["solution"]["routes"], key=lambda route: route["technician"])
    assert [stop["id"] for stop in first["stops"]] == [3, 4]
    assert [stop["start"] for stop in first["stops"]] == pytest.approx([25, 40])
    assert (first["technician"], first["departs"], first["returns"]) == (1, 15, 65)
    assert [stop["id"] for stop in second["stops"]] == [0, 5]
    assert result["solution"]["unserved"] == []


def test_home_care_names_the_service_of_each_stop(tmp_path: Path) -> None:
    _, (result,) = run(tmp_path, "hhcrsp")
    second = next(r for r in result["solution"]["routes"] if r["technician"] == "c2")
    assert [(s["id"], s["service"]) for s in second["stops"]] == [("p2", "s2"), ("p3", "s2")]
    assert result["gap_percent"] == pytest.approx(0, abs=1e-3)


def test_each_seed_has_its_result_and_lines_are_added(tmp_path: Path) -> None:
    run(tmp_path, "sdvrptw", "--seeds", "2")
    _, results = run(tmp_path, "vrptw", "--convention", "hierarchical", "--instances", "s102")
    assert [(r["set"], r["seed"]) for r in results] == [
        ("sdvrptw", 1),
        ("sdvrptw", 2),
        ("vrptw", 1),
    ]
    assert (results[2]["first_goal"], results[2]["record_first_goal"]) == (1, 1)
    assert results[2]["convention"] == "hierarchical"


def test_pyvrp_plans_the_same_instances_for_the_same_checker(tmp_path: Path) -> None:
    pytest.importorskip("pyvrp")
    run(tmp_path, "vrptw")
    _, results = run(tmp_path, "vrptw", "--planner", "pyvrp")
    ours, theirs = results[: len(results) // 2], results[len(results) // 2 :]
    assert {r["planner"] for r in ours} == {"ours"}
    assert {r["planner"] for r in theirs} == {"pyvrp"}
    assert all(r["feasible"] for r in results)
    assert [r["objective"] for r in theirs] == [r["objective"] for r in ours]


def test_pyvrp_is_for_one_convention_of_one_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path, "trsp", "--planner", "pyvrp")
    assert "vrptw in the convention dimacs" in capsys.readouterr().err


def test_the_table_shows_gap_and_mean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "trsp")
    shown = capsys.readouterr().out
    assert "T101" in shown
    assert "-5.000" in shown
    assert "1 runs, 0 not feasible; over 1 with a gap: mean -5.000 %" in shown


def test_a_file_of_another_form_is_left_out_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trsp").mkdir()
    (tmp_path / "trsp" / "A.txt").write_text("no instance", encoding="utf-8")
    code, results = run(tmp_path, "trsp")
    assert code == 1
    assert [r["instance"] for r in results] == ["T101"]
    assert "A.txt: no row with the crew count" in capsys.readouterr().err


def test_nothing_to_run_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, results = run(tmp_path, "trsp", "--instances", "X*")
    assert (code, results) == (2, [])
    assert "no .txt file matches X*" in capsys.readouterr().err


def test_files_come_in_human_order_and_by_pattern(tmp_path: Path) -> None:
    for name in ("c1_2_10.txt", "c1_2_9.TXT", "R101.100_25.txt", "README.txt", "sub/C101.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("", encoding="utf-8")
    chosen = bench_set("vrptw", Convention.DIMACS)
    assert [f.name for f in files_of(chosen, tmp_path, "C1_*")] == ["c1_2_9.TXT", "c1_2_10.txt"]
    home_care = bench_set("hhcrsp", Convention.DIMACS)
    path = small.written(tmp_path, "InstanzCPLEX_HCSRP_50_3.json", "")
    assert files_of(home_care, tmp_path, "50_3") == [path]
    assert [f.name for f in files_of(chosen, tmp_path, "r101,sub/*")] == [
        "R101.100_25.txt",
        "C101.txt",
    ]


def test_records_come_from_the_nearest_folder_and_the_right_group(tmp_path: Path) -> None:
    small.write_all(tmp_path)
    records = find_records(tmp_path / "vrptw")
    assert record_of(records, "_dimacs", "s101") == Record(small.VRPTW_BEST)
    assert record_of(records, "_hierarchical", "S102") == Record(62, 1)
    assert record_of(records, "trsp_matrix", "R1") == Record(small.MATRIX_BEST, 1)
    assert record_of(records, "trsp", "R1") is None


def test_no_gap_where_the_first_goals_differ() -> None:
    assert gap_percent(110, 1, Record(100, 1)) == pytest.approx(10)
    assert gap_percent(110, 2, Record(100, 1)) is None
    assert gap_percent(110, 0, None) is None


def test_gaps_over_time_compare_the_same_instances_only() -> None:
    def result(instance: str, seconds: float, gap: float | None) -> dict[str, Any]:
        names = {"set": "vrptw", "convention": "dimacs", "instance": instance}
        return {**names, "seconds": seconds, "gap_percent": gap}

    results = [
        result("C101", 10, 2.0),
        result("C101", 60, 1.0),
        result("C102", 10, 9.0),
        result("C102", 60, None),
    ]
    assert gaps_over_time(results) == {"vrptw-dimacs": {10: [2.0], 60: [1.0]}}


def test_results_are_read_line_by_line(tmp_path: Path) -> None:
    path = small.written(tmp_path, "r.jsonl", json.dumps({"a": 1}) + "\n\n" + json.dumps({"a": 2}))
    assert read_results([path]) == [{"a": 1}, {"a": 2}]
