"""Each planner in a process of its own: so long, on so many cores, and no longer."""

import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from benchmarks.days import Day, make_day
from benchmarks.peers.judging import Judged, judge_routes, judge_solution
from benchmarks.peers.model import Routes, model_of
from benchmarks.peers.registry import OURS, peer_of
from solver.search import Budget
from solver.solve import Solution, solve

GRACE_S = 180
"""For imports, compilers, building models and reading answers; nobody searches in it."""


@dataclass(frozen=True)
class Task:
    """One planner on one day. The seed is the day's; searches are seeded 1, 2, …"""

    planner: str
    mix: str
    visits: int
    seed: int
    seconds: float
    cores: int


@dataclass(frozen=True)
class Run:
    """What came of a task: the best verdict, or in words why there is none.

    ``chains_fen`` holds the cost of each process where a planner knows one core only.
    """

    task: Task
    judged: Judged | None
    wall_s: float
    chains_fen: tuple[int, ...] = ()
    failure: str | None = None


@dataclass(frozen=True)
class _Answer:
    plan: Routes | Solution | None
    wall_s: float
    failure: str | None = None


def run(task: Task, day: Day) -> Run:
    """Let a planner plan, and judge what it planned. ``day`` is the task's."""
    one_core = task.planner != OURS and peer_of(task.planner).one_core
    cores = sorted(os.sched_getaffinity(0))[: task.cores]
    shares = [[core] for core in cores] if one_core else [cores]
    answers = _ask(task, shares)
    judged = [_judge(task, day, a.plan) for a in answers if a.plan is not None]
    wall_s = max(answer.wall_s for answer in answers)
    if not judged:
        return Run(task, None, wall_s, failure=answers[0].failure)
    best = min(judged, key=lambda verdict: verdict.cost_fen)
    return Run(task, best, wall_s, tuple(verdict.cost_fen for verdict in judged))


def _judge(task: Task, day: Day, plan: Routes | Solution) -> Judged:
    if isinstance(plan, Solution):
        return judge_solution(day, plan, task.planner)
    return judge_routes(day, plan, task.planner)


def _ask(task: Task, shares: Sequence[Sequence[int]]) -> list[_Answer]:
    """One process for each share of cores, all at once."""
    context = multiprocessing.get_context("spawn")
    asked: list[tuple[BaseProcess, Connection]] = []
    for number, cores in enumerate(shares, start=1):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_answer, args=(theirs, task, list(cores), number))
        process.start()
        theirs.close()
        asked.append((process, ours))
    deadline = time.monotonic() + task.seconds + GRACE_S
    return [_wait(process, pipe, deadline) for process, pipe in asked]


def _wait(process: BaseProcess, pipe: Connection, deadline: float) -> _Answer:
    """The answer, or why none came; the process has ended either way."""
    try:
        if not pipe.poll(max(0.0, deadline - time.monotonic())):
            return _Answer(None, 0.0, f"no answer {GRACE_S} s after its time was over")
        answer: _Answer = pipe.recv()
        return answer
    except EOFError:
        process.join()
        return _Answer(None, 0.0, f"ended without an answer, exit code {process.exitcode}")
    finally:
        pipe.close()
        process.terminate()
        process.join()


def _answer(pipe: Connection, task: Task, cores: Sequence[int], seed: int) -> None:
    """The other process: plan and send. What planners print goes nowhere."""
    os.sched_setaffinity(0, cores)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    day = make_day(task.visits, task.seed, task.mix)
    begin = time.perf_counter()
    plan: Routes | Solution
    try:
        if task.planner == OURS:
            plan = plan_ours(day, task.seconds, len(cores), seed)
        else:
            model = model_of(day.problem)
            plan = peer_of(task.planner).plan(model, task.seconds, len(cores), seed)
    except (RuntimeError, ValueError, TypeError, OSError, MemoryError):
        last = traceback.format_exc().strip().splitlines()[-1]
        pipe.send(_Answer(None, time.perf_counter() - begin, last))
        return
    pipe.send(_Answer(plan, time.perf_counter() - begin))


def plan_ours(day: Day, seconds: float, cores: int, seed: int) -> Solution:
    """Our own plan; the kernels are loaded or compiled before the time begins."""
    return solve(
        day.problem,
        Budget(seconds=seconds),
        seed=seed,
        report=lambda _: None,
        stop=lambda: False,
        cores=cores,
    )
