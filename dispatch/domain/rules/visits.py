"""Rules about when a visit is done: windows, releases, links, pins."""

from collections.abc import Iterator

from dispatch.domain.route_times import release_of, seconds_between
from dispatch.domain.rules.violation import Violation, by_visit
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedVisit, Timetable
from dispatch.domain.work import Link


def window(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """A pinned start stands in the place of the windows; ``pinned`` checks it."""
    for visit_id in timetable.visits:
        windows = snapshot.visit[visit_id].windows
        pin = snapshot.pin.get(visit_id)
        if not windows or (pin is not None and pin.start_at is not None):
            continue
        start = timetable.start_of(visit_id)
        outside_s = min(
            max(seconds_between(start, w.open_at), seconds_between(w.close_at, start), 0)
            for w in windows
        )
        if outside_s:
            yield by_visit("window", visit_id, outside_s)


def release(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for visit_id in timetable.visits:
        visit = snapshot.visit[visit_id]
        gates = snapshot.order_of(visit).gates
        if any(g.passed_at is None and g.expected_at is None for g in gates):
            yield by_visit("release", visit_id, 1)
            continue
        released = release_of(snapshot, visit)
        if released is not None and timetable.start_of(visit_id) < released:
            early_s = seconds_between(timetable.start_of(visit_id), released)
            yield by_visit("release", visit_id, early_s)


def order(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for link in snapshot.links:
        if link.then_visit_id not in timetable.visits:
            continue
        if link.first_visit_id in timetable.visits:
            outside_s = _outside_lags_s(link, timetable)
            if outside_s > 0:
                yield by_visit("order", link.then_visit_id, outside_s)
        elif link.min_lag_s is not None:
            yield by_visit("order", link.then_visit_id, 1)


def _outside_lags_s(link: Link, timetable: Timetable) -> int:
    lag_s = seconds_between(
        timetable.end_of(link.first_visit_id), timetable.start_of(link.then_visit_id)
    )
    if link.min_lag_s is not None and lag_s < link.min_lag_s:
        return link.min_lag_s - lag_s
    if link.max_lag_s is not None:
        return lag_s - link.max_lag_s
    return 0


def pinned(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """One violation for each part of a pin that does not hold."""
    for pin in snapshot.pins:
        crew = timetable.visits.get(pin.visit_id)
        if crew is None:
            yield by_visit("pinned", pin.visit_id, 1)
            continue
        wanted = {*filter(None, [pin.technician_id]), *pin.other_technician_ids}
        missing = wanted - {m.technician_id for m in crew}
        if missing:
            yield by_visit("pinned", pin.visit_id, len(missing))
        if pin.start_at is not None:
            moved_s = abs(seconds_between(pin.start_at, timetable.start_of(pin.visit_id)))
            if moved_s:
                yield by_visit("pinned", pin.visit_id, moved_s)
        if pin.after_visit_id is not None and all(
            _visit_before(m) != pin.after_visit_id for m in crew
        ):
            yield by_visit("pinned", pin.visit_id, 1)


def _visit_before(member: TimedVisit) -> str | None:
    visits = [s for s in member.route.stops if s.visit_id is not None]
    position = visits.index(member.stop)
    return visits[position - 1].visit_id if position else None
