"""The figures by which scenarios are compared: what each means, its unit, and what is better."""

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch import texts
from dispatch.domain.snapshot import Snapshot
from dispatch.kpi_rows import KpiUnit
from dispatch.texts import Language, Text
from scenarios.outcome import CLOCK, COST, LEFT_OUT, LOAD

_ZERO = 5e-4


@dataclass(frozen=True, slots=True)
class Figure:
    """``better`` is 1 if more is better, −1 if less is, 0 if neither. ``is_key``: one of the few
    that people look at first; the others are parts of these."""

    code: str
    label: Text
    unit: KpiUnit
    better: int
    is_key: bool

    @property
    def step(self) -> float:
        """The step in which it is counted; 0 where it is as good as continuous."""
        return 1.0 if self.unit is KpiUnit.COUNT else 0.0

    @property
    def scale(self) -> float:
        """By what to divide it to show it."""
        return _SCALES[self.unit]

    def shown(self, value: float, *, signed: bool = False) -> str:
        """A value, or a mean of some, with a sign if it is a difference."""
        scaled = value / self.scale
        digits = 0 if abs(scaled) >= _MANY or self.unit is KpiUnit.METRES else 1
        text = f"{abs(scaled):,.{digits}f}"
        is_zero = abs(scaled) < _ZERO
        minus = "−" if scaled < 0 and not is_zero else ""
        return f"{minus or ('+' if signed and not is_zero else '')}{text}"

    def with_unit(self, value: float, lang: Language, *, signed: bool = False) -> str:
        suffix = _SUFFIXES[self.unit]
        if self.unit is KpiUnit.PERMILLE and signed:
            suffix = _POINTS
        return f"{self.shown(value, signed=signed)}{suffix.say(lang)}"


_MANY = 1000
_SCALES = {
    KpiUnit.COUNT: 1.0,
    KpiUnit.PERMILLE: 10.0,
    KpiUnit.SECONDS: 3600.0,
    KpiUnit.METRES: 1000.0,
    KpiUnit.FEN: 100.0,
}
_SUFFIXES = {
    KpiUnit.COUNT: Text("", ""),
    KpiUnit.PERMILLE: Text(" %", " %"),
    KpiUnit.SECONDS: Text(" h", " 小时"),
    KpiUnit.METRES: Text(" km", " 公里"),
    KpiUnit.FEN: Text(" yuan", " 元"),
}
_POINTS = Text(" points", " 个百分点")
_KEYS = (
    Figure("total_fen", Text("cost", "成本"), KpiUnit.FEN, -1, True),
    Figure("unassigned", Text("visits left out", "未排任务"), KpiUnit.COUNT, -1, True),
    Figure(
        "on_time",
        Text("visits with every clock on time", "全部时限按时的任务"),
        KpiUnit.COUNT,
        1,
        True,
    ),
    *(
        Figure(
            f"{CLOCK}{kind}",
            Text(f"on time: {name.en}", f"按时率：{name.zh}"),
            KpiUnit.PERMILLE,
            1,
            True,
        )
        for kind, name in texts.CLOCKS.items()
    ),
    Figure("travel_s", Text("travel", "路程时间"), KpiUnit.SECONDS, -1, True),
    Figure("travel_m", Text("distance", "路程"), KpiUnit.METRES, -1, True),
    Figure("paid_s", Text("paid time", "计薪时间"), KpiUnit.SECONDS, 0, True),
    Figure("overtime_s", Text("overtime", "加班"), KpiUnit.SECONDS, -1, True),
    Figure("utilisation", Text("use of working hours", "工时利用率"), KpiUnit.PERMILLE, 0, True),
    Figure(
        "unevenness",
        Text("unevenness of load (mean gap to the average)", "负荷不均（与平均值的平均差）"),
        KpiUnit.PERMILLE,
        -1,
        True,
    ),
    Figure("used_up", Text("stocks used up", "耗尽的库存"), KpiUnit.COUNT, -1, True),
    Figure("nights", Text("nights away", "在外过夜"), KpiUnit.COUNT, -1, True),
    Figure("planned", Text("visits planned", "已排任务"), KpiUnit.COUNT, 1, False),
)
VIOLATIONS = Figure("violations", Text("broken rules", "违规"), KpiUnit.COUNT, -1, False)


def figures_of(codes: Iterable[str], names: Snapshot) -> tuple[Figure, ...]:
    """The figures with these codes, in the order in which people read them. ``names`` has the
    technicians."""
    found = set(codes)
    known = {figure.code: figure for figure in (*_KEYS, VIOLATIONS)}
    parts = sorted(found - known.keys(), key=lambda c: (_PARTS.index(f"{c.partition(':')[0]}:"), c))
    return (
        *(figure for figure in _KEYS if figure.code in found),
        *(_part(code, names) for code in parts),
    )


_PARTS = (LEFT_OUT, COST, LOAD)


def _part(code: str, names: Snapshot) -> Figure:
    kind, _, of = code.partition(":")
    if kind == LEFT_OUT[:-1]:
        en, zh = (texts.rule(of, lang) for lang in Language)
        return Figure(code, Text(f"left out: {en}", f"未排：{zh}"), KpiUnit.COUNT, -1, False)
    if kind == COST[:-1]:
        en, zh = (texts.price_item(of, lang) for lang in Language)
        return Figure(code, Text(f"cost: {en}", f"成本：{zh}"), KpiUnit.FEN, -1, False)
    technician = names.technician.get(of)
    name = f"{technician.name} {of}" if technician else of
    return Figure(code, Text(f"load: {name}", f"负荷：{name}"), KpiUnit.PERMILLE, 0, False)
