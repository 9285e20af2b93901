"""What the other checks say once the guards are out: each has to find a breach."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.reliability.contention import hours, scarce
from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.kills import unguarded_commands

CHECKS: Mapping[str, Callable[[Room], Result]] = {
    "commands": unguarded_commands,
    "scarce": lambda room: scarce(room, unguarded=True),
    "hours": lambda room: hours(room, unguarded=True),
}


def without_guards(room: Room) -> Result:
    """Guards of the database and locks of commands are out; a check that still passes sees
    nothing. It takes no large numbers to see it."""
    found = {name: check(_own(room, name)).breaches for name, check in CHECKS.items()}
    blind = tuple(f"{name} found nothing" for name, breaches in found.items() if not breaches)
    figure = ", ".join(f"{name}: {len(breaches)} breaches" for name, breaches in found.items())
    return Result(figure, blind, {name: len(breaches) for name, breaches in found.items()})


def _own(room: Room, name: str) -> Room:
    folder = room.folder / name
    folder.mkdir()
    return replace(room, folder=folder, full=False)
