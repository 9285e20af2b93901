"""What can be done now about what went differently."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Desk, Writing, etag_of, located, made, shown
from api.declaring import V1, route
from api.errors import ApiError, language_wanted
from api.fields import Body, Line
from api.routes.plans import plan_etag
from api.security import PLANNING, ForbiddenError
from api.settings import Settings
from api.views.repair import kind_of
from dispatch.commands.answers import Answer
from dispatch.commands.repairs import day_of_record
from dispatch.commands.saving import Baseline, save_draft, take_baseline
from dispatch.commands.versions import PUBLISHED, load_version, named_version
from dispatch.day import Day
from dispatch.domain.rules import Violation
from dispatch.judged import JudgedPlan
from dispatch.plan_difference import VisitDifference, differences
from dispatch.repair_moves import AlternativeKind
from dispatch.repairing import Alternative, Before, Effort, alternatives
from dispatch.texts import Language

ROUTER = APIRouter(prefix=V1, tags=["plans"])
_USUAL_ITERATIONS = 50
_MOST_ITERATIONS = 2_000
_MOST_SEED = 2**31 - 1
_SHARE = 0.5
"""Of the time that a request may take, for searching."""


class WayGoneError(ApiError):
    """A way to go on that is not there any more, or not the same."""

    status = 409


class TakeIn(Body):
    """Which of the ways, as they were shown."""

    kind: AlternativeKind
    digest: Line


class RepairIn(Body):
    """How long to search for other ways beside those that are there at once: none with 0. The same
    facts, iterations and seed give the same ways. `take` makes a draft of one."""

    model_config = Body.model_config | {"json_schema_extra": {"examples": [{"iterations": 50}]}}

    iterations: int = Field(_USUAL_ITERATIONS, ge=0, le=_MOST_ITERATIONS, strict=True)
    seed: int = Field(1, ge=0, le=_MOST_SEED, strict=True)
    take: TakeIn | None = None
    reason: Line = ""


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way to go on, as the referee judges it. `added_fen` is what it costs more than doing
    nothing; `broken` are rules that it breaks and the plan did not; `changed` are visits of which
    people are told something else, `left_out` those that nobody does."""

    kind: AlternativeKind
    title: str
    digest: str
    cost_fen: int
    added_fen: int
    broken: tuple[Violation, ...]
    late_clocks: int
    late_s: int
    changed: tuple[str, ...]
    other_technicians: tuple[str, ...]
    technicians: tuple[str, ...]
    customers: tuple[str, ...]
    left_out: tuple[str, ...]
    differences: tuple[VisitDifference, ...]


@dataclass(frozen=True, slots=True)
class RepairOut:
    """The best way first; `version` is the draft that was made."""

    needed: bool
    version: int | None
    ways: tuple[WayOut, ...]


@dataclass(frozen=True)
class _Found:
    baseline: Baseline
    was: JudgedPlan
    ways: tuple[Alternative, ...]

    @property
    def is_needed(self) -> bool:
        return len(self.ways) > 1 or self.ways[0].changed != ()

    def out(self, language: Language, version: int | None) -> RepairOut:
        ways = tuple(_way_out(way, self.was, language) for way in self.ways)
        return RepairOut(self.is_needed, version, ways)


@ROUTER.post(
    "/repairs",
    **route(
        "repair", PLANNING, "What can be done about what went differently", RepairOut,
        problems=(404, 409), status=201,
    ),
)  # fmt: skip
def repair(body: RepairIn, desk: Writing, request: Request) -> Response:
    """What happened is what is on record: events, absences, stock, new work. For callers who see
    all territories. 200 without `take`: nothing is changed."""
    if desk.grant.is_limited:
        raise ForbiddenError(
            "Ways to go on are of all territories; your key sees some of them.",
            "调整方案涵盖全部责任区；您的密钥只能查看部分责任区。",
        )
    settings: Settings = request.app.state.settings
    language = language_wanted(request.headers)
    until = time.monotonic() + _SHARE * settings.timeout_s
    found = _found(desk, body, lambda: not body.iterations or time.monotonic() > until)
    if body.take is None:
        return shown(found.out(language, None))
    way = _taken(found.ways, body.take)

    def command(session: Session, at: datetime) -> Answer:
        why = "; ".join(filter(None, (body.reason, f"repair: {way.kind}")))
        saved = save_draft(session, found.baseline, way.judged.plan, desk.by, at, None, why)
        headers = {
            "Location": located(f"{V1}/plans", str(saved.version)),
            "ETag": plan_etag(session, saved.version),
        }
        return made(found.out(language, saved.version), headers=headers)

    return desk.write(command)


def _found(desk: Desk, body: RepairIn, stop: Callable[[], bool]) -> _Found:
    def query(session: Session, at: datetime) -> tuple[Baseline, JudgedPlan, Day, Before]:
        baseline = take_baseline(session, at, at)
        was = load_version(session, named_version(session, PUBLISHED)).judged
        return baseline, was, *day_of_record(session, baseline)

    baseline, was, day, before = desk.read(query)
    effort = Effort(body.seed, lambda _: None, stop, iterations=max(1, body.iterations), cores=1)
    return _Found(baseline, was, alternatives(day, before, effort))


def _taken(ways: tuple[Alternative, ...], wanted: TakeIn) -> Alternative:
    for way in ways:
        if way.kind is wanted.kind and _digest(way) == wanted.digest:
            return way
    raise WayGoneError(
        f"The way {wanted.kind.value!r} is not what it was when you looked. Look again.",
        f"方案 {wanted.kind.value!r} 与您查看时已不同。请重新查看。",
    )


def _digest(way: Alternative) -> str:
    return etag_of((way.kind, way.judged.plan.routes)).strip('"')


def _way_out(way: Alternative, was: JudgedPlan, language: Language) -> WayOut:
    told = {*way.changed, *way.left_out}
    return WayOut(
        kind=way.kind,
        title=kind_of(way, language),
        digest=_digest(way),
        cost_fen=way.judged.verdict.cost.total_fen,
        added_fen=way.added_fen,
        broken=way.broken,
        late_clocks=way.late_clocks,
        late_s=way.late_s,
        changed=way.changed,
        other_technicians=way.other_technicians,
        technicians=way.technicians,
        customers=way.customers,
        left_out=way.left_out,
        differences=tuple(d for d in differences(was, way.judged) if d.visit_id in told),
    )
