"""The events that stand behind a work order which comes from tables: its gates and times.

Tables say how things stand, not how they came about. From here on the work order lives by events
like any other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.domain.events import (
    Details,
    Event,
    EventKind,
    Expectation,
    PartsAsked,
    Publication,
    Quote,
    Repair,
)
from dispatch.domain.transitions import MOVES, Track
from dispatch.domain.work import Commitment, Gate, GateKind, Visit, WorkOrder


def opening_events(
    work_order: WorkOrder,
    visits: Sequence[Visit],
    commitments: Mapping[str, Commitment],
    now_at: datetime,
    by: str,
) -> tuple[Event, ...]:
    """The events of a work order that ``work_order_of`` makes the same gates and times of.

    ``commitments`` are by visit; they were told by ``now_at`` at the latest, which is also when
    the events are recorded. A recorded arrival or repair is that of the first visit, and lost if
    there is none. Each kind of gate counts once: its last. Where times of a table contradict each
    other, what has to come later happened with what comes before it, at the earliest. The ids
    follow from the work order, so that the same events come of the same tables.
    """
    blank = Event("", EventKind.REPORTED, work_order.id, now_at, now_at, by)
    return tuple(
        replace(
            blank,
            id="/".join(filter(None, (work_order.id, f.visit_id, f.kind.value))),
            kind=f.kind,
            happened_at=f.happened_at,
            visit_id=f.visit_id,
            details=f.details,
        )
        for f in _possible(
            (
                *_of_desk(work_order),
                *_of_visits(work_order, visits, commitments, now_at),
            ),
            work_order.reported_at,
        )
    )


@dataclass(frozen=True, slots=True)
class _Fact:
    kind: EventKind
    happened_at: datetime
    details: Details | None = None
    visit_id: str | None = None


def _possible(facts: Iterable[_Fact], reported_at: datetime) -> Iterator[_Fact]:
    """The facts, none of them before the one that precedes it in its track."""
    latest: dict[tuple[Track | None, str | None], datetime] = {}
    for fact in facts:
        move = MOVES[fact.kind]
        track = (move.track if move.start else None), fact.visit_id
        latest[track] = max(fact.happened_at, latest.get(track, reported_at))
        yield replace(fact, happened_at=latest[track])


def _of_desk(order: WorkOrder) -> Iterator[_Fact]:
    gates = {gate.kind: gate for gate in order.gates}
    diagnosis = gates.get(GateKind.REMOTE_DIAGNOSIS)
    expected_at = diagnosis.expected_at if diagnosis else None
    yield _Fact(EventKind.REPORTED, order.reported_at, Expectation(expected_at))
    if order.responded_at:
        yield _Fact(EventKind.RESPONDED, order.responded_at)
    if diagnosis is None:
        yield _Fact(EventKind.DIAGNOSIS_SKIPPED, order.reported_at)
        yield from _of_quote(gates.get(GateKind.QUOTE), order.reported_at)
    elif diagnosis.passed_at:
        yield _Fact(EventKind.ON_SITE_NEEDED, diagnosis.passed_at)
        yield from _of_quote(gates.get(GateKind.QUOTE), diagnosis.passed_at)
    yield from _of_parts(gates.get(GateKind.PARTS))
    yield from _of_pause(gates.get(GateKind.PAUSE))


def _of_quote(gate: Gate | None, diagnosed_at: datetime) -> Iterator[_Fact]:
    """A quote gate that does not wait for the customer waits for our quote."""
    if gate is None:
        yield _Fact(EventKind.IN_WARRANTY, diagnosed_at)
        return
    yield _Fact(EventKind.OUT_OF_WARRANTY, diagnosed_at)
    if gate.waits_for_customer or gate.passed_at:
        asked_at = gate.opened_at if gate.waits_for_customer else gate.passed_at
        yield _Fact(EventKind.QUOTE_ASKED, asked_at or gate.opened_at, Quote(0, gate.expected_at))
    if gate.passed_at:
        yield _Fact(EventKind.QUOTE_ACCEPTED, gate.passed_at)


def _of_parts(gate: Gate | None) -> Iterator[_Fact]:
    if gate is not None:
        yield _Fact(EventKind.PARTS_ASKED, gate.opened_at, PartsAsked((), gate.expected_at))
        if gate.passed_at:
            yield _Fact(EventKind.PARTS_THERE, gate.passed_at)


def _of_pause(gate: Gate | None) -> Iterator[_Fact]:
    if gate is not None:
        yield _Fact(EventKind.PAUSED, gate.opened_at, Expectation(gate.expected_at))
        if gate.passed_at:
            yield _Fact(EventKind.RESUMED, gate.passed_at)


def _of_visits(
    order: WorkOrder,
    visits: Sequence[Visit],
    commitments: Mapping[str, Commitment],
    now_at: datetime,
) -> Iterator[_Fact]:
    for number, visit in enumerate(visits):
        been = [at for at in (order.arrived_at, order.restored_at) if at and number == 0]
        told = commitments.get(visit.id)
        if told or been:
            publication = Publication(
                told.technician_ids if told else (), told.start_at if told else min(been)
            )
            yield _Fact(EventKind.PUBLISHED, min([now_at, *been]), publication, visit.id)
        if been:
            yield _Fact(EventKind.ARRIVED, min(been), None, visit.id)
        if been and order.restored_at:
            yield _Fact(EventKind.REPAIRED, order.restored_at, Repair(), visit.id)
