"""Commands that are tried again while what is in their way may pass."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from dispatch.store.database import Database
from dispatch.store.errors import StoreError

_T = TypeVar("_T")

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0


def in_writing(database: Database, command: Callable[[Session], _T], within_s: float = 15.0) -> _T:
    """What ``command`` returns, in one transaction; a new one for each try.

    Tries again for ``within_s`` seconds while the database is away or others are in the way, then
    raises the StoreError. A connection that breaks during the commit leaves open whether it was
    done: a command has to find out itself (``AuditRow.idempotency_key``, ``EventRow.id``).
    """
    give_up_at, pause_s = time.monotonic() + within_s, _FIRST_PAUSE_S
    while True:
        try:
            with database.writing() as session:
                return command(session)
        except StoreError as error:
            if not error.passes or time.monotonic() + pause_s > give_up_at:
                raise
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
