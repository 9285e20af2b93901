"""Taking events into the life of a work order (docs/life.md).

The state is a function of the set of events: they are taken in the order in which they happened,
whenever they came in. The table of what may follow what is in ``dispatch.domain.transitions``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from dispatch.domain.event_sense import nonsense_in
from dispatch.domain.events import DETAILS, Event, EventKind, Withdrawal
from dispatch.domain.gates import gates_of
from dispatch.domain.life import Life, complaint_of, ended_well, in_time, subject_of
from dispatch.domain.life_errors import (
    ContradictionError,
    IllegalStepError,
    MalformedEventError,
    what,
)
from dispatch.domain.transitions import (
    FIELD,
    FINISHED,
    MOVES,
    OVER,
    STARTED,
    Move,
    State,
    Track,
)
from dispatch.domain.work import Visit, WorkOrder
from dispatch.texts import Language, Text


def life_of(work_order: WorkOrder, visits: Iterable[Visit], events: Iterable[Event]) -> Life:
    """The life that the events tell, whatever order they are given in.

    They are taken by ``happened_at``; at the same instant in the order of ``EventKind``, then by
    id. Those that were withdrawn are taken by nobody. Raises IllegalStepError for the first that is
    not possible, which none is if each of them was let in by ``step`` or ``withdraw``.
    """
    known = sorted(events, key=in_time)
    mistakes = {e.details.event_id for e in known if isinstance(e.details, Withdrawal)}
    blank = Life(
        work_order,
        tuple(visits),
        withdrawn=tuple(e for e in known if e.id in mistakes),
        withdrawals=tuple(e for e in known if e.kind is EventKind.WITHDRAWN),
    )
    counting = (e for e in known if e.kind is not EventKind.WITHDRAWN and e.id not in mistakes)
    return _told_by(blank, counting)


def step(life: Life, event: Event, *, late: bool = False) -> Life:
    """The life with one more event, taken in at the time when it happened.

    An event that is there already changes nothing. ``late`` is for what a phone sends when it has
    a signal again: events from the field then wait for those that must have come before them.

    Raises:
        MalformedEventError: it does not belong to the work order, or its id is another event's.
        IllegalStepError: it cannot follow what had happened by then.
        ContradictionError: what happened later could not have followed it.
    """
    if is_known(life, event):
        return life
    counting = (*life.events, *life.waiting)
    before = _told_by(life, (e for e in counting if in_time(e) < in_time(event)))
    _check(before, event)
    waits = late and event.kind in FIELD
    if not waits and not _may_be_recorded(before, event.kind, subject_of(event)):
        raise _illegal(before, event)
    try:
        return _told_by(life, (*counting, event))
    except IllegalStepError as error:
        if error.event == event:
            raise
        raise ContradictionError(event, error) from error


def legal_kinds(
    life: Life, visit_id: str | None = None, complaint_id: str | None = None
) -> tuple[EventKind, ...]:
    """What may be recorded next: of the work order, or of one of its visits or complaints."""
    subjects = {Track.VISIT: visit_id, Track.COMPLAINT: complaint_id}
    if visit_id is None and complaint_id is None:
        subjects = {track: "" for track in Track if track not in subjects}
    return tuple(
        kind
        for kind in EventKind
        if (subject := subjects.get(MOVES[kind].track)) is not None
        and _may_be_recorded(life, kind, subject)
    )


@dataclass(frozen=True, slots=True)
class Step:
    """In the state ``start`` of a visit, ``kind`` may happen on site and leads to ``end``."""

    start: State
    kind: EventKind
    end: State


def field_steps(life: Life, visit_id: str) -> tuple[Step, ...]:
    """What may happen on site, from every state that the visit may come to: whoever has no signal
    goes by it. What would change nothing, as when another of a crew arrives, is left out."""
    return tuple(
        Step(start, kind, MOVES[kind].end)
        for start in (State.PUBLISHED, *STARTED)
        for kind in EventKind
        if kind in FIELD
        and start in MOVES[kind].start
        and _may_be_recorded(_with_state(life, visit_id, start), kind, visit_id)
    )


def _with_state(life: Life, visit_id: str, state: State) -> Life:
    return replace(life, states={**life.states, (Track.VISIT, visit_id): state})


# ----------------------------------------------------------------------------------- one event


def _told_by(life: Life, counting: Iterable[Event]) -> Life:
    """The life that these events tell, and no others."""
    life = replace(life, events=(), waiting=(), states={})
    for event in sorted(counting, key=in_time):
        life = _taken_in(life, event)
    return life


def _taken_in(life: Life, event: Event) -> Life:
    if _fits(life, event.kind, subject_of(event)):
        return _with_waiting(_applied(life, event))
    if _may_wait(life, event):
        return replace(life, waiting=(*life.waiting, event))
    raise _illegal(life, event)


def _with_waiting(life: Life) -> Life:
    """The life after all events that have waited for what is there now."""
    for event in life.waiting:
        if _fits(life, event.kind, subject_of(event)):
            waiting = tuple(e for e in life.waiting if e is not event)
            return _with_waiting(_applied(replace(life, waiting=waiting), event))
    return life


def _applied(life: Life, event: Event) -> Life:
    move, subject = MOVES[event.kind], subject_of(event)
    events = (*life.events, event)
    if life.on(move.track, subject) in move.unmoved:
        return replace(life, events=events)
    return replace(life, events=events, states={**life.states, (move.track, subject): move.end})


def _may_wait(life: Life, event: Event) -> bool:
    visit = life.on(Track.VISIT, subject_of(event))
    return event.kind in FIELD and life.order not in OVER and visit not in FINISHED


def is_known(life: Life, event: Event) -> bool:
    """Whether the event is on record. Raises MalformedEventError if its id is another event's."""
    for other in life.known:
        if other.id == event.id:
            if replace(other, recorded_at=event.recorded_at) == event:
                return True
            raise MalformedEventError(
                event,
                Text(
                    f"the event id {event.id!r} is that of {what(other, Language.EN)}, which is"
                    " another event. Give each event an id of its own.",
                    f"事件编号 {event.id!r} 已用于另一事件{what(other, Language.ZH)}。"
                    "请为每个事件使用唯一编号。",
                ),
            )
    return False


