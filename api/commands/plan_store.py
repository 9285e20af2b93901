"""``dispatch plan`` without an organisation: plans from the database and saves a draft."""

import os
import shlex
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sqlalchemy.orm import Session

from api.commands.look import ways_in_of
from api.commands.plan import (
    Effort,
    figures,
    say_if,
    search,
    show_hints,
    warn_of_provisional_years,
)
from api.exits import EXIT_INTERRUPTED, EXIT_NO, EXIT_OK
from api.opened import in_use, instant, locked_moment, whoever, zone_of
from api.progress import ProgressReport
from api.screen import print_json, screen
from api.views.cover import show_cover_line
from api.views.forced import show_forced
from api.views.summary import show_summary
from dispatch.commands.measuring import measure
from dispatch.commands.plan_merging import Merge
from dispatch.commands.saving import Saved, plan_to_go_on_from, save_draft, take_baseline
from dispatch.commands.versions import Version, load_version
from dispatch.exchange.documents import PlanDocument, write_plan
from dispatch.judged import judged
from dispatch.manual import manual_plan
from dispatch.rehearsal import moment
from dispatch.store import queries_plans
from dispatch.store.database import VARIABLE, Database
from dispatch.store.retrying import in_writing
from dispatch.texts import Language
from dispatch.travel import travel_of

_MEASURING_S = 60.0
"""How long a road network may be asked before planning; the rest is estimated and says so."""


def make_and_save(
    from_day: date | None,
    days: int | None,
    policy: str | None,
    effort: Effort,
    now: datetime | None,
    out: Path | None,
    as_json: bool,
    lang: Language,
) -> int:
    """Plans, saves a draft, and shows it beside the manual dispatcher's plan."""
    asides = screen(errors=True)
    with in_use() as database:
        asides.print(
            lang.pick(f"Reading {database.place}", f"正在读取 {database.place}"), style="dim"
        )
        measured = measure(database, datetime.now(UTC), within_s=_MEASURING_S)
        if measured is not None and measured.failure is not None:
            failure = lang.pick(measured.failure.message_en, measured.failure.message_zh)
            asides.print(Text(failure, "yellow"), soft_wrap=True)
        with database.reading() as session:
            planned_at = instant(now, zone_of(session)) if now else moment(session)
            baseline = take_baseline(session, planned_at, moment(session), from_day, days, policy)
            start = plan_to_go_on_from(session, baseline)
            years = queries_plans.provisional_years(session)
        warn_of_provisional_years(baseline.snapshot, years, asides, lang)
        travel = travel_of(baseline.snapshot)
        with ProgressReport(asides, lang) as report:
            plan, interrupted = search(baseline.snapshot, travel, effort, start, report)
        say_if(interrupted, asides, lang)
        key, by = uuid.uuid4().hex, whoever()

        def save(session: Session) -> Saved:
            return save_draft(session, baseline, plan, by, locked_moment(session), key)

        saved = in_writing(database, save)
        with database.reading() as session:
            version = load_version(session, saved.version)
    ours, snapshot = version.judged, version.judged.snapshot
    manual = judged(snapshot, manual_plan(snapshot, version.travel), version.travel)
    if out is not None:
        document = PlanDocument(snapshot, ours.plan, manual.plan)
        write_plan(document, out, ours.verdict, manual.verdict)
    if as_json:
        facts = {"version": saved.version, "base": saved.base, "merged": saved.merged}
        print_json(facts | figures(ours, manual, interrupted, version.travel, lang))
    else:
        console = screen()
        show_summary(console, ours, manual, ways_in_of(ours, lang), lang)
        show_cover_line(console, ours, version.travel, lang)
        show_forced(console, ours, version.forced, lang)
        _show_merged(console, saved.merged, lang)
        _hint(console, database, version, lang)
    if interrupted:
        return EXIT_INTERRUPTED
    return EXIT_NO if ours.verdict.violations else EXIT_OK


def _show_merged(console: Console, merged: tuple[Merge, ...], lang: Language) -> None:
    """What changed while the search went on; conflicts in red."""
    if merged:
        console.print()
        title = lang.pick("Changed while the search went on", "搜索期间发生的变化")
        console.print(Text(title, "bold"))
    for one in merged:
        conflict = lang.pick("conflict: ", "冲突：") if not one.fits else ""
        console.print(Text(f"{conflict}{one.text.say(lang)}", "" if one.fits else "red"))


def _hint(console: Console, database: Database, version: Version, lang: Language) -> None:
    """What to look at next, and how people are told."""
    number, plan = version.number, version.judged.plan
    examples = [*(left.visit_id for left in plan.unassigned), *version.judged.served]
    # Whoever was given the database for this command only needs it for the next ones too.
    named = database.file is not None and VARIABLE in os.environ
    url = shlex.quote(database.place)
    hints = [
        *([(f"export {VARIABLE}={url}", lang.pick("this database", "本数据库"))] if named else []),
        (f"dispatch show {number} --by technician", lang.pick("everyone's days", "每人每天的行程")),
        *(
            (f"dispatch explain {number} {example}", lang.pick("why it is as it is", "为何如此"))
            for example in examples[:1]
        ),
        (
            f"dispatch export {number} --format excel --out plan.xlsx",
            lang.pick("for colleagues", "发给同事"),
        ),
        (
            f"dispatch publish {number}",
            lang.pick("book it, reserve its parts, tell people", "预订人员、预留备件并通知"),
        ),
    ]
    title = lang.pick(f"The plan is draft {number}. Next:", f"计划已存为草案 {number}。接下来：")
    show_hints(console, title, hints)
