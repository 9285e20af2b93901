from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.attainment import (
    ClockRecord,
    ClockState,
    at_risk,
    attainment,
    broken,
    clock_records,
)
from dispatch.domain.clocks import clocks_of
from dispatch.domain.events import Event
from dispatch.domain.events import EventKind as E
from dispatch.domain.life import Life
from dispatch.domain.places import Customer
from dispatch.domain.recorded import work_order_of
from dispatch.domain.reporting import Dimension, summed_by
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.transitions import State
from dispatch.domain.work import ClockKind
from tests.builders import TIME_ZONE, a_site, a_snapshot, a_visit, a_work_order, at, clocks
from tests.dispatch.domain.lives import DONE, TO_READY, an_event, lived, minute

PROMISES = clocks((ClockKind.ARRIVE, minute(100)), (ClockKind.RESTORE, minute(200)))


def facts(lives: Sequence[Life], now_at: datetime) -> Snapshot:
    return a_snapshot(
        work_orders=[life.work_order for life in lives], sla_rules=PROMISES, now_at=now_at
    )


def states(*steps: E | Event, now: int) -> list[ClockState]:
    """What became of the clocks to arrive (100 minutes) and to restore (200)."""
    life = lived(*steps)
    return [r.state for r in clock_records(facts([life], minute(now)), [life])]


def told(*steps: tuple[E, int]) -> list[E | Event]:
    return [*TO_READY, E.PUBLISHED, *(an_event(kind, when) for kind, when in steps)]


def solved(when: int, *then: Event) -> list[E | Event]:
    return [E.REPORTED, an_event(E.SOLVED_REMOTELY, when), *then]


RUNNING, KEPT, BROKEN, VOID = ClockState


@pytest.mark.parametrize(
    ("steps", "now", "expected"),
    [
        (told(), 100, [RUNNING, RUNNING]),
        (told(), 101, [BROKEN, RUNNING]),
        (told(), 201, [BROKEN, BROKEN]),
        (told((E.ARRIVED, 100)), 150, [KEPT, RUNNING]),
        (told((E.ARRIVED, 101)), 150, [BROKEN, RUNNING]),
        (told((E.ARRIVED, 90), (E.REPAIRED, 200)), 900, [KEPT, KEPT]),
        (told((E.ARRIVED, 90), (E.REPAIRED, 201)), 900, [KEPT, BROKEN]),
        (told((E.CANCELLED, 300)), 900, []),
        (solved(50), 900, [VOID, KEPT]),
        (solved(150), 900, [BROKEN, KEPT]),
        (solved(50, an_event(E.CLOSED, 500)), 900, [VOID, KEPT]),
        (solved(50, an_event(E.ON_SITE_NEEDED, 60)), 900, [BROKEN, BROKEN]),
    ],
)
def test_what_becomes_of_a_clock(
    steps: list[E | Event], now: int, expected: list[ClockState]
) -> None:
    assert states(*steps, now=now) == expected


def test_the_clocks_of_a_refused_quote_end_with_the_refusal() -> None:
    asked: list[E | Event] = [*TO_READY]
    asked += [an_event(E.QUOTE_ASKED, 120), an_event(E.QUOTE_REFUSED, 150)]
    assert states(*asked, now=900) == [BROKEN, VOID]
    assert states(*asked, an_event(E.CLOSED, 600), now=900) == [BROKEN, VOID]
    assert states(*asked, an_event(E.QUOTE_ASKED, 160), now=900) == [BROKEN, RUNNING]


def test_clocks_at_risk_run_out_within_the_given_time() -> None:
    life = lived(*told())
    records = clock_records(facts([life], minute(90)), [life])

    def due(within_s: int) -> list[ClockKind]:
        return [r.kind for r in at_risk(records, minute(90), within_s)]

    assert due(599) == []
    assert due(600) == [ClockKind.ARRIVE]
    assert due(110 * 60) == [ClockKind.ARRIVE, ClockKind.RESTORE]


