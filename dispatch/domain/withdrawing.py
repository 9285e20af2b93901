"""Mistaken events are taken back: the life is then as if they had never been (docs/life.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from dispatch.domain.events import EmergencyPlan, EmergencyReason, Event, EventKind, Withdrawal
from dispatch.domain.life import Life
from dispatch.domain.life_errors import IllegalStepError, not_withdrawn_so, rests_on
from dispatch.domain.lifecycle import is_known, life_of
from dispatch.texts import Text

LATELY = timedelta(minutes=15)
"""For how long technicians may withdraw what they recorded."""

_CHECKS = (EventKind.IN_WARRANTY, EventKind.OUT_OF_WARRANTY)

INSTEAD: Mapping[EventKind, Text] = {
    EventKind.REPORTED: Text("cancel the work order instead", "请改为取消派工单"),
    EventKind.PUBLISHED: Text("change the plan instead", "请改为调整计划"),
    EventKind.UNPUBLISHED: Text("change the plan instead", "请改为调整计划"),
    EventKind.VISIT_DROPPED: Text(
        "its clocks have passed to the other visits: take a new ticket in if the work is wanted",
        "其时限已转由其他任务承担：如仍需上门，请另行受理报修单",
    ),
    EventKind.EMERGENCY_OPENED: Text("close the emergency plan instead", "请改为解除应急预案"),
}
"""What is not withdrawn since people were told or other things followed, and what to do instead."""


def withdraw(life: Life, event: Event, withdrawal: Event) -> Life:
    """The life as it is without ``event``, which is on record; ``withdrawal`` names it.

    What followed from it by itself goes with it: the check of the warranty, and the emergency plan
    that a word of no finding opened. Withdrawn already, nothing changes.

    Raises:
        MalformedEventError: the id of ``withdrawal`` is another event's.
        WithdrawalError: it is of a kind that is not withdrawn, or later events rest on it.
    """
    if is_known(life, withdrawal) or event in life.withdrawn:
        return life
    if event.kind in INSTEAD:
        raise not_withdrawn_so(event, INSTEAD[event.kind])
    further = (
        replace(withdrawal, id=f"{withdrawal.id}/{n}", visit_id=None, details=Withdrawal(one.id))
        for n, one in enumerate(_followed_by_itself(life, event), start=1)
    )
    try:
        after = life_of(life.work_order, life.visits, (*life.known, withdrawal, *further))
    except IllegalStepError as error:
        raise rests_on(event, (error.event,)) from error
    stranded = tuple(e for e in after.waiting if e in life.events)
    if stranded:
        raise rests_on(event, stranded)
    return after


def _followed_by_itself(life: Life, event: Event) -> Iterator[Event]:
    """What nobody recorded: it was written because the event was."""
    says_so_too = any(e.kind is event.kind and e != event for e in life.events)
    for other in life.events:
        is_check = other.kind in _CHECKS and other.id == f"{event.id}/{other.kind}"
        is_help = event.kind is EventKind.NO_FINDING and not says_so_too and _helps(other, event)
        if is_check or is_help:
            yield other


def _helps(other: Event, event: Event) -> bool:
    plan = other.details
    is_plan = isinstance(plan, EmergencyPlan) and plan.reason is EmergencyReason.NO_FINDING
    return is_plan and other.happened_at >= event.happened_at
