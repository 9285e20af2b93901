"""Technicians, stations and sites are added and put right; what was published is judged by it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from dispatch.domain.access import Role
from dispatch.store.rows_log import AuditRow
from tests.api.http.serving import (
    Served,
    fill_and_publish,
    fill_many_and_publish,
    organisation,
    serving,
)
from tests.api.http.test_access import FOREIGN, HOME, ids_of
from tests.api.http.test_changes import listening
from tests.databases import Files, Server

Told = dict[str, Any]
DAY = {"days": "workdays", "start": "08:00:00", "end": "17:00:00"}
STANDARD = {c.id for c in organisation().customers if c.tier != "strategic"}


@pytest.fixture(name="planned")
def _planned(databases: Files | Server) -> Any:  # noqa: ANN401 - it yields
    with serving(databases.filled(fill_and_publish)) as running:
        yield running


def changed(client: httpx.Client, path: str, **wanted: Any) -> httpx.Response:  # noqa: ANN401
    """The answer to a change of what is there now."""
    match = {"If-Match": client.get(path).headers["etag"]}
    return client.patch(path, json=wanted, headers=match)


def lines(served: Served, kind: str) -> list[AuditRow]:
    with served.database.reading() as session:
        found = select(AuditRow).where(AuditRow.subject_kind == kind).order_by(AuditRow.id)
        return list(session.scalars(found))


def broken(client: httpx.Client, technician: str) -> set[str]:
    """The rules that a technician's part of the published plan breaks, as the referee finds."""
    plan = client.get("/v1/plans/published").json()
    return {v["code"] for v in plan["violations"] if v["technician_id"] == technician}


def test_a_technician_joins_learns_and_leaves(planned: Served) -> None:
    chief, desk = planned.client(Role.ADMINISTRATOR), planned.client(Role.DISPATCHER)
    station, customer = organisation().stations[0].id, organisation().customers[0].id
    new: Told = {
        "id": "N 1/a",
        "name": "周新",
        "station_id": station,
        "certificates": [{"skill": "video", "level": 2, "expires_on": "2027-01-31"}],
        "territories": [{"territory": organisation().sites[0].territory, "coverage": "backup"}],
        "tools": ["ladder"],
        "excluded_customers": [customer],
        "max_visits": 5,
        "shift_patterns": [
            DAY | {"breaks": [{"earliest": "11:30", "latest": "13:00", "duration_s": 3600}]},
            {"days": "Sat", "start": "20:00", "end": "06:00", "kind": "standby"},
        ],
    }
    slashed = new | {"id": "N 1/a"}
    assert chief.post("/v1/technicians", json=slashed).json()["errors"][0]["pointer"] == "/id"
    new["id"] = "N 1"
    with listening(desk) as stream:
        made = chief.post("/v1/technicians", json=new)
        assert made.status_code == 201, made.text
        assert stream.until("technician.changed")["technician_ids"] == ["N 1"]
    path = made.headers["location"]
    assert chief.post("/v1/technicians", json=new).status_code == 200
    other = chief.post("/v1/technicians", json=new | {"name": "another"})
    assert (other.status_code, other.json()["code"]) == (409, "technician_taken")
    found = desk.get(path)
    assert (found.json(), found.headers["etag"]) == (made.json(), made.headers["etag"])
    assert [one["days"] for one in found.json()["shift_patterns"]] == ["workdays", "Sat"]

    assert desk.patch(path, json={"name": "x"}).status_code == 428
    assert desk.patch(path, json={"name": "x"}, headers={"If-Match": '"old"'}).status_code == 412
    # What was read may be sent back: nothing changes.
    same = {name: value for name, value in found.json().items() if name != "id"}
    assert changed(desk, path, **same).headers["etag"] == made.headers["etag"]
    assert len(lines(planned, "technician")) == 1
    for wrong, pointer in (
        ({"station_id": "nowhere"}, "/station_id"),
        ({"territories": [{"territory": "nowhere"}]}, "/territories/0/territory"),
        ({"excluded_sites": ["nowhere"]}, "/excluded_sites/0"),
        ({"certificates": new["certificates"] * 2}, "/certificates/1"),
        ({"shift_patterns": [DAY, DAY]}, "/shift_patterns"),
        ({"shift_patterns": [DAY | {"days": "someday"}]}, "/shift_patterns"),
        ({"shift_patterns": [DAY | {"start": "08:00:00Z"}]}, "/shift_patterns/0/start"),
        ({"max_visits": -1}, "/max_visits"),
        ({"nickname": "x"}, "/nickname"),
    ):
        answer = changed(desk, path, **wrong)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), wrong
    assert desk.get(path).headers["etag"] == made.headers["etag"]
    evening = DAY | {"start": "09:00:00", "end": "18:00:00"}
    renewed = [{"skill": "video", "level": 3}]
    hours = [new["shift_patterns"][1], evening]
    answer = changed(
        desk, path, certificates=renewed, max_visits=None, shift_patterns=hours, reason="exam"
    )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["certificates"][0]["level"], told["max_visits"]) == (3, None)
    assert [one["days"] for one in told["shift_patterns"]] == ["Sat", "workdays"]
    assert (told["name"], told["tools"]) == ("周新", ["ladder"])
    line = lines(planned, "technician")[-1]
    assert (line.command, line.reason) == ("change technician", "exam")
    assert line.before is not None
    assert line.before.keys() == {"certificates", "max_visits", "shift_patterns"}


