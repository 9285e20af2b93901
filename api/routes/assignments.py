"""Assignments at once: who could take a work order, and the best place booked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Desk, Writing, made, shown
from api.declaring import V1, route
from api.errors import code_of, language_wanted
from api.routes.plans import sight_of
from api.security import INTAKE
from api.shapes.assignments import (
    AssignmentIn,
    AssignmentOut,
    BatchIn,
    BatchOut,
    Mode,
    RefusedOut,
    assignment_out,
    help_out,
)
from api.shapes.plans import Sight
from dispatch.commands.answers import Answer, Call
from dispatch.commands.assigning import (
    Assigned,
    OutdatedPlanError,
    Refused,
    Terms,
    assign,
    assign_all,
    committed,
    standing_to_change,
    suggest,
)
from dispatch.commands.assigning_together import Wanted, assign_together
from dispatch.commands.live_plan import LivePlan, Turn
from dispatch.commands.plan_errors import UnknownVersionError
from dispatch.commands.recording_errors import UnknownWorkOrderError
from dispatch.commands.stuck import stuck
from dispatch.domain.access import Grant
from dispatch.domain.errors import DispatchError
from dispatch.store import queries_access, queries_plans
from dispatch.store.errors import StoreError
from dispatch.store.together import Group, Together
from dispatch.texts import Language

ROUTER = APIRouter(prefix=f"{V1}/assignments", tags=["assignments"])


def _live(request: Request) -> LivePlan:
    live: LivePlan = request.app.state.live
    return live


Live = Annotated[LivePlan, Depends(_live)]
"""The published plan as this process keeps it."""


@ROUTER.post(
    "",
    **route(
        "assign",
        INTAKE,
        "Who could take a work order, or the best place booked",
        AssignmentOut,
        problems=(404, 409),
        status=201,
    ),
)
def one(body: AssignmentIn, desk: Writing, live: Live, request: Request) -> Response:
    """201 if something was booked; 200 if not, and for suggestions, which change nothing."""
    language = language_wanted(request.headers)
    if body.mode is Mode.SUGGEST:
        return shown(_suggested(body.work_order_id, body.terms, desk, live, language))
    commits: Together[Commit, Response] = request.app.state.commits
    return commits.do(Commit(body, desk))


@ROUTER.post(
    "/batch",
    **route(
        "assignBatch",
        INTAKE,
        "Up to 200 work orders assigned, one after the other",
        BatchOut,
        problems=(404, 409),
        status=201,
    ),
)
def batch(body: BatchIn, desk: Writing, live: Live, request: Request) -> Response:
    """All in one transaction; those that cannot be assigned say why and stop no others."""
    language = language_wanted(request.headers)
    if body.mode is Mode.SUGGEST:
        return shown(_batch_suggested(body, desk, live, language))

    def write(turn: Turn, waits: bool) -> Response:
        def command(session: Session, at: datetime) -> Answer:
            sight = sight_of(session, desk.grant)
            standing = standing_to_change(session, turn, at, waits=waits)
            ids = body.work_order_ids
            seen = [i for i in ids if queries_access.sees_work_order(session, desk.grant, i)]
            results = [
                *assign_all(session, turn, standing, seen, body.terms(sight), desk.by, at),
                *(Refused(i, UnknownWorkOrderError(i)) for i in ids if i not in seen),
            ]
            done = [one for one in results if isinstance(one, Assigned)]
            out = BatchOut(
                tuple(assignment_out(one, sight, current=True) for one in done),
                tuple(
                    _refused(one.work_order_id, one.error, language)
                    for one in results
                    if isinstance(one, Refused)
                ),
            )
            return made(out, again=not any(one.booked for one in done))

        return desk.write(command)

    return committed(live, write)


# ------------------------------------------------------------------------------------- committing


@dataclass(frozen=True, slots=True)
class Commit:
    """A call that wants a work order assigned."""

    body: AssignmentIn
    desk: Desk


def commits_together(live: LivePlan) -> Together[Commit, Response]:
    """Commits of a process; those of one caller that wait at the same time are done together."""
    return Together(partial(_together, live), partial(_alone, live), lambda one: one.desk.grant)


def _together(live: LivePlan, group: Group[Commit]) -> list[Response | None]:
    desk = group.first.desk

    def write(turn: Turn, waits: bool) -> list[Response | None]:
        def gather(session: Session) -> list[Call | None]:
            queries_plans.lock_plans(session)  # those that come meanwhile wait for it, too
            return [one.desk.call for one in group.gather()]

        def command(session: Session, at: datetime, numbers: Sequence[int]) -> list[Answer | None]:
            sight = sight_of(session, desk.grant)
            standing = standing_to_change(session, turn, at, waits=waits)
            bodies = [group.members[number].body for number in numbers]
            wanted = [
                Wanted(body.work_order_id, body.terms(sight))
                if _is_seen(session, desk.grant, body.work_order_id)
                else None
                for body in bodies
            ]
            found = assign_together(session, turn, standing, wanted, desk.by, at)
            return [_answer(one, sight) if one is not None else None for one in found]

        return desk.write_together(gather, command)

    return committed(live, write)


def _alone(live: LivePlan, commit: Commit) -> Response:
    body, desk = commit.body, commit.desk

    def write(turn: Turn, waits: bool) -> Response:
        def command(session: Session, at: datetime) -> Answer:
            sight = sight_of(session, desk.grant)
            _need_seen(session, desk.grant, body.work_order_id)
            standing = standing_to_change(session, turn, at, waits=waits)
            terms = body.terms(sight)
            found = assign(session, turn, standing, body.work_order_id, terms, desk.by, at)
            return _answer(found, sight)

        return desk.write(command)

    return committed(live, write)


def _answer(found: Assigned, sight: Sight) -> Answer:
    return made(assignment_out(found, sight, current=True), again=not found.booked)


# ------------------------------------------------------------------------------------- suggesting


def _suggested(
    work_order_id: str,
    terms: Callable[[Sight], Terms],
    desk: Desk,
    live: LivePlan,
    language: Language,
) -> AssignmentOut:
    try:
        return _looked(work_order_id, terms, desk, live, language)
    except OutdatedPlanError:
        live.renew()
        return _looked(work_order_id, terms, desk, live, language)


def _looked(
    work_order_id: str,
    terms: Callable[[Sight], Terms],
    desk: Desk,
    live: LivePlan,
    language: Language,
) -> AssignmentOut:
    with live.asked() as (standing, session):
        _need_seen(session, desk.grant, work_order_id)
        sight = sight_of(session, desk.grant)
        found = suggest(session, standing, work_order_id, terms(sight))
        current = not standing.outdated and not standing.unsure
        blocked = [
            stuck(standing, visit.looked) for visit in found.visits if visit.looked is not None
        ]
    # What would help may name anybody, so it is told to those who see everything.
    helps = {
        one.visit_id: help_out(one.way_in(), one.snapshot, language)
        for one in blocked
        if one is not None and sight.is_whole
    }
    return assignment_out(found, sight, current=current, helps=helps)


def _batch_suggested(body: BatchIn, desk: Desk, live: LivePlan, language: Language) -> BatchOut:
    """Each as if it were alone."""
    found, refused = [], []
    for work_order_id in body.work_order_ids:
        try:
            found.append(_suggested(work_order_id, body.terms, desk, live, language))
        except DispatchError as error:
            if isinstance(error, StoreError | UnknownVersionError):
                raise
            refused.append(_refused(work_order_id, error, language))
    return BatchOut(tuple(found), tuple(refused))


def _refused(work_order_id: str, error: DispatchError, language: Language) -> RefusedOut:
    detail = language.pick(error.message_en, error.message_zh)
    return RefusedOut(work_order_id, code_of(type(error)), detail)


def _need_seen(session: Session, grant: Grant, work_order_id: str) -> None:
    if not _is_seen(session, grant, work_order_id):
        raise UnknownWorkOrderError(work_order_id)


def _is_seen(session: Session, grant: Grant, work_order_id: str) -> bool:
    """Whether a caller may see a work order, if there is one."""
    if not grant.is_limited:
        return True
    return queries_access.sees_work_order(session, grant, work_order_id)
