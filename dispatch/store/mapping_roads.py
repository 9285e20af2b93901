"""What the road network said, in the snapshot."""

from dataclasses import replace

from sqlalchemy.orm import Session

from dispatch.domain.places import Site, Station
from dispatch.domain.roads import Leg, RoadNetwork
from dispatch.domain.snapshot import RoadTable, Snapshot
from dispatch.spots import spot_of
from dispatch.store import queries_roads
from dispatch.store.rows_roads import RoadNetworkRow

_UNKNOWN: Leg = (None, None)


def network_of(row: RoadNetworkRow) -> RoadNetwork:
    return RoadNetwork(row.kind, row.url, row.profile, row.most_places)


def with_roads(session: Session, snapshot: Snapshot) -> Snapshot:
    """The snapshot with all legs between its places that its road network knows, if it has one.

    A travel table of the organisation goes before the road network.
    """
    row = queries_roads.network_row(session)
    if row is None or snapshot.travel.table is not None:
        return snapshot
    name = network_of(row).name
    known = queries_roads.known_legs(session, name)
    places: tuple[Station | Site, ...] = (*snapshot.stations, *snapshot.sites)
    spots = {p.id: spot_of(p.point) for p in places}
    spots = {place_id: spot for place_id, spot in spots.items() if spot in known}
    legs = [[known[a].get(b, _UNKNOWN) for b in spots.values()] for a in spots.values()]
    table = RoadTable(
        name,
        tuple(spots),
        tuple(tuple(seconds for seconds, _ in to) for to in legs),
        tuple(tuple(metres for _, metres in to) for to in legs),
    )
    return replace(snapshot, travel=replace(snapshot.travel, roads=table))
