"""Studies of scenarios: what if. Asked for, watched, cancelled, compared."""

from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import (
    Desk,
    Page,
    Reading,
    Writing,
    located,
    page_of,
    place_of,
    shown,
    text_of,
)
from api.declaring import V1, route
from api.errors import ApiError, language_wanted
from api.fields import USUAL_LIMIT, Cursor, Limit, PathKey
from api.routes.runs import LastEventId, events_route, streamed
from api.security import ForbiddenError
from api.settings import Settings
from api.shapes.studies import Study, StudyIn, study_out
from dispatch.commands.answers import Answer
from dispatch.commands.run_errors import UnknownStudyError
from dispatch.commands.runs import Limits
from dispatch.commands.studies import (
    StudyFacts,
    StudySize,
    ask_for_study,
    cancel_study,
    studies_of,
    study_row,
)
from dispatch.domain.access import Role
from dispatch.runner import Runner
from dispatch.store import queries_runs, queries_studies
from dispatch.store.rows_plans import RunKind, RunRow
from dispatch.store.rows_studies import StudyRow
from scenarios.bases import recorded
from scenarios.inquiries import inquiry_of
from scenarios.scenario_file import scenario_schema
from scenarios.study_form import STUDY
from scenarios.study_process import FACTS
from scenarios.study_told import TOLD

ROUTER = APIRouter(prefix=V1, tags=["studies"])

STUDIES_AT_ONCE = 1
_WHAT_IF = (Role.PLANNER,)
_HTML = "text/html"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SCHEMA_AGE = "private, max-age=3600"


class NoReportError(ApiError):
    """A study that has no report yet, or never will."""

    status = 409


@ROUTER.get(
    "/scenario-schema",
    **route("getScenarioSchema", _WHAT_IF, "What scenario files may hold", dict[str, Any]),
)
def schema(_desk: Reading) -> Response:
    """The JSON Schema; each change stands in `$defs`."""
    return Response(
        _schema_text(), headers={"Cache-Control": _SCHEMA_AGE}, media_type="application/json"
    )


@cache
def _schema_text() -> str:
    return text_of(scenario_schema())


@ROUTER.post(
    "/studies",
    **route(
        "makeStudy", _WHAT_IF, "Study scenarios in the background", StudyFacts,
        problems=(404,), status=202,
    ),
)  # fmt: skip
def make(body: StudyIn, desk: Writing, request: Request) -> Response:
    """For callers who see all territories. The facts are those of now, however long it waits; a
    change that cannot apply to them is refused with its place. A full queue is 429."""
    _need_whole(desk)
    form = body.form()
    facts = desk.read(lambda session, _: recorded(session, form.facts_asked))
    inquiry_of(form, facts)  # refuses what cannot apply
    settings: Settings = request.app.state.settings
    limits = Limits(STUDIES_AT_ONCE, settings.runs_waiting, settings.run_most_s)
    size = StudySize(
        form.name, form.base, len(form.scenarios), form.seeds, form.iterations, form.kind
    )
    texts = (STUDY.dump_json(form).decode(), FACTS.dump_json(facts).decode())

    def command(session: Session, _at: datetime) -> Answer:
        made = ask_for_study(session, size, *texts, limits, desk.by, datetime.now(UTC))
        return Answer(202, text_of(made), {"Location": located(f"{V1}/studies", made.id)})

    answer = desk.write(command)
    _wake(request)
    return answer


@ROUTER.get(
    "/studies", **route("listStudies", _WHAT_IF, "Studies, the newest first", Page[StudyFacts])
)
def listed(desk: Reading, cursor: Cursor = None, limit: Limit = USUAL_LIMIT) -> Response:
    """For callers who see all territories."""
    _need_whole(desk)
    place = place_of(cursor, str)
    before = place[0] if place else None

    def query(session: Session, _at: datetime) -> list[StudyFacts]:
        wanted = queries_studies.IS_STUDY
        return studies_of(session, queries_runs.run_page(session, wanted, before, limit + 1))

    return page_of(desk.read(query), limit, lambda study: (study.id,))


