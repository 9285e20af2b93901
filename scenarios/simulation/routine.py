"""When the dispatcher does what."""

import re
from dataclasses import dataclass

from dispatch.domain.errors import DispatchError

_EVERY = re.compile(r"every-(\d{1,4})")
_AT_ONCE, _EVENTS = "at-once", "events"
_MINUTE_S = 60
_LEAST_MIN = 5


class RoutineError(DispatchError):
    """A routine that nobody understands."""


@dataclass(frozen=True, slots=True)
class Routine:
    """Whether new work is assigned ``at_once``, as the assignment API does; how often the whole
    plan is searched anew (0: never); and whether emergencies and illness call for that too
    (``on_events``)."""

    at_once: bool = False
    every_s: int = 0
    on_events: bool = False


def routine_of(text: str) -> Routine:
    """The routine of ``every-60``, ``at-once``, ``every-120+events`` …: minutes, joined by ``+``.

    Raises RoutineError.
    """
    words = text.split("+")
    every = [int(found[1]) for word in words if (found := _EVERY.fullmatch(word))]
    known = len(every) + words.count(_AT_ONCE) + words.count(_EVENTS)
    is_clear = known == len(words) == len(set(words)) and len(every) <= 1
    if not is_clear or any(minutes < _LEAST_MIN for minutes in every) or words == [_EVENTS]:
        raise RoutineError(
            f"The routine {text!r} is not one. Write at-once, every-60 (minutes, {_LEAST_MIN} or"
            " more),"
            " or several joined by +, such as at-once+every-120+events.",
            f"调度方式 {text!r} 无效。请写 at-once、every-60（分钟，不小于 {_LEAST_MIN}），"
            "或用 + 连接，例如 at-once+every-120+events。",
        )
    return Routine(_AT_ONCE in words, sum(every) * _MINUTE_S, _EVENTS in words)
