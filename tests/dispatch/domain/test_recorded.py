from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.clocks import clocks_of
from dispatch.domain.events import EventKind as E
from dispatch.domain.events import Expectation, PartsAsked, Quote
from dispatch.domain.life import Life, order_state, visit_state
from dispatch.domain.lifecycle import life_of, step
from dispatch.domain.opening import opening_events
from dispatch.domain.organisation import Organisation
from dispatch.domain.recorded import VisitTimes, ended_at, visit_times, work_order_of
from dispatch.domain.transitions import OVER, State
from dispatch.domain.work import ClockKind, Commitment, Gate, GateKind
from dispatch.exchange.reading import load_organisation
from dispatch.horizon import snapshot_of
from scenarios.organisations import path_of
from tests.builders import START_AT, a_snapshot, a_visit, a_work_order, clocks
from tests.dispatch.domain.lives import (
    BLANK,
    DONE,
    ON_SITE,
    TO_READY,
    VISITS,
    an_event,
    lived,
    minute,
)

S = State


# ----------------------------------------------------------------------------------------- gates


def gates(*steps: E, life: Life = BLANK) -> tuple[Gate, ...]:
    return work_order_of(lived(*steps, life=life)).gates


def test_the_diagnosis_is_a_gate_from_the_report_on() -> None:
    assert gates(E.REPORTED) == (Gate(GateKind.REMOTE_DIAGNOSIS, minute(0)),)
    expected = an_event(E.REPORTED, 0, details=Expectation(minute(30)))
    assert work_order_of(lived(expected)).gates[0].expected_at == minute(30)


def test_a_skipped_diagnosis_never_was_a_gate() -> None:
    skipped = an_event(E.DIAGNOSIS_SKIPPED, minute(0))
    assert work_order_of(lived(E.REPORTED, skipped, an_event(E.IN_WARRANTY))).gates == ()


def test_the_quote_gate_waits_for_us_before_it_waits_for_the_customer() -> None:
    steps = (*TO_READY[:2], E.OUT_OF_WARRANTY, E.QUOTE_ASKED, E.QUOTE_ACCEPTED)
    diagnosis = Gate(GateKind.REMOTE_DIAGNOSIS, minute(0), minute(1))
    assert gates(*steps) == (
        diagnosis,
        Gate(GateKind.QUOTE, minute(1), minute(3)),
        Gate(GateKind.QUOTE, minute(3), minute(4), waits_for_customer=True),
    )
    assert gates(*TO_READY) == (diagnosis, Gate(GateKind.QUOTE, minute(1), minute(2)))


def test_a_refused_quote_waits_for_the_customer_no_more_but_keeps_visits_out() -> None:
    steps = (*TO_READY, E.QUOTE_ASKED, E.QUOTE_REFUSED)
    assert gates(*steps)[2:] == (
        Gate(GateKind.QUOTE, minute(3), minute(4), waits_for_customer=True),
        Gate(GateKind.QUOTE, minute(4)),
    )


@pytest.mark.parametrize(
    ("kind", "details", "gate"),
    [
        (E.QUOTE_ASKED, Quote(100, minute(60)), GateKind.QUOTE),
        (E.PARTS_ASKED, PartsAsked((), minute(60)), GateKind.PARTS),
        (E.PAUSED, Expectation(minute(60)), GateKind.PAUSE),
    ],
)
def test_a_gate_is_expected_to_open_when_the_event_says_so(
    kind: E, details: Expectation | Quote | PartsAsked, gate: GateKind
) -> None:
    life = lived(*TO_READY, an_event(kind, 3, details=details))
    assert work_order_of(life).gates[-1] == Gate(
        gate,
        minute(3),
        expected_at=minute(60),
        waits_for_customer=gate is not GateKind.PARTS,
    )


def test_asking_again_changes_what_is_expected() -> None:
    later = PartsAsked((), minute(90))
    life = lived(*TO_READY, E.PARTS_ASKED, an_event(E.PARTS_ASKED, 4, details=later))
    assert work_order_of(life).gates[2:] == (
        Gate(GateKind.PARTS, minute(3), minute(4)),
        Gate(GateKind.PARTS, minute(4), expected_at=minute(90)),
    )


