"""``dispatch ticket``, ``record``, ``withdraw``, ``escalate``, ``contain``, ``settle``."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from api.exits import EXIT_NO, EXIT_OK
from api.opened import in_use, instant, now_or, whoever, zone_of
from api.screen import print_json, screen
from dispatch.commands.recording import (
    Recorded,
    due_emergencies,
    open_emergencies,
    record,
    settle,
)
from dispatch.commands.tickets import NewTicket, Taken, VisitNeeds, contain, take_ticket
from dispatch.commands.withdrawing import Mistake, Withdrawn, withdraw_event
from dispatch.domain.errors import DispatchError
from dispatch.domain.events import Event, EventKind, PartUsed, ReturnedUnit
from dispatch.domain.life_texts import EMERGENCIES, STATES
from dispatch.domain.parts import PartQuantity
from dispatch.domain.transitions import FINISHED, MOVES, Track
from dispatch.domain.work import Priority, SkillNeed, Ticket
from dispatch.store import queries_work
from dispatch.store.mapping_life import details_of, lives_of
from dispatch.store.retrying import in_writing
from dispatch.texts import Language

_T = TypeVar("_T")


class WordsError(DispatchError):
    """Something that cannot be read."""


@dataclass(frozen=True, slots=True)
class TicketWords:
    """A ticket as it is given on the command line."""

    number: str
    equipment: str | None
    site: str | None
    product: str | None
    priority: Priority
    text: str
    contact: str
    channel: str
    received: datetime | None
    minutes: int | None
    skills: tuple[str, ...]
    parts: tuple[str, ...]
    diagnosed_by: datetime | None
    skip_diagnosis: bool


@dataclass(frozen=True, slots=True)
class FactWords:
    """A fact as it is given on the command line; ``details`` by the names of their fields."""

    work_order: str
    kind: EventKind
    visit: str | None
    at: datetime | None
    by: str | None
    event_id: str | None
    late: bool
    note: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MistakeWords:
    """A mistaken event as it is named on the command line: by its id, or by its kind."""

    work_order: str
    event: str
    visit: str | None
    reason: str
    by: str | None
    withdrawal_id: str | None


def new_ticket(words: TicketWords, now: datetime | None, as_json: bool, lang: Language) -> int:
    taken = _written(
        now, lambda s, zone, at: take_ticket(s, _ticket(words, zone, at), whoever(), at)
    )
    if as_json:
        print_json(taken)
    else:
        screen().print(_said_of_ticket(taken, lang), soft_wrap=True)
    return EXIT_OK


def record_fact(words: FactWords, now: datetime | None, as_json: bool, lang: Language) -> int:
    """Exit code 1 if it was kept for a person."""
    event_id = words.event_id or str(uuid.uuid4())

    def recorded(session: Session, zone: ZoneInfo, at: datetime) -> Recorded:
        event = _event(session, words, event_id, zone, at)
        return record(session, event, whoever(), at, late=words.late)

    outcome = _written(now, recorded)
    if as_json:
        print_json(outcome)
    else:
        for line in _said_of_fact(outcome, lang):
            screen().print(line, soft_wrap=True)
    return EXIT_NO if outcome.refused else EXIT_OK


def withdraw_fact(words: MistakeWords, now: datetime | None, as_json: bool, lang: Language) -> int:
    withdrawal_id = words.withdrawal_id or str(uuid.uuid4())

    def withdrawn(session: Session, _zone: ZoneInfo, at: datetime) -> Withdrawn:
        known = queries_work.event_row(session, withdrawal_id)
        named = (known.details or {}).get("event_id") if known else None
        mistake = Mistake(
            id=withdrawal_id,
            work_order_id=words.work_order,
            event_id=named or _meant(session, words),
            happened_at=known.happened_at if known else at,
            by=words.by or whoever(),
            reason=words.reason,
        )
        return withdraw_event(session, mistake, whoever(), at)

    outcome = _written(now, withdrawn)
    if as_json:
        print_json(outcome)
    else:
        for line in _said_of_withdrawal(outcome, lang):
            screen().print(line, soft_wrap=True)
    return EXIT_OK


def open_plans(now: datetime | None, as_json: bool, lang: Language) -> int:
    with in_use() as database:
        with database.reading() as session:
            at = now_or(now, session)
            due = due_emergencies(session, at)
        opened = in_writing(database, lambda s: open_emergencies(s, whoever(), at, due))
    if as_json:
        print_json(opened)
        return EXIT_OK
    for outcome in opened:
        reasons = ", ".join(EMERGENCIES[reason].say(lang) for reason in outcome.emergencies)
        screen().print(f"{outcome.work_order_id}: {reasons}")
    if not opened:
        screen().print(lang.pick("No emergency plan is due.", "没有应启动的应急预案。"))
    return EXIT_OK


def send_somebody_first(
    work_order: str,
    reason: str,
    key: str | None,
    now: datetime | None,
    as_json: bool,
    lang: Language,
) -> int:
    made = _written(
        now, lambda s, _, at: contain(s, work_order, whoever(), at, reason=reason, key=key)
    )
    if as_json:
        print_json(made)
    else:
        said = lang.pick(
            f"Visit {made.visit_id} contains the fault before {made.repair_visit_id}; nearest is"
            f" station {made.station_id}. It will be planned like any other.",
            f"任务 {made.visit_id} 将先于 {made.repair_visit_id} 到场处置；最近的服务站为"
            f" {made.station_id}。该任务将参与排程。",
        )
        screen().print(said, soft_wrap=True)
    return EXIT_OK


def settle_refused(event_id: str, reason: str, lang: Language) -> int:
    _written(None, lambda s, _, at: settle(s, event_id, whoever(), at, reason))
    screen().print(lang.pick(f"{event_id} is settled.", f"{event_id} 已处理。"))
    return EXIT_OK


def _written(now: datetime | None, command: Callable[[Session, ZoneInfo, datetime], _T]) -> _T:
    """What the command returns, called with the organisation's time zone and the instant.

    Tried again, it is called with the same instant: what it records is the same then.
    """
    with in_use() as database:
        with database.reading() as session:
            zone, at = zone_of(session), now_or(now, session)
        return in_writing(database, lambda session: command(session, zone, at))


# ------------------------------------------------------------------------------ what is meant


def _ticket(words: TicketWords, zone: ZoneInfo, at: datetime) -> NewTicket:
    received_at = instant(words.received, zone) if words.received else at
    needs = VisitNeeds(
        duration_s=(words.minutes or 0) * 60,
        skills=tuple(SkillNeed(*_counted(skill)) for skill in words.skills),
        parts=tuple(PartQuantity(*_counted(part)) for part in words.parts),
    )
    return NewTicket(
        ticket=Ticket(words.number, received_at, words.channel, words.text, words.contact),
        site_id=words.site,
        equipment_id=words.equipment,
        product=words.product,
        priority=words.priority,
        visits=(needs,) if words.minutes is not None else (),
        diagnosed_by=instant(words.diagnosed_by, zone) if words.diagnosed_by else None,
        skip_diagnosis=words.skip_diagnosis,
    )


def _event(
    session: Session, words: FactWords, event_id: str, zone: ZoneInfo, at: datetime
) -> Event:
    """The fact that is meant. Sent again, it is what it was where nothing else is said."""
    known = queries_work.event_row(session, event_id)
    visit_id = words.visit
    if visit_id is None and MOVES[words.kind].track is Track.VISIT:
        visit_id = known.visit_id if known else _only_visit(session, words.work_order)
    happened_at = instant(words.at, zone) if words.at else known.happened_at if known else at
    return Event(
        id=event_id,
        kind=words.kind,
        work_order_id=words.work_order,
        happened_at=happened_at,
        recorded_at=at,
        by=words.by or whoever(),
        visit_id=visit_id,
        details=details_of(words.kind, _details(words, zone)),
        note=words.note,
    )


def _meant(session: Session, words: MistakeWords) -> str:
    """The id of the event that is meant: of a kind it is the last one that counts."""
    for life in lives_of(queries_work.life_rows(session, (words.work_order,))):
        of_kind = [
            event.id
            for event in life.events
            if event.kind == words.event and words.visit in (None, event.visit_id)
        ]
        return of_kind[-1] if of_kind else words.event
    return words.event


def _only_visit(session: Session, work_order_id: str) -> str | None:
    """The visit that is not over, if there is one only."""
    for life in lives_of(queries_work.life_rows(session, (work_order_id,))):
        going_on = [v.id for v in life.visits if life.on(Track.VISIT, v.id) not in FINISHED]
        return going_on[0] if len(going_on) == 1 else None
    return None


def _details(words: FactWords, zone: ZoneInfo) -> dict[str, object]:
    """What was given, as ``details_of`` takes it."""
    given = {name: value for name, value in words.details.items() if value is not None}
    return {name: _read(name, value, zone) for name, value in given.items()}


def _read(name: str, value: object, zone: ZoneInfo) -> object:
    if isinstance(value, datetime):
        return instant(value, zone)
    if not isinstance(value, list):
        return value
    if name == "parts":
        return [PartQuantity(*_counted(text)) for text in value]
    return list(map({"parts_used": _used, "returned": _returned}.get(name, str), value))


def _used(text: str) -> PartUsed:
    """``camera``, ``camera*2``, ``camera=SN1,SN2``"""
    named, _, listed = text.partition("=")
    serials = tuple(serial for serial in listed.split(",") if serial)
    part_id, quantity = _counted(named)
    return PartUsed(part_id, max(quantity, len(serials)), serials=serials)


def _returned(text: str) -> ReturnedUnit:
    """``camera``, ``camera=SN1``, ``camera=SN1,SN2`` (SN2 is there instead), ``camera=SN1@S1``"""
    named, _, station_id = text.partition("@")
    part_id, _, serials = named.partition("=")
    serial, _, replaced_by = serials.partition(",")
    return ReturnedUnit(part_id, serial, replaced_by or None, station_id or None)


def _counted(text: str) -> tuple[str, int]:
    """``camera*2``; without a number it is 1. Raises WordsError."""
    name, star, number = text.rpartition("*")
    if not star:
        return text, 1
    if not name or not number.isdecimal() or int(number) < 1:
        raise WordsError(
            f"{text!r} cannot be read; write NAME or NAME*2.",
            f"无法识别 {text!r}；请写作 名称 或 名称*2。",
        )
    return name, int(number)


# ------------------------------------------------------------------------------- what is said


def _said_of_ticket(taken: Taken, lang: Language) -> str:
    visits = ", ".join(taken.visit_ids)
    known = lang.pick("known already", "此前已受理") if taken.again else lang.pick("new", "新建")
    state = STATES[taken.state].say(lang)
    said = lang.pick(
        f"Work order {taken.work_order_id} ({known}): {state}. Visits: {visits}.",
        f"派工单 {taken.work_order_id}（{known}）：{state}。任务：{visits}。",
    )
    if taken.alerted_station_id is None:
        return said
    return said + lang.pick(
        f" Emergency: alert station {taken.alerted_station_id}, which may come first with"
        f" dispatch contain {taken.work_order_id}.",
        f"紧急：请通知服务站 {taken.alerted_station_id}；可用"
        f" dispatch contain {taken.work_order_id} 先行到场处置。",
    )


def _said_of_withdrawal(outcome: Withdrawn, lang: Language) -> Iterator[str]:
    again = lang.pick(" (withdrawn already)", "（此前已撤回）") if outcome.again else ""
    yield f"{outcome.work_order_id}: {STATES[outcome.state].say(lang)}{again}"
    if outcome.settled:
        yield lang.pick("It had been refused, and is settled.", "该记录未曾入档，现已处理。")
    if outcome.dropped:
        visits = ", ".join(outcome.dropped)
        yield lang.pick(f"Follow-up visit dropped: {visits}", f"已撤销再次上门任务：{visits}")


def _said_of_fact(outcome: Recorded, lang: Language) -> list[str]:
    lines = []
    if outcome.state is not None:
        state = STATES[outcome.state].say(lang)
        again = lang.pick(" (on record already)", "（此前已记录）") if outcome.again else ""
        lines.append(f"{outcome.work_order_id}: {state}{again}")
    if outcome.waits:
        lines.append(
            lang.pick(
                "It waits for what must have come before it.", "等待之前应发生的记录到达后生效。"
            )
        )
    if outcome.follow_ups:
        visits = ", ".join(outcome.follow_ups)
        lines.append(lang.pick(f"Follow-up visit: {visits}", f"再次上门任务：{visits}"))
    for reason in outcome.emergencies:
        why = EMERGENCIES[reason].say(lang)
        lines.append(lang.pick(f"Emergency plan opened: {why}", f"已启动应急预案：{why}"))
    if outcome.refused is not None:
        lines.append(lang.pick("Kept for a person: ", "留待人工处理：") + outcome.refused.say(lang))
    return lines
