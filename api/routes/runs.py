"""Plans made in the background: asked for, waited for, listened to, cancelled."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

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
from api.errors import NotThereError, UnfitError
from api.fields import USUAL_LIMIT, Cursor, Limit, PathKey
from api.run_watch import Watch
from api.security import PLANNING
from api.settings import Settings
from api.shapes.runs import RunIn
from dispatch.commands.answers import Answer
from dispatch.commands.runs import Limits, RunFacts, ask_for_run, cancel_run, facts_of
from dispatch.domain.access import Grant, Role
from dispatch.runner import Runner
from dispatch.store import queries_runs
from dispatch.store.rows_plans import RunKind
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["runs"])

_WATCHING = (*PLANNING, Role.VIEWER)
_RUN = Text("run", "后台计划")
STREAM = "text/event-stream"
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        pattern=r"^[0-9]{1,9}$",
        description="The `id` of the last event that you have: those behind it are sent.",
    ),
]


@ROUTER.post(
    "/plans",
    **route(
        "makePlan", PLANNING, "Make a plan in the background", RunFacts,
        problems=(404, 409), status=202,
    ),
)  # fmt: skip
def make(body: RunIn, desk: Writing, request: Request) -> Response:
    """It becomes a draft, which publishing makes the plan. One run at a time for each technician:
    others are refused with 409 and its `run_id`. A full queue is 429."""
    if body.seconds is not None and body.iterations is not None:
        raise UnfitError(
            "/iterations",
            "Give seconds or iterations, not both.",
            "seconds 与 iterations 只能给出其一。",
        )
    settings: Settings = request.app.state.settings
    limits = Limits(settings.runs_at_once, settings.runs_waiting, settings.run_most_s)
    asked = body.asked(_territories(body, desk.grant))

    def command(session: Session, _at: datetime) -> Answer:
        facts = ask_for_run(session, asked, limits, desk.by, datetime.now(UTC))
        where = {"Location": located(f"{V1}/runs", facts.id)}
        return Answer(202, text_of(facts), where)

    answer = desk.write(command)
    _wake(request)
    return answer


@ROUTER.get("/runs", **route("listRuns", _WATCHING, "Runs, the newest first", Page[RunFacts]))
def listed(desk: Reading, cursor: Cursor = None, limit: Limit = USUAL_LIMIT) -> Response:
    place = place_of(cursor, str)
    before = place[0] if place else None

    def query(session: Session, _at: datetime) -> list[RunFacts]:
        wanted = queries_runs.runs_seen(desk.grant)
        return facts_of(session, queries_runs.run_page(session, wanted, before, limit + 1))

    found = desk.read(query)
    return page_of(found, limit, lambda run: (run.id,))


@ROUTER.get("/runs/{run_id}", **route("getRun", _WATCHING, "A run", RunFacts, problems=(404,)))
def one(run_id: PathKey, desk: Reading) -> Response:
    return shown(desk.read(lambda session, _: _seen(session, desk, run_id)))


@ROUTER.post(
    "/runs/{run_id}/cancellation",
    **route(
        "cancelRun", PLANNING, "Stop a run; the best plan so far is kept", RunFacts,
        problems=(404,), status=202,
    ),
)  # fmt: skip
def cancel(run_id: PathKey, desk: Writing, request: Request) -> Response:
    """A run that has begun saves a draft of the best plan so far within seconds; one that waits has
    none. Cancelling again, or when it is over, changes nothing."""

    def command(session: Session, _at: datetime) -> Answer:
        _seen(session, desk, run_id)
        return Answer(202, text_of(cancel_run(session, run_id, desk.by, datetime.now(UTC))))

    answer = desk.write(command)
    _wake(request)
    return answer


def events_route(name: str, roles: Collection[Role], summary: str) -> dict[str, Any]:
    """The arguments of the decorator of a route that streams what happens to a run."""
    declared = route(name, roles, summary, problems=(404,), content=STREAM)
    declared["responses"][204] = {"description": "It is over, and you know all."}
    return declared


_EVENTS = events_route("listenToRun", _WATCHING, "What happens to a run, as it happens")


@ROUTER.get("/runs/{run_id}/events", **_EVENTS)
async def events(
    run_id: PathKey, desk: Reading, request: Request, last_event_id: LastEventId = None
) -> Response:
    """Server-sent events: `queued`, `started`, `progress` (see `progress` of a run) and `finished`
    (`state`, `version`, `conflicts`), the last one. Whoever comes late, or again with
    `Last-Event-ID`, gets all that was missed. 204: there will be no more."""
    return await streamed(
        request, desk, run_id, last_event_id, lambda session: _seen(session, desk, run_id)
    )


async def streamed(
    request: Request,
    desk: Desk,
    run_id: str,
    last_event_id: str | None,
    need_seen: Callable[[Session], object],
) -> Response:
    """What is told of a run or study, as it happens; ``need_seen`` raises an error if there is no
    such thing for the caller."""
    after = int(last_event_id or 0)

    def query(session: Session, _at: datetime) -> bool:
        need_seen(session)
        is_over = bool(queries_runs.over_among(session, [run_id]))
        return is_over and queries_runs.last_number(session, run_id) <= after

    if await run_in_threadpool(desk.read, query):
        return Response(status_code=204)
    watch: Watch = request.app.state.watch
    return StreamingResponse(watch.listen(run_id, after), media_type=STREAM)


def _territories(body: RunIn, grant: Grant) -> tuple[str, ...]:
    """What is planned for a caller: what is asked for, or all that the caller sees."""
    if grant.territories:
        foreign = [t for t in body.territories if t not in grant.territories]
        if foreign:
            raise UnfitError(
                "/territories",
                f"There is no territory {foreign[0]!r}.",
                f"没有责任区 {foreign[0]!r}。",
            )
    return body.territories or grant.territories


def _seen(session: Session, desk: Desk, run_id: str) -> RunFacts:
    row = queries_runs.run_row(session, run_id)
    if row is None or not queries_runs.sees_run(session, desk.grant, run_id):
        raise NotThereError(_RUN, run_id)
    return facts_of(session, [row])[0]


def _wake(request: Request) -> None:
    runners: Mapping[RunKind, Runner] = request.app.state.runners
    runners[RunKind.PLAN].wake()
