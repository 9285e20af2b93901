"""Asks the road network for the legs that are not known yet, in pieces it can bear.

Never within a transaction: what is answered is kept piece by piece, and plans read what is kept.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.asking_roads import RoadsError, ask, checked_url
from dispatch.commands.auditing import note
from dispatch.domain.places import Point
from dispatch.domain.roads import Leg, NetworkKind, RoadNetwork
from dispatch.spots import point_of, spot_of
from dispatch.store import queries_plans, queries_roads
from dispatch.store.database import Database
from dispatch.store.mapping_roads import network_of
from dispatch.store.queries_roads import KnownLegs
from dispatch.store.retrying import in_writing
from dispatch.store.rows_places import SiteRow, StationRow
from dispatch.store.rows_roads import RoadNetworkRow
from dispatch.travel import straight_m

_GOOD_FOR = timedelta(days=90)
"""Roads are built: what was said before is asked for again, and used until then."""
_REST = timedelta(minutes=5)
"""A network that failed is left alone for so long."""
_MOST_FAILURES = 2
"""In a row; then it is left alone."""
_FARTHEST_M: Mapping[NetworkKind, float] = {NetworkKind.OSRM: np.inf, NetworkKind.VALHALLA: 400_000}
"""Legs that are longer in a straight line are refused by the servers, as they come."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of ``wanted`` legs the network said something of ``answered``, ``known`` were known before.

    ``failure`` is why it was asked no more, if it was not.
    """

    wanted: int = 0
    known: int = 0
    answered: int = 0
    failure: RoadsError | None = None

    @property
    def missing(self) -> int:
        return self.wanted - self.known - self.answered


Report = Callable[[Measured], None]


def measure(
    database: Database,
    now: datetime,
    *,
    report: Report = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    within_s: float = np.inf,
    anyway: bool = False,
) -> Measured | None:
    """Asks for all legs between stations and sites that are not known; None without a network.

    It ends when all are known, when somebody wants it to ``stop``, after ``within_s`` seconds, or
    when the network fails; what was answered until then is kept. A network that failed a short
    while ago is not asked, unless ``anyway``. Raises StoreError.
    """
    with database.reading() as session:
        row = queries_roads.network_row(session)
        if row is None:
            return None
        network, resting = network_of(row), _resting(row.failed_at, now)
        failure = RoadsError(row.failure_en or "", row.failure_zh or "")
        spots = _spots(session)
        known = queries_roads.known_legs(session, network.name, (now - _GOOD_FOR).date())
    wanted = _Wanted(network, spots, known)
    if resting and not anyway:
        return Measured(wanted.legs, wanted.known, 0, failure)
    until = time.monotonic() + within_s
    asking = _Asking(database, network, wanted, now)
    return asking.all(report, lambda: stop() or time.monotonic() > until)


def _resting(failed_at: datetime | None, now: datetime) -> bool:
    return failed_at is not None and now - _REST < failed_at <= now


def _spots(session: Session) -> list[int]:
    """Where stations and sites are, neighbours next to each other as far as that goes."""
    columns = (select(row.latitude, row.longitude, row.datum) for row in (StationRow, SiteRow))
    return sorted({spot_of(Point(*at)) for found in columns for at in session.execute(found)})


class _Wanted:
    """The legs that a network can be asked for, and which of them are known."""

    def __init__(self, network: RoadNetwork, spots: Sequence[int], known: KnownLegs) -> None:
        self._network = network
        self._spots = spots
        self._index = {spot: i for i, spot in enumerate(spots)}
        points = [point_of(spot) for spot in spots]
        self._missing = straight_m(points, points) <= _FARTHEST_M[network.kind]
        np.fill_diagonal(self._missing, val=False)
        self.legs = int(self._missing.sum())
        for origin in known.keys() & self._index.keys():
            there = [self._index[t] for t in known[origin] if t in self._index]
            self._missing[self._index[origin], there] = False
        self.known = self.legs - int(self._missing.sum())

    def pieces(self) -> Iterator[tuple[list[int], list[int]]]:
        """Spots to ask from and to: all that is missing, and little else."""
        most, size = self._network.most_places, len(self._spots)
        parts = [range(first, min(first + most, size)) for first in range(0, size, most)]
        for rows in parts:
            for columns in parts:
                block = self._missing[np.ix_(rows, columns)]
                # Those that lack the same are asked for at once: most lack everything, or what
                # is new.
                patterns, alike = np.unique(block, axis=0, return_inverse=True)
                for number, pattern in enumerate(patterns):
                    if pattern.any():
                        yield self._of(rows, alike == number), self._of(columns, pattern)

    def _of(self, part: range, wanted: Iterable[bool]) -> list[int]:
        return [self._spots[i] for i, is_wanted in zip(part, wanted, strict=True) if is_wanted]

    def count(self, sources: Sequence[int], targets: Sequence[int]) -> int:
        """How many of these legs were missing."""
        rows, columns = ([self._index[s] for s in some] for some in (sources, targets))
        return int(self._missing[np.ix_(rows, columns)].sum())


class _Asking:
    """One round of questions."""

    def __init__(
        self, database: Database, network: RoadNetwork, wanted: _Wanted, now: datetime
    ) -> None:
        self._database = database
        self._network = network
        self._wanted = wanted
        self._now = now

    def all(self, report: Report, stop: Callable[[], bool]) -> Measured:
        answered, failures = 0, 0
        failure: RoadsError | None = None
        for sources, targets in self._wanted.pieces():
            if stop():
                break
            try:
                self._keep(sources, targets)
            except RoadsError as error:
                failure, failures = error, failures + 1
                if failures == _MOST_FAILURES:
                    break
            else:
                failures = 0
                answered += self._wanted.count(sources, targets)
            report(Measured(self._wanted.legs, self._wanted.known, answered, failure))
        done = Measured(self._wanted.legs, self._wanted.known, answered, failure)
        self._note(done)
        return done

    def _keep(self, sources: Sequence[int], targets: Sequence[int]) -> None:
        """Raises RoadsError."""
        said = ask(self._network, [*map(point_of, sources)], [*map(point_of, targets)])
        found: dict[int, dict[int, Leg]] = {
            source: {t: leg for t, leg in zip(targets, legs, strict=True) if t != source}
            for source, legs in zip(sources, said, strict=True)
        }

        def write(session: Session) -> None:
            queries_roads.locked_network_row(session)
            queries_roads.add_legs(session, self._network.name, self._now.date(), found)

        in_writing(self._database, write)

    def _note(self, done: Measured) -> None:
        """Whether the network is to be left alone for a while; forgets what was said anew."""
        failure = done.failure

        def write(session: Session) -> None:
            row = queries_roads.locked_network_row(session)
            if row is not None:
                row.failed_at = self._now if failure else None
                row.failure_en = failure.message_en if failure else None
                row.failure_zh = failure.message_zh if failure else None
            if done.missing == 0:
                before = (self._now - _GOOD_FOR).date()
                queries_roads.forget_legs(session, self._network.name, before)

        in_writing(self._database, write)


# ------------------------------------------------------------------------ which network is asked


def use_network(session: Session, network: RoadNetwork, by: str, at: datetime) -> None:
    """From now on this network is asked. What another one said is kept under its name.

    Raises RoadsError if the address is none.
    """
    queries_plans.lock_plans(session)
    row = queries_roads.network_row(session) or RoadNetworkRow()
    before = network_of(row) if row.kind else None
    row.kind, row.profile = network.kind, network.profile
    row.url, row.most_places = checked_url(network.url), network.most_places
    row.failed_at = row.failure_en = row.failure_zh = None
    session.add(row)
    note(session, "roads.use", "road_network", network.name, by, at, before=before, after=network)


def leave_network(session: Session, by: str, at: datetime) -> None:
    """From now on travel is estimated by distance. What was said is kept, in case it is wanted."""
    queries_plans.lock_plans(session)
    row = queries_roads.network_row(session)
    if row is not None:
        before = network_of(row)
        session.delete(row)
        note(session, "roads.leave", "road_network", before.name, by, at, before=before)
