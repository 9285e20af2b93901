"""The part of the command line that prints what is on record: monthly reports, and forms."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, NowOption, say
from api.running import run

app = typer.Typer()

_MONTHS = ["%Y-%m"]
_Out = Annotated[Path, typer.Option(metavar="FILE", show_default=False)]


class ReportFormat(StrEnum):
    EXCEL = "excel"
    JSON = "json"


@app.command(
    help=say(
        "The monthly report: attainment of the SLA, first-time fix, satisfaction, parts used, "
        "technicians. On the screen, or as a workbook or JSON.",
        "月度报表：服务承诺达成率、一次修复率、满意度、备件使用、技术员绩效。"
        "可显示在屏幕，或输出为 Excel 或 JSON。",
    )
)
def report(
    month: Annotated[
        datetime, typer.Argument(formats=_MONTHS, metavar="MONTH", show_default=False)
    ],
    through: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            formats=_MONTHS,
            metavar="MONTH",
            show_default=False,
            help=say("The last month, if several.", "截止月份（多个月时）。"),
        ),
    ] = None,
    form: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format",
            show_default=False,
            help=say("Of --out; excel by default.", "--out 的格式；默认为 excel。"),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", show_default=False, help=say("Where to write it.", "写到哪个文件。")
        ),
    ] = None,
    now: NowOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    last = (through or month).date()
    if last < month.date():
        raise typer.BadParameter(
            lang.pick("--to is before MONTH", "--to 早于起始月份"), param_hint="--to"
        )
    if form is not None and out is None:
        raise typer.BadParameter(
            lang.pick("--format needs --out", "--format 须与 --out 同用"), param_hint="--format"
        )
    # Lazily: brings in SQLAlchemy and openpyxl.
    from api.commands.report import make_report

    run(
        lang,
        lambda: make_report(
            month.date(), last, form or ReportFormat.EXCEL, out, now, as_json, lang
        ),
    )


@app.command(
    help=say(
        "Print work order forms with what is on record: ticket, equipment, warranty, issued parts "
        "with lots and serial numbers.",
        "打印派工单，含在档信息：报修单、设备、保修、已领备件的批次与序列号。",
    )
)
def form(
    out: _Out,
    visit: Annotated[str | None, typer.Argument(metavar="[VISIT]", show_default=False)] = None,
    technician: Annotated[
        str | None,
        typer.Option(
            metavar="TECHNICIAN",
            show_default=False,
            help=say("This technician's days, with cover pages.", "该技术员的派工单，附封面。"),
        ),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            show_default=False,
            help=say("With --technician: this day only.", "与 --technician 同用：只打印这一天。"),
        ),
    ] = None,
    now: NowOption = None,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    if (visit and technician) or (day and not technician):
        raise typer.BadParameter(
            lang.pick(
                "give VISIT, or --technician with or without --day",
                "请给 VISIT，或 --technician（可加 --day）",
            )
        )
    # Lazily: brings in SQLAlchemy, NumPy and fpdf.
    from api.commands.report import print_forms

    on = day.date() if day else None
    run(lang, lambda: print_forms(out, visit, technician, on, now, lang))
