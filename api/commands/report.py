"""``dispatch report`` and ``form``: what the record says, for offices and for the bag."""

import json
from datetime import date, datetime
from pathlib import Path

from api.exits import EXIT_OK
from api.opened import in_use, now_or
from api.screen import plain, print_json, screen
from api.views.report import show_report
from dispatch.commands.versions import PUBLISHED, load_version, named_version
from dispatch.exchange.report_excel import write_monthly_report
from dispatch.exchange.work_order_pdf import Choice, write_work_orders
from dispatch.form_details import form_details, with_visit
from dispatch.reporting import monthly_report
from dispatch.texts import Language


def make_report(
    first: date,
    last: date,
    form: str,
    out: Path | None,
    now: datetime | None,
    as_json: bool,
    lang: Language,
) -> int:
    """On the screen, or in a file; ``form`` of the file: excel or json."""
    with in_use() as database, database.reading() as session:
        report = monthly_report(session, first, last, now_or(now, session))
    if out is not None:
        if form == "json":
            text = json.dumps(plain(report.as_rows()), ensure_ascii=False, indent=1)
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(f"{text}\n", encoding="utf-8")
        else:
            write_monthly_report(report, out)
    if as_json:
        print_json(report.as_rows())
    elif out is not None:
        screen().print(lang.pick(f"Wrote {out}", f"已写出 {out}"), soft_wrap=True)
    else:
        show_report(screen(), report, lang)
    return EXIT_OK


def print_forms(
    out: Path,
    visit: str | None,
    technician: str | None,
    day: date | None,
    now: datetime | None,
    lang: Language,
) -> int:
    """The forms of the published plan, as a PDF."""
    with in_use() as database, database.reading() as session:
        printed_at = now_or(now, session)
        judged = load_version(session, named_version(session, PUBLISHED)).judged
        if visit is not None:
            judged = with_visit(session, judged, visit)
        details = form_details(session, list(judged.snapshot.visit), printed_at)
    choice = Choice(visit, technician, day)
    write_work_orders(judged, out, lang, printed_at, choice, details)
    screen().print(lang.pick(f"Wrote {out}", f"已写出 {out}"), soft_wrap=True)
    return EXIT_OK
