"""Who gets in, what each role may do, and that nobody sees foreign territories.

Made from the OpenAPI document: a route that is added is tested without a line here.
"""

import base64
import hashlib
import hmac
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from api import security
from api.settings import Oidc
from dispatch.domain.access import OF_ONE_TECHNICIAN, Role
from tests.api.http.document import DOCUMENT
from tests.api.http.serving import MANY, Served, fill_many, organisation, serving
from tests.databases import Files

HOME, FOREIGN = "Territory ST001", "Territory ST003"
_CONFUSED = b'{"alg":"HS256","kid":"k1"}'
AUDIENCE, ISSUER = "dispatch", "https://login.example"


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    roles: frozenset[str]

    def address(self, ids: dict[str, str]) -> str:
        """The path with ids in it; ``key`` is of the kind that the path names."""
        kind = self.path.removeprefix("/v1/").split("/")[0]
        return re.sub(r"\{(\w+)\}", lambda m: ids[kind if m[1] == "key" else m[1]], self.path)


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, told in methods.items():
            yield Operation(method.upper(), path, frozenset(told["x-roles"]))


OPERATIONS = tuple(operations())
GUARDED = tuple(o for o in OPERATIONS if o.roles)


@cache
def ids_of(territory: str) -> dict[str, str]:
    """Of each kind one thing that only belongs to this territory."""
    known = organisation(MANY)
    sites = {s.id: s for s in known.sites if s.territory == territory}
    elsewhere = {s.customer_id for s in known.sites if s.territory != territory}
    customers = {s.customer_id for s in sites.values()} - elsewhere
    order = next(o for o in known.work_orders if o.site_id in sites)
    site = sites[order.site_id]
    visit = next(v for v in known.visits if v.work_order_id == order.id)
    technician = next(
        t for t in known.technicians if [c.territory for c in t.territories] == [territory]
    )
    return {
        "work_order_id": order.id,
        "visit_id": visit.id,
        "technician_id": technician.id,
        "start_at": "2026-09-10T00:00:00Z",
        # Versions are of all territories; what of them is seen has tests of its own.
        "version": "published" if territory == HOME else "999999999",
        "run_id": "none",
        "study_id": "none",
        "sites": site.id,
        "customers": min(customers, default="none"),
        "stations": next(
            (
                s.id
                for s in known.stations
                if {
                    c.territory
                    for t in known.technicians
                    if t.station_id == s.id
                    for c in t.territories
                }
                == {territory}
            ),
            "none",
        ),
        "equipment": "none",
        "parts": known.parts[0].id,
        "visits": visit.id,
        "refused-events": "none",
        "calendars": "none",
        "endpoint_id": "none",
        "delivery_id": "1",
        "event_id": "none",
    }


