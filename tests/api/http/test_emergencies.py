"""Emergencies over HTTP: what makes way has another place in the same call, or is left out with a
reason, and people are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import httpx

from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.commands.versions import PUBLISHED, load_version, named_version
from dispatch.domain.access import Role
from dispatch.domain.people import Certificate, ShiftPattern
from dispatch.domain.plan import Plan
from dispatch.domain.work import Priority
from dispatch.importing import import_organisation
from dispatch.rehearsal import moment
from dispatch.store.database import Database
from tests.api.http.serving import BY, Served, serving
from tests.builders import a_route, a_snapshot, a_technician, a_visit, a_work_order, at
from tests.databases import Files, Server
from tests.dispatch.commands.stores import an_organisation

LONG = 225 * 60
BEGIN = at(7)
EMERGENCY: dict[str, Any] = {
    "number": "E",
    "site_id": "A",
    "product": "terminal",
    "priority": "emergency",
    "skip_diagnosis": True,
    "visits": [{"duration_s": 3600, "skills": [{"skill": "camera", "level": 1}]}],
}


@contextmanager
def one_day(url: str, *routes: tuple[str, ...]) -> Iterator[Served]:
    """A published plan of one day: each technician does two visits of low priority, of nearly four
    hours each, or nothing. Only T1 knows cameras. The day is too short for anything more."""
    orders = tuple(dict.fromkeys(visit for route in routes for visit in route))
    facts = a_snapshot(
        [a_visit(visit, duration_s=LONG, work_order_id=f"W{visit}") for visit in orders],
        [
            a_technician("T1", shifts=(), certificates=(Certificate("camera"),)),
            a_technician("T2", shifts=()),
        ],
        work_orders=[a_work_order(f"W{visit}", priority=Priority.LOW) for visit in orders],
    )
    known = replace(
        an_organisation(),
        planning_at=BEGIN,
        horizon_days=1,
        technicians=facts.technicians,
        shift_patterns=tuple(ShiftPattern(t, "daily", time(8), time(17)) for t in ("T1", "T2")),
        sites=facts.sites,
        work_orders=facts.work_orders,
        visits=facts.visits,
        lots=(),
    )
    database = Database(url)
    with database.writing() as session:
        import_organisation(session, known, BY, datetime.now(UTC))
    with database.writing() as session:
        now = moment(session)
        baseline = take_baseline(session, known.planning_at, now)
        shift_of = {t.id: t.shifts[0].id for t in baseline.snapshot.technicians}
        plan = Plan(
            tuple(
                replace(a_route(*route, technician_id=t), shift_id=shift_of[t])
                for t, route in zip(("T1", "T2"), routes, strict=True)
                if route
            )
        )
        publish(session, save_draft(session, baseline, plan, BY, now).version, BY, now)
    database.close()
    with serving(url) as served:
        yield served


def taken(desk: httpx.Client) -> dict[str, Any]:
    """What became of the emergency, booked at once."""
    assert desk.post("/v1/work-orders", json=EMERGENCY).status_code == 201
    looked = desk.post("/v1/assignments", json={"work_order_id": "E"}).json()["visits"][0]
    answer = desk.post("/v1/assignments", json={"work_order_id": "E", "mode": "commit"})
    assert answer.status_code == 201, answer.text
    (visit,) = answer.json()["visits"]
    assert visit["booked"] == looked["options"][0]
    booked: dict[str, Any] = visit["booked"]
    return booked | {"notices": answer.json()["notices"]}


def published(served: Served) -> dict[str, tuple[str, ...]]:
    """Who does what, by the plan in which the referee finds nothing."""
    with served.database.reading() as session:
        version = load_version(session, named_version(session, PUBLISHED))
    assert version.judged.verdict.violations == ()
    return {
        visit_id: tuple(timed.technician_id for timed in crew)
        for visit_id, crew in version.judged.served.items()
    }


def test_a_visit_that_makes_way_goes_to_somebody_else_in_the_same_call(
    databases: Files | Server,
) -> None:
    with one_day(databases.new(), ("L1", "L2"), ()) as served:
        booked = taken(served.client(Role.DISPATCHER))
        assert [seat["technician_id"] for seat in booked["seats"]] == ["T1"]
        assert booked["bumped"] == []
        (moved,) = booked["displaced"]
        assert moved["technician_ids"] == ["T2"]
        plan = published(served)
        assert plan.keys() >= {"L1", "L2"}
        assert plan[moved["visit_id"]] == ("T2",)
        told = {n["recipient_id"] for n in booked["notices"] if n["visit_id"] == moved["visit_id"]}
        assert told >= {"T1", "T2"}


def test_a_visit_that_has_no_place_any_more_is_left_out_with_a_reason(
    databases: Files | Server,
) -> None:
    with one_day(databases.new(), ("L1", "L2"), ("L3", "L4")) as served:
        desk = served.client(Role.DISPATCHER)
        booked = taken(desk)
        (bumped,) = booked["bumped"]
        assert bumped in ("L1", "L2")
        plan = desk.get("/v1/plans/published").json()
        (left,) = (u for u in plan["unassigned"] if u["visit_id"] == bumped)
        assert left["code"], left
        assert published(served).keys() >= {"L1", "L2", "L3", "L4"} - {bumped}
        assert [n for n in booked["notices"] if n["visit_id"] == bumped]
        why = desk.get(f"/v1/visits/{bumped}/explanation").json()
        assert why["planned"] is False
        assert desk.get(f"/v1/work-orders/W{bumped}").json()["state"] == "ready"
