"""Mistaken events are withdrawn: what goes with them, and what stands in the way."""

from dataclasses import replace

import pytest

from dispatch.domain.events import EmergencyPlan, EmergencyReason, Event, Withdrawal
from dispatch.domain.events import EventKind as E
from dispatch.domain.life import Life, order_state, visit_state
from dispatch.domain.life_errors import MalformedEventError, WithdrawalError
from dispatch.domain.lifecycle import step
from dispatch.domain.recorded import work_order_of
from dispatch.domain.transitions import State
from dispatch.domain.withdrawing import withdraw
from tests.dispatch.domain.lives import ON_SITE, ONE_VISIT, TO_READY, an_event, lived, minute

PUBLISHED = (*TO_READY, E.PUBLISHED)


def without(life: Life, kind: E, number: int = 90) -> Life:
    """The life without the last event of a kind."""
    event = next(e for e in reversed((*life.events, *life.waiting)) if e.kind is kind)
    return withdraw(life, event, withdrawal_of(event, number))


def withdrawal_of(event: Event, number: int = 90) -> Event:
    details = Withdrawal(event.id)
    return an_event(E.WITHDRAWN, number, id=f"not {event.id}", details=details, note="a slip")


def test_a_tap_on_the_wrong_button_is_as_if_it_had_never_been() -> None:
    before = lived(*PUBLISHED, E.DEPARTED)
    wrong = an_event(E.ARRIVED, 9)
    life = step(before, wrong)
    assert work_order_of(life).arrived_at == minute(9)
    back = withdraw(life, wrong, withdrawal_of(wrong))
    assert (back.events, back.states) == (before.events, before.states)
    assert work_order_of(back) == work_order_of(before)
    assert (back.withdrawn, back.withdrawals) == ((wrong,), (withdrawal_of(wrong),))
    right = step(back, an_event(E.ARRIVED, 20))
    assert work_order_of(right).arrived_at == minute(20)


def test_what_rests_on_it_stands_in_the_way_and_is_named() -> None:
    life = lived(*PUBLISHED, *ON_SITE, E.REPAIRED, E.SIGNED_OFF)
    with pytest.raises(WithdrawalError) as error:
        without(life, E.ARRIVED)
    assert [e.kind for e in error.value.later] == [E.REPAIRED, E.SIGNED_OFF]
    assert "'signed off'" in error.value.message_en
    assert "“客户签收”" in error.value.message_zh
    assert visit_state(without(life, E.DEPARTED), "V1") is State.SIGNED_OFF
    life = without(without(life, E.SIGNED_OFF), E.REPAIRED)
    assert visit_state(without(life, E.ARRIVED), "V1") is State.UNDER_WAY
    closed = lived(*PUBLISHED, *ON_SITE, E.REPAIRED, E.SIGNED_OFF, E.CLOSED, life=ONE_VISIT)
    with pytest.raises(WithdrawalError, match="'closed'"):
        without(closed, E.SIGNED_OFF)


def test_the_end_of_an_order_is_taken_back() -> None:
    life = without(lived(*PUBLISHED, E.CANCELLED), E.CANCELLED)
    assert (order_state(life), work_order_of(life).gates) == (
        State.PUBLISHED,
        work_order_of(lived(*PUBLISHED)).gates,
    )


def test_what_nobody_recorded_goes_with_what_it_follows_from() -> None:
    needed = an_event(E.ON_SITE_NEEDED, 1, id="N")
    checked = replace(an_event(E.IN_WARRANTY, 1), id="N/in_warranty")
    life = lived(E.REPORTED, needed, checked)
    assert order_state(without(life, E.ON_SITE_NEEDED)) is State.REPORTED
    plan = EmergencyPlan(EmergencyReason.NO_FINDING)
    helped = lived(*PUBLISHED, *ON_SITE, E.NO_FINDING, E.NO_FINDING)
    helped = step(helped, an_event(E.EMERGENCY_OPENED, 9, details=plan))
    once = without(helped, E.NO_FINDING)
    assert E.EMERGENCY_OPENED in {e.kind for e in once.events}, "the other one says so too"
    twice = without(once, E.NO_FINDING, 91)
    assert {e.kind for e in twice.withdrawn} == {E.NO_FINDING, E.EMERGENCY_OPENED}
    assert len(twice.withdrawals) == 3


@pytest.mark.parametrize("kind", [E.REPORTED, E.PUBLISHED])
def test_what_people_were_told_is_not_withdrawn(kind: E) -> None:
    with pytest.raises(WithdrawalError, match="instead"):
        without(lived(*PUBLISHED), kind)


def test_the_same_again_changes_nothing_and_another_of_its_id_is_refused() -> None:
    life = lived(*PUBLISHED, *ON_SITE)
    departed, arrived = life.events[-2:]
    back = withdraw(life, arrived, withdrawal_of(arrived))
    assert withdraw(back, arrived, withdrawal_of(arrived)) is back
    assert withdraw(back, arrived, replace(withdrawal_of(arrived, 95), id="U2")) is back
    assert step(back, arrived) is back
    with pytest.raises(MalformedEventError, match="another event"):
        withdraw(back, departed, replace(withdrawal_of(departed), id=back.withdrawals[0].id))