def called(client: httpx.Client, method: str, address: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - as it is there
    """The answer; of a stream that never ends only how it begins."""
    with client.stream(method, address, **sent) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
    return answer


def test_only_these_routes_need_no_key() -> None:
    assert {o.path for o in OPERATIONS if not o.roles} == {
        "/v1/health/live",
        "/v1/health/ready",
        "/v1/calendars/{key}.ics",
    }


def test_without_a_good_key_nothing_is_answered(wide: Served) -> None:
    revoked = wide.key(Role.ADMINISTRATOR)
    wide.revoke(revoked.id)
    bad = (None, "fd_0000000000_wrong", "a.b.c", revoked.key, revoked.key[:-1])
    for client in map(wide.showing, bad):
        for operation in GUARDED:
            answer = client.request(operation.method, operation.address(ids_of(HOME)))
            assert answer.status_code == 401, operation
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_its_routes_say(wide: Served, role: Role) -> None:
    technician = ids_of(HOME)["technician_id"] if role in OF_ONE_TECHNICIAN else None
    client = wide.client(role, technician=technician)
    for operation in GUARDED:
        # Bodies are not what they should be, so nothing is changed.
        answer = called(client, operation.method, operation.address(ids_of(HOME)), json=[])
        allowed = role in operation.roles
        if operation.path == "/v1/technicians/{technician_id}/calendar-links":
            allowed = allowed and answer.status_code == 201
        assert (answer.status_code != 403) == allowed, (operation, answer.text)
        assert answer.status_code < 500, (operation, answer.text)


def foreign_words() -> frozenset[str]:
    """What names things that somebody of the home territory alone must not hear of."""
    known = organisation(MANY)
    sites = [s for s in known.sites if s.territory != HOME]
    home = {s.customer_id for s in known.sites if s.territory == HOME}
    orders = {o.id for o in known.work_orders if o.site_id in {s.id for s in sites}}
    people = {t.id for t in known.technicians if HOME not in {c.territory for c in t.territories}}
    return frozenset(
        {s.id for s in sites}
        | {s.customer_id for s in sites} - home
        | orders
        | {v.id for v in known.visits if v.work_order_id in orders}
        | people
    )


def words_of(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for item in value.values():
            yield from words_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from words_of(item)
    elif isinstance(value, str):
        yield from re.split(r"[\s,@/]", value)


LIMITED = {
    Role.VIEWER: (HOME,),
    Role.DISPATCHER: (HOME,),
    Role.PLANNER: (HOME,),
    Role.TICKET_SYSTEM: (HOME,),
    Role.ADMINISTRATOR: (HOME,),
    Role.TECHNICIAN: (),
}


@pytest.mark.parametrize("role", LIMITED)
def test_nobody_hears_of_foreign_territories(wide: Served, role: Role) -> None:
    technician = ids_of(HOME)["technician_id"] if role is Role.TECHNICIAN else None
    client = wide.client(role, LIMITED[role], technician)
    foreign = foreign_words()
    queries: dict[str, dict[str, Any]] = {
        "/v1/reports/monthly": {"first": "2026-09", "last": "2026-09"},
        "/v1/search": {"q": "0"},
        "/v1/figures": {"from": "2026-09-01", "until": "2026-09-10"},
        "/v1/stock/trace": {"visit_id": ids_of(FOREIGN)["visit_id"]},
    }
    for operation in GUARDED:
        if operation.method != "GET" or role not in operation.roles:
            continue
        usual = {"limit": 50} if operation.path == "/v1/search" else {"limit": 200}
        params = usual | queries.get(operation.path, {})
        home = called(client, "GET", operation.address(ids_of(HOME)), params=params)
        if home.headers["content-type"].endswith("json") and home.is_success:
            assert foreign & set(words_of(home.json())) == set(), operation
        away = called(client, "GET", operation.address(ids_of(FOREIGN)), params=params)
        singles = {"{version}", "parts"}
        if "{" in operation.path and not any(word in operation.path for word in singles):
            assert away.status_code == 404, (operation, away.text)


def test_what_is_foreign_is_changed_by_nobody(wide: Served) -> None:
    client = wide.client(Role.ADMINISTRATOR, (HOME,))
    bodies: dict[str, dict[str, Any]] = {
        "/v1/work-orders/{work_order_id}": {"priority": "low"},
        "/v1/work-orders/{work_order_id}/events": {
            "id": "E1", "kind": "responded", "happened_at": "2026-09-06T00:00:00Z",
        },
        "/v1/work-orders/{work_order_id}/events/{event_id}/withdrawal": {"id": "U1", "reason": "x"},
        "/v1/technicians/{technician_id}/absences": {
            "start_at": "2026-09-10T00:00:00Z", "end_at": "2026-09-11T00:00:00Z",
        },
        "/v1/technicians/{technician_id}/absences/{start_at}": {"reason": "x"},
        "/v1/technicians/{technician_id}": {"name": "x"},
        "/v1/stations/{key}": {"name": "x"},
        "/v1/sites/{key}": {"name": "x"},
        "/v1/refused-events/{key}/settlements": {"reason": "x"},
        "/v1/webhook-endpoints/{endpoint_id}": {"name": "x"},
        "/v1/slots/holds/{visit_id}/confirmation": {},
        "/v1/plans/{version}/assignments": {"visit_id": "V1", "technician_ids": ["T1"]},
        "/v1/plans/{version}/unassignments": {"visit_id": "V1"},
        "/v1/plans/{version}/swaps": {"visit_id": "V1", "other_visit_id": "V2"},
        "/v1/plans/{version}/publication": {},
        "/v1/visits/{visit_id}/pin": {"technician_ids": ["T1"]},
    }  # fmt: skip
    for operation in GUARDED:
        if operation.method != "GET" and "{" in operation.path:
            answer = client.request(
                operation.method,
                operation.address(ids_of(FOREIGN)),
                headers={"If-Match": '"x"', "Idempotency-Key": "k"},
                json=bodies.get(operation.path),
            )
            assert answer.status_code == 404, (operation, answer.text)
    away = ids_of(FOREIGN)
    ticket = {"number": "F1", "site_id": away["sites"], "product": "p"}
    assert client.post("/v1/work-orders", json=ticket).status_code == 422
    theirs = {"number": "F2", "site_id": away["sites"], "product": "p"}
    everybody = wide.client(Role.TICKET_SYSTEM)
    assert everybody.post("/v1/work-orders", json=theirs).status_code == 201
    mine = theirs | {"site_id": ids_of(HOME)["sites"]}
    assert client.post("/v1/work-orders", json=mine).json()["code"] == "number_taken"


def test_a_revoked_key_is_dead_within_five_seconds(wide: Served) -> None:
    # A process that never saw it refuses it at once; one that did believes it for so long.
    assert security.KNOWN_FOR_S < 5
    made = wide.key(Role.VIEWER)
    wide.revoke(made.id)
    assert wide.showing(made.key).get("/v1/territories").status_code == 401


def test_a_calendar_link_opens_its_calendar_and_nothing_else(wide: Served) -> None:
    desk = wide.client(Role.DISPATCHER)
    technician = ids_of(HOME)["technician_id"]
    made = desk.post(f"/v1/technicians/{technician}/calendar-links").json()
    stranger = wide.showing(None)
    calendar = stranger.get(made["path"])
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert calendar.text.startswith("BEGIN:VCALENDAR")
    key = made["path"].removeprefix("/v1/calendars/").removesuffix(".ics")
    for operation in GUARDED:
        answer = wide.showing(key).request(operation.method, operation.address(ids_of(HOME)))
        assert answer.status_code in (403, 422), operation
    wide.revoke(made["key_id"])
    assert stranger.get(made["path"]).status_code == 404
    viewer = wide.key(Role.VIEWER).key
    assert stranger.get(f"/v1/calendars/{viewer}.ics").status_code == 404


@dataclass(frozen=True)
class Issuer:
    """Somebody who makes tokens."""

    private: rsa.RSAPrivateKey

    def jwks(self) -> str:
        key = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return json.dumps({"keys": [key | {"kid": "k1", "use": "sig", "alg": "RS256"}]})

    def token(
        self,
        algorithm: str = "RS256",
        key: Any = None,  # noqa: ANN401
        kid: str = "k1",
        **claims: Any,  # noqa: ANN401
    ) -> str:
        told = {
            "sub": "li",
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": datetime.now(UTC) + timedelta(hours=1),
            "dispatch_role": "viewer",
            "dispatch_territories": [HOME],
        }
        told |= claims
        wanted = {name: value for name, value in told.items() if value is not None}
        headers = {"kid": kid}
        return jwt.encode(wanted, self.private if key is None else key, algorithm, headers=headers)

    def forged(self, public: bytes) -> str:
        """Signed with what everybody knows, as if that were a secret."""
        _, claims, _ = self.token().split(".")
        signed = f"{_encoded(_CONFUSED)}.{claims}"
        seal = hmac.new(public, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_encoded(seal)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_tokens_of_the_issuer_are_good_and_no_others(files: Files, tmp_path: Path) -> None:
    issuer = Issuer(rsa.generate_private_key(65537, 2048))
    other = Issuer(rsa.generate_private_key(65537, 2048))
    jwks = tmp_path / "jwks.json"
    jwks.write_text(issuer.jwks())
    url = files.filled(fill_many)
    public = issuer.private.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    past = datetime.now(UTC) - timedelta(minutes=5)
    refused = (
        other.token(),
        issuer.token(aud="another"),
        issuer.token(iss="https://evil.example"),
        issuer.token(exp=past),
        issuer.token(exp=None),
        issuer.token(sub=None),
        issuer.token(dispatch_role="king"),
        issuer.token(dispatch_role="calendar"),
        issuer.token(dispatch_role="technician", dispatch_territories=None),
        issuer.token(dispatch_territories=None),
        issuer.token(dispatch_territories=[]),
        issuer.token(dispatch_territories=[1]),
        issuer.token(algorithm="none", key=""),
        issuer.forged(public),
        issuer.token()[:-4] + "AAAA",
        public.decode().splitlines()[1],
    )
    with serving(url, oidc=Oidc(ISSUER, AUDIENCE, str(jwks))) as served:
        for token in refused:
            assert _territories(served.showing(token)).status_code == 401
        assert _territories(served.showing(issuer.token())).json() == {"items": [HOME]}
        whole = served.showing(issuer.token(dispatch_territories=["*"]))
        assert len(_territories(whole).json()["items"]) == 3
        assert whole.post("/v1/work-orders", json={}).status_code == 403


@contextmanager
def https(
    content: str, folder: Path, statuses: Iterator[int] | None = None
) -> Iterator[tuple[str, Path]]:
    """A server on this machine that shows this to everybody, and whom to trust for it. It answers
    with these ``statuses``, one after the other, or always with 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if statuses is None else next(statuses))
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}/jwks", public
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_keys_of_an_issuer_come_over_https_from_whom_is_trusted(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = Issuer(rsa.generate_private_key(65537, 2048))
    url = files.filled(fill_many)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with https(issuer.jwks(), tmp_path) as (address, public):
        oidc = Oidc(ISSUER, AUDIENCE, address)
        with serving(url, oidc=oidc) as served:
            assert _territories(served.showing(issuer.token())).status_code == 401
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        with serving(url, oidc=oidc) as served:
            assert _territories(served.showing(issuer.token())).status_code == 200
            other = Issuer(rsa.generate_private_key(65537, 2048))
            assert _territories(served.showing(other.token())).status_code == 401


@pytest.mark.parametrize("status", [200, 500], ids=["well", "down"])
def test_tokens_with_made_up_key_ids_do_not_make_requests_to_the_issuer(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    issuer = Issuer(rsa.generate_private_key(65537, 2048))
    url = files.filled(fill_many)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    asked: list[int] = []

    def statuses() -> Iterator[int]:
        while True:
            asked.append(status)
            yield status

    with https(issuer.jwks(), tmp_path, statuses()) as (address, public):
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        with serving(url, oidc=Oidc(ISSUER, AUDIENCE, address)) as served:
            for number in range(20):
                made_up = issuer.token(kid=f"made up {number}")
                assert _territories(served.showing(made_up)).status_code == 401
            good = 200 if status == 200 else 401
            assert _territories(served.showing(issuer.token())).status_code == good
    assert len(asked) == 1


def _territories(client: httpx.Client) -> httpx.Response:
    return client.get("/v1/territories")
