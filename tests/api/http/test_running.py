"""The server as it is run for real: processes, signals, figures; and the examples against it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from dispatch.commands.keys import make_key
from dispatch.domain.access import Role
from dispatch.rehearsal import moment
from dispatch.store.database import Database
from dispatch.store.queries_work import order_of_ticket
from tests.api.http.serving import BY, Served, fill, organisation, serving
from tests.databases import Server

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
COMMAND = (sys.executable, "-c", "from api.cli import main; main()")
LISTENS = re.compile(r"running on (http://[0-9.]+:[0-9]+)")
READY = "Application startup complete."
CALLS = 30
PATIENCE_S = 120


@contextmanager
def running(url: str, workers: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``dispatch serve`` as a process of its own, when it is ready, and where it listens."""
    process = subprocess.Popen(
        (*COMMAND, "serve", "--port", "0", "--workers", str(workers)),
        env=os.environ | {"DISPATCH_DATABASE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stderr is not None
    try:
        base, ready = "", 0
        while not base or ready < workers:
            event = json.loads(process.stderr.readline())["event"]
            found = LISTENS.search(event)
            base = found[1] if found else base
            ready += event == READY
        yield process, base
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def key_of(url: str, role: Role) -> str:
    database = Database(url)
    with database.writing() as session:
        made = make_key(session, f"a {role}", role, BY, moment(session), (), None)
    database.close()
    return made.key


def test_several_processes_serve_one_postgresql_and_end_gracefully(server: Server) -> None:
    url = server.new()
    fill(url)
    headers = {"Authorization": f"Bearer {key_of(url, Role.DISPATCHER)}"}
    with running(url, 2) as (process, base):

        def get(path: str) -> httpx.Response:
            """On a connection of its own, so that every process has some."""
            return httpx.get(base + path, trust_env=False, timeout=PATIENCE_S, headers=headers)

        for _ in range(CALLS):
            assert get("/v1/territories").status_code == 200
        figures = get("/metrics").text
        counted = re.findall(
            r'^dispatch_requests_total\{.*route="/v1/territories".*\} ([0-9.]+)$', figures, re.M
        )
        assert sum(map(float, counted)) == CALLS
        # A request that is under way when the server is told to end is answered.
        body = json.dumps({"number": "LAST", "site_id": organisation().sites[0].id, "product": "p"})
        there = urlsplit(base)
        with socket.create_connection((there.hostname, there.port), PATIENCE_S) as line:
            head = (
                "POST /v1/work-orders HTTP/1.1",
                "Host: x",
                f"Authorization: {headers['Authorization']}",
                "Content-Type: application/json",
                "Expect: 100-continue",
                f"Content-Length: {len(body)}",
                "",
                "",
            )
            line.sendall("\r\n".join(head).encode())
            assert line.recv(4096).startswith(b"HTTP/1.1 100")  # it waits for the body
            process.send_signal(signal.SIGTERM)
            line.sendall(body.encode())
            assert line.recv(4096).startswith(b"HTTP/1.1 201")
        assert process.wait(PATIENCE_S) == 0
    database = Database(url)
    with database.reading() as session:
        assert order_of_ticket(session, "LAST") == "LAST"
    database.close()


@pytest.mark.parametrize("script", ["a_ticket.sh", "the_plan.sh"])
def test_curl_sessions_work(wide: Served, script: str) -> None:
    done = run(wide, ["bash", str(EXAMPLES / script)])
    assert done.returncode == 0, done.stderr + done.stdout[-500:]
    if script == "a_ticket.sh":
        first, again, _, site, event = done.stdout.splitlines()
        assert json.loads(site)["address"].startswith("Gate 3")
        assert json.loads(first)["id"] == json.loads(again)["id"] == "CURL-1"
        assert json.loads(event)["waits"] is False


def test_the_bridge_carries_tickets_and_says_which_it_could_not(wide: Served) -> None:
    tickets = (EXAMPLES / "tickets.jsonl").read_text("utf-8")
    site = organisation(120).sites[0].id
    command = [sys.executable, str(EXAMPLES / "ticket_bridge.py")]
    done = run(wide, command, tickets.replace("SITE", site))
    carried, refused = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1
    assert (carried["ticket"], carried["id"]) == ("HD-1001", "HD-1001")
    assert carried["clocks"]
    assert refused["problem"]["status"] == 422
    assert len((EXAMPLES / "ticket_bridge.py").read_text("utf-8").splitlines()) <= 70


def run(served: Served, command: list[str], sent: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DISPATCH_URL": served.base,
        "DISPATCH_KEY": served.key(Role.DISPATCHER).key,
        "SITE": organisation(120).sites[0].id,
        "NO_PROXY": "*",
        "no_proxy": "*",
    }
    return subprocess.run(
        command, env=environment, input=sent, capture_output=True, text=True, check=False
    )


def test_an_answer_that_takes_too_long_is_a_problem_document(wide: Served) -> None:
    url = wide.database.url.render_as_string(hide_password=False)
    with serving(url, timeout_s=0) as hasty:
        answer = hasty.showing(wide.key(Role.VIEWER).key).get("/v1/territories")
    assert (answer.status_code, answer.json()["code"]) == (504, "time_out")
