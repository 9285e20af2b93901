"""Planning by groups: side by side on an executor, then once more where the groups meet."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import derive
from dispatch.excerpts import Excerpts
from dispatch.groups import Group, groups_of, seam_of, with_own_stock
from dispatch.planning import Progress, make_plan
from dispatch.travel import Travel
from solver.solve import compiled

_GROUPS_SHARE = 0.7
"""The part of the effort that the groups get; the rest is for the seam."""
_LOOK_S = 0.2
_STOP = "stop"


@dataclass(frozen=True)
class _Part:
    """What one worker plans. It ends early once the file ``stop`` is there."""

    snapshot: Snapshot
    travel: Travel
    start: Plan | None
    seconds: float | None
    iterations: int | None
    seed: int
    stop: Path


def make_grouped_plan(
    snapshot: Snapshot,
    travel: Travel,
    *,
    groups: int,
    executor: Executor,
    cores: int,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int,
    report: Callable[[Progress], None],
    stop: Callable[[], bool],
    start: Plan | None = None,
) -> Plan:
    """Plan a horizon in at most so many ``groups``, ``cores`` of them at a time, and then the seam
    from the joined plan on.

    The budget is for both together, and means what it means for ``make_plan``. ``stop`` is asked
    several times a second; every group then ends with the best plan so far. The executor's workers
    have to be on this machine.
    """
    found = groups_of(snapshot, travel, groups)
    if len(found) <= 1:
        return make_plan(
            snapshot,
            travel,
            seconds=seconds,
            iterations=iterations,
            seed=seed,
            report=report,
            stop=stop,
            start=start,
            cores=cores,
        )
    tell = _Tell(report, len(snapshot.visits), len(found))
    with tempfile.TemporaryDirectory() as folder:
        halt = Path(folder) / _STOP
        parts = _parts(snapshot, travel, found, cores, seconds, iterations, seed, start, halt)
        plans = _planned(parts, executor, tell, stop, halt)
    joined = _joined(plans)
    left_s = None if seconds is None else seconds * (1 - _GROUPS_SHARE)
    left = None if iterations is None else iterations - sum(p.iterations or 0 for p in plans)
    return _mended(
        snapshot, travel, joined, found, left_s, left, seed, tell.of_the_seam, stop, cores
    )


def _parts(
    snapshot: Snapshot,
    travel: Travel,
    groups: Iterable[Group],
    cores: int,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    start: Plan | None,
    halt: Path,
) -> list[_Part]:
    """One for each group, with its share of the effort by the number of its visits."""
    parts = []
    in_groups = sum(len(g.visits) for g in groups)
    for group in groups:
        own = with_own_stock(snapshot, group)
        nothing = Plan(())
        cut = Excerpts(own, travel, nothing, derive(own, nothing, travel))
        excerpt = cut.of_all(group.visits, group.technicians)
        share = _GROUPS_SHARE * len(group.visits) / in_groups
        begin = start and Plan(
            tuple(r for r in start.routes if r.technician_id in group.technicians)
        )
        parts.append(
            _Part(
                excerpt.snapshot,
                excerpt.travel,
                begin,
                None if seconds is None else seconds * cores * share,
                None if iterations is None else int(iterations * share),
                seed,
                halt,
            )
        )
    return sorted(parts, key=lambda part: -len(part.snapshot.visits))


def _plan(part: _Part) -> Plan:
    """What a worker does."""
    return make_plan(
        part.snapshot,
        part.travel,
        seconds=part.seconds,
        iterations=part.iterations,
        seed=part.seed,
        report=lambda _: None,
        stop=part.stop.exists,
        start=part.start,
        cores=1,
    )


def _planned(
    parts: Sequence[_Part],
    executor: Executor,
    tell: "_Tell",
    stop: Callable[[], bool],
    halt: Path,
) -> list[Plan]:
    """The plans of all groups, in their order. What a worker had in hand that died is done here."""
    futures = [executor.submit(_plan, part) for part in parts]
    open_ = set(futures)
    while open_:
        tell.groups_done(len(futures) - len(open_))
        if stop():
            halt.touch()
        open_ = wait(open_, _LOOK_S).not_done
    return [_result(future, part) for future, part in zip(futures, parts, strict=True)]


def _result(future: Future[Plan], part: _Part) -> Plan:
    try:
        return future.result()
    except BrokenExecutor:
        return _plan(part)


def _mended(
    snapshot: Snapshot,
    travel: Travel,
    joined: Plan,
    groups: tuple[Group, ...],
    seconds: float | None,
    iterations: int | None,
    seed: int,
    report: Callable[[Progress], None],
    stop: Callable[[], bool],
    cores: int,
) -> Plan:
    """The plan searched again where groups meet, with all the stock that is left."""
    seam = seam_of(snapshot, joined, groups)
    if not seam.technicians and not seam.visits:
        return joined
    times = derive(snapshot, joined, travel)
    excerpt = Excerpts(snapshot, travel, joined, times).of_all(seam.visits, seam.technicians)
    plan = make_plan(
        excerpt.snapshot,
        excerpt.travel,
        seconds=seconds,
        iterations=iterations,
        seed=seed,
        report=report,
        stop=stop,
        start=excerpt.plan,
        cores=cores,
    )
    rest = replace(
        joined,
        routes=tuple(timed.route for timed in excerpt.others),
        unassigned=tuple(u for u in joined.unassigned if u.visit_id not in excerpt.snapshot.visit),
    )
    return _joined([plan, rest])


def _joined(plans: Sequence[Plan]) -> Plan:
    """Plans of different technicians as one. What is known of the best plan holds for none."""
    routes = (route for plan in plans for route in plan.routes)
    return replace(
        plans[0],
        routes=tuple(sorted(routes, key=lambda r: (r.technician_id, r.shift_id))),
        unassigned=tuple(left for plan in plans for left in plan.unassigned),
        iterations=sum(plan.iterations or 0 for plan in plans),
        bound_fen=None,
    )


class _Tell:
    """Progress of the groups, and then of the seam, as one whole."""

    def __init__(self, report: Callable[[Progress], None], visits: int, groups: int) -> None:
        self._report = report
        self._visits = visits
        self._groups = groups

    def groups_done(self, done: int) -> None:
        share = _GROUPS_SHARE * done / self._groups
        phase = "groups" if compiled() else "compiling"
        self._report(Progress(phase, 0.0, 0, 0.0, 0, 0, self._visits, 0, share))

    def of_the_seam(self, at: Progress) -> None:
        share = _GROUPS_SHARE + (1 - _GROUPS_SHARE) * at.share_done
        self._report(replace(at, phase="seam", share_done=share))
