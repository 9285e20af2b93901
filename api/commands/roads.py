"""``dispatch roads``: which road network is asked, and asking it."""

from datetime import UTC, datetime

from rich.text import Text

from api.exits import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_OK
from api.opened import in_use, whoever
from api.progress import interruptible
from api.screen import print_json, screen
from dispatch.commands.measuring import Measured, leave_network, measure, use_network
from dispatch.domain.roads import RoadNetwork
from dispatch.store.retrying import in_writing
from dispatch.texts import Language


def use_roads(network: RoadNetwork, lang: Language) -> int:
    by, at = whoever(), datetime.now(UTC)
    with in_use() as database:
        in_writing(database, lambda s: use_network(s, network, by, at))
    screen().print(
        lang.pick(
            f"Travel comes from {network.name} now. Next: dispatch roads measure",
            f"行程现取自 {network.name}。接下来：dispatch roads measure",
        )
    )
    return EXIT_OK


def leave_roads(lang: Language) -> int:
    by, at = whoever(), datetime.now(UTC)
    with in_use() as database:
        in_writing(database, lambda s: leave_network(s, by, at))
    screen().print(lang.pick("Travel is estimated by distance now.", "行程现按距离估算。"))
    return EXIT_OK


def measure_roads(as_json: bool, lang: Language) -> int:
    asides = screen(errors=True)
    with in_use() as database, asides.status("") as status, interruptible() as interruption:
        done = measure(
            database,
            datetime.now(UTC),
            report=lambda so_far: status.update(_line(so_far, lang)),
            stop=interruption,
            anyway=True,
        )
    if done is None:
        asides.print(
            lang.pick(
                "No road network is used. Name one: dispatch roads use osrm http://127.0.0.1:5000",
                "尚未指定路网。请运行 dispatch roads use osrm http://127.0.0.1:5000",
            ),
            soft_wrap=True,
        )
        return EXIT_BAD_INPUT
    if done.failure is not None:
        failure = lang.pick(done.failure.message_en, done.failure.message_zh)
        asides.print(Text(failure, "yellow"), soft_wrap=True)
    if as_json:
        counts = ("wanted", "known", "answered", "missing")
        print_json({name: getattr(done, name) for name in counts})
    else:
        screen().print(_line(done, lang), soft_wrap=True)
    if interruption.happened:
        return EXIT_INTERRUPTED
    return EXIT_OK if done.failure is None else EXIT_BAD_INPUT


def _line(done: Measured, lang: Language) -> str:
    return lang.pick(
        f"{done.wanted:,} legs: {done.known:,} known before, {done.answered:,} measured now,"
        f" {done.missing:,} estimated by distance",
        f"共 {done.wanted:,} 段行程：此前已知 {done.known:,}，本次测得 {done.answered:,}，"
        f"按距离估算 {done.missing:,}",
    )
