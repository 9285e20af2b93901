"""What generated organisations hold: determinism, size, integrity, and the mix asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.domain.people import ShiftKind
from dispatch.domain.work import Priority
from dispatch.exchange.reading import load_organisation
from dispatch.exchange.writing import write_folder
from dispatch.horizon import snapshot_of
from scenarios.generate import HARD, TYPICAL, Mix, generate
from scenarios.mix import FIRST_DAY
from tests.scenarios.integrity import faults

NOTHING = Mix(
    parts=0,
    tools=0,
    levels=0,
    windows=0,
    run_in=0,
    releases=0,
    emergencies=0,
    out_of_province=0,
    crews=0,
    links=0,
    wishes=0,
    pins=0,
    published=0,
    backups=0,
    exclusions=0,
    expiring=0,
    absences=0,
    limits=0,
    overnight=0,
    standby=0,
)


@pytest.mark.parametrize("mix", [TYPICAL, HARD])
def test_same_arguments_make_an_equal_organisation(mix: Mix) -> None:
    assert generate(40, 7, mix) == generate(40, 7, mix)


def test_another_seed_makes_another_organisation() -> None:
    assert generate(40, 7).sites != generate(40, 8).sites


@pytest.mark.parametrize("visits", [1, 3, 8, 10, 300])
def test_there_are_as_many_visits_as_asked_for(visits: int) -> None:
    assert len(generate(visits, 1).visits) == visits
    assert len(generate(visits, 1, HARD).visits) == visits


def test_references_hold_in_small_hard_organisations() -> None:
    for seed in range(60):
        assert faults(generate(3 + seed % 6, seed, HARD)) == []


def test_references_hold_in_a_large_organisation() -> None:
    large = generate(20_000, 1)
    assert len(large.visits) == 20_000
    assert faults(large) == []


def test_shifts_of_hard_organisations_can_be_laid_out() -> None:
    for seed in range(20):
        snapshot = snapshot_of(generate(6, seed, HARD))
        assert all(t.shifts for t in snapshot.technicians)


def test_small_hard_organisations_turn_every_rule_on() -> None:
    made = [generate(8, seed, replace(HARD, technicians=3)) for seed in range(40)]
    visits = [v for o in made for v in o.visits]
    technicians = [t for o in made for t in o.technicians]
    present = {
        "parts": any(v.parts for v in visits),
        "tools": any(v.tools for v in visits),
        "level": any(n.level > 1 for v in visits for n in v.skills),
        "windows": any(len(v.windows) > 1 for v in visits),
        "release": any(v.release_at for v in visits),
        "run-in": any(v.run_in_s for v in visits),
        "crew": any(v.crew_size > 1 for v in visits),
        "wish": any(v.wished_technician_id for v in visits),
        "hopeless gate": any(
            g.passed_at is None and g.expected_at is None
            for o in made
            for w in o.work_orders
            for g in w.gates
        ),
        "order": any(k.min_lag_s is not None for o in made for k in o.links),
        "same technician": any(k.same_technician for o in made for k in o.links),
        "pinned technician": any(p.start_at is None for o in made for p in o.pins),
        "pinned start": any(p.start_at for o in made for p in o.pins),
        "pinned after": any(p.after_visit_id for o in made for p in o.pins),
        "published": any(o.published for o in made),
        "delivery": any(lot.available_at > o.planning_at for o in made for lot in o.lots),
        "excluded": any(t.excluded_sites for t in technicians),
        "absence": any(t.absences for t in technicians),
        "travel limit": any(t.max_travel_s for t in technicians),
        "visit limit": any(t.max_visits for t in technicians),
        "rest": any(t.min_rest_s for t in technicians),
        "overnight": any(t.may_stay_overnight for t in technicians),
        "expired": any(
            c.expires_on and c.expires_on < FIRST_DAY
            for o in made
            for t in o.technicians
            for c in t.certificates
        ),
        "standby": any(p.kind is ShiftKind.STANDBY for o in made for p in o.shift_patterns),
        "emergency": any(w.priority is Priority.EMERGENCY for o in made for w in o.work_orders),
    }
    assert [name for name, there in present.items() if not there] == []


def test_shares_of_nothing_leave_everything_out() -> None:
    made = generate(60, 3, NOTHING)
    for visit in made.visits:
        assert [visit.parts, visit.tools, visit.windows, visit.release_at] == [(), (), (), None]
        assert visit.run_in_s == 0
        assert visit.crew_size == 1
        assert visit.wished_technician_id is None
        assert {n.level for n in visit.skills} == {1}
    for technician in made.technicians:
        assert len(technician.territories) == 1
        assert [technician.absences, technician.excluded_customers] == [(), ()]
        assert [technician.max_travel_s, technician.max_visits] == [None, None]
        assert not technician.may_stay_overnight
    assert [made.links, made.pins, made.published, made.lots] == [(), (), (), ()]
    assert {s.province for s in made.sites} == {made.home_province}
    assert {p.kind for p in made.shift_patterns} == {ShiftKind.REGULAR}
    assert all(w.priority is not Priority.EMERGENCY for w in made.work_orders)


def test_whole_shares_take_everything_in() -> None:
    mix = replace(
        NOTHING, parts=1, tools=1, levels=1, windows=1, run_in=1, crews=1, emergencies=1, limits=1
    )
    made = generate(60, 3, mix)
    for visit in made.visits:
        assert visit.parts
        assert visit.tools
        assert visit.windows
        assert visit.run_in_s
        assert visit.crew_size == 2
        assert visit.skills[0].level > 1
    assert all(w.priority is Priority.EMERGENCY for w in made.work_orders)
    assert all(t.max_travel_s for t in made.technicians)


def test_counts_are_taken_as_given() -> None:
    made = generate(30, 5, Mix(technicians=7, stations=3, days=4))
    assert len(made.technicians) == 7
    assert len(made.stations) == 3
    assert {t.station_id for t in made.technicians} == {s.id for s in made.stations}
    assert made.horizon_days == 4


def test_twice_the_load_is_half_the_technicians() -> None:
    relaxed = len(generate(600, 1, Mix(load=0.5)).technicians)
    busy = len(generate(600, 1, Mix(load=1.0)).technicians)
    assert relaxed - 2 <= 2 * busy <= relaxed + 2


def test_windows_are_sorted_and_apart() -> None:
    for visit in generate(200, 2, replace(HARD, days=5)).visits:
        for first, second in zip(visit.windows, visit.windows[1:], strict=False):
            assert first.close_at < second.open_at


@pytest.mark.parametrize(
    ("visits", "mix", "fault"),
    [
        (0, TYPICAL, "visits must be positive, not 0"),
        (5, Mix(days=0), "days must be positive, not 0"),
        (5, Mix(technicians=-1), "technicians must be positive, not -1"),
        (5, Mix(load=0), "load must be positive, not 0"),
    ],
)
def test_nothing_cannot_be_made(visits: int, mix: Mix, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        generate(visits, 1, mix)


def test_generated_organisations_come_back_from_files(tmp_path: Path) -> None:
    made = generate(80, 4, HARD)
    write_folder(made, tmp_path)
    assert load_organisation(tmp_path) == made
