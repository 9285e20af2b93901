"""Conversion between WGS-84, which GPS receivers give, and GCJ-02, which Chinese maps publish.

GCJ-02 shifts every point in and around China by some 100 to 700 m. Inside its rectangle the
published formulas apply; outside it both datums are the same.
"""

from math import cos, pi, radians, sin, sqrt

from dispatch.domain.places import Datum, Point

# The Krasovsky 1940 ellipsoid of the formulas: semi-major axis in metres, eccentricity squared.
_AXIS_M = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943

_SOUTH, _NORTH = 0.8293, 55.8271
_WEST, _EAST = 72.004, 137.8347

# One millimetre or so on the ground.
_PRECISION_DEG = 1e-8


def to_wgs84(point: Point) -> Point:
    """The same place in WGS-84, to better than a centimetre."""
    if point.datum is Datum.WGS84:
        return point
    latitude, longitude = point.latitude, point.longitude
    if not _is_shifted(latitude, longitude):
        return Point(latitude, longitude)
    # The shift changes by less than a thousandth of the way, so each round gains three digits.
    while True:
        north, east = _shift(latitude, longitude)
        error_north = point.latitude - latitude - north
        error_east = point.longitude - longitude - east
        latitude += error_north
        longitude += error_east
        if max(abs(error_north), abs(error_east)) < _PRECISION_DEG:
            return Point(latitude, longitude)


def to_gcj02(point: Point) -> Point:
    """The same place in GCJ-02."""
    if point.datum is Datum.GCJ02:
        return point
    latitude, longitude = point.latitude, point.longitude
    if not _is_shifted(latitude, longitude):
        return Point(latitude, longitude, Datum.GCJ02)
    north, east = _shift(latitude, longitude)
    return Point(latitude + north, longitude + east, Datum.GCJ02)


def _is_shifted(latitude: float, longitude: float) -> bool:
    return _SOUTH <= latitude <= _NORTH and _WEST <= longitude <= _EAST


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    """Degrees north and east from a WGS-84 point to the same place in GCJ-02."""
    north_m, east_m = _shift_m(longitude - 105.0, latitude - 35.0)
    phi = radians(latitude)
    flatness = 1 - _ECCENTRICITY_2 * sin(phi) ** 2
    meridian_radius = _AXIS_M * (1 - _ECCENTRICITY_2) / (flatness * sqrt(flatness))
    parallel_radius = _AXIS_M / sqrt(flatness) * cos(phi)
    return north_m / meridian_radius * 180 / pi, east_m / parallel_radius * 180 / pi


def _shift_m(x: float, y: float) -> tuple[float, float]:
    """Metres north and east, ``x`` and ``y`` degrees east and north of 105° E 35° N."""
    common = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + common
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + common
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east
