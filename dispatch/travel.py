"""How long and how far it is between stations and sites."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from dispatch.datum import to_wgs84
from dispatch.domain.errors import DispatchError
from dispatch.domain.places import Point, Site, Station
from dispatch.domain.snapshot import (
    RoadTable,
    SlowedTravel,
    Snapshot,
    SpeedBand,
    TravelSettings,
    TravelTable,
)

# The WGS-84 ellipsoid: semi-major axis in metres, flattening.
_AXIS_M = 6_378_137.0
_FLATTENING = 1 / 298.257_223_563

_Legs: TypeAlias = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
"""Seconds and metres, [from, to] each."""

_Places: TypeAlias = tuple[Station | Site, ...]
_PERCENT = 100

# Rows of a matrix that are computed at once: keeps the intermediate arrays in the cache.
_ROWS = 64


class TravelError(DispatchError):
    """Travel that the settings or the travel table do not say."""


@dataclass(frozen=True, eq=False)
class Travel:
    """Travel between ``n`` places.

    ``seconds`` and ``metres`` are int32 [n, n], from the row's place to the column's, in the order
    of ``place_ids``; the diagonal is 0.
    """

    place_ids: tuple[str, ...]
    seconds: npt.NDArray[np.int32]
    metres: npt.NDArray[np.int32]

    def leg(self, from_id: str, to_id: str) -> tuple[int, int]:
        """Seconds and metres from one place to another."""
        row, column = self._index[from_id], self._index[to_id]
        return int(self.seconds[row, column]), int(self.metres[row, column])

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {place_id: i for i, place_id in enumerate(self.place_ids)}


def travel_of(snapshot: Snapshot) -> Travel:
    """Travel between the snapshot's stations, then its sites, in their order.

    Raises TravelError if the travel table lacks one of them, the road network's table is not
    square, or the speed bands make no sense.
    """
    places: _Places = (*snapshot.stations, *snapshot.sites)
    settings = snapshot.travel
    travel = _usual(places, settings)
    _slow(travel.seconds, places, places, settings.slowed)
    return travel


def same_places(before: Snapshot, after: Snapshot) -> bool:
    """Whether travel in one snapshot is travel in the other."""
    return (before.stations, before.sites, before.travel) == (
        after.stations,
        after.sites,
        after.travel,
    )


def distance_m(a: Point, b: Point) -> float:
    """Metres along the ellipsoid."""
    # Takes some 50 ms to import, and planning needs matrices only.
    from geopy.distance import geodesic

    a, b = to_wgs84(a), to_wgs84(b)
    return float(geodesic((a.latitude, a.longitude), (b.latitude, b.longitude)).meters)


def straight_m(from_: Sequence[Point], to: Sequence[Point]) -> npt.NDArray[np.float64]:
    """Metres between many points, as ``distance_m`` to a hundredth of a percent: [from, to]."""
    return _distances_m(*_points(from_), *_points(to))


class RoomyTravel:
    """Travel to which sites can be added without copying it each time."""

    def __init__(self, snapshot: Snapshot, travel: Travel, spare: int) -> None:
        """``travel`` is that of the snapshot; there is room for so many ``spare`` sites."""
        size = len(travel.place_ids)
        self._travel = travel
        self._places: _Places = (*snapshot.stations, *snapshot.sites)
        self._seconds, self._metres = (np.zeros((size + spare,) * 2, np.int32) for _ in range(2))
        self._seconds[:size, :size], self._metres[:size, :size] = travel.seconds, travel.metres
        self._points = _points([p.point for p in self._places])

    def with_site(self, site: Site, settings: TravelSettings) -> Travel | None:
        """Travel with one site more, at the end; None if there is no room.

        Raises TravelError if the travel table lacks the site.
        """
        ids = (*self._travel.place_ids, site.id)
        last, size = len(ids) - 1, len(ids)
        if size > len(self._seconds):
            return None
        if settings.table is not None:
            there = _cells(settings.table, ids[-1:], ids)
            back = _cells(settings.table, ids, ids[-1:])
        else:
            one = _points((site.point,))
            points = _Points(*map(np.concatenate, zip(self._points, one, strict=True)))
            there, back = _road(one, points, settings), _road(points, one, settings)
            self._points = points
        self._places = (*self._places, site)
        _slow(there[0], (site,), self._places, settings.slowed)
        _slow(back[0], self._places, (site,), settings.slowed)
        for matrix, row, column in zip((self._seconds, self._metres), there, back, strict=True):
            matrix[last, :size], matrix[:size, last] = row[0], column[:, 0]
            matrix[last, last] = 0
        self._travel = Travel(ids, self._seconds[:size, :size], self._metres[:size, :size])
        return self._travel


def _usual(places: _Places, settings: TravelSettings) -> Travel:
    """Travel that nothing slows."""
    if settings.table is not None:
        return _from_table(settings.table, tuple(p.id for p in places))
    estimated = _by_road(places, settings)
    return estimated if settings.roads is None else _put_right(estimated, settings.roads)


def _slow(
    seconds: npt.NDArray[np.int32], from_: _Places, to: _Places, slowed: Iterable[SlowedTravel]
) -> None:
    """Slows trips where they are written, rounded to seconds: [from, to]."""
    for one in slowed:
        rows, columns = _touched(from_, one), _touched(to, one)
        for first in range(0, len(from_), _ROWS):
            some = seconds[first : first + _ROWS]
            hit = rows[first : first + _ROWS, np.newaxis] | columns[np.newaxis, :]
            some[:] = np.where(hit, np.rint(some * (one.percent / _PERCENT)), some)


def _touched(places: _Places, slowed: SlowedTravel) -> npt.NDArray[np.bool_]:
    """Which places a slowdown is about."""
    everywhere = not (slowed.territories or slowed.cities)

    def is_named(place: Station | Site) -> bool:
        in_territory = isinstance(place, Site) and place.territory in slowed.territories
        return in_territory or place.city in slowed.cities

    return np.array([everywhere or is_named(p) for p in places], np.bool_)


def _from_table(table: TravelTable, place_ids: tuple[str, ...]) -> Travel:
    seconds, metres = _cells(table, place_ids, place_ids)
    for matrix in (seconds, metres):
        np.fill_diagonal(matrix, 0)
    return Travel(place_ids, seconds, metres)


def _cells(table: TravelTable, from_ids: Sequence[str], to_ids: Sequence[str]) -> _Legs:
    """Raises TravelError if the table lacks one of them."""
    index = {place_id: i for i, place_id in enumerate(table.place_ids)}
    missing = [i for i in dict.fromkeys((*from_ids, *to_ids)) if i not in index]
    if missing:
        names = ", ".join(missing[:10])
        raise TravelError(
            f"The travel table lacks {len(missing)} of the stations and sites: {names}."
            " Add travel from and to each of them, or leave the table out.",
            f"行程表缺少 {len(missing)} 个服务站或站点：{names}。"
            "请补充与它们之间的往返行程，或不使用行程表。",
        )
    columns = [index[place_id] for place_id in to_ids]
    seconds, metres = (
        np.array([[cells[index[i]][j] for j in columns] for i in from_ids], np.int32)
        for cells in (table.seconds, table.metres)
    )
    return seconds, metres


def _put_right(estimated: Travel, roads: RoadTable) -> Travel:
    """The legs that a road network knows in place of the estimates. Raises TravelError."""
    index = {place_id: i for i, place_id in enumerate(estimated.place_ids)}
    theirs = [i for i, place_id in enumerate(roads.place_ids) if place_id in index]
    own = np.ix_(*[[index[roads.place_ids[i]] for i in theirs]] * 2)
    size = len(roads.place_ids)
    said = [_known(table, size)[np.ix_(theirs, theirs)] for table in (roads.seconds, roads.metres)]
    is_known = ~np.isnan(said[0]) & ~np.isnan(said[1])
    for matrix, known in zip((estimated.seconds, estimated.metres), said, strict=True):
        matrix[own] = np.where(is_known, known, matrix[own])
        np.fill_diagonal(matrix, 0)
    return estimated


def _known(table: Sequence[Sequence[int | None]], size: int) -> npt.NDArray[np.float64]:
    """What is not known is no number. Raises TravelError unless the table is square."""
    if len(table) != size or any(len(row) != size for row in table):
        raise TravelError(
            f"The table of the road network has {size} places, but not {size} × {size} legs."
            " Make the snapshot anew, or leave the table out.",
            f"路网行程表有 {size} 个地点，但不是 {size} × {size} 段行程。"
            "请重新生成快照，或去掉该表。",
        )
    return np.array(table, np.float64).reshape(size, size)


def _by_road(places: _Places, settings: TravelSettings) -> Travel:
    _check_bands(settings.bands)
    points = _points([p.point for p in places])
    metres = np.empty((len(places), len(places)), dtype=np.int32)
    seconds = np.empty_like(metres)
    for first in range(0, len(places), _ROWS):
        rows = slice(first, first + _ROWS)
        some = _Points(points.reduced[rows], points.longitudes[rows])
        seconds[rows], metres[rows] = _road(some, points, settings)
    return Travel(tuple(p.id for p in places), seconds, metres)


class _Points(NamedTuple):
    """Where places are: reduced latitudes and longitudes in radians."""

    reduced: npt.NDArray[np.float64]
    longitudes: npt.NDArray[np.float64]


def _points(anywhere: Sequence[Point]) -> _Points:
    points = [to_wgs84(point) for point in anywhere]
    reduced = np.arctan((1 - _FLATTENING) * np.tan(np.radians([p.latitude for p in points])))
    return _Points(reduced, np.radians([p.longitude for p in points]))


def _road(from_: _Points, to: _Points, settings: TravelSettings) -> _Legs:
    straight = _distances_m(*from_, *to)
    metres = np.rint(straight * (settings.detour_permille / 1000)).astype(np.int32)
    return _seconds(metres, settings.bands).astype(np.int32), metres


def _distances_m(
    from_reduced: npt.NDArray[np.float64],
    from_longitudes: npt.NDArray[np.float64],
    to_reduced: npt.NDArray[np.float64],
    to_longitudes: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Lambert's formula: the great circle between reduced latitudes (radians), corrected to the
    first order of the flattening. Metres, float64 [from, to].
    """
    beta, other = from_reduced[:, np.newaxis], to_reduced[np.newaxis, :]
    lambda_ = from_longitudes[:, np.newaxis] - to_longitudes[np.newaxis, :]
    mean, half = (beta + other) / 2, (beta - other) / 2
    half_2 = np.sin(half) ** 2
    # The sine and cosine of half the central angle, squared.
    sin_2 = half_2 + np.cos(beta) * np.cos(other) * np.sin(lambda_ / 2) ** 2
    cos_2 = 1 - sin_2
    sigma = 2 * np.arcsin(np.sqrt(sin_2))
    sin_sigma = np.sin(sigma)
    mean_2 = np.sin(mean) ** 2
    x = (sigma - sin_sigma) * mean_2 * (1 - half_2) / cos_2
    # Between equal points half_2 is 0 too, and so is the quotient.
    y = (sigma + sin_sigma) * (1 - mean_2) * half_2 / np.where(sin_2 > 0, sin_2, 1.0)
    metres: npt.NDArray[np.float64] = _AXIS_M * (sigma - _FLATTENING / 2 * (x + y))
    return metres


