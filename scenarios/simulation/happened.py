"""A day as it happened, judged by the referee: who did what, what it cost, which rules it broke."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin, Visit, WorkOrder
from dispatch.travel import Travel


@dataclass(frozen=True, slots=True)
class Done:
    """A visit as it was carried out: by whom, from when."""

    visit: Visit
    order: WorkOrder
    technician_ids: tuple[str, ...]
    start_at: datetime


class DayHistory:
    """Collects what people do on one day. ``facts`` are those with which it began."""

    def __init__(self, facts: Snapshot, travel: Travel) -> None:
        self._facts, self._travel = facts, travel
        self._stops: dict[str, list[Stop]] = {}
        self._done: dict[str, Done] = {}

    def add(self, past: Mapping[str, Iterable[Stop]]) -> None:
        """Stops that are past now, by shift."""
        for shift_id, stops in past.items():
            self._stops.setdefault(shift_id, []).extend(stops)

    def did(self, done: Done) -> None:
        self._done[done.visit.id] = done

    def verdict(self) -> Verdict:
        """What the referee says of the day, without the prices of clocks and of plans."""
        facts = self._facts
        shifts = {s.id: t.id for t in facts.technicians for s in t.shifts}
        snapshot = replace(
            facts,
            now_at=facts.start_at,
            work_orders=tuple({d.order.id: d.order for d in self._done.values()}.values()),
            visits=tuple(
                replace(
                    d.visit,
                    parts=(),
                    tools=(),
                    windows=(),
                    release_at=None,
                    crew_size=len(d.technician_ids),
                )
                for d in self._done.values()
            ),
            pins=tuple(
                Pin(d.visit.id, d.technician_ids[0], d.start_at, None, d.technician_ids[1:])
                for d in self._done.values()
            ),
            sla_rules=(),
        )
        routes = (
            Route(shifts[shift_id], shift_id, tuple(_as_done(s) for s in stops))
            for shift_id, stops in self._stops.items()
            if any(stop.kind is StopKind.VISIT for stop in stops)
        )
        return judge(snapshot, Plan(tuple(routes)), self._travel)

    @property
    def used(self) -> Mapping[str, int]:
        """Units that were taken along for visits, by part."""
        used: Counter[str] = Counter()
        for stops in self._stops.values():
            for stop in stops:
                if stop.kind is StopKind.VISIT:
                    for part in stop.parts:
                        used[part.part_id] += part.quantity
        return used


def _as_done(stop: Stop) -> Stop:
    """The stop without its parts, which the day began without knowing of."""
    return replace(stop, parts=(), tools=(), not_before_at=None)
