"""The part of the command line that says which road network is asked for travel times."""

from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, say
from api.running import run
from dispatch.domain.roads import NetworkKind, RoadNetwork

app = typer.Typer()
roads = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Travel times from a road network (OSRM, Valhalla) in place of estimates by distance.",
        "从路网（OSRM、Valhalla）获取行程，代替按距离估算。",
    ),
)
app.add_typer(roads, name="roads")

_USUAL_PROFILE = {NetworkKind.OSRM: "driving", NetworkKind.VALHALLA: "auto"}
_MOST_PLACES = 50
_LARGEST = 1000


@roads.command(
    help=say(
        "Ask this server from now on: KIND is osrm or valhalla, URL where it is reached.",
        "此后使用该路网服务：KIND 为 osrm 或 valhalla，URL 为其地址。",
    )
)
def use(
    kind: Annotated[NetworkKind, typer.Argument(show_default=False)],
    url: Annotated[str, typer.Argument(metavar="URL", show_default=False)],
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help=say(
                "What is driven; driving with OSRM, auto with Valhalla unless you say so.",
                "出行方式；OSRM 默认 driving，Valhalla 默认 auto。",
            ),
        ),
    ] = None,
    most_places: Annotated[
        int,
        typer.Option(
            min=1,
            max=_LARGEST,
            help=say(
                "Ask for this many places × this many at once; the servers' usual limits allow 50.",
                "每次最多询问此数目 × 此数目的地点；服务端的常用上限允许 50。",
            ),
        ),
    ] = _MOST_PLACES,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.roads import use_roads

    network = RoadNetwork(kind, url, profile or _USUAL_PROFILE[kind], most_places)
    run(lang, lambda: use_roads(network, lang))


@roads.command(
    help=say(
        "Ask for all legs that are not known yet. The server does so by itself every minute; "
        "Ctrl-C keeps what was answered.",
        "查询所有尚未知道的行程。服务运行时每分钟自动查询；Ctrl-C 保留已得到的结果。",
    )
)
def measure(as_json: JsonOption = False, lang: LanguageOption = DEFAULT_LANGUAGE) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.roads import measure_roads

    run(lang, lambda: measure_roads(as_json, lang))


@roads.command(
    help=say(
        "Estimate travel by distance again. What is known is kept, in case it is wanted again.",
        "恢复按距离估算行程。已知的结果仍保留。",
    )
)
def leave(lang: LanguageOption = DEFAULT_LANGUAGE) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.roads import leave_roads

    run(lang, lambda: leave_roads(lang))
