"""Who could take one visit: places and displacements, numbered, and what stops everybody else."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.explain import what
from api.views.paint import margin
from dispatch import texts
from dispatch.answering import Option
from dispatch.exchange.plan_tables import parts_text
from dispatch.judged import JudgedPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.reasons import in_words
from dispatch.takers import Takers
from dispatch.texts import Language

DISPLACEMENT = "D"
"""Begins the numbers of displacements: D1, D2."""

_ITEMS_SHOWN = 2
_DELAYED_SHOWN = 3
_NAMES_SHOWN = 3


def numbered(found: Takers) -> dict[str, Option]:
    """The options by the numbers that people know them by."""
    places = {str(i): option for i, option in enumerate(found.places, 1)}
    moved = enumerate(found.displacements, 1)
    return places | {f"{DISPLACEMENT}{i}": option for i, option in moved}


def show_takers(console: Console, judged: JudgedPlan, found: Takers, lang: Language) -> None:
    """``judged`` is the plan that was asked."""
    for line in what(judged, judged.snapshot.visit[found.visit_id], lang):
        console.print(line)
    console.print()
    options = numbered(found)
    if options:
        for block in _options(judged, found, options, lang):
            console.print(block)
    else:
        nobody = lang.pick("Nobody can take it as the plan stands.", "按现有计划无人可以承担。")
        console.print(Text(nobody, "bold red"))
    if found.way_in is not None:
        console.print(in_words(found.way_in, judged.snapshot, lang), soft_wrap=True)
    if found.least_late is not None:
        console.print(_least_late(judged, found.least_late, options, lang), soft_wrap=True)
    if found.obstacles:
        console.print()
        console.print(_others(judged, found.obstacles, lang))


def _options(
    judged: JudgedPlan, found: Takers, options: dict[str, Option], lang: Language
) -> Iterator[Table | str]:
    if found.places:
        title = lang.pick("Who could take it", "谁可以承担")
        places = {n: o for n, o in options.items() if not n.startswith(DISPLACEMENT)}
        yield _table(judged, places, title, lang)
    if found.displacements:
        title = lang.pick("Cheaper, if others make way", "其他任务腾挪后更便宜")
        moved = {n: o for n, o in options.items() if n.startswith(DISPLACEMENT)}
        if found.places:
            yield ""
        yield _table(judged, moved, title, lang)


def _table(judged: JudgedPlan, options: dict[str, Option], title: str, lang: Language) -> Table:
    needs_parts = any(o.pickups or o.from_van for o in options.values())
    made = table(
        lang.pick("no", "序号"),
        lang.pick("who", "谁"),
        lang.pick("when", "何时"),
        lang.pick("after", "接在"),
        lang.pick("adds, yuan", "增加（元）"),
        lang.pick("mainly", "主要项目"),
        lang.pick("clocks", "时限"),
        *([lang.pick("parts", "备件")] if needs_parts else []),
        lang.pick("others", "其他任务"),
        title=title,
        right=(4,),
        whole=(0, 2, 3, 6),
    )
    for number, option in options.items():
        made.add_row(
            number,
            "\n".join(_people(judged, option, lang)),
            _when(judged, option, lang),
            "\n".join(seat.after_visit_id or "–" for seat in option.seats),
            texts.yuan(option.added_fen),
            "\n".join(_main_items(option, lang)),
            _clocks(option, lang),
            *(["\n".join(_parts(judged, option, lang))] if needs_parts else []),
            "\n".join(_changes(judged, option, lang)),
        )
    return made


def _people(judged: JudgedPlan, option: Option, lang: Language) -> Iterator[str]:
    yield from (judged.technician(seat.technician_id) for seat in option.seats)
    served = judged.served.get(option.visit_id, ())
    now = {(timed.technician_id, timed.stop.start_at) for timed in served}
    if now == {(seat.technician_id, option.start_at) for seat in option.seats}:
        yield lang.pick("(as it is)", "（现安排）")


def _when(judged: JudgedPlan, option: Option, lang: Language) -> str:
    of = option.start_at.astimezone(judged.zone).date()
    times = (
        texts.time_of_day(option.start_at, judged.zone),
        texts.time_of_day(option.end_at, judged.zone, of),
    )
    return f"{texts.day(of, lang)}\n{'–'.join(times)}"


def _main_items(option: Option, lang: Language) -> Iterator[str]:
    """The items that change the cost most."""
    by_size = sorted(option.by_item.items(), key=lambda item: -abs(item[1]))
    for item, fen in by_size[:_ITEMS_SHOWN]:
        yield f"{texts.price_item(item, lang)} {texts.yuan(fen)}"


def _clocks(option: Option, lang: Language) -> Text:
    lines = [
        Text.assemble(f"{texts.CLOCKS[m.clock.kind].say(lang)} ", margin(m.margin_s, lang))
        for m in option.margins
        if m.margin_s is not None
    ]
    return Text("\n").join(lines)


def _parts(judged: JudgedPlan, option: Option, lang: Language) -> Iterator[str]:
    if option.from_van:
        yield f"{parts_text(option.from_van)} {lang.pick('van', '随车')}"
    for pickup in option.pickups:
        at = texts.time_of_day(pickup.at, judged.zone)
        yield f"{pickup.part_id}*{pickup.quantity} {judged.place(pickup.station_id)} {at}"


def _changes(judged: JudgedPlan, option: Option, lang: Language) -> Iterator[str]:
    """Who moves, who is bumped, and whom it delays most."""
    for visit_id, people in option.choice.moved:
        names = ", ".join(map(judged.technician, people))
        yield lang.pick(f"{visit_id} to {names}", f"{visit_id} 改派 {names}")
    for visit_id in option.bumped:
        yield lang.pick(f"{visit_id} is left out", f"{visit_id} 被挤出")
    same = [other for other in option.shifted if not other.other_technicians]
    same.sort(key=lambda other: -abs(other.later_s))
    for other in same[:_DELAYED_SHOWN]:
        yield f"{other.visit_id} {texts.margin(other.later_s, lang)}"
    if len(same) > _DELAYED_SHOWN:
        more = len(same) - _DELAYED_SHOWN
        yield lang.pick(f"… {more} more", f"… 另有 {more} 个")


def _least_late(
    judged: JudgedPlan, option: Option, options: dict[str, Option], lang: Language
) -> Text:
    names = ", ".join(judged.technician(seat.technician_id) for seat in option.seats)
    start = texts.day_and_time(option.start_at, judged.zone, lang)
    number = next((n for n, o in options.items() if o.choice == option.choice), None)
    place = f"{number}, {names}, {start}" if number else f"{names}, {start}"
    yuan = texts.yuan(option.added_fen)
    said = lang.pick(
        f"Every place is late. The least late: {place}, {yuan} yuan.",
        f"所有安排都会超时，超时最少的是：{place}，{yuan} 元。",
    )
    return Text(said, "yellow")


def _others(judged: JudgedPlan, obstacles: Sequence[TechnicianObstacle], lang: Language) -> Table:
    """What stops the others, rule by rule, the closest first."""
    by_code: dict[str, list[TechnicianObstacle]] = {}
    for obstacle in obstacles:
        by_code.setdefault(obstacle.code, []).append(obstacle)
    people = len({o.technician_id for o in obstacles})
    made = table(
        lang.pick("in the way", "障碍"),
        lang.pick("code", "代码"),
        lang.pick("of", "人数"),
        lang.pick("closest, and short by", "最接近者及差距"),
        title=lang.pick(f"Who cannot: {people}", f"不能承担：{people} 人"),
        right=(2,),
        whole=(1,),
    )
    for code, same in by_code.items():
        names = lang.pick(", ", "，").join(_names(judged, same, lang))
        made.add_row(texts.rule(code, lang), code, f"{len(same):,}", names)
    return made


def _names(judged: JudgedPlan, same: Sequence[TechnicianObstacle], lang: Language) -> Iterator[str]:
    """Those who come closest, each with how much is missing; nobody where that says nothing."""
    if len(same) > _NAMES_SHOWN and not texts.amount(same[0].code, same[0].amount, lang):
        return
    for one in same[:_NAMES_SHOWN]:
        amount = texts.amount(one.code, one.amount, lang)
        yield f"{judged.technician(one.technician_id)} {amount}".rstrip()
    if len(same) > _NAMES_SHOWN:
        yield "…"