def test_the_end_of_the_order_passes_all_gates() -> None:
    found = gates(*TO_READY, E.PAUSED, E.PARTS_ASKED, E.CANCELLED)
    assert {g.passed_at for g in found[2:]} == {minute(5)}


# ----------------------------------------------------------------------------------------- times


def times(life: Life) -> tuple[datetime | None, ...]:
    order = work_order_of(life)
    return order.responded_at, order.arrived_at, order.restored_at


@pytest.mark.parametrize(
    ("steps", "responded", "arrived", "restored"),
    [
        ([E.REPORTED], None, None, None),
        ([E.REPORTED, E.RESPONDED], 1, None, None),
        ([E.REPORTED, E.ON_SITE_NEEDED], None, None, None),
        ([E.REPORTED, E.DIAGNOSIS_SKIPPED], None, None, None),
        ([E.REPORTED, E.SOLVED_REMOTELY], 1, None, 1),
        ([E.REPORTED, E.SOLVED_REMOTELY, E.ON_SITE_NEEDED], 1, None, None),
        ([E.REPORTED, E.SOLVED_REMOTELY, E.CLOSED], 1, None, 1),
        ([*TO_READY, E.PUBLISHED, *ON_SITE], 5, 5, None),
        ([*TO_READY, E.PUBLISHED, E.ARRIVED, E.ARRIVED], 4, 4, None),
        ([*TO_READY, E.RESPONDED, E.PUBLISHED, E.ARRIVED], 3, 5, None),
        ([*TO_READY, E.PUBLISHED, *DONE], 5, 5, 7),
        ([*TO_READY, E.PUBLISHED, E.ARRIVED, E.REPAIRED, E.RUN_IN_STARTED, E.REPAIRED], 4, 4, 7),
        ([*TO_READY, E.PUBLISHED, E.ARRIVED, E.REPAIRED, E.VISIT_FAILED], 4, 4, None),
    ],
)
def test_which_events_stop_which_clocks(
    steps: list[E], responded: int | None, arrived: int | None, restored: int | None
) -> None:
    expected = tuple(None if m is None else minute(m) for m in (responded, arrived, restored))
    assert times(lived(*steps)) == expected


def test_a_visit_stops_the_clocks_that_it_names() -> None:
    containment = replace(VISITS[0], stops=(ClockKind.ARRIVE,))
    life = replace(BLANK, visits=(containment,))
    assert times(lived(*TO_READY, E.PUBLISHED, *DONE, life=life)) == (None, minute(5), None)


def test_what_waits_stops_no_clock() -> None:
    life = step(lived(*TO_READY), an_event(E.ARRIVED, 5), late=True)
    assert times(life) == (None, None, None)


def test_a_late_arrival_stops_the_clock_when_it_happened() -> None:
    life = step(lived(*TO_READY, E.PUBLISHED), an_event(E.REPAIRED, 90), late=True)
    life = step(life, an_event(E.ARRIVED, 60, recorded_at=minute(500)), late=True)
    assert times(life) == (minute(60), minute(60), minute(90))


def test_the_times_of_a_visit() -> None:
    steps = (*TO_READY, E.PUBLISHED, *DONE)
    assert visit_times(lived(*steps), "V1") == VisitTimes(minute(5), minute(7), minute(8))
    assert visit_times(lived(*steps), "V2") == VisitTimes(None, None, None)
    cancelled = lived(*TO_READY, E.CANCELLED)
    assert visit_times(cancelled, "V2") == VisitTimes(None, None, minute(3))
    assert (ended_at(lived(*steps)), ended_at(cancelled)) == (None, minute(3))


# ---------------------------------------------------------------------------------------- clocks

LENGTH = 240