def test_a_stopped_or_broken_clock_is_not_at_risk() -> None:
    life = lived(*told((E.ARRIVED, 50)))
    records = clock_records(facts([life], minute(201)), [life])
    assert at_risk(records, minute(201), 10**6) == ()
    assert [r.kind for r in broken(records)] == [ClockKind.RESTORE]


def test_a_clock_counts_in_the_local_month_in_which_it_was_due() -> None:
    """Reported on 30 September, due on 1 October in Shanghai, which is still September in UTC."""
    order = a_work_order("W1", reported_at=at(22, day=2))
    life = lived(an_event(E.REPORTED, at(22, 30, day=2)), life=Life(order))
    (_, restore) = clock_records(facts([life], at(12, day=9)), [life])
    assert restore.due_at.month == 9
    assert restore.month == date(2026, 10, 1)


def test_clocks_are_counted_by_all_that_is_asked() -> None:
    """Compared with counting again, one clock at a time."""
    rng = Random(4)
    lives = [_drawn_life(rng, number) for number in range(300)]
    sites = [
        a_site(
            f"A{n}",
            province=("Liaoning", "Jilin")[n % 2],
            customer_id=("C1", "C2", "C3")[n % 3],
        )
        for n in range(6)
    ]
    snapshot = replace(
        facts([], at(12, day=20)),
        sites=tuple(sites),
        customers=tuple(Customer(c, c) for c in ("C1", "C2", "C3")),
    )
    station_of = {life.work_order.id: rng.choice(["S1", "S2"]) for life in lives[:250]}
    rows = attainment(clock_records(snapshot, lives, station_of))

    counted: Counter[tuple[object, ...]] = Counter()
    for life in lives:
        order, site = work_order_of(life), snapshot.site[life.work_order.site_id]
        for clock in clocks_of(snapshot, order):
            due_on = clock.due_at.astimezone(ZoneInfo(TIME_ZONE)).date()
            kept = clock.stopped_at is not None and clock.stopped_at <= clock.due_at
            if life.order is not State.CANCELLED:
                under = (due_on.replace(day=1), site.province, station_of.get(order.id, ""))
                counted[*under, order.product, site.customer_id, clock.kind, kept] += 1
    assert len(rows) > 20
    assert list(rows) == sorted(
        rows,
        key=lambda r: (
            *(r.month, r.province, r.station, r.product, r.customer),
            list(ClockKind).index(r.clock),
        ),
    )
    again: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        under = (row.month, row.province, row.station)
        for kept, number in ((True, row.kept), (False, row.broken)):
            again[*under, row.product, row.customer, row.clock, kept] += number
    assert +again == counted
    for dimension in Dimension:
        sums = summed_by(rows, dimension)
        assert sum(s.counted for s in sums) == counted.total()


def _drawn_life(rng: Random, number: int) -> Life:
    reported_at = at(rng.randrange(24), day=rng.randrange(8))
    order = a_work_order(
        f"W{number}",
        f"A{rng.randrange(6)}",
        product=rng.choice(["terminal", "camera"]),
        reported_at=reported_at,
    )
    life = Life(order, (a_visit(f"V{number}", work_order_id=order.id),))
    kinds: tuple[E, ...] = (*TO_READY, E.PUBLISHED, *DONE)
    if rng.random() < 0.1:
        kinds = (*TO_READY, E.CANCELLED)
    begin = round((reported_at - minute(0)).total_seconds()) // 60
    for kind in kinds[: rng.randint(1, len(kinds))]:
        visit_id = f"V{number}" if kind in (E.PUBLISHED, *DONE) else None
        event = an_event(kind, begin, work_order_id=order.id, visit_id=visit_id)
        life = lived(event, life=life)
        begin += rng.randrange(60)
    return life


def test_no_clocks_no_rows() -> None:
    none: list[ClockRecord] = []
    assert attainment(none) == ()
