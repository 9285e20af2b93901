"""What was done on site, by what is on record: who was where, for how long, and whether that
repaired it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

from dispatch.domain.events import Event, Publication
from dispatch.domain.life import Life
from dispatch.domain.people import Shift
from dispatch.domain.recorded import visit_times
from dispatch.domain.transitions import FIELD, State, Track
from dispatch.domain.work import ClockKind, Visit


class Work(NamedTuple):
    """One visit that somebody was at."""

    life: Life
    visit: Visit
    technician_ids: tuple[str, ...]
    events: tuple[Event, ...]


def works_of(lives: Iterable[Life]) -> Iterator[Work]:
    """All visits that somebody was at."""
    for life in lives:
        for visit in been(life):
            own = tuple(e for e in life.events if e.visit_id == visit.id)
            told = [e.details.technician_ids for e in own if isinstance(e.details, Publication)]
            field = tuple(e for e in own if e.kind in FIELD)
            yield Work(life, visit, told[-1] if told else (), field)


def overtime(
    shifts: Iterable[Shift], works: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[Shift, int]]:
    """By how much the last work that began in a shift went beyond its end, in seconds; from the
    next shift on it is no overtime."""
    ordered = sorted(shifts, key=lambda shift: shift.start_at)
    for shift, following in zip_longest(ordered, ordered[1:]):
        next_at = following.start_at if following else datetime.max.replace(tzinfo=UTC)
        until = min(shift.end_at + timedelta(seconds=shift.max_overtime_s), next_at)
        ends = [end for start, end in works if shift.start_at <= start < until]
        last_at = min(max(ends, default=shift.end_at), next_at)
        late_s = round((last_at - shift.end_at).total_seconds())
        if late_s > 0:
            yield shift, late_s


def been(life: Life) -> list[Visit]:
    """The visits at which somebody was, as they began."""
    begun = [(visit_times(life, v.id).started_at, n, v) for n, v in enumerate(life.visits)]
    return [v for _, _, v in sorted((at, n, v) for at, n, v in begun if at is not None)]


def repairs(life: Life) -> list[Visit]:
    """Those of them that were to repair; who contains a fault repairs nothing."""
    return [visit for visit in been(life) if ClockKind.RESTORE in visit.stops]


def is_first_time(life: Life) -> bool:
    """Whether the first visit that was to repair did so, and no other was needed."""
    tried = repairs(life)
    if len(tried) != 1:
        return False
    repaired_at = visit_times(life, tried[0].id).repaired_at
    return repaired_at is not None and life.on(Track.VISIT, tried[0].id) is not State.FAILED
