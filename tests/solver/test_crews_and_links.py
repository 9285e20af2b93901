"""The smallest plans with crews, and with visits that depend on each other.

Every plan is checked by the referee (``solved_small``). T1 and T2 work on Monday from 08:00 to
17:00; every leg takes half an hour, every visit an hour.
"""

from dataclasses import replace
from typing import Any

import pytest

from dispatch.domain.people import Certificate, Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Commitment, Link, Pin, SkillNeed, Visit, Window
from tests.builders import a_shift, a_technician, a_visit, at, quantities
from tests.solver.monday import left_out, monday, planned, t1_of
from tests.solver.solving import PRICES, solved_small

HOUR_S = 3600


def _t2(**fields: Any) -> Technician:  # noqa: ANN401
    return a_technician("T2", **{"shifts": (a_shift("T2"),), **fields})


def _both(*visits: Visit, **fields: Any) -> Snapshot:  # noqa: ANN401
    return monday(*visits, **{"technicians": [t1_of(), _t2()], **fields})


# ------------------------------------------------------------------------------------- crews


PAIR = a_visit("V1", crew_size=2)


def test_crew() -> None:
    result = planned(_both(PAIR))
    assert result.crew_of("V1") == {"T1", "T2"}
    assert result.start_of("V1") == at(8, 30)


def test_crew_of_three() -> None:
    trio = [t1_of(), _t2(), a_technician("T3", shifts=(a_shift("T3"),))]
    result = planned(monday(replace(PAIR, crew_size=3), technicians=trio))
    assert result.crew_of("V1") == {"T1", "T2", "T3"}


@pytest.mark.parametrize(
    "technicians",
    [
        [t1_of()],
        [a_technician("T1")],
        [t1_of(), _t2(excluded_sites=("A",))],
        [t1_of(), _t2(shifts=(a_shift("T2", 1),))],
    ],
    ids=["one technician", "one with three shifts", "one is barred", "never together"],
)
def test_incomplete_crew_stays_out(technicians: list[Technician]) -> None:
    assert solved_small(monday(PAIR, technicians=technicians)).planned == []


def test_too_few_who_can_is_the_reason() -> None:
    assert left_out(monday(PAIR)) == {"V1": "crew"}


def test_crew_waits_for_its_last_member() -> None:
    """And whoever has nothing to do before leaves home later."""
    late = _t2(shifts=(a_shift("T2", start=11),))
    result = planned(monday(PAIR, technicians=[t1_of(), late]))
    assert result.start_of("V1") == at(11, 30)
    assert [r.depart_at for r in result.verdict.timetable.routes] == [at(11), at(11)]


def test_the_wait_for_a_crew_is_passed_on() -> None:
    """T1 and T2 do V1 together, T2 and T3 then V2: T3 waits for T2, who waited for T1."""
    skills = {name: (Certificate(name, 1),) for name in ("one", "two")}
    technicians = [
        t1_of(shift=a_shift(start=10), certificates=skills["one"]),
        _t2(certificates=skills["one"] + skills["two"]),
        a_technician("T3", shifts=(a_shift("T3"),), certificates=skills["two"]),
    ]
    before_noon = (Window(at(8), at(11)),)
    first = a_visit("V1", "A", crew_size=2, skills=(SkillNeed("one"),), windows=before_noon)
    second = a_visit("V2", "B", crew_size=2, skills=(SkillNeed("two"),))
    result = planned(monday(first, second, technicians=technicians))
    assert (result.start_of("V1"), result.start_of("V2")) == (at(10, 30), at(12))


def test_crew_that_would_wait_beyond_the_window_stays_out() -> None:
    late = _t2(shifts=(a_shift("T2", start=11),))
    visit = replace(PAIR, windows=(Window(at(8), at(11, 29)),))
    assert solved_small(monday(visit, technicians=[t1_of(), late])).planned == []
    visit = replace(PAIR, windows=(Window(at(8), at(11, 30)),))
    planned(monday(visit, technicians=[t1_of(), late]))


def test_one_of_a_crew_brings_the_parts() -> None:
    loaded = _t2(van_stock=quantities(sim=2))
    visit = replace(PAIR, parts=quantities(sim=2))
    planned(monday(visit, technicians=[t1_of(), loaded]))


def test_one_of_a_crew_has_the_tool() -> None:
    equipped = _t2(tools=("ladder",))
    planned(monday(replace(PAIR, tools=("ladder",)), technicians=[t1_of(), equipped]))


def test_crew_pinned_to_a_member() -> None:
    trio = [t1_of(), _t2(), a_technician("T3", shifts=(a_shift("T3"),))]
    result = planned(monday(PAIR, technicians=trio, pins=(Pin("V1", technician_id="T3"),)))
    assert "T3" in result.crew_of("V1")


@pytest.mark.parametrize("told", [("T1", "T3"), ("T2", "T3")])
def test_crew_that_was_told_comes(told: tuple[str, ...]) -> None:
    trio = [t1_of(), _t2(), a_technician("T3", shifts=(a_shift("T3"),))]
    prices = replace(PRICES, change_technician_fen=5_000)
    published = (Commitment("V1", told, at(8, 30)),)
    result = planned(monday(PAIR, technicians=trio, published=published, policy=prices))
    assert result.crew_of("V1") == {*told}


