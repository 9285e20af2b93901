"""Made-up stations, customers and sites."""

import math
from random import Random

from dispatch.domain.places import Customer, Datum, Point, Site, Station, StationKind, ToolStock
from scenarios.mix import ABROAD, HOME, TOOLS, Mix, drawn

CENTRE = (41.8, 123.4)
KM_PER_DEGREE = 111.2
GRID_KM = 40
VISITS_PER_STATION = 40
VISITS_PER_CUSTOMER = 8
SITES_PER_VISIT = 0.7
IN_TOWN_KM, IN_COUNTRY_KM, ABROAD_KM = (0, 12), (10, 40), (60, 140)


def beside(rng: Random, latitude: float, longitude: float, min_km: float, max_km: float) -> Point:
    """A point at a random bearing and distance; one in five is a GCJ-02 reading."""
    angle, km = rng.uniform(0, 2 * math.pi), rng.uniform(min_km, max_km)
    km_per_degree_east = KM_PER_DEGREE * math.cos(math.radians(latitude))
    return Point(
        round(latitude + km * math.cos(angle) / KM_PER_DEGREE, 5),
        round(longitude + km * math.sin(angle) / km_per_degree_east, 5),
        Datum.GCJ02 if drawn(rng, 0.2) else Datum.WGS84,
    )


def territory_of(station: Station) -> str:
    return f"Territory {station.id}"


def make_stations(rng: Random, visits: int, mix: Mix) -> tuple[Station, ...]:
    """Stations near the crossings of a square grid around the centre."""
    count = mix.stations or max(1, round(visits / VISITS_PER_STATION))
    side = math.ceil(math.sqrt(count))
    step = GRID_KM / KM_PER_DEGREE
    stations = []
    for i in range(count):
        row, column = divmod(i, side)
        latitude = CENTRE[0] + (row - side / 2) * step
        longitude = CENTRE[1] + (column - side / 2) * step * 1.3
        stations.append(
            Station(
                id=f"ST{i + 1:03}",
                name=f"Station {i + 1}",
                kind=StationKind.HEADQUARTERS if i == 0 else StationKind.STATION,
                point=beside(rng, latitude, longitude, 0, 8),
                province=HOME,
                city=f"City {i + 1}",
                pickup_s=60 * rng.choice((5, 10, 15)),
                tools=tuple(ToolStock(t, rng.randint(1, 2)) for t in TOOLS if drawn(rng, 0.6)),
            )
        )
    return tuple(stations)


def make_customers(rng: Random, visits: int) -> tuple[Customer, ...]:
    return tuple(
        Customer(f"C{i:04}", f"Customer {i}", rng.choice(("strategic", "standard", "basic")))
        for i in range(1, max(2, visits // VISITS_PER_CUSTOMER) + 1)
    )


def make_sites(
    rng: Random,
    visits: int,
    stations: tuple[Station, ...],
    customers: tuple[Customer, ...],
    mix: Mix,
) -> tuple[Site, ...]:
    """Sites around the stations: most in town, some in the country, some over the border."""
    sites = []
    for i in range(1, max(1, round(visits * SITES_PER_VISIT)) + 1):
        station = rng.choice(stations)
        abroad = drawn(rng, mix.out_of_province)
        near, far = ABROAD_KM if abroad else IN_COUNTRY_KM if drawn(rng, 0.25) else IN_TOWN_KM
        sites.append(
            Site(
                id=f"S{i:05}",
                name=f"Site {i}",
                customer_id=rng.choice(customers).id,
                point=beside(rng, station.point.latitude, station.point.longitude, near, far),
                province=ABROAD if abroad else HOME,
                city=station.city,
                territory=territory_of(station),
            )
        )
    return tuple(sites)
