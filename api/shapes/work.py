"""Tickets and facts as they are sent, work orders as they are answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field

from api.fields import (
    MOST_ENTRIES,
    Body,
    Fen,
    Instant,
    Key,
    Line,
    NewKey,
    Prose,
    Seconds,
    SomeSeconds,
    Units,
)
from dispatch.commands.tickets import NewTicket, VisitNeeds
from dispatch.domain.after_service import Duty
from dispatch.domain.events import (
    EmergencyPlan,
    EmergencyReason,
    Event,
    EventKind,
    FailureReason,
    Measure,
    Publication,
)
from dispatch.domain.parts import PartQuantity
from dispatch.domain.recorded import VisitTimes
from dispatch.domain.transitions import State
from dispatch.domain.work import Gate, Priority, SkillNeed, Ticket, Visit, Window
from dispatch.signatures import MOST_BASE64, checked_signature, digest_of
from dispatch.store.mapping_life import details_of
from dispatch.store.rows_work import WorkOrderRow
from dispatch.work_order_facts import ClockFacts, WarrantyFacts, WithdrawnFact, WorkOrderFacts

_MOST_LEVEL = 100
_MOST_CREW = 20


class SkillIn(Body):
    skill: Key
    level: int = Field(1, ge=1, le=_MOST_LEVEL, strict=True)


class PartIn(Body):
    part_id: Key
    quantity: Units = 1


class WindowIn(Body):
    """The visit starts between these instants."""

    open_at: Instant
    close_at: Instant


class VisitIn(Body):
    """What a visit is to be like."""

    duration_s: Seconds = 3600
    skills: tuple[SkillIn, ...] = Field((), max_length=MOST_ENTRIES)
    parts: tuple[PartIn, ...] = Field((), max_length=MOST_ENTRIES)
    tools: tuple[Key, ...] = Field((), max_length=MOST_ENTRIES)
    windows: tuple[WindowIn, ...] = Field((), max_length=MOST_ENTRIES)
    run_in_s: SomeSeconds = 0
    crew_size: int = Field(1, ge=1, le=_MOST_CREW, strict=True)
    wished_technician_id: Key | None = None

    def needs(self) -> VisitNeeds:
        return VisitNeeds(
            duration_s=self.duration_s,
            skills=tuple(SkillNeed(need.skill, need.level) for need in self.skills),
            parts=tuple(PartQuantity(need.part_id, need.quantity) for need in self.parts),
            tools=self.tools,
            windows=tuple(Window(w.open_at, w.close_at) for w in self.windows),
            run_in_s=self.run_in_s,
            crew_size=self.crew_size,
            wished_technician_id=self.wished_technician_id,
        )


class TicketIn(Body):
    """A ticket. `number` is the one of your system: the same number is the same work order.

    One of `equipment_id` and `site_id` is there; `product` follows from the equipment. Without
    `visits` there is one like that of the product's last work order.
    """

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "number": "T-20260929-0017",
                    "site_id": "SY-S01",
                    "product": "视频终端",
                    "priority": "high",
                    "text": "终端黑屏，无法启动",
                    "contact": "王师傅 138-0000-0000",
                    "visits": [{"duration_s": 3600, "skills": [{"skill": "video"}]}],
                    "skip_diagnosis": True,
                }
            ]
        }
    }

    number: NewKey
    received_at: Instant | None = Field(None, description="Now, if it is not given.")
    channel: Line = "api"
    text: Prose = ""
    contact: Line = ""
    site_id: Key | None = None
    equipment_id: Key | None = None
    product: Key | None = None
    priority: Priority = Priority.NORMAL
    visits: tuple[VisitIn, ...] = Field((), max_length=MOST_ENTRIES)
    diagnosed_by: Instant | None = Field(
        None, description="When the remote diagnosis is expected to be done."
    )
    skip_diagnosis: bool = Field(False, description="Somebody has to come in any case.")

    def ticket(self, at: datetime) -> NewTicket:
        received_at = self.received_at or at
        return NewTicket(
            ticket=Ticket(self.number, received_at, self.channel, self.text, self.contact),
            site_id=self.site_id,
            equipment_id=self.equipment_id,
            product=self.product,
            priority=self.priority,
            visits=tuple(visit.needs() for visit in self.visits),
            diagnosed_by=self.diagnosed_by,
            skip_diagnosis=self.skip_diagnosis,
        )


class WorkOrderPatch(Body):
    """What is to be different; fields that are not there stay as they are."""

    priority: Priority | None = None
    description: Prose | None = None
    reason: Line = ""


class PartUsedIn(Body):
    part_id: Key
    quantity: Units = 1
    lot_id: Key | None = None
    serials: tuple[Key, ...] = Field((), max_length=MOST_ENTRIES)


class ReturnedIn(Body):
    part_id: Key
    serial: Line = ""
    replaced_by: Key | None = None
    station_id: Key | None = None


class DetailsIn(Body):
    """What an event tells beside its kind; which fields belong to which kind is in docs/life.md."""

    expected_at: Instant | None = None
    amount_fen: Fen | None = None
    parts: tuple[PartIn, ...] | None = Field(None, max_length=MOST_ENTRIES)
    technician_ids: tuple[Key, ...] | None = Field(None, max_length=MOST_ENTRIES)
    start_at: Instant | None = None
    parts_used: tuple[PartUsedIn, ...] | None = Field(None, max_length=MOST_ENTRIES)
    returned: tuple[ReturnedIn, ...] | None = Field(None, max_length=MOST_ENTRIES)
    signed_by: Line | None = None
    signature_png: str | None = Field(
        None,
        max_length=MOST_BASE64,
        description="What was signed: a PNG of at most 100 KB, in base64.",
    )
    reason: FailureReason | EmergencyReason | None = None
    measures: tuple[Measure, ...] | None = Field(None, max_length=MOST_ENTRIES)
    score: int | None = Field(None, ge=1, le=5, strict=True)
    complaint_id: Key | None = None


class EventIn(Body):
    """A fact. `id` is yours: the same fact may be sent again, and nothing changes.

    `late` says that it comes from the field and may come in any order: what cannot be taken in is
    kept for a person then. Facts from the field are taken so unless you say otherwise.
    """

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "id": "phone7-000123",
                    "kind": "arrived",
                    "visit_id": "T-20260929-0017-1",
                    "happened_at": "2026-09-29T09:12:00+08:00",
                }
            ]
        }
    }

    id: Key
    kind: EventKind
    visit_id: Key | None = None
    happened_at: Instant
    by: Line | None = Field(None, description="Who saw it; the caller, if it is not given.")
    details: DetailsIn | None = None
    note: Prose = ""
    late: bool | None = None

    @property
    def signature(self) -> bytes | None:
        """The picture of what was signed. Raises SignatureError."""
        sent = self.details.signature_png if self.details else None
        return None if sent is None else checked_signature(sent)

    def event(self, work_order_id: str, by: str, at: datetime) -> Event:
        """Raises DetailsError, SignatureError."""
        told: dict[str, Any] = (
            self.details.model_dump(exclude_none=True, exclude={"signature_png"})
            if self.details
            else {}
        )
        picture = self.signature
        if picture is not None:
            told["signature"] = digest_of(picture)
        return Event(
            id=self.id,
            kind=self.kind,
            work_order_id=work_order_id,
            happened_at=self.happened_at,
            recorded_at=at,
            by=self.by or by,
            visit_id=self.visit_id,
            details=details_of(self.kind, told),
            note=self.note,
        )


class WithdrawalIn(Body):
    """That an event was recorded by mistake. `id` is yours: it may be sent again."""

    model_config = Body.model_config | {
        "json_schema_extra": {"examples": [{"id": "phone7-000125", "reason": "wrong work order"}]}
    }

    id: Key
    reason: Line = Field(min_length=1)
    happened_at: Instant | None = Field(None, description="Now, if it is not given.")
    by: Line | None = Field(None, description="Who says so; the caller, if it is not given.")


@dataclass(frozen=True, slots=True)
class WorkOrderLine:
    """A work order in a list."""

    id: str
    ticket_number: str | None
    state: str
    priority: Priority
    product: str
    site_id: str
    description: str
    reported_at: datetime
    responded_at: datetime | None
    arrived_at: datetime | None
    restored_at: datetime | None
    emergency_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitOut:
    """A visit, what became of it, who was told last, and what may be recorded of it next."""

    visit: Visit
    state: State
    times: VisitTimes
    told: Publication | None
    possible: tuple[EventKind, ...]


@dataclass(frozen=True, slots=True)
class WorkOrderOut:
    """A work order as it stands, with its whole life.

    `clocks` have their instants; `waiting` are facts that take effect once what must have come
    before them is known, `withdrawn` were mistakes; `possible` is what may be recorded next.
    """

    id: str
    ticket: Ticket | None
    state: State
    priority: Priority
    product: str
    description: str
    site_id: str
    site: str
    customer: str
    reported_at: datetime
    warranty: WarrantyFacts | None
    emergency: EmergencyPlan | None
    clocks: tuple[ClockFacts, ...]
    gates: tuple[Gate, ...]
    visits: tuple[VisitOut, ...]
    duties: tuple[Duty, ...]
    events: tuple[Event, ...]
    waiting: tuple[Event, ...]
    withdrawn: tuple[WithdrawnFact, ...]
    possible: tuple[EventKind, ...]


def line_of(row: WorkOrderRow) -> WorkOrderLine:
    return WorkOrderLine(**{name: getattr(row, name) for name in WorkOrderLine.__slots__})


def work_order_out(facts: WorkOrderFacts) -> WorkOrderOut:
    order = facts.work_order
    return WorkOrderOut(
        id=order.id,
        ticket=facts.ticket,
        state=facts.state,
        priority=order.priority,
        product=order.product,
        description=order.description,
        site_id=order.site_id,
        site=facts.site,
        customer=facts.customer,
        reported_at=order.reported_at,
        warranty=facts.warranty,
        emergency=facts.emergency,
        clocks=facts.clocks,
        gates=order.gates,
        visits=tuple(VisitOut(v.visit, v.state, v.times, v.told, v.legal) for v in facts.visits),
        duties=facts.duties,
        events=facts.events,
        waiting=facts.waiting,
        withdrawn=facts.withdrawn,
        possible=facts.legal,
    )
