"""Two plans in the words of a dispatcher."""

from dataclasses import replace

import pytest

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.judged import JudgedPlan, judged
from dispatch.plan_difference import DifferenceKind, differences, in_words
from dispatch.texts import Language
from tests.builders import (
    FlatLegs,
    a_plan,
    a_route,
    a_snapshot,
    a_technician,
    a_visit,
    at,
)

VISITS = tuple(a_visit(f"V{i}") for i in (1, 2, 3))
FACTS = a_snapshot(VISITS, (a_technician("T1", name="张伟"), a_technician("T2", name="李强")))
FIRST = a_plan(a_route("V1", "V2"))


def _judged(plan: Plan, snapshot: Snapshot = FACTS) -> JudgedPlan:
    return judged(snapshot, plan, FlatLegs())


def _said(before: JudgedPlan, after: JudgedPlan, lang: Language) -> list[str]:
    return [in_words(d, before.zone, lang) for d in differences(before, after)]


def test_equal_plans_do_not_differ() -> None:
    assert differences(_judged(FIRST), _judged(FIRST)) == ()


@pytest.mark.parametrize(
    ("after", "english", "chinese"),
    [
        (
            a_plan(a_route("V1"), a_route("V2", technician_id="T2", day=1)),
            "V2 moves from 张伟 Mon 28 Sep 09:30 to 李强 Tue 29 Sep 08:30",
            "V2 由 张伟 9月28日 周一 09:30 改为 李强 9月29日 周二 08:30",
        ),
        (
            a_plan(a_route("V1")),
            "V2 is no longer planned (was: 张伟 Mon 28 Sep 09:30)",
            "V2 不再排入（原为 张伟 9月28日 周一 09:30）",
        ),
        (
            a_plan(a_route("V1", "V2", "V3")),
            "V3 is planned now: 张伟 Mon 28 Sep 10:30",
            "V3 现已排入：张伟 9月28日 周一 10:30",
        ),
        (
            a_plan(a_route("V1"), a_route("V2", day=1)),
            "V2 starts later, Tue 29 Sep 08:30 instead of Mon 28 Sep 09:30 (张伟)",
            "V2 推迟：由 9月28日 周一 09:30 改为 9月29日 周二 08:30（张伟）",
        ),
    ],
)
def test_a_change_is_said_in_both_languages(after: Plan, english: str, chinese: str) -> None:
    before, now = _judged(FIRST), _judged(after)
    assert _said(before, now, Language.EN) == [english]
    assert _said(before, now, Language.ZH) == [chinese]


def test_the_way_back_says_the_opposite() -> None:
    before, after = _judged(a_plan(a_route("V2", day=1))), _judged(a_plan(a_route("V2")))
    (sentence,) = _said(before, after, Language.EN)
    assert "earlier" in sentence
    assert "提前" in _said(before, after, Language.ZH)[0]


def test_visits_that_came_in_or_are_over_are_told_apart() -> None:
    fewer = replace(FACTS, visits=VISITS[:1])
    before, after = _judged(FIRST), _judged(a_plan(a_route("V1")), fewer)
    gone = differences(before, after)
    assert [(d.visit_id, d.kind) for d in gone] == [
        ("V2", DifferenceKind.GONE),
        ("V3", DifferenceKind.GONE),
    ]
    assert gone[1].before is None
    new = differences(after, before)
    assert [(d.visit_id, d.kind, d.after is None) for d in new] == [
        ("V2", DifferenceKind.NEW, False),
        ("V3", DifferenceKind.NEW, True),
    ]
    for lang in Language:
        assert all(_said(before, after, lang))
        assert all(_said(after, before, lang))


def test_a_crew_is_named_whole() -> None:
    facts = replace(FACTS, visits=(replace(VISITS[0], crew_size=2), *VISITS[1:]))
    crew = a_plan(a_route("V1"), a_route("V1", technician_id="T2"))
    (found,) = differences(_judged(Plan(()), facts), _judged(crew, facts))
    assert found.after is not None
    assert found.after.technician_ids == ("T1", "T2")
    assert found.after.start_at == at(8, 30)
    assert "张伟、李强" in in_words(found, _judged(crew, facts).zone, Language.ZH)