@given(
    st.lists(st.integers(1, 400), min_size=0, max_size=8, unique=True).map(sorted),
    st.integers(0, 500),
)
def test_a_clock_runs_for_its_length_outside_the_pauses(turns: list[int], now: int) -> None:
    """Paused and resumed in turn; compared with counting minute by minute."""
    kinds = [E.PAUSED if n % 2 == 0 else E.RESUMED for n in range(len(turns))]
    events = [an_event(k, m) for k, m in zip(kinds, turns, strict=True) if m <= now]
    life = lived(*(an_event(kind, 0) for kind in TO_READY), *events)
    rules = clocks((ClockKind.RESTORE, minute(LENGTH)))
    snapshot = a_snapshot(work_orders=[life.work_order], sla_rules=rules, now_at=minute(now))
    (clock,) = clocks_of(snapshot, work_order_of(life))
    paused = {
        m
        for a, b in zip(turns[::2], [*turns[1::2], 10_000], strict=False)
        if a <= now
        for m in range(a, b if b <= now else now)
    }
    running = (m for m in range(10_000) if m not in paused)
    last = [next(running) for _ in range(LENGTH)][-1]
    assert clock.due_at == minute(last + 1)


# --------------------------------------------------------------------------------------- imports


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_the_samples_live_on_with_the_same_releases_and_clocks(name: str) -> None:
    organisation = load_organisation(path_of(name))
    snapshot = snapshot_of(organisation)
    lives = opened(organisation)
    assert len(lives) > 30
    for life in lives:
        order, again = life.work_order, work_order_of(life)
        assert clocks_of(snapshot, again) == clocks_of(snapshot, order)
        assert released_at(again.gates, order.reported_at) == released_at(
            order.gates, order.reported_at
        )
        assert order_state(life) not in OVER
        told = {v.id for v in life.visits} & {c.visit_id for c in organisation.published}
        assert all(visit_state(life, visit_id) is S.PUBLISHED for visit_id in told)


def opened(organisation: Organisation) -> list[Life]:
    commitments = {c.visit_id: c for c in organisation.published}
    lives = []
    for order in organisation.work_orders:
        visits = [v for v in organisation.visits if v.work_order_id == order.id]
        now_at = organisation.planning_at
        events = opening_events(order, visits, commitments, now_at, "import")
        life = Life(order, tuple(visits))
        for event in events:
            life = step(life, event)
        lives.append(life)
    return lives


def released_at(gates: tuple[Gate, ...], reported_at: datetime) -> datetime | None:
    """When the last gate opens; None if nobody knows."""
    ends = [g.passed_at or g.expected_at for g in gates]
    known = [at for at in ends if at]
    return max([reported_at, *known]) if len(known) == len(ends) else None


def test_recorded_times_of_a_table_become_events_of_the_first_visit() -> None:
    visits = [a_visit("V1", work_order_id="W1"), a_visit("V2", work_order_id="W1")]
    order = a_work_order(
        "W1",
        responded_at=minute(5),
        arrived_at=minute(60),
        restored_at=minute(90),
        gates=(
            Gate(GateKind.QUOTE, minute(1), minute(7)),
            Gate(GateKind.PARTS, minute(2), minute(9)),
            Gate(GateKind.PAUSE, minute(3), minute(4), waits_for_customer=True),
        ),
    )
    told = {"V2": Commitment("V2", ("T1",), minute(200))}
    events = opening_events(order, visits, told, minute(100), "import")
    assert events == opening_events(order, visits, told, minute(100), "import")
    assert len({e.id for e in events}) == len(events)
    life = life_of(order, visits, events)
    assert times(life) == (minute(5), minute(60), minute(90))
    assert [visit_state(life, v) for v in ("V1", "V2")] == [S.REPAIRED, S.PUBLISHED]
    pauses = [g for g in work_order_of(life).gates if g.waits_for_customer]
    assert pauses == [Gate(GateKind.PAUSE, minute(3), minute(4), waits_for_customer=True)]


def test_the_report_is_what_the_events_say() -> None:
    earlier = START_AT - timedelta(hours=1)
    assert work_order_of(lived(an_event(E.REPORTED, earlier))).reported_at == earlier
