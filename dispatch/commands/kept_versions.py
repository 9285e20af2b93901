"""Versions of the plan as one process keeps them ready to be looked at and changed.

Loading and judging one takes seconds where there are thousands of visits, and boards look often.
The audit trail tells whether anything became different since; what did is judged alone.
"""

import threading
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy.orm import Session

from dispatch.commands.hand_records import HAND_COMMANDS, hand_change_of, still_meant
from dispatch.commands.pinning import PIN, UNPIN
from dispatch.commands.publishing import COMMAND as PUBLISH
from dispatch.commands.saving import COMMAND as SAVE
from dispatch.commands.versions import (
    Version,
    days_of,
    line_of,
    load_forced,
    named_version,
    snapshot_as_it_goes,
    version_by,
    version_row,
)
from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.rehearsal import moment
from dispatch.store import queries_board, queries_plans, queries_slots
from dispatch.store.mapping import load_facts, planned_anew, snapshot_by
from dispatch.store.queries_changes import Mark, changes_since, mark_now
from dispatch.store.rows_plans import PlanVersionRow
from dispatch.touched import rejudged

_MOST = 6
"""So many versions are kept: the published one, and the drafts that people work at."""
_LINE = 50
"""So far back in the line of versions changes by hand are looked for."""
_HARMLESS = frozenset(
    {
        "make key",
        "revoke key",
        SAVE,
        "run.ask",
        "run.cancel",
        "settle event",
        "refuse event",
        "add endpoint",
        "change endpoint",
        "remove endpoint",
        "rotate secret",
        "replay delivery",
    }
)
"""Commands that make no difference to any version that was there before."""
_OF_PLANS = frozenset({*HAND_COMMANDS, PIN, UNPIN, PUBLISH, "stock.reserve_for_plan"})
"""Commands after which pins, and what people were told, are all the facts that can differ."""


@dataclass(frozen=True)
class KeptVersion:
    """A version, how far its visits are, and which of them people put by hand where they are.

    ``now`` is its snapshot with the pins of now, as whoever changes it finds it, and ``to_change``
    the version judged by that, once somebody asked for it. ``facts`` are what snapshots are made
    of, ``mark`` is how far the audit trail was read, and ``held`` are the visits for which windows
    are held: such a hold runs out by itself.
    """

    version: Version
    now: Snapshot
    to_change: Version | None
    states: dict[str, str]
    by_hand: frozenset[str]
    facts: Organisation
    held: frozenset[str]
    mark: Mark


class KeptVersions:
    """For all threads of one process."""

    def __init__(self) -> None:
        self._kept: dict[int, KeptVersion] = {}
        self._loading = threading.Lock()

    def find(self, session: Session, name: str) -> KeptVersion:
        """The version that people call so, by all facts that the session reads.

        Raises UnknownVersionError.
        """
        return self.numbered(session, named_version(session, name))

    def published(self, session: Session) -> Version | None:
        """What people were told, if anything is published."""
        row = queries_plans.published_version(session)
        return self.numbered(session, row.version).version if row is not None else None

    def to_change(self, session: Session, number: int) -> Version:
        """A version as whoever is about to change it finds it. A command that does must not have
        written anything yet.

        Raises UnknownVersionError.
        """
        found = self.numbered(session, number)
        if found.to_change is not None:
            return found.to_change
        version = found.version
        judged = rejudged(version.judged, found.now, version.judged.plan, version.travel)
        forced = load_forced(session, number, judged)
        to_change = replace(version, judged=judged, forced=forced)
        with self._loading:
            if self._kept.get(number) is found:
                self._kept[number] = replace(found, to_change=to_change)
        return to_change

    def numbered(self, session: Session, number: int) -> KeptVersion:
        """Raises UnknownVersionError."""
        found = self._current(session, number)
        if found is None:
            with self._loading:
                found = self._current(session, number) or self._renewed(session, number)
                self._kept.pop(number, None)
                while len(self._kept) >= _MOST:
                    del self._kept[next(iter(self._kept))]
                self._kept[number] = found
        return found

    def _current(self, session: Session, number: int) -> KeptVersion | None:
        """What is kept, if nothing became different."""
        known = self._kept.get(number)
        if known is None or known.held != _held(session):
            return None
        lines, mark = changes_since(session, known.mark)
        if any(line.command not in _HARMLESS for line in lines):
            return None
        if lines:
            self._kept[number] = known = replace(known, mark=mark)
        return known

    def _renewed(self, session: Session, number: int) -> KeptVersion:
        """The version as it is now, from what is known of it or of the one it was made from."""
        row = version_row(session, number)
        known = self._kept.get(number) or self._kept.get(row.base_version or number)
        mark, held = mark_now(session), _held(session)
        facts = _facts(session, row, known, mark, held)
        days = days_of(session, row.start_at, row.end_at)
        snapshot = snapshot_by(session, facts, *days, row.policy)
        now = then = snapshot_as_it_goes(session, snapshot, None)
        if row.published_at is not None:
            then = snapshot_as_it_goes(session, snapshot, row.published_at)
        version = version_by(session, row, then, known.version if known else None)
        return KeptVersion(
            version=version,
            now=now,
            to_change=version if now == then else None,
            states=dict(queries_board.visit_states(session)),
            by_hand=_by_hand(session, version),
            facts=facts,
            held=held,
            mark=mark,
        )


def _facts(
    session: Session,
    row: PlanVersionRow,
    known: KeptVersion | None,
    mark: Mark,
    held: frozenset[str],
) -> Organisation:
    """The facts of a version: those that are known, if only plans were changed since."""
    if known is not None and known.held == held and mark.covers(known.mark):
        begins = known.facts.planning_at, known.version.judged.snapshot.start_at
        lines, _ = changes_since(session, known.mark)
        commands = {line.command for line in lines}
        if begins == (row.now_at, row.start_at) and commands <= _HARMLESS | _OF_PLANS:
            return planned_anew(session, known.facts)
    first, _ = days_of(session, row.start_at, row.end_at)
    return load_facts(session, row.now_at, first, moment(session))


def _held(session: Session) -> frozenset[str]:
    return frozenset(row.visit_id for row in queries_slots.held_slots(session, moment(session)))


def _by_hand(session: Session, version: Version) -> frozenset[str]:
    """The visits that people put where they are, or left out."""
    line = tuple(islice(line_of(session, version.number), _LINE))
    found = queries_board.hand_lines(session, HAND_COMMANDS, line)
    served = version.judged.served
    return frozenset(
        decision.visit_id
        for change in still_meant([hand_change_of(row) for row in found])
        for decision in change.decided
        if set(decision.technician_ids)
        == {timed.technician_id for timed in served.get(decision.visit_id, ())}
    )
