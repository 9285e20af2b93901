"""Slots: windows that could be promised for a visit, and those that are held."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Page, Reading, Writing, located, made, page_of, shown, text_of
from api.declaring import V1, route
from api.errors import NotThereError
from api.fields import Body, Instant, Key, Line, PathKey
from api.routes.plans import sight_of
from api.security import EVERYBODY_AT_WORK, INTAKE
from api.shapes.plans import Sight
from dispatch.commands.answers import Answer
from dispatch.commands.slot_errors import unknown_visit
from dispatch.commands.slots import (
    Held,
    Promised,
    confirm,
    hold,
    list_held,
    release,
    visit_named,
)
from dispatch.commands.slots_kept import kept_plan_for, usual_demand
from dispatch.domain.access import Grant
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.work import Window
from dispatch.kept_plan import KeptPlan
from dispatch.slot_risk import Risk
from dispatch.slots import Slot, SlotTerms, slots
from dispatch.store import queries_access, queries_plans
from dispatch.texts import Text

ROUTER = APIRouter(prefix=f"{V1}/slots", tags=["slots"])
_MOST_DAYS = 31
_MOST_SLOTS = 50
_MOST_MINUTES = 24 * 60


class SlotsIn(Body):
    """A visit, or a work order with one open visit. `minutes` is how long a window is."""

    model_config = Body.model_config | {
        "json_schema_extra": {"examples": [{"visit": "V-SY-0001-1", "days": 3, "most": 5}]}
    }

    visit: Key
    days: int = Field(7, ge=1, le=_MOST_DAYS, strict=True)
    most: int = Field(10, ge=1, le=_MOST_SLOTS, strict=True)
    minutes: int | None = Field(None, ge=15, le=_MOST_MINUTES, strict=True)
    late: bool = Field(False, description="Also windows in which a clock runs out.")


class HoldIn(Body):
    """A window to be held for some minutes (as the organisation has it, if none are given)."""

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "visit_id": "V-SY-0001-1",
                    "open_at": "2026-09-29T08:00:00+08:00",
                    "close_at": "2026-09-29T10:00:00+08:00",
                    "minutes": 10,
                }
            ]
        }
    }

    visit_id: Key
    open_at: Instant
    close_at: Instant
    minutes: int | None = Field(None, ge=1, le=_MOST_MINUTES, strict=True)


class SettleIn(Body):
    reason: Line = ""


@dataclass(frozen=True, slots=True)
class SlotOut:
    """A window that could be promised, and who would come. It breaks on `breaks_on` of 1,000 days;
    `pushed_out` are thousandths of visits to come that have no place then."""

    window: Window
    technician_ids: tuple[str, ...]
    start_at: datetime
    end_at: datetime
    late: bool
    added_fen: int
    by_item: Mapping[str, int]
    slack_s: int
    risk: Risk
    breaks_on: int
    pushed_out: int | None
    graded_fen: int


@dataclass(frozen=True, slots=True)
class SlotsOut:
    visit_id: str
    slots: tuple[SlotOut, ...]


@ROUTER.post(
    "",
    **route("findSlots", INTAKE, "Windows that could be promised", SlotsOut, problems=(404,)),
)
def found(body: SlotsIn, desk: Reading) -> Response:
    """The best first. Nothing is kept: hold one while the customer decides."""

    def query(session: Session, at: datetime) -> tuple[str, KeptPlan, SlotTerms, Sight]:
        visit_id = _named(session, desk.grant, body.visit)
        kept_plan = kept_plan_for(session, visit_id, body.days, at)
        terms = ServiceTerms(**queries_plans.service_terms(session))
        raster_s = 60 * body.minutes if body.minutes else terms.slot_s
        wanted = SlotTerms(raster_s, forecast=usual_demand(session, kept_plan, at), late=body.late)
        return visit_id, kept_plan, wanted, sight_of(session, desk.grant)

    visit_id, kept_plan, terms, sight = desk.read(query)
    offered = slots(kept_plan, visit_id, body.days, body.most, terms)
    outs = (_slot_out(slot) for slot in offered)
    seen = tuple(o for o in outs if all(sight.sees(t) for t in o.technician_ids))
    return shown(SlotsOut(visit_id, seen))


@ROUTER.get("/holds", **route("listHolds", EVERYBODY_AT_WORK, "What is held now", Page[Held]))
def holds(desk: Reading) -> Response:
    """All on one page: holds run out after minutes."""

    def query(session: Session, at: datetime) -> list[Held]:
        sight = sight_of(session, desk.grant)
        return [
            one for one in list_held(session, at) if sight.sees(one.technician_id, one.visit_id)
        ]

    every = desk.read(query)
    return page_of(every, len(every), lambda one: (one.visit_id,))


@ROUTER.post(
    "/holds",
    **route("holdSlot", INTAKE, "Hold a window", Held, problems=(404, 409), status=201),
)
def held(body: HoldIn, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        _need_seen(session, desk.grant, body.visit_id)
        terms = ServiceTerms(**queries_plans.service_terms(session))
        length_s = 60 * body.minutes if body.minutes else terms.hold_s
        window = Window(body.open_at, body.close_at)
        until = at + timedelta(seconds=length_s)
        one = hold(session, body.visit_id, window, until, desk.by, at)
        address = located(f"{ROUTER.prefix}/holds", one.visit_id)
        return made(one, headers={"Location": address})

    return desk.write(command)


@ROUTER.post(
    "/holds/{visit_id}/confirmation",
    **route(
        "confirmSlot", INTAKE, "Promise what is held", Promised, problems=(404, 409), status=201
    ),
)
def confirmed(visit_id: PathKey, desk: Writing, body: SettleIn | None = None) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        _need_seen(session, desk.grant, visit_id)
        reason = body.reason if body else ""
        return made(confirm(session, visit_id, desk.by, at, reason))

    return desk.write(command)


@ROUTER.post(
    "/holds/{visit_id}/release",
    **route("releaseSlot", INTAKE, "Give up what is held", Held, problems=(404, 409)),
)
def released(visit_id: PathKey, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        _need_seen(session, desk.grant, visit_id)
        return Answer(200, text_of(release(session, visit_id, desk.by, at)))

    return desk.write(command)


def _named(session: Session, grant: Grant, name: str) -> str:
    """Raises SlotError: what the caller does not see is not there."""
    if not (
        queries_access.sees_visit(session, grant, name)
        or queries_access.sees_work_order(session, grant, name)
    ):
        raise unknown_visit(name)
    return visit_named(session, name)


def _need_seen(session: Session, grant: Grant, visit_id: str) -> None:
    if not queries_access.sees_visit(session, grant, visit_id):
        raise NotThereError(Text("visit", "任务"), visit_id)


def _slot_out(slot: Slot) -> SlotOut:
    option = slot.option
    return SlotOut(
        window=slot.window,
        technician_ids=tuple(seat.technician_id for seat in option.seats),
        start_at=option.start_at,
        end_at=option.end_at,
        late=slot.late,
        added_fen=option.added_fen,
        by_item=option.by_item,
        slack_s=slot.slack_s,
        risk=slot.risk,
        breaks_on=slot.breaks_on,
        pushed_out=slot.pushed_out,
        graded_fen=slot.graded_fen,
    )
