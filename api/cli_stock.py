"""The part of the command line that shows and changes stock: ``dispatch stock``."""

from datetime import datetime
from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, say
from api.running import run

app = typer.Typer()
stock = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Show and change stock. A place is the number of a station or of a technician (the van).",
        "查看和变更库存。地点用服务站编号或技术员编号（车载备件）表示。",
    ),
)
app.add_typer(stock, name="stock")

_Part = Annotated[str, typer.Argument(metavar="PART", show_default=False)]
_Lot = Annotated[str, typer.Argument(metavar="LOT", show_default=False)]
_Quantity = Annotated[int, typer.Argument(metavar="QUANTITY", min=1, show_default=False)]
_Place = Annotated[str, typer.Argument(metavar="PLACE", show_default=False)]
_Serials = Annotated[
    list[str] | None,
    typer.Option(
        "--serial",
        metavar="SERIAL",
        show_default=False,
        help=say("A serial number; may be given several times.", "序列号；可多次给出。"),
    ),
]
_Reason = Annotated[
    str, typer.Option(metavar="TEXT", show_default=False, help=say("Why.", "原因。"))
]
_Time = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        metavar="TIME",
        show_default=False,
        help=say(
            "A local time, such as 2026-09-29T14:00: units that come by then will do.",
            "当地时间，例如 2026-09-29T14:00：在此之前到货的也可以。",
        ),
    ),
]
_ExpectedTime = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        metavar="TIME",
        show_default=False,
        help=say(
            "It is still to come, at this local time; again for the same lot: at that time "
            "instead.",
            "尚未到货，预计在此当地时间到达；对同一批次再次执行即更改时间和数量。",
        ),
    ),
]


@stock.command(help=say("What is where, and what is promised.", "查看库存分布以及预留情况。"))
def show(
    part: Annotated[
        str | None,
        typer.Option(
            metavar="PART", show_default=False, help=say("Only this part.", "只看该备件。")
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", show_default=False, help=say("Only this place.", "只看该地点。")
        ),
    ] = None,
    visit: Annotated[
        str | None,
        typer.Option(
            metavar="VISIT",
            show_default=False,
            help=say("The reservations of this visit instead.", "改为查看该任务的预留。"),
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily, as everywhere below: brings in SQLAlchemy.
    from api.commands.stock_look import show_reservations, show_stock

    if visit is not None:
        run(lang, lambda: show_reservations(visit, as_json, lang))
    run(lang, lambda: show_stock(part, place, as_json, lang))


@stock.command(
    help=say(
        "A lot arrives, or is expected; what was promised of it is then reserved.",
        "登记批次到货或待到货；到货后，已承诺的数量转为预留。",
    )
)
def receive(
    lot: _Lot,
    part: _Part,
    quantity: _Quantity,
    place: _Place,
    expected: _ExpectedTime = None,
    serial: _Serials = None,
    reason: _Reason = "",
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import expect_lot, receive_lot

    if expected is not None:
        run(lang, lambda: expect_lot(lot, part, quantity, place, expected, reason, as_json, lang))
    named = tuple(serial or ())
    run(lang, lambda: receive_lot(lot, part, quantity, place, named, reason, as_json, lang))


@stock.command(
    help=say(
        "Free units go from one place to another, those that came first before others.",
        "把可用备件从一地调拨到另一地，先到先出。",
    )
)
def transfer(
    part: _Part,
    quantity: _Quantity,
    source: Annotated[str, typer.Argument(metavar="FROM", show_default=False)],
    target: Annotated[str, typer.Argument(metavar="TO", show_default=False)],
    serial: _Serials = None,
    reason: _Reason = "",
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import transfer_units

    named = tuple(serial or ())
    run(lang, lambda: transfer_units(part, quantity, source, target, named, reason, as_json, lang))


@stock.command(help=say("Hold units for a visit for some hours.", "为任务临时预留备件若干小时。"))
def reserve(
    visit: Annotated[str, typer.Argument(metavar="VISIT", show_default=False)],
    part: _Part,
    quantity: _Quantity,
    place: _Place,
    hours: Annotated[
        int, typer.Option(min=1, help=say("For how long.", "预留时长（小时）。"))
    ] = 24,
    needed_at: _Time = None,
    substitutes: Annotated[
        bool,
        typer.Option(
            "--substitutes",
            help=say("Approved substitutes will do.", "可用经批准的替代备件。"),
        ),
    ] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import reserve_units

    run(
        lang,
        lambda: reserve_units(
            visit, part, quantity, place, hours, needed_at, substitutes, as_json, lang
        ),
    )


@stock.command(help=say("Reserved units are free again.", "释放预留。"))
def release(
    reservations: Annotated[
        list[str], typer.Argument(metavar="RESERVATION...", show_default=False)
    ],
    reason: _Reason = "",
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import release_reservations

    run(lang, lambda: release_reservations(reservations, reason, as_json, lang))


@stock.command(
    help=say(
        "Hand reserved units to a technician; on the van they stay reserved.",
        "把已预留的备件发给技术员；上车后仍保持预留。",
    )
)
def issue(
    technician: Annotated[str, typer.Argument(metavar="TECHNICIAN", show_default=False)],
    reservations: Annotated[
        list[str], typer.Argument(metavar="RESERVATION...", show_default=False)
    ],
    serial: _Serials = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import issue_reservations

    named = tuple(serial or ())
    run(lang, lambda: issue_reservations(technician, reservations, named, as_json, lang))


@stock.command(
    help=say(
        "Somebody counted more or fewer units of a lot than are on record.",
        "盘点调整：实际数量多于或少于账面数量。",
    )
)
def adjust(
    lot: _Lot,
    place: _Place,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", show_default=False, help=say("Why.", "原因。"))
    ],
    more: Annotated[int, typer.Option(min=0, help=say("So many more.", "多出的数量。"))] = 0,
    fewer: Annotated[int, typer.Option(min=0, help=say("So many fewer.", "缺少的数量。"))] = 0,
    serial: _Serials = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import adjust_lot

    named = tuple(serial or ())
    run(lang, lambda: adjust_lot(lot, place, more - fewer, reason, named, as_json, lang))


@stock.command(
    help=say(
        "Set units apart that must not be used; with --leave they may be used again.",
        "隔离不得使用的备件；加 --leave 解除隔离。",
    )
)
def quarantine(
    lot: _Lot,
    place: _Place,
    quantity: _Quantity,
    reason: _Reason = "",
    leave: Annotated[
        bool, typer.Option("--leave", help=say("They may be used again.", "解除隔离。"))
    ] = False,
    serial: _Serials = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import quarantine_lot

    named = tuple(serial or ())
    run(
        lang,
        lambda: quarantine_lot(lot, place, quantity, reason, leave, named, as_json, lang),
    )


@stock.command(
    help=say(
        "From now on every unit of a part is known by its serial number.",
        "从现在起，该备件的每一件都按序列号管理。",
    )
)
def track(
    part: _Part,
    off: Annotated[bool, typer.Option("--off", help=say("No longer.", "取消。"))] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock import track_part

    run(lang, lambda: track_part(part, not off, as_json, lang))


@stock.command(
    help=say(
        "Where units came from and went: by lot, visit, or serial number. Exit code 1 if there is "
        "nothing on record.",
        "按批次、任务或序列号追溯备件的来源与去向。没有记录时退出码为 1。",
    )
)
def trace(
    number: Annotated[str, typer.Argument(metavar="LOT|VISIT|SERIAL", show_default=False)],
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    from api.commands.stock_look import show_trace

    run(lang, lambda: show_trace(number, as_json, lang))