@ROUTER.get(
    "/studies/{study_id}",
    **route("getStudy", _WHAT_IF, "A study and what it has come to", Study, problems=(404,)),
)
def one(study_id: PathKey, desk: Reading) -> Response:
    """`found` grows while it goes on: scenarios of which a seed is done beside the baseline."""

    def query(session: Session, _at: datetime) -> Study:
        row = _seen(session, desk, study_id)
        asked = queries_studies.kept(session, study_id, StudyRow.asked)
        found = queries_studies.kept(session, study_id, StudyRow.found)
        return study_out(
            studies_of(session, [row])[0],
            STUDY.validate_json(asked),
            TOLD.validate_json(found) if found else (),
            has_report=bool(queries_studies.kept(session, study_id, StudyRow.reports)),
        )

    return shown(desk.read(query))


@ROUTER.post(
    "/studies/{study_id}/cancellation",
    **route(
        "cancelStudy", _WHAT_IF, "Stop a study; what was found is kept", StudyFacts,
        problems=(404,), status=202,
    ),
)  # fmt: skip
def cancel(study_id: PathKey, desk: Writing, request: Request) -> Response:
    """The runs that are under way are finished first. Cancelling again changes nothing."""

    def command(session: Session, _at: datetime) -> Answer:
        _seen(session, desk, study_id)
        return Answer(202, text_of(cancel_study(session, study_id, desk.by, datetime.now(UTC))))

    answer = desk.write(command)
    _wake(request)
    return answer


@ROUTER.get(
    "/studies/{study_id}/events",
    **events_route("listenToStudy", _WHAT_IF, "What happens to a study, as it happens"),
)
async def events(
    study_id: PathKey, desk: Reading, request: Request, last_event_id: LastEventId = None
) -> Response:
    """Server-sent events like those of a run: `queued`, `started`, `progress` (see `progress` of a
    study) and `finished` (`state`), the last one."""
    return await streamed(
        request, desk, study_id, last_event_id, lambda session: _seen(session, desk, study_id)
    )


@ROUTER.get(
    "/studies/{study_id}/report.html",
    **route("getStudyPage", _WHAT_IF, "The report as a page", problems=(404, 409), content=_HTML),
)
def page(study_id: PathKey, desk: Reading, request: Request) -> Response:
    """Once it is over; in the language asked for. It loads nothing from elsewhere."""
    text = _report(desk, study_id, f"{language_wanted(request.headers)}.html")
    # Opened in a browser it may have its own styles, and nothing else.
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    headers = _attached(study_id, "html") | {"Content-Security-Policy": policy}
    return Response(text, 200, headers, _HTML)


@ROUTER.get(
    "/studies/{study_id}/report.xlsx",
    **route(
        "getStudyWorkbook", _WHAT_IF, "The report for Excel", problems=(404, 409), content=_EXCEL
    ),
)
def workbook(study_id: PathKey, desk: Reading, request: Request) -> Response:
    """Once it is over; in the language asked for."""
    text = _report(desk, study_id, f"{language_wanted(request.headers)}.xlsx")
    return Response(b64decode(text), 200, _attached(study_id, "xlsx"), _EXCEL)


def _attached(study_id: str, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{study_id}.{ending}"'}


def _report(desk: Desk, study_id: str, name: str) -> str:
    """Raises NotThereError, NoReportError."""

    def query(session: Session, _at: datetime) -> str:
        _seen(session, desk, study_id)
        reports = queries_studies.kept(session, study_id, StudyRow.reports)
        if not reports:
            raise NoReportError(
                "There is no report: the study goes on, or no seed was finished.",
                "尚无报告：研究仍在进行，或没有任何种子完成。",
            )
        return str(reports[name])

    return desk.read(query)


def _need_whole(desk: Desk) -> None:
    """Raises ForbiddenError."""
    if desk.grant.is_limited:
        raise ForbiddenError(
            "Scenarios are of all territories; your key sees some of them.",
            "情景研究涵盖全部责任区；您的密钥只能查看部分责任区。",
        )


def _seen(session: Session, desk: Desk, study_id: str) -> RunRow:
    """Raises UnknownStudyError."""
    if desk.grant.is_limited:
        raise UnknownStudyError(study_id)
    return study_row(session, study_id)


def _wake(request: Request) -> None:
    runners: Mapping[RunKind, Runner] = request.app.state.runners
    runners[RunKind.STUDY].wake()
