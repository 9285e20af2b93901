"""The part of the command line that makes, fills and looks after the database."""

from pathlib import Path
from typing import Annotated

import typer

from api.options import (
    DEFAULT_LANGUAGE,
    JsonOption,
    LanguageOption,
    OrganisationArgument,
    say,
)
from api.running import run

app = typer.Typer()
db = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Look after the database that DISPATCH_DATABASE_URL names.",
        "维护 DISPATCH_DATABASE_URL 所指的数据库。",
    ),
)
app.add_typer(db, name="db")

_SourceUrl = Annotated[str, typer.Argument(metavar="FROM_URL", show_default=False)]
_TargetUrl = Annotated[str, typer.Argument(metavar="TO_URL", show_default=False)]
_BackupFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", show_default=False, help=say("The backup, one file.", "备份文件。")
    ),
]


@app.command(
    help=say(
        "Make the database, and bring an organisation into it. The database is the one that "
        "DISPATCH_DATABASE_URL names, or a file in your data folder.",
        "创建数据库，并可导入一个组织。数据库由 DISPATCH_DATABASE_URL 指定，"
        "默认为用户数据文件夹中的文件。",
    )
)
def init(
    organisation: Annotated[
        str | None,
        typer.Argument(
            metavar="[ORGANISATION]",
            show_default=False,
            help=say(
                "A sample (liaoning, guizhou), a folder of CSV files, or an Excel workbook.",
                "示例名（liaoning、guizhou）、CSV 文件夹，或 Excel 工作簿。",
            ),
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.store import make_database

    run(lang, lambda: make_database(organisation, as_json, lang))


@app.command(
    "import",
    help=say(
        "Bring an organisation's files into the database: adds and updates, all or nothing. "
        "What has been recorded since is kept.",
        "把组织数据文件导入数据库：新增和更新，要么全部成功，要么不变。此后记录的事实予以保留。",
    ),
)
def import_(
    organisation: OrganisationArgument,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=say("Only show what would change.", "只显示将会发生的变化。"),
        ),
    ] = False,
    history: Annotated[
        int,
        typer.Option(
            metavar="WEEKS",
            min=0,
            help=say(
                "Make up so many weeks that have gone by, so that reports have something to show:"
                " for samples and trials. Ctrl-C keeps what there is.",
                "虚构之前若干周的工作记录，供示例和试用时查看报表。按 Ctrl-C 停止并保留已有内容。",
            ),
        ),
    ] = 0,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.store import import_files

    run(lang, lambda: import_files(organisation, dry_run, history, as_json, lang))


@db.command(
    help=say(
        "Bring the database to the shape that this program needs.",
        "把数据库升级到本程序所需的结构。",
    )
)
def upgrade(lang: LanguageOption = DEFAULT_LANGUAGE) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.store import upgrade_database

    run(lang, lambda: upgrade_database(lang))


@db.command(
    help=say(
        "Write everything into one new file while others go on, and compare it row by row.",
        "在他人继续工作的同时，把全部数据写入一个新文件，并逐行核对。",
    )
)
def backup(
    file: _BackupFile, as_json: JsonOption = False, lang: LanguageOption = DEFAULT_LANGUAGE
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.store import back_up_database

    run(lang, lambda: back_up_database(file, as_json, lang))


@db.command(
    help=say(
        "Bring a backup into the database, which has to be empty or not there yet.",
        "把备份恢复到数据库；数据库必须为空或尚不存在。",
    )
)
def restore(
    file: _BackupFile, as_json: JsonOption = False, lang: LanguageOption = DEFAULT_LANGUAGE
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.store import restore_database

    run(lang, lambda: restore_database(file, as_json, lang))


@db.command(
    help=say(
        "Copy a database into another, empty one of any kind, and compare them row by row: "
        "sqlite:////folder/file.db, postgresql://user:password@host/name.",
        "把数据库复制到另一个任意类型的空数据库，并逐行核对："
        "sqlite:////folder/file.db、postgresql://user:password@host/name。",
    )
)
def copy(
    source: _SourceUrl,
    target: _TargetUrl,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.store import copy_database

    run(lang, lambda: copy_database(source, target, as_json, lang))


@db.command(
    help=say(
        "Check that files, references, stock and bookings hold together. Exit code 1 if not.",
        "检查文件、引用、库存与安排是否一致。不一致时退出码为 1。",
    )
)
def check(as_json: JsonOption = False, lang: LanguageOption = DEFAULT_LANGUAGE) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.store import check_database

    run(lang, lambda: check_database(as_json, lang))
