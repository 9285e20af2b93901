"""Plans as runs: real servers, real processes that search, and some that are killed."""

import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import func, select

from dispatch.commands.run_errors import RunLostError
from dispatch.commands.runs import Asked, Limits, ask_for_run
from dispatch.commands.runs_held import Held, Order, finish, lose, renew, take_run
from dispatch.commands.saving import take_baseline
from dispatch.commands.versions import load_version
from dispatch.domain.access import Role
from dispatch.importing import import_organisation
from dispatch.rehearsal import moment
from dispatch.store.database import Database
from dispatch.store.queries_runs import run_row
from dispatch.store.retrying import in_writing
from dispatch.store.rows_plans import PlanVersionRow, RunState
from tests.api.http.serving import Served, fill, organisation, serving
from tests.api.http.test_access import FOREIGN, HOME
from tests.databases import Files, Server
from tests.dispatch.commands.planned import searched

SHORT = {"iterations": 200}
MIDDLE = {"seconds": 3}
LONG = {"seconds": 600}
LARGE = 300
"""Visits of an organisation in which nobody covers two of these territories: home, foreign and"""
THIRD = "Territory ST005"
KILLS = 3
LISTENERS = 20
PATIENCE_S = 300
LEASE_S = 8.0
LIMITS = Limits(at_once=1, waiting=2, most_s=600)
REAL = datetime.now(UTC)


def planner_of(served: Served) -> httpx.Client:
    return served.client(Role.PLANNER)


def ask(client: httpx.Client, **wanted: Any) -> str:  # noqa: ANN401 - of PlanIn
    answer = client.post("/v1/plans", json=wanted)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/runs/{answer.json()['id']}"
    return str(answer.json()["id"])


Event = tuple[int, str, dict[str, Any]]


def events(
    client: httpx.Client, run: str, after: int | None = None, *, of: str = "runs"
) -> Iterator[Event]:
    """What is told of a run, or of one of the studies, until it is over."""
    headers = {"Last-Event-ID": str(after)} if after is not None else {}
    told: dict[str, str] = {}
    with client.stream("GET", f"/v1/{of}/{run}/events", headers=headers) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                told[name] = value
            elif "id" in told:
                yield int(told["id"]), told["event"], json.loads(told["data"])
                told = {}


def until(client: httpx.Client, run: str, kind: str) -> Event:
    return next(event for event in events(client, run) if event[1] == kind)


def over(client: httpx.Client, run: str) -> dict[str, Any]:
    """The run when it is over."""
    until(client, run, "finished")
    found: dict[str, Any] = client.get(f"/v1/runs/{run}").json()
    return found


def drafts(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(PlanVersionRow)) or 0


def judge(database: Database, version: int) -> None:
    """The referee finds nothing against a version."""
    with database.reading() as session:
        assert load_version(session, version).judged.verdict.violations == ()


def kill_solver(run: str) -> None:
    """The server is a thread here, so its processes are ours."""
    for process in multiprocessing.active_children():
        if process.name == run:
            process.kill()


# ------------------------------------------------------------------------- the life of a run


def test_a_run_becomes_a_draft_that_is_published(served: Served) -> None:
    planner = planner_of(served)
    run = ask(planner, **SHORT)
    told = list(events(planner, run))
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
    assert [kind for _, kind, _ in told][:2] == ["queued", "started"]
    assert told[-1][1] == "finished"
    found = planner.get(f"/v1/runs/{run}").json()
    assert (found["state"], found["version"]) == ("done", told[-1][2]["version"])
    judge(served.database, found["version"])
    draft = planner.get(f"/v1/plans/{found['version']}")
    path = f"/v1/plans/{found['version']}/publication"
    assert planner.post(path, json={}).status_code == 428
    assert planner.post(path, json={}, headers={"If-Match": '"old"'}).status_code == 412
    match = {"If-Match": draft.headers["etag"], "Idempotency-Key": "publish"}
    done = planner.post(path, json={}, headers=match)
    assert (done.status_code, done.json()["version"]) == (201, found["version"])
    assert planner.post(path, json={}, headers=match).content == done.content
    assert (
        planner.get(f"/v1/runs/{run}/events", headers={"Last-Event-ID": "999"}).status_code == 204
    )
    assert planner.get("/v1/runs").json()["items"] == [found]


def test_cancelling_keeps_the_best_so_far(served: Served) -> None:
    planner = planner_of(served)
    run = ask(planner, **LONG)
    _, _, progress = until(planner, run, "progress")
    while progress["phase"] != "searching" or not progress["cost_fen_by_item"]:
        progress = next(
            p for _, k, p in events(planner, run) if k == "progress" and p["iterations"]
        )
    assert progress["unassigned"] >= 0
    assert planner.post(f"/v1/runs/{run}/cancellation").status_code == 202
    found = over(planner, run)
    assert found["state"] == "cancelled"
    judge(served.database, found["version"])
    assert planner.post(f"/v1/runs/{run}/cancellation").json() == found


