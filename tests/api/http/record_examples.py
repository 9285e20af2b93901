"""Records the examples of the OpenAPI document: every operation, called on the sample organisation.

    python -m tests.api.http.record_examples

Reads are found in the document; what writes is listed here.
"""

import json
import re
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from api.app import create_app
from api.settings import Settings
from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.domain.access import Role
from dispatch.exchange import load_organisation
from dispatch.importing import import_organisation
from dispatch.rehearsal import moment
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_places import EquipmentRow
from scenarios import organisations
from tests.api.http.serving import BY, serving
from tests.databases import Files
from tests.dispatch.commands.planned import searched

FILE = Path(__file__).parents[3] / "api" / "examples.json"
SHOWN = 2
"""Entries of lists in examples."""
_MOST_FIELDS = 30
"""No answer has more: such a thing holds others by their ids."""
_SECRET = "whsec_SECRET"
_PATIENCE_S = 600
"""The machine may be busy."""
QUERIES: dict[str, dict[str, Any]] = {
    "getFigures": {"from": "2026-09-28", "until": "2026-09-29", "territory": "沈阳"},
    "getMonthlyReport": {"first": "2026-09", "last": "2026-09"},
    "search": {"q": "沈阳"},
}


def record() -> dict[str, dict[str, Any]]:
    """What every operation that answers JSON was sent and answered."""
    organisation = load_organisation(organisations.path_of("liaoning"))
    with ExitStack() as stack:
        url = Files(Path(stack.enter_context(TemporaryDirectory()))).new()
        database = Database(url)
        stack.callback(database.close)
        at = organisation.planning_at
        with database.writing() as session:
            import_organisation(session, organisation, BY, datetime.now(UTC))
            session.add(
                EquipmentRow(
                    id="E-0001",
                    site_id=organisation.sites[0].id,
                    product="视频终端",
                    serial="VT2407-0113",
                    installed_on=date(2024, 7, 15),
                    warranty_until=date(2027, 7, 14),
                )
            )
        with database.reading() as session:
            baseline = take_baseline(session, at, moment(session))
        plan = searched(baseline.snapshot)
        made = in_writing(database, lambda s: save_draft(s, baseline, plan, BY, moment(s)))
        served = stack.enter_context(serving(url, timeout_s=_PATIENCE_S))
        recorder = _Recorder(served.client(Role.ADMINISTRATOR))
        recorder.tell()
        in_writing(database, lambda s: publish(s, made.version, BY, moment(s)))
        return recorder.all()


