"""A plan visit by visit, and SLA clock by SLA clock."""

from rich.console import Console
from rich.text import Text

from api.screen import table
from api.views.paint import margin, seen
from api.views.timeline import tightest_clock
from dispatch import texts
from dispatch.domain.work import Visit
from dispatch.exchange.plan_tables import parts_text
from dispatch.judged import ClockMargin, JudgedPlan
from dispatch.texts import Language


def show_visits(console: Console, judged: JudgedPlan, lang: Language) -> None:
    """Every visit of the snapshot, planned or not, in the snapshot's order."""
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("priority", "优先级"),
        lang.pick("where", "地点"),
        lang.pick("who", "技术员"),
        lang.pick("when", "时间"),
        lang.pick("parts", "备件"),
        lang.pick("tightest clock", "最紧时限"),
    )
    reasons = {left.visit_id: left.code for left in judged.plan.unassigned}
    for visit in judged.snapshot.visits:
        served = judged.served.get(visit.id, ())
        who: str | Text = "\n".join(judged.technician(v.technician_id) for v in served)
        if not served:
            code = reasons.get(visit.id, "")
            who = Text(texts.rule(code, lang) if code else "–", style="red")
        made.add_row(
            visit.id,
            seen(judged.snapshot.order_of(visit).priority, lang),
            judged.place_of_visit(visit.id),
            who,
            _when(judged, visit, lang),
            parts_text(visit.parts),
            tightest_clock(judged, visit.id, lang),
        )
    console.print(made)


def _when(judged: JudgedPlan, visit: Visit, lang: Language) -> str:
    served = judged.served.get(visit.id)
    if not served:
        return ""
    timed = served[0].stop
    of = timed.start_at.astimezone(judged.zone).date()
    start = texts.day_and_time(timed.start_at, judged.zone, lang)
    return f"{start}–{texts.time_of_day(timed.end_at, judged.zone, of)}"


def show_clocks(console: Console, judged: JudgedPlan, lang: Language) -> None:
    """Every running clock: those of planned visits by margin, then those still open by due time."""
    still_open = [
        found for margins in judged.margins.values() for found in margins if found.margin_s is None
    ]
    still_open.sort(key=lambda found: (found.clock.due_at, found.visit_id))
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("where", "地点"),
        lang.pick("priority", "优先级"),
        lang.pick("clock", "时限"),
        lang.pick("due", "到期"),
        lang.pick("met at", "停表"),
        lang.pick("margin", "余量"),
        right=(6,),
    )
    for margin_s, found in judged.tightest_clocks:
        made.add_row(*_clock_cells(judged, found, lang), margin(margin_s, lang))
    for found in still_open:
        made.add_row(
            *_clock_cells(judged, found, lang), Text(lang.pick("not planned", "未排"), "red")
        )
    console.print(made)


def _clock_cells(judged: JudgedPlan, found: ClockMargin, lang: Language) -> tuple[str | Text, ...]:
    order = judged.snapshot.order_of(judged.snapshot.visit[found.visit_id])
    met_at = texts.day_and_time(found.stops_at, judged.zone, lang) if found.stops_at else "–"
    return (
        found.visit_id,
        judged.place_of_visit(found.visit_id),
        seen(order.priority, lang),
        texts.CLOCKS[found.clock.kind].say(lang),
        texts.day_and_time(found.clock.due_at, judged.zone, lang),
        met_at,
    )
