"""What the road network said, in the facts."""

from dataclasses import replace

from sqlalchemy.orm import Session

from dispatch.domain.organisation import Organisation
from dispatch.domain.places import Site, Station
from dispatch.domain.roads import Leg, RoadNetwork
from dispatch.domain.snapshot import RoadTable
from dispatch.spots import spot_of
from dispatch.store import queries_roads
from dispatch.store.rows_roads import RoadNetworkRow

_UNKNOWN: Leg = (None, None)


def network_of(row: RoadNetworkRow) -> RoadNetwork:
    return RoadNetwork(row.kind, row.url, row.profile, row.most_places)


def with_roads(session: Session, facts: Organisation) -> Organisation:
    """The facts with all legs between their places that their road network knows, if they have one.

    A travel table of the organisation goes before the road network.
    """
    row = queries_roads.network_row(session)
    if row is None or facts.travel.table is not None:
        return facts
    name = network_of(row).name
    known = queries_roads.known_legs(session, name)
    places: tuple[Station | Site, ...] = (*facts.stations, *facts.sites)
    spots = {p.id: spot_of(p.point) for p in places}
    spots = {place_id: spot for place_id, spot in spots.items() if spot in known}
    legs = [[known[a].get(b, _UNKNOWN) for b in spots.values()] for a in spots.values()]
    table = RoadTable(
        name,
        tuple(spots),
        tuple(tuple(seconds for seconds, _ in to) for to in legs),
        tuple(tuple(metres for _, metres in to) for to in legs),
    )
    return replace(facts, travel=replace(facts.travel, roads=table))
