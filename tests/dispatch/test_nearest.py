"""Whom to alert."""

from dispatch.domain.places import Point
from dispatch.nearest import nearest_station
from tests.builders import a_site, a_snapshot, a_station

HERE, NEAR, FAR = (Point(latitude, 123.0) for latitude in (41.0, 41.5, 43.0))


def test_the_nearest_station_is_alerted_and_of_equally_near_ones_the_first() -> None:
    places = {"S1": FAR, "S3": NEAR, "S2": NEAR}
    stations = tuple(a_station(name, point=point) for name, point in places.items())
    snapshot = a_snapshot(sites=[a_site("A", point=HERE)], stations=stations)
    assert nearest_station(snapshot, "A") == "S2"


def test_nobody_is_alerted_where_there_is_no_station() -> None:
    assert nearest_station(a_snapshot(stations=()), "A") is None
