"""``dispatch assign VISIT`` with no technician: who could take it, and one of the places taken."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from api.commands.explain import way_in_form
from api.commands.plan_changes import How, change_by_hand
from api.exits import EXIT_OK
from api.inputs import judge_named, names_file
from api.opened import in_use
from api.screen import print_json, screen
from api.views.takers import numbered, show_takers
from dispatch.answering import Option
from dispatch.commands.taking import Take
from dispatch.commands.versions import load_version, named_version, version_to_change
from dispatch.domain.snapshot import Snapshot
from dispatch.judged import JudgedPlan
from dispatch.placing import PlacingError
from dispatch.rehearsal import moment
from dispatch.takers import Takers, kept_as_of, who_could_take
from dispatch.texts import Language
from dispatch.travel import Travel, travel_of


@dataclass(frozen=True, slots=True)
class _Asked:
    """A plan to ask, as of when, and its version in the database if it is one."""

    judged: JudgedPlan
    travel: Travel
    at: datetime
    version: int | None

    def takers(self, visit: str, most: int) -> Takers:
        return who_could_take(kept_as_of(self.judged, self.travel, visit, self.at), visit, most)


def ask_who(visit: str, plan: str | None, most: int, as_json: bool, lang: Language) -> int:
    """Shows who could take a visit, by a plan file or a version of the database."""
    asked = _asked(plan)
    found = asked.takers(visit, most)
    options = numbered(found)
    if as_json:
        print_json(_form(found, options, asked.judged.snapshot, lang))
        return EXIT_OK
    console = screen()
    show_takers(console, asked.judged, found, lang)
    if asked.version is not None and options:
        hint = f"dispatch assign {visit} --on {asked.version} --take {next(iter(options))}"
        console.print()
        console.print(lang.pick(f"Next: {hint}", f"接下来：{hint}"), soft_wrap=True)
    return EXIT_OK


def take_place(visit: str, number: str, how: How, most: int, lang: Language) -> int:
    """Books one of the places, as ``ask_who`` numbers them."""
    asked = _version(how.version)
    digits = int(number.lstrip("D"))
    options = numbered(asked.takers(visit, max(most, digits)))
    if number not in options:
        raise _no_such_place(visit, number, options)
    wish = Take(visit, options[number].choice, max(most, digits), asked.at)
    with in_use() as database:
        return change_by_hand(database, wish, replace(how, version=str(asked.version)), lang)


def _asked(plan: str | None) -> _Asked:
    if plan is None or not names_file(Path(plan)):
        return _version(plan)
    judged = judge_named(Path(plan)).judged
    return _Asked(judged, travel_of(judged.snapshot), judged.snapshot.now_at, None)


def _version(name: str | None) -> _Asked:
    with in_use() as database, database.reading() as session:
        number = named_version(session, name) if name else version_to_change(session)
        version = load_version(session, number, to_change=True)
        at = moment(session).replace(second=0, microsecond=0)
    return _Asked(version.judged, version.travel, at, number)


def _no_such_place(visit: str, number: str, options: Mapping[str, Option]) -> PlacingError:
    there = ", ".join(options) or "-"
    return PlacingError(
        f"Visit {visit!r} has no place {number}; there are: {there}. dispatch assign {visit} shows"
        " them.",
        f"任务 {visit!r} 没有序号为 {number} 的安排；现有：{there}。"
        f"可用 dispatch assign {visit} 查看。",
    )


def _form(
    found: Takers, options: Mapping[str, Option], snapshot: Snapshot, lang: Language
) -> object:
    """For programs: the options by number, and what keeps the others out."""
    least_late = found.least_late
    return {
        "visit_id": found.visit_id,
        "options": [{"number": n, **_option(option)} for n, option in options.items()],
        "obstacles": found.obstacles,
        "least_late": _option(least_late) if least_late is not None else None,
        "way_in": way_in_form(found.way_in, snapshot, lang) if found.way_in is not None else None,
    }


# What stands elsewhere in the form, and what only this program understands.
_NOT_SAID = ("visit_id", "margins", "routes", "change")


def _option(option: Option) -> dict[str, object]:
    said = {f.name: getattr(option, f.name) for f in fields(option) if f.name not in _NOT_SAID}
    clocks = [
        {"clock": m.clock.kind, "due_at": m.clock.due_at, "margin_s": m.margin_s}
        for m in option.margins
    ]
    return said | {"clocks": clocks}