def test_limits_refuse_or_queue_and_say_so(files: Files) -> None:
    url = files.new()
    fill(url, LARGE)
    with serving(url, runs_waiting=1, run_most_s=600) as served:
        planner = planner_of(served)
        wanted = {"territories": [HOME], **LONG}
        first = ask(planner, **wanted)
        same = planner.post("/v1/plans", json=wanted)
        assert (same.status_code, same.json()["run_id"]) == (409, first)
        whole = planner.post("/v1/plans", json=SHORT)
        assert (whole.status_code, whole.json()["code"]) == (409, "run_overlaps")
        apart = {"territories": [FOREIGN], **SHORT}
        second = planner.post("/v1/plans", json=apart).json()
        assert (second["state"], second["ahead"]) == ("queued", 1)
        third = planner.post("/v1/plans", json={"territories": [THIRD], **SHORT})
        assert (third.status_code, third.json()["code"]) == (429, "queue_full")
        long = planner.post("/v1/plans", json={"seconds": 601})
        assert (long.status_code, long.json()["code"]) == (422, "too_long")
        for wrong in (
            {"territories": ["nowhere"]}, {"policy": "none"}, {"seconds": 1, "iterations": 1},
            {"seconds": 0}, {"days": 0},
        ):  # fmt: skip
            assert planner.post("/v1/plans", json=wrong).status_code == 422, wrong
        assert planner.post("/v1/plans", json={"start": 77}).status_code == 404
        waits = planner.post(f"/v1/runs/{second['id']}/cancellation").json()
        assert (waits["state"], waits["version"]) == ("cancelled", None)
        stranger = served.client(Role.PLANNER, (FOREIGN,))
        assert stranger.get(f"/v1/runs/{first}").status_code == 404
        assert stranger.get(f"/v1/runs/{first}/events").status_code == 404
        assert [r["id"] for r in stranger.get("/v1/runs").json()["items"]] == [second["id"]]
        assert stranger.post("/v1/plans", json={"territories": [HOME]}).status_code == 422


# ------------------------------------------------------------------------------ what is killed


@pytest.mark.long
def test_killed_at_any_moment_the_plan_is_old_or_wholly_new(served: Served) -> None:
    planner = planner_of(served)
    moments = random.Random(7)
    for number in range(KILLS):
        before = drafts(served.database)
        run = ask(planner, **MIDDLE)
        last = moments.randrange(2, 8)
        next((e for e in events(planner, run) if e[0] >= last), None)
        kill_solver(run)
        found = over(planner, run)
        assert (found["state"], found["lost"] <= 1) == ("done", True), (number, found)
        assert drafts(served.database) == before + 1
        judge(served.database, found["version"])


def test_a_run_that_kills_its_process_again_fails(served: Served) -> None:
    planner = planner_of(served)
    run = ask(planner, **LONG)
    stream = events(planner, run)
    for _ in range(2):
        for wanted in ("started", "progress"):
            next(kind for _, kind, _ in stream if kind == wanted)
        kill_solver(run)
    found = over(planner, run)
    assert (found["state"], found["lost"], found["version"]) == ("failed", 2, None)
    assert found["error_en"]
    assert drafts(served.database) == 0
    assert over(planner, ask(planner, **SHORT))["state"] == "done"


_RETRIES = 9
"""The last is two minutes after the first."""


@contextmanager
def another_server(url: str, workers: int = 1) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``dispatch serve`` as people start it, in a process that may be killed; and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-c", "from api.cli import main; main()", "serve", "--open", "--port", str(port)]
    command += ["--workers", str(workers)]
    environment = os.environ | {"DISPATCH_DATABASE_URL": url, "DISPATCH_RUN_LEASE_S": str(LEASE_S)}
    with subprocess.Popen(
        [sys.executable, *command], stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "running on" in line)
        base = f"http://127.0.0.1:{port}"
        # Of several processes none may listen yet.
        patient = httpx.HTTPTransport(retries=_RETRIES)
        with httpx.Client(base_url=base, transport=patient, timeout=PATIENCE_S) as client:
            client.get("/v1/health/live").raise_for_status()
        try:
            yield process, base
        finally:
            process.kill()


def test_of_two_processes_both_tell_of_the_same_run(server: Server) -> None:
    url = server.new()
    fill(url)
    with another_server(url, workers=2) as (process, base):
        with httpx.Client(base_url=base, timeout=PATIENCE_S, trust_env=False) as client:
            run = ask(client, **SHORT)

        def listen(_: int) -> list[Event]:
            with httpx.Client(base_url=base, timeout=PATIENCE_S, trust_env=False) as client:
                return list(events(client, run))

        # Whichever process takes a connection: of twelve both have some.
        with ThreadPoolExecutor(12) as pool:
            first, *others = pool.map(listen, range(12))
        assert [kind for _, kind, _ in first][-1] == "finished"
        assert all(one == first for one in others)
        process.send_signal(signal.SIGTERM)
        process.wait()
    database = Database(url)
    judge(database, drafts(database))
    database.close()