def _check(life: Life, event: Event) -> None:
    """Raises MalformedEventError."""
    if event.work_order_id != life.work_order.id:
        own = life.work_order.id
        raise MalformedEventError(
            event,
            Text(
                f"event {event.id} cannot be taken into the life of work order {own}.",
                f"事件 {event.id} 不属于派工单 {own}。",
            ),
        )
    of_visit = MOVES[event.kind].track is Track.VISIT
    if of_visit and event.visit_id not in life.visit:
        names = ", ".join(life.visit) or "-"
        raise MalformedEventError(
            event,
            Text(
                f"{what(event, Language.EN)} has to name one of the visits: {names}.",
                f"{what(event, Language.ZH)}应指明其任务之一：{names}。",
            ),
        )
    if not of_visit and event.visit_id is not None:
        raise MalformedEventError(
            event,
            Text(
                f"{what(event, Language.EN)} is about the work order; name no visit.",
                f"{what(event, Language.ZH)}针对派工单，请勿指明任务。",
            ),
        )
    wanted = DETAILS.get(event.kind, type(None))
    if type(event.details) is not wanted:
        given = type(event.details).__name__
        raise MalformedEventError(
            event,
            Text(
                f"{what(event, Language.EN)} needs details of type {wanted.__name__}, not {given}.",
                f"{what(event, Language.ZH)}的详情类型应为 {wanted.__name__}，而不是 {given}。",
            ),
        )
    nonsense = nonsense_in(event.details)
    if nonsense is not None:
        raise MalformedEventError(
            event,
            Text(
                f"{what(event, Language.EN)}: {nonsense.en}.",
                f"{what(event, Language.ZH)}：{nonsense.zh}。",
            ),
        )


def _illegal(life: Life, event: Event) -> IllegalStepError:
    track, subject = MOVES[event.kind].track, subject_of(event)
    condition = {**_CONDITIONS, **_CONDITIONS_WHEN_RECORDED}.get(event.kind)
    follows = _follows(life, MOVES[event.kind], subject)
    return IllegalStepError(
        event,
        states=dict.fromkeys([life.order, life.on(track, subject)]),
        reason=condition.otherwise if condition and follows else Text("", ""),
        legal=legal_kinds(life, event.visit_id, complaint_of(event)),
    )


# ------------------------------------------------------------------------------ what is possible


def _may_be_recorded(life: Life, kind: EventKind, subject: str) -> bool:
    return _fits(life, kind, subject) and _holds(_CONDITIONS_WHEN_RECORDED, life, kind, subject)


def _fits(life: Life, kind: EventKind, subject: str) -> bool:
    return _follows(life, MOVES[kind], subject) and _holds(_CONDITIONS, life, kind, subject)


def _follows(life: Life, move: Move, subject: str) -> bool:
    now = life.on(move.track, subject)
    return life.order in move.orders and (now in move.start or now in move.unmoved)


@dataclass(frozen=True, slots=True)
class _Condition:
    """What has to hold beside the table, and what is said if it does not."""

    holds: Callable[[Life, str], bool]
    otherwise: Text


def _holds(
    conditions: Mapping[EventKind, _Condition], life: Life, kind: EventKind, subject: str
) -> bool:
    return kind not in conditions or conditions[kind].holds(life, subject)


def _has_run_in(life: Life, visit_id: str) -> bool:
    return life.on(Track.VISIT, visit_id) is State.RAN_IN or not life.visit[visit_id].run_in_s


def _is_done(life: Life, _: str) -> bool:
    """Nobody is told to come or busy; a cleared order's visits are over, the last signed off."""
    visits = {life.on(Track.VISIT, v.id) for v in life.visits}
    idle = visits.isdisjoint((State.PUBLISHED, *STARTED))
    return idle and (life.order is not State.CLEARED or ended_well(life))


def _was_served(life: Life, _: str) -> bool:
    return any(e.kind in (EventKind.SIGNED_OFF, EventKind.SOLVED_REMOTELY) for e in life.events)


def _is_released(life: Life, _: str) -> bool:
    """As the rule ``release`` has it: no gate is open that nobody knows the end of."""
    return all(g.passed_at or g.expected_at for g in gates_of(life.events))


_CONDITIONS: Mapping[EventKind, _Condition] = {
    EventKind.SIGNED_OFF: _Condition(
        _has_run_in, Text(", the run-in has not ended", "，试运行尚未结束")
    ),
    EventKind.CLOSED: _Condition(
        _is_done,
        Text(
            ", a visit is not over or the last one was not signed off",
            "，有任务未结束或最后一次任务未签收",
        ),
    ),
    EventKind.SATISFACTION_CALLED: _Condition(
        _was_served, Text(", nothing was signed off or solved", "，尚无签收或远程解决记录")
    ),
}

# People were told, even if it turns out later that a gate had been open.
_CONDITIONS_WHEN_RECORDED: Mapping[EventKind, _Condition] = {
    EventKind.PUBLISHED: _Condition(
        _is_released,
        Text(", a gate is open and nobody knows until when", "，有前置条件未满足且无预计时间"),
    ),
}
