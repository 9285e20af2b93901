"""The readers take what the public sets look like, and say what is wrong with anything else."""

import json
from pathlib import Path

import pytest

from benchmarks.reading import hhcrsp, routing, trsp
from benchmarks.reading.routing import Rounding
from benchmarks.reading.text import ReadError
from tests.benchmarks import small
from tests.benchmarks.small import written


def test_trsp_tells_technicians_from_requests(tmp_path: Path) -> None:
    instance = trsp.read(written(tmp_path, "T101.4_2-2-1-2.txt", small.TRSP))
    assert instance.name == "T101"
    assert [t.id for t in instance.technicians] == [1, 2]
    assert [r.id for r in instance.requests] == [3, 4, 5]
    assert instance.technicians[0].skills == {0, 1}
    assert instance.requests[2].parts == (0, 2)
    assert instance.requests[2].tools == {0}
    assert instance.matrix is None


def test_windows_line_ends_and_other_blanks_change_nothing(tmp_path: Path) -> None:
    plain = trsp.read(written(tmp_path, "a.txt", small.TRSP))
    spaced = small.TRSP.replace("\n", " \r\n").replace(",", " , ")
    assert trsp.read(written(tmp_path, "b.txt", spaced)).places == plain.places


def test_the_matrix_of_travel_times_counts_and_ends_at_the_end_homes(tmp_path: Path) -> None:
    instance = trsp.read(written(tmp_path, "R1.txt", small.MATRIX))
    assert instance.matrix is not None
    assert instance.matrix[1][2] == 10.1
    assert instance.matrix[4][instance.end_column(0)] == 15.5


def test_a_file_with_distances_only_is_read_too(tmp_path: Path) -> None:
    text = small.MATRIX[: small.MATRIX.index("TRAVEL TIMES")]
    instance = trsp.read(written(tmp_path, "R1.txt", text))
    assert instance.matrix is not None
    assert instance.matrix[1][2] == 1


def test_a_matrix_with_a_short_row_is_refused(tmp_path: Path) -> None:
    text = small.MATRIX.replace("3;20;20;7;0;6;9;20", "3;20;20;7;0;6;9")
    with pytest.raises(ReadError, match="square"):
        trsp.read(written(tmp_path, "R1.txt", text))


def test_a_broken_place_is_named_by_file_and_line(tmp_path: Path) -> None:
    text = small.TRSP.replace("4    30    0     40", "4    30    zero     40")
    with pytest.raises(ReadError, match=r"bad\.txt, line 13: .*six numbers"):
        trsp.read(written(tmp_path, "bad.txt", text))


def test_home_care_lags_are_zero_or_between_bounds(tmp_path: Path) -> None:
    path = written(tmp_path, "InstanzCPLEX_HCSRP_3_1.json", json.dumps(small.HHCRSP))
    instance = hhcrsp.read(path)
    assert instance.name == "3_1"
    assert [p.lag for p in instance.patients] == [None, (0, 0), (10, 20)]
    assert [s.duration for s in instance.patients[1].services] == [10, 10]


def test_home_care_without_a_field_is_refused_by_its_name(tmp_path: Path) -> None:
    data = {key: value for key, value in small.HHCRSP.items() if key != "caregivers"}
    with pytest.raises(ReadError, match="caregivers"):
        hhcrsp.read(written(tmp_path, "x.json", json.dumps(data)))


def test_solomon_customers_and_fleet(tmp_path: Path) -> None:
    path = written(tmp_path, "S101.txt", small.VRPTW)
    instance = routing.read_solomon(path, Rounding.TENTHS_DOWN)
    assert (instance.depot.id, instance.depot.close) == (0, 200)
    assert [c.id for c in instance.customers] == [1, 2, 3]
    assert [v.capacity for v in instance.vehicles] == [10, 10, 10]


def test_vrplib_with_allowed_clients_and_a_longest_route(tmp_path: Path) -> None:
    instance = routing.read_vrplib(written(tmp_path, "P1.vrp", small.SDVRPTW))
    assert instance.depot.id == 1
    assert [sorted(v.allowed or ()) for v in instance.vehicles] == [[2], [2, 3]]
    assert [v.capacity for v in instance.vehicles] == [5, 8]
    assert instance.max_duration == 40


def test_vrplib_without_windows_is_refused(tmp_path: Path) -> None:
    text = small.SDVRPTW.replace("TIME_WINDOW_SECTION", "OTHER_SECTION")
    with pytest.raises(ReadError, match="TIME_WINDOW_SECTION must have two numbers for node 1"):
        routing.read_vrplib(written(tmp_path, "P1.vrp", text))
