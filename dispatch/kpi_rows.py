"""Key figures as rows to print: each with its meaning, its unit and how two plans compare."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dispatch import texts
from dispatch.domain.kpis import ClockKpi, Kpis
from dispatch.domain.work import ClockKind
from dispatch.exchange.plan_tables import Cell, PlanTable
from dispatch.judged import JudgedPlan
from dispatch.texts import Language, Text


class KpiUnit(StrEnum):
    COUNT = "count"
    PERMILLE = "permille"
    SECONDS = "seconds"
    METRES = "metres"
    FEN = "fen"


_PER_SHOWN_UNIT = {KpiUnit.SECONDS: 3600, KpiUnit.METRES: 1000, KpiUnit.FEN: 100}


@dataclass(frozen=True, slots=True)
class KpiRow:
    """``value`` is in ``unit``; None where nothing counts. ``better`` is 1 if more is better, −1
    if less is, 0 if neither."""

    label: Text
    unit: KpiUnit
    value: int | None
    better: int = -1

    def shown(self) -> str:
        return "–" if self.value is None else _shown(self.unit, self.value)

    def cell(self) -> Cell:
        """For a spreadsheet: a number that can be summed, a share as text with its sign."""
        if self.value is None or self.unit is KpiUnit.PERMILLE:
            return self.shown()
        if self.unit is KpiUnit.COUNT:
            return self.value
        return Decimal(self.value) / _PER_SHOWN_UNIT[self.unit]

    def difference(self, other: "KpiRow", lang: Language) -> str:
        """How this compares with ``other``: points, a count, or per cent."""
        if self.value is None or other.value is None:
            return ""
        gap = self.value - other.value
        if gap == 0:
            return "="
        if self.unit is KpiUnit.PERMILLE:
            return f"{_signed(f'{abs(gap) / 10:.1f}', gap)} {lang.pick('pt', '点')}"
        if self.unit is KpiUnit.COUNT or other.value == 0:
            return _signed(_shown(self.unit, abs(gap)), gap)
        return f"{_signed(f'{abs(gap) * 100 / other.value:.1f}', gap)} %"

    def verdict(self, other: "KpiRow") -> int:
        """1 if this is better than ``other``, −1 if worse, 0 if neither."""
        if self.value is None or other.value is None or self.value == other.value:
            return 0
        return self.better if self.value > other.value else -self.better


def _signed(text: str, of: int) -> str:
    return f"{'+' if of > 0 else '−'}{text}"


def _shown(unit: KpiUnit, value: int) -> str:
    match unit:
        case KpiUnit.COUNT:
            return f"{value:,}"
        case KpiUnit.PERMILLE:
            return f"{value / 10:.1f} %"
        case KpiUnit.SECONDS:
            return texts.hours(value)
        case KpiUnit.METRES:
            return f"{value / 1000:,.0f}"
        case KpiUnit.FEN:
            return f"{value / 100:,.0f}"


def kpi_rows(kpis: Kpis) -> tuple[KpiRow, ...]:
    """All key figures, in the order in which people read them."""
    return (
        KpiRow(Text("visits planned", "已排任务"), KpiUnit.COUNT, kpis.planned, 1),
        KpiRow(Text("visits left out", "未排任务"), KpiUnit.COUNT, kpis.unassigned),
        KpiRow(
            Text("visits with every clock on time", "全部时限按时的任务"),
            KpiUnit.COUNT,
            kpis.on_time,
            1,
        ),
        *(_clock_row(kind, clock) for kind, clock in kpis.clocks.items()),
        KpiRow(Text("travel, hours", "路程（小时）"), KpiUnit.SECONDS, kpis.travel_s),
        KpiRow(Text("travel, km", "路程（公里）"), KpiUnit.METRES, kpis.travel_m),
        KpiRow(Text("paid time, hours", "计薪时间（小时）"), KpiUnit.SECONDS, kpis.paid_s, 0),
        KpiRow(Text("overtime, hours", "加班（小时）"), KpiUnit.SECONDS, kpis.overtime_s),
        KpiRow(Text("nights away", "在外过夜（晚）"), KpiUnit.COUNT, kpis.nights),
        KpiRow(
            Text("use of working hours", "工时利用率"),
            KpiUnit.PERMILLE,
            kpis.utilisation_permille,
            0,
        ),
        KpiRow(Text("cost, yuan", "成本（元）"), KpiUnit.FEN, kpis.total_fen),
    )


def _clock_row(kind: ClockKind, clock: ClockKpi) -> KpiRow:
    name = texts.CLOCKS[kind]
    label = Text(
        f"on time: {name.en} ({clock.counted} clocks)", f"按时率：{name.zh}（{clock.counted} 个）"
    )
    share = clock.on_time_permille if clock.counted else None
    return KpiRow(label, KpiUnit.PERMILLE, share, 1)


def summary_table(judged: JudgedPlan, lang: Language) -> PlanTable:
    """What the plan is of, and its key figures."""
    snapshot, plan = judged.snapshot, judged.plan
    return PlanTable(
        lang.pick("summary", "概要"),
        (lang.pick("what", "项目"), lang.pick("value", "数值")),
        (
            (lang.pick("organisation", "组织"), snapshot.organisation),
            (lang.pick("from", "起"), judged.iso(snapshot.start_at)),
            (lang.pick("to", "止"), judged.iso(snapshot.end_at)),
            (lang.pick("policy", "策略"), snapshot.policy.name),
            (lang.pick("made by", "制定者"), texts.maker(plan.made_by, lang)),
            *((row.label.say(lang), row.cell()) for row in kpi_rows(judged.verdict.kpis)),
            *_gap_rows(judged, lang),
            (lang.pick("violations", "违规"), len(judged.verdict.violations)),
        ),
    )


def _gap_rows(judged: JudgedPlan, lang: Language) -> Iterator[tuple[str, str]]:
    bound_fen = judged.plan.bound_fen
    if bound_fen is not None:
        gap = texts.gap(judged.verdict.cost.total_fen, bound_fen, lang)
        yield lang.pick("from the best possible", "与最优的差距"), gap
