"""Versions of the plan as one process keeps them ready to be looked at.

Loading and judging one takes seconds where there are thousands of visits, and boards look often.
The audit trail tells whether anything became different since.
"""

import threading
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy.orm import Session

from api.answering import etag_of
from dispatch.commands.hand_records import HAND_COMMANDS, hand_change_of, still_meant
from dispatch.commands.versions import Version, line_of, load_version, named_version, version_row
from dispatch.rehearsal import moment
from dispatch.store import queries_board, queries_plans, queries_slots
from dispatch.store.mapping_plans import read_plan
from dispatch.store.queries_changes import Mark, changes_since, mark_now

_MOST = 6
"""So many versions are kept: the published one, and the drafts that people work at."""
_LINE = 50
"""So far back in the line of versions changes by hand are looked for."""
_HARMLESS = frozenset(
    {
        "make key",
        "revoke key",
        "plan.save",
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


@dataclass(frozen=True)
class KeptVersion:
    """A version as it is and as whoever changes it finds it (``to_change``: with the pins of now),
    its ETag, how far its visits are, and which of them people put by hand where they are."""

    version: Version
    to_change: Version
    etag: str
    states: dict[str, str]
    by_hand: frozenset[str]
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
        number = named_version(session, name)
        found = self._current(session, number)
        if found is None:
            with self._loading:
                found = self._current(session, number) or _loaded(session, number)
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


def plan_etag(session: Session, number: int) -> str:
    """The version of a version: a draft may be changed."""
    row = version_row(session, number)
    return etag_of((number, row.state, read_plan(session, row)))


def _loaded(session: Session, number: int) -> KeptVersion:
    mark, held = mark_now(session), _held(session)
    to_change = load_version(session, number, to_change=True)
    row = version_row(session, number)
    version = to_change
    if row.published_at is not None and queries_plans.pins_since(session, row.published_at):
        version = load_version(session, number)
    return KeptVersion(
        version=version,
        to_change=to_change,
        etag=plan_etag(session, number),
        states=dict(queries_board.visit_states(session)),
        by_hand=_by_hand(session, version),
        held=held,
        mark=mark,
    )


def _held(session: Session) -> frozenset[str]:
    """The visits for which windows are held: such a hold runs out by itself."""
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
