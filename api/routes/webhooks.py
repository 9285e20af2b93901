"""Who is told what happens: endpoints of webhooks and chat robots, and what became of messages.

A key that is limited to territories makes and sees endpoints that are limited to them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import (
    Desk,
    Page,
    Reading,
    Writing,
    etag_of,
    located,
    made,
    need_match,
    page_of,
    place_of,
    shown,
    text_of,
)
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError
from api.fields import USUAL_LIMIT, Cursor, IfMatch, Limit, PathKey, QueryKey
from api.shapes.webhooks import (
    DeliveryOut,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    NewEndpointOut,
    NewSecret,
    delivery_out,
    endpoint_out,
)
from dispatch.commands.answers import Answer
from dispatch.commands.endpoints import (
    OLD_SECRET_FOR,
    EndpointFacts,
    add_endpoint,
    change_endpoint,
    facts_of,
    remove_endpoint,
    replay,
    rotate_secret,
)
from dispatch.domain.access import Grant, Role
from dispatch.domain.messages import DeliveryState
from dispatch.posting import Postman, TargetError
from dispatch.sealing import Seal
from dispatch.store import queries_access, queries_lists, queries_out
from dispatch.store.rows_out import EndpointRow
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["webhooks"])
_ENDPOINTS = f"{V1}/webhook-endpoints"
_ADMINISTRATORS = (Role.ADMINISTRATOR,)
_ENDPOINT = Text("webhook endpoint", "推送目标")
_DELIVERY = Text("webhook delivery", "推送记录")
_DeliveryId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@ROUTER.get(
    "/webhook-endpoints",
    **route("listWebhookEndpoints", _ADMINISTRATORS, "Who is told", Page[EndpointOut]),
)
def listed(desk: Reading, cursor: Cursor = None, limit: Limit = USUAL_LIMIT) -> Response:
    after = place_of(cursor, str)

    def query(session: Session, _at: datetime) -> list[EndpointOut]:
        rows = [r for r in _seen(session, desk.grant) if after is None or r.id > after[0]]
        return [endpoint_out(row, desk.seal) for row in rows[: limit + 1]]

    return page_of(desk.read(query), limit, lambda endpoint: (endpoint.id,))


@ROUTER.post(
    "/webhook-endpoints",
    **route(
        "addWebhookEndpoint",
        _ADMINISTRATORS,
        "Somebody is to be told what happens",
        NewEndpointOut,
        status=201,
    ),
)
def add(body: EndpointIn, desk: Writing, request: Request) -> Response:
    """The secret of a webhook is shown this once."""
    desk.need_key()
    _check_url(request, body.url)

    def command(session: Session, at: datetime) -> Answer:
        facts = EndpointFacts(
            name=body.name,
            format=body.format,
            url=body.url,
            kinds=body.kinds,
            territories=_territories(session, desk.grant, body.territories),
            language=body.language,
        )
        row = add_endpoint(session, facts, body.secret, desk.seal, desk.by, at)
        secret = None if row.format.is_chat else desk.seal.opened(row.secret)
        where = {"Location": located(_ENDPOINTS, row.id), "ETag": _version(row, desk.seal)}
        return made(NewEndpointOut(endpoint_out(row, desk.seal), secret), headers=where)

    return desk.write(command)


@ROUTER.get(
    "/webhook-endpoints/{endpoint_id}",
    **route("getWebhookEndpoint", _ADMINISTRATORS, "An endpoint", EndpointOut, problems=(404,)),
)
def one(endpoint_id: PathKey, desk: Reading) -> Response:
    row = desk.read(lambda session, _: _endpoint(session, desk.grant, endpoint_id))
    return shown(endpoint_out(row, desk.seal), etag=_version(row, desk.seal))


@ROUTER.patch(
    "/webhook-endpoints/{endpoint_id}",
    **route(
        "changeWebhookEndpoint",
        _ADMINISTRATORS,
        "An endpoint is different",
        EndpointOut,
        problems=(404, 412, 428),
    ),
)
def change(
    endpoint_id: PathKey,
    body: EndpointPatch,
    desk: Reading,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    if body.url is not None:
        _check_url(request, body.url)

    def command(session: Session, at: datetime) -> Answer:
        row = _to_change(session, desk, endpoint_id, if_match)
        given = {
            name: value
            for name, value in body
            if name not in ("secret", "territories") and value is not None
        }
        facts = replace(facts_of(row, desk.seal), **given)
        if body.territories is not None:
            wanted = _territories(session, desk.grant, body.territories)
            facts = replace(facts, territories=wanted)
        change_endpoint(session, row, facts, body.secret, desk.seal, desk.by, at)
        told = text_of(endpoint_out(row, desk.seal))
        return Answer(200, told, {"ETag": _version(row, desk.seal)})

    return desk.write(command)


@ROUTER.delete(
    "/webhook-endpoints/{endpoint_id}",
    **route(
        "removeWebhookEndpoint",
        _ADMINISTRATORS,
        "An endpoint is told nothing any more",
        problems=(404, 412, 428),
        status=204,
    ),
)
def remove(endpoint_id: PathKey, desk: Reading, if_match: IfMatch = None) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        row = _to_change(session, desk, endpoint_id, if_match)
        remove_endpoint(session, row, desk.seal, desk.by, at)
        return Answer(204, "")

    return desk.write(command)


@ROUTER.post(
    "/webhook-endpoints/{endpoint_id}/secrets",
    **route(
        "rotateWebhookSecret",
        _ADMINISTRATORS,
        "A new secret; the old one signs too for a day",
        NewSecret,
        problems=(404,),
        status=201,
    ),
)
def rotate(endpoint_id: PathKey, desk: Writing) -> Response:
    desk.need_key()

    def command(session: Session, at: datetime) -> Answer:
        row = _endpoint(session, desk.grant, endpoint_id, locked=True)
        now = datetime.now(UTC)
        secret = rotate_secret(session, row, desk.seal, desk.by, at, now)
        return made(NewSecret(secret, now + OLD_SECRET_FOR))

    return desk.write(command)


@ROUTER.get(
    "/webhook-deliveries",
    **route(
        "listWebhookDeliveries",
        _ADMINISTRATORS,
        "What became of messages, the latest first",
        Page[DeliveryOut],
    ),
)
def deliveries(
    desk: Reading,
    endpoint_id: QueryKey = None,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> Response:
    before = place_of(cursor, int)

    def query(session: Session, _at: datetime) -> list[DeliveryOut]:
        ids = _ids(session, desk.grant)
        wanted = [e for e in ids if endpoint_id in (None, e)]
        last = before[0] if before else None
        found = queries_out.delivery_page(session, wanted, state, last, limit + 1)
        return [delivery_out(delivery) for delivery in found]

    return page_of(desk.read(query), limit, lambda delivery: (delivery.id,))


@ROUTER.get(
    "/webhook-deliveries/{delivery_id}",
    **route(
        "getWebhookDelivery",
        _ADMINISTRATORS,
        "What became of a message",
        DeliveryOut,
        problems=(404,),
    ),
)
def delivery(delivery_id: _DeliveryId, desk: Reading) -> Response:
    return shown(desk.read(lambda session, _: _delivery(session, desk.grant, delivery_id)))


@ROUTER.post(
    "/webhook-deliveries/{delivery_id}/replay",
    **route(
        "replayWebhookDelivery",
        _ADMINISTRATORS,
        "Send a message again, under its id",
        DeliveryOut,
        problems=(404, 409),
    ),
)
def send_again(delivery_id: _DeliveryId, desk: Writing) -> Response:
    """Whatever became of it; sent again while it waits, nothing changes."""

    def command(session: Session, at: datetime) -> Answer:
        found = queries_out.delivery(session, delivery_id, _ids(session, desk.grant))
        if found is None:
            raise NotThereError(_DELIVERY, delivery_id)
        endpoint = _endpoint(session, desk.grant, found[0].endpoint_id, locked=True)
        replay(session, found[0], endpoint, desk.by, at)
        session.flush()
        return Answer(200, text_of(delivery_out(found)))

    return desk.write(command)


# ----------------------------------------------------------------------------------------- pieces


def _seen(session: Session, grant: Grant) -> Sequence[EndpointRow]:
    """The endpoints that are told of nothing but what the caller sees."""
    rows = queries_out.endpoints(session)
    if not grant.is_limited:
        return rows
    own = set(grant.territories)
    return [row for row in rows if row.territories and own.issuperset(row.territories)]


def _ids(session: Session, grant: Grant) -> list[str]:
    return [row.id for row in _seen(session, grant)]


def _endpoint(
    session: Session, grant: Grant, endpoint_id: str, *, locked: bool = False
) -> EndpointRow:
    if endpoint_id in _ids(session, grant):
        row = queries_out.endpoint(session, endpoint_id, locked=locked)
        if row is not None:
            return row
    raise NotThereError(_ENDPOINT, endpoint_id)


def _to_change(session: Session, desk: Desk, endpoint_id: str, if_match: str | None) -> EndpointRow:
    """The endpoint, locked, in the version that the caller means."""
    row = _endpoint(session, desk.grant, endpoint_id, locked=True)
    need_match(if_match, _version(row, desk.seal))
    return row


def _version(row: EndpointRow, seal: Seal) -> str:
    return etag_of((row.id, facts_of(row, seal), seal.opened(row.secret)))


def _delivery(session: Session, grant: Grant, delivery_id: int) -> DeliveryOut:
    found = queries_out.delivery(session, delivery_id, _ids(session, grant))
    if found is None:
        raise NotThereError(_DELIVERY, delivery_id)
    return delivery_out(found)


def _territories(session: Session, grant: Grant, wanted: Sequence[str]) -> tuple[str, ...]:
    """Those that are wanted, by default all that the caller sees. Raises UnfitError."""
    seen = queries_lists.territories(session, queries_access.sites_seen(grant))
    for number, territory in enumerate(wanted):
        if territory not in seen:
            raise UnfitError(
                f"/territories/{number}",
                f"There is no territory {territory!r}.",
                f"没有责任区 {territory!r}。",
            )
    return tuple(wanted) or grant.territories


def _check_url(request: Request, url: str) -> None:
    postman: Postman = request.app.state.postman
    try:
        postman.check(url)
    except TargetError as error:
        raise UnfitError("/url", error.message_en, error.message_zh) from error
