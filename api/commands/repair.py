"""``dispatch repair``."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.text import Text
from sqlalchemy.orm import Session

from api.commands.plan import Effort
from api.exits import EXIT_INTERRUPTED, EXIT_OK
from api.opened import in_use, instant, locked_moment, now_or, whoever
from api.progress import ProgressReport, interruptible
from api.repair_words import Words, disturbances_of
from api.screen import print_json, screen
from api.views.effects import show_differences
from api.views.repair import kind_of, show_repair
from dispatch.commands.repairs import day_of_record
from dispatch.commands.saving import Baseline, save_draft, take_baseline
from dispatch.commands.versions import PUBLISHED, load_version, named_version
from dispatch.day_changes import DisturbanceError
from dispatch.disturbances import disturbed
from dispatch.exchange.documents import PlanDocument, read_plan, write_plan
from dispatch.judged import JudgedPlan, judged
from dispatch.plan_difference import differences
from dispatch.planning import Progress
from dispatch.rehearsal import moment
from dispatch.repairing import Alternative, Repair, alternatives, repair
from dispatch.repairing import Effort as Search
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.texts import Language
from dispatch.travel import travel_of

USUAL_SECONDS = 5.0
MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: the moment (local time), the events, how long to search, and which
    of the ways to take."""

    at: datetime | None
    words: Words
    effort: Effort
    take: int | None
    out: Path | None
    reason: str


def repair_day(path: Path | None, wanted: Wanted, as_json: bool, lang: Language) -> int:
    return (
        _repair_record(wanted, as_json, lang)
        if path is None
        else _repair_file(path, wanted, as_json, lang)
    )


def _repair_file(path: Path, wanted: Wanted, as_json: bool, lang: Language) -> int:
    if wanted.at is None:
        raise DisturbanceError(
            "A plan file does not say what time it is: give --at, such as --at 2026-09-29T10:30.",
            "计划文件不含当前时刻：请给出 --at，例如 --at 2026-09-29T10:30。",
        )
    document = read_plan(path)
    snapshot = document.snapshot
    now = instant(wanted.at, ZoneInfo(snapshot.time_zone))
    travel = travel_of(snapshot)
    events = disturbances_of(wanted.words, snapshot, now)
    asides = screen(errors=True)
    with interruptible() as stop, ProgressReport(asides, lang) as report:
        effort = _search(wanted.effort, report, stop)
        found = repair(snapshot, document.plan, travel, events, now, effort)
    before = judged(snapshot, document.plan, travel)
    taken = _taken(found, wanted.take)
    if taken is not None and wanted.out is not None:
        written = PlanDocument(taken.judged.snapshot, taken.judged.plan)
        write_plan(written, wanted.out, taken.judged.verdict)
    facts = {"plan_file": str(wanted.out) if taken is not None and wanted.out else None}
    _show(found, before, taken, facts, as_json, lang)
    if not as_json and taken is not None and wanted.out is not None:
        said = lang.pick(f"The plan is in {wanted.out}.", f"计划已写入 {wanted.out}。")
        screen().print(said)
    return EXIT_INTERRUPTED if stop.happened else EXIT_OK


def _repair_record(wanted: Wanted, as_json: bool, lang: Language) -> int:
    words = wanted.words
    if words.emergency or words.cancel or words.customer_absent:
        raise DisturbanceError(
            "What a ticket or visit has come to is on record in a database: dispatch ticket takes"
            " in an emergency, dispatch record a visit that failed or is wanted no more. Then give"
            " dispatch repair without it.",
            "使用数据库时，工单和任务的变化须先入档：紧急工单用 dispatch ticket，"
            "任务未完成或取消用 dispatch record，然后再运行 dispatch repair。",
        )
    asides = screen(errors=True)
    with in_use() as database:
        with database.reading() as session:
            baseline = take_baseline(session, now_or(wanted.at, session), moment(session))
            day, before = day_of_record(session, baseline)
            was = load_version(session, named_version(session, PUBLISHED)).judged
        events = disturbances_of(words, day.snapshot, day.now)
        with interruptible() as stop, ProgressReport(asides, lang) as report:
            effort = _search(wanted.effort, report, stop)
            day = disturbed(day, events)
            found = Repair(day, alternatives(day, before, effort))
        taken = _taken(found, wanted.take)
        saved = _save(database, baseline, taken, wanted) if taken is not None else None
    _show(found, was, taken, {"version": saved}, as_json, lang)
    if not as_json and saved is not None:
        hint = f"dispatch publish {saved}"
        said = lang.pick(
            f"Draft {saved} has it. Next: {hint}", f"已存为草案 {saved}。接下来：{hint}"
        )
        screen().print(said)
    return EXIT_INTERRUPTED if stop.happened else EXIT_OK


def _search(effort: Effort, report: Callable[[Progress], None], stop: Callable[[], bool]) -> Search:
    seconds = effort.seconds
    if seconds is None and effort.iterations is None:
        seconds = USUAL_SECONDS
    return Search(effort.seed, report, stop, seconds, effort.iterations, effort.cores)


def _taken(found: Repair, number: int | None) -> Alternative | None:
    if number is None:
        return None
    if number > len(found.alternatives):
        raise DisturbanceError(
            f"There are {len(found.alternatives)} ways to go on; --take {number} is none of them.",
            f"共有 {len(found.alternatives)} 种办法；没有第 {number} 种。",
        )
    return found.alternatives[number - 1]


def _save(database: Database, baseline: Baseline, taken: Alternative, wanted: Wanted) -> int:
    key, by = uuid.uuid4().hex, whoever()
    why = "; ".join(filter(None, (wanted.reason, f"repair: {taken.kind}", wanted.words.said())))

    def save(session: Session) -> int:
        at = locked_moment(session)
        return save_draft(session, baseline, taken.judged.plan, by, at, key, why).version

    return in_writing(database, save)


def _show(
    found: Repair,
    before: JudgedPlan,
    taken: Alternative | None,
    facts: Mapping[str, object],
    as_json: bool,
    lang: Language,
) -> None:
    """The ways, and what the one taken (or the best) changes."""
    shown = taken or found.alternatives[0]
    if as_json:
        print_json(
            {**facts, "is_needed": found.is_needed, "taken": taken.kind if taken else None}
            | {"alternatives": [_facts(way, before) for way in found.alternatives]}
        )
        return
    console = screen()
    show_repair(console, found, lang)
    if not found.is_needed:
        return
    news = [d for d in differences(before, shown.judged) if d.visit_id in _told_of(shown)]
    console.print()
    title = kind_of(shown, lang)
    console.print(Text(f"{title}:", "bold"))
    show_differences(console, news[:MOST_SHOWN], before.zone, lang)
    more = len(news) - MOST_SHOWN
    if more > 0:
        console.print(lang.pick(f"and {more} more: --json", f"另有 {more} 条：--json"))


def _told_of(way: Alternative) -> frozenset[str]:
    return frozenset((*way.changed, *way.left_out))


def _facts(way: Alternative, before: JudgedPlan) -> Mapping[str, object]:
    facts = {f.name: getattr(way, f.name) for f in fields(way) if f.name != "judged"}
    news = [d for d in differences(before, way.judged) if d.visit_id in _told_of(way)]
    cost = way.judged.verdict.cost
    return facts | {"cost_fen": cost.total_fen, "differences": news}
