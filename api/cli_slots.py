"""The command ``dispatch slots``."""

from pathlib import Path
from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, say
from api.running import run

app = typer.Typer()


@app.command(
    help=say(
        "Windows that could be promised to the customer of a visit, best first: what each adds, how"
        " easily it breaks, and what work to come it pushes out. One can be held until the customer"
        " has decided, then confirmed or released.",
        "可向客户承诺的预约时段，最优在前：每个时段的新增成本、失约风险，以及会挤占多少后续任务。"
        "可先保留一个时段，待客户决定后确认或取消。",
    )
)
def slots(
    visit: Annotated[
        str | None,
        typer.Argument(
            metavar="[VISIT]",
            show_default=False,
            help=say(
                "The id of a visit, or of a work order with one open visit.",
                "任务编号，或只有一个未完成任务的派工单编号。",
            ),
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=60, help=say("From today on.", "从今天起的天数。"))
    ] = 5,
    most: Annotated[
        int, typer.Option(min=1, max=100, help=say("How many at most.", "最多显示多少个。"))
    ] = 10,
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="PLAN",
            show_default=False,
            help=say(
                "A plan file or a version; by default the newest draft that can be published, or"
                " the published plan.",
                "计划文件或版本；默认为可发布的最新草案，没有时为已发布的计划。",
            ),
        ),
    ] = None,
    length: Annotated[
        int | None,
        typer.Option(
            min=15,
            max=24 * 60,
            metavar="MINUTES",
            show_default=False,
            help=say(
                "Length of a window; by default as the organisation says, or 2 h.",
                "时段长度（分钟）；默认按组织的设定，否则为 2 小时。",
            ),
        ),
    ] = None,
    late: Annotated[
        bool,
        typer.Option(
            "--late",
            help=say("Windows in which a clock runs out, too.", "也显示会超出服务时限的时段。"),
        ),
    ] = False,
    expect: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="VISITS",
            show_default=False,
            help=say(
                "New visits that a territory and day usually bring; by default as on record.",
                "每个责任区每天通常新增的任务数；默认取自历史记录。",
            ),
        ),
    ] = None,
    hold: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NO.",
            show_default=False,
            help=say("Hold the slot with this number.", "保留该序号的时段。"),
        ),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=7 * 24 * 60,
            show_default=False,
            help=say(
                "How long to hold it; by default as the organisation says, or 15.",
                "保留多少分钟；默认按组织的设定，否则为 15。",
            ),
        ),
    ] = None,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm", help=say("Promise what is held for the visit.", "确认已保留的时段。")
        ),
    ] = False,
    release: Annotated[
        bool,
        typer.Option(
            "--release", help=say("Give up what is held for the visit.", "取消已保留的时段。")
        ),
    ] = False,
    held: Annotated[
        bool, typer.Option("--held", help=say("List what is held.", "列出保留的时段。"))
    ] = False,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", show_default=False, help=say("Why.", "原因。"))
    ] = "",
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy and numba.
    from api.commands.slots import (
        Question,
        confirm_slot,
        held_slots,
        hold_slot,
        offer,
        release_slot,
    )

    if held:
        run(lang, lambda: held_slots(as_json, lang))
    if visit is None:
        raise typer.BadParameter(
            lang.pick("Name a visit, or --held.", "请给出任务编号，或使用 --held。")
        )
    if confirm:
        run(lang, lambda: confirm_slot(visit, reason, as_json, lang))
    if release:
        run(lang, lambda: release_slot(visit, reason, as_json, lang))
    asked = Question(visit, days, most, plan, length, late, expect)
    if hold is not None:
        run(lang, lambda: hold_slot(asked, hold, minutes, as_json, lang))
    run(lang, lambda: offer(asked, as_json, lang))
