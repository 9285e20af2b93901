"""Plans changed by hand, compared and published; visits pinned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import (
    Desk,
    Reading,
    Writing,
    etag_of,
    located,
    made,
    need_match,
    shown,
    text_of,
)
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError
from api.fields import IfMatch, PathKey
from api.routes.plans import Kept, VersionName, plan_etag, sight_of
from api.security import DESK, INSIDE, PLANNING, ForbiddenError
from api.shapes.plans import ChangedOut, ComparisonOut, Sight, effect_out
from api.shapes.runs import AssignIn, Forcible, PinIn, PublicationIn, SwapIn, UnassignIn
from dispatch.commands.answers import Answer
from dispatch.commands.beside import put_beside
from dispatch.commands.by_hand import Wish, change
from dispatch.commands.kept_versions import KeptVersions
from dispatch.commands.pinning import pin, pin_of, unpin
from dispatch.commands.plan_errors import BrokenRulesError
from dispatch.commands.publishing import Published, publish
from dispatch.commands.versions import PUBLISHED, load_version, named_version, version_row
from dispatch.domain.work import Pin
from dispatch.effects import effect_of
from dispatch.plan_difference import differences
from dispatch.store import queries_access, queries_plans
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["plans"])

_VISIT = Text("visit", "任务")
_PROBLEMS = (404, 409, 412, 428)
_With = Annotated[
    str,
    Query(
        alias="with",
        pattern=r"^(published|draft|[0-9]{1,9})$",
        description="The version that it is compared with.",
    ),
]


@dataclass(frozen=True, slots=True)
class PinOut:
    """The pin of a visit; null: it has none."""

    visit_id: str
    pin: Pin | None


@ROUTER.get(
    "/plans/{version}/comparison",
    **route("comparePlans", INSIDE, "Two versions", ComparisonOut, problems=(404, 409)),
)
def compare(version: VersionName, desk: Reading, kept: Kept, other: _With = PUBLISHED) -> Response:
    """What `version` does instead of the other one, visit by visit."""

    def query(session: Session, _at: datetime) -> ComparisonOut:
        sight = sight_of(session, desk.grant)
        before, after = (kept.find(session, name).version for name in (other, version))
        found = differences(before.judged, after.judged)
        return ComparisonOut(
            before=before.number,
            after=after.number,
            effect=effect_out(effect_of(before.judged, after.judged), sight),
            differences=tuple(d for d in found if sight.sees_difference(d)),
        )

    return shown(desk.read(query))


@ROUTER.post(
    "/plans/{version}/publication",
    **route(
        "publishPlan", PLANNING, "A draft becomes the plan", Published,
        problems=_PROBLEMS, status=201,
    ),
)  # fmt: skip
def publication(
    version: VersionName, body: PublicationIn, desk: Writing, if_match: IfMatch = None
) -> Response:
    """Books technicians, reserves parts and tells people, all of it or nothing. Callers who do not
    see everything may publish what differs only in what they see."""

    def command(session: Session, at: datetime) -> Answer:
        number = _matching(session, version, if_match)
        if desk.grant.is_limited:
            put_beside(session, version_row(session, number), at)
            _need_own(session, desk, number)
        done = publish(session, number, desk.by, at, body.reason, None, body.base, force=body.force)
        where = {"Location": located(f"{V1}/plans", str(number))}
        return made(_published_as_seen(done, sight_of(session, desk.grant)), headers=where)

    return _written(desk, command)


@ROUTER.post(
    "/plans/{version}/assignments",
    **route(
        "assignByHand", DESK, "Give a visit to technicians", ChangedOut,
        problems=_PROBLEMS, status=201,
    ),
)  # fmt: skip
def assign(
    version: VersionName, body: AssignIn, desk: Writing, kept: Kept, if_match: IfMatch = None
) -> Response:
    """They are pinned to it. A draft is changed; of the published plan a draft is made."""
    visits = {"/visit_id": body.visit_id, "/after_visit_id": body.after_visit_id}
    people = {f"/technician_ids/{i}": t for i, t in enumerate(body.technician_ids)}
    return _changed(desk, kept, version, body, body.wish(), if_match, visits, people)


@ROUTER.post(
    "/plans/{version}/unassignments",
    **route(
        "unassignByHand", DESK, "Take a visit out of the plan", ChangedOut,
        problems=_PROBLEMS, status=201,
    ),
)  # fmt: skip
def unassign(
    version: VersionName, body: UnassignIn, desk: Writing, kept: Kept, if_match: IfMatch = None
) -> Response:
    """Its pin is taken away too."""
    visits = {"/visit_id": body.visit_id}
    return _changed(desk, kept, version, body, body.wish(), if_match, visits, {})


@ROUTER.post(
    "/plans/{version}/swaps",
    **route(
        "swapByHand", DESK, "Give two visits each other's technicians", ChangedOut,
        problems=_PROBLEMS, status=201,
    ),
)  # fmt: skip
def swap(
    version: VersionName, body: SwapIn, desk: Writing, kept: Kept, if_match: IfMatch = None
) -> Response:
    """And each other's shifts; both are pinned to their technicians."""
    visits = {"/visit_id": body.visit_id, "/other_visit_id": body.other_visit_id}
    return _changed(desk, kept, version, body, body.wish(), if_match, visits, {})


