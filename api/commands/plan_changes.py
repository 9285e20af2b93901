"""Versions of the plan from the command line: changed by hand, published, listed, compared."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from sqlalchemy.orm import Session

from api.exits import EXIT_OK
from api.opened import in_use, instant, locked_moment, whoever, zone_of
from api.screen import print_json, screen, table
from api.views.effects import show_differences, show_effect, show_notices
from api.views.forced import show_forced
from dispatch import texts
from dispatch.commands.by_hand import Assign, Changed, Proposal, Swap, Unassign, Wish, change
from dispatch.commands.pinning import effect_of_pin, pin, unpin
from dispatch.commands.publishing import Published, publish
from dispatch.commands.versions import (
    DRAFT,
    Version,
    list_versions,
    load_version,
    named_version,
    version_to_change,
)
from dispatch.domain.work import Pin
from dispatch.plan_difference import differences
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.texts import Language, Text

_STATES = {
    "draft": Text("draft", "草案"),
    "published": Text("published", "已发布"),
    "superseded": Text("superseded", "已被取代"),
}


@dataclass(frozen=True, slots=True)
class How:
    """How a change is done.

    ``version`` is its name, None for the one that people mean. ``force`` is the reason to break
    rules, None to break none. ``only_show`` changes nothing; ``publishes`` what it makes.
    """

    version: str | None
    force: str | None
    reason: str
    only_show: bool
    publishes: bool
    as_json: bool


def assign_visit(
    visit: str,
    technicians: list[str],
    start: datetime | None,
    after: str | None,
    how: How,
    lang: Language,
) -> int:
    with in_use() as database:
        with database.reading() as session:
            start_at = instant(start, zone_of(session)) if start else None
        return change_by_hand(
            database, Assign(visit, tuple(technicians), start_at, after), how, lang
        )


def unassign_visit(visit: str, how: How, lang: Language) -> int:
    with in_use() as database:
        return change_by_hand(database, Unassign(visit), how, lang)


def swap_visits(first: str, second: str, how: How, lang: Language) -> int:
    with in_use() as database:
        return change_by_hand(database, Swap(first, second), how, lang)


def change_by_hand(database: Database, wish: Wish, how: How, lang: Language) -> int:
    """Shows what the referee says of a change, then does it."""
    with database.reading() as session:
        number = named_version(session, how.version) if how.version else version_to_change(session)
        proposal = wish.proposal(load_version(session, number, to_change=True))
    if not how.as_json:
        _show_proposal(screen(), proposal, lang)
    if how.only_show:
        if how.as_json:
            print_json({"only_shown": True, "change": proposal.changed(number)})
        return EXIT_OK
    done, told = _carry_out(database, number, wish, how)
    if how.as_json:
        print_json({"only_shown": False, "change": done, "published": told})
        return EXIT_OK
    console = screen()
    made = lang.pick(f"Draft {done.version} has it.", f"已写入草案 {done.version}。")
    if told is None:
        hint = f"dispatch publish {done.version}"
        console.print(made + lang.pick(f" Next: {hint}", f"接下来：{hint}"))
    else:
        _show_published(console, database, told, lang)
    return EXIT_OK


def _carry_out(
    database: Database, number: int, wish: Wish, how: How
) -> tuple[Changed, Published | None]:
    key, by = uuid.uuid4().hex, whoever()
    reason, force = how.force or how.reason, how.force is not None

    def command(session: Session) -> tuple[Changed, Published | None]:
        at = locked_moment(session)
        done = change(session, number, wish, by, at, reason, key, force)
        if not how.publishes:
            return done, None
        told = publish(session, done.version, by, at, reason, f"{key}/publish", force=force)
        return done, told

    return in_writing(database, command)


def _show_proposal(console: Console, proposal: Proposal, lang: Language) -> None:
    before = proposal.version.judged
    show_differences(console, differences(before, proposal.after), before.zone, lang)
    show_effect(console, proposal.effect, lang)


def pin_visit(
    visit: str,
    technicians: list[str],
    start: datetime | None,
    after: str | None,
    reason: str,
    as_json: bool,
    lang: Language,
) -> int:
    """Pins a visit as it is planned, unless it is said how."""
    with in_use() as database:
        with database.reading() as session:
            number = version_to_change(session)
            start_at = instant(start, zone_of(session)) if start else None
            wanted = Pin(
                visit,
                technicians[0] if technicians else None,
                start_at,
                after,
                tuple(technicians[1:]),
            )
            if not (technicians or start or after):
                wanted = _as_planned(load_version(session, number), visit)
            effect = effect_of_pin(session, number, visit, wanted)
        key, by = uuid.uuid4().hex, whoever()
        done = in_writing(database, lambda s: pin(s, wanted, by, locked_moment(s), reason, key))
    if as_json:
        print_json({"pin": done, "effect": effect})
    else:
        show_effect(screen(), effect, lang)
        screen().print(lang.pick(f"{visit} is pinned.", f"{visit} 已锁定。"))
    return EXIT_OK


def _as_planned(version: Version, visit: str) -> Pin:
    """The technicians and the start of a plan; nothing if it is not planned."""
    served = version.judged.served.get(visit, ())
    if not served:
        return Pin(visit)
    first, *others = (timed.technician_id for timed in served)
    start_at = version.judged.verdict.timetable.start_of(visit)
    return Pin(visit, first, start_at, other_technician_ids=tuple(others))


def unpin_visit(visit: str, reason: str, as_json: bool, lang: Language) -> int:
    with in_use() as database:
        with database.reading() as session:
            effect = effect_of_pin(session, version_to_change(session), visit, None)
        key, by = uuid.uuid4().hex, whoever()
        done = in_writing(database, lambda s: unpin(s, visit, by, locked_moment(s), reason, key))
    if as_json:
        print_json({"pin": done, "effect": effect})
    else:
        show_effect(screen(), effect, lang)
        screen().print(lang.pick(f"{visit} is pinned no more.", f"{visit} 已解除锁定。"))
    return EXIT_OK


def publish_version(
    version: str | None, base: int | None, force: str | None, as_json: bool, lang: Language
) -> int:
    with in_use() as database:
        with database.reading() as session:
            number = named_version(session, version or DRAFT)
        key, by = uuid.uuid4().hex, whoever()
        forced = force is not None

        def command(session: Session) -> Published:
            at = locked_moment(session)
            return publish(session, number, by, at, force or "", key, base, forced)

        done = in_writing(database, command)
        if as_json:
            print_json(done)
        else:
            _show_published(screen(), database, done, lang)
    return EXIT_OK


def _show_published(console: Console, database: Database, done: Published, lang: Language) -> None:
    with database.reading() as session:
        judged = load_version(session, done.version).judged
    instead = lang.pick(f" in the place of {done.replaced}", f"，取代版本 {done.replaced}")
    said = lang.pick(
        f"Version {done.version} is published{instead if done.replaced else ''}:"
        f" {done.bookings} bookings, {done.units} units reserved.",
        f"版本 {done.version} 已发布{instead if done.replaced else ''}："
        f"预订 {done.bookings} 项，预留备件 {done.units} 件。",
    )
    console.print(said)
    show_notices(console, done.notices, judged, lang)
    show_forced(console, judged, done.forced, lang)


def show_versions(before: int | None, as_json: bool, lang: Language) -> int:
    """A page of versions, the newest first."""
    with in_use() as database, database.reading() as session:
        zone = zone_of(session)
        found = list_versions(session, before)
    if as_json:
        print_json(found)
        return EXIT_OK
    made = table(
        lang.pick("version", "版本"),
        lang.pick("state", "状态"),
        lang.pick("made from", "基于"),
        lang.pick("days", "计划期"),
        lang.pick("made by", "制定者"),
        lang.pick("made at", "制定时间"),
        lang.pick("visits", "任务"),
        lang.pick("forced", "强制"),
        lang.pick("cost, yuan", "成本（元）"),
        right=(0, 6, 7, 8),
        whole=(1,),
    )
    for facts in found:
        days = (facts.start_at.astimezone(zone).date(), facts.end_at.astimezone(zone).date())
        made.add_row(
            str(facts.number),
            _STATES[facts.state].say(lang),
            str(facts.base or "–"),
            f"{texts.day(days[0], lang)} +{(days[1] - days[0]).days}",
            texts.maker(facts.made_by, lang),
            texts.day_and_time(facts.made_at, zone, lang),
            str(facts.visits),
            str(facts.forced or "–"),
            texts.yuan(facts.cost_fen) if facts.cost_fen is not None else "–",
        )
    screen().print(made)
    return EXIT_OK


def show_difference(first: str, second: str, as_json: bool, lang: Language) -> int:
    """What is different in the second version, visit by visit."""
    with in_use() as database, database.reading() as session:
        before, after = (
            load_version(session, named_version(session, name)).judged for name in (first, second)
        )
    found = differences(before, after)
    if as_json:
        print_json(found)
        return EXIT_OK
    console = screen()
    show_differences(console, found, before.zone, lang)
    if not found:
        same = lang.pick("Both versions plan the same.", "两个版本的安排相同。")
        console.print(same)
    return EXIT_OK
