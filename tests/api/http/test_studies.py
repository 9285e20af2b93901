"""Studies of scenarios over HTTP: real servers, real processes, and one that dies half way."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from pydantic import TypeAdapter
from sqlalchemy import func, select

from dispatch.commands.runs_held import take_run
from dispatch.commands.studies import begin, keep_outcome
from dispatch.domain.access import Role
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_plans import RunKind
from dispatch.store.rows_studies import StudyOutcomeRow
from scenarios.outcome import Outcome
from scenarios.run import carry_out, jobs_of
from scenarios.study_form import STUDY, scenarios_of
from scenarios.study_process import FACTS
from tests.api.http.serving import Served, fill, organisation, serving
from tests.api.http.test_access import HOME
from tests.databases import Files, Server

SEEDS, ITERATIONS = 3, 20
LIKE = organisation().technicians[0].id
_OUTCOME = TypeAdapter(Outcome)


def wanted(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - of StudyIn
    """A study that is over soon: somebody is hired; the same somebody leaves."""
    return {
        "name": "people",
        "seeds": SEEDS,
        "iterations": ITERATIONS,
        "scenarios": [
            {"name": "one more", "changes": [{"change": "hire", "like": LIKE}]},
            {
                "name": "nobody new",
                "changes": [
                    {"change": "hire", "like": LIKE},
                    {"change": "leave", "technicians": [f"{LIKE}+1"]},
                ],
            },
        ],
    } | more


@pytest.fixture(scope="module", name="laboratory")
def _laboratory(files: Files) -> Iterator[Served]:
    with serving(files.filled(fill), study_processes=1) as served:
        yield served


def ask(client: httpx.Client, **more: Any) -> str:  # noqa: ANN401 - of StudyIn
    answer = client.post("/v1/studies", json=wanted(**more))
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/studies/{answer.json()['id']}"
    return str(answer.json()["id"])


def told_of(client: httpx.Client, study: str) -> list[tuple[str, dict[str, Any]]]:
    """What is told of a study until it is over."""
    with client.stream("GET", f"/v1/studies/{study}/events") as stream:
        text = "".join(stream.iter_text())
    blocks = (block.splitlines() for block in text.strip().split("\n\n"))
    return [
        (lines[1].removeprefix("event: "), json.loads(lines[2].removeprefix("data: ")))
        for lines in blocks
        if len(lines) == 3
    ]


def test_a_study_is_planned_compared_and_reported(laboratory: Served) -> None:
    client = laboratory.client(Role.PLANNER)
    study = ask(client)
    assert client.get(f"/v1/studies/{study}/report.html").status_code == 409
    told = told_of(client, study)
    assert (told[0][0], told[-1]) == ("queued", ("finished", told[-1][1]))
    assert told[-1][1]["state"] == "done"
    found = client.get(f"/v1/studies/{study}").json()
    progress = found["facts"]["progress"]
    # Who is hired and leaves again changes nothing: these runs are the baseline's.
    assert progress["total"] == progress["done"] == 2 * SEEDS
    more, nobody = found["found"]
    assert (more["name"], more["seeds"]) == ("one more", SEEDS)
    assert more["changes"] == [
        {"en": f"1 more technician like {LIKE}", "zh": f"增加 1 名与 {LIKE} 条件相同的技术员"}
    ]
    assert nobody["is_noise"]
    assert all(figure["is_same"] for figure in nobody["figures"])
    assert nobody["hands"] == []
    for figure in more["figures"]:
        assert figure["low"] <= figure["mean"] <= figure["high"]
    page = client.get(f"/v1/studies/{study}/report.html", headers={"Accept-Language": "zh"})
    assert page.headers["content-type"].startswith("text/html")
    assert "关键指标" in page.text
    assert "script" not in page.text
    book = client.get(f"/v1/studies/{study}/report.xlsx")
    assert load_workbook(BytesIO(book.content)).sheetnames[0] == "summary"
    assert client.get("/v1/studies").json()["items"][0]["id"] == study
    # A study is no plan: nobody finds it among runs.
    assert client.get("/v1/runs").json()["items"] == []
    assert client.get(f"/v1/runs/{study}").status_code == 404


def test_what_cannot_apply_is_refused_with_its_place(laboratory: Served) -> None:
    client = laboratory.client(Role.PLANNER)
    bad = [
        {"name": "a", "changes": [{"change": "hire", "like": "nobody"}]},
        {"name": "b", "changes": [{"change": "leave", "technicians": [LIKE]}] * 2},
    ]
    answer = client.post("/v1/studies", json=wanted(scenarios=bad)).json()
    assert answer["code"] == "study_mistakes"
    assert [one["pointer"] for one in answer["errors"]] == [
        "/scenarios/0/changes/0/like",
        "/scenarios/1/changes/1/technicians",
    ]
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"change": "conjure"}, "/scenarios/0/changes/0/change"),
        ({"change": "hire", "like": LIKE, "count": -1}, "/scenarios/0/changes/0/count"),
        ({"change": "open_station", "id": "a\x00"}, "/scenarios/0/changes/0"),
    )
    for change, pointer in wrong:
        sent = wanted(scenarios=[{"name": "a", "changes": [change]}])
        answer = client.post("/v1/studies", json=sent)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert client.post("/v1/studies", json=wanted(base="../etc")).status_code == 422
    assert client.post("/v1/studies", json=wanted(base="999")).status_code == 404


HIRE = {"change": {"change": "hire", "like": LIKE}, "vary": "count", "values": [1, 0]}


def test_a_sweep_and_bottlenecks_are_found_and_given_back(laboratory: Served) -> None:
    client = laboratory.client(Role.PLANNER)
    live = {"days": 1, "policy": "balanced", "seeds": 2}
    demand = [{"name": "more", "changes": [{"change": "demand", "percent": 300}]}]
    studies = {
        "sweep": ask(client, kind="sweep", sweep=[HIRE | {"yuan": 10.0}], scenarios=[], **live),
        "bottlenecks": ask(client, kind="bottlenecks", scenarios=demand, seeds=2),
    }
    found = {}
    for kind, study in studies.items():
        assert told_of(client, study)[-1][1]["state"] == "done"
        found[kind] = client.get(f"/v1/studies/{study}").json()
        assert found[kind]["facts"]["asked"]["kind"] == kind
        assert (found[kind]["found"], found[kind]["has_report"]) == ([], True)
        progress = found[kind]["facts"]["progress"]
        assert progress["done"] == progress["total"]
        assert client.get(f"/v1/studies/{study}/report.xlsx").status_code == 200
    sweep = found["sweep"]
    assert (sweep["days"], sweep["policy"], sweep["start"]) == (1, "balanced", None)
    assert sweep["sweep"] == [HIRE | {"values": [1.0, 0.0], "yuan": 10.0}]
    points = sweep["swept"]["points"]
    assert [one["values"] for one in points] == [[0.0], [1.0]]
    assert [one["whole_fen"] - one["cost_fen"] for one in points] == [0, 1000]
    knee = next(one for one in points if one["is_knee"])
    assert knee["whole_fen"] == min(one["whole_fen"] for one in points)
    saved = points[0]["cost_fen"] - points[1]["cost_fen"]
    assert sweep["swept"]["steps"][0]["fen"] == pytest.approx(saved, abs=1)
    assert [one["saved"] for one in points] == [[None], sweep["swept"]["steps"]]
    listed = [one["fen"] for one in found["bottlenecks"]["bottlenecks"]["bottlenecks"]]
    assert listed == sorted(listed, reverse=True)
    assert found["bottlenecks"]["bottlenecks"]["changes"][0]["zh"]


def test_a_study_of_some_kind_holds_what_that_is_about(laboratory: Served) -> None:
    client = laboratory.client(Role.PLANNER)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"scenarios": []}, "/scenarios"),
        ({"kind": "sweep", "scenarios": []}, "/sweep"),
        ({"kind": "bottlenecks"}, "/scenarios"),
        ({"sweep": [HIRE]}, "/sweep"),
        (
            {"kind": "sweep", "scenarios": [], "sweep": [HIRE | {"vary": "cuont"}]},
            "/sweep/0/change/cuont",
        ),
        (
            {
                "kind": "suggest",
                "scenarios": [],
                "suggest": {
                    "target": {"percent": 90},
                    "measures": [{"change": {"change": "hire", "like": "nobody"}, "yuan": 1}],
                },
            },
            "/suggest/measures/0/change/like",
        ),
    )
    for more, pointer in wrong:
        answer = client.post("/v1/studies", json=wanted(**more))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_who_sees_some_territories_only_asks_and_sees_nothing(laboratory: Served) -> None:
    limited = laboratory.client(Role.PLANNER, (HOME,))
    assert limited.post("/v1/studies", json=wanted()).status_code == 403
    assert limited.get("/v1/studies").status_code == 403
    administrator = laboratory.client(Role.ADMINISTRATOR)
    study = ask(administrator, seeds=1)
    assert limited.get(f"/v1/studies/{study}").status_code == 404
    assert limited.post(f"/v1/studies/{study}/cancellation").status_code == 404
    assert administrator.post(f"/v1/studies/{study}/cancellation").status_code == 202
    assert told_of(administrator, study)[-1][1]["state"] == "cancelled"


def test_a_study_that_is_stopped_keeps_what_was_found(laboratory: Served) -> None:
    client = laboratory.client(Role.PLANNER)
    study, waiting = ask(client, seeds=100), ask(client)
    assert client.get(f"/v1/studies/{waiting}").json()["facts"]["ahead"] == 1
    for one in (waiting, study, study):
        assert client.post(f"/v1/studies/{one}/cancellation").status_code == 202
        assert told_of(client, one)[-1][1]["state"] == "cancelled"
    left = client.get(f"/v1/studies/{waiting}").json()
    assert (left["found"], left["has_report"]) == ([], False)
    found = client.get(f"/v1/studies/{study}").json()
    assert found["has_report"] == bool(found["found"])


def test_whoever_takes_a_study_up_again_goes_on_from_what_is_there(
    databases: Files | Server,
) -> None:
    url = databases.filled(fill)
    with serving(url, study_processes=1) as served:
        study = ask(served.client(Role.PLANNER))
    # The server is gone; another one did two runs, and died.
    database = Database(url)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    held = in_writing(database, lambda s: take_run(s, 1, 1.0, long_ago, RunKind.STUDY))
    assert held is not None
    assert held.run_id == study
    # Nobody takes a study for a plan, nor twice.
    assert in_writing(database, lambda s: take_run(s, 1, 1.0, long_ago)) is None
    assert in_writing(database, lambda s: take_run(s, 1, 1.0, long_ago, RunKind.STUDY)) is None
    with database.reading() as session:
        asked, facts = begin(session, held)
        known = session.scalar(select(func.count()).select_from(StudyOutcomeRow)) or 0
    base, *_ = scenarios_of(STUDY.validate_json(asked), FACTS.validate_json(facts))
    for job in jobs_of(base)[:2]:
        text = _OUTCOME.dump_json(carry_out(job)).decode()
        in_writing(database, lambda s, key=job.key, text=text: keep_outcome(s, held, key, text))  # type: ignore[misc]
    with serving(url, study_processes=1) as served:
        client = served.client(Role.PLANNER)
        assert told_of(client, study)[-1][1]["state"] == "done"
        found = client.get(f"/v1/studies/{study}").json()
        progress = found["facts"]["progress"]
        assert progress["known"] >= max(2, known)
        assert progress["done"] == progress["total"] == 2 * SEEDS
        assert [one["seeds"] for one in found["found"]] == [SEEDS, SEEDS]
    with database.reading() as session:
        kept = session.scalar(select(func.count()).select_from(StudyOutcomeRow))
    assert kept == 2 * SEEDS
    database.close()
