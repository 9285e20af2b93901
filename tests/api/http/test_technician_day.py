"""The day that a phone shows, and what comes back from it, over HTTP."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from PIL import Image
from pypdfium2 import PdfDocument
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from dispatch.commands.versions import PUBLISHED, load_version, named_version
from dispatch.datum import to_wgs84
from dispatch.domain.access import Role
from dispatch.domain.places import Datum, Point
from dispatch.exchange.work_order_pdf import Choice, write_work_orders
from dispatch.form_details import form_details, with_visit
from dispatch.rehearsal import moment
from dispatch.texts import Language
from tests.api.http.serving import Served, fill, organisation, publish_plan, serving
from tests.databases import Files

TECHNICIAN, OTHER = "T0002", "T0001"


@pytest.fixture(name="planned")
def _planned(files: Files) -> Iterator[Served]:
    url = files.new()
    fill(url)
    publish_plan(url)
    with serving(url) as running:
        yield running


def day_of(client: httpx.Client, on: str | None = None) -> dict[str, Any]:
    params = {"date": on} if on else {}
    answer = client.get(f"/v1/technicians/{TECHNICIAN}/day", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def visits(day: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {s["visit"]["visit_id"]: s["visit"] for s in day["stops"] if s["visit"]}


def a_png() -> str:
    file = BytesIO()
    Image.new("RGB", (8, 4), "white").save(file, "PNG")
    return b64encode(file.getvalue()).decode()


def form_of(served: Served, visit_id: str, path: Path) -> str:
    """What stands on the form of a visit that is over; there is one picture on it."""
    with served.database.reading() as session:
        judged = load_version(session, named_version(session, PUBLISHED)).judged
        assert visit_id not in judged.snapshot.visit
        whole = with_visit(session, judged, visit_id)
        details = form_details(session, [visit_id], moment(session))
    choice = Choice(visit_id=visit_id)
    write_work_orders(whole, path, Language.ZH, datetime.now(UTC), choice, details)
    with PdfDocument(path) as document:
        (page,) = document
        pictures = [o for o in page.get_objects() if o.type == FPDF_PAGEOBJ_IMAGE]
        assert len(pictures) == 1
        return str(page.get_textpage().get_text_bounded())


def test_a_day_is_what_the_published_plan_says(planned: Served) -> None:
    own = planned.client(Role.TECHNICIAN, technician=TECHNICIAN)
    plan = own.get("/v1/plans/published").json()
    first, second = (r for r in plan["routes"] if r["technician_id"] == TECHNICIAN)
    day = day_of(own)
    assert (day["day"], day["depart_at"]) == ("2026-09-07", first["depart_at"])
    times = ("kind", "arrival_at", "start_at", "end_at", "leave_at", "travel_s")
    assert [[s[t] for t in times] for s in day["stops"]] == [
        [s[t] for t in times] for s in first["stops"]
    ]
    assert [one["day"] for one in day["ahead"]] == ["2026-09-08"]
    later = day_of(own, "2026-09-08")
    assert (later["depart_at"], later["ahead"]) == (second["depart_at"], [])
    assert list(visits(later)) == [s["visit_id"] for s in second["stops"] if s["visit_id"]]
    pickup = next(s for s in later["stops"] if s["kind"] == "pickup")
    assert pickup["parts"]
    assert day_of(own, "2026-09-20")["stops"] == []


def test_both_points_of_a_place_are_the_same_place(planned: Served) -> None:
    day = day_of(planned.client(Role.VIEWER))
    places = [s["place"] for s in day["stops"] if s["place"]]
    for place in places:
        assert (place["wgs84"]["datum"], place["gcj02"]["datum"]) == ("WGS-84", "GCJ-02")
        chinese = Point(place["gcj02"]["latitude"], place["gcj02"]["longitude"], Datum.GCJ02)
        back = to_wgs84(chinese)
        assert back.latitude == pytest.approx(place["wgs84"]["latitude"], abs=1e-6)
        assert back.longitude == pytest.approx(place["wgs84"]["longitude"], abs=1e-6)


def test_technicians_see_their_own_day_only(planned: Served) -> None:
    other = planned.client(Role.TECHNICIAN, technician=OTHER)
    assert other.get(f"/v1/technicians/{TECHNICIAN}/day").status_code == 404
    assert (
        planned.client(Role.TICKET_SYSTEM).get(f"/v1/technicians/{TECHNICIAN}/day").status_code
        == 403
    )


def assert_each_of_a_crew_arrives_and_the_first_one_counts(desk: httpx.Client) -> None:
    site = desk.get("/v1/sites").json()["items"][0]["id"]
    visit = {"duration_s": 1200, "crew_size": 2}
    ticket = {"number": "N1", "site_id": site, "product": "p", "skip_diagnosis": True}
    desk.post("/v1/work-orders", json=ticket | {"visits": [visit]}).raise_for_status()
    asked = {"work_order_id": "N1", "mode": "commit"}
    booked = desk.post("/v1/assignments", json=asked).json()["visits"][0]["booked"]
    first, second = (seat["technician_id"] for seat in booked["seats"])
    zone = ZoneInfo(organisation().time_zone)
    on = f"{datetime.fromisoformat(booked['start_at']).astimezone(zone):%Y-%m-%d}"

    def visit_of(who: str) -> dict[str, Any]:
        """On the day that it was booked for; once somebody is there, today."""
        path = f"/v1/technicians/{who}/day"
        days = [desk.get(path, params=params).json() for params in ({"date": on}, {})]
        return next(v["N1-1"] for v in map(visits, days) if "N1-1" in v)

    now = datetime.fromisoformat(desk.get("/v1/me").json()["now_at"])
    for number, who in enumerate((first, second)):
        assert visit_of(who)["arrived_at"] is None
        at = (now + timedelta(seconds=number)).isoformat()
        fact = {"id": who, "kind": "arrived", "visit_id": "N1-1", "happened_at": at, "by": who}
        desk.post("/v1/work-orders/N1/events", json=fact).raise_for_status()
    one, other = visit_of(first), visit_of(second)
    assert one["times"]["started_at"] == one["arrived_at"] == other["times"]["started_at"]
    assert other["arrived_at"] > one["arrived_at"]
    assert other["crew"][0]["technician_id"] == first
    assert other["crew"][0]["arrived_at"] == one["arrived_at"]


def test_steps_lead_through_the_visit_and_what_is_done_stays_on_the_day(
    planned: Served, tmp_path: Path
) -> None:
    own = planned.client(Role.TECHNICIAN, technician=TECHNICIAN)
    day = day_of(own)
    visit_id, visit = next(iter(visits(day).items()))
    order = f"/v1/work-orders/{visit['work_order_id']}"
    at = datetime.fromisoformat(day["now_at"])
    details = {
        "repaired": {},
        "signed_off": {"signed_by": "王师傅", "signature_png": a_png()},
    }
    kinds = ("departed", "arrived", "repaired", "signed_off")
    for number, kind in enumerate(kinds):
        visit = visits(day_of(own))[visit_id]
        step = next(s for s in visit["steps"] if s["start"] == visit["state"] and s["kind"] == kind)
        fact = {
            "id": f"phone-{number}",
            "kind": kind,
            "visit_id": visit_id,
            "happened_at": (at + timedelta(seconds=number)).isoformat(),
            "by": TECHNICIAN,
            "details": details.get(kind),
        }
        told = [own.post(f"{order}/events", json=fact) for _ in range(2)]
        assert [(t.status_code, t.json()["again"]) for t in told] == [(201, False), (200, True)]
        assert told[0].json()["visit_state"] == step["end"]
    done = visits(day_of(own))[visit_id]
    assert (done["state"], [s for s in done["steps"] if s["start"] == "signed_off"]) == (
        "signed_off",
        [],
    )
    picture = f"{order}/events/phone-3/signature"
    for reader in (own, planned.client(Role.VIEWER)):
        seen = reader.get(picture)
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/png")
        assert b64encode(seen.content).decode() == a_png()
    other = planned.client(Role.TECHNICIAN, technician=OTHER)
    assert other.get(picture).status_code == 404
    assert own.get(f"{order}/events/phone-2/signature").status_code == 404
    assert "王师傅" in form_of(planned, visit_id, tmp_path / "form.pdf")

    def take_back(client: httpx.Client, number: int, name: str = "") -> httpx.Response:
        body = {"id": f"{name}undo-{number}", "reason": "误触", "happened_at": at.isoformat()}
        return client.post(f"{order}/events/phone-{number}/withdrawal", json=body)

    assert take_back(other, 3).status_code == 404
    assert take_back(planned.client(Role.TICKET_SYSTEM), 3).status_code == 403
    standing = take_back(own, 1)
    assert (standing.status_code, standing.json()["code"]) == (409, "withdrawal")
    assert "signed off" in standing.json()["detail"]
    assert take_back(own, 9).json()["code"] == "unknown_event"
    outcomes = [take_back(own, 3) for _ in range(2)]
    assert [(o.status_code, o.json()["again"]) for o in outcomes] == [(201, False), (200, True)]
    assert outcomes[0].json()["visit_state"] == "repaired"
    desk = planned.client(Role.DISPATCHER)
    said = {"id": "by-somebody", "kind": "signed_off", "visit_id": visit_id, "by": "somebody"}
    signed = {**said, "happened_at": at.isoformat(), "details": {"signed_by": "王师傅"}}
    desk.post(f"{order}/events", json=signed | {"id": "phone-4"}).raise_for_status()
    assert take_back(own, 4).json()["code"] == "not_yours"
    assert take_back(desk, 4).status_code == 201
    facts = desk.get(order).json()
    assert {w["event"]["id"]: w["reason"] for w in facts["withdrawn"]} == {
        "phone-3": "误触",
        "phone-4": "误触",
    }
    assert visits(day_of(own))[visit_id]["state"] == "repaired"
    assert_each_of_a_crew_arrives_and_the_first_one_counts(desk)


def test_what_is_no_picture_is_refused_and_the_fact_with_it(planned: Served) -> None:
    own = planned.client(Role.TECHNICIAN, technician=TECHNICIAN)
    day = day_of(own)
    visit_id, visit = next(iter(visits(day).items()))
    fact = {
        "id": "phone-1",
        "kind": "signed_off",
        "visit_id": visit_id,
        "happened_at": day["now_at"],
        "details": {"signed_by": "王师傅", "signature_png": "aGVsbG8="},
    }
    answer = own.post(f"/v1/work-orders/{visit['work_order_id']}/events", json=fact)
    assert (answer.status_code, answer.json()["code"]) == (422, "signature")
    assert visits(day_of(own))[visit_id]["state"] == "published"


def test_a_desk_of_one_territory_is_told_no_more_than_times_of_others(wide: Served) -> None:
    whole = wide.client(Role.DISPATCHER)
    own = wide.client(Role.DISPATCHER, ("Territory ST001",))
    for technician in own.get("/v1/technicians").json()["items"]:
        path = f"/v1/technicians/{technician['id']}/day"
        pairs = zip(own.get(path).json()["stops"], whole.get(path).json()["stops"], strict=True)
        hidden = [(mine, stop) for mine, stop in pairs if mine["visit"] != stop["visit"]]
        for mine, stop in hidden:
            assert mine["start_at"] == stop["start_at"]
            told = ("visit", "place", "parts", "tools")
            assert [mine[name] for name in told] == [None, None, [], []]
        if hidden:
            return
    pytest.fail("nothing was hidden")
