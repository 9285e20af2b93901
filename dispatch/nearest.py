"""Which station to alert of an emergency."""

from dataclasses import replace

from dispatch.domain.snapshot import Snapshot
from dispatch.travel import travel_of


def nearest_station(snapshot: Snapshot, site_id: str) -> str | None:
    """The station nearest to a site by road, of equally near ones the first by id.

    None if there is no station. Raises TravelError if the travel of the site is not known.
    """
    travel = travel_of(replace(snapshot, sites=(snapshot.site[site_id],)))
    stations = (station.id for station in snapshot.stations)
    return min(stations, key=lambda s: (travel.leg(s, site_id)[1], s), default=None)
