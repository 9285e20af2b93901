"""What would be if, and why it is as it is: nothing is stored."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, shown
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError, language_wanted
from api.fields import PathKey
from api.routes.plans import Kept, sight_of
from api.security import INSIDE, PLANNING
from api.shapes.assignments import ClockOut, help_out
from api.shapes.plans import Sight
from api.shapes.trials import (
    CoverOut,
    EvaluationIn,
    EvaluationOut,
    ExplanationOut,
    Judgement,
    cover_out,
    evaluation_out,
    judgement_of,
    with_plan,
)
from dispatch.commands.versions import PUBLISHED, Version, named_version
from dispatch.cover import cover_of
from dispatch.explain import Explainer, added_by_item
from dispatch.judged import judged
from dispatch.relaxing import Relaxer
from dispatch.store import queries_access
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["trials"])
_VISIT = Text("visit", "任务")
_Asked = Annotated[
    str, Query(pattern=r"^(published|draft|[0-9]{1,9})$", description="Which version is explained.")
]
_Name = Annotated[str, Path(pattern=r"^(published|draft|[0-9]{1,9})$")]


@ROUTER.post(
    "/evaluate",
    **route(
        "evaluate", PLANNING, "What the referee says of a change", EvaluationOut, problems=(404,)
    ),
)
def evaluate(body: EvaluationIn, desk: Reading, kept: Kept) -> Response:
    """Rules broken and cost of changes by hand, or of a whole plan. Nothing is stored."""
    if body.plan is not None and body.changes:
        raise UnfitError(
            "/plan",
            "Give changes or a plan, not both.",
            "changes 与 plan 只能填其一。",
        )

    def query(session: Session, _at: datetime) -> tuple[Version, Sight]:
        number = named_version(session, body.version)
        return kept.to_change(session, number), sight_of(session, desk.grant)

    version, sight = desk.read(query)
    for number, change in enumerate(body.changes):
        seen = sight.sees(visit_id=change.visit_id) and all(map(sight.sees, change.technician_ids))
        if not seen or not sight.sees(visit_id=change.after_visit_id):
            raise UnfitError(
                f"/changes/{number}",
                "There is no such visit or technician.",
                "没有这样的任务或技术员。",
            )
    changed = dict.fromkeys(change.visit_id for change in body.changes)
    found = _judgement(body, version, desk.by, sight)
    return shown(evaluation_out(version, found, changed, sight))


def _judgement(body: EvaluationIn, version: Version, by: str, sight: Sight) -> Judgement:
    before = version.judged
    if body.plan is not None:
        plan = with_plan(before, body.plan.plan(by))
        return judgement_of(before, judged(before.snapshot, plan, version.travel))
    if not body.changes:
        return judgement_of(before, before)
    *earlier, last = body.changes
    halfway = version
    for change in earlier:
        halfway = replace(halfway, judged=change.wish(sight).proposal(halfway).after)
    asked = replace(last.wish(sight).proposal(halfway), version=version)
    found = asked.touched
    return Judgement(
        asked.plan, found.violations, found.effect, found.by_item, found.before, found.after
    )


@ROUTER.get(
    "/visits/{visit_id}/explanation",
    **route(
        "explainVisit", INSIDE, "Why a visit is where it is", ExplanationOut, problems=(404, 409)
    ),
)
def explanation(
    visit_id: PathKey, desk: Reading, kept: Kept, request: Request, version: _Asked = PUBLISHED
) -> Response:
    language = language_wanted(request.headers)

    def query(session: Session, _at: datetime) -> tuple[Version, Sight]:
        if not queries_access.sees_visit(session, desk.grant, visit_id):
            raise NotThereError(_VISIT, visit_id)
        return kept.find(session, version).version, sight_of(session, desk.grant)

    explained, sight = desk.read(query)
    found = explained.judged
    if visit_id not in found.snapshot.visit:
        raise NotThereError(Text("open visit", "未完成的任务"), visit_id)
    explainer = Explainer(found.snapshot, explained.travel, found.plan)
    why = explainer.explain(visit_id)
    served = found.served.get(visit_id, ())
    runner_up = why.runner_up_id if sight.sees(why.runner_up_id) else None
    way_in = None
    if not why.planned and sight.is_whole:
        verdict = found.verdict
        relaxer = Relaxer.of(explainer, verdict)
        way = relaxer.way_in(visit_id)
        way_in = help_out(way, found.snapshot, language)
    margins = found.margins.get(visit_id, ())
    return shown(
        ExplanationOut(
            visit_id=visit_id,
            version=explained.number,
            planned=why.planned,
            technician_ids=tuple(
                one.technician_id for one in served if sight.sees(one.technician_id)
            ),
            start_at=found.verdict.timetable.start_of(visit_id) if served else None,
            end_at=found.verdict.timetable.end_of(visit_id) if served else None,
            clocks=tuple(ClockOut(m.clock.kind, m.clock.due_at, m.margin_s) for m in margins),
            obstacles=tuple(o for o in why.obstacles if sight.sees(o.technician_id)),
            runner_up_id=runner_up,
            difference_fen=why.difference_fen if runner_up else None,
            added_fen=added_by_item(found, explained.travel, visit_id) if served else {},
            help=way_in,
        )
    )


@ROUTER.get(
    "/plans/{version}/cover",
    **route("getCover", INSIDE, "Who could stand in for whom", CoverOut, problems=(404, 409)),
)
def cover(version: _Name, desk: Reading, kept: Kept) -> Response:
    def query(session: Session, _at: datetime) -> tuple[Version, Sight]:
        found = kept.find(session, version).version
        return found, sight_of(session, desk.grant)

    found, sight = desk.read(query)
    return shown(cover_out(found.number, cover_of(found.judged, found.travel), sight))
