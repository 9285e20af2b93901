"""One run, carried out by a process of its own, which may be killed at any moment.

All that others see of it is in the database: where it stands, and in one transaction the draft.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from dispatch.commands.run_errors import RunLostError
from dispatch.commands.runs import Asked, RunProgress
from dispatch.commands.runs_held import Held, Order, asked_of, fail, finish, renew
from dispatch.commands.saving import Baseline, plan_to_go_on_from, take_baseline
from dispatch.commands.versions import as_it_stands, version_row
from dispatch.domain.errors import DispatchError
from dispatch.domain.plan import Plan
from dispatch.judged import judged
from dispatch.lineage import end_with_parent
from dispatch.planning import Progress, make_plan
from dispatch.rehearsal import moment
from dispatch.scope import Scope, with_the_rest, within_scope
from dispatch.store import queries_plans
from dispatch.store.database import Database
from dispatch.store.errors import StoreError
from dispatch.store.mapping_plans import read_plan
from dispatch.store.retrying import in_writing
from dispatch.travel import travel_of

LOG = logging.getLogger("dispatch.runs")

_BEAT_S = 0.5
_BEATS_IN_LEASE = 6
_MOST_TOLD = 1000
"""About how often progress is told at most, however long a search takes."""
_LOOK_SHARE = 0.05
"""The part of its time that a search spends on looking at the cost by rule."""
_NICENESS = 10
"""A search takes what those who wait for an answer leave."""


def carry_out(url: str, held: Held, lease_s: float) -> None:
    """What the process does: plans, and saves a draft if the run is still its own."""
    under_pulse(url, held, lease_s, _plan)


def under_pulse(
    url: str, held: Held, lease_s: float, work: Callable[[Database, Held, "Pulse"], None]
) -> None:
    """Does what a run asks for, in a process that may have nothing else to do."""
    end_with_parent()  # nobody watches any more, and somebody else takes the run up
    # Ctrl-C reaches everybody in the terminal; it is the server that decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    database = Database(url)
    pulse = Pulse(database, held, lease_s)
    pulse.start()
    if sys.platform != "win32":
        os.nice(_NICENESS)  # now: on Linux a thread that began before goes on as it was
    try:
        work(database, held, pulse)
    except RunLostError as error:
        LOG.warning(error.message_en)
    except StoreError:
        raise  # the run is not to blame: somebody takes it up again
    except DispatchError as error:
        why = error
        in_writing(database, lambda s: fail(s, held, why, datetime.now(UTC)))
    finally:
        pulse.end()
        database.close()


class Pulse(threading.Thread):
    """Says again and again that this process lives and where it stands, and hears what to do."""

    def __init__(self, database: Database, held: Held, lease_s: float) -> None:
        super().__init__(daemon=True)
        self._database = database
        self._held = held
        self._lease_s = lease_s
        self._beat_s = min(_BEAT_S, lease_s / _BEATS_IN_LEASE)
        self._told_at = 0.0
        self._tell_each_s = 0.0
        self._latest: Mapping[str, object] | None = None
        self._over = threading.Event()
        self.order = Order.GO_ON

    def run(self) -> None:
        while not self._over.wait(self._beat_s):
            try:
                self._beat()
            except StoreError as error:
                if not error.passes:
                    raise

    def end(self) -> None:
        self._over.set()
        self.join()

    def show(self, progress: Mapping[str, object], seconds: float | None = None) -> None:
        """Where the work stands; it is told now and then. A search may know how long it takes."""
        self._tell_each_s = (seconds or 0.0) / _MOST_TOLD
        self._latest = progress

    def must_stop(self) -> bool:
        return self.order is not Order.GO_ON

    def _beat(self) -> None:
        latest, clock = self._latest, time.monotonic()
        is_due = clock - self._told_at >= self._tell_each_s
        told = latest if is_due else None
        with self._database.writing() as session:
            order = renew(session, self._held, self._lease_s, datetime.now(UTC), told)
        self.order = order
        if told is not None:
            self._told_at = clock
            if self._latest is told:
                self._latest = None


def _plan(database: Database, held: Held, pulse: Pulse) -> None:
    with database.reading() as session:
        asked, technicians, by = asked_of(session, held)
        at = moment(session)
        baseline = take_baseline(session, at, at, asked.from_day, asked.days, asked.policy)
        start = _start(session, baseline, asked)
    scope = Scope(technicians, frozenset(asked.territories), asked.freeze_until)
    snapshot, travel = baseline.snapshot, travel_of(baseline.snapshot)
    if not scope.is_whole:
        snapshot = within_scope(snapshot, start, travel, scope)
    look = _Look()

    def report(progress: Progress) -> None:
        if progress.so_far is not None and look.is_due():
            began = time.monotonic()
            verdict = judged(snapshot, progress.so_far(), travel).verdict
            look.have(dict(verdict.cost.by_item()), began)
        pulse.show(asdict(_told(progress, look.by_item)), asked.seconds)

    plan = make_plan(
        snapshot,
        travel,
        seconds=asked.seconds,
        iterations=asked.iterations,
        seed=asked.seed,
        report=report,
        stop=pulse.must_stop,
        start=start,
    )
    if not scope.is_whole:
        plan = with_the_rest(snapshot, plan, start, scope)

    def save(session: Session) -> None:
        queries_plans.lock_plans(session)
        finish(session, held, baseline, plan, by, moment(session), datetime.now(UTC))

    in_writing(database, save)


def _start(session: Session, baseline: Baseline, asked: Asked) -> Plan:
    """The plan to begin from; an empty one if nothing was published."""
    begun = queries_plans.begun_visits(session)
    if asked.start is not None:
        plan = read_plan(session, version_row(session, asked.start))
        return as_it_stands(baseline.snapshot, plan, begun)
    known = plan_to_go_on_from(session, baseline)
    return known or as_it_stands(baseline.snapshot, Plan(()), begun)


class _Look:
    """The cost by rule of the best plan, looked at so often that the search hardly notices."""

    def __init__(self) -> None:
        self.by_item: dict[str, int] = {}
        self._next = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self._next

    def have(self, by_item: dict[str, int], began: float) -> None:
        self.by_item = by_item
        ended = time.monotonic()
        self._next = ended + max(_BEAT_S, (ended - began) / _LOOK_SHARE)


def _told(progress: Progress, by_item: dict[str, int]) -> RunProgress:
    return RunProgress(
        phase=progress.phase,
        elapsed_s=round(progress.elapsed_s, 3),
        iterations=progress.iterations,
        cost_fen=progress.cost_fen,
        cost_fen_by_item=by_item,
        unassigned=progress.visits - progress.planned,
        clocks_broken=progress.clocks_broken,
        share_done=round(progress.share_done, 4),
    )
