"""``dispatch export``, ``template``, ``schema``, ``generate`` and ``snapshot``: writing files."""

from datetime import UTC, date, datetime
from pathlib import Path

from api.exits import EXIT_OK
from api.inputs import judge_named, load_snapshot
from api.screen import print_json, screen
from dispatch.exchange import write_folder, write_template
from dispatch.exchange.documents import json_schemas, write_snapshot
from dispatch.exchange.geojson import write_geojson
from dispatch.exchange.icalendar import write_icalendars
from dispatch.exchange.plan_csv import write_plan_csv
from dispatch.exchange.plan_excel import write_plan_workbook
from dispatch.exchange.work_order_pdf import Choice, write_work_orders
from dispatch.texts import Language
from scenarios.generate import generate
from scenarios.scenario_file import scenario_schema

_WRITERS = {
    "excel": write_plan_workbook,
    "csv": write_plan_csv,
    "ical": write_icalendars,
    "geojson": write_geojson,
}


def export_plan(path: Path, form: str, out: Path, lang: Language) -> int:
    """``form``: excel, csv, ical or geojson."""
    written = _WRITERS[form](judge_named(path).judged, out, lang)
    if len(written) == 1:
        _say_written(written[0], lang)
    else:
        screen().print(
            lang.pick(
                f"Wrote {len(written)} files to {out}", f"已写出 {len(written)} 个文件到 {out}"
            )
        )
    return EXIT_OK


def export_forms(
    path: Path,
    out: Path,
    visit: str | None,
    technician: str | None,
    day: date | None,
    lang: Language,
) -> int:
    """Work order forms as a PDF; ``Choice`` says which."""
    choice = Choice(visit, technician, day)
    write_work_orders(judge_named(path).judged, out, lang, datetime.now(UTC), choice)
    _say_written(out, lang)
    return EXIT_OK


def make_template(path: Path, lang: Language) -> int:
    write_template(path)
    _say_written(path, lang)
    return EXIT_OK


def print_schema(document: str | None) -> int:
    """``document``: snapshot, plan, scenario, or None for all by name."""
    schemas = json_schemas() | {"scenario": scenario_schema()}
    print_json(schemas if document is None else schemas[document])
    return EXIT_OK


def generate_organisation(visits: int, seed: int, out: Path, lang: Language) -> int:
    write_folder(generate(visits=visits, seed=seed), out)
    _say_written(out, lang)
    return EXIT_OK


def save_snapshot(
    organisation: str,
    from_day: date | None,
    days: int | None,
    policy: str | None,
    out: Path,
    lang: Language,
) -> int:
    write_snapshot(load_snapshot(organisation, from_day, days, policy).snapshot, out)
    _say_written(out, lang)
    return EXIT_OK


def _say_written(path: Path, lang: Language) -> None:
    screen().print(lang.pick(f"Wrote {path}", f"已写出 {path}"), soft_wrap=True)
