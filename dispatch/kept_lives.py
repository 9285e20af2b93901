"""Lives of work orders that one process keeps, so that weeks of them are read once."""

import threading

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from dispatch.domain.life import Life
from dispatch.domain.transitions import OVER
from dispatch.store import queries_work
from dispatch.store.mapping_life import lives_of

_MOST_KEPT = 50_000


class KeptLives:
    """Once a work order is over nothing of it changes but its events, which are only ever added:
    so as long as there are as many of them, its life is as it was. Others are always read anew."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, Life]] = {}
        self._turn = threading.Lock()

    def read(self, session: Session, wanted: ColumnElement[bool]) -> list[Life]:
        """The lives of all work orders that are wanted, by id. Raises SchemaError."""
        with self._turn:
            counts = queries_work.event_counts(session, wanted)
            fresh = [key for key, count in counts.items() if not self._is_kept(key, count)]
            read: dict[str, Life] = {}
            for rows in queries_work.life_pages_of(session, fresh):
                for life in lives_of(rows):
                    read[life.work_order.id] = life
            found = [read.get(key) or self._kept[key][1] for key in counts]
            self._keep(counts, read)
            return found

    def _is_kept(self, key: str, count: int) -> bool:
        return key in self._kept and self._kept[key][0] == count

    def _keep(self, counts: dict[str, int], read: dict[str, Life]) -> None:
        over = {key: (counts[key], life) for key, life in read.items() if life.order in OVER}
        if len(self._kept) + len(over) > _MOST_KEPT:
            self._kept.clear()
        self._kept |= over
