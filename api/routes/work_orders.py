"""Work orders: tickets come in, facts are recorded, and how things stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
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
from api.errors import NotThereError
from api.fields import USUAL_LIMIT, Cursor, IfMatch, Instant, Limit, PathKey, QueryKey
from api.security import DESK, EVERYBODY_AT_WORK, INTAKE, ForbiddenError
from api.shapes.work import (
    EventIn,
    TicketIn,
    WithdrawalIn,
    WorkOrderLine,
    WorkOrderOut,
    WorkOrderPatch,
    line_of,
    work_order_out,
)
from dispatch.commands.answers import Answer
from dispatch.commands.editing import WorkOrderChange, change_work_order, lock_work_order
from dispatch.commands.recording import Recorded, record
from dispatch.commands.recording_errors import (
    RecordingError,
    UnknownWorkOrderError,
    no_such,
    number_taken,
)
from dispatch.commands.tickets import Intake, TakenIn
from dispatch.commands.withdrawing import Mistake, Withdrawn, withdraw_event
from dispatch.domain.access import Grant, Role
from dispatch.domain.transitions import FIELD, State
from dispatch.domain.work import Priority
from dispatch.signatures import keep_signature, signature_of
from dispatch.store import queries_access, queries_lists, queries_work
from dispatch.store.rows_places import EquipmentRow
from dispatch.store.rows_work import WorkOrderRow
from dispatch.store.together import Group, Together
from dispatch.texts import Text
from dispatch.work_order_facts import WorkOrderFacts, facts_from, work_order_facts

ROUTER = APIRouter(prefix=f"{V1}/work-orders", tags=["work orders"])
_RECORDING = (Role.DISPATCHER, Role.TICKET_SYSTEM, Role.TECHNICIAN)
_WITHDRAWING = (Role.DISPATCHER, Role.TECHNICIAN)


@ROUTER.post(
    "",
    **route("takeTicket", INTAKE, "Take a ticket in", WorkOrderOut, problems=(409,), status=201),
)
def take(body: TicketIn, desk: Writing, request: Request) -> Response:
    intake: Together[Call, Response] = request.app.state.intake
    return intake.do(Call(body, desk))


@ROUTER.get(
    "",
    **route("listWorkOrders", EVERYBODY_AT_WORK, "List work orders", Page[WorkOrderLine]),
)
def listed(
    desk: Reading,
    state: State | None = None,
    priority: Priority | None = None,
    site_id: QueryKey = None,
    territory: QueryKey = None,
    reported_from: Annotated[Instant | None, Query()] = None,
    reported_before: Annotated[Instant | None, Query()] = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> Response:
    after = place_of(cursor, str)
    wanted = queries_access.work_orders_seen(desk.grant) & queries_lists.work_orders_like(
        state=state,
        priority=priority,
        site_id=site_id,
        territory=territory,
        reported_from=reported_from,
        reported_before=reported_before,
        is_open=is_open,
    )

    def query(session: Session, _at: datetime) -> list[WorkOrderLine]:
        last = after[0] if after else None
        found = queries_lists.page(session, WorkOrderRow, wanted, last, limit + 1)
        return [line_of(row) for row in found]

    return page_of(desk.read(query), limit, lambda line: (line.id,))


@ROUTER.get(
    "/{work_order_id}",
    **route(
        "getWorkOrder",
        EVERYBODY_AT_WORK,
        "A work order and its life",
        WorkOrderOut,
        problems=(404,),
    ),
)
def one(work_order_id: PathKey, desk: Reading) -> Response:
    facts = desk.read(lambda session, at: _seen(session, desk.grant, work_order_id, at))
    return shown(work_order_out(facts), etag=_version(facts))


@ROUTER.patch(
    "/{work_order_id}",
    **route(
        "changeWorkOrder",
        DESK,
        "Put a work order right",
        WorkOrderOut,
        problems=(404, 409, 412, 428),
    ),
)
def change(
    work_order_id: PathKey, body: WorkOrderPatch, desk: Reading, if_match: IfMatch = None
) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        _need_seen(session, desk.grant, work_order_id)
        lock_work_order(session, work_order_id)
        need_match(if_match, _version(work_order_facts(session, work_order_id, at)))
        wanted = WorkOrderChange(body.priority, body.description)
        change_work_order(session, work_order_id, wanted, desk.by, at, body.reason)
        facts = work_order_facts(session, work_order_id, at)
        return Answer(200, text_of(work_order_out(facts)), {"ETag": _version(facts)})

    return desk.write(command)


@ROUTER.post(
    "/{work_order_id}/events",
    **route(
        "recordEvent",
        _RECORDING,
        "Record what happened",
        Recorded,
        problems=(404, 409),
        status=201,
        kept="It could not be taken in and is kept for a person; `refused` says why.",
    ),
)
def record_event(work_order_id: PathKey, body: EventIn, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        _need_seen(session, desk.grant, work_order_id)
        _need_own(session, desk.grant, body)
        late = body.kind in FIELD if body.late is None else body.late
        event = body.event(work_order_id, desk.by, at)
        outcome = record(session, event, desk.by, at, late=late)
        picture = body.signature
        if picture is not None:
            keep_signature(session, picture)
        if outcome.refused is not None:
            return replace(made(outcome), status=202)
        return made(outcome, again=outcome.again)

    return desk.write(command)


@ROUTER.post(
    "/{work_order_id}/events/{event_id}/withdrawal",
    **route(
        "withdrawEvent",
        _WITHDRAWING,
        "Withdraw what was recorded by mistake",
        Withdrawn,
        problems=(404, 409),
        status=201,
    ),
)
def withdraw(
    work_order_id: PathKey, event_id: PathKey, body: WithdrawalIn, desk: Writing
) -> Response:
    """Everything is as if the event had never been. If later events rest on it, that is refused
    (409); the text names them. Technicians withdraw their own events only, within 15 minutes."""

    def command(session: Session, at: datetime) -> Answer:
        _need_seen(session, desk.grant, work_order_id)
        mistake = Mistake(
            id=body.id,
            work_order_id=work_order_id,
            event_id=event_id,
            happened_at=body.happened_at or at,
            by=body.by or desk.by,
            reason=body.reason,
            own=_own_names(desk.grant),
        )
        outcome = withdraw_event(session, mistake, desk.by, at)
        return made(outcome, again=outcome.again)

    return desk.write(command)


@ROUTER.get(
    "/{work_order_id}/events/{event_id}/signature",
    **route(
        "getSignature",
        EVERYBODY_AT_WORK,
        "What the customer signed",
        problems=(404,),
        content="image/png",
    ),
)
def signature(work_order_id: PathKey, event_id: PathKey, desk: Reading) -> Response:
    def query(session: Session, _at: datetime) -> bytes:
        _need_seen(session, desk.grant, work_order_id)
        found = signature_of(session, work_order_id, event_id)
        if found is None:
            raise NotThereError(Text("signature of the event", "该事件的签名"), event_id)
        return found

    return Response(desk.read(query), media_type="image/png")


# ------------------------------------------------------------------------------------ taking in


@dataclass(frozen=True, slots=True)
class Call:
    """A call that brings a ticket."""

    body: TicketIn
    desk: Desk


def intake_together() -> Together[Call, Response]:
    """The intake of a process; tickets of one caller that wait at the same time come together."""
    return Together(_together, _alone, lambda one: one.desk.grant)


def _together(group: Group[Call]) -> list[Response | None]:
    desk = group.first.desk

    def command(session: Session, at: datetime, numbers: Sequence[int]) -> list[Answer | None]:
        bodies = [group.members[number].body for number in numbers]
        news = [body.ticket(at) for body in bodies]
        intake = Intake(session, news, desk.by, at)
        taken: list[TakenIn | None] = []
        for body, new in zip(bodies, news, strict=True):
            try:
                _refuse_foreign(session, desk.grant, body)
                taken.append(intake.take(new))
            except RecordingError:
                taken.append(None)
        intake.write()
        return [_answer(intake, one, at) if one is not None else None for one in taken]

    return desk.write_together(lambda _: [one.desk.call for one in group.gather()], command)


def _alone(call: Call) -> Response:
    desk, body = call.desk, call.body

    def command(session: Session, at: datetime) -> Answer:
        _refuse_foreign(session, desk.grant, body)
        new = body.ticket(at)
        intake = Intake(session, (new,), desk.by, at)
        taken = intake.take(new)
        intake.write()
        return _answer(intake, taken, at)

    return desk.write(command)


def _answer(intake: Intake, made_of: TakenIn, at: datetime) -> Answer:
    taken, life = made_of.taken, made_of.life
    service = intake.service.at(life.work_order.site_id, at)
    facts = facts_from(life, service, made_of.ticket, made_of.equipment)
    headers = {"ETag": _version(facts), "Location": located(ROUTER.prefix, taken.work_order_id)}
    return made(work_order_out(facts), again=taken.again, headers=headers)


# ----------------------------------------------------------------------------------------- pieces


def _version(facts: WorkOrderFacts) -> str:
    """Clocks are left out: what becomes of them changes by itself."""
    return etag_of((facts.work_order, facts.state, facts.visits, facts.events, facts.waiting))


def _seen(session: Session, grant: Grant, work_order_id: str, at: datetime) -> WorkOrderFacts:
    _need_seen(session, grant, work_order_id)
    return work_order_facts(session, work_order_id, at)


def _need_seen(session: Session, grant: Grant, work_order_id: str) -> None:
    if not queries_access.sees_work_order(session, grant, work_order_id):
        raise UnknownWorkOrderError(work_order_id)


def _need_own(session: Session, grant: Grant, body: EventIn) -> None:
    """Technicians say what they did at visits of theirs, and nothing else."""
    if grant.role is not Role.TECHNICIAN:
        return
    if body.kind not in FIELD:
        raise ForbiddenError(
            f"Technicians record what happens on site, not {body.kind.value!r}.",
            f"技术员只能记录现场事件，不能记录 {body.kind.value!r}。",
        )
    own = body.visit_id is not None and queries_access.sees_visit(session, grant, body.visit_id)
    if not own:
        raise NotThereError(Text("visit", "任务"), body.visit_id)


def _own_names(grant: Grant) -> tuple[str, ...] | None:
    """By which names technicians have recorded what they may withdraw; None: anybody's."""
    if grant.role is not Role.TECHNICIAN:
        return None
    return tuple(filter(None, (grant.technician_id, grant.name)))


def _refuse_foreign(session: Session, grant: Grant, body: TicketIn) -> None:
    """What the caller does not see is not there, whatever the ticket says."""
    if not grant.is_limited:
        return
    known = queries_work.order_of_ticket(session, body.number)
    if known is not None and not queries_access.sees_work_order(session, grant, known):
        raise number_taken(body.number)
    if body.site_id is not None and not queries_access.sees_site(session, grant, body.site_id):
        raise no_such(body.number, "site", "站点", body.site_id)
    if body.equipment_id is not None:
        equipment = session.get(EquipmentRow, body.equipment_id)
        if equipment and not queries_access.sees_site(session, grant, equipment.site_id):
            raise no_such(body.number, "equipment", "设备", body.equipment_id)
