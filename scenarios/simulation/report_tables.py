"""What the sections of a simulation's report are made of: trends, rows and cells."""

from collections.abc import Sequence
from decimal import Decimal

from dispatch.exchange.plan_tables import Cell
from dispatch.texts import Language
from scenarios.period_charts import Trend
from scenarios.simulation.lived import Lived, Period

MOST_COLUMNS = 120
"""Columns of trends."""
PERCENT, _FEN = 100, 100

Value = Cell | float


def trend_of(lived: Lived, unit: str, names: Sequence[str], most: float | None = None) -> Trend:
    periods = lived.periods(MOST_COLUMNS)
    lines = (lived.line(n, periods, has_band=most is None) for n in names)
    return Trend(
        labels_of(periods),
        column_word(periods, lived.lang),
        unit,
        tuple(line for line in lines if any(v is not None for v in line.values)),
        lived.marks(periods),
        most,
    )


def labels_of(periods: Sequence[Period]) -> tuple[str, ...]:
    return tuple(f"{days[0]:%m-%d}" for days in periods)


def column_word(periods: Sequence[Period], lang: Language) -> str:
    length = max(map(len, periods))
    if length == 1:
        return lang.pick("day", "日期")
    return lang.pick(f"{length} days from", f"自该日起 {length} 天")


def row_of(values: Sequence[Value]) -> tuple[str, ...]:
    """Values as they are read: figures with one decimal."""
    return tuple(
        "–" if v is None else f"{v:,.1f}" if isinstance(v, float) else str(v) for v in values
    )


def cells_of(values: Sequence[Value]) -> tuple[Cell, ...]:
    return tuple(decimal_of(v) if isinstance(v, float) else v for v in values)


def decimal_of(value: float) -> Decimal:
    return Decimal(f"{value:.3f}")


def yuan_of(fen: float) -> str:
    return f"{fen / _FEN:,.0f}"
