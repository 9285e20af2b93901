"""Stock: what is where, what moved, what is promised to whom."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Page, Reading, Writing, made, page_of, place_of, shown
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError
from api.fields import USUAL_LIMIT, Cursor, Limit, PathKey, QueryKey
from api.security import DESK, INSIDE
from api.shapes.stock import (
    Adjust,
    DeliveryIn,
    Issue,
    MovementIn,
    Receive,
    ReleaseIn,
    ReservationIn,
    ReservationsOf,
    Transfer,
)
from dispatch.commands.answers import Answer
from dispatch.commands.ledger import Moved
from dispatch.commands.reservations import Released, Reserved, issue_reserved, release, reserve
from dispatch.commands.shelf import Want
from dispatch.commands.stock import Expected, expect, receive, transfer
from dispatch.commands.stock_counts import adjust, leave_quarantine, quarantine
from dispatch.commands.stock_errors import UnknownError
from dispatch.commands.stock_picks import Units, place_named
from dispatch.domain.access import Grant
from dispatch.store import queries_access, queries_trace
from dispatch.store.queries_stock import Place
from dispatch.store.queries_trace import Level, Trace
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["stock"])
_VISIT = Text("visit", "任务")


@ROUTER.get("/stock", **route("listStock", INSIDE, "What is where", Page[Level]))
def levels(
    desk: Reading,
    part_id: QueryKey = None,
    place: QueryKey = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> Response:
    after = place_of(cursor, str, str)

    def query(session: Session, _at: datetime) -> Sequence[Level]:
        where = _place(session, desk.grant, place) if place is not None else None
        return queries_trace.levels(
            session,
            part_id=part_id,
            place=where,
            after=(after[0], after[1]) if after else None,
            limit=limit + 1,
            wanted=queries_access.balances_seen(desk.grant),
        )

    return page_of(desk.read(query), limit, lambda level: (level.part_id, level.balance_id))


@ROUTER.get(
    "/stock/trace",
    **route("traceStock", DESK, "Where units came from and went", Trace, problems=(404,)),
)
def trace(
    desk: Reading, lot_id: QueryKey = None, serial: QueryKey = None, visit_id: QueryKey = None
) -> Response:
    """Of a lot, a serial number or a visit: one of them. A trace crosses territories, so only
    callers who see all of them are shown it."""
    given = [value for value in (lot_id, serial, visit_id) if value is not None]
    if len(given) != 1:
        raise UnfitError(
            "",
            "Give one of lot_id, serial and visit_id.",
            "请给出 lot_id、serial、visit_id 之一。",
        )
    if desk.grant.territories:
        raise NotThereError(Text("trace that you see in full", "可完整查看的追溯记录"), given[0])

    def query(session: Session, _at: datetime) -> Trace:
        if lot_id is not None:
            return queries_trace.trace_lot(session, lot_id)
        if serial is not None:
            return queries_trace.trace_serial(session, serial)
        return queries_trace.trace_visit(session, visit_id or "")

    return shown(desk.read(query))


@ROUTER.post(
    "/stock/movements",
    **route("moveStock", DESK, "Units move", Moved, problems=(404, 409), status=201),
)
def move(body: MovementIn, desk: Writing) -> Response:
    desk.need_key()

    def command(session: Session, at: datetime) -> Answer:
        return made(_moved(session, desk.grant, body, at))

    return desk.write(command)


@ROUTER.post(
    "/stock/deliveries",
    **route("expectDelivery", DESK, "Units are to come", Expected, problems=(409,), status=201),
)
def deliver(body: DeliveryIn, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        _place(session, desk.grant, body.station_id)
        delivery = Expected(**body.model_dump(exclude={"reason"}))
        return made(expect(session, delivery, desk.by, at, body.reason))

    return desk.write(command)


@ROUTER.post(
    "/reservations",
    **route("reserve", DESK, "Hold units for visits", Reserved, problems=(409,), status=201),
)
def hold(body: ReservationIn, desk: Writing) -> Response:
    desk.need_key()

    def command(session: Session, at: datetime) -> Answer:
        wants = [
            Want(
                _visit(session, desk.grant, want.visit_id),
                want.part_id,
                want.quantity,
                _place(session, desk.grant, want.place),
                want.needed_at,
                want.substitutes,
            )
            for want in body.wants
        ]
        expires_at = at + timedelta(hours=body.hours)
        return made(reserve(session, wants, expires_at, desk.by, at, body.reason))

    return desk.write(command)


@ROUTER.post(
    "/reservations/releases",
    **route("release", DESK, "Units are free again", Released, problems=(409,), status=201),
)
def let_go(body: ReleaseIn, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        _need_own(session, desk.grant, body.reservation_ids)
        return made(release(session, body.reservation_ids, desk.by, at, body.reason))

    return desk.write(command)


@ROUTER.get(
    "/visits/{visit_id}/reservations",
    **route(
        "listReservations", INSIDE, "What a visit was promised", ReservationsOf, problems=(404,)
    ),
)
def reservations(visit_id: PathKey, desk: Reading) -> Response:
    def query(session: Session, _at: datetime) -> ReservationsOf:
        if not queries_access.sees_visit(session, desk.grant, visit_id):
            raise NotThereError(_VISIT, visit_id)
        return ReservationsOf(visit_id, tuple(queries_trace.reservations_of(session, visit_id)))

    return shown(desk.read(query))


# ----------------------------------------------------------------------------------------- pieces


def _moved(session: Session, grant: Grant, body: MovementIn, at: datetime) -> Moved:
    by, why, serials = grant.name, body.reason, body.serials
    if isinstance(body, Issue):
        _need_own(session, grant, body.reservation_ids)
        _place(session, grant, str(Place(technician_id=body.technician_id)))
        return issue_reserved(session, body.reservation_ids, body.technician_id, by, at, serials)
    if isinstance(body, Transfer):
        units = Units(body.part_id, body.quantity, None, serials)
        ways = _place(session, grant, body.source), _place(session, grant, body.target)
        return transfer(session, units, *ways, by, at, why)
    place = _place(session, grant, body.place)
    if isinstance(body, Receive):
        units = Units(body.part_id, body.quantity, None, serials)
        return receive(session, body.lot_id, units, place, by, at, why)
    if isinstance(body, Adjust):
        return adjust(session, body.lot_id, place, body.difference, by, at, why, serials)
    change = quarantine if body.kind == "quarantine" else leave_quarantine
    return change(session, body.lot_id, place, body.quantity, by, at, why, serials)


def _place(session: Session, grant: Grant, name: str) -> Place:
    """The depot or van that people mean. Raises StockError, also for one that is not seen."""
    place = place_named(session, name)
    if not queries_access.sees_place(session, grant, place):
        raise UnknownError("station or technician", "服务站或技术员", name)
    return place


def _visit(session: Session, grant: Grant, visit_id: str) -> str:
    if not queries_access.sees_visit(session, grant, visit_id):
        raise UnknownError("visit", "任务", visit_id)
    return visit_id


def _need_own(session: Session, grant: Grant, reservation_ids: Sequence[str]) -> None:
    for reservation_id in reservation_ids:
        if not queries_access.sees_reservation(session, grant, reservation_id):
            raise UnknownError("reservation", "预留", reservation_id)
