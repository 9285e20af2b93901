"""The part of the command line that starts the server and looks after its keys."""

from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, say
from api.running import run
from dispatch.domain.access import Role

app = typer.Typer()
keys = typer.Typer(
    no_args_is_help=True,
    help=say("Keys for programs that call the API.", "调用接口所用的密钥。"),
)
app.add_typer(keys, name="keys")

_HOST = "127.0.0.1"
_PORT = 8000
_LAST_PORT = 65535
_MOST_WORKERS = 64


@app.command(
    help=say(
        "Serve the API over HTTP, on this machine only unless --host says otherwise. Callers show "
        "a key (dispatch keys create). Ctrl-C finishes what was begun and ends.",
        "启动 HTTP 接口服务；除非指定 --host，仅本机可访问。调用方须出示密钥"
        "（dispatch keys create）。Ctrl-C 处理完进行中的请求后退出。",
    )
)
def serve(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help=say("Where to listen.", "监听地址。"))
    ] = _HOST,
    port: Annotated[
        int,
        typer.Option(min=0, max=_LAST_PORT, help=say("0: any free one.", "0 表示任意空闲端口。")),
    ] = _PORT,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            max=_MOST_WORKERS,
            help=say("Server processes; SQLite has one.", "服务进程数；SQLite 只能为 1。"),
        ),
    ] = 1,
    is_open: Annotated[
        bool,
        typer.Option(
            "--open",
            help=say(
                "To try it out: everybody on this machine may do everything, without a key.",
                "仅供试用：本机任何人无需密钥即可执行所有操作。",
            ),
        ),
    ] = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in the server.
    from api.commands.serve import serve_api

    run(lang, lambda: serve_api(host, port, workers, is_open, lang))


@app.command(
    help=say(
        "Send the messages that wait for webhooks and chat robots, and end. A server that runs "
        "does so by itself.",
        "发送等待推送给 Webhook 和群机器人的消息，然后退出。运行中的服务会自动发送。",
    )
)
def deliver(as_json: JsonOption = False, lang: LanguageOption = DEFAULT_LANGUAGE) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.deliver import deliver_all

    run(lang, lambda: deliver_all(as_json, lang))


@keys.command(
    "create",
    help=say("Make a key. It is shown once.", "创建密钥。密钥只显示一次。"),
)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    role: Annotated[Role, typer.Option(show_default=False)],
    territory: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TERRITORY",
            show_default=False,
            help=say(
                "Sees this territory only; may be given several times.",
                "仅可见该责任区；可多次给出。",
            ),
        ),
    ] = None,
    technician: Annotated[
        str | None,
        typer.Option(
            metavar="TECHNICIAN",
            show_default=False,
            help=say("Whose it is, for role technician.", "角色为 technician 时：所属技术员。"),
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.keys import create_key

    run(lang, lambda: create_key(name, role, tuple(territory or ()), technician, as_json, lang))


@keys.command("list", help=say("All keys, without their secrets.", "列出全部密钥（不含密文）。"))
def list_(as_json: JsonOption = False, lang: LanguageOption = DEFAULT_LANGUAGE) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.keys import list_keys

    run(lang, lambda: list_keys(as_json, lang))


@keys.command(
    help=say("Make a key open nothing any more, within seconds.", "吊销密钥，几秒内生效。")
)
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    reason: Annotated[
        str,
        typer.Option(metavar="TEXT", show_default=False, help=say("Why.", "原因。")),
    ] = "",
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.keys import revoke_key_of

    run(lang, lambda: revoke_key_of(key, reason, lang))
