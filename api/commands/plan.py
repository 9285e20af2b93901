"""``dispatch plan``."""

import shlex
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from api.commands.look import ways_in_of
from api.exits import EXIT_INTERRUPTED, EXIT_NO, EXIT_OK
from api.inputs import load_snapshot
from api.opened import instant
from api.progress import ProgressReport, interruptible
from api.screen import print_json, screen
from api.views.cover import cover_form, show_cover_line
from api.views.summary import show_summary
from dispatch.cover import cover_of
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.exchange.documents import PlanDocument, read_plan, write_plan
from dispatch.freezing import fitting, freeze
from dispatch.grouped_planning import make_grouped_plan
from dispatch.judged import JudgedPlan, judged
from dispatch.manual import manual_plan
from dispatch.planning import Progress, loading, make_plan
from dispatch.texts import Language
from dispatch.travel import Travel, travel_of
from dispatch.travel_basis import basis_of
from scenarios.executing import processes


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: seconds or iterations; the other is None. With several ``groups`` of
    territories these are planned side by side first."""

    seconds: float | None
    iterations: int | None
    seed: int
    cores: int
    groups: int = 1


@dataclass(frozen=True, slots=True)
class Beginning:
    """The file of a plan to begin from, and until when (local time) that plan stays."""

    path: Path
    freeze_until: datetime | None


def make_and_show(
    organisation: str,
    from_day: date | None,
    days: int | None,
    policy: str | None,
    effort: Effort,
    beginning: Beginning | None,
    out: Path | None,
    as_json: bool,
    lang: Language,
) -> int:
    """Plans, writes the plan to ``out``, and shows it beside the manual dispatcher's."""
    asides = screen(errors=True)
    asides.print(lang.pick(f"Reading {organisation}", f"正在读取 {organisation}"), style="dim")
    named = load_snapshot(organisation, from_day, days, policy)
    warn_of_provisional_years(named.snapshot, named.organisation.provisional_years, asides, lang)
    snapshot, travel = named.snapshot, travel_of(named.snapshot)
    start = fitting(snapshot, read_plan(beginning.path).plan) if beginning else None
    if beginning and start and beginning.freeze_until:
        until = instant(beginning.freeze_until, ZoneInfo(snapshot.time_zone))
        snapshot = freeze(snapshot, start, travel, until)
    with ProgressReport(asides, lang) as report:
        report(loading(snapshot))
        # First, so that whoever interrupts the search has the plan at once.
        manual = judged(snapshot, manual_plan(snapshot, travel), travel)
        plan, interrupted = search(snapshot, travel, effort, start, report)
    say_if(interrupted, asides, lang)
    ours = judged(snapshot, plan, travel)
    path = out or Path(f"{named.name}.plan.json")
    write_plan(PlanDocument(snapshot, plan, manual.plan), path, ours.verdict, manual.verdict)
    if as_json:
        print_json({"plan_file": str(path)} | figures(ours, manual, interrupted, travel, lang))
    else:
        console = screen()
        show_summary(console, ours, manual, ways_in_of(ours, lang), lang)
        show_cover_line(console, ours, travel, lang)
        _hint(console, ours, path, lang)
    if interrupted:
        return EXIT_INTERRUPTED
    return EXIT_NO if ours.verdict.violations else EXIT_OK


def search(
    snapshot: Snapshot,
    travel: Travel,
    effort: Effort,
    start: Plan | None,
    report: Callable[[Progress], None],
) -> tuple[Plan, bool]:
    """The best plan found, and whether somebody interrupted the search."""
    with ExitStack() as stack:
        interruption = stack.enter_context(interruptible())
        make = make_plan
        if effort.groups > 1:
            executor = stack.enter_context(processes(effort.cores)).executor()
            make = partial(make_grouped_plan, groups=effort.groups, executor=executor)
        plan = make(
            snapshot,
            travel,
            seconds=effort.seconds,
            iterations=effort.iterations,
            seed=effort.seed,
            report=report,
            stop=interruption,
            start=start,
            cores=effort.cores,
        )
    return plan, interruption.happened


def say_if(interrupted: bool, asides: Console, lang: Language) -> None:
    if interrupted:
        kept = lang.pick(
            "Interrupted: the best plan so far is kept.", "已中断：保留目前最好的计划。"
        )
        asides.print(kept, style="yellow")


def warn_of_provisional_years(
    snapshot: Snapshot, years: Iterable[int], asides: Console, lang: Language
) -> None:
    """Says which of the planned years have no published holidays yet."""
    zone = ZoneInfo(snapshot.time_zone)
    planned = {at.astimezone(zone).year for at in (snapshot.start_at, snapshot.end_at)}
    for year in sorted(planned.intersection(years)):
        asides.print(
            lang.pick(
                f"The public holidays of {year} are not published yet: "
                "make-up workdays are missing. Add them to the table calendar_days.",
                f"{year} 年的节假日安排尚未公布，缺少调休上班日；请在 calendar_days 表中补充。",
            ),
            style="yellow",
        )


def figures(
    ours: JudgedPlan, manual: JudgedPlan, interrupted: bool, travel: Travel, lang: Language
) -> dict[str, object]:
    """What programs are told of a plan that was made."""
    return {
        "interrupted": interrupted,
        "kpis": ours.verdict.kpis,
        "manual_kpis": manual.verdict.kpis,
        "cost_fen_by_item": ours.verdict.cost.by_item(),
        "bound_fen": ours.plan.bound_fen,
        "unassigned": ours.plan.unassigned,
        "violations": ours.verdict.violations,
        "travel": basis_of(ours.snapshot, ours.verdict.timetable),
        "cover": cover_form(cover_of(ours, travel), ours.snapshot, lang),
    }


def _hint(console: Console, ours: JudgedPlan, path: Path, lang: Language) -> None:
    """Where the plan is, and what to look at next."""
    file = shlex.quote(str(path))
    examples = [*(left.visit_id for left in ours.plan.unassigned), *ours.served]
    title = lang.pick(f"The plan is in {path}. Next:", f"计划已写入 {path}。接下来：")
    hints = [
        (f"dispatch show {file} --by technician", lang.pick("everyone's days", "每人每天的行程")),
        (f"dispatch show {file} --by sla", lang.pick("all SLA clocks", "全部服务时限")),
        (
            f"dispatch export {file} --format excel --out {path.stem}.xlsx",
            lang.pick("for colleagues", "发给同事"),
        ),
    ]
    if examples:
        hints.insert(
            1,
            (
                f"dispatch explain {file} {shlex.quote(examples[0])}",
                lang.pick("why one visit is as it is", "某个任务为何如此"),
            ),
        )
    show_hints(console, title, hints)


def show_hints(console: Console, title: str, hints: Iterable[tuple[str, str]]) -> None:
    """Commands to go on with, and what each is for."""
    console.print()
    console.print(Text(title, "bold"))
    for command, why in hints:
        console.print(Text.assemble(f"  {command}", (f"  # {why}", "dim")), soft_wrap=True)
