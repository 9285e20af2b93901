"""Spots: places on the ground to about a metre, in WGS-84, as numbers that can be kept."""

from dispatch.datum import to_wgs84
from dispatch.domain.places import Point

_PER_DEGREE = 100_000
_SHIFT = 100_000_000
"""More than all longitudes in 1 / ``_PER_DEGREE``."""
_SOUTH, _WEST = 90 * _PER_DEGREE, 180 * _PER_DEGREE


def spot_of(point: Point) -> int:
    """The spot of a point in whatever datum."""
    point = to_wgs84(point)
    north = round(point.latitude * _PER_DEGREE) + _SOUTH
    east = round(point.longitude * _PER_DEGREE) + _WEST
    return north * _SHIFT + east


def point_of(spot: int) -> Point:
    """Where a spot is, in WGS-84."""
    north, east = divmod(spot, _SHIFT)
    return Point((north - _SOUTH) / _PER_DEGREE, (east - _WEST) / _PER_DEGREE)
