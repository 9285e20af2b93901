from dataclasses import replace
from datetime import date

import pytest

from dispatch.domain.people import Certificate, Coverage, ShiftKind, TerritoryCover
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.rules import Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Link, Priority, SkillNeed
from tests.builders import (
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    a_work_order,
    broken,
)

LEGS = FlatLegs()


def judged(snapshot: Snapshot) -> Verdict:
    """V1 done by T1 on the first day."""
    return judge(snapshot, a_plan(a_route("V1")), LEGS)


def with_certificates(*certificates: Certificate) -> Verdict:
    """V1, which needs camera at level 2, done by a technician with these certificates."""
    visit = a_visit(skills=(SkillNeed("camera", 2),))
    return judged(a_snapshot([visit], [a_technician(certificates=certificates)]))


def test_a_plan_that_breaks_nothing_has_no_violations() -> None:
    assert judged(a_snapshot()).violations == ()


def test_skill_counts_the_skills_that_are_missing() -> None:
    visit = a_visit(skills=(SkillNeed("camera"), SkillNeed("network"), SkillNeed("lift")))
    technician = a_technician(certificates=(Certificate("network"),))
    verdict = judged(a_snapshot([visit], [technician]))
    assert verdict.violations == (Violation("skill", "V1", 2, "V1", "T1", "T1@0"),)


def test_skill_is_asked_of_every_member_of_a_crew() -> None:
    visit = a_visit(skills=(SkillNeed("camera"),), crew_size=2)
    technicians = [a_technician("T1", certificates=(Certificate("camera"),)), a_technician("T2")]
    plan = a_plan(a_route("V1"), a_route("V1", technician_id="T2"))
    verdict = judge(a_snapshot([visit], technicians), plan, LEGS)
    assert [(v.code, v.technician_id) for v in verdict.violations] == [("skill", "T2")]


def test_skill_level_counts_the_levels_that_are_missing() -> None:
    verdict = with_certificates(Certificate("camera", 1))
    assert broken(verdict, "skill_level") == [("V1", 1)]
    assert not broken(verdict, "skill")


@pytest.mark.parametrize("level", [2, 3])
def test_skill_level_holds_from_the_level_on(level: int) -> None:
    assert (
        with_certificates(Certificate("camera", 1), Certificate("camera", level)).violations == ()
    )


def test_skill_expired_counts_the_days() -> None:
    expired = Certificate("camera", 2, date(2026, 9, 25))
    verdict = with_certificates(expired, Certificate("camera", 1))
    assert [(v.code, v.amount) for v in verdict.violations] == [("skill_expired", 3)]


def test_skill_expired_is_not_broken_on_the_last_day_nor_with_another_certificate() -> None:
    last_day = Certificate("camera", 2, date(2026, 9, 28))
    expired = Certificate("camera", 3, date(2026, 9, 1))
    assert with_certificates(last_day).violations == ()
    assert with_certificates(expired, Certificate("camera", 2)).violations == ()


def test_skill_expired_goes_by_the_local_day() -> None:
    """00:30 local time on Tuesday is still Monday in UTC."""
    certificate = Certificate("camera", 1, date(2026, 9, 28))
    technician = a_technician(certificates=(certificate,), shifts=(a_shift(start=24, end=30),))
    verdict = judged(a_snapshot([a_visit(skills=(SkillNeed("camera"),))], [technician]))
    assert broken(verdict, "skill_expired") == [("V1", 1)]


def test_territory_must_be_one_of_the_technicians() -> None:
    south = a_technician(territories=(TerritoryCover("south"),))
    backup = a_technician(territories=(TerritoryCover("north", Coverage.BACKUP),))
    assert broken(judged(a_snapshot(technicians=[south])), "territory") == [("V1", 1)]
    assert judged(a_snapshot(technicians=[backup])).violations == ()


def test_excluded_bars_from_a_site_or_a_customer() -> None:
    site = a_technician(excluded_sites=("A",))
    customer = a_technician(excluded_customers=("C1",))
    other = a_technician(excluded_sites=("B",), excluded_customers=("C2",))
    assert broken(judged(a_snapshot(technicians=[site])), "excluded") == [("V1", 1)]
    assert broken(judged(a_snapshot(technicians=[customer])), "excluded") == [("V1", 1)]
    assert judged(a_snapshot(technicians=[other])).violations == ()


@pytest.mark.parametrize(
    ("crew_size", "on_it", "amount"), [(2, 1, 1), (3, 1, 2), (1, 2, 1), (1, 1, 0), (3, 3, 0)]
)
def test_crew_counts_technicians_missing_or_too_many(
    crew_size: int, on_it: int, amount: int
) -> None:
    ids = [f"T{n + 1}" for n in range(on_it)]
    snapshot = a_snapshot([a_visit(crew_size=crew_size)], [a_technician(t) for t in ids])
    verdict = judge(snapshot, a_plan(*(a_route("V1", technician_id=t) for t in ids)), LEGS)
    assert broken(verdict, "crew") == ([("V1", amount)] if amount else [])


def test_crew_is_broken_by_one_technician_twice() -> None:
    snapshot = a_snapshot([a_visit(crew_size=2)])
    assert broken(judge(snapshot, a_plan(a_route("V1", "V1")), LEGS), "crew") == [("V1", 2)]
    snapshot = a_snapshot([a_visit(crew_size=1)])
    assert broken(judge(snapshot, a_plan(a_route("V1", "V1")), LEGS), "crew") == [("V1", 1)]


def test_crew_is_broken_by_crews_that_wait_in_a_circle() -> None:
    visits = [a_visit("V1", crew_size=2), a_visit("V2", crew_size=2)]
    snapshot = a_snapshot(visits, [a_technician("T1"), a_technician("T2")])
    circle = a_plan(a_route("V1", "V2"), a_route("V2", "V1", technician_id="T2"))
    in_order = a_plan(a_route("V1", "V2"), a_route("V1", "V2", technician_id="T2"))
    assert broken(judge(snapshot, circle, LEGS), "crew") == [("V1", 1), ("V2", 1)]
    assert judge(snapshot, in_order, LEGS).violations == ()


def test_same_technician_must_be_shared_by_linked_visits() -> None:
    link = Link("V1", "V2", min_lag_s=None, same_technician=True)
    technicians = [a_technician("T1"), a_technician("T2")]
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2")], technicians, links=(link,))
    apart = judge(snapshot, a_plan(a_route("V1"), a_route("V2", technician_id="T2")), LEGS)
    assert broken(apart, "same_technician") == [("V2", 1)]
    assert judge(snapshot, a_plan(a_route("V1", "V2")), LEGS).violations == ()
    assert judge(snapshot, a_plan(a_route("V2")), LEGS).violations == ()
    loose = replace(snapshot, links=(replace(link, same_technician=False),))
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    assert judge(loose, plan, LEGS).violations == ()


@pytest.mark.parametrize("priority", Priority)
def test_standby_is_for_emergencies_only(priority: Priority) -> None:
    technician = a_technician(shifts=(a_shift(kind=ShiftKind.STANDBY),))
    order = a_work_order("W1", priority=priority)
    snapshot = a_snapshot([a_visit(work_order_id="W1")], [technician], work_orders=[order])
    expected = [] if priority is Priority.EMERGENCY else [("V1", 1)]
    assert broken(judged(snapshot), "standby") == expected
