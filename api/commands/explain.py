"""``dispatch explain``. Apart from the other views of a plan, for it needs the search."""

from pathlib import Path

from api.exits import EXIT_OK
from api.inputs import judge_named
from api.screen import print_json, screen
from api.views.explain import show_explanation
from dispatch.domain.errors import DispatchError
from dispatch.explain import explain
from dispatch.texts import Language
from dispatch.travel import travel_of


class UnknownVisitError(DispatchError):
    """A visit that the plan's snapshot does not have."""


def explain_visit(path: Path, visit_id: str, as_json: bool, lang: Language) -> int:
    found = judge_named(path).judged
    snapshot = found.snapshot
    if visit_id not in snapshot.visit:
        raise UnknownVisitError(
            f"{path}: no visit {visit_id!r}; 'dispatch show {path} --by visit' lists all.",
            f"{path}：没有任务 {visit_id!r}；用 dispatch show {path} --by visit 查看全部任务。",
        )
    travel = travel_of(snapshot)
    explanation = explain(snapshot, travel, found.plan, visit_id)
    if as_json:
        print_json(explanation)
    else:
        show_explanation(screen(), found, explanation, lang)
    return EXIT_OK
