"""Two plans side by side: key figures, and the visits that differ."""

from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.summary import header, kpi_table
from dispatch import texts
from dispatch.judged import JudgedPlan
from dispatch.texts import Language


@dataclass(frozen=True, slots=True)
class VisitChange:
    """A visit that differs between two plans. No technicians and no start: not planned there."""

    visit_id: str
    technicians_before: tuple[str, ...]
    technicians_after: tuple[str, ...]
    start_before: datetime | None
    start_after: datetime | None

    @property
    def kind(self) -> str:
        if self.start_before is None:
            return "in"
        if self.start_after is None:
            return "out"
        moved = self.technicians_before != self.technicians_after
        return "technician" if moved else "start"


def visit_changes(first: JudgedPlan, second: JudgedPlan) -> tuple[VisitChange, ...]:
    """Visits of either plan with other technicians or another start, in order of id."""
    found = []
    for visit_id in sorted(first.served.keys() | second.served.keys()):
        before, after = _facts(first, visit_id), _facts(second, visit_id)
        if before != after:
            found.append(VisitChange(visit_id, before[0], after[0], before[1], after[1]))
    return tuple(found)


def _facts(judged: JudgedPlan, visit_id: str) -> tuple[tuple[str, ...], datetime | None]:
    served = judged.served.get(visit_id)
    if not served:
        return (), None
    return tuple(sorted(v.technician_id for v in served)), served[0].stop.start_at


def show_comparison(
    console: Console,
    first: JudgedPlan,
    second: JudgedPlan,
    names: tuple[str, str],
    lang: Language,
) -> None:
    for name, judged in zip(names, (first, second), strict=True):
        title, details = header(judged, lang)
        console.print(Text.assemble((f"{name}: ", "bold"), title))
        console.print(details)
    console.print()
    console.print(kpi_table(first, second, lang, names))
    console.print()
    changes = visit_changes(first, second)
    if changes:
        console.print(_change_table(first, second, changes, lang))
    else:
        same = lang.pick("Both plans do the same visits.", "两个计划的任务安排相同。")
        console.print(Text(same, style="green"))


def _change_table(
    first: JudgedPlan,
    second: JudgedPlan,
    changes: tuple[VisitChange, ...],
    lang: Language,
) -> Table:
    kinds = {
        "in": Text(lang.pick("in", "排入"), "green"),
        "out": Text(lang.pick("out", "移出"), "red"),
        "technician": Text(lang.pick("technician", "换人"), "yellow"),
        "start": Text(lang.pick("start", "改时")),
    }
    made = table(
        lang.pick(f"changed ({len(changes)})", f"变化（{len(changes)}）"),
        lang.pick("what", "内容"),
        lang.pick("who before", "原技术员"),
        lang.pick("who after", "新技术员"),
        lang.pick("start before", "原开始"),
        lang.pick("start after", "新开始"),
    )
    for change in changes:
        made.add_row(
            change.visit_id,
            kinds[change.kind],
            *(
                ", ".join(judged.technician(t) for t in technicians) or "–"
                for judged, technicians in (
                    (first, change.technicians_before),
                    (second, change.technicians_after),
                )
            ),
            *(
                texts.day_and_time(at, first.zone, lang) if at else "–"
                for at in (change.start_before, change.start_after)
            ),
        )
    return made
