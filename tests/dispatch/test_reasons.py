"""What keeps visits out, summed up, and how ways in read."""

from dataclasses import replace

import pytest

from dispatch.domain.plan import Plan, Unassigned
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import GateKind, Priority
from dispatch.explain import Explainer, added_by_item
from dispatch.judged import judged
from dispatch.reasons import Blocker, blockers_of, in_words, reasons_of
from dispatch.relaxations import (
    BackupTerritory,
    Certified,
    DearerOut,
    EarlierStart,
    ExtraTechnician,
    GatePassed,
    MoreOvertime,
    MoreParts,
    MoreTools,
    MoreTravel,
    MoreVisits,
    PartsOnVan,
    Relaxation,
    Released,
    Unpinned,
    WiderWindow,
)
from dispatch.relaxing import WayIn
from dispatch.texts import Language
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
)
from tests.solver.solving import PRICES, matrix, solved_small


def _said(*relaxations: Relaxation) -> tuple[str, str]:
    way = WayIn("V1", Plan(()), relaxations)
    return in_words(way, a_snapshot(), Language.EN), in_words(way, a_snapshot(), Language.ZH)


def test_a_change_reads_as_a_sentence_in_both_languages() -> None:
    assert _said(MoreOvertime(2400, "T1", "T1@1")) == (
        "40 min more overtime for Technician T1 T1 on Tue 29 Sep would let it in (verified).",
        "Technician T1 T1 9月29日 周二再加班40分，即可排入（已验证）。",
    )


def test_a_pair_is_told_by_what_is_there_after_the_first() -> None:
    english, chinese = _said(ExtraTechnician("T1", "T1@1"), MoreOvertime(600, "T1+", "T1@1+"))
    assert english == (
        "One more technician like Technician T1 T1 at Base on Tue 29 Sep and 10 min more overtime"
        " for Technician T1+ T1+ on Tue 29 Sep would let it in (verified)."
    )
    assert "再加班10分" in chinese


@pytest.mark.parametrize(
    "relaxation",
    [
        EarlierStart(600, "T1", "T1@0"),
        MoreTravel(600, "T1"),
        MoreVisits(1, "T1"),
        MoreVisits(2, "T1"),
        MoreParts(2, "S1", "sim"),
        PartsOnVan(2, "T1", "sim"),
        MoreTools(1, "S1", "ladder"),
        *(GatePassed("W1", kind) for kind in GateKind),
        Released("V1"),
        WiderWindow(600, "V1", later=True),
        WiderWindow(600, "V1", later=False),
        Unpinned("V1"),
        BackupTerritory("T1", "south"),
        Certified("T1", "camera", 2),
        DearerOut(1000, Priority.LOW),
    ],
)
def test_every_change_has_words_in_both_languages(relaxation: Relaxation) -> None:
    english, chinese = _said(relaxation)
    assert english.endswith("would let it in (verified).")
    assert english.isascii()
    assert chinese.endswith("，即可排入（已验证）。")


def test_that_nothing_was_found_is_said() -> None:
    way = WayIn("V1")
    assert "No change that was tried" in in_words(way, a_snapshot(), Language.EN)
    assert "不能" in in_words(way, a_snapshot(), Language.ZH)


def test_blockers_are_counted_in_visits_and_fen_the_dearest_first() -> None:
    visits = [a_visit(f"V{i}") for i in range(4)]
    snapshot = a_snapshot(visits, policy=a_policy(unassigned_fen=1000))
    out = (("V0", "skill"), ("V1", "shift"), ("V2", "shift"))
    plan = Plan((a_route("V3"),), tuple(Unassigned(visit, code) for visit, code in out))
    found = blockers_of(judged(snapshot, plan, FlatLegs()))
    assert found == (Blocker("shift", 2, 2000), Blocker("skill", 1, 1000))


def test_reasons_of_the_first_few_and_blockers_of_all() -> None:
    snapshot = a_snapshot(
        [a_visit(f"V{i}", duration_s=28_800) for i in range(3)],
        [a_technician(shifts=(a_shift(),))],
        policy=PRICES,
    )
    travel = matrix(snapshot, FlatLegs())
    day = judged(snapshot, solved_small(snapshot).plan, travel)
    found = reasons_of(day, travel, most=1)
    assert len(found.reasons) == 1
    assert sum(blocker.visits for blocker in found.blockers) == 2
    assert found.fitting == ()


def _two_technicians() -> Snapshot:
    near, far = a_technician("T1"), replace(a_technician("T2"), station_id="S2")
    station = a_snapshot().stations[0]
    return a_snapshot(
        technicians=[near, far], stations=(station, replace(station, id="S2")), policy=PRICES
    )


def test_the_runner_up_is_dearer_by_what_replanning_would_cost_more() -> None:
    snapshot = _two_technicians()
    legs = FlatLegs(table={("S2", "A"): (3600, 40_000)})
    travel = matrix(snapshot, legs)
    first, second = a_plan(a_route("V1")), a_plan(a_route("V1", technician_id="T2"))
    explanation = Explainer(snapshot, travel, first).explain("V1")
    costs = [judged(snapshot, plan, legs).verdict.cost.total_fen for plan in (first, second)]
    assert explanation.runner_up_id == "T2"
    assert explanation.difference_fen == costs[1] - costs[0] > 0


def test_nobody_is_runner_up_where_nobody_else_could_take_it() -> None:
    snapshot = a_snapshot(policy=PRICES)
    explanation = Explainer(snapshot, matrix(snapshot, FlatLegs()), a_plan(a_route("V1")))
    assert explanation.explain("V1").runner_up_id is None


def test_what_a_visit_adds_by_item_is_its_share_of_the_whole_plan() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], policy=PRICES)
    both = judged(snapshot, a_plan(a_route("V1", "V2")), FlatLegs())
    alone = judged(snapshot, a_plan(a_route("V1")), FlatLegs())
    added = added_by_item(both, FlatLegs(), "V2")
    out_fen = PRICES.unassigned_fen.normal
    assert (
        sum(added.values()) == both.verdict.cost.total_fen - alone.verdict.cost.total_fen + out_fen
    )
    # half an hour on the road and an hour's work more
    assert added == {"travel_time": 1000, "paid_time": 6750}
