"""The monthly report on the screen."""

from rich.console import Console

from api.screen import table
from dispatch import texts
from dispatch.domain.reporting import Dimension, MonthlyReport, summed_by
from dispatch.texts import Language


def show_report(console: Console, report: MonthlyReport, lang: Language) -> None:
    """Attainment by every dimension; --out and --json have all tables."""
    for dimension in Dimension:
        made = table(
            texts.DIMENSIONS[dimension].say(lang),
            lang.pick("clock", "时限"),
            lang.pick("counted", "计入"),
            lang.pick("kept", "按时"),
            lang.pick("share", "按时率"),
            right=(2, 3, 4),
        )
        for row in summed_by(report.attainment, dimension):
            share = "–" if row.kept_permille is None else f"{row.kept_permille / 10:.1f} %"
            clock = texts.CLOCKS[row.clock].say(lang)
            made.add_row(row.value or "–", clock, str(row.counted), str(row.kept), share)
        console.print(made)
