import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker

from dispatch.domain.calendars import Calendar, HourRange
from dispatch.domain.organisation import Organisation
from dispatch.domain.people import Break, Shift
from dispatch.domain.places import Point
from dispatch.domain.plan import Obstacle, Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.policy import BALANCED
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.exchange import DataError, DataErrors, load_organisation
from dispatch.exchange.documents import (
    PlanDocument,
    json_schemas,
    read_plan,
    read_snapshot,
    write_plan,
    write_snapshot,
)
from tests.builders import FlatLegs
from tests.dispatch.exchange.drawn import organisations
from tests.dispatch.exchange.small import write_small

START_AT = datetime(2026, 9, 28, 16, tzinfo=UTC)
END_AT = datetime(2026, 9, 30, 16, tzinfo=UTC)
SHIFT = Shift(
    "T1@2026-09-29",
    datetime(2026, 9, 29, 0, tzinfo=UTC),
    datetime(2026, 9, 29, 9, tzinfo=UTC),
    max_overtime_s=3600,
    breaks=(
        Break(
            datetime(2026, 9, 29, 3, 30, tzinfo=UTC), datetime(2026, 9, 29, 4, 30, tzinfo=UTC), 2700
        ),
    ),
)


def _snapshot_of(organisation: Organisation) -> Snapshot:
    """The organisation's facts with one shift, as one snapshot."""
    first, *others = organisation.technicians
    return Snapshot(
        organisation=organisation.id,
        home_province=organisation.home_province,
        time_zone=organisation.time_zone,
        start_at=START_AT,
        end_at=END_AT,
        now_at=START_AT,
        policy=BALANCED,
        technicians=(replace(first, shifts=(SHIFT,)), *others),
        **{
            name: getattr(organisation, name)
            for name in (
                "stations",
                "customers",
                "sites",
                "parts",
                "lots",
                "work_orders",
                "visits",
                "links",
                "pins",
                "published",
                "calendars",
                "sla_rules",
                "travel",
            )
        },
    )


@pytest.fixture(name="snapshot")
def _snapshot(tmp_path: Path) -> Snapshot:
    folder = tmp_path / "small"
    folder.mkdir()
    return _snapshot_of(load_organisation(write_small(folder)))


PLAN = Plan(
    routes=(
        Route(
            "T1",
            SHIFT.id,
            (
                Stop(StopKind.PICKUP, station_id="SY", tools=("crane",), not_before_at=START_AT),
                Stop(StopKind.VISIT, visit_id="V1"),
                Stop(StopKind.BREAK, index=0),
            ),
        ),
    ),
    unassigned=(Unassigned("V2", "skill", (Obstacle("skill", 2, "T1", 1),)),),
    seed=7,
    iterations=1000,
)


def _verdict(snapshot: Snapshot, plan: Plan) -> Verdict:
    return judge(snapshot, plan, FlatLegs())


def _write_plan(snapshot: Snapshot, path: Path) -> PlanDocument:
    document = PlanDocument(snapshot, PLAN, Plan((), made_by="manual"))
    verdict = _verdict(snapshot, PLAN)
    write_plan(document, path, verdict, _verdict(snapshot, Plan((), made_by="manual")))
    return document


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(organisation=organisations)
def test_a_written_snapshot_reads_back_as_it_was(
    tmp_path: Path, organisation: Organisation
) -> None:
    technicians = tuple(replace(t, absences=()) for t in organisation.technicians)
    snapshot = _snapshot_of(replace(organisation, technicians=technicians))
    write_snapshot(snapshot, tmp_path / "snapshot.json")
    assert read_snapshot(tmp_path / "snapshot.json") == snapshot


def test_a_written_plan_reads_back_as_it_was(tmp_path: Path, snapshot: Snapshot) -> None:
    document = _write_plan(snapshot, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == document


def test_a_plan_file_serves_as_a_snapshot_file(tmp_path: Path, snapshot: Snapshot) -> None:
    _write_plan(snapshot, tmp_path / "plan.json")
    assert read_snapshot(tmp_path / "plan.json") == snapshot


def test_the_same_plan_makes_the_same_bytes(tmp_path: Path, snapshot: Snapshot) -> None:
    _write_plan(snapshot, tmp_path / "one.json")
    again = read_plan(tmp_path / "one.json").snapshot
    _write_plan(again, tmp_path / "two.json")
    content = (tmp_path / "one.json").read_bytes()
    assert content == (tmp_path / "two.json").read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"}\n")


