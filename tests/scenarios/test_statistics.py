"""What may be said of paired differences."""

from math import inf
from random import Random

import pytest

from scenarios.statistics import Interval, paired, t_cumulated, t_quantile


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [  # from printed tables
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 3, 3.182),
        (0.975, 4, 2.776),
        (0.995, 10, 3.169),
        (0.9995, 29, 3.659),
        (0.975, 30, 2.042),
    ],
)
def test_quantiles_are_those_of_printed_tables(
    probability: float, freedom: int, expected: float
) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 12, 29])
def test_cumulated_is_symmetric_and_rises(freedom: int) -> None:
    assert t_cumulated(0.0, freedom) == pytest.approx(0.5)
    assert t_cumulated(-1.5, freedom) == pytest.approx(1 - t_cumulated(1.5, freedom))
    assert t_cumulated(1.0, freedom) < t_cumulated(1.1, freedom) < 1.0


def test_an_interval_holds_as_often_as_it_says() -> None:
    rng = Random(4)
    hits = 0
    for _ in range(2000):
        differences = [rng.gauss(3.0, 2.0) for _ in range(5)]
        interval = paired(differences, 0.1)
        hits += interval.low <= 3.0 <= interval.high
    assert hits / 2000 == pytest.approx(0.9, abs=0.02)


def test_one_or_two_runs_say_nothing_of_chance() -> None:
    assert paired([5.0], 0.05) == Interval(5.0, -inf, inf)
    assert paired([5.0, 7.0], 0.05) == Interval(6.0, -inf, inf)


def test_no_difference_in_any_run_is_none() -> None:
    assert paired([0.0, 0.0, 0.0], 0.05, unit=1.0) == Interval(0.0, 0.0, 0.0)


def test_a_difference_of_one_visit_in_few_runs_is_not_clear_but_of_ten_is() -> None:
    assert not paired([1.0] * 3, 0.01, unit=1.0).is_clear
    assert paired([10.0] * 3, 0.01, unit=1.0).is_clear
