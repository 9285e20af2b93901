"""``dispatch slots``: windows that could be promised, and those that are held."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from api.exits import EXIT_OK
from api.inputs import names_file
from api.opened import in_use, locked_moment, whoever, zone_of
from api.screen import plain, print_json, screen
from api.views.slots import show_held, show_hold, show_promise, show_slots
from dispatch.commands.slot_errors import no_such_slot
from dispatch.commands.slots import Held, confirm, hold, list_held, release, visit_named
from dispatch.commands.slots_kept import kept_plan_for, usual_demand
from dispatch.commands.versions import named_version
from dispatch.domain.terms import ServiceTerms
from dispatch.exchange.documents import read_plan
from dispatch.forecast import PERMILLE, Forecast, usual_visit_s
from dispatch.kept_plan import KeptPlan
from dispatch.rehearsal import moment
from dispatch.slots import Slot, SlotTerms, slots
from dispatch.store.database import Database
from dispatch.store.queries_plans import service_terms
from dispatch.store.retrying import in_writing
from dispatch.texts import Language
from dispatch.travel import travel_of


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``expected`` are visits to come for each territory and day, ``minutes`` the
    length of a window; None: as the organisation has it."""

    visit: str
    days: int
    most: int
    plan: Path | None
    minutes: int | None
    late: bool
    expected: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """``late_too`` says that there are only slots in which a clock runs out."""

    kept_plan: KeptPlan
    slots: tuple[Slot, ...]
    late_too: bool
    has_forecast: bool


def offer(asked: Question, as_json: bool, lang: Language) -> int:
    """Shows the slots of a visit."""
    if asked.plan is not None and names_file(asked.plan):
        answer = _of_file(asked, asked.plan)
    else:
        with in_use() as database, database.reading() as session:
            answer = _of_record(session, asked, moment(session))
    if as_json:
        print_json([_form(slot) for slot in answer.slots])
    else:
        snapshot = answer.kept_plan.snapshot
        show_slots(
            screen(), snapshot, answer.slots, lang, has_forecast=answer.has_forecast,
            late_too=answer.late_too,
        )  # fmt: skip
    return EXIT_OK


def hold_slot(
    asked: Question, number: int, minutes: int | None, as_json: bool, lang: Language
) -> int:
    """Holds the slot with a number of those that are offered."""
    with in_use() as database:
        with database.reading() as session:
            now = moment(session)
            answer = _of_record(session, asked, now)
            length_s = 60 * minutes if minutes else _terms(session).hold_s
        if number > len(answer.slots):
            raise no_such_slot(number, len(answer.slots))
        slot = answer.slots[number - 1]
        by, key = whoever(), uuid.uuid4().hex

        def command(session: Session) -> Held:
            at = locked_moment(session)
            until = at + timedelta(seconds=length_s)
            return hold(session, slot.option.visit_id, slot.window, until, by, at, key)

        made = in_writing(database, command)
    if as_json:
        print_json(made)
    else:
        show_hold(screen(), answer.kept_plan.snapshot, made, lang)
    return EXIT_OK


def confirm_slot(visit: str, reason: str, as_json: bool, lang: Language) -> int:
    by, key = whoever(), uuid.uuid4().hex
    with in_use() as database:
        visit_id = _named(database, visit)
        made = in_writing(
            database, lambda s: confirm(s, visit_id, by, locked_moment(s), reason, key)
        )
        with database.reading() as session:
            zone = zone_of(session)
    if as_json:
        print_json(made)
    else:
        show_promise(screen(), made, zone, lang)
    return EXIT_OK


def release_slot(visit: str, reason: str, as_json: bool, lang: Language) -> int:
    by, key = whoever(), uuid.uuid4().hex
    with in_use() as database:
        visit_id = _named(database, visit)
        gone = in_writing(
            database, lambda s: release(s, visit_id, by, locked_moment(s), reason, key)
        )
    if as_json:
        print_json(gone)
    else:
        said = lang.pick(
            f"Nothing is held for {gone.visit_id} any more.",
            f"已取消为 {gone.visit_id} 保留的时段。",
        )
        screen().print(said)
    return EXIT_OK


def held_slots(as_json: bool, lang: Language) -> int:
    """What is held now."""
    with in_use() as database, database.reading() as session:
        zone = zone_of(session)
        found = list_held(session, moment(session))
    if as_json:
        print_json(found)
    else:
        show_held(screen(), found, zone, lang)
    return EXIT_OK


def _named(database: Database, visit: str) -> str:
    with database.reading() as session:
        return visit_named(session, visit)


def _terms(session: Session) -> ServiceTerms:
    return ServiceTerms(**service_terms(session))


def _of_record(session: Session, asked: Question, now: datetime) -> Answer:
    version = named_version(session, str(asked.plan)) if asked.plan is not None else None
    visit_id = visit_named(session, asked.visit)
    kept_plan = kept_plan_for(session, visit_id, asked.days, now, version)
    usual = usual_demand(session, kept_plan, now) if asked.expected is None else None
    return _answer(replace(asked, visit=visit_id), kept_plan, usual, _terms(session).slot_s)


def _of_file(asked: Question, path: Path) -> Answer:
    document = read_plan(path)
    snapshot = document.snapshot
    kept_plan = KeptPlan(snapshot, travel_of(snapshot), document.plan)
    return _answer(asked, kept_plan, None, ServiceTerms().slot_s)


def _answer(asked: Question, kept_plan: KeptPlan, usual: Forecast | None, slot_s: int) -> Answer:
    forecast = usual
    if asked.expected is not None:
        elsewhere = round(asked.expected * PERMILLE)
        forecast = Forecast(elsewhere=elsewhere, visit_s=usual_visit_s(kept_plan))
    raster_s = 60 * asked.minutes if asked.minutes else slot_s
    terms = SlotTerms(raster_s=raster_s, forecast=forecast, late=asked.late)
    found = slots(kept_plan, asked.visit, asked.days, asked.most, terms)
    late_too = not found and bool(
        slots(kept_plan, asked.visit, asked.days, 1, replace(terms, late=True))
    )
    return Answer(kept_plan, found, late_too, forecast is not None)


def _form(slot: Slot) -> object:
    """A slot for programs."""
    option = slot.option
    return {
        "window": plain(slot.window),
        "technician_ids": [seat.technician_id for seat in option.seats],
        "start_at": option.start_at.isoformat(),
        "end_at": option.end_at.isoformat(),
        "late": slot.late,
        "added_fen": option.added_fen,
        "by_item": plain(option.by_item),
        "slack_s": slot.slack_s,
        "risk": slot.risk.value,
        "breaks_on": slot.breaks_on,
        "pushed_out": slot.pushed_out,
        "graded_fen": slot.graded_fen,
        "shifted": plain(option.shifted),
    }
