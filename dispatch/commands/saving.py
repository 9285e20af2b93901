"""A search goes on for a while; what was found is saved by what is true when it ends.

The search works on a snapshot. Meanwhile people set pins and change plans by hand, visits begin or
are over, new ones come in, parts go. Saving keeps of the plan what still holds, does to it what
people did by hand, and reports what would not fit.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note, once
from dispatch.commands.hand_records import HAND_COMMANDS, HandChange, hand_changes_of
from dispatch.commands.plan_merging import Merge, Merger
from dispatch.commands.versions import add_version, planning_snapshot, version_row
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.store import queries_plans

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
    return Baseline(
        snapshot=planning_snapshot(session, now, from_day, days, policy),
        base=_published(session),
        taken_at=at,
        changes=frozenset(row.id for row in changes),
    )


def save_draft(
    session: Session,
    baseline: Baseline,
    plan: Plan,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
    run_id: str | None = None,
) -> Saved:
    """Saves what a search found as a draft of the version that it began with.

    Pins and changes by hand that were made meanwhile are done to the plan too, where that breaks
    no rule; the others are reported as conflicts, and are on record where they were made.
    """
    done = once(session, key, COMMAND, Saved)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    changes = _made_meanwhile(session, baseline)
    merger = Merger(_facts_now(session, baseline), baseline.snapshot)
    merger.merge(plan, changes)
    base = _base(session, baseline, {change.version for change in changes})
    if base != _published(session):
        merger.say_published(_published(session))
    row = add_version(session, merger.found, base, at, run_id)
    cost_fen = merger.found.verdict.cost.total_fen
    saved = Saved(row.version, base, cost_fen, tuple(merger.merged))
    number = str(row.version)
    note(session, COMMAND, "plan", number, by, at, reason=reason, outcome=saved, key=key)
    return saved


def _facts_now(session: Session, baseline: Baseline) -> Snapshot:
    """The facts as they are, for the horizon of the search."""
    snapshot = baseline.snapshot
    zone = ZoneInfo(snapshot.time_zone)
    first = snapshot.start_at.astimezone(zone).date()
    days = (snapshot.end_at.astimezone(zone).date() - first).days
    return planning_snapshot(session, snapshot.now_at, first, days, snapshot.policy.name)


def _made_meanwhile(session: Session, baseline: Baseline) -> list[HandChange]:
    """What people changed by hand since the search began, the last change of each visit."""
    rows = queries_plans.audit_of(session, HAND_COMMANDS, baseline.taken_at - _LOOK_BACK)
    last: dict[str, HandChange] = {}
    for row in rows:
        if row.id not in baseline.changes:
            for change in hand_changes_of(row):
                last.pop(change.visit_id, None)
                last[change.visit_id] = change
    return list(last.values())


def _published(session: Session) -> int | None:
    row = queries_plans.published_version(session)
    return row.version if row else None


def _base(session: Session, baseline: Baseline, by_hand: set[int]) -> int | None:
    """The version that the new draft may take the place of.

    If all that was published meanwhile was changed by hand, the draft has it and may follow it.
    """
    current = number = _published(session)
    while number is not None and number != baseline.base and number in by_hand:
        number = version_row(session, number).base_version
    return current if number == baseline.base else baseline.base