def test_chinese_stays_readable(tmp_path: Path, snapshot: Snapshot) -> None:
    write_snapshot(replace(snapshot, organisation="沈阳服务"), tmp_path / "snapshot.json")
    assert "沈阳服务" in (tmp_path / "snapshot.json").read_text(encoding="utf-8")


def test_readers_of_a_plan_file_find_times_cost_and_figures(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    _write_plan(snapshot, tmp_path / "plan.json")
    written = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    verdict = _verdict(snapshot, PLAN)
    route = written["verdict"]["routes"][0]
    timed = verdict.timetable.routes[0]
    assert datetime.fromisoformat(route["stops"][1]["start_at"]) == timed.stops[1].start_at
    assert (route["technician_id"], route["paid_s"]) == ("T1", timed.paid_s)
    assert sum(line["fen"] for line in written["verdict"]["cost"]) == verdict.cost.total_fen
    assert written["verdict"]["kpis"]["total_fen"] == verdict.kpis.total_fen
    assert written["manual_verdict"]["kpis"]["planned"] == 0


def test_verdicts_are_not_read_back(tmp_path: Path, snapshot: Snapshot) -> None:
    document = _write_plan(snapshot, tmp_path / "plan.json")
    written = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    written["verdict"] = "tampered with"
    (tmp_path / "plan.json").write_text(json.dumps(written), encoding="utf-8")
    assert read_plan(tmp_path / "plan.json") == document


def test_documents_satisfy_their_schemas(tmp_path: Path, snapshot: Snapshot) -> None:
    _write_plan(snapshot, tmp_path / "plan.json")
    write_snapshot(snapshot, tmp_path / "snapshot.json")
    for name, schema in json_schemas().items():
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        Draft202012Validator.check_schema(schema)
        document = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(document)


def test_schemas_refuse_what_reading_refuses(tmp_path: Path, snapshot: Snapshot) -> None:
    write_snapshot(snapshot, tmp_path / "snapshot.json")
    schema = Draft202012Validator(json_schemas()["snapshot"])
    document = json.loads((tmp_path / "snapshot.json").read_text(encoding="utf-8"))
    document["snapshot"]["visits"][0]["duration_s"] = -1
    document["snapshot"]["visits"][0]["colour"] = "red"
    found = sorted(error.json_path for error in schema.iter_errors(document))
    assert found == ["$.snapshot.visits[0]", "$.snapshot.visits[0].duration_s"]


def _errors(path: Path, read: Callable[[Path], Any] = read_snapshot) -> tuple[DataError, ...]:
    with pytest.raises(DataErrors) as caught:
        read(path)
    return caught.value.errors


BROKEN = [
    # pointer of what is replaced, its new value, value shown, part of the message
    ("/snapshot/visits/0/duration_s", "60", "60", "whole number"),
    ("/snapshot/visits/0/duration_s", 1.5, "1.5", "whole number"),
    ("/snapshot/visits/0/duration_s", -60, "-60", "0 or more"),
    ("/snapshot/visits/0/stops/0", "wait", "wait", "'respond', 'arrive', 'restore'"),
    ("/snapshot/visits/0/windows", {}, "{}", "a list"),
    ("/snapshot/visits/0/work_order_id", "W7", "W7", "no such id in work_orders"),
    ("/snapshot/visits/1/id", "V1", "V1", "already at /visits/0/id"),
    ("/snapshot/visits/0/windows/0/close_at", "2026-09-28T09:00:00Z", None, "before open_at"),
    ("/snapshot/visits/0/windows/1/open_at", "2026-09-29T02:00:00Z", None, "one before it ends"),
    ("/snapshot/sites/0/id", "SY", "SY", "already at /stations/0/id"),
    ("/snapshot/sites/0/point/latitude", "north", "north", "a number"),
    ("/snapshot/now_at", "2026-09-29T08:00:00", "2026-09-29T08:00:00", "its offset"),
    ("/snapshot/now_at", "soon", "soon", "its offset"),
    ("/snapshot/now_at", 1790000000, "1790000000", "its offset"),
    ("/snapshot/time_zone", "Mars", "Mars", "Asia/Shanghai"),
    ("/snapshot/technicians/0/name", None, "null", "a text"),
    ("/snapshot/technicians/0/may_stay_overnight", 1, "1", "true or false"),
    ("/snapshot/technicians/0/certificates/0/expires_on", "31.12.2026", "31.12.2026", "such as"),
    ("/snapshot/calendars/1/hours/0/start", "late", "late", "08:30:00"),
    ("/snapshot/policy", [], "[]", "an object"),
    ("/format_version", 2, "2", "expected one of 1"),
]


@pytest.mark.parametrize(("pointer", "new", "value", "said"), BROKEN)
def test_a_broken_value(
    tmp_path: Path,
    snapshot: Snapshot,
    pointer: str,
    new: object,
    value: str | None,
    said: str,
) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(snapshot, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    *steps, last = (int(step) if step.isdigit() else step for step in pointer.split("/")[1:])
    place = document
    for step in steps:
        place = place[step]
    place[last] = new
    path.write_text(json.dumps(document), encoding="utf-8")
    found = [error for error in _errors(path) if error.column == pointer]
    assert [(error.file, error.row) for error in found] == [("snapshot.json", None)]
    assert said in found[0].message_en
    assert found[0].message_zh != found[0].message_en
    assert value is None or found[0].value == value


def test_a_missing_and_an_unknown_field_are_reported_together(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(snapshot, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    visit = document["snapshot"]["visits"][0]
    visit["duration_min"] = visit.pop("duration_s") // 60
    path.write_text(json.dumps(document), encoding="utf-8")
    assert {(e.column, e.message_en) for e in _errors(path)} == {
        ("/snapshot/visits/0/duration_s", "it is missing"),
        ("/snapshot/visits/0/duration_min", "there is no such field"),
    }


def test_numbers_that_are_none(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(snapshot, path)
    text = path.read_text(encoding="utf-8").replace('"latitude": 41.8,', '"latitude": NaN,')
    path.write_text(text, encoding="utf-8")
    (found,) = _errors(path)
    assert found.column == "/snapshot/stations/0/point/latitude"
    assert "finite" in found.message_en


def test_broken_json_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_text('{\n "format_version": 1,\n "snap', encoding="utf-8")
    (found,) = _errors(tmp_path / "snapshot.json")
    assert (found.file, found.row) == ("snapshot.json", 3)
    assert "no valid JSON" in found.message_en


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (found,) = _errors(tmp_path / "gone.json", read_plan)
    assert found.file.endswith("gone.json")
    assert "no such file" in found.message_en


def test_a_snapshot_file_is_no_plan_file(tmp_path: Path, snapshot: Snapshot) -> None:
    write_snapshot(snapshot, tmp_path / "snapshot.json")
    (found,) = _errors(tmp_path / "snapshot.json", read_plan)
    assert (found.column, found.message_en) == ("/plan", "it is missing")


def test_a_plan_for_another_snapshot(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "plan.json"
    _write_plan(snapshot, path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(
            '"technician_id": "T1",\n    "shift_id"', '"technician_id": "T9",\n    "shift_id"', 1
        )
    )
    (found,) = _errors(path, read_plan)
    assert (found.file, found.column) == ("plan.json", "/plan")
    assert "'T9'" in found.message_en


def test_times_with_other_offsets_become_utc(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(snapshot, path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2026-09-28T16:00:00Z", "2026-09-29T00:00:00+08:00"))
    read = read_snapshot(path)
    assert read == snapshot
    assert (read.start_at.tzinfo, read.now_at.tzinfo) == (UTC, UTC)


def test_all_kinds_of_values_survive(tmp_path: Path, snapshot: Snapshot) -> None:
    calendar = Calendar("c", "Asia/Shanghai", (HourRange(time(9), time(0)),), (0, 6))
    technician = snapshot.technicians[0]
    changed = replace(
        snapshot,
        calendars=(*snapshot.calendars, calendar),
        stations=(replace(snapshot.stations[0], point=Point(41.805123456789012, -0.0)),),
        technicians=(replace(technician, max_visits=None), *snapshot.technicians[1:]),
    )
    write_snapshot(changed, tmp_path / "snapshot.json")
    read = read_snapshot(tmp_path / "snapshot.json")
    assert read == changed
    assert read.technicians[0].certificates[0].expires_on == date(2026, 12, 31)
