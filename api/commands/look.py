"""``dispatch show``, ``check`` and ``compare``: looking at plans that exist."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from api.exits import EXIT_NO, EXIT_OK
from api.inputs import JudgedFile, judge_named
from api.screen import print_json, screen
from api.views.compare import show_comparison
from api.views.forced import show_forced
from api.views.lists import show_clocks, show_visits
from api.views.summary import header, show_summary, violations
from api.views.timeline import show_timelines
from dispatch.exchange.documents import read_snapshot
from dispatch.exchange.forms import verdict_form
from dispatch.judged import JudgedPlan, judged
from dispatch.plan_difference import differences
from dispatch.texts import Language
from dispatch.travel import travel_of
from dispatch.travel_basis import basis_of

_LEFT_OUT_SHOWN = 30


def show_plan(path: Path, by: str | None, as_json: bool, lang: Language) -> int:
    """``by``: technician, visit, sla, cover, or None for the summary."""
    found = judge_named(path)
    if by == "cover":
        return _show_cover(found.judged, as_json, lang)
    if as_json:
        print_json(_facts(found, by, lang))
        return EXIT_OK
    console = screen()
    if by is None:
        show_summary(console, found.judged, found.manual, ways_in_of(found.judged, lang), lang)
        if found.judged.snapshot.wants_cover:
            # Here, because it brings in OR-tools.
            from api.views.cover import show_cover_line

            show_cover_line(console, found.judged, travel_of(found.judged.snapshot), lang)
        show_forced(console, found.judged, found.forced, lang)
        return EXIT_OK
    for line in header(found.judged, lang):
        console.print(line)
    console.print()
    {"technician": show_timelines, "visit": show_visits, "sla": show_clocks}[by](
        console, found.judged, lang
    )
    show_forced(console, found.judged, found.forced, lang)
    return EXIT_OK


def ways_in_of(judged_plan: JudgedPlan, lang: Language) -> Table | None:
    """What would let in the visits that are left out, as far as they are shown."""
    if not judged_plan.plan.unassigned:
        return None
    # Here, because it brings in numba, which a plan of all visits does without.
    from api.views.reasons import ways_in
    from dispatch.reasons import reasons_of

    found = reasons_of(judged_plan, travel_of(judged_plan.snapshot), _LEFT_OUT_SHOWN)
    return ways_in(judged_plan, found, lang)


def _facts(found: JudgedFile, by: str | None, lang: Language) -> object:
    judged_plan = found.judged
    verdict = judged_plan.verdict
    if by == "technician":
        return verdict_form(verdict).routes
    if by == "visit":
        return [
            {
                "visit_id": visit.id,
                "technician_ids": [v.technician_id for v in judged_plan.served.get(visit.id, ())],
                "stop": next((v.stop for v in judged_plan.served.get(visit.id, ())), None),
            }
            for visit in judged_plan.snapshot.visits
        ]
    if by == "sla":
        return [
            {
                "visit_id": margin.visit_id,
                "clock": margin.clock.kind,
                "due_at": margin.clock.due_at,
                "stops_at": margin.stops_at,
                "margin_s": margin.margin_s,
            }
            for margins in judged_plan.margins.values()
            for margin in margins
        ]
    return {
        "kpis": verdict.kpis,
        "cost_fen_by_item": verdict.cost.by_item(),
        "bound_fen": judged_plan.plan.bound_fen,
        "unassigned": judged_plan.plan.unassigned,
        "violations": verdict.violations,
        "forced": found.forced,
        "travel": basis_of(judged_plan.snapshot, verdict.timetable),
    } | _cover_facts(judged_plan, lang)


def _cover_facts(judged_plan: JudgedPlan, lang: Language) -> dict[str, object]:
    if not judged_plan.snapshot.wants_cover:
        return {}
    # Here, because it brings in OR-tools.
    from api.views.cover import cover_form
    from dispatch.cover import cover_of

    cover = cover_of(judged_plan, travel_of(judged_plan.snapshot))
    return {"cover": cover_form(cover, judged_plan.snapshot, lang)}


def _show_cover(judged_plan: JudgedPlan, as_json: bool, lang: Language) -> int:
    """Who stands in for whom."""
    # Here, because it brings in OR-tools.
    from api.views.cover import cover_form, show_cover
    from dispatch.cover import cover_of

    cover = cover_of(judged_plan, travel_of(judged_plan.snapshot))
    if as_json:
        print_json(cover_form(cover, judged_plan.snapshot, lang))
        return EXIT_OK
    console = screen()
    for line in header(judged_plan, lang):
        console.print(line)
    console.print()
    show_cover(console, judged_plan, cover, lang)
    return EXIT_OK


def check_plan(snapshot_path: Path, plan_path: Path, as_json: bool, lang: Language) -> int:
    """Judges the plan by the given snapshot, not by the one in its own file."""
    snapshot = read_snapshot(snapshot_path)
    plan = judge_named(plan_path).judged.plan
    found = judged(snapshot, plan, travel_of(snapshot))
    broken = found.verdict.violations
    if as_json:
        print_json({"violations": broken, "cost_fen": found.verdict.cost.total_fen})
    elif broken:
        console = screen()
        count = lang.pick(f"{len(broken)} violations", f"{len(broken)} 处违规")
        console.print(Text(count, "bold red"))
        console.print(violations(found, lang))
    else:
        holds = lang.pick(
            f"No rule is broken: {len(found.served)} visits on "
            f"{len(found.verdict.timetable.routes)} routes.",
            f"没有违规：{len(found.verdict.timetable.routes)} 条路线，{len(found.served)} 个任务。",
        )
        screen().print(Text(holds, "green"))
    return EXIT_NO if broken else EXIT_OK


def compare_plans(first: Path, second: Path, as_json: bool, lang: Language) -> int:
    before, after = judge_named(first).judged, judge_named(second).judged
    if as_json:
        print_json(
            {
                "first_kpis": before.verdict.kpis,
                "second_kpis": after.verdict.kpis,
                "changes": differences(before, after),
            }
        )
    else:
        names = (first.name, second.name)
        if first.name == second.name:
            names = (str(first), str(second))
        show_comparison(screen(), before, after, names, lang)
    return EXIT_OK
