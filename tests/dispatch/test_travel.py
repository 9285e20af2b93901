from dataclasses import replace
from datetime import UTC, datetime
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.datum import to_gcj02
from dispatch.domain.places import Datum, Point, Site, Station, StationKind
from dispatch.domain.policy import BALANCED
from dispatch.domain.snapshot import Snapshot, SpeedBand, TravelSettings, TravelTable
from dispatch.travel import Travel, TravelError, distance_m, travel_of

STRAIGHT = TravelSettings(detour_permille=1000)
SHENYANG = Point(41.8057, 123.4315)
DALIAN = Point(38.9140, 121.6147)

in_china = st.builds(Point, st.floats(18, 54), st.floats(73, 135), st.sampled_from(Datum))


def snapshot(*points: Point, travel: TravelSettings = STRAIGHT) -> Snapshot:
    """The first point is station S, the others are sites P1, P2, ..."""
    return Snapshot(
        organisation="test",
        home_province="Liaoning",
        time_zone="Asia/Shanghai",
        start_at=datetime(2026, 9, 28, 16, tzinfo=UTC),
        end_at=datetime(2026, 9, 29, 16, tzinfo=UTC),
        now_at=datetime(2026, 9, 28, 16, tzinfo=UTC),
        policy=BALANCED,
        stations=(Station("S", "Base", StationKind.STATION, points[0], "Liaoning", "Shenyang"),),
        customers=(),
        sites=tuple(
            Site(f"P{i}", "Yard", "C", point, "Liaoning", "Shenyang", "north")
            for i, point in enumerate(points[1:], start=1)
        ),
        parts=(),
        lots=(),
        technicians=(),
        work_orders=(),
        visits=(),
        travel=travel,
    )


def north_of(point: Point, metres: float) -> Point:
    return replace(point, latitude=point.latitude + metres / 111_000)


@given(in_china, in_china)
def test_straight_metres_are_the_geodesic_within_a_hundredth_of_a_percent(
    a: Point, b: Point
) -> None:
    _, metres = travel_of(snapshot(a, b)).leg("S", "P1")
    exact = distance_m(a, b)
    assert abs(metres - exact) <= 0.5 + 0.0001 * exact


