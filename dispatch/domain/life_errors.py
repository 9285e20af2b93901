"""What is said of events that cannot be taken in."""

from collections.abc import Collection

from dispatch.domain.errors import DispatchError
from dispatch.domain.events import Event, EventKind
from dispatch.domain.life_texts import EVENTS, STATES
from dispatch.domain.transitions import State
from dispatch.texts import Language, Text


class LifeError(DispatchError):
    """An event that cannot be taken in."""

    def __init__(self, event: Event, message: Text) -> None:
        who_zh = who(event, Language.ZH)
        super().__init__(f"{who(event, Language.EN)}: {message.en}", f"{who_zh}：{message.zh}")
        self.event = event


class MalformedEventError(LifeError):
    """An event that does not belong to the work order, or lacks what its kind has to tell."""


class IllegalStepError(LifeError):
    """An event that cannot follow what had happened by then; ``legal`` are those that can."""

    def __init__(
        self, event: Event, states: Collection[State], reason: Text, legal: tuple[EventKind, ...]
    ) -> None:
        super().__init__(
            event,
            Text(
                f"{what(event, Language.EN)} is not possible:"
                f" {' / '.join(STATES[s].en for s in states)}{reason.en}."
                f" Possible then: {', '.join(EVENTS[k].en for k in legal) or '-'}.",
                f"{what(event, Language.ZH)}不可行："
                f"{' / '.join(STATES[s].zh for s in states)}{reason.zh}。"
                f"当时可行：{'、'.join(EVENTS[k].zh for k in legal) or '-'}。",
            ),
        )
        self.legal = legal


class ContradictionError(LifeError):
    """An event that by itself could have happened, but not together with a ``recorded`` one."""

    def __init__(self, event: Event, error: LifeError) -> None:
        super().__init__(
            event,
            Text(
                f"{what(event, Language.EN)} contradicts event {error.event.id} on record."
                f" With both: {error.message_en}",
                f"{what(event, Language.ZH)}与已有记录（事件 {error.event.id}）矛盾。"
                f"若两者都成立：{error.message_zh}",
            ),
        )
        self.recorded = error.event


class WithdrawalError(LifeError):
    """An event that cannot be withdrawn; ``later`` are those that rest on it."""

    def __init__(self, event: Event, message: Text, later: tuple[Event, ...] = ()) -> None:
        super().__init__(event, message)
        self.later = later


def not_withdrawn_so(event: Event, instead: Text) -> WithdrawalError:
    return WithdrawalError(
        event,
        Text(
            f"{what(event, Language.EN)} cannot be withdrawn; {instead.en}.",
            f"{what(event, Language.ZH)}不能撤回；{instead.zh}。",
        ),
    )


def rests_on(event: Event, later: tuple[Event, ...]) -> WithdrawalError:
    named_en = ", ".join(f"{what(e, Language.EN)} ({e.id})" for e in later)
    named_zh = "、".join(f"{what(e, Language.ZH)}{e.id}" for e in later)
    return WithdrawalError(
        event,
        Text(
            f"{what(event, Language.EN)} cannot be withdrawn while later events rest on it:"
            f" {named_en}. Withdraw what came later first, the last one before the others.",
            f"{what(event, Language.ZH)}不能撤回，之后的记录以它为依据：{named_zh}。"
            "请先撤回之后的记录，从最后一条开始。",
        ),
        later,
    )


def who(event: Event, lang: Language) -> str:
    """``Work order W1, visit V1``."""
    order = lang.pick(f"Work order {event.work_order_id}", f"派工单 {event.work_order_id}")
    if event.visit_id is None:
        return order
    return order + lang.pick(f", visit {event.visit_id}", f" 任务 {event.visit_id}")


def what(event: Event, lang: Language) -> str:
    """``'arrived' at 2026-09-28 01:30:00+00:00``."""
    when = event.happened_at.isoformat(" ", "seconds")
    return lang.pick(f"'{EVENTS[event.kind].en}' at {when}", f"“{EVENTS[event.kind].zh}”（{when}）")