class _Recorder:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._document = create_app(Settings("sqlite:///nowhere.db")).openapi()
        self._found: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {"version": "published", "event_id": "none"}
        self._etag = ""

    def all(self) -> dict[str, dict[str, Any]]:
        self._write()
        self._plan()
        for path, methods in self._document["paths"].items():
            name = methods.get("get", {}).get("operationId")
            if name is not None and name not in self._found:
                self._get(name, path)
        return self._found

    def tell(self) -> None:
        """Somebody is told what happens from now on."""
        endpoints = "/v1/webhook-endpoints"
        wanted = {"name": "ticket system", "url": "https://tickets.example/hooks/dispatch"}
        made = self._send("addWebhookEndpoint", "POST", endpoints, wanted)
        made["secret"] = _SECRET
        self._ids["endpoint_id"] = made["endpoint"]["id"]
        endpoint = f"{endpoints}/{self._ids['endpoint_id']}"
        self._etag = self._client.get(endpoint).headers["etag"]
        self._send("changeWebhookEndpoint", "PATCH", endpoint, {"language": "en"})
        rotated = self._send("rotateWebhookSecret", "POST", f"{endpoint}/secrets", None)
        rotated["secret"] = _SECRET

    def _write(self) -> None:
        plan = self._client.get("/v1/plans/published").json()
        routed = [(r, s) for r in plan["routes"] for s in r["stops"] if s["visit_id"]]
        (route, stop), *_ = routed
        self._ids["delivery_id"] = self._first("/v1/webhook-deliveries")
        replay = f"/v1/webhook-deliveries/{self._ids['delivery_id']}/replay"
        self._send("replayWebhookDelivery", "POST", replay, None)
        levels = self._client.get("/v1/stock", params={"limit": 200}).json()["items"]
        level = next(one for one in levels if one["on_hand"] > 0)
        station = self._first("/v1/stations")
        self._ids |= {"technician_id": route["technician_id"], "visit_id": stop["visit_id"]}
        ticket = {
            "number": "T-20260929-0017",
            "site_id": self._first("/v1/sites"),
            "product": "视频终端",
            "priority": "high",
            "text": "终端黑屏，无法启动",
            "skip_diagnosis": True,
        }
        taken = self._send("takeTicket", "POST", "/v1/work-orders", ticket)
        self._ids["work_order_id"] = taken["id"]
        order = f"/v1/work-orders/{taken['id']}"
        self._etag = self._client.get(order).headers["etag"]
        patch = {"priority": "normal", "reason": "客户来电说明不急"}
        self._send("changeWorkOrder", "PATCH", order, patch)
        fact = {
            "id": "phone7-000123",
            "kind": "responded",
            "happened_at": taken["reported_at"],
            "note": "已电话联系",
        }
        self._send("recordEvent", "POST", f"{order}/events", fact)
        mistake = {"id": "phone7-000125", "reason": "电话打给了另一位客户"}
        self._send("withdrawEvent", "POST", f"{order}/events/{fact['id']}/withdrawal", mistake)
        finished = {"id": "phone7-000124", "kind": "repaired", "happened_at": taken["reported_at"]}
        late = finished | {"visit_id": "no-such-visit", "late": True}
        self._client.post(f"{order}/events", json=late)
        self._get("listRefusedEvents", "/v1/refused-events")
        settlements = f"/v1/refused-events/{late['id']}/settlements"
        self._send("settleRefusedEvent", "POST", settlements, {"reason": "已与技术员核实"})
        absences = f"/v1/technicians/{route['technician_id']}/absences"
        away = {
            "start_at": "2026-10-09T08:00:00+08:00",
            "end_at": "2026-10-09T12:00:00+08:00",
            "reason": "培训",
        }
        self._ids["start_at"] = self._send("addAbsence", "POST", absences, away)["start_at"]
        absence = f"{absences}/{self._ids['start_at']}"
        self._etag = self._client.get(absence).headers["etag"]
        self._send("changeAbsence", "PATCH", absence, {"end_at": "2026-10-09T17:00:00+08:00"})
        links = f"/v1/technicians/{route['technician_id']}/calendar-links"
        made = self._send("makeCalendarLink", "POST", links, None)
        made["path"] = re.sub("fd_[^.]+", "fd_0a1b2c3d4e_SECRET", made["path"])
        self._record(route["technician_id"], station)
        part = level["part_id"]
        moved = {"lot_id": "PO-88-1", "part_id": part, "quantity": 4, "place": station}
        self._send("moveStock", "POST", "/v1/stock/movements", {"kind": "receive"} | moved)
        coming = {
            "lot_id": "PO-89-1",
            "part_id": part,
            "quantity": 10,
            "station_id": station,
            "available_at": "2026-10-12T09:00:00+08:00",
        }
        self._send("expectDelivery", "POST", "/v1/stock/deliveries", coming)
        want = {"visit_id": stop["visit_id"], "part_id": part, "quantity": 1, "place": station}
        kept = self._send("reserve", "POST", "/v1/reservations", {"wants": [want], "hours": 24})
        ids = [one["id"] for one in _dicts(kept) if "part_id" in one and "id" in one]
        releases = {"reservation_ids": ids, "reason": "改用车上备件"}
        self._send("release", "POST", "/v1/reservations/releases", releases)

    def _record(self, technician: str, station: str) -> None:
        """What is put right of technicians and places, and who and what is new."""
        own = f"/v1/technicians/{technician}"
        found = self._changeable(own)
        renewed = [one | {"expires_on": "2029-09-30"} for one in found["certificates"]]
        changed = {"certificates": renewed, "reason": "证书已续期"}
        self._send("changeTechnician", "PATCH", own, changed)
        names = ("station_id", "certificates", "territories", "tools", "shift_patterns")
        joins = {"id": "NEW-01", "name": "周新"} | {name: found[name] for name in names}
        self._send("addTechnician", "POST", "/v1/technicians", joins)
        place = f"/v1/stations/{station}"
        self._changeable(place)
        self._send("changeStation", "PATCH", place, {"pickup_s": 900})
        site = self._client.get("/v1/sites", params={"limit": 1}).json()["items"][0]
        place = f"/v1/sites/{site['id']}"
        self._changeable(place)
        moved = {"latitude": 41.8057, "longitude": 123.4315}
        self._send("changeSite", "PATCH", place, moved | {"reason": "现场核实位置"})
        new = {"id": "NEW-S1", "name": "新客户场站", "address": "建设路1号"}
        self._send("addSite", "POST", "/v1/sites", site | moved | new)

    def _changeable(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """What is there, which the next request may change."""
        answer = self._client.get(path)
        self._etag = answer.headers["etag"]
        return answer.json()

    def _plan(self) -> None:
        """What changes plans, on the plan that is published; visits of one technician only."""
        plan = self._client.get("/v1/plans/published").json()
        ids = [s["visit_id"] for r in plan["routes"] for s in r["stops"] if s["visit_id"]]
        who = {s["visit_id"]: r["technician_id"] for r in plan["routes"] for s in r["stops"]}
        visit, other = [v for v in ids if ids.count(v) == 1 and v != self._ids["visit_id"]][-2:]
        order = self._ids["work_order_id"]
        self._send("repair", "POST", "/v1/repairs", {"iterations": 0})
        self._send("evaluate", "POST", "/v1/evaluate", {"changes": [{"visit_id": visit}]})
        asked = {"work_order_id": order, "mode": "suggest", "most": 1}
        self._send("assign", "POST", "/v1/assignments", asked)
        batch = {"work_order_ids": [order], "mode": "suggest", "most": 1}
        self._send("assignBatch", "POST", "/v1/assignments/batch", batch)
        found = self._send("findSlots", "POST", "/v1/slots", {"visit": order, "days": 2, "most": 2})
        slot = found["slots"][0]
        window = {"open_at": slot["window"]["open_at"], "close_at": slot["window"]["close_at"]}
        hold = {"visit_id": found["visit_id"]} | window
        self._send("holdSlot", "POST", "/v1/slots/holds", hold)
        holds = f"/v1/slots/holds/{found['visit_id']}"
        self._get("listHolds", "/v1/slots/holds")
        self._send("releaseSlot", "POST", f"{holds}/release", None)
        self._client.post("/v1/slots/holds", json=hold, headers={"Idempotency-Key": "again"})
        self._send("confirmSlot", "POST", f"{holds}/confirmation", {})
        run = self._send("makePlan", "POST", "/v1/plans", {"iterations": 1})
        self._ids["run_id"] = run["id"]
        self._send("cancelRun", "POST", f"/v1/runs/{run['id']}/cancellation", None)
        pin = f"/v1/visits/{visit}/pin"
        self._etag = self._client.get(pin).headers["etag"]
        self._send("setPin", "PUT", pin, {"technician_ids": [who[visit]], "reason": "客户指定"})
        self._get("getPin", pin)
        self._client.delete(pin, headers={"If-Match": self._client.get(pin).headers["etag"]})
        forced = {"force": True, "reason": "客户要求"}
        changes = {
            "unassignByHand": ("published/unassignments", {"visit_id": visit}),
            "assignByHand": (
                "draft/assignments",
                {"visit_id": visit, "technician_ids": [who[visit]]} | forced,
            ),
            "swapByHand": (
                "draft/swaps",
                {"visit_id": visit, "other_visit_id": other} | forced,
            ),
            "publishPlan": ("draft/publication", forced),
        }
        for name, (path, body) in changes.items():
            version = path.split("/")[0]
            self._etag = self._client.get(f"/v1/plans/{version}").headers["etag"]
            self._send(name, "POST", f"/v1/plans/{path}", body)
            if name == "swapByHand":
                self._get("comparePlans", "/v1/plans/draft/comparison")
        self._study(who[visit])

    def _study(self, technician: str) -> None:
        """One that is over."""
        changes = [{"change": "hire", "like": technician}]
        asked = {"name": "招人", "seeds": 2, "iterations": 20}
        scenarios = [{"name": "多一人", "changes": changes}]
        made = self._send("makeStudy", "POST", "/v1/studies", asked | {"scenarios": scenarios})
        self._ids["study_id"] = made["id"]
        study = f"/v1/studies/{made['id']}"
        with self._client.stream("GET", f"{study}/events") as stream:
            stream.read()
        self._send("cancelStudy", "POST", f"{study}/cancellation", None)

    def _first(self, path: str) -> str:
        return str(self._client.get(path).json()["items"][0]["id"])

    def _send(self, name: str, method: str, path: str, body: Any) -> Any:  # noqa: ANN401
        headers = {"Idempotency-Key": name, "If-Match": self._etag or "*"}
        answer = self._client.request(method, path, json=body, headers=headers)
        if not answer.is_success:
            raise ValueError(f"{name}: {answer.text}")
        self._found[name] = {"response": _short(answer.json())}
        if body is not None:
            self._found[name]["request"] = body
        return self._found[name]["response"]

    def _get(self, name: str, path: str) -> None:
        kind = path.removeprefix("/v1/").split("/")[0]
        if kind in ("calendars", "changes") or (
            path.endswith("/events") and kind in ("runs", "studies")
        ):
            return
        if "{key}" in path:
            items = self._client.get(f"/v1/{kind}").json()["items"]
            if not items:
                return
            self._ids["key"] = items[0]["id"]
        query = QUERIES.get(name, {})
        if name == "traceStock":
            query = {"visit_id": self._ids["visit_id"]}
        address = re.sub(r"\{(\w+)\}", lambda m: self._ids[m[1]], path)
        answer = self._client.get(address, params={"limit": SHOWN} | query)
        if answer.headers["content-type"] == "application/json" and answer.is_success:
            self._found[name] = {"response": _short(answer.json())}


def _short(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Of every list the first entries, and of what is kept by its id."""
    if isinstance(value, dict):
        shown = SHOWN if len(value) > _MOST_FIELDS else None
        return {name: _short(item) for name, item in [*value.items()][:shown]}
    return [_short(item) for item in value[:SHOWN]] if isinstance(value, list) else value


def _dicts(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) else []
    return own + [found for item in below for found in _dicts(item)]


if __name__ == "__main__":
    FILE.write_text(json.dumps(record(), ensure_ascii=False, indent=1) + "\n", "utf-8")