def test_the_published_plan_says_what_a_change_breaks(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    needed = {visit.id for visit in organisation().visits if visit.skills}
    plan = desk.get("/v1/plans/published").json()
    assert plan["violations"] == []
    technician, visits = next(
        (route["technician_id"], {s["visit_id"] for s in route["stops"]} - {None})
        for route in plan["routes"]
        if {s["visit_id"] for s in route["stops"]} & needed
    )
    path = f"/v1/technicians/{technician}"
    before = desk.get(path).json()
    board = desk.get("/v1/plans/published/board").json()
    assert board["violations"] == []
    assert changed(desk, path, certificates=[]).status_code == 200
    assert "skill" in broken(desk, technician)
    now = desk.get("/v1/plans/published/board").json()["violations"]
    assert "skill" in {violation["code"] for violation in now}
    # Without shifts there is nowhere to plan: the visits are out, and it is said why.
    assert changed(desk, path, shift_patterns=[]).status_code == 200
    now = desk.get("/v1/plans/published").json()
    left = {u["visit_id"] for u in now["unassigned"] if u["code"] == "dropped"}
    # Of a crew the others stay, and are too few.
    crews = {v["visit_id"] for v in now["violations"] if v["code"] == "crew"}
    assert left & visits
    assert visits <= left | crews
    back = {name: before[name] for name in ("certificates", "shift_patterns")}
    assert changed(desk, path, **back).json() == before
    again = desk.get("/v1/plans/published").json()
    assert (again["routes"], again["violations"]) == (plan["routes"], [])


def test_places_are_put_right_and_new_ones_are_planned_for(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    site = next(s for s in organisation().sites if s.customer_id in STANDARD)
    path, station = f"/v1/sites/{site.id}", f"/v1/stations/{organisation().stations[0].id}"
    ticket = {"site_id": site.id, "product": "p", "priority": "normal"}
    clocks = desk.post("/v1/work-orders", json=ticket | {"number": "A"}).json()["clocks"]
    before = desk.get("/v1/plans/published").json()["cost_fen"]
    with listening(desk) as stream:
        answer = changed(
            desk, path, province="Elsewhere", latitude=site.point.latitude + 0.2, reason="visited"
        )
        assert answer.status_code == 200
        assert answer.json() == desk.get(path).json()
        assert stream.until("site.changed")["site_ids"] == [site.id]
        assert changed(desk, station, pickup_s=1800, name="New").json()["pickup_s"] == 1800
        assert stream.until("station.changed")["station_ids"] == [organisation().stations[0].id]
    assert desk.get("/v1/plans/published").json()["cost_fen"] != before
    # Terms out of the province give more time: the ticket after the move is answered by them.
    later = desk.post("/v1/work-orders", json=ticket | {"number": "B"})
    assert later.json()["clocks"] == desk.get("/v1/work-orders/B").json()["clocks"]
    restore = [
        next(c for c in found if c["kind"] == "restore")
        for found in (clocks, later.json()["clocks"])
    ]
    assert restore[1]["due_at"] > restore[0]["due_at"]
    for wrong, pointer in (
        ({"territory": "nowhere"}, "/territory"),
        ({"latitude": 123.4}, "/latitude"),
        ({"customer_id": "x"}, "/customer_id"),
    ):
        answer = changed(desk, path, **wrong)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), wrong
    assert [line.before for line in lines(planned, "site")] == [
        {"province": site.province, "latitude": site.point.latitude}
    ]

    new = desk.get(path).json() | {"id": "S-NEW", "name": "another"}
    made = desk.post("/v1/sites", json=new)
    assert (made.status_code, made.json()) == (201, new)
    assert desk.post("/v1/sites", json=new).status_code == 200
    assert desk.post("/v1/sites", json=new | {"name": "x"}).json()["code"] == "site_taken"
    taken = desk.post("/v1/sites", json=new | {"id": organisation().stations[0].id})
    assert (taken.status_code, taken.json()["code"]) == (409, "site_taken")
    nobody = desk.post("/v1/sites", json=new | {"id": "S2", "customer_id": "nobody"})
    assert nobody.json()["errors"][0]["pointer"] == "/customer_id"
    order = {"number": "C", "site_id": "S-NEW", "product": "p", "skip_diagnosis": True}
    assert desk.post("/v1/work-orders", json=order).status_code == 201
    asked = {"work_order_id": "C", "mode": "suggest"}
    assert desk.post("/v1/assignments", json=asked).status_code == 200


def test_what_a_key_does_not_see_stays_as_it_is(files: Files) -> None:
    known = organisation(120)
    both = next(
        t for t in known.technicians
        if len({c.territory for c in t.territories}) > 1
        and HOME in {c.territory for c in t.territories}
    )  # fmt: skip
    away = [c.territory for c in both.territories if c.territory != HOME]
    path = f"/v1/technicians/{both.id}"
    with serving(files.filled(fill_many_and_publish)) as served:
        limited = served.client(Role.DISPATCHER, (HOME,))
        home = [{"territory": HOME, "coverage": "backup"}]
        assert changed(limited, path, territories=home).json()["territories"] == home
        whole = served.client(Role.VIEWER).get(path).json()["territories"]
        assert [cover["territory"] for cover in whole] == [HOME, *away]
        for wrong, pointer in (
            ({"territories": [{"territory": FOREIGN}]}, "/territories/0/territory"),
            ({"territories": []}, "/territories"),
            ({"excluded_sites": [ids_of(FOREIGN)["sites"]]}, "/excluded_sites/0"),
        ):
            answer = changed(limited, path, **wrong)
            assert answer.json()["errors"][0]["pointer"] == pointer, wrong
        site = f"/v1/sites/{ids_of(HOME)['sites']}"
        assert changed(limited, site, territory=FOREIGN).status_code == 422
        new = limited.get(site).json() | {"id": "S-NEW", "territory": FOREIGN}
        assert limited.post("/v1/sites", json=new).status_code == 422
