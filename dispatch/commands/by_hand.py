"""Plans changed by hand. Each change is first shown with what the referee says of it.

A draft is changed as it is. Of the published version, which never changes, a new draft is made.
Whoever gives a visit to somebody pins it there, so that no later search takes it away; whoever
takes it out takes its pin away too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note, once
from dispatch.commands.hand_records import ASSIGN, SWAP, UNASSIGN, Decision, Decisions
from dispatch.commands.pinning import remove_pin, with_pin, without_pin, write_pin
from dispatch.commands.plan_errors import BrokenRulesError, MissingReasonError, NotADraftError
from dispatch.commands.versions import (
    Version,
    add_version,
    note_forced,
    rewrite_version,
    version_row,
    version_to_change_of,
)
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin
from dispatch.effects import Effect
from dispatch.judged import JudgedPlan
from dispatch.placing import Place, PlacingError, left_out, pin_of_place, place, servers, swapped
from dispatch.plan_difference import VisitDifference, differences
from dispatch.store import queries_plans
from dispatch.store.rows_plans import PlanState
from dispatch.touched import Touched, rejudged, touched


@dataclass(frozen=True, slots=True)
class Changed:
    """A version that was changed by hand, or made by that; or, of a preview, that would be.

    ``base`` is the version that was changed, which is ``version`` itself if it was a draft.
    """

    version: int
    base: int
    effect: Effect
    differences: tuple[VisitDifference, ...]


@dataclass(frozen=True)
class Proposal:
    """A change by hand before anybody decides on it: the plan with it, and what that does.

    ``decided`` are the visits it is about: ``pins`` are set in the place of those that they have,
    which is what ``snapshot`` knows beside the facts of the version.
    """

    version: Version
    snapshot: Snapshot
    plan: Plan
    decided: tuple[Decision, ...]
    pins: tuple[Pin, ...]

    @cached_property
    def after(self) -> JudgedPlan:
        """The whole plan with the change, judged."""
        return rejudged(self.version.judged, self.snapshot, self.plan, self.version.travel)

    @cached_property
    def touched(self) -> Touched:
        """The change, judged by what it can touch."""
        return touched(self.version.judged, self.snapshot, self.plan, self.version.travel)

    @property
    def effect(self) -> Effect:
        return self.touched.effect

    def changed(self, number: int) -> Changed:
        found = differences(self.touched.before, self.touched.after)
        return Changed(number, self.version.number, self.effect, found)


class Wish(Protocol):
    """What a person wants to be different: ``Assign``, ``Unassign``, ``Swap``, ``taking.Take``."""

    @property
    def command(self) -> str:
        """What the audit trail calls it."""
        ...

    def proposal(self, version: Version) -> Proposal:
        """The version with the wish fulfilled. Raises PlacingError."""
        ...


@dataclass(frozen=True, slots=True)
class Assign:
    """Gives a visit to technicians, whoever has it now; at a time, right after a visit, or in a
    shift of the first of them, there as the visit with a number (``position``, from 1)."""

    visit_id: str
    technician_ids: tuple[str, ...]
    start_at: datetime | None = None
    after_visit_id: str | None = None
    shift_id: str | None = None
    position: int | None = None

    @property
    def command(self) -> str:
        return ASSIGN

    def proposal(self, version: Version) -> Proposal:
        people = self.technician_ids
        wanted = Place(
            self.visit_id,
            people,
            self.start_at,
            self.after_visit_id,
            frozenset({self.shift_id}) if self.shift_id is not None else None,
            self.position,
        )
        pin = pin_of_place(wanted)
        snapshot = with_pin(version.judged.snapshot, pin)
        plan = place(snapshot, version.judged.plan, version.travel, wanted)
        decided = Decision(self.visit_id, people, self.start_at)
        return proposal_of(version, snapshot, plan, (decided,), (pin,))


@dataclass(frozen=True, slots=True)
class Unassign:
    """Takes a visit out of the plan."""

    visit_id: str

    @property
    def command(self) -> str:
        return UNASSIGN

    def proposal(self, version: Version) -> Proposal:
        _need_planned(version, self.visit_id)
        snapshot = without_pin(version.judged.snapshot, self.visit_id)
        plan = left_out(version.judged.plan, self.visit_id)
        return proposal_of(version, snapshot, plan, (Decision(self.visit_id, ()),), ())


@dataclass(frozen=True, slots=True)
class Swap:
    """Gives two visits each other's technicians and shifts; the technicians are pinned."""

    first_id: str
    second_id: str

    @property
    def command(self) -> str:
        return SWAP

    def proposal(self, version: Version) -> Proposal:
        before, snapshot = version.judged.plan, version.judged.snapshot
        pins, decided = [], []
        for visit_id, other_id in self._pairs():
            _need_planned(version, visit_id)
            people = servers(before, other_id)
            pins.append(pin_of_place(Place(visit_id, people)))
            decided.append(Decision(visit_id, people))
        for pin in pins:
            snapshot = with_pin(snapshot, pin)
        plan = swapped(snapshot, before, version.travel, self.first_id, self.second_id)
        return proposal_of(version, snapshot, plan, tuple(decided), tuple(pins))

    def _pairs(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return (self.first_id, self.second_id), (self.second_id, self.first_id)


def change(
    session: Session,
    number: int,
    wish: Wish,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
    force: bool = False,
    find: Callable[[Session, int], Version] = version_to_change_of,
) -> Changed:
    """Changes a draft, or makes a new draft of the published version.

    With ``force`` the ``reason`` stands for all rules that the change breaks. ``find`` is for
    whoever has versions ready.

    Raises:
        UnknownVersionError, NotADraftError: the version is not there, or neither a draft nor
            published.
        PlacingError: what is asked for means nothing in this plan.
        BrokenRulesError, MissingReasonError: it breaks rules, and nobody said why.
    """
    done = once(session, key, wish.command, Changed)
    if done is not None:
        return done
    queries_plans.lock_plans(session)
    row = version_row(session, number)
    if row.state is PlanState.SUPERSEDED:
        raise NotADraftError(
            f"Version {number} is superseded; only drafts and the published version can be"
            " changed.",
            f"版本 {number} 已被取代；只能更改草案和已发布的版本。",
        )
    proposal = wish.proposal(find(session, number))
    broken = proposal.effect.broken
    if broken and not force:
        raise BrokenRulesError(broken)
    if broken and not reason.strip():
        raise MissingReasonError
    plan, cost_fen = _by_person(proposal.plan, by), proposal.effect.cost_after_fen
    for decision in proposal.decided:
        remove_pin(session, decision.visit_id)
    for pin in proposal.pins:
        write_pin(session, pin, by, at, reason)
    if row.state is PlanState.DRAFT:
        rewrite_version(session, row, plan, cost_fen)
    else:
        row = add_version(session, proposal.snapshot, plan, cost_fen, number, at)
    note_forced(session, row.version, broken, reason, by, at)
    changed = proposal.changed(row.version)
    note(
        session,
        wish.command,
        "plan",
        str(row.version),
        by,
        at,
        reason=reason,
        before={"version": number, "differences": changed.differences},
        after=Decisions(row.version, proposal.decided),
        outcome=changed,
        key=key,
    )
    return changed


def _by_person(plan: Plan, by: str) -> Plan:
    """A plan that is no more what the search found; what that knew of it holds no more."""
    return replace(plan, made_by=by, seed=None, iterations=None, bound_fen=None)


def _need_planned(version: Version, visit_id: str) -> None:
    if visit_id not in version.judged.served:
        raise PlacingError(
            f"Visit {visit_id!r} is not planned in version {version.number}. dispatch show"
            f" {version.number} --by visit lists all.",
            f"任务 {visit_id!r} 未排入版本 {version.number}。"
            f"可用 dispatch show {version.number} --by visit 查看全部任务。",
        )


def proposal_of(
    version: Version,
    snapshot: Snapshot,
    plan: Plan,
    decided: tuple[Decision, ...],
    pins: tuple[Pin, ...],
) -> Proposal:
    """The change of a version to another plan. Raises PlacingError if somebody is on site with a
    visit that it is about."""
    _refuse_begun(version, decided)
    return Proposal(version, snapshot, plan, decided, pins)


def _refuse_begun(version: Version, decided: tuple[Decision, ...]) -> None:
    """Who is on site is a fact, which no plan changes."""
    for decision in decided:
        if decision.visit_id in version.begun:
            visit_id = decision.visit_id
            raise PlacingError(
                f"Somebody is on site with visit {visit_id!r}, so it cannot be given to others or"
                " taken out. Record what happens there: repaired, or failed.",
                f"任务 {visit_id!r} 已有人在现场，不能改派或移出。请记录现场情况：已修复或未完成。",
            )
