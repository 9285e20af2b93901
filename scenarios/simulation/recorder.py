"""What is written down while a simulation runs: events, as the record of an organisation has
them, and every plan that people are told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from dispatch.domain.events import Details, Event, EventKind
from dispatch.domain.life import in_time
from dispatch.domain.work import Commitment
from dispatch.judged import JudgedPlan
from scenarios.simulation.documents import PlanLine, event_line

DESK = "desk"

Sink = Callable[[dict[str, Any]], None]
"""Takes one line of the log after the other."""


class Recorder:
    """Numbers events and hands on the lines of the log."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._number = 0
        self._waiting: list[Event] = []
        self._plans = PlanLine()
        self.events: dict[str, list[Event]] = {}

    def note(
        self,
        kind: EventKind,
        order_id: str,
        at: datetime,
        by: str = DESK,
        visit_id: str | None = None,
        details: Details | None = None,
    ) -> None:
        """Something happened; it is written with what else happened until ``flush``."""
        self._number += 1
        event = Event(f"E{self._number:07}", kind, order_id, at, at, by, visit_id, details)
        self._waiting.append(event)
        self.events.setdefault(order_id, []).append(event)

    def flush(self) -> None:
        """Write what has happened, in its order."""
        for event in sorted(self._waiting, key=in_time):
            self._sink(event_line(event))
        self._waiting = []

    def tell(self, plan: JudgedPlan, at: datetime, by: str) -> None:
        """A plan that people are told."""
        self.flush()
        self._sink(self._plans.line(plan, at, by))


def news(
    before: Sequence[Commitment], after: Sequence[Commitment], tolerance_s: int
) -> tuple[list[Commitment], list[Commitment]]:
    """What is told anew: who comes or when has changed by more than the tolerance; and what is
    taken back."""
    known = {c.visit_id: c for c in before}
    told = [
        c
        for c in after
        if c.visit_id not in known
        or set(known[c.visit_id].technician_ids) != set(c.technician_ids)
        or abs(known[c.visit_id].start_at - c.start_at) > timedelta(seconds=tolerance_s)
    ]
    still = {c.visit_id for c in after}
    return told, [c for c in before if c.visit_id not in still]
