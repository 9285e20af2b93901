"""The HTTP API: put together here, and nothing else."""

import asyncio
import gc
import json
import os
import re
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from api.board_files import board_routes
from api.change_watch import ChangeWatch
from api.declaring import V1, Problem
from api.drawn_boards import DrawnBoards
from api.errors import add_error_handlers, language_wanted, plain_problem
from api.examples import add_examples
from api.middleware import LOG, Front
from api.routes import ROUTERS
from api.routes.assignments import commits_together
from api.routes.studies import STUDIES_AT_ONCE
from api.routes.work_orders import intake_together
from api.run_watch import Watch
from api.security import Gate
from api.settings import Settings, settings_of
from dispatch import solving
from dispatch.commands.answers import forget_old_answers
from dispatch.commands.kept_versions import KeptVersions
from dispatch.commands.live_plan import LivePlan
from dispatch.commands.measuring import measure
from dispatch.commands.runs import forget_old_progress
from dispatch.domain.errors import DispatchError
from dispatch.kept_lives import KeptLives
from dispatch.lineage import end_with_parent
from dispatch.posting import Postman
from dispatch.runner import Runner
from dispatch.sealing import Seal
from dispatch.sending import Sender
from dispatch.store import schema
from dispatch.store.database import Database
from dispatch.store.errors import StoreError
from dispatch.store.retrying import in_writing
from dispatch.store.rows_plans import RunKind
from scenarios import study_process

_TITLE = "field-dispatch"
_ABOUT = """\
Who goes where, when and with which parts.

Send `Authorization: Bearer KEY`; `dispatch keys create` makes keys. Instants are ISO 8601 with an
offset and come back in UTC, money is in fen (0.01 yuan), distances in metres, durations in seconds.
Lists come in pages: `next` is the `cursor` of the page behind. Whatever goes wrong is a problem
document (RFC 9457), in English or Chinese as `Accept-Language` asks.
"""
_LARGE_BYTES = 2_000
"""Larger answers are compressed for callers who take that."""
_SQUEEZE = 5
"""Above that answers get slower, and hardly smaller."""
_HOUSEKEEPING_S = 3600
_MEASURING_S = 60
_LOCAL_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_PAGE = re.compile(r'Page_(\w+)_"')


def served() -> ASGIApp:
    """The application as the environment wants it: what each server process runs."""
    # One of several has a parent. If that is killed, what was begun is answered, and nobody stays.
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    settings = settings_of(os.environ)
    app = create_app(settings)
    app.state.is_alone = True  # the process does nothing but serve
    return Front(app, settings)


def create_app(settings: Settings) -> FastAPI:
    """The application without its outermost layer.

    Raises AddressError, SealError and SettingError.
    """
    app = FastAPI(
        title=_TITLE,
        version="1",
        description=_ABOUT,
        openapi_url=f"{V1}/openapi.json",
        docs_url=None,  # these pages would call the outside
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=settings.most_body_bytes,
        lifespan=_lifespan,
    )
    app.state.database = Database(settings.database_url)
    app.state.live = LivePlan(app.state.database)
    app.state.commits = commits_together(app.state.live)
    app.state.intake = intake_together()
    app.state.kept_versions = KeptVersions()
    app.state.drawn_boards = DrawnBoards()
    app.state.lives = KeptLives()
    app.state.gate = Gate(app.state.database, settings)
    app.state.postman = Postman(settings.webhook_networks)
    app.state.seal = Seal(settings.secret_keys)
    app.state.sender = Sender(
        app.state.database, app.state.postman, app.state.seal, settings.at_risk_s
    )
    app.state.settings = settings
    app.state.is_alone = False
    app.state.watch = Watch(app.state.database)
    app.state.changes = ChangeWatch(app.state.database)
    app.add_middleware(GZipMiddleware, minimum_size=_LARGE_BYTES, compresslevel=_SQUEEZE)
    add_error_handlers(app)
    app.add_exception_handler(Exception, _of_program)
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.extend(board_routes(settings.tiles.origin if settings.tiles else None))
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    database: Database = app.state.database
    await run_in_threadpool(schema.need_shape, database)
    settings: Settings = app.state.settings
    stopping = threading.Event()
    sender = threading.Thread(target=app.state.sender.run, args=(stopping,), name="sender")
    sender.start()
    runners = _runners(database, settings)
    app.state.runners = runners
    for runner in runners.values():
        runner.start()
    chores = [
        asyncio.create_task(_keep_house(database)),
        asyncio.create_task(_measure_roads(database, stopping)),
        asyncio.create_task(run_in_threadpool(_judge_published, app)),
    ]
    with app.state.watch.until_server_ends(app.state.changes.end):
        yield
    stopping.set()
    for chore in chores:
        chore.cancel()
    await asyncio.gather(*chores, return_exceptions=True)
    await app.state.changes.close()
    await run_in_threadpool(sender.join)
    for runner in runners.values():
        await run_in_threadpool(runner.close)
    for waiting in (app.state.commits, app.state.intake):
        await run_in_threadpool(waiting.close)
    database.close()


