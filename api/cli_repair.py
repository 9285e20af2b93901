"""The part of the command line that repairs a running day."""

from pathlib import Path
from typing import Annotated

import typer

from api.options import (
    DEFAULT_LANGUAGE,
    IterationsOption,
    JsonOption,
    LanguageOption,
    SeedOption,
    TimeOption,
    say,
)
from api.running import run

app = typer.Typer()


def _events(name: str, form: str, english: str, chinese: str) -> typer.models.OptionInfo:
    """An option that may be given several times."""
    option: typer.models.OptionInfo = typer.Option(
        name, metavar=form, show_default=False, help=say(english, chinese)
    )
    return option


@app.command(
    help=say(
        "The day goes wrong: what can be done about it, from nothing to a new plan, with what it "
        "costs and how many people have to be told. What the plan starts before --at has begun. "
        "Every kind of event may be given several times; times are 11:30 or 2026-09-29T11:30. "
        "With a plan of the database what has happened is on record: new tickets, what began, "
        "took longer or is over, stock, absences; --take saves a draft.",
        "当天出了变故：列出各种应对办法（从维持原样到重新排定）、成本和须通知的人数。"
        "计划在 --at 之前开始的任务视为已开始。每类事件可多次给出；"
        "时刻写作 11:30 或 2026-09-29T11:30。"
        "用数据库中的计划时，以已入档的事实为准（新工单、已开始、拖长或结束的任务、库存、缺勤）；"
        "--take 存为草案。",
    )
)
def repair(
    plan_file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PLAN]",
            show_default=False,
            help=say(
                "The plan that people were told: a file, or (without it) what is published in the "
                "database.",
                "已通知各方的计划：计划文件；不给时为数据库中已发布的计划。",
            ),
        ),
    ] = None,
    at: TimeOption = None,
    ill: Annotated[
        list[str] | None,
        _events(
            "--ill",
            "T[=UNTIL]",
            "A technician is out, until a time or for the rest of the day.",
            "技术员缺勤，到某一时刻或当天剩余时间。",
        ),
    ] = None,
    late: Annotated[
        list[str] | None,
        _events(
            "--late", "T=UNTIL", "A technician goes on no earlier.", "技术员最早在该时刻才能继续。"
        ),
    ] = None,
    overrun: Annotated[
        list[str] | None,
        _events(
            "--overrun",
            "V=MINUTES",
            "A visit takes so much longer (45, 1:30, -20).",
            "任务延长（45、1:30、-20）。",
        ),
    ] = None,
    customer_absent: Annotated[
        list[str] | None,
        _events(
            "--customer-absent",
            "V[=UNTIL]",
            "Nobody lets the technician in before a time, or today.",
            "客户不在，到某一时刻或当天。",
        ),
    ] = None,
    missing: Annotated[
        list[str] | None,
        _events(
            "--missing",
            "PART@PLACE[:N]",
            "Units of a part are not at a station, or not on a technician's van; all, or N.",
            "服务站或技术员车上的备件缺失：全部或 N 件。",
        ),
    ] = None,
    emergency: Annotated[
        list[str] | None,
        _events(
            "--emergency",
            "SITE=MINUTES[,SKILL:LEVEL][,PART*N]",
            "An emergency at a site, with what it needs.",
            "站点突发紧急任务及其所需技能和备件。",
        ),
    ] = None,
    cancel: Annotated[
        list[str] | None,
        _events("--cancel", "V", "Nobody wants a visit any more.", "任务取消。"),
    ] = None,
    closed: Annotated[
        list[str] | None,
        _events(
            "--closed",
            "A-B[=FACTOR]",
            "The way between two places takes longer: three times as long, or so many.",
            "两地之间道路封闭或拥堵：耗时为 3 倍，或给定倍数。",
        ),
    ] = None,
    free: Annotated[
        list[str] | None,
        _events(
            "--free",
            "T[=SINCE]",
            "A technician is done early with the visit in hand.",
            "技术员提前完成手上的任务。",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            show_default="5",
            help=say("How long to search.", "搜索多长时间（秒）。"),
        ),
    ] = None,
    iterations: IterationsOption = None,
    seed: SeedOption = 1,
    cores: Annotated[
        int,
        typer.Option(min=1, max=64, help=say("How many processor cores to use.", "处理器核心数。")),
    ] = 2,
    take: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            show_default=False,
            help=say(
                "Take the Nth of the ways: write it to --out, or save it as a draft.",
                "采用第 N 种办法：写入 --out，或存为草案。",
            ),
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", show_default=False)] = None,
    reason: Annotated[
        str,
        typer.Option(metavar="TEXT", show_default=False, help=say("Why.", "原因。")),
    ] = "",
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in numba, NumPy and SQLAlchemy.
    from api.commands.plan import Effort
    from api.commands.repair import Wanted, repair_day
    from api.repair_words import Words

    words = Words(
        ill=tuple(ill or ()),
        late=tuple(late or ()),
        overrun=tuple(overrun or ()),
        customer_absent=tuple(customer_absent or ()),
        missing=tuple(missing or ()),
        emergency=tuple(emergency or ()),
        cancel=tuple(cancel or ()),
        closed=tuple(closed or ()),
        free=tuple(free or ()),
    )
    effort = Effort(seconds, iterations, seed, cores)
    wanted = Wanted(at, words, effort, take, out, reason)
    run(lang, lambda: repair_day(plan_file, wanted, as_json, lang))
