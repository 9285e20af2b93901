"""A process that does jobs, and writes down of each what it was told. It may be killed any time."""

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pydantic_core import to_jsonable_python
from sqlalchemy.orm.exc import StaleDataError

from benchmarks.reliability.load import Job
from benchmarks.reliability.unguarded import take_out_locks
from dispatch.domain.errors import DispatchError
from dispatch.store.database import Database
from dispatch.store.errors import GuardError, StoreError
from dispatch.store.retrying import in_writing


class Ack(NamedTuple):
    """What somebody was told of a job: a digest of its outcome, or why it was ``refused``."""

    key: str
    digest: str = ""
    refused: str = ""


def work(url: str, jobs: Sequence[Job], clients: int, file: Path, unguarded: bool) -> None:
    """Does the jobs that are not in the file yet, as so many clients at once."""
    refusals: tuple[type[Exception], ...] = (DispatchError,)
    if unguarded:
        take_out_locks()
        refusals = (*refusals, StaleDataError)  # where a lock would have made it wait
    database = Database(url)
    _cut_off_torn_line(file)
    told = {ack.key for ack in acks_in(file)}
    left = [job for job in jobs if job.key not in told]
    line = threading.Lock()

    def attend(job: Job) -> None:
        said = json.dumps(_ack(database, job, refusals)).encode() + b"\n"
        with line:
            os.write(acks, said)

    acks = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with ThreadPoolExecutor(clients) as pool:
        for _ in pool.map(attend, left):
            pass


def _ack(database: Database, job: Job, refusals: tuple[type[Exception], ...]) -> Ack:
    """Tries for as long as it takes; whoever started this process ends it if that is too long."""
    while True:
        try:
            outcome = in_writing(database, job.do)
        except GuardError as error:
            return Ack(job.key, refused=error.guard)
        except StoreError as error:
            if not error.passes:
                raise
        except refusals as error:
            return Ack(job.key, refused=type(error).__name__)
        else:
            return Ack(job.key, digest_of(to_jsonable_python(outcome)))


def digest_of(outcome: object) -> str:
    """Short and equal for what is equal as JSON; of None: nothing."""
    if outcome is None:
        return ""
    return hashlib.sha256(json.dumps(outcome, sort_keys=True).encode()).hexdigest()[:16]


def reasons(acks: Iterable[Ack]) -> str:
    """How many jobs were refused for what reason."""
    refused = Counter(ack.refused for ack in acks if ack.refused)
    return ", ".join(f"{count} {name}" for name, count in sorted(refused.items())) or "none"


def acks_in(file: Path) -> list[Ack]:
    """What was written down so far, as far as its lines are whole."""
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return [Ack(*json.loads(line)) for line in lines if line.endswith(b"\n")]


def _cut_off_torn_line(file: Path) -> None:
    """A kill may have torn the last line: nobody was told that."""
    if file.exists():
        os.truncate(file, file.read_bytes().rfind(b"\n") + 1)
