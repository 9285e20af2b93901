"""Where things are: points, stations (which are also parts depots), customers and their sites."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Datum(StrEnum):
    """The geodetic datum of a point. Chinese maps publish GCJ-02, GPS receivers WGS-84."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth in degrees, with the datum that the degrees refer to."""

    latitude: float
    longitude: float
    datum: Datum = Datum.WGS84


class StationKind(StrEnum):
    HEADQUARTERS = "headquarters"
    BRANCH = "branch"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class ToolStock:
    """``quantity`` pieces of a tool that technicians may borrow at a station."""

    tool: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Station:
    """A service outlet: base of technicians and depot of parts.

    ``pickup_s`` is how long collecting parts there takes, whatever the number of parts.
    """

    id: str
    name: str
    kind: StationKind
    point: Point
    province: str
    city: str
    pickup_s: int = 600
    tools: tuple[ToolStock, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Where equipment stands. ``id`` differs from every other site's and station's id."""

    id: str
    name: str
    customer_id: str
    point: Point
    province: str
    city: str
    territory: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What is repaired. ``warranty_until`` is the last day of the warranty.

    Where that is None the warranty begins on ``installed_on`` and lasts as long as the service
    terms say; where that is None too, there is none.
    """

    id: str
    site_id: str
    product: str
    serial: str = ""
    installed_on: date | None = None
    warranty_until: date | None = None
