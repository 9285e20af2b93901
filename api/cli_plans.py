"""The part of the command line that changes and publishes the plan in the database."""

import re
from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, TimeOption, say
from api.running import run

app = typer.Typer()
MOST_VERSIONS = 999_999_999
"""Numbers of versions fit into 32 bits."""
MOST_PLACES = 5
MOST_SHOWN = 1000
PLACE_NUMBER = re.compile(r"D?[1-9][0-9]{0,2}")

_Visit = Annotated[
    str,
    typer.Argument(metavar="VISIT", show_default=False, help=say("The visit's id.", "任务编号。")),
]
_Technicians = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TECHNICIAN]...",
        show_default=False,
        help=say(
            "Who does it; several for a crew. Without any, who could is shown.",
            "由谁承担；多人任务可给出多名。不给时显示谁可以承担。",
        ),
    ),
]
_TakeOption = Annotated[
    str | None,
    typer.Option(
        metavar="NO",
        show_default=False,
        help=say(
            "Book the place with this number: 1, or D1 where others make way.",
            "采用该序号的安排：例如 1，或需其他任务腾挪的 D1。",
        ),
    ),
]
_Most = Annotated[
    int,
    typer.Option(
        min=1,
        max=MOST_SHOWN,
        help=say("Show so many places at most.", "最多显示多少个安排。"),
    ),
]
_After = Annotated[
    str | None,
    typer.Option(
        metavar="VISIT",
        show_default=False,
        help=say("Right after this visit.", "紧接在这个任务之后。"),
    ),
]
_On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="VERSION",
        show_default=False,
        help=say(
            "Which version: draft, published or its number; by default the newest draft that can"
            " be published, or else the published one, of which a draft is made.",
            "针对哪个版本：draft、published 或版本号；默认为可发布的最新草案，"
            "没有时为已发布版本（据此生成草案）。",
        ),
    ),
]
_OnOrFile = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="PLAN",
        show_default=False,
        help=say(
            "Which version: draft, published or its number; by default the newest draft that can"
            " be published, or else the published one, of which a draft is made. Who could take a"
            " visit is said of a plan file too.",
            "针对哪个版本：draft、published 或版本号；默认为可发布的最新草案，"
            "没有时为已发布版本（据此生成草案）。查看谁可以承担任务时也可以是计划文件。",
        ),
    ),
]
_Force = Annotated[
    str | None,
    typer.Option(
        metavar="REASON",
        show_default=False,
        help=say(
            "Do it even if it breaks rules; the reason stays on record.",
            "即使违反规则也执行；原因将记录在案。",
        ),
    ),
]
_Reason = Annotated[
    str, typer.Option(metavar="TEXT", show_default=False, help=say("Why.", "原因。"))
]
_DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help=say("Only show what the referee says.", "只显示裁判的结论，不做更改。")
    ),
]
_Publish = Annotated[
    bool,
    typer.Option("--publish", help=say("Publish it at once.", "立即发布。")),
]
_Version = Annotated[str, typer.Argument(metavar="VERSION", show_default=False)]