@ROUTER.get(
    "/visits/{visit_id}/pin",
    **route("getPin", INSIDE, "The pin of a visit", PinOut, problems=(404,)),
)
def pinned(visit_id: PathKey, desk: Reading) -> Response:
    found = desk.read(lambda session, _: _pin(session, desk, visit_id))
    return shown(found, etag=etag_of(found))


@ROUTER.put(
    "/visits/{visit_id}/pin",
    **route("setPin", DESK, "Pin a visit", PinOut, problems=_PROBLEMS),
)
def set_pin(visit_id: PathKey, body: PinIn, desk: Reading, if_match: IfMatch = None) -> Response:
    """No plan made from now on changes what is pinned. The pin that it has is replaced."""

    def command(session: Session, at: datetime) -> Answer:
        queries_plans.lock_plans(session)
        need_match(if_match, etag_of(_pin(session, desk, visit_id)))
        people = {f"/technician_ids/{i}": t for i, t in enumerate(body.technician_ids)}
        _need_seen(session, desk, {"/after_visit_id": body.after_visit_id}, people)
        pin(session, body.pin(visit_id), desk.by, at, body.reason)
        found = _pin(session, desk, visit_id)
        return Answer(200, text_of(found), {"ETag": etag_of(found)})

    return desk.write(command)


@ROUTER.delete(
    "/visits/{visit_id}/pin",
    **route("removePin", DESK, "A visit is pinned no more", problems=_PROBLEMS, status=204),
)
def remove_pin(visit_id: PathKey, desk: Reading, if_match: IfMatch = None) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        queries_plans.lock_plans(session)
        need_match(if_match, etag_of(_pin(session, desk, visit_id)))
        unpin(session, visit_id, desk.by, at)
        return Answer(204, "")

    return desk.write(command)


# ----------------------------------------------------------------------------------------- pieces


def _changed(
    desk: Desk,
    kept: KeptVersions,
    version: str,
    body: Forcible,
    wish: Wish,
    if_match: str | None,
    visits: Mapping[str, str | None],
    people: Mapping[str, str],
) -> Response:
    """Does a change by hand; ``visits`` and ``people`` are what it names, and where."""

    def command(session: Session, at: datetime) -> Answer:
        number = _matching(session, version, if_match)
        _need_seen(session, desk, visits, people)
        sight = sight_of(session, desk.grant)
        done = change(
            session, number, wish, desk.by, at, body.reason, None, body.force, kept.to_change
        )
        out = ChangedOut(
            version=done.version,
            base=done.base,
            effect=effect_out(done.effect, sight),
            differences=tuple(d for d in done.differences if sight.sees_difference(d)),
        )
        where = {
            "Location": located(f"{V1}/plans", str(done.version)),
            "ETag": plan_etag(session, done.version),
        }
        return made(out, headers=where)

    return _written(desk, command)


def _written(desk: Desk, command: Callable[[Session, datetime], Answer]) -> Response:
    """Does a command; of rules that it breaks nobody hears what is not seen."""
    try:
        return desk.write(command)
    except BrokenRulesError as error:
        sight = desk.read(lambda session, _: sight_of(session, desk.grant))
        seen = tuple(v for v in error.broken if sight.sees_violation(v))
        if not seen:
            raise _beyond() from error
        raise BrokenRulesError(seen) from error


def _matching(session: Session, version: str, if_match: str | None) -> int:
    """The number of the version, which nobody else changes now and which is as the caller knows."""
    queries_plans.lock_plans(session)
    number = named_version(session, version)
    need_match(if_match, plan_etag(session, number))
    return number


def _need_own(session: Session, desk: Desk, number: int) -> None:
    """Raises ForbiddenError if publishing changes what the caller does not see."""
    sight = sight_of(session, desk.grant)
    old = queries_plans.published_version(session)
    new = load_version(session, number).judged
    if old is None:
        raise _beyond()
    found = differences(load_version(session, old.version).judged, new)
    if not all(sight.sees_difference(one) for one in found):
        raise _beyond()


def _beyond() -> ForbiddenError:
    return ForbiddenError(
        "This concerns what is outside of your territories; somebody who sees all has to do it.",
        "此操作涉及您责任区以外的内容；须由可查看全部内容的人员执行。",
    )


def _published_as_seen(done: Published, sight: Sight) -> Published:
    if sight.is_whole:
        return done
    seen = (n for n in done.notices if sight.sees(visit_id=n.visit_id))
    return replace(done, forced=(), notices=tuple(seen))


def _need_seen(
    session: Session, desk: Desk, visits: Mapping[str, str | None], people: Mapping[str, str]
) -> None:
    """Raises UnfitError for what is named and not there for the caller."""
    for pointer, visit_id in visits.items():
        if visit_id is not None and not queries_access.sees_visit(session, desk.grant, visit_id):
            raise _no_such(pointer, _VISIT, visit_id)
    for pointer, technician_id in people.items():
        if not queries_access.sees_technician(session, desk.grant, technician_id):
            raise _no_such(pointer, Text("technician", "技术员"), technician_id)


def _no_such(pointer: str, what: Text, name: str) -> UnfitError:
    return UnfitError(pointer, f"There is no {what.en} {name!r}.", f"没有{what.zh} {name!r}。")


def _pin(session: Session, desk: Desk, visit_id: str) -> PinOut:
    if not queries_access.sees_visit(session, desk.grant, visit_id):
        raise NotThereError(_VISIT, visit_id)
    return PinOut(visit_id, pin_of(session, visit_id))
