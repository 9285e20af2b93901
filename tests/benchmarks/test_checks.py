"""The checkers recompute plans made by hand, and catch each kind of fault."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.checks import hhcrsp as hhcrsp_check
from benchmarks.checks import routing as routing_check
from benchmarks.checks import trsp as trsp_check
from benchmarks.plans import Plan, Route, Stop, Verdict
from benchmarks.reading import hhcrsp, routing, trsp
from benchmarks.reading.routing import Rounding
from tests.benchmarks import small
from tests.benchmarks.small import written


def test_the_checkers_do_not_know_the_solver() -> None:
    script = (
        "import sys\n"
        "import benchmarks.checks.hhcrsp, benchmarks.checks.routing, benchmarks.checks.trsp\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('solver', 'numpy')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def route(technician: int | str, *stops: int) -> Route:
    return Route(technician, tuple(Stop(s) for s in stops))


def judge_trsp(folder: Path, *routes: Route, unserved: tuple[int, ...] = ()) -> Verdict:
    instance = trsp.read(written(folder, "T101.txt", small.TRSP))
    return trsp_check.check(instance, Plan(routes, unserved), all_must_be_served=True)


def test_trsp_working_time_has_the_best_departure(tmp_path: Path) -> None:
    verdict = judge_trsp(tmp_path, route(1, 3, 4), route(2, 0, 5))
    assert verdict.faults == ()
    assert verdict.objective == pytest.approx(small.TRSP_BEST)
    first = verdict.routes[0]
    assert (first.departs, first.starts, first.returns) == (15, (25, 40), 65)


@pytest.mark.parametrize(
    ("routes", "fault"),
    [
        ([route(1, 4, 3), route(2, 0, 5)], "technician 1: 3 is 25.000000 late"),
        ([route(1, 4), route(2, 3, 0, 5)], "technician 2, request 3: skills [0] are missing"),
        ([route(1, 3, 4), route(2, 5)], "technician 2, request 5: tools [0] are missing"),
        ([route(1, 3, 4, 5)], "technician 1, request 5: 2 of part 1 are used, the van had 0"),
        ([route(1, 3, 4), route(2, 0, 5, 0)], "technician 2 visits the depot twice"),
        ([route(1, 3, 4), route(2, 0, 5, 4)], "4 is served 2 times"),
        ([route(1, 3, 4), route(9, 0, 5)], "technician 9 does not exist"),
        ([route(1, 3), route(1, 4), route(2, 0, 5)], "technician 1 has 2 routes"),
        ([route(1, 3, 4), route(2, 0, 5, 77)], "stop 77 is no customer"),
        ([route(1, 3, 4)], "request 5 is not served"),
    ],
)
def test_trsp_faults(tmp_path: Path, routes: list[Route], fault: str) -> None:
    assert fault in judge_trsp(tmp_path, *routes).faults


def test_trsp_does_not_believe_what_is_said_to_be_unserved(tmp_path: Path) -> None:
    verdict = judge_trsp(tmp_path, route(1, 3, 4), route(2, 0, 5), unserved=(5,))
    assert verdict.faults == ("unserved are [], the plan says [5]",)


def test_trsp_home_closes(tmp_path: Path) -> None:
    text = small.TRSP.replace("1    10    0     0      100", "1    10    0     0      64 ")
    instance = trsp.read(written(tmp_path, "T101.txt", text))
    plan = Plan((route(1, 3, 4), route(2, 0, 5)))
    verdict = trsp_check.check(instance, plan, all_must_be_served=True)
    assert verdict.faults == ("technician 1: home is 1.000000 late",)


def test_trsp_with_a_matrix_counts_who_stays_out(tmp_path: Path) -> None:
    instance = trsp.read(written(tmp_path, "R1.txt", small.MATRIX))
    plan = Plan((route(1, 2, 4),), (3,))
    verdict = trsp_check.check(instance, plan, all_must_be_served=False)
    assert verdict.faults == ()
    assert verdict.first_goal == 1
    assert verdict.objective == pytest.approx(small.MATRIX_BEST)


def care(technician: str, *stops: tuple[int | str, str]) -> Route:
    return Route(technician, tuple(Stop(patient, service) for patient, service in stops))


FIRST = care("c1", ("p1", "s1"), ("p2", "s1"), ("p3", "s1"))
SECOND = care("c2", ("p2", "s2"), ("p3", "s2"))


def judge_hhcrsp(folder: Path, *routes: Route, **changes: object) -> Verdict:
    data = json.dumps({**small.HHCRSP, **changes})
    return hhcrsp_check.check(hhcrsp.read(written(folder, "x_3_1.json", data)), Plan(routes))


def test_home_care_counts_each_service(tmp_path: Path) -> None:
    verdict = judge_hhcrsp(tmp_path, FIRST, SECOND)
    assert verdict.faults == ()
    assert verdict.objective == pytest.approx(small.HHCRSP_BEST)
    assert verdict.figures == {"distance": 70, "max_tardiness": 5, "total_tardiness": 5}
    assert [timed.starts for timed in verdict.routes] == [(10, 30, 60), (30, 70)]


def test_the_first_service_waits_for_the_longest_lag(tmp_path: Path) -> None:
    """p3 before p2: its second service cannot start before the one of p2 is over and driven."""
    late = [[0, 10, 70, 10], [10, 0, 10, 10], [70, 10, 0, 10], [10, 10, 10, 0]]
    first = care("c1", ("p3", "s1"), ("p1", "s1"), ("p2", "s1"))
    verdict = judge_hhcrsp(tmp_path, first, SECOND, distances=late)
    # both at p2 at t, so c2 at p3 at t + 20, so c1 there from t, so at p2 from t + 30
    assert verdict.faults == ("routes wait for each other in a circle",)
    verdict = judge_hhcrsp(tmp_path, FIRST, SECOND, distances=late)
    # c1 comes to p2 at 25, c2 at 70; both start at 70, and at p3 at 90 and 100
    assert [timed.starts for timed in verdict.routes] == [(10, 70, 90), (70, 100)]
    apart = [[0, 10, 10, 10], [10, 0, 10, 10], [10, 10, 0, 90], [10, 10, 90, 0]]
    alone = care("c1", ("p2", "s1"), ("p1", "s1"), ("p3", "s1"))
    verdict = judge_hhcrsp(tmp_path, alone, SECOND, distances=apart)
    # c1 could start p3 at 75; c2 comes at 130, so p3 begins at 110
    assert [timed.starts for timed in verdict.routes] == [(30, 50, 110), (30, 130)]
    assert verdict.faults == ()


@pytest.mark.parametrize(
    ("routes", "fault"),
    [
        ([FIRST, care("c2", ("p2", "s2"))], "p3 s2 is not served"),
        (
            [FIRST, care("c2", ("p2", "s2"), ("p3", "s2"), ("p1", "s2"))],
            "stop p1 s2 is no customer",
        ),
        ([care("c2", *((s.id, s.service) for s in FIRST.stops))], "p2 s2 is not served"),
    ],
)
def test_home_care_faults(tmp_path: Path, routes: list[Route], fault: str) -> None:
    verdict = judge_hhcrsp(tmp_path, *routes)
    assert fault in verdict.faults
    assert math.isnan(verdict.objective)


def test_home_care_needs_abilities_and_two_people(tmp_path: Path) -> None:
    both = care("c1", *((s.id, s.service) for s in (*FIRST.stops, *SECOND.stops)))
    faults = judge_hhcrsp(tmp_path, both).faults
    assert "caregiver c1 cannot give s2 to p2" in faults
    assert "caregiver c1 gives both services to p3" in faults


def judge_vrptw(folder: Path, text: str, rounding: Rounding, *routes: Route) -> Verdict:
    instance = routing.read_solomon(written(folder, "S.txt", text), rounding)
    fewest = rounding is Rounding.NONE
    return routing_check.check(instance, Plan(routes), fewest_vehicles=fewest)


def test_vehicle_routing_truncates_each_distance(tmp_path: Path) -> None:
    plan = (route(1, 1, 2), route(2, 3))
    cut = judge_vrptw(tmp_path, small.VRPTW, Rounding.TENTHS_DOWN, *plan)
    assert cut.objective == pytest.approx(small.VRPTW_BEST)
    exact = judge_vrptw(tmp_path, small.VRPTW, Rounding.NONE, *plan)
    assert exact.objective == pytest.approx(6 * math.sqrt(2))
    assert (cut.first_goal, exact.first_goal) == (0, 2)


@pytest.mark.parametrize(
    ("routes", "fault"),
    [
        ([route(1, 1, 2, 3)], "vehicle 1 carries 15, its capacity is 10"),
        ([route(1, 1, 2)], "customer 3 is not served"),
        ([route(1, 1, 2), route(4, 3)], "technician 4 does not exist"),
        ([route(1, 1, 2), route(2, 3, 1)], "1 is served 2 times"),
    ],
)
def test_vehicle_routing_faults(tmp_path: Path, routes: list[Route], fault: str) -> None:
    assert fault in judge_vrptw(tmp_path, small.VRPTW, Rounding.TENTHS_DOWN, *routes).faults


def test_vehicle_routing_catches_late_starts(tmp_path: Path) -> None:
    verdict = judge_vrptw(tmp_path, small.ZIGZAG, Rounding.NONE, route(1, 2, 1, 3))
    assert verdict.faults == ("vehicle 1: 1 is 40.000000 late",)


def judge_sdvrptw(folder: Path, *routes: Route) -> Verdict:
    instance = routing.read_vrplib(written(folder, "P1.vrp", small.SDVRPTW))
    return routing_check.check(instance, Plan(routes), fewest_vehicles=False)


def test_site_dependent_routes(tmp_path: Path) -> None:
    verdict = judge_sdvrptw(tmp_path, route(1, 2), route(2, 3))
    assert (verdict.objective, verdict.faults) == (small.SDVRPTW_BEST, ())


def test_site_dependent_faults(tmp_path: Path) -> None:
    wrong = judge_sdvrptw(tmp_path, route(1, 3), route(2, 2))
    assert wrong.faults == ("vehicle 1 may not visit customer 3",)
    long = judge_sdvrptw(tmp_path, route(2, 2, 3))
    # departs at 5 to be at 2 by 10; 3 opens at 50; back at 57
    assert long.faults == ("vehicle 2 is out for 52.000000, the limit is 40.0",)
    assert long.objective == pytest.approx(19.487)
