"""Plans that are made in the background while processes are killed: ``http-runs``."""

import json
import os
import signal
import time
from contextlib import closing, suppress
from random import Random
from typing import Any

from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.served import Desk, served
from benchmarks.serving import PATIENCE_S
from dispatch.commands.versions import load_version
from dispatch.store.rows_plans import PlanVersionRow

_VISITS = 12
_SECONDS = 2.0
"""How long each run searches."""
_LATEST_S = 6.0
"""A process is killed up to so long after its run was asked for: as it begins, loads, searches,
saves, or afterwards."""
_LEASE_S = 8.0
_LOOK_EACH_S = 0.1


def runs(room: Room) -> Result:
    """Solver processes and servers are killed at random moments of runs. Every run becomes one
    draft, in which the referee finds nothing; what was published stays."""
    kills, servers = room.size(50, 2), room.size(5, 1)
    rng = Random(room.seed)
    breaches = []
    lost = 0
    with served(room, _VISITS, DISPATCH_RUN_LEASE_S=str(_LEASE_S)) as desk:
        for number in range(kills + servers):
            before = desk.count(PlanVersionRow)
            run_id = _asked(desk)
            time.sleep(rng.uniform(0, _LATEST_S))
            if number < kills:
                _kill_search(desk)
            else:
                desk.server.kill()
                desk.server.start()
            run = _over(desk, run_id)
            lost += run["lost"]
            breaches += [f"run {number}: {why}" for why in _wrong(desk, run, before)]
    figure = f"{kills} times the solver killed, {servers} times the server; {lost} runs begun again"
    return Result(figure, tuple(breaches), {"kills": kills, "servers": servers, "lost": lost})


def _asked(desk: Desk) -> str:
    answer = desk.server.call("POST", "/v1/plans", {"seconds": _SECONDS})
    run_id: str = answer.told["id"]
    return run_id


def _kill_search(desk: Desk) -> None:
    for process in desk.server.searching():
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _over(desk: Desk, run_id: str) -> dict[str, Any]:
    """The run when it is over. Raises TimeoutError."""
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        run: dict[str, Any] = desk.server.call("GET", f"/v1/runs/{run_id}").told
        if run["finished_at"] is not None:
            return run
        time.sleep(_LOOK_EACH_S)
    raise TimeoutError(f"run {run_id} does not end")


def _wrong(desk: Desk, run: dict[str, Any], before: int) -> list[str]:
    found = []
    if (run["state"], run["lost"] > 1) != ("done", False):
        found.append(f"{run['state']}, {run['lost']} processes lost")
    made = desk.count(PlanVersionRow) - before
    if made != 1:
        found.append(f"{made} drafts")
    told = _finished(desk, run["id"])
    if [one.get("version") for one in told] != [run["version"]]:
        found.append(f"finished as {told}")
    if run["version"] is not None:
        with desk.database.reading() as session:
            broken = load_version(session, run["version"]).judged.verdict.violations
        found += [f"breaks {violation.code}" for violation in broken]
    return found


def _finished(desk: Desk, run_id: str) -> list[dict[str, Any]]:
    """What those are told who listen, of the end of a run that is over: once."""
    with closing(desk.server.connection()) as connection:
        connection.request("GET", f"/v1/runs/{run_id}/events")
        told = connection.getresponse().read().decode()
    events = (dict(line.split(": ", 1) for line in e.splitlines()) for e in told.split("\n\n") if e)
    return [json.loads(event["data"]) for event in events if event.get("event") == "finished"]
