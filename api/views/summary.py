"""The screen after planning: key figures, cost, what stayed out, and the clocks to watch."""

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.paint import gap, margin
from dispatch import texts
from dispatch.judged import JudgedPlan
from dispatch.kpi_rows import kpi_rows
from dispatch.texts import Language
from dispatch.travel_basis import basis_of

_CLOCKS_SHOWN = 8


def show_summary(
    console: Console,
    judged: JudgedPlan,
    manual: JudgedPlan | None,
    ways_in: Table | None,
    lang: Language,
) -> None:
    """Everything but the hints, which depend on where the plan is kept. ``ways_in`` says what would
    let in what stayed out; None if nothing did."""
    for line in (*header(judged, lang), *travel_line(judged, lang)):
        console.print(line)
    blocks: list[Table | Text] = [
        kpi_table(judged, manual, lang),
        cost_by_item(judged, manual, lang),
    ]
    if judged.verdict.violations:
        blocks.append(violations(judged, lang))
    planned = Text(lang.pick("Every visit is planned.", "全部任务已排入。"), style="green")
    blocks += [ways_in or planned, clocks_to_watch(judged, lang)]
    for block in blocks:
        console.print()
        console.print(block)


def header(judged: JudgedPlan, lang: Language) -> Iterator[Text]:
    """Organisation, horizon and policy; size and origin of the plan, and how good it is."""
    snapshot, plan = judged.snapshot, judged.plan
    first = snapshot.start_at.astimezone(judged.zone).date()
    # The horizon ends at midnight, which belongs to the day after the last.
    last = snapshot.end_at.astimezone(judged.zone).date() - timedelta(days=1)
    span = texts.day(first, lang)
    if last != first:
        span = f"{span} – {texts.day(last, lang)}"
    dates = lang.pick(f"{span} {last.year}", f"{last.year}年{span}")
    policy = lang.pick(f"policy {snapshot.policy.name}", f"策略 {snapshot.policy.name}")
    yield Text.assemble((snapshot.organisation, "bold"), f" · {dates} · {policy}")
    size = " · ".join(
        (
            texts.counted(len(snapshot.visits), "visit", "个任务", lang),
            texts.counted(len(snapshot.technicians), "technician", "名技术员", lang),
            texts.counted(len(snapshot.stations), "station", "个服务站", lang),
        )
    )
    maker = texts.maker(plan.made_by, lang)
    origin = [lang.pick(f"planned by {maker}", f"制定者：{maker}")]
    if plan.iterations is not None:
        origin.append(texts.counted(plan.iterations, "iteration", "次迭代", lang))
    if plan.seed is not None:
        origin.append(lang.pick(f"seed {plan.seed}", f"种子 {plan.seed}"))
    if plan.bound_fen is not None:
        origin.append(texts.gap(judged.verdict.cost.total_fen, plan.bound_fen, lang))
    yield Text(f"{size} · {', '.join(origin)}", style="dim")


def travel_line(judged: JudgedPlan, lang: Language) -> Iterator[Text]:
    """What travel was taken from, if not from distance alone, and how much of it is estimated."""
    if judged.snapshot.travel.roads is None:
        return
    basis = basis_of(judged.snapshot, judged.verdict.timetable)
    if not basis.estimated:
        yield Text(lang.pick(f"travel by {basis.source}", f"行程取自 {basis.source}"), "dim")
        return
    yield Text(
        lang.pick(
            f"travel by {basis.source}; {basis.estimated} of {basis.legs} legs are estimated by"
            " distance",
            f"行程取自 {basis.source}；{basis.legs} 段中有 {basis.estimated} 段按距离估算",
        ),
        "yellow",
    )


