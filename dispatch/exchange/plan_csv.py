"""A plan as CSV: every stop, and every visit that stayed out."""

import csv
from pathlib import Path

from dispatch.exchange.plan_tables import PlanTable, stops_table, unassigned_table
from dispatch.judged import JudgedPlan
from dispatch.texts import Language


def write_plan_csv(judged: JudgedPlan, folder: Path, lang: Language) -> tuple[Path, ...]:
    """Writes ``stops.csv`` and ``unassigned.csv`` into ``folder`` (made if missing).

    UTF-8 with a byte order mark, without which Excel does not read Chinese.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return (
        _write(stops_table(judged, lang), folder / "stops.csv"),
        _write(unassigned_table(judged, lang), folder / "unassigned.csv"),
    )


def _write(table: PlanTable, path: Path) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.headings)
        writer.writerows(table.rows)
    return path