def _runners(database: Database, settings: Settings) -> dict[RunKind, Runner]:
    """Who carries out what waits, by its kind."""
    study = partial(study_process.carry_out, count=settings.study_processes)
    lease_s = settings.run_lease_s
    return {
        RunKind.PLAN: Runner(
            database, RunKind.PLAN, solving.carry_out, settings.runs_at_once, lease_s
        ),
        RunKind.STUDY: Runner(database, RunKind.STUDY, study, STUDIES_AT_ONCE, lease_s),
    }


def _judge_published(app: FastAPI) -> None:
    """What is published is kept ready, so that nobody who opens a board first has to wait for it.
    What goes wrong is told to whoever asks."""
    kept: KeptVersions = app.state.kept_versions
    database: Database = app.state.database
    with suppress(DispatchError), database.reading() as session:
        kept.published(session)
    if app.state.is_alone:
        # Going through all that stays, in search of garbage, would take 0.2 s every other answer.
        gc.collect()
        gc.freeze()


async def _keep_house(database: Database) -> None:
    """What has to be done now and then, by every process: it does no harm twice."""
    while True:
        for forget in (forget_old_answers, forget_old_progress):
            await run_in_threadpool(
                in_writing,
                database,
                lambda s, chore=forget: chore(s, datetime.now(UTC)),
            )
        await asyncio.sleep(_HOUSEKEEPING_S)


async def _measure_roads(database: Database, stopping: threading.Event) -> None:
    """Asks the road network for what is not known of new places, by every process: what two ask
    for is kept once. What cannot be asked for is estimated meanwhile."""
    while True:
        await asyncio.sleep(_MEASURING_S)
        try:
            await run_in_threadpool(measure, database, datetime.now(UTC), stop=stopping.is_set)
        except StoreError as error:
            LOG.warning("roads", extra={"reason": error.message_en})


async def _of_program(request: Request, _error: Exception) -> Response:
    return plain_problem(500, language_wanted(request.headers))


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= made.pop("$defs", {})
        schemas["Problem"] = made
        # The framework's own form of validation errors, which nobody is sent.
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _name_local_times(schemas)
        add_examples(document)
        app.openapi_schema = _named(document)
    return app.openapi_schema


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """The document whose schemas have names that differ: generators of clients make classes of
    their titles."""
    text = _PAGE.sub(r'PageOf\1"', json.dumps(document))
    named: dict[str, Any] = json.loads(text)
    for name, found in named["components"]["schemas"].items():
        found["title"] = name
    return named


def _name_local_times(schema: Any) -> None:  # noqa: ANN401 - any JSON
    """Times of day have no offset, which the format ``time`` asks for."""
    if isinstance(schema, dict):
        if schema.get("format") == "time":
            del schema["format"]
            schema["pattern"] = _LOCAL_TIME
        for below in schema.values():
            _name_local_times(below)
    elif isinstance(schema, list):
        for below in schema:
            _name_local_times(below)
