"""A search goes on for a while; what was found is saved by what is true when it ends.

The search works on a snapshot. Meanwhile people set pins and change plans by hand, visits begin or
are over, new ones come in, parts go. Saving keeps of the plan what still holds, does to it what
people did by hand, and reports what would not fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note, once
from dispatch.commands.beside import stands_beside
from dispatch.commands.hand_records import (
    HAND_COMMANDS,
    HandChange,
    hand_change_of,
    still_meant,
)
from dispatch.commands.plan_merging import Merge, Merger
from dispatch.commands.versions import (
    add_version,
    as_it_stands,
    busy,
    line_of,
    planning_snapshot,
    snapshot_between,
    version_row,
)
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.going_on import on_the_way
from dispatch.store import queries_plans
from dispatch.store.mapping_plans import read_plan

COMMAND = "plan.save"
_LOOK_BACK = timedelta(days=1)
"""Clocks of several machines differ, and who began earlier may end later."""


@dataclass(frozen=True)
class Baseline:
    """What a search begins with: the facts, the version it goes on from, and what had been changed
    by hand by then."""

    snapshot: Snapshot
    base: int | None
    taken_at: datetime
    changes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Saved:
    """A new draft, and what changed while its search went on."""

    version: int
    base: int | None
    cost_fen: int
    merged: tuple[Merge, ...]

    @property
    def conflicts(self) -> tuple[Merge, ...]:
        return tuple(m for m in self.merged if not m.fits)


def take_baseline(
    session: Session,
    now: datetime,
    at: datetime,
    from_day: date | None = None,
    days: int | None = None,
    policy: str | None = None,
) -> Baseline:
    """What a search of the days from ``from_day`` on begins with; ``now`` is planned from.

    Raises HorizonError, and SchemaError if there is no organisation.
    """
    changes = queries_plans.audit_of(session, HAND_COMMANDS, at - _LOOK_BACK)
    snapshot = planning_snapshot(session, now, from_day, days, policy, held_at=at)
    return Baseline(
        snapshot=on_the_way(snapshot, busy(session)),
        base=_published(session),
        taken_at=at,
        changes=frozenset(row.id for row in changes),
    )


def plan_to_go_on_from(session: Session, baseline: Baseline) -> Plan | None:
    """The published plan, if there is one: a search goes on from what people were told."""
    if baseline.base is None:
        return None
    plan = read_plan(session, version_row(session, baseline.base))
    return as_it_stands(baseline.snapshot, plan, queries_plans.begun_visits(session))


def save_draft(
    session: Session,
    baseline: Baseline,
    plan: Plan,
    by: str,
    at: datetime,
    key: str | None = None,
    reason: str = "",
    technicians: Sequence[str] = (),
) -> Saved:
    """Saves what a search for ``technicians`` (none: all) found as a draft of the version that it
    began with.

    Pins and changes by hand that were made meanwhile are done to the plan too, where that breaks
    no rule; the others are reported as conflicts, and are on record where they were made.
    """
    done = once(session, key, COMMAND, Saved)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    changes = _made_meanwhile(session, baseline)
    begun = queries_plans.begun_visits(session)
    merger = Merger(_facts_now(session, baseline, at), baseline.snapshot, begun)
    merger.merge(plan, still_meant(changes))
    base = _base(session, baseline, {change.made for change in changes})
    published = _published(session)
    if base != published and not stands_beside(session, technicians, base, published):
        merger.say_published(published)
    found = merger.found
    cost_fen = found.verdict.cost.total_fen
    row = add_version(session, found.snapshot, found.plan, cost_fen, base, at)
    saved = Saved(row.version, base, cost_fen, tuple(merger.merged))
    number = str(row.version)
    note(session, COMMAND, "plan", number, by, at, reason=reason, outcome=saved, key=key)
    return saved


def _facts_now(session: Session, baseline: Baseline, at: datetime) -> Snapshot:
    """The facts as they are, for the horizon of the search."""
    old = baseline.snapshot
    horizon = old.start_at, old.end_at
    found = snapshot_between(session, old.now_at, *horizon, old.policy.name, held_at=at)
    return on_the_way(found, busy(session))


def _made_meanwhile(session: Session, baseline: Baseline) -> list[HandChange]:
    """What people changed by hand since the search began, the latest last."""
    rows = queries_plans.audit_of(session, HAND_COMMANDS, baseline.taken_at - _LOOK_BACK)
    return [hand_change_of(row) for row in rows if row.id not in baseline.changes]


def _published(session: Session) -> int | None:
    row = queries_plans.published_version(session)
    return row.version if row else None


def _base(session: Session, baseline: Baseline, by_hand: set[int | None]) -> int | None:
    """The version that the new draft may take the place of.

    If all that was published meanwhile was made by hand of what was published before, the draft
    has it and may follow it.
    """
    current = _published(session)
    line = (number for number in line_of(session, current) if number not in by_hand)
    return current if next(line, None) == baseline.base else baseline.base
