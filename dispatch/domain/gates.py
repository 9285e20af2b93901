"""The gates of a work order, from its events."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dispatch.domain.events import Event, EventKind, Expectation, PartsAsked, Quote
from dispatch.domain.work import Gate, GateKind

_PASSES = {
    EventKind.SOLVED_REMOTELY: GateKind.REMOTE_DIAGNOSIS,
    EventKind.ON_SITE_NEEDED: GateKind.REMOTE_DIAGNOSIS,
    EventKind.DIAGNOSIS_SKIPPED: GateKind.REMOTE_DIAGNOSIS,
    EventKind.IN_WARRANTY: GateKind.QUOTE,
    EventKind.QUOTE_ASKED: GateKind.QUOTE,
    EventKind.QUOTE_ACCEPTED: GateKind.QUOTE,
    EventKind.QUOTE_REFUSED: GateKind.QUOTE,
    EventKind.PARTS_ASKED: GateKind.PARTS,
    EventKind.PARTS_THERE: GateKind.PARTS,
    EventKind.PAUSED: GateKind.PAUSE,
    EventKind.RESUMED: GateKind.PAUSE,
}

_OPENS = {
    EventKind.REPORTED: GateKind.REMOTE_DIAGNOSIS,
    EventKind.ON_SITE_NEEDED: GateKind.QUOTE,
    EventKind.DIAGNOSIS_SKIPPED: GateKind.QUOTE,
    EventKind.QUOTE_ASKED: GateKind.QUOTE,
    EventKind.QUOTE_REFUSED: GateKind.QUOTE,
    EventKind.PARTS_ASKED: GateKind.PARTS,
    EventKind.PAUSED: GateKind.PAUSE,
}

_WAIT_FOR_CUSTOMER = (EventKind.QUOTE_ASKED, EventKind.PAUSED)
_END = (EventKind.CLOSED, EventKind.CANCELLED)


def gates_of(events: Iterable[Event]) -> tuple[Gate, ...]:
    """The gates that the events, in their order, opened and passed.

    An event may pass a gate and open the next one of the same kind: the quote gate waits for our
    check of the warranty and our quote first, then for the customer. A gate that was open for no
    time is left out; the end of the work order passes all of them.
    """
    passed: list[Gate] = []
    open_gates: dict[GateKind, Gate] = {}
    for event in events:
        ending = tuple(open_gates) if event.kind in _END else (_PASSES.get(event.kind),)
        for kind in ending:
            gate = open_gates.pop(kind, None) if kind is not None else None
            if gate is not None and gate.opened_at < event.happened_at:
                passed.append(replace(gate, passed_at=event.happened_at))
        if event.kind in _OPENS:
            open_gates[_OPENS[event.kind]] = _opened(event)
    return (*passed, *open_gates.values())


def _opened(event: Event) -> Gate:
    return Gate(
        kind=_OPENS[event.kind],
        opened_at=event.happened_at,
        expected_at=_expected_at(event),
        waits_for_customer=event.kind in _WAIT_FOR_CUSTOMER,
    )


def _expected_at(event: Event) -> datetime | None:
    details = event.details
    return details.expected_at if isinstance(details, Expectation | Quote | PartsAsked) else None
