"""Whoever listens hears what happens, whoever did it, and nothing that is not seen."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from api.change_watch import MOST_OF_ONE
from dispatch.domain.access import Role
from dispatch.rehearsal import moment
from dispatch.store.database import Database
from dispatch.store.rows_log import AuditRow
from tests.api.http.serving import BY, Served, fill, organisation, publish_plan, serving
from tests.api.http.test_access import FOREIGN, HOME, ids_of
from tests.databases import Files, Server

Told = dict[str, Any]


class Stream:
    """What a listener hears, and the last place."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()
        self.place = ""

    def next(self) -> Told:
        """The next change."""
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "id":
                self.place = value
            elif name == "data":
                found: Told = json.loads(value)
                return found
        raise AssertionError("the stream ended")

    def until(self, kind: str) -> Told:
        while True:
            found = self.next()
            if found["kind"] == kind:
                return found

    def to_place(self) -> None:
        """Up to the end of what came together."""
        before = self.place
        for line in self._lines:
            if line.startswith("id: "):
                self.place = line.removeprefix("id: ")
                if self.place != before:
                    return


@contextmanager
def listening(client: httpx.Client, place: str | None = None) -> Iterator[Stream]:
    headers = {"Last-Event-ID": place} if place is not None else {}
    with client.stream("GET", "/v1/changes", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


def take(client: httpx.Client, number: str, site: str | None = None) -> str:
    ticket = {"number": number, "site_id": site or organisation().sites[0].id, "product": "video"}
    answer = client.post("/v1/work-orders", json=ticket | {"skip_diagnosis": True})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_who_listens_hears_of_tickets_events_and_absences(served: Served) -> None:
    desk, viewer = served.client(Role.DISPATCHER), served.client(Role.VIEWER)
    with listening(viewer) as stream:
        assert stream.next() == {"kind": "ready"}
        order = take(desk, "T-1")
        ticket = stream.until("ticket.taken")
        assert ticket["work_order_ids"] == [order]
        assert ticket["by"] == "a dispatcher"
        with served.database.reading() as session:
            at = moment(session).isoformat()
        fact = {"id": "E1", "kind": "responded", "happened_at": at}
        assert desk.post(f"/v1/work-orders/{order}/events", json=fact).status_code == 201
        assert stream.until("event.recorded")["events"] == ["responded"]
        away = {"start_at": "2026-10-01T00:00:00Z", "end_at": "2026-10-02T00:00:00Z"}
        technician = organisation().technicians[0].id
        desk.post(f"/v1/technicians/{technician}/absences", json=away)
        assert stream.until("absence.changed")["technician_ids"] == [technician]


def test_two_processes_hear_of_each_other(server: Server) -> None:
    url = server.new()
    fill(url)
    with serving(url) as one, serving(url) as other, listening(one.client(Role.VIEWER)) as stream:
        order = take(other.client(Role.DISPATCHER), "T-1")
        assert stream.until("ticket.taken")["work_order_ids"] == [order]


def test_what_was_missed_comes_once(served: Served) -> None:
    desk = served.client(Role.DISPATCHER)
    with listening(desk) as stream:
        take(desk, "T-1")
        stream.until("ticket.taken")
        stream.to_place()
    missed = [take(desk, "T-2"), take(desk, "T-3")]
    with listening(desk, stream.place) as again:
        assert again.next() == {"kind": "ready"}
        later = take(desk, "T-4")
        heard = [again.until("ticket.taken")["work_order_ids"] for _ in range(3)]
    assert heard == [[order] for order in (*missed, later)]


def test_what_comes_to_light_late_is_not_missed(server: Server) -> None:
    """PostgreSQL gives a number to a line before the command is over."""
    url = server.new()
    fill(url)
    with serving(url) as served:
        desk = served.client(Role.DISPATCHER)
        slow = Database(url)
        with slow.writing() as session:
            line = AuditRow(
                done_at=moment(session), done_by=BY, command="add absence",
                subject_kind="technician", subject_id=organisation().technicians[0].id,
            )  # fmt: skip
            session.add(line)
            session.flush()
            with listening(desk) as stream:
                take(desk, "T-1")
                stream.until("ticket.taken")
                stream.to_place()
        with listening(desk, stream.place) as again:
            assert again.until("absence.changed")["line"] == line.id
        slow.close()


def test_who_missed_too_much_is_told_to_read_anew(served: Served) -> None:
    with listening(served.client(Role.VIEWER), "999999999") as stream:
        assert stream.next() == {"kind": "reset"}


@pytest.fixture
def planned(files: Files) -> Iterator[Served]:
    url = files.new()
    fill(url)
    publish_plan(url)
    with serving(url) as served:
        yield served


def test_a_draft_that_changes_names_its_visits(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    plan = desk.get("/v1/plans/published")
    visit = next(s["visit_id"] for r in plan.json()["routes"] for s in r["stops"] if s["visit_id"])
    with listening(planned.client(Role.PLANNER)) as stream:
        done = desk.post(
            "/v1/plans/published/unassignments",
            json={"visit_id": visit, "force": True, "reason": "x"},
            headers={"If-Match": plan.headers["etag"]},
        )
        assert done.status_code == 201, done.text
        told = stream.until("draft.changed")
    assert (told["version"], told["visit_ids"]) == (done.json()["version"], [visit])


def test_runs_are_followed(planned: Served) -> None:
    planner = planned.client(Role.PLANNER)
    with listening(planned.client(Role.VIEWER)) as stream:
        run = planner.post("/v1/plans", json={"iterations": 1}).json()["id"]
        kinds = []
        while "run.finished" not in kinds:
            told = stream.next()
            if told.get("run_id") == run:
                kinds.append(told["kind"])
    assert kinds[:2] == ["run.queued", "run.started"]
    assert told["told"]["version"]


def test_nobody_hears_of_what_is_not_seen(wide: Served) -> None:
    everybody = wide.client(Role.ADMINISTRATOR)
    own = wide.client(Role.TECHNICIAN, technician=ids_of(HOME)["technician_id"])
    with listening(wide.client(Role.DISPATCHER, (HOME,))) as limited, listening(own) as technician:
        limited.next(), technician.next()
        take(everybody, "L-1", ids_of(FOREIGN)["sites"])
        seen = take(everybody, "L-2", ids_of(HOME)["sites"])
        assert limited.until("ticket.taken")["work_order_ids"] == [seen]
        away = {"start_at": "2026-10-01T00:00:00Z", "end_at": "2026-10-02T00:00:00Z"}
        for name in (FOREIGN, HOME):
            address = f"/v1/technicians/{ids_of(name)['technician_id']}/absences"
            assert everybody.post(address, json=away).status_code == 201
        mine = [ids_of(HOME)["technician_id"]]
        assert limited.until("absence.changed")["technician_ids"] == mine
        assert technician.until("absence.changed")["technician_ids"] == mine


def test_a_revoked_key_hears_no_more(served: Served) -> None:
    made = served.key(Role.VIEWER)
    with listening(served.showing(made.key)) as stream:
        stream.next()
        served.revoke(made.id)
        with pytest.raises(AssertionError, match="ended"):
            stream.next()


def test_one_key_does_not_take_all_connections(wide: Served) -> None:
    client = wide.client(Role.VIEWER)
    with ExitStack() as stack:
        streams = [stack.enter_context(listening(client)) for _ in range(MOST_OF_ONE)]
        assert [stream.next()["kind"] for stream in streams] == ["ready"] * MOST_OF_ONE
        refused = client.get("/v1/changes")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_listeners")
