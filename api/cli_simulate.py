"""The part of the command line that lives through weeks of operation: ``dispatch simulate``."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.options import (
    DEFAULT_LANGUAGE,
    FromOption,
    JsonOption,
    LanguageOption,
    OptionalOrganisation,
    PolicyOption,
    SeedOption,
    TimeOption,
    say,
)
from api.running import run

_RUN = "run"
_HELP = ("--help",)


class _WithUsual(TyperGroup):
    """Commands of which one need not be named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - a type of typer's own
        if args and args[0] not in self.commands and args[0] not in _HELP:
            args = [_RUN, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


app = typer.Typer()
simulate = typer.Typer(
    cls=_WithUsual,
    no_args_is_help=True,
    help=say(
        "Weeks of operation, event by event: dispatch simulate ORGANISATION. Tickets come,"
        " visits fail or"
        " take longer, people fall ill; the dispatcher plans with the real planner.",
        "逐事件模拟数周的运营：dispatch simulate 组织名。工单到来、任务失败或拖长、人员生病，"
        "调度员使用真实的计划程序排班。",
    ),
)
app.add_typer(simulate, name="simulate")

_Rates = Annotated[
    Path | None,
    typer.Option(
        "--rates",
        metavar="FILE",
        show_default=False,
        help=say(
            "How often tickets come and how things go; a sample has its own, others are assumed.",
            "工单频率和各种情况的发生率文件；示例自带，其他组织按假定值。",
        ),
    ),
]
_Out = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help=say(
            "Write a report too: .html or .xlsx, or .json with all figures; may be given"
            " several times.",
            "另写报告：.html 或 .xlsx，或包含全部数字的 .json；可多次给出。",
        ),
    ),
]


@simulate.command(_RUN, help=say("Live through some weeks.", "模拟若干周。"))
def simulate_run(
    organisation: OptionalOrganisation = None,
    weeks: Annotated[int, typer.Option(min=1, max=104, help=say("How many.", "周数。"))] = 4,
    from_day: FromOption = None,
    seed: SeedOption = 1,
    replications: Annotated[
        int,
        typer.Option(
            min=1,
            max=200,
            help=say("Again with so many seeds, from --seed on.", "重复次数（种子递增）。"),
        ),
    ] = 1,
    routine: Annotated[
        str,
        typer.Option(
            metavar="WORDS",
            help=say(
                "When the dispatcher plans: every-60 (minutes), at-once, or joined:"
                " at-once+every-120+events (emergencies, illness).",
                "调度员何时排班：every-60（分钟）、at-once（来单即派），"
                "或组合：at-once+every-120+events（紧急工单、病假）。",
            ),
        ),
    ] = "every-60",
    policy: PolicyOption = None,
    rates: _Rates = None,
    tickets: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            show_default=say("as the rates say", "按发生率文件"),
            help=say("Tickets a day, in the mean.", "日均工单数。"),
        ),
    ] = None,
    staff: Annotated[
        int,
        typer.Option(
            min=1,
            max=1000,
            help=say(
                "Technicians and stock at each station, in % of what there is.",
                "各服务站的技术员和库存，占现有的百分比。",
            ),
        ),
    ] = 100,
    spells: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help=say("Days that are not like others, as JSON.", "特殊时段（JSON 文件）。"),
        ),
    ] = None,
    warm_up: Annotated[
        int | None,
        typer.Option(
            min=0,
            show_default=say("a quarter, a week at most", "四分之一，最多一周"),
            help=say("Days at the beginning that do not count.", "开头不计入的天数。"),
        ),
    ] = None,
    look_ahead: Annotated[
        int,
        typer.Option(min=1, max=7, help=say("Working days in each plan.", "每个计划的工作日数。")),
    ] = 2,
    iterations: Annotated[
        int, typer.Option(min=1, help=say("Steps of each search.", "每次搜索的步数。"))
    ] = 2000,
    cores: Annotated[
        int,
        typer.Option(
            min=1,
            max=64,
            help=say("Processor cores; the result is the same.", "处理器核心数；结果不变。"),
        ),
    ] = 2,
    log: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help=say("Where to write the event log.", "事件日志的文件。"),
        ),
    ] = None,
    out: _Out = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in numba, NumPy and pydantic.
    from api.commands.simulate import Asked, simulate_weeks

    asked = Asked(
        organisation=organisation,
        weeks=weeks,
        first=from_day.date() if from_day else None,
        seed=seed,
        replications=replications,
        routine=routine,
        policy=policy,
        rates=rates,
        tickets=tickets,
        staff=staff,
        spells=spells,
        warm_up=warm_up,
        look_ahead=look_ahead,
        iterations=iterations,
        cores=cores,
        log=log,
        out=tuple(out or ()),
    )
    run(lang, lambda: simulate_weeks(asked, as_json, lang))


@simulate.command(
    "replay",
    help=say(
        "What people knew and were told at an instant of a simulation, as a plan file to look at.",
        "把模拟中某一时刻已知的事实和已通知的计划写成计划文件，以供查看。",
    ),
)
def simulate_replay(
    log: Annotated[Path, typer.Argument(metavar="LOG", show_default=False)],
    at: TimeOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help=say("By default LOG.plan.json here.", "默认为当前目录下的 日志名.plan.json。"),
        ),
    ] = None,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in pydantic and NumPy.
    from api.commands.simulate import replay_log

    run(lang, lambda: replay_log(log, at, out, lang))


@simulate.command(
    "fit",
    help=say(
        "Write a rates file from what is on record in the database, and say what is assumed.",
        "按数据库中的记录拟合发生率文件，并说明哪些为假定。",
    ),
)
def simulate_fit(
    out: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy and pydantic.
    from api.commands.simulate import fit_rates

    run(lang, lambda: fit_rates(out, lang))