def kpi_table(
    judged: JudgedPlan,
    other: JudgedPlan | None,
    lang: Language,
    names: tuple[str, str] | None = None,
) -> Table:
    """Key figures, beside another plan's (the manual dispatcher's unless ``names`` say else)."""
    this_name, other_name = names or (
        lang.pick("this plan", "本计划"),
        lang.pick("manual dispatcher", "人工派工"),
    )
    rows = kpi_rows(judged.verdict.kpis)
    if other is None:
        alone = table(lang.pick("key figure", "指标"), this_name, right=(1,))
        for row in (r for r in rows if r.value is not None):
            alone.add_row(row.label.say(lang), row.shown())
        return alone
    beside = table(
        lang.pick("key figure", "指标"),
        this_name,
        other_name,
        lang.pick("difference", "差异"),
        right=(1, 2, 3),
    )
    for row, theirs in zip(rows, kpi_rows(other.verdict.kpis), strict=True):
        if row.value is None and theirs.value is None:
            continue  # no clock of this kind counts
        difference = gap(row.difference(theirs, lang), row.verdict(theirs))
        beside.add_row(row.label.say(lang), row.shown(), theirs.shown(), difference)
    return beside


def cost_by_item(judged: JudgedPlan, manual: JudgedPlan | None, lang: Language) -> Table:
    """What the plan pays for, in yuan, the dearest first."""
    ours = judged.verdict.cost.by_item()
    theirs = manual.verdict.cost.by_item() if manual else {}
    headings = [lang.pick("cost by item, yuan", "分项成本（元）"), lang.pick("this plan", "本计划")]
    if manual:
        headings.append(lang.pick("manual dispatcher", "人工派工"))
    made = table(*headings, right=(1, 2))
    for item in sorted({*ours, *theirs}, key=lambda i: (-ours.get(i, 0), -theirs.get(i, 0), i)):
        figures = [ours.get(item, 0), *([theirs.get(item, 0)] if manual else [])]
        made.add_row(texts.price_item(item, lang), *(texts.yuan(fen) for fen in figures))
    totals = [judged.verdict.cost, *([manual.verdict.cost] if manual else [])]
    made.add_section()
    made.add_row(
        lang.pick("total", "合计"), *(texts.yuan(c.total_fen) for c in totals), style="bold"
    )
    return made


def violations(judged: JudgedPlan, lang: Language) -> Table:
    """Every rule that the plan breaks."""
    made = table(
        lang.pick("broken rule", "违反的规则"),
        lang.pick("code", "代码"),
        lang.pick("where", "对象"),
        lang.pick("who", "技术员"),
        lang.pick("by", "幅度"),
    )
    for broken in judged.verdict.violations:
        made.add_row(
            Text(texts.rule(broken.code, lang), style="red"),
            broken.code,
            broken.subject,
            judged.technician(broken.technician_id),
            texts.amount(broken.code, broken.amount, lang),
        )
    return made


def clocks_to_watch(judged: JudgedPlan, lang: Language) -> Table | Text:
    """The clocks that the plan breaks, or with the least time left."""
    tightest = judged.tightest_clocks
    if not tightest:
        return Text(lang.pick("No SLA clock is running.", "没有计时中的服务时限。"), style="dim")
    late = sum(1 for margin_s, _ in tightest if margin_s < 0)
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("where", "地点"),
        lang.pick("clock", "时限"),
        lang.pick("due", "到期"),
        lang.pick("met at", "停表"),
        lang.pick("margin", "余量"),
        right=(5,),
        title=lang.pick(
            f"SLA clocks: {late} late, the tightest", f"服务时限：{late} 个超时，最紧的几个"
        ),
    )
    for margin_s, clock_margin in tightest[:_CLOCKS_SHOWN]:
        stops_at = clock_margin.stops_at
        made.add_row(
            clock_margin.visit_id,
            judged.place_of_visit(clock_margin.visit_id),
            texts.CLOCKS[clock_margin.clock.kind].say(lang),
            texts.day_and_time(clock_margin.clock.due_at, judged.zone, lang),
            texts.day_and_time(stops_at, judged.zone, lang) if stops_at else "",
            margin(margin_s, lang),
        )
    return made
