"""Boards that were drawn a moment ago: when something becomes different, all who look on ask for
the same at once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from api.answering import text_of
from api.drawing import Wanted, drawn
from dispatch.commands.kept_versions import KeptVersion
from dispatch.store.queries_board import DoneVisit

_MOST = 6
"""So many are kept: of each version the parts and languages that people look at."""
_FRESH = timedelta(seconds=1)
"""So long the clock of a board may stand."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    kept: KeptVersion
    done: Sequence[DoneVisit]
    wanted: Wanted
    text: str

    def shows(self, kept: KeptVersion, done: Sequence[DoneVisit], wanted: Wanted) -> bool:
        age = wanted.now_at - self.wanted.now_at
        same = wanted._replace(now_at=self.wanted.now_at) == self.wanted
        return timedelta(0) <= age < _FRESH and same and done == self.done and self._has(kept)

    def _has(self, kept: KeptVersion) -> bool:
        """Whether all is as it was that is drawn of a version, which may have been read anew."""
        old = self.kept
        return kept is old or (
            kept.version == old.version
            and kept.now.pin == old.now.pin
            and kept.states == old.states
            and kept.by_hand == old.by_hand
        )


class DrawnBoards:
    """For all threads of one process."""

    def __init__(self) -> None:
        self._drawn: list[_Drawn] = []
        self._drawing = threading.Lock()

    def text(self, kept: KeptVersion, done: Sequence[DoneVisit], wanted: Wanted) -> str:
        """The board as JSON. Those who see only a part have theirs drawn each time."""
        if not wanted.sight.is_whole:
            return text_of(drawn(kept, done, wanted), lean=True)
        with self._drawing:
            for known in self._drawn:
                if known.shows(kept, done, wanted):
                    return known.text
            made = text_of(drawn(kept, done, wanted), lean=True)
            self._drawn = [_Drawn(kept, done, wanted, made), *self._drawn[: _MOST - 1]]
        return made
