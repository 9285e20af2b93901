"""Runs: each once, the same for the same question, kept whatever happens."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.changes.people import AbsenceWave, Hire
from scenarios.changes.work import Demand
from scenarios.executing import Done, Workers, WorkersError, processes, run_all
from scenarios.results import Results
from scenarios.run import carry_out, jobs_of
from scenarios.scenario import Effort
from tests.scenarios.laboratories import a_laboratory, a_scenario, busy_day

IN_THREAD = Workers(1, lambda: ThreadPoolExecutor(1))


def quiet(_: Done) -> None: ...


def go_on() -> bool:
    return False


def test_the_same_question_has_the_same_key_and_answer() -> None:
    one, two = (jobs_of(a_scenario(Hire(like="T1"), seeds=(7,)))[0] for _ in range(2))
    assert one.key == two.key
    assert carry_out(one) == carry_out(two)


def test_whatever_may_change_the_answer_changes_the_key() -> None:
    scenario = a_scenario(seeds=(1,))
    keys = {
        jobs_of(other)[0].key
        for other in (
            scenario,
            a_scenario(Hire(like="T1"), seeds=(1,)),
            a_scenario(seeds=(2,)),
            a_scenario(seeds=(1,), iterations=51),
            replace(scenario, effort=Effort(None, 1.0), _made={}),
        )
    }
    assert len(keys) == 5


def test_a_change_by_nothing_asks_the_same_question() -> None:
    scenario = a_scenario(Hire(like="T1", count=0), Demand(percent=100))
    assert [j.key for j in jobs_of(scenario)] == [j.key for j in jobs_of(scenario.baseline)]


def test_every_run_passes_the_referee() -> None:
    for job in jobs_of(a_scenario(Hire(like="T1"), Demand(percent=200), seeds=(1, 2, 3))):
        assert carry_out(job).figures["violations"] == 0


def test_a_run_says_who_does_what_and_what_stays_out() -> None:
    facts = busy_day(12)
    one_day = replace(facts.technicians[0], shifts=facts.technicians[0].shifts[:1])
    outcome = carry_out(jobs_of(a_scenario(base=replace(facts, technicians=(one_day,))))[0])
    assert outcome.visits.keys() | outcome.left_out.keys() == set(facts.visit)
    assert outcome.figures["planned"] == len(outcome.visits) == 3
    assert outcome.figures["unassigned"] == len(outcome.left_out) == 9
    assert {a.technician_ids for a in outcome.visits.values()} == {("T1",)}


def test_nothing_is_computed_twice(tmp_path: Path) -> None:
    jobs = jobs_of(a_scenario(seeds=(1, 2, 3)))
    told: list[Done] = []
    assert run_all(jobs[:2], Results(tmp_path), IN_THREAD, quiet, go_on)
    assert run_all(jobs, Results(tmp_path), IN_THREAD, told.append, go_on)
    assert (told[0].done, told[0].known, told[-1].done) == (2, 2, 3)
    lines = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3


def test_a_line_that_was_cut_off_is_no_result(tmp_path: Path) -> None:
    jobs = jobs_of(a_scenario(seeds=(1, 2)))
    run_all(jobs, Results(tmp_path), IN_THREAD, quiet, go_on)
    file = tmp_path / "results.jsonl"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) - 40])
    assert len(Results(tmp_path).known) == 1


def test_what_is_stopped_goes_on_later(tmp_path: Path) -> None:
    jobs = jobs_of(a_scenario(seeds=range(1, 7)))
    results = Results(tmp_path)

    def after_one() -> bool:
        return bool(results.known)

    assert not run_all(jobs, results, IN_THREAD, quiet, after_one)
    some = dict(results.known)
    assert 1 <= len(some) < len(jobs)
    assert run_all(jobs, Results(tmp_path), IN_THREAD, quiet, go_on)
    again = Results(tmp_path).known
    assert len(again) == len(jobs)
    assert {key: again[key] for key in some} == some


def test_a_killed_worker_costs_time_but_no_result(tmp_path: Path) -> None:
    jobs = jobs_of(a_scenario(seeds=range(1, 6)))
    killed: list[int] = []

    def kill_once(at: Done) -> None:
        if at.done == 2 and not killed:
            worker = multiprocessing.active_children()[0]
            killed.append(worker.pid or 0)
            worker.kill()

    assert run_all(jobs, Results(tmp_path), processes(1), kill_once, go_on)
    assert len(killed) == 1
    lines = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(jobs)
    expected = {job.key: carry_out(job) for job in jobs}
    assert Results(tmp_path).known == expected


def _die() -> None:
    raise RuntimeError("no worker today")


def test_workers_that_die_again_and_again_are_given_up(tmp_path: Path) -> None:
    started: list[int] = []

    def start() -> ThreadPoolExecutor:
        started.append(1)
        return ThreadPoolExecutor(1, initializer=_die)

    with pytest.raises(WorkersError, match="kept"):
        run_all(jobs_of(a_scenario()), Results(tmp_path), Workers(1, start), quiet, go_on)
    assert len(started) == 3


def test_pairs_are_there_early(tmp_path: Path) -> None:
    laboratory = a_laboratory(tmp_path)
    scenario = a_scenario(Hire(like="T1"), seeds=(1, 2, 3))
    stopped = replace(laboratory, stop=lambda: len(laboratory.results.known) >= 2)
    sides = stopped.carry_out((scenario.baseline, scenario))
    assert 1 in sides[0].outcomes
    assert 1 in sides[1].outcomes
    assert not sides[1].is_whole


def test_facts_differ_by_seed_only_where_something_is_drawn() -> None:
    same = a_scenario(Hire(like="T1"), seeds=(1, 2))
    assert same.facts(1) is same.facts(2)
    drawn = a_scenario(AbsenceWave(percent=50), Hire(like="T1", count=30))
    assert drawn.is_seeded
    drawn = a_scenario(Hire(like="T1", count=30), AbsenceWave(percent=50))
    assert drawn.facts(1) != drawn.facts(2)