@app.command(
    help=say(
        "Without a technician: show who could take a visit now, at what cost, and why the others"
        " cannot; --take books one of these places. With one: give it to this technician. A visit"
        " that is given to somebody is pinned there. What the referee says of it is shown first."
        " Exit code 1 if it breaks rules and no reason is given.",
        "不指定技术员：显示现在谁可以承担任务、增加多少成本，以及其他人为何不能；"
        "用 --take 采用其中一个安排。指定技术员：指派给该技术员。指派后即锁定。"
        "先显示裁判的结论。违反规则而未给出原因时退出码为 1。",
    )
)
def assign(
    visit: _Visit,
    technicians: _Technicians = None,
    start: TimeOption = None,
    after: _After = None,
    take: _TakeOption = None,
    most: _Most = MOST_PLACES,
    on: _OnOrFile = None,
    force: _Force = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    publish_it: _Publish = False,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import How, assign_visit
    from api.commands.takers import ask_who, take_place

    how = How(on, force, reason, dry_run, publish_it, as_json)
    if technicians and take is None:
        run(lang, lambda: assign_visit(visit, technicians, start, after, how, lang))
    if technicians or start or after:
        raise typer.BadParameter(
            lang.pick(
                "--at and --after need TECHNICIAN, and --take does without all of them",
                "--at、--after 须与技术员同用；--take 则都不能给出",
            )
        )
    if take is not None:
        number = take.upper()
        if not PLACE_NUMBER.fullmatch(number):
            raise typer.BadParameter(
                lang.pick(
                    f"--take {take}: give the number of a place, such as 1 or D1",
                    f"--take {take}：请给出安排的序号，例如 1 或 D1",
                )
            )
        run(lang, lambda: take_place(visit, number, how, most, lang))
    run(lang, lambda: ask_who(visit, on, most, as_json, lang))


@app.command(
    help=say(
        "Take a visit out of the plan, and its pin away.",
        "把任务移出计划，并解除其锁定。",
    )
)
def unassign(
    visit: _Visit,
    on: _On = None,
    force: _Force = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    publish_it: _Publish = False,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import How, unassign_visit

    how = How(on, force, reason, dry_run, publish_it, as_json)
    run(lang, lambda: unassign_visit(visit, how, lang))


@app.command(
    help=say(
        "Give two visits each other's technicians and days, and pin them to these technicians.",
        "互换两个任务的技术员和班次，并锁定技术员。",
    )
)
def swap(
    first: _Visit,
    second: _Visit,
    on: _On = None,
    force: _Force = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    publish_it: _Publish = False,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import How, swap_visits

    how = How(on, force, reason, dry_run, publish_it, as_json)
    run(lang, lambda: swap_visits(first, second, how, lang))


@app.command(
    help=say(
        "Pin a visit, so that no plan changes it: as it is planned, or as the options say.",
        "锁定任务，使任何计划都不再更改它：默认按当前计划锁定，也可用选项指定。",
    )
)
def pin(
    visit: _Visit,
    technician: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TECHNICIAN",
            show_default=False,
            help=say("Who does it; may be given several times.", "由谁承担；可多次给出。"),
        ),
    ] = None,
    start: TimeOption = None,
    after: _After = None,
    reason: _Reason = "",
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import pin_visit

    run(lang, lambda: pin_visit(visit, technician or [], start, after, reason, as_json, lang))


@app.command(help=say("Take the pin of a visit away.", "解除任务的锁定。"))
def unpin(
    visit: _Visit,
    reason: _Reason = "",
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import unpin_visit

    run(lang, lambda: unpin_visit(visit, reason, as_json, lang))


@app.command(
    help=say(
        "Publish a draft: book its technicians, reserve its parts and say who has to be told, all"
        " or nothing. Exit code 1 if it breaks rules and no reason is given.",
        "发布草案：预订技术员、预留备件并列出须通知的人，要么全部完成，要么不变。"
        "违反规则而未给出原因时退出码为 1。",
    )
)
def publish(
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="[VERSION]",
            show_default=False,
            help=say("By default the newest draft.", "默认为最新草案。"),
        ),
    ] = None,
    base: Annotated[
        int | None,
        typer.Option(
            metavar="VERSION",
            min=1,
            max=MOST_VERSIONS,
            show_default=False,
            help=say(
                "Only if this version is published so far.", "仅当目前已发布的是这个版本时才发布。"
            ),
        ),
    ] = None,
    force: _Force = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import publish_version

    run(lang, lambda: publish_version(version, base, force, as_json, lang))


@app.command(
    help=say("List the versions of the plan, the newest first.", "列出计划版本，最新在前。")
)
def plans(
    before: Annotated[
        int | None,
        typer.Option(
            metavar="VERSION",
            min=1,
            max=MOST_VERSIONS,
            show_default=False,
            help=say("Go on after this version.", "从这个版本之后继续列出。"),
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import show_versions

    run(lang, lambda: show_versions(before, as_json, lang))


@app.command(
    help=say(
        "What is different in the second of two versions: published, draft or a number.",
        "两个版本（published、draft 或版本号）之间的差异。",
    )
)
def diff(
    first: _Version,
    second: _Version,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.plan_changes import show_difference

    run(lang, lambda: show_difference(first, second, as_json, lang))
