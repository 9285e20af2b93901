from dataclasses import replace
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.datum import to_gcj02, to_wgs84
from dispatch.domain.places import Datum, Point
from dispatch.travel import distance_m

DALIAN = Point(38.9140, 121.6147)


@given(st.builds(Point, st.floats(18, 54), st.floats(73, 135)))
def test_there_and_back_between_the_datums_is_within_a_centimetre(point: Point) -> None:
    shifted = to_gcj02(point)
    assert shifted.datum is Datum.GCJ02
    assert distance_m(to_wgs84(shifted), point) < 0.01


@given(st.builds(Point, st.floats(20, 50), st.floats(76, 132)))
def test_the_datums_differ_by_some_hundred_metres_in_china(point: Point) -> None:
    shifted = to_gcj02(point)
    difference = distance_m(replace(shifted, datum=Datum.WGS84), point)
    assert 10 < difference < 1_500


def test_a_published_pair_of_points() -> None:
    # Tiananmen, as GPS and as Chinese maps give it.
    shifted = to_gcj02(Point(39.908_823, 116.397_470))
    off = hypot(shifted.latitude - 39.910_227, shifted.longitude - 116.403_713)
    assert off < 1e-5


@pytest.mark.parametrize("point", [Point(51.5, -0.13), Point(35.68, 139.77), Point(-33.9, 151.2)])
def test_outside_china_the_datums_agree(point: Point) -> None:
    assert to_gcj02(point) == replace(point, datum=Datum.GCJ02)
    assert to_wgs84(replace(point, datum=Datum.GCJ02)) == point


def test_a_point_in_its_own_datum_stays_as_it_is() -> None:
    assert to_wgs84(DALIAN) is DALIAN
    chinese = replace(DALIAN, datum=Datum.GCJ02)
    assert to_gcj02(chinese) is chinese
