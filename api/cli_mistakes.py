"""The part of the command line that puts facts right that were wrong or could not be taken in."""

from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, NowOption, say
from api.running import run

app = typer.Typer()


@app.command(
    help=say(
        "Withdraw what was recorded by mistake: everything is as if it had never been. If "
        "something rests on it, that is named; withdraw the later first.",
        "撤回误记的事件：一切恢复到从未记录时的状态。若之后的记录以它为依据，会列出这些记录，"
        "请先撤回之后的。",
    )
)
def withdraw(
    work_order: Annotated[str, typer.Argument(metavar="WORK_ORDER", show_default=False)],
    event: Annotated[
        str,
        typer.Argument(
            metavar="KIND|EVENT",
            show_default=False,
            help=say(
                "The last one of a kind, such as arrived; or the event's own id (dispatch status "
                "WORK_ORDER --json).",
                "某类事件的最后一条，例如 arrived；或事件编号（见 dispatch status "
                "WORK_ORDER --json）。",
            ),
        ),
    ],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help=say("Why.", "原因。"), show_default=False),
    ],
    visit: Annotated[
        str | None,
        typer.Option(
            metavar="VISIT",
            show_default=False,
            help=say("With a kind: of which visit.", "与事件类型同用：哪个任务。"),
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", show_default=False, help=say("Who says so.", "说明此为误记的人。")
        ),
    ] = None,
    withdrawal_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            show_default=False,
            help=say(
                "The withdrawal's own id: sent again, it changes nothing.",
                "撤回操作的编号：重复发送不会产生新的变化。",
            ),
        ),
    ] = None,
    now: NowOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.record import MistakeWords, withdraw_fact

    words = MistakeWords(work_order, event, visit, reason, by, withdrawal_id)
    run(lang, lambda: withdraw_fact(words, now, as_json, lang))


@app.command(
    help=say(
        "Say what was done about a fact that was refused, as dispatch status lists them.",
        "说明对未能入档的记录（见 dispatch status）作了何种处理。",
    )
)
def settle(
    event: Annotated[str, typer.Argument(metavar="EVENT", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False)],
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.record import settle_refused

    run(lang, lambda: settle_refused(event, reason, lang))
