"""Views of small hand-made plans: what a generated plan does not show every time."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

from rich.console import Console

from api.commands.look import ways_in_of
from api.views.compare import show_comparison
from api.views.summary import show_summary
from api.views.timeline import show_timelines
from dispatch.domain.plan import Obstacle, Plan, Unassigned
from dispatch.domain.snapshot import Snapshot
from dispatch.judged import JudgedPlan, judged
from dispatch.kpi_rows import KpiRow, KpiUnit, summary_table
from dispatch.texts import Language, Text
from dispatch.travel import travel_of
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


def shown(view: Callable[[Console], None]) -> str:
    out = StringIO()
    view(Console(file=out, width=100, markup=False, highlight=False))
    return out.getvalue()


def timelines(snapshot: Snapshot, plan: Plan, lang: Language = Language.EN) -> str:
    return shown(lambda c: show_timelines(c, judged(snapshot, plan, FlatLegs()), lang))


def summary(plan: JudgedPlan) -> str:
    ways_in = ways_in_of(plan, Language.EN)
    return shown(lambda c: show_summary(c, plan, None, ways_in, Language.EN))


def test_summary_of_a_broken_plan_names_its_violations() -> None:
    snapshot = a_snapshot(technicians=[a_technician(territories=())])
    text = summary(judged(snapshot, a_plan(a_route("V1")), FlatLegs()))
    assert "does not cover the territory" in text
    assert "Every visit is planned." in text


def test_summary_says_what_would_let_in_what_is_left_out() -> None:
    """T1's shift ends at 09:00; the visit takes until 09:30, and the way back half an hour."""
    short = a_technician(shifts=(a_shift(end=9),))
    snapshot = a_snapshot([a_visit("V1")], [short])
    left = Unassigned("V1", "shift", (Obstacle("shift", 1, "T1", 3600),))
    text = summary(judged(snapshot, Plan((), (left,)), travel_of(snapshot)))
    assert "Left out: 1" in text
    assert "would let it in (verified)" in " ".join(text.split())


def test_summary_says_how_far_from_the_best_a_plan_can_be() -> None:
    snapshot = a_snapshot(policy=a_policy(1_000))
    assert "could be saved" not in summary(judged(snapshot, Plan(()), FlatLegs()))
    bounded = judged(snapshot, Plan((), bound_fen=900), FlatLegs())
    assert "at most 10.0 % of the cost could be saved" in summary(bounded)
    optimal = judged(snapshot, Plan((), bound_fen=1_000), FlatLegs())
    assert "proved optimal" in summary(optimal)
    rows = dict(row for row in summary_table(optimal, Language.EN).rows if len(row) == 2)
    assert rows["from the best possible"] == "proved optimal"


def test_texts_in_brackets_are_shown_as_they_are() -> None:
    text = summary(judged(a_snapshot(organisation="[red]Depot[/red]"), Plan(()), FlatLegs()))
    assert "[red]Depot[/red]" in text


def test_timeline_marks_times_of_the_next_day_and_overtime() -> None:
    night = a_shift(start=22, end=23)
    snapshot = a_snapshot([a_visit(duration_s=2 * 3600)], [a_technician(shifts=(night,))])
    text = timelines(snapshot, a_plan(a_route("V1")))
    assert "22:30–00:30+1" in text
    assert "01:00+1" in text
    assert "overtime 2 h" in text


def test_timeline_of_a_night_away_ends_where_the_technician_sleeps() -> None:
    plan = a_plan(a_route("V1", ends_away=True))
    text = timelines(a_snapshot(), plan)
    assert "stays" in text
    assert "back" not in text
    assert "过夜" in timelines(a_snapshot(), plan, Language.ZH)


def test_timeline_names_those_without_a_visit() -> None:
    snapshot = a_snapshot(technicians=[a_technician("T1"), a_technician("T2")])
    text = timelines(snapshot, a_plan(a_route("V1")))
    assert "Without a visit: Technician T2 T2" in text


def test_a_comparison_tells_in_out_technician_and_start_apart() -> None:
    snapshot = a_snapshot(
        [a_visit(f"V{number}") for number in range(1, 5)],
        [a_technician("T1"), a_technician("T2")],
    )
    before = a_plan(a_route("V1", "V2"), a_route("V3", technician_id="T2"))
    after = a_plan(a_route("V2", "V3"), a_route("V4", technician_id="T2", day=1))
    first, second = (judged(snapshot, plan, FlatLegs()) for plan in (before, after))
    names = ("one", "two")
    text = shown(lambda c: show_comparison(c, first, second, names, Language.EN))
    rows = [line.split() for line in text.splitlines()]
    kinds = {row[0]: row[1] for row in rows if row and row[0] in snapshot.visit}
    assert kinds == {"V1": "out", "V2": "start", "V3": "technician", "V4": "in"}


def test_differences_of_key_figures_know_what_is_better() -> None:
    cost = KpiRow(Text("cost", "成本"), KpiUnit.FEN, 7_500)
    dearer = replace(cost, value=10_000)
    assert cost.difference(dearer, Language.EN) == "−25.0 %"
    assert (cost.verdict(dearer), dearer.verdict(cost), cost.verdict(cost)) == (1, -1, 0)
    share = KpiRow(Text("share", "率"), KpiUnit.PERMILLE, 905, better=1)
    assert share.difference(replace(share, value=870), Language.EN) == "+3.5 pt"
    assert share.difference(replace(share, value=None), Language.EN) == ""
