"""Which SLA clocks are at risk, which are broken, and how many were kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dispatch.domain.clocks import clocks_of
from dispatch.domain.events import EventKind
from dispatch.domain.life import Life
from dispatch.domain.recorded import work_order_of
from dispatch.domain.reporting import AttainmentRow
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.transitions import MOVES, State, Track
from dispatch.domain.work import ClockKind

_KINDS = tuple(ClockKind)
_ENDS = (EventKind.SOLVED_REMOTELY, EventKind.QUOTE_REFUSED, EventKind.CLOSED)
_STEPS = frozenset(k for k, m in MOVES.items() if m.track is Track.ORDER and m.start)


class ClockState(StrEnum):
    """What became of a clock.

    * running: nothing stopped it, and it is not due yet
    * kept: stopped at its due time or before
    * broken: stopped later, or not stopped when it was due
    * void: the work order ended before the clock was due, with nothing to stop it any more
    """

    RUNNING = "running"
    KEPT = "kept"
    BROKEN = "broken"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """One clock of one work order and what it is counted under.

    ``month`` is the first day of the local month in which the clock is due. ``station`` is empty if
    nobody says which.
    """

    work_order_id: str
    kind: ClockKind
    due_at: datetime
    stopped_at: datetime | None
    state: ClockState
    month: date
    province: str
    station: str
    product: str
    customer: str


def clock_records(
    snapshot: Snapshot, lives: Iterable[Life], station_of: Mapping[str, str] | None = None
) -> tuple[ClockRecord, ...]:
    """The clocks of work orders as they stand at the snapshot's ``now_at``.

    Of the snapshot its places, SLA rules and calendars are used. Cancelled work orders have none.
    ``station_of`` says by work order whose it is.
    """
    zone = ZoneInfo(snapshot.time_zone)
    stations = station_of or {}
    records = []
    for life in lives:
        if life.order is not State.CANCELLED:
            order = work_order_of(life)
            site = snapshot.site[order.site_id]
            records += [
                ClockRecord(
                    work_order_id=order.id,
                    kind=clock.kind,
                    due_at=clock.due_at,
                    stopped_at=clock.stopped_at,
                    state=_state_of(clock, _moot_at(life), snapshot.now_at),
                    month=clock.due_at.astimezone(zone).date().replace(day=1),
                    province=site.province,
                    station=stations.get(order.id, ""),
                    product=order.product,
                    customer=site.customer_id,
                )
                for clock in clocks_of(snapshot, order)
            ]
    return tuple(records)


def clock_state(due_at: datetime, stopped_at: datetime | None, now_at: datetime) -> ClockState:
    """Running, kept or broken. A clock is broken from the first instant after it was due."""
    if stopped_at is not None:
        return ClockState.KEPT if stopped_at <= due_at else ClockState.BROKEN
    return ClockState.BROKEN if now_at > due_at else ClockState.RUNNING


def at_risk(
    records: Iterable[ClockRecord], now_at: datetime, within_s: int
) -> tuple[ClockRecord, ...]:
    """The running clocks that are due within so many seconds, the first to run out first."""
    until = now_at + timedelta(seconds=within_s)
    running = (r for r in records if r.state is ClockState.RUNNING and r.due_at <= until)
    return _by_due_time(running)


def broken(records: Iterable[ClockRecord]) -> tuple[ClockRecord, ...]:
    """The broken clocks, stopped by now or not, the first that was due first."""
    return _by_due_time(r for r in records if r.state is ClockState.BROKEN)


def attainment(records: Iterable[ClockRecord]) -> tuple[AttainmentRow, ...]:
    """Kept and broken clocks by everything that they are counted under, sorted.

    Clocks that run, or that became void, do not count; there are no rows without clocks. Fewer
    dimensions: ``reporting.summed_by``.
    """
    counts: dict[tuple[date, str, str, str, str, int], list[bool]] = {}
    for r in records:
        if r.state in (ClockState.KEPT, ClockState.BROKEN):
            key = (r.month, r.province, r.station, r.product, r.customer, _KINDS.index(r.kind))
            counts.setdefault(key, []).append(r.state is ClockState.KEPT)
    return tuple(
        AttainmentRow(
            month, province, station, product, customer, _KINDS[kind], len(kept), sum(kept)
        )
        for (month, province, station, product, customer, kind), kept in sorted(counts.items())
    )


def _by_due_time(records: Iterable[ClockRecord]) -> tuple[ClockRecord, ...]:
    return tuple(sorted(records, key=lambda r: (r.due_at, r.work_order_id, _KINDS.index(r.kind))))


def _state_of(clock: Clock, moot_at: datetime | None, now_at: datetime) -> ClockState:
    if moot_at is None:
        return clock_state(clock.due_at, clock.stopped_at, now_at)
    state = clock_state(clock.due_at, clock.stopped_at, min(moot_at, now_at))
    return ClockState.VOID if state is ClockState.RUNNING else state


def _moot_at(life: Life) -> datetime | None:
    """When nobody had to come any more: solved, the quote refused, or else closed."""
    steps = [e for e in life.events if e.kind in _STEPS]
    if not steps or steps[-1].kind not in _ENDS:
        return None
    return next(e.happened_at for e in steps[-2:] if e.kind in _ENDS)
