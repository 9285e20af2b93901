"""``python -m benchmarks api``: how fast the server answers: suggestions, assignments, tickets.

The plan is a short search's; server and callers share the machine.
"""

import argparse
import json
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
        known = _filled(url, wanted.visits, wanted.technicians, wanted.seconds)
        workers = 2 if wanted.postgresql else 1
        with serving(url, workers) as server:
            _measure(server, known, wanted.calls, wanted.clients, workers)
    return 0


@dataclass
class _Calls:
    """What calls took, in seconds, and what they were answered with."""

    took: list[float]
    answers: Counter[str]
    whole_s: float

    def row(self, name: str) -> str:
        ordered = sorted(self.took)
        p50, p99 = statistics.median(ordered), ordered[int(0.99 * len(ordered))]
        rate = len(ordered) / self.whole_s
        return f"{name:34}{1000 * p50:9.1f}{1000 * p99:9.1f}{rate:9.1f}  " + ", ".join(
            f"{answer}: {times}" for answer, times in self.answers.most_common()
        )


def _measure(server: Served, known: Organisation, calls: int, clients: int, workers: int) -> None:
    random = Random(SEED)
    orders = random.choices([order.id for order in known.work_orders], k=calls)
    for _ in range(workers * 4):  # each process loads the plan, and what it runs for the first time
        server.call("POST", "/v1/assignments", {"work_order_id": orders[0]})
    print(f"{'':34}{'p50 ms':>9}{'p99 ms':>9}{'/s':>9}", flush=True)
    suggest = [{"work_order_id": order} for order in orders]
    print(_run(server, "/v1/assignments", suggest, 1).row("suggest, 1 client"), flush=True)
    tickets = list(_tickets(known, random, calls))
    taken = _run(server, "/v1/work-orders", tickets, clients)
    print(taken.row(f"tickets, {clients} clients"), flush=True)
    commits = [{"work_order_id": ticket["number"], "mode": "commit"} for ticket in tickets]
    booked = _run(server, "/v1/assignments", commits, clients)
    print(booked.row(f"commit, {clients} clients"), flush=True)


def _tickets(known: Organisation, random: Random, count: int) -> Iterator[dict[str, Any]]:
    """New tickets, each like a visit that there is."""
    order_of = {order.id: order for order in known.work_orders}
    for n, visit in enumerate(random.choices(known.visits, k=count)):
        order = order_of[visit.work_order_id]
        yield {
            "number": f"NEW-{n}",
            "site_id": order.site_id,
            "product": order.product,
            "priority": order.priority,
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

    begin = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        done = [one for own in pool.map(caller, range(clients)) for one in own]
    whole_s = time.perf_counter() - begin
    return _Calls([took for took, _ in done], Counter(answer for _, answer in done), whole_s)


def _outcome(answer: Answered) -> str:
    """The status, and what became of the visits."""
    visits = json.loads(answer.body or b"{}").get("visits", ())
    return " ".join((str(answer.status), *(v["outcome"] for v in visits if "outcome" in v)))


# --------------------------------------------------------------------------- a server to be asked


@contextmanager
def _url(folder: Path, postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield f"sqlite:///{folder / 'dispatch.db'}"
        return
    with postgresql_server(folder) as server:
        yield server.new()


def _filled(url: str, visits: int, technicians: int, seconds: float) -> Organisation:
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