def test_a_crew_of_others_than_told_pays_once() -> None:
    prices = replace(PRICES, change_technician_fen=5_000)
    published = (Commitment("V1", ("T1", "T3"), at(8, 30)),)
    gone = a_technician("T3", shifts=())
    result = planned(
        monday(PAIR, technicians=[t1_of(), _t2(), gone], published=published, policy=prices)
    )
    assert result.verdict.cost.by_item()["change"] == 5_000


# ------------------------------------------------------------------------------------- links


def _linked(
    link: Link,
    first: Visit | None = None,
    then: Visit | None = None,
    **fields: Any,  # noqa: ANN401
) -> Snapshot:
    visits = (first or a_visit("V1", "A"), then or a_visit("V2", "B"))
    return _both(*visits, **{"links": (link,), **fields})


def test_minimum_lag_between_two_technicians() -> None:
    """T2 may not do V1, and T1 not V2."""
    t1, t2 = t1_of(excluded_sites=("B",)), _t2(excluded_sites=("A",))
    result = planned(_linked(Link("V1", "V2", 2 * HOUR_S), technicians=[t1, t2]))
    assert (result.start_of("V1"), result.start_of("V2")) == (at(8, 30), at(11, 30))


def test_minimum_lag_on_one_route() -> None:
    result = planned(_linked(Link("V2", "V1", 2 * HOUR_S), technicians=[t1_of()]))
    assert result.planned == ["V2", "V1"]
    assert result.start_of("V1") == at(11, 30)


def test_negative_minimum_lag() -> None:
    """V2 may begin half an hour before V1 ends."""
    t1, t2 = t1_of(excluded_sites=("B",)), _t2(excluded_sites=("A",))
    result = planned(_linked(Link("V1", "V2", -1800), technicians=[t1, t2]))
    assert result.start_of("V2") == at(9)


def test_the_second_visit_stays_out_with_the_first() -> None:
    never = a_visit("V1", "A", windows=(Window(at(6), at(7)),))
    result = left_out(_linked(Link("V1", "V2", 0), first=never))
    assert result == {"V1": "window", "V2": "order"}


def test_without_a_minimum_lag_the_second_visit_needs_no_first() -> None:
    never = a_visit("V1", "A", windows=(Window(at(6), at(7)),))
    result = left_out(_linked(Link("V1", "V2", None, HOUR_S), first=never))
    assert result == {"V1": "window"}


def test_the_first_visit_waits_for_a_maximum_lag() -> None:
    """V2 is promised for 14:00; V1 ends half an hour before it."""
    promised = a_visit("V2", "B", windows=(Window(at(14), at(14)),))
    t1, t2 = t1_of(excluded_sites=("B",)), _t2(excluded_sites=("A",))
    result = planned(_linked(Link("V1", "V2", 0, 1800), then=promised, technicians=[t1, t2]))
    assert (result.start_of("V1"), result.start_of("V2")) == (at(12, 30), at(14))


@pytest.mark.parametrize("lag_s", [4 * HOUR_S, 4 * HOUR_S - 1])
def test_maximum_lag_between_two_promises(lag_s: int) -> None:
    """V1 starts at 09:00 at the latest, V2 at 14:00 at the earliest: four hours lie between."""
    first = a_visit("V1", "A", windows=(Window(at(8), at(9)),))
    then = a_visit("V2", "B", windows=(Window(at(14), at(15)),))
    out = solved_small(_linked(Link("V1", "V2", 0, lag_s), first, then)).left_out
    assert out.keys() == (set() if lag_s == 4 * HOUR_S else {"V2"})


def test_visits_that_wait_for_each_other_stay_out() -> None:
    links = (Link("V1", "V2", 0), Link("V2", "V1", 0))
    assert solved_small(_both(a_visit("V1", "A"), a_visit("V2", "B"), links=links)).planned == []


def test_a_crew_after_a_visit() -> None:
    """The crew waits for V1, which T3 does."""
    trio = [
        t1_of(excluded_sites=("A",)),
        _t2(excluded_sites=("A",)),
        a_technician("T3", shifts=(a_shift("T3"),), excluded_sites=("B",)),
    ]
    then = a_visit("V2", "B", crew_size=2)
    result = planned(_linked(Link("V1", "V2", 1800), then=then, technicians=trio))
    assert result.crew_of("V2") == {"T1", "T2"}
    assert result.start_of("V2") == at(10)


# --------------------------------------------------------------------------- same technician


TOGETHER = Link("V1", "V2", None, None, same_technician=True)


def test_same_technician() -> None:
    """Two would be sooner done, and cost the same travel."""
    promised = (Window(at(8, 30), at(10)),)
    visits = (a_visit("V1", "A", windows=promised), a_visit("V2", "A", windows=promised))
    result = planned(_linked(TOGETHER, *visits))
    assert result.crew_of("V1") == result.crew_of("V2")


def test_same_technician_keeps_one_out_whom_another_could_do() -> None:
    promised = (Window(at(8, 30), at(9)),)
    visits = (a_visit("V1", "A", windows=promised), a_visit("V2", "B", windows=promised))
    assert len(left_out(_linked(TOGETHER, *visits))) == 1


def test_no_technician_for_both() -> None:
    t1, t2 = t1_of(excluded_sites=("B",)), _t2(excluded_sites=("A",))
    out = left_out(_linked(TOGETHER, technicians=[t1, t2]))
    assert list(out.values()) == ["same_technician"]


def test_same_technician_in_order() -> None:
    link = Link("V2", "V1", 0, None, same_technician=True)
    result = planned(_linked(link))
    assert result.planned == ["V2", "V1"]
    assert result.crew_of("V1") == result.crew_of("V2")
