"""A draft becomes the plan that people are told of, in one transaction or not at all."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.announcing import announce, message_of_plan
from dispatch.commands.auditing import note, once
from dispatch.commands.beside import put_beside
from dispatch.commands.hand_records import ASSIGN_NOW, hand_change_of, still_meant
from dispatch.commands.plan_errors import (
    BrokenRulesError,
    MissingReasonError,
    NotADraftError,
    StaleVersionError,
)
from dispatch.commands.plan_merging import Merger
from dispatch.commands.recording import record_all
from dispatch.commands.reservations import reserve_for_plan
from dispatch.commands.shelf import Want
from dispatch.commands.told import Notice, book, changes_by, tell
from dispatch.commands.versions import (
    Forced,
    Version,
    load_forced,
    load_version,
    not_forced,
    note_forced,
    rewrite_version,
    version_row,
)
from dispatch.effects import not_among
from dispatch.planned_parts import planned_pickups
from dispatch.store import queries_amending, queries_plans, queries_runs
from dispatch.store.queries_stock import Place
from dispatch.store.rows_plans import PlanState, PlanVersionRow

COMMAND = "plan.publish"


@dataclass(frozen=True, slots=True)
class Published:
    """A plan that was published in the place of another (None: the first one).

    ``bookings`` counts technicians' times; ``units`` are parts that the plan reserved at depots;
    ``forced`` are rules that it breaks on purpose. ``notices`` is who has to be told what.
    """

    version: int
    replaced: int | None
    bookings: int
    units: int
    forced: tuple[Forced, ...]
    notices: tuple[Notice, ...]


def publish(
    session: Session,
    number: int,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
    expected_base: int | None = None,
    force: bool = False,
) -> Published:
    """Publishes a draft: bookings, commitments, reservations, events and notices follow from it.

    What was published since for other technicians stays (``beside``).

    ``expected_base`` is the version that whoever publishes believes to be published (None: the one
    that the draft was made from). With ``force`` the ``reason`` stands for all rules that it breaks
    and that nobody has forced before.

    Raises:
        UnknownVersionError, NotADraftError: there is no such draft.
        StaleVersionError: something else was published since the draft was made.
        BrokenRulesError, MissingReasonError: it breaks rules, and nobody said why.
        LifeError: it plans a visit whose work order does not allow that.
        StockError: parts that it picks up are not there.
        GuardError: it books a technician twice at the same time.
    """
    done = once(session, key, COMMAND, Published)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    queries_plans.lock_open_work(session)
    row = version_row(session, number)
    put_beside(session, row, at)
    old = _replaced(session, row, expected_base)
    version = load_version(session, number, at=at)
    if old is not None and old.amended != row.base_amended:
        version = _with_amendments(session, row, old, version)
    _judge(session, version, old, by, at, reason, force)
    published = _carry_out(session, version, old, by, at)
    note(
        session,
        COMMAND,
        "plan",
        str(number),
        by,
        at,
        reason=reason,
        before={"published": published.replaced},
        after={"published": number},
        outcome=published,
        key=key,
    )
    return published


def _replaced(
    session: Session, row: PlanVersionRow, expected_base: int | None
) -> PlanVersionRow | None:
    """The version that is published now. Raises NotADraftError, StaleVersionError."""
    if row.state is not PlanState.DRAFT:
        raise NotADraftError(
            f"Version {row.version} is {row.state}; only drafts can be published.",
            f"版本 {row.version} 的状态为 {row.state}；只有草案可以发布。",
        )
    old = queries_plans.published_version(session)
    current = old.version if old else None
    if current != row.base_version:
        raise StaleVersionError(
            f"Version {row.version} cannot be published: published now is {current or 'none'}, and"
            f" this one was made from {row.base_version or 'none'}. Plan again; pins and changes by"
            " hand are kept.",
            f"版本 {row.version} 无法发布：当前已发布的版本为 {current or '无'}，而本版本基于"
            f" {row.base_version or '无'}。请重新计划；锁定和手工更改会保留。",
        )
    if expected_base is not None and current != expected_base:
        raise StaleVersionError(
            f"Version {row.version} was not published: you expected version {expected_base} to be"
            f" published so far, but that is {current or 'none'}. Look at it, then publish with"
            " that one or without --base.",
            f"版本 {row.version} 未发布：您预期目前已发布的是版本 {expected_base}，"
            f"实际为 {current or '无'}。请查看后以该版本为准，或不使用 --base 发布。",
        )
    return old


def _with_amendments(
    session: Session, row: PlanVersionRow, old: PlanVersionRow, version: Version
) -> Version:
    """The draft with what was assigned at once in the published plan since it was made.

    Raises StaleVersionError if not all of that fits.
    """
    lines = queries_amending.amendments(session, ASSIGN_NOW, old.version, row.base_amended)
    snapshot = version.judged.snapshot
    merger = Merger(snapshot, snapshot, version.begun)
    merger.merge(version.judged.plan, still_meant([hand_change_of(line) for line in lines]))
    lost = ", ".join(sorted({m.visit_id for m in merger.merged if m.visit_id and not m.fits}))
    if lost:
        raise StaleVersionError(
            f"Version {row.version} cannot be published: visits were assigned at once since it was"
            f" made, for which it has no room: {lost}. Plan again.",
            f"版本 {row.version} 无法发布：其生成之后即时分派的任务在其中无法安排：{lost}。"
            "请重新计划。",
        )
    cost_fen = merger.found.verdict.cost.total_fen
    rewrite_version(session, row, merger.found.plan, cost_fen)
    row.base_amended = old.amended
    return replace(version, judged=merger.found)


def _judge(
    session: Session,
    version: Version,
    old: PlanVersionRow | None,
    by: str,
    at: datetime,
    reason: str,
    force: bool,
) -> None:
    broken = not_forced(session, version)
    if broken and old and queries_runs.technicians_of_version(session, version.number):
        # A run for some does not answer for what is wrong with the plan of the others already.
        now = load_version(session, old.version, to_change=True, at=at).judged
        broken = not_among(broken, now.verdict.violations)
    if not broken:
        return
    if not force:
        raise BrokenRulesError(broken)
    if not reason.strip():
        raise MissingReasonError
    note_forced(session, version.number, broken, reason, by, at)
    session.flush()


def _carry_out(
    session: Session, version: Version, old: PlanVersionRow | None, by: str, at: datetime
) -> Published:
    number, found = version.number, version.judged
    if old is not None:
        old.state = PlanState.SUPERSEDED
        session.flush()  # at most one version may be published at any time
    row = version_row(session, number)
    row.state, row.published_at, row.published_by = PlanState.PUBLISHED, at, by
    session.flush()
    changes = changes_by(found, version.begun)
    # Before the commitments change: what was told by tables becomes events first.
    record_all(session, changes.events(str(number), by, at), by, at)
    tell(session, changes, number)
    replaced = old.version if old else None
    announce(session, [message_of_plan(number, replaced, len(changes.changes), at)])
    bookings = book(session, found, version.begun, number)
    pickups = planned_pickups(found.verdict.timetable)
    wants = [
        Want(p.visit_id, p.part_id, p.quantity, Place(station_id=p.station_id), p.at)
        for p in pickups
    ]
    reserve_for_plan(session, wants, number, by, at, begun=version.begun)
    return Published(
        version=number,
        replaced=replaced,
        bookings=bookings,
        units=sum(p.quantity for p in pickups),
        forced=load_forced(session, number, found),
        notices=tuple(changes.notices()),
    )
