"""Nothing that is sent makes the server fail."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dispatch.domain.access import Role
from tests.api.http.document import DOCUMENT
from tests.api.http.serving import Served, fill, organisation, serving
from tests.databases import Files, Server

NASTY: tuple[Any, ...] = (
    2**31,
    -(2**31) - 1,
    2**63,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "\ud800",
    "a\x00b",
    "x" * 100_000,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "2026-09-29T08:30:00",
    "2026-13-29T08:30:00Z",
    "",
    " ",
    None,
    True,
    [],
    {},
    [[[[]]]],
    ["a"] * 10_000,
    "' OR 1=1 --",
    "../../etc/passwd",
)
SITE = organisation().sites[0].id
THEN = "2026-09-06T00:00:00Z"
GOOD: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/work-orders"): {
        "number": "X1", "received_at": THEN, "site_id": SITE, "product": "p", "text": "t",
        "priority": "low", "visits": [], "diagnosed_by": THEN, "skip_diagnosis": False,
    },
    ("POST", "/v1/work-orders/X1/events"): {
        "id": "E1", "kind": "paused", "visit_id": None, "happened_at": THEN,
        "details": {"expected_at": THEN}, "note": "n", "late": False, "by": "b",
    },
    ("POST", "/v1/work-orders/X1/events/E1/withdrawal"): {
        "id": "U1", "reason": "r", "happened_at": THEN, "by": "b",
    },
    ("PATCH", "/v1/work-orders/X1"): {"priority": "low", "description": "d", "reason": "r"},
    ("POST", "/v1/technicians/T0001/absences"): {
        "start_at": THEN, "end_at": "2026-09-06T01:00:00Z", "reason": "r",
    },
    ("POST", "/v1/technicians"): {
        "id": "N1", "station_id": "ST001", "certificates": [{"skill": "s", "level": 1}],
        "territories": [], "max_visits": 1, "max_nights": 0, "may_stay_overnight": False,
        "shift_patterns": [{"days": "daily", "start": "08:00", "end": "17:00"}], "name": "n",
    },
    ("POST", "/v1/sites"): {
        "id": "N1", "name": "n", "customer_id": "C1", "latitude": 41.8, "longitude": 123.4,
        "territory": "t", "address": "a",
    },
    ("POST", "/v1/stock/movements"): {
        "kind": "adjust", "lot_id": "L00001", "place": "ST001", "difference": 1, "reason": "r",
        "serials": [],
    },
    ("POST", "/v1/stock/deliveries"): {
        "lot_id": "D1", "part_id": "sim", "quantity": 1, "station_id": "ST001",
        "available_at": THEN,
    },
    ("POST", "/v1/reservations"): {
        "wants": [{"visit_id": "V1", "part_id": "sim", "place": "ST001"}], "hours": 1,
    },
    ("POST", "/v1/webhook-endpoints"): {
        "name": "n", "url": "https://203.0.113.1/", "format": "dingtalk", "secret": "s",
        "kinds": ["plan.published"], "territories": [], "language": "en",
    },
    ("POST", "/v1/assignments"): {
        "work_order_id": "X1", "mode": "commit", "most": 3, "displace": True, "in_time": False,
        "chosen": [{"visit_id": "V1", "technician_id": "T0001", "start_at": THEN}],
    },
    ("POST", "/v1/assignments/batch"): {"work_order_ids": ["X1"], "mode": "suggest"},
    ("POST", "/v1/evaluate"): {
        "version": "published", "changes": [{"visit_id": "V1", "technician_ids": ["T0001"]}],
        "plan": {"routes": []},
    },
    ("POST", "/v1/slots"): {"visit": "X1", "days": 1, "most": 1, "minutes": 60, "late": False},
    ("POST", "/v1/slots/holds"): {
        "visit_id": "V1", "open_at": THEN, "close_at": "2026-09-06T02:00:00Z", "minutes": 5,
    },
    ("PUT", "/v1/visits/V00001/pin"): {
        "technician_ids": ["T0001"], "start_at": THEN, "after_visit_id": None, "reason": "r",
    },
    ("POST", "/v1/plans/published/assignments"): {
        "visit_id": "V00001", "technician_ids": ["T0001"], "start_at": THEN,
        "after_visit_id": None, "reason": "r", "force": False,
    },
    ("POST", "/v1/plans/draft/publication"): {"base": 1, "reason": "r", "force": False},
    ("POST", "/v1/plans"): {
        "territories": [], "from_day": "2026-09-06", "days": 1, "policy": "balanced",
        "seconds": None, "iterations": 1, "seed": 1, "freeze_until": THEN, "start": 1,
    },
}  # fmt: skip
JSON = {"Content-Type": "application/json"}


@pytest.fixture(name="desk")
def _desk(served: Served) -> httpx.Client:
    return served.client(Role.ADMINISTRATOR)


def test_nasty_values_are_refused_or_taken_but_never_fail(desk: httpx.Client) -> None:
    for (method, path), good in GOOD.items():
        for field in good:
            for number, value in enumerate(NASTY):
                body = json.dumps(good | {field: value})
                headers = JSON | {"Idempotency-Key": f"{field}-{number}", "If-Match": "*"}
                answer = desk.request(method, path, content=body.encode(), headers=headers)
                assert answer.status_code < 500, (path, field, value, answer.text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"null",
        b'"x"',
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"number": "\\ud800"}',
        b"{" + b",".join(b'"f%d": 1' % n for n in range(10_000)) + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_bodies_that_are_none(wide: Served, body: bytes) -> None:
    desk = wide.client(Role.DISPATCHER)
    for method, path in GOOD:
        answer = desk.request(method, path, content=body, headers=JSON)
        assert 400 <= answer.status_code < 500, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_large_bodies_are_refused_whether_they_say_so_or_not(wide: Served) -> None:
    desk = wide.client(Role.DISPATCHER)
    whole = b" " * (2 * 1024 * 1024)

    def pieces() -> Iterator[bytes]:
        yield from (whole[:65536] for _ in range(32))

    for content in (whole, pieces()):
        answer = desk.post("/v1/work-orders", content=content, headers=JSON)
        assert answer.status_code == 413
        assert answer.json()["code"] == "too_large"


def test_addresses_and_headers_may_hold_anything(wide: Served) -> None:
    desk = wide.client(Role.DISPATCHER)
    for word in ("%00", "%ED%A0%80", "%FF", "a%2Fb", "..", "%0A", "x" * 5_000, "'", "99999999999"):
        for path in ("/v1/work-orders/", "/v1/plans/", "/v1/visits/", "/v1/calendars/"):
            assert desk.get(path + word).status_code < 500, path + word
        for name in ("cursor", "limit", "state", "site_id", "reported_from"):
            answer = desk.get(f"/v1/work-orders?{name}={word}")
            assert answer.status_code < 500, (name, word)
    for header in (
        "Idempotency-Key",
        "If-Match",
        "Accept-Language",
        "X-Request-Id",
        "Authorization",
    ):
        for value in (b"\xff\xfe", b"x" * 5_000, b"", b"zh;q=9e9", b"Bearer", b"Basic eDp5"):
            answer = desk.get("/v1/territories", headers=[(header.encode(), value)])
            assert answer.status_code < 500, (header, value)


SCHEMA = schemathesis.openapi.from_dict(deepcopy(DOCUMENT))
ENDLESS = {"GET /v1/changes"}
OPERATIONS: dict[str, Any] = {
    found.ok().label: found.ok()
    for found in SCHEMA.get_all_operations()
    if isinstance(found, Ok) and found.ok().label not in ENDLESS
}


@pytest.fixture(name="checked", scope="module")
def _checked(files: Files) -> Iterator[Served]:
    with serving(files.filled(fill)) as running:
        yield running


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_answered_is_what_the_document_says(
    checked: Served, label: str, request: pytest.FixtureRequest
) -> None:
    """``pytest --examples 200`` makes more of it than every change needs."""
    key = checked.key(Role.ADMINISTRATOR).key

    @given(case=OPERATIONS[label].as_strategy())
    @settings(
        max_examples=request.config.getoption("--examples"),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def answered(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(
            base_url=checked.base,
            headers={"Authorization": f"Bearer {key}"},
            # The schema does not know which sites and parts there are.
            excluded_checks=[positive_data_acceptance],
        )

    answered()


def test_it_all_holds_on_a_database_that_lies_elsewhere(server: Server) -> None:
    """PostgreSQL is stricter with text and numbers than SQLite."""
    url = server.new()
    fill(url)
    with serving(url) as served:
        desk = served.client(Role.DISPATCHER)
        for path in ("/v1/work-orders", "/v1/stock", "/v1/plans", "/v1/attention", "/v1/terms"):
            assert desk.get(path).status_code == 200, path
