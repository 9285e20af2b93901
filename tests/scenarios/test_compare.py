"""Comparisons say what is true, and nothing of what is but noise."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from dispatch.domain.snapshot import Snapshot
from dispatch.texts import Language
from scenarios.changes import Change
from scenarios.changes.people import Hire, Leave
from scenarios.changes.stock import Delivery
from scenarios.changes.terms import Sla
from scenarios.compare import Comparison, compare
from scenarios.outcome import Outcome
from scenarios.study import Compared
from tests.scenarios.laboratories import a_laboratory, a_scenario, busy_day, everybody_can


def made_up(seed: int, rng: Random, shift: float = 0.0) -> Outcome:
    """Figures of a run as they might be: whole numbers, and some that hardly vary."""
    left_out = round(rng.gauss(13, 1))
    figures = {
        "total_fen": rng.gauss(16_000_000, 200_000) + shift,
        "unassigned": left_out,
        "on_time": round(rng.gauss(236, 3)),
        "clock:arrive": rng.gauss(778, 8),
        "travel_s": rng.gauss(766_000, 9000),
        "overtime_s": rng.gauss(120_000, 4000),
        "nights": float(rng.random() < 0.2),
        "left_out:parts": left_out - 9,
        "cost:overtime_pay": rng.gauss(230_000, 8000),
        **{f"load:T{i}": rng.gauss(720, 30) for i in range(20)},
    }
    return Outcome(f"k{seed}", seed, figures, {}, {})


def of_made_up(rng: Random, seeds: int, shift: float = 0.0) -> Comparison:
    facts = busy_day()
    before = {s: made_up(s, rng) for s in range(seeds)}
    after = {s: made_up(s, rng, shift) for s in range(seeds)}
    return compare(("a", "b"), (facts, facts), before, after)


@pytest.mark.parametrize("seeds", [3, 5, 30])
def test_noise_is_called_noise_in_28_of_30_comparisons(seeds: int) -> None:
    rng = Random(seeds)
    said = [of_made_up(rng, seeds).is_noise for _ in range(90)]
    for first in range(0, 90, 30):
        assert sum(said[first : first + 30]) >= 28


def test_what_is_more_than_noise_is_found() -> None:
    found = of_made_up(Random(1), 10, shift=2_000_000)
    assert [d.figure.code for d in found.differences if d.is_clear] == ["total_fen"]
    assert found.of("total_fen").verdict == -1


def test_sentences_are_plain_in_both_languages() -> None:
    found = of_made_up(Random(1), 10, shift=2_000_000)
    cost, travel = found.of("total_fen"), found.of("travel_s")
    assert cost.sentence(Language.EN).startswith("cost rises by ")
    assert "for the worse: more than noise." in cost.sentence(Language.EN)
    assert "超出随机波动" in cost.sentence(Language.ZH)
    assert travel.sentence(Language.EN).endswith("cannot be told from noise.")
    assert "无法区分" in travel.sentence(Language.ZH)
    assert found.sentence(Language.EN) == "More than noise over 10 seeds: cost."


def test_one_seed_is_said_to_say_nothing_of_chance() -> None:
    found = of_made_up(Random(1), 1, shift=9e9)
    assert found.is_noise
    assert "give more seeds" in found.of("total_fen").sentence(Language.EN)


def pair_of(folder: Path, change: Change, base: Snapshot) -> Compared:
    scenario = a_scenario(change, base=base, seeds=range(1, 6), iterations=120)
    before, after = a_laboratory(folder).carry_out((scenario.baseline, scenario))
    return Compared(before, after)


def test_a_part_that_nobody_needs_makes_no_difference(tmp_path: Path) -> None:
    base = everybody_can(1, visits=15)
    station = base.stations[0].id
    needed = {q.part_id for v in base.visits for q in v.parts}
    idle = next(p.id for p in base.parts if p.id not in needed)
    pair = pair_of(tmp_path, Delivery(part=idle, station=station, units=9), base)
    assert pair.comparison.is_noise
    assert pair.hands == ()


def test_a_second_technician_keeps_clocks_and_is_why(tmp_path: Path) -> None:
    pair = pair_of(tmp_path, Hire(like="T1"), busy_day())
    on_site = pair.comparison.of("clock:arrive")
    assert on_site.is_clear
    assert on_site.verdict == 1
    assert on_site.after > on_site.before
    assert pair.comparison.of("unassigned").same
    for hand in pair.hands:
        assert hand.why.en == "T1+1 is new"


def test_whose_work_goes_to_others_is_said(tmp_path: Path) -> None:
    base = busy_day()
    two = replace(base, technicians=(*base.technicians, replace(base.technicians[0], id="T2")))
    shifts = tuple(replace(s, id=f"x{s.id}") for s in base.technicians[0].shifts)
    two = replace(two, technicians=(two.technicians[0], replace(two.technicians[1], shifts=shifts)))
    pair = pair_of(tmp_path, Leave(technicians=("T2",)), two)
    for hand in pair.hands:
        assert hand.after == ("T1",)
        assert hand.why.en == "T2 is not there any more"


def test_other_prices_are_said_aloud(tmp_path: Path) -> None:
    pair = pair_of(tmp_path, Sla.model_validate({"clock": "arrive", "hours": 8}), busy_day())
    assert pair.comparison.prices_differ
    assert pair.comparison.of("clock:arrive").verdict == -1
