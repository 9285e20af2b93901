"""``dispatch explain``. Apart from the other views of a plan, for it needs the search."""

from pathlib import Path

from api.exits import EXIT_OK
from api.inputs import judge_named
from api.screen import plain, print_json, screen
from api.views.explain import Facts, show_explanation
from api.views.reasons import show_reasons
from dispatch.domain.errors import DispatchError
from dispatch.domain.snapshot import Snapshot
from dispatch.explain import Explainer, added_by_item
from dispatch.judged import JudgedPlan
from dispatch.reasons import in_words, reasons_of
from dispatch.relaxing import Relaxer, WayIn
from dispatch.texts import Language
from dispatch.travel import travel_of


class UnknownVisitError(DispatchError):
    """A visit that the plan's snapshot does not have."""


def explain_visit(path: Path, visit_id: str, as_json: bool, lang: Language) -> int:
    judged = judge_named(path).judged
    if visit_id not in judged.snapshot.visit:
        raise UnknownVisitError(
            f"{path}: no visit {visit_id!r}; 'dispatch show {path} --by visit' lists all.",
            f"{path}：没有任务 {visit_id!r}；用 dispatch show {path} --by visit 查看全部任务。",
        )
    facts = _facts(judged, visit_id)
    if as_json:
        found = plain(facts.explanation) | {"added_fen_by_item": facts.added_fen}
        if facts.way_in is not None:
            found["way_in"] = way_in_form(facts.way_in, judged.snapshot, lang)
        print_json(found)
    else:
        show_explanation(screen(), judged, facts, lang)
    return EXIT_OK


def _facts(judged: JudgedPlan, visit_id: str) -> Facts:
    travel = travel_of(judged.snapshot)
    explainer = Explainer(judged.snapshot, travel, judged.plan)
    explanation = explainer.explain(visit_id)
    if explanation.planned:
        return Facts(explanation, added_by_item(judged, travel, visit_id), None)
    verdict = judged.verdict
    relaxer = Relaxer.of(explainer, verdict)
    return Facts(explanation, {}, relaxer.way_in(visit_id))


def explain_plan(path: Path, as_json: bool, lang: Language) -> int:
    """All that is left out."""
    judged = judge_named(path).judged
    found = reasons_of(judged, travel_of(judged.snapshot))
    if as_json:
        print_json(
            {
                "left_out": [
                    {
                        "visit_id": reason.visit_id,
                        "code": reason.code,
                        "fen": reason.fen,
                        "way_in": way_in_form(reason.way_in, judged.snapshot, lang),
                    }
                    for reason in found.reasons
                ],
                "blockers": found.blockers,
                "fitting": found.fitting,
            }
        )
    else:
        show_reasons(screen(), judged, found, lang)
    return EXIT_OK


def way_in_form(way: WayIn, snapshot: Snapshot, lang: Language) -> object:
    """A way in for programs: ``kind`` is the name of each change, beside what it changes."""
    return {
        "found": way.plan is not None,
        "fen": way.fen,
        "changes": [{"kind": r.kind, **plain(r)} for r in way.relaxations],
        "text": in_words(way, snapshot, lang),
    }
