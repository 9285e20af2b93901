"""Queries about the road network and what it said."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dispatch.domain.roads import Leg
from dispatch.store.rows_roads import RoadLegsRow, RoadNetworkRow

KnownLegs = dict[int, dict[int, Leg]]
"""By the spots that legs lead from and to."""


def network_row(session: Session) -> RoadNetworkRow | None:
    """The road network that is asked, if one is."""
    return session.scalar(select(RoadNetworkRow))


def locked_network_row(session: Session) -> RoadNetworkRow | None:
    """The same; others who write what it said wait."""
    return session.scalar(select(RoadNetworkRow).with_for_update())


def known_legs(session: Session, network: str, since: date | None = None) -> KnownLegs:
    """What a network said, the latest of each leg; with ``since`` only what it said from then."""
    wanted = select(
        RoadLegsRow.origin, RoadLegsRow.targets, RoadLegsRow.seconds, RoadLegsRow.metres
    ).where(RoadLegsRow.network == network)
    if since is not None:
        wanted = wanted.where(RoadLegsRow.measured_on >= since)
    known: KnownLegs = {}
    for origin, targets, seconds, metres in session.execute(
        wanted.order_by(RoadLegsRow.measured_on)
    ):
        legs = zip(seconds, metres, strict=True)
        known.setdefault(origin, {}).update(zip(targets, legs, strict=True))
    return known


def add_legs(
    session: Session, network: str, on: date, found: Mapping[int, Mapping[int, Leg]]
) -> None:
    """Keeps what a network said on a day beside what it said before."""
    wanted = select(RoadLegsRow).where(
        RoadLegsRow.network == network,
        RoadLegsRow.measured_on == on,
        RoadLegsRow.origin.in_(found),
    )
    rows = {row.origin: row for row in session.scalars(wanted)}
    for origin, new in found.items():
        row = rows.get(origin)
        if row is None:
            row = RoadLegsRow(network=network, origin=origin, measured_on=on)
            before: Iterable[tuple[int, Leg]] = ()
            session.add(row)
        else:
            legs = zip(row.seconds, row.metres, strict=True)
            before = zip(row.targets, legs, strict=True)
        merged = dict(before) | dict(new)
        row.targets = list(merged)
        row.seconds = [seconds for seconds, _ in merged.values()]
        row.metres = [metres for _, metres in merged.values()]


def forget_legs(session: Session, network: str, before: date) -> None:
    """Throws away what a network said before a day."""
    session.execute(
        delete(RoadLegsRow).where(RoadLegsRow.network == network, RoadLegsRow.measured_on < before)
    )