@given(in_china, st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_short_trips_are_exact_to_the_metre(a: Point, north: float, east: float) -> None:
    b = replace(a, latitude=a.latitude + north, longitude=a.longitude + east)
    _, metres = travel_of(snapshot(a, b)).leg("S", "P1")
    assert abs(metres - distance_m(a, b)) <= 0.6


@given(st.lists(in_china, min_size=2, max_size=70))
def test_travel_is_the_same_both_ways_and_nothing_to_the_same_place(points: list[Point]) -> None:
    travel = travel_of(snapshot(*points))
    assert travel.seconds.dtype == travel.metres.dtype == np.int32
    assert travel.metres.shape == travel.seconds.shape == (len(points), len(points))
    assert (travel.metres == travel.metres.T).all()
    assert not travel.seconds.diagonal().any()
    assert not travel.metres.diagonal().any()


def test_places_are_stations_then_sites_in_their_order() -> None:
    travel = travel_of(snapshot(SHENYANG, DALIAN, SHENYANG))
    assert travel.place_ids == ("S", "P1", "P2")
    assert travel.leg("S", "P2") == (0, 0)
    assert travel.leg("P1", "P2") == (int(travel.seconds[1, 2]), int(travel.metres[1, 2]))


def test_a_known_distance() -> None:
    assert distance_m(SHENYANG, DALIAN) == pytest.approx(356_700, abs=1_000)


def test_every_row_is_computed_however_many_places_there_are() -> None:
    points = [north_of(SHENYANG, 1000 * i) for i in range(150)]
    travel = travel_of(snapshot(*points))
    assert [travel.leg("S", f"P{i}")[1] for i in (63, 64, 65, 128, 149)] == [
        travel.leg(f"P{i}", "S")[1] for i in (63, 64, 65, 128, 149)
    ]
    assert (np.diff(travel.metres[0]) > 0).all()
    assert (np.diff(travel.metres[:, 0]) > 0).all()


def test_the_detour_multiplies_the_metres() -> None:
    straight = travel_of(snapshot(SHENYANG, DALIAN)).leg("S", "P1")[1]
    by_road = travel_of(snapshot(SHENYANG, DALIAN, travel=TravelSettings())).leg("S", "P1")[1]
    assert by_road == pytest.approx(1.3 * straight, abs=1)


@given(st.floats(0, 150_000))
def test_the_bands_are_driven_one_after_the_other(metres: float) -> None:
    seconds, driven = travel_of(snapshot(SHENYANG, north_of(SHENYANG, metres))).leg("S", "P1")
    city, road, motorway = (
        min(driven, 15_000),
        min(max(driven - 15_000, 0), 45_000),
        driven - 60_000,
    )
    tenths = city * 1200 + road * 600 + max(motorway, 0) * 400
    assert seconds == ceil(tenths / 10_000)


def test_seconds_are_rounded_up_only_once() -> None:
    # 1 m at 7 km/h and the rest at 11: no band takes whole seconds.
    odd = (SpeedBand("slow", 1, 7), SpeedBand("fast", None, 11))
    travel = travel_of(
        snapshot(SHENYANG, north_of(SHENYANG, 1000), travel=TravelSettings(1000, odd))
    )
    seconds, metres = travel.leg("S", "P1")
    assert seconds == ceil(3.6 / 7 + (metres - 1) * 3.6 / 11)


@pytest.mark.parametrize(
    "bands",
    [
        (),
        (SpeedBand("city", 15_000, 30),),
        (SpeedBand("city", None, 30), SpeedBand("road", None, 60)),
        (SpeedBand("city", 15_000, 30), SpeedBand("road", 15_000, 60), SpeedBand("m", None, 90)),
        (SpeedBand("city", 15_000, 0), SpeedBand("road", None, 60)),
        (SpeedBand("city", 0, 30), SpeedBand("road", None, 60)),
    ],
)
def test_bands_that_make_no_sense_are_an_error(bands: tuple[SpeedBand, ...]) -> None:
    with pytest.raises(TravelError, match="rising limits"):
        travel_of(snapshot(SHENYANG, DALIAN, travel=TravelSettings(bands=bands)))


TABLE = TravelTable(
    place_ids=("P1", "elsewhere", "S"),
    seconds=((7, 1, 600), (1, 0, 1), (900, 1, 7)),
    metres=((9, 2, 5_000), (2, 0, 2), (8_000, 2, 9)),
)


def test_a_table_is_taken_as_it_is_but_for_the_way_to_the_same_place() -> None:
    travel = travel_of(snapshot(SHENYANG, DALIAN, travel=replace(STRAIGHT, table=TABLE)))
    assert travel.place_ids == ("S", "P1")
    assert (travel.leg("S", "P1"), travel.leg("P1", "S")) == ((900, 8_000), (600, 5_000))
    assert (travel.leg("S", "S"), travel.leg("P1", "P1")) == ((0, 0), (0, 0))


def test_a_table_that_lacks_a_place_is_an_error_that_names_it() -> None:
    lacking = snapshot(SHENYANG, DALIAN, DALIAN, travel=replace(STRAIGHT, table=TABLE))
    with pytest.raises(TravelError) as error:
        travel_of(lacking)
    assert "P2" in error.value.message_en
    assert "P2" in error.value.message_zh
    assert "P1" not in error.value.message_en


def test_a_leg_between_unknown_places_has_no_answer() -> None:
    matrix = np.zeros((1, 1), dtype=np.int32)
    with pytest.raises(KeyError, match="nowhere"):
        Travel(("S",), matrix, matrix).leg("S", "nowhere")


def test_travel_between_datums_goes_to_the_same_place() -> None:
    travel = travel_of(snapshot(SHENYANG, to_gcj02(SHENYANG)))
    assert travel.leg("S", "P1") == (0, 0)
    assert distance_m(DALIAN, replace(DALIAN, datum=Datum.GCJ02)) > 100
