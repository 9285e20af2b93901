"""``python -m benchmarks api``: how fast the server answers: suggestions, assignments, tickets.

The plan is a short search's; server and callers share the machine. Beside wall time stands the
processor time of all server processes for each call, which hardly depends on what else runs.
"""

import argparse
import http
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.days import TYPICAL_DAY
from benchmarks.serving import Answered, Served, call_on, serving
from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.domain.organisation import Organisation
from dispatch.domain.work import Priority
from dispatch.importing import import_organisation
from dispatch.numbering import number
from dispatch.planning import to_plan
from dispatch.problems import build_problem
from dispatch.rehearsal import moment
from dispatch.store import schema
from dispatch.store.database import Database
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.generated_places import VISITS_PER_STATION
from solver.search import Budget
from solver.solve import solve
from tests.databases import postgresql_server

SEED = 101
_BY = "benchmark"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks api", description=__doc__)
    parser.add_argument("--visits", type=int, default=2_000)
    parser.add_argument("--technicians", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=30, help="to plan the days")
    parser.add_argument("--calls", type=int, default=400, help="of each kind")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--postgresql", action="store_true", help="two workers, instead of SQLite")
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, _url(Path(folder), wanted.postgresql) as url:
        known = filled(url, wanted.visits, wanted.technicians, wanted.seconds)
        workers = 2 if wanted.postgresql else 1
        with serving(url, workers) as server:
            _measure(server, known, wanted.calls, wanted.clients, workers)
    return 0


@dataclass
class _Calls:
    """What calls took, in seconds, what they were answered with, and what the server used."""

    took: list[float]
    answers: Counter[str]
    whole_s: float
    processor_s: float

    def row(self, name: str) -> str:
        ordered = sorted(self.took)
        p50, p99 = statistics.median(ordered), ordered[int(0.99 * len(ordered))]
        each_ms = 1000 * self.processor_s / len(ordered)
        figures = (1000 * p50, 1000 * p99, len(ordered) / self.whole_s, each_ms)
        return (
            f"{name:34}"
            + "".join(f"{figure:9.1f}" for figure in figures)
            + "  "
            + ", ".join(f"{answer}: {times}" for answer, times in self.answers.most_common())
        )


def _measure(server: Served, known: Organisation, calls: int, clients: int, workers: int) -> None:
    random = Random(SEED)
    orders = random.choices([order.id for order in known.work_orders], k=calls)
    for _ in range(workers * 4):  # each process loads the plan, and what it runs for the first time
        server.call("POST", "/v1/assignments", {"work_order_id": orders[0]})
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"load of the machine before, 1, 5 and 15 minutes: {load}")
    print(f"{'':34}{'p50 ms':>9}{'p99 ms':>9}{'/s':>9}{'cpu ms':>9}", flush=True)
    suggest = [{"work_order_id": order} for order in orders]
    print(_run(server, "/v1/assignments", suggest, 1).row("suggest, 1 client"), flush=True)
    for priority in (None, Priority.EMERGENCY):
        tickets = list(_tickets(known, random, calls, priority))
        taken = _run(server, "/v1/work-orders", tickets, clients)
        print(taken.row(f"tickets{_of(priority)}, {clients} clients"), flush=True)
        commits = [{"work_order_id": ticket["number"], "mode": "commit"} for ticket in tickets]
        booked = _run(server, "/v1/assignments", commits, clients)
        print(booked.row(f"commit{_of(priority)}, {clients} clients"), flush=True)


def _of(priority: Priority | None) -> str:
    return f", {priority}" if priority else ""


def _tickets(
    known: Organisation, random: Random, count: int, priority: Priority | None = None
) -> Iterator[dict[str, Any]]:
    """New tickets, each like a visit that there is, but for the priority if one is given."""
    order_of = {order.id: order for order in known.work_orders}
    for n, visit in enumerate(random.choices(known.visits, k=count)):
        order = order_of[visit.work_order_id]
        yield {
            "number": f"NEW-{priority or 'like'}-{n}",
            "site_id": order.site_id,
            "product": order.product,
            "priority": priority or order.priority,
            "visits": [
                {
                    "duration_s": visit.duration_s,
                    "skills": [{"skill": s.skill, "level": s.level} for s in visit.skills],
                    "parts": [{"part_id": p.part_id, "quantity": p.quantity} for p in visit.parts],
                }
            ],
            "skip_diagnosis": True,
        }


def _run(server: Served, path: str, bodies: Sequence[dict[str, Any]], clients: int) -> _Calls:
    """All bodies, by so many callers at once, each with a connection of its own."""

    def caller(first: int) -> list[tuple[float, str]]:
        connection = server.connection()
        done = []
        for body in bodies[first::clients]:
            answer = call_on(connection, "POST", path, body)
            done.append((answer.took_s, _outcome(answer)))
        connection.close()
        return done

    used_s = server.processor_s()
    begin = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        done = [one for own in pool.map(caller, range(clients)) for one in own]
    whole_s = time.perf_counter() - begin
    answers = Counter(answer for _, answer in done)
    used_s = server.processor_s() - used_s
    return _Calls([took for took, _ in done], answers, whole_s, used_s)


def _outcome(answer: Answered) -> str:
    """The status, and what became of the visits."""
    if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return str(answer.status)
    visits = [v for v in json.loads(answer.body or b"{}").get("visits", ()) if "outcome" in v]
    moved = any(visit["booked"] and visit["booked"]["displaced"] for visit in visits)
    outcomes = [visit["outcome"] for visit in visits]
    return " ".join((str(answer.status), *outcomes, *(["displacing"] if moved else [])))


# --------------------------------------------------------------------------- a server to be asked


@contextmanager
def _url(folder: Path, postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield f"sqlite:///{folder / 'dispatch.db'}"
        return
    with postgresql_server(folder) as server:
        yield server.new()


def filled(url: str, visits: int, technicians: int, seconds: float) -> Organisation:
    """Two days with a published plan."""
    stations = max(1, round(visits / VISITS_PER_STATION))
    mix = replace(TYPICAL_DAY, days=2, technicians=technicians, stations=stations)
    known = generate(visits, SEED, mix)
    database = Database(url)
    schema.upgrade(database)
    with database.writing() as session:
        import_organisation(session, known, _BY, datetime.now(UTC))
    with database.reading() as session:
        at = moment(session)
        baseline = take_baseline(session, known.planning_at, at)
    travel = travel_of(baseline.snapshot)
    numbering = number(baseline.snapshot, travel)
    problem = build_problem(numbering, travel)
    never: Callable[[], bool] = lambda: False  # noqa: E731
    found = solve(problem, Budget(seconds), seed=1, report=lambda _: None, stop=never)
    plan = to_plan(numbering, found, "search", 1)
    with database.writing() as session:
        draft = save_draft(session, baseline, plan, _BY, at)
    with database.writing() as session:
        publish(session, draft.version, _BY, at)
    database.close()
    print(f"{visits - len(plan.unassigned):,} of {visits:,} visits planned, {technicians} people")
    return known