def _seconds(metres: npt.NDArray[np.int32], bands: Sequence[SpeedBand]) -> npt.NDArray[np.int64]:
    """The bands driven one after the other, each trip rounded up to whole seconds."""
    # A band takes metres * 18 / (5 * km/h) seconds: an integer in units of 1 / (5 * common).
    common = lcm(*(b.speed_km_per_h for b in bands))
    units = np.zeros(metres.shape, dtype=np.int64)
    from_m = 0
    for band in bands:
        driven = np.maximum(metres - from_m, 0)
        if band.up_to_m is not None:
            driven = np.minimum(driven, band.up_to_m - from_m)
            from_m = band.up_to_m
        units += driven * np.int64(18 * (common // band.speed_km_per_h))
    return -(-units // (5 * common))


def _check_bands(bands: Sequence[SpeedBand]) -> None:
    limits = [b.up_to_m for b in bands]
    inner = [0, *(m for m in limits[:-1] if m is not None)]
    rising = len(inner) == len(bands) and all(a < b for a, b in pairwise(inner))
    if not rising or limits[-1] is not None or any(b.speed_km_per_h <= 0 for b in bands):
        found = ", ".join(f"{b.name} ≤ {b.up_to_m} m: {b.speed_km_per_h} km/h" for b in bands)
        raise TravelError(
            "Speed bands must have rising limits, none on the last, and speeds above 0;"
            f" found: {found or '-'}.",
            f"速度分段的上限必须递增，最后一段不设上限，速度必须大于 0；现为：{found or '-'}。",
        )
