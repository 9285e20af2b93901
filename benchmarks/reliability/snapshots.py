"""Planning begins with a snapshot of what is open: how long that takes (``snapshot``)."""

import math
import statistics
import time

from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.load import fill, organisation_of
from dispatch.store.database import Database
from dispatch.store.mapping import load_snapshot

_LIMIT_S = 1.0
_TIMES = 5


def snapshot(room: Room) -> Result:
    """The median time of several; at full size it is limited."""
    visits, technicians = room.size(2000, 100), room.size(300, 20)
    organisation = organisation_of(visits, technicians, room.seed)
    database = Database(room.store.new())
    fill(database, organisation, units=0)
    took = []
    for _ in range(_TIMES):
        begin = time.perf_counter()
        with database.reading() as session:
            loaded = load_snapshot(session, organisation.planning_at)
        took.append(time.perf_counter() - begin)
    database.close()
    median, limit = statistics.median(took), _LIMIT_S if room.full else math.inf
    breaches = []
    if median > limit:
        breaches.append(f"{median:.2f} s is more than {limit} s")
    if (len(loaded.visits), len(loaded.technicians)) != (visits, technicians):
        breaches.append(f"{len(loaded.visits)} visits, {len(loaded.technicians)} technicians")
    figure = f"{visits} visits, {technicians} technicians: {median:.2f} s (median of {_TIMES})"
    return Result(figure, tuple(breaches), {"median_s": median})