@pytest.mark.long
def test_nothing_stays_of_a_server_that_is_killed(server: Server) -> None:
    url = server.new()
    fill(url)
    with another_server(url, workers=2) as (process, base):
        with httpx.Client(base_url=base, timeout=PATIENCE_S, trust_env=False) as client:
            run = ask(client, **LONG)
            change = {"change": "hire", "like": organisation().technicians[0].id}
            scenario = {"name": "more", "changes": [change]}
            wanted = {"name": "s", "seeds": 50, "iterations": 2_000, "scenarios": [scenario]}
            study = client.post("/v1/studies", json=wanted).json()["id"]
            until(client, run, "progress")
            next(told for _, _, told in events(client, study, of="studies") if told.get("done"))
        family = psutil.Process(process.pid).children(recursive=True)
        # Two that serve, one that searches, one that studies with two others.
        assert len([one for one in family if "spawn_main" in "".join(one.cmdline())]) >= 6
        process.kill()
        assert psutil.wait_procs(family, PATIENCE_S)[1] == []


@pytest.mark.long
@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_the_next_server_takes_up_what_the_last_one_left(
    databases: Files | Server, way: signal.Signals
) -> None:
    url = databases.new()
    fill(url)
    with another_server(url) as (process, base):
        with httpx.Client(base_url=base, timeout=PATIENCE_S, trust_env=False) as client:
            run = ask(client, **MIDDLE)
            until(client, run, "progress")
        process.send_signal(way)
        process.wait()
    with serving(url, run_lease_s=LEASE_S) as served:
        found = over(planner_of(served), run)
        died = 1 if way is signal.SIGKILL else 0
        assert (found["state"], found["lost"]) == ("done", died)
        assert drafts(served.database) == 1
        judge(served.database, found["version"])


def test_a_late_twin_changes_nothing(database: Database) -> None:
    import_sample(database)

    def take(minutes: int) -> Held | None:
        return in_writing(database, lambda s: take_run(s, 1, LEASE_S, minute(minutes)))

    facts = in_writing(database, lambda s: ask_for_run(s, Asked(), LIMITS, "li", minute(0)))
    early = take(1)
    assert early is not None
    late = take(5)
    assert late is not None
    assert (early.run_id, late.run_id, late.token) == (facts.id, facts.id, early.token + 1)
    with database.reading() as session:
        at = moment(session)
        baseline = take_baseline(session, at, at)
    plan = searched(baseline.snapshot)

    def save(held: Held) -> None:
        in_writing(database, lambda s: finish(s, held, baseline, plan, "li", at, minute(6)))

    def order(held: Held) -> Order:
        return in_writing(database, lambda s: renew(s, held, LEASE_S, minute(5)))

    assert (order(early), order(late)) == (Order.GIVE_UP, Order.GO_ON)
    with pytest.raises(RunLostError):
        save(early)
    assert drafts(database) == 0
    save(late)
    assert drafts(database) == 1
    judge(database, 1)
    for held in (early, late):
        with pytest.raises(RunLostError):
            save(held)
        in_writing(database, lambda s, held=held: lose(s, held, minute(7)))  # type: ignore[misc]
    with database.reading() as session:
        row = run_row(session, facts.id)
        assert row is not None
        assert (row.state, row.lost) == (RunState.DONE, 1)
    assert drafts(database) == 1
    assert take(9) is None


def import_sample(database: Database) -> None:
    with database.writing() as session:
        import_organisation(session, organisation(), "test", REAL)


def minute(number: int) -> datetime:
    return REAL + timedelta(minutes=number)


# --------------------------------------------------------------------------------- who listens


def test_listeners_that_are_dropped_miss_nothing(served: Served) -> None:
    planner = planner_of(served)
    run = ask(planner, **MIDDLE)
    draw = random.Random(3)
    patience = [draw.randrange(1, 5) for _ in range(LISTENERS)]

    def listen(number: int) -> list[Event]:
        heard: list[Event] = []
        client = served.client(Role.VIEWER)
        while not heard or heard[-1][1] != "finished":
            known = heard[-1][0] if heard else None
            # Each hangs up after some events, and comes again with what it heard last.
            heard += islice(events(client, run, known), patience[number])
        return heard

    with ThreadPoolExecutor(LISTENERS) as pool:
        heard = list(pool.map(listen, range(LISTENERS)))
    told = list(events(planner, run))
    assert all(one == told for one in heard)
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
