"""The command line ``dispatch``: names, options and help of all commands.

What a command does stands in ``api.commands`` and is imported when it runs: help has to appear at
once, and numba, pydantic and openpyxl take their time.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api import (
    cli_mistakes,
    cli_plans,
    cli_record,
    cli_repair,
    cli_report,
    cli_roads,
    cli_scenario,
    cli_serve,
    cli_simulate,
    cli_slots,
    cli_stock,
    cli_store,
)
from api.options import (
    DEFAULT_LANGUAGE,
    By,
    DaysOption,
    Document,
    Format,
    FromOption,
    IterationsOption,
    JsonOption,
    LanguageOption,
    OptionalOrganisation,
    OrganisationArgument,
    PlanArgument,
    PolicyOption,
    SeedOption,
    say,
)
from api.running import run

app = typer.Typer(
    name="dispatch",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=say(
        "Field-service dispatch: who goes where, when, with which parts, and why.",
        "现场服务派工：谁、何时、去哪里、带什么备件，以及为什么。",
    ),
    epilog=say(
        "Exit codes: 0 fine · 1 the plan breaks rules · "
        "2 wrong usage or bad input · 130 interrupted (dispatch plan keeps the best plan).",
        "退出码：0 正常 · 1 计划有违规 · 2 用法或输入有误 · "
        "130 被中断（dispatch plan 会保留当前最好的计划）。",
    ),
)


@app.command(
    help=say(
        "Plan an organisation's working days and show the plan beside a manual dispatcher's. "
        "Without ORGANISATION it plans from the database and saves a draft there.",
        "为一个组织排定工作日计划，并与人工派工对比展示。"
        "不给组织时按数据库中的数据计划，并把结果存为草案。",
    )
)
def plan(
    organisation: OptionalOrganisation = None,
    from_day: FromOption = None,
    days: DaysOption = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            show_default="30",
            help=say("How long to search.", "搜索多长时间（秒）。"),
        ),
    ] = None,
    iterations: IterationsOption = None,
    seed: SeedOption = 1,
    cores: Annotated[
        int,
        typer.Option(
            min=1,
            max=64,
            help=say(
                "How many processor cores to use; iterations give the same result on any number.",
                "使用多少个处理器核心；按步数搜索时，结果与核心数无关。",
            ),
        ),
    ] = 2,
    groups: Annotated[
        int,
        typer.Option(
            min=1,
            max=256,
            help=say(
                "For thousands of visits: plan so many groups of territories side by side first,"
                " then where they meet.",
                "用于数千个任务：先把责任区分成这么多组并行排定，再处理组间衔接处。",
            ),
        ),
    ] = 1,
    policy: PolicyOption = None,
    from_plan: Annotated[
        Path | None,
        typer.Option(
            metavar="PLAN",
            show_default=False,
            help=say("Begin from this plan file.", "从这个计划文件出发继续排。"),
        ),
    ] = None,
    freeze: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            metavar="TIME",
            show_default=False,
            help=say(
                "Whatever --from-plan starts before this local time stays, such as "
                "2026-09-29T10:00; nothing else starts before it.",
                "--from-plan 中在该当地时间（例如 2026-09-29T10:00）之前开始的安排保持不变；"
                "其他任务不早于该时间开始。",
            ),
        ),
    ] = None,
    now: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            metavar="TIME",
            show_default=False,
            help=say(
                "From the database: plan as of this local time instead of now.",
                "按数据库计划时：以该当地时间而非当前时刻为准。",
            ),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help=say(
                "Where to write the plan; by default ORGANISATION.plan.json here, and no file if "
                "it is saved in the database.",
                "计划写到哪里；默认为当前目录下的 组织名.plan.json，存入数据库时默认不写文件。",
            ),
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    if seconds is not None and iterations is not None:
        raise typer.BadParameter(
            lang.pick(
                "give --seconds or --iterations, not both",
                "--seconds 与 --iterations 只能给一个",
            )
        )

    if freeze is not None and from_plan is None:
        raise typer.BadParameter(
            lang.pick(
                "--freeze needs --from-plan: the plan of which the beginning stays",
                "--freeze 须与 --from-plan 同用：指明其开头保持不变的计划",
            )
        )

    if organisation is None and from_plan is not None:
        raise typer.BadParameter(
            lang.pick(
                "--from-plan needs ORGANISATION; from the database the search goes on from the"
                " published plan",
                "--from-plan 须与组织同用；按数据库计划时从已发布的计划出发",
            )
        )

    # Lazily: brings in numba, NumPy and SQLAlchemy.
    from api.commands.plan import Beginning, Effort, make_and_show
    from api.commands.plan_store import make_and_save

    seconds = 30.0 if seconds is None and iterations is None else seconds
    effort = Effort(seconds, iterations, seed, cores, groups)
    beginning = Beginning(from_plan, freeze) if from_plan else None
    first = from_day.date() if from_day else None
    if organisation is None:
        run(
            lang,
            lambda: make_and_save(first, days, policy, effort, now, out, as_json, lang),
        )
    run(
        lang,
        lambda: make_and_show(
            organisation, first, days, policy, effort, beginning, out, as_json, lang
        ),
    )


@app.command(help=say("Show a plan.", "查看计划。"))
def show(
    plan_file: PlanArgument,
    by: Annotated[
        By | None,
        typer.Option(
            show_default=say("a summary", "概要"),
            help=say(
                "Day by day for each technician, visit by visit, SLA clock by SLA clock, or who"
                " stands in if somebody does not come.",
                "按技术员逐日、按任务、按服务时限，或按备份保障（有人未到场时由谁顶替）查看。",
            ),
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in pydantic and NumPy.
    from api.commands.look import show_plan

    run(lang, lambda: show_plan(plan_file, by.value if by else None, as_json, lang))


@app.command(
    help=say(
        "Let the referee check a plan against a snapshot: every broken rule by name. "
        "Exit code 1 if there is one.",
        "由裁判按快照检查计划：逐条列出违反的规则。有违规时退出码为 1。",
    )
)
def check(
    snapshot_file: Annotated[
        Path,
        typer.Argument(
            metavar="SNAPSHOT",
            show_default=False,
            help=say(
                "A snapshot file, or a plan file (its snapshot).",
                "快照文件，或计划文件（取其快照）。",
            ),
        ),
    ],
    plan_file: PlanArgument,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in pydantic and NumPy.
    from api.commands.look import check_plan

    run(lang, lambda: check_plan(snapshot_file, plan_file, as_json, lang))


@app.command(
    help=say(
        "Explain a visit: who, when and why, or what would let it in; or all that are left out.",
        "解释一个任务：谁去、何时、为什么，或怎样才能排入；不指定任务则解释全部未排任务。",
    )
)
def explain(
    plan_file: PlanArgument,
    visit: Annotated[
        str | None,
        typer.Argument(
            metavar="[VISIT]",
            show_default=False,
            help=say(
                "The visit's id; without it, all visits that are left out.",
                "任务编号；不填则解释全部未排任务。",
            ),
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in numba.
    from api.commands.explain import explain_plan, explain_visit

    if visit is None:
        run(lang, lambda: explain_plan(plan_file, as_json, lang))
    else:
        run(lang, lambda: explain_visit(plan_file, visit, as_json, lang))


@app.command(help=say("Compare two plans.", "比较两个计划。"))
def compare(
    first: PlanArgument,
    second: PlanArgument,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in pydantic and NumPy.
    from api.commands.look import compare_plans

    run(lang, lambda: compare_plans(first, second, as_json, lang))


@app.command(
    help=say(
        "Write a plan as Excel workbook, CSV files, one calendar per technician, GeoJSON, or "
        "work order forms to print (pdf).",
        "把计划导出为 Excel 工作簿、CSV 文件、每位技术员的日历、GeoJSON，或可打印的派工单（pdf）。",
    )
)
def export(
    plan_file: PlanArgument,
    form: Annotated[Format, typer.Option("--format", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            metavar="PATH",
            show_default=False,
            help=say(
                "A file for excel, geojson and pdf, a folder for csv and ical.",
                "excel、geojson 与 pdf 为文件，csv 与 ical 为文件夹。",
            ),
        ),
    ],
    visit: Annotated[
        str | None,
        typer.Option(
            metavar="VISIT",
            show_default=False,
            help=say(
                "With pdf: the form of this visit only.", "用于 pdf：只打印这个任务的派工单。"
            ),
        ),
    ] = None,
    technician: Annotated[
        str | None,
        typer.Option(
            metavar="TECHNICIAN",
            show_default=False,
            help=say(
                "With pdf: this technician's days, each with a cover page.",
                "用于 pdf：该技术员每天的派工单，附当日行程封面。",
            ),
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
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    if form is not Format.PDF and (visit or technician or day):
        raise typer.BadParameter(
            lang.pick(
                "--visit, --technician and --day are for --format pdf",
                "--visit、--technician 与 --day 只用于 --format pdf",
            )
        )
    if (visit and technician) or (day and not technician):
        raise typer.BadParameter(
            lang.pick(
                "give --visit, or --technician with or without --day",
                "请给 --visit，或 --technician（可加 --day）",
            )
        )

    # Lazily: brings in pydantic, NumPy, openpyxl and fpdf.
    from api.commands.files import export_forms, export_plan

    if form is Format.PDF:
        on = day.date() if day else None
        run(lang, lambda: export_forms(plan_file, out, visit, technician, on, lang))
    run(lang, lambda: export_plan(plan_file, form.value, out, lang))


@app.command(
    help=say(
        "Write an empty, commented workbook to fill in.", "写出一个带注释的空白工作簿，供填写。"
    )
)
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in openpyxl.
    from api.commands.files import make_template

    run(lang, lambda: make_template(file, lang))


@app.command(
    help=say(
        "Print the JSON Schema of snapshot, plan and scenario files, or the API's OpenAPI"
        " document.",
        "输出快照、计划与情景文件的 JSON Schema，或接口的 OpenAPI 文档。",
    )
)
def schema(
    document: Annotated[
        Document | None,
        typer.Argument(show_default=say("all files, as one object", "全部文件，合为一个对象")),
    ] = None,
) -> None:
    if document is Document.API:
        # Lazily: brings in the web framework.
        from api.commands.described import print_api

        run(DEFAULT_LANGUAGE, print_api)
    # Lazily: brings in pydantic.
    from api.commands.files import print_schema

    run(DEFAULT_LANGUAGE, lambda: print_schema(document.value if document else None))


@app.command(
    help=say(
        "Make up an organisation of any size as CSV files.", "随机生成任意规模的组织数据（CSV）。"
    )
)
def generate(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT_FOLDER", show_default=False, help=say("A new folder.", "新文件夹。")
        ),
    ],
    visits: Annotated[
        int, typer.Option(min=1, max=20_000, help=say("Number of visits.", "任务数。"))
    ] = 100,
    seed: SeedOption = 1,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in the exchange formats.
    from api.commands.files import generate_organisation

    run(lang, lambda: generate_organisation(visits, seed, out, lang))


@app.command(
    help=say(
        "Write the facts of one planning horizon as JSON, for dispatch check.",
        "把一个计划期的全部事实写成 JSON，供 dispatch check 使用。",
    )
)
def snapshot(
    organisation: OrganisationArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", show_default=False)],
    from_day: FromOption = None,
    days: DaysOption = None,
    policy: PolicyOption = None,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in pydantic.
    from api.commands.files import save_snapshot

    first = from_day.date() if from_day else None
    run(lang, lambda: save_snapshot(organisation, first, days, policy, out, lang))


app.add_typer(cli_store.app)
app.add_typer(cli_record.app)
app.add_typer(cli_mistakes.app)
app.add_typer(cli_report.app)
app.add_typer(cli_plans.app)
app.add_typer(cli_repair.app)
app.add_typer(cli_slots.app)
app.add_typer(cli_stock.app)
app.add_typer(cli_serve.app)
app.add_typer(cli_roads.app)
app.add_typer(cli_scenario.app)
app.add_typer(cli_simulate.app)


def main() -> None:
    """The program ``dispatch``."""
    app(prog_name="dispatch")
