"""What a search found, made to fit what became different while it went on."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from dispatch import texts
from dispatch.commands.hand_records import Decision, HandChange
from dispatch.commands.versions import DROPPED, NEW, as_it_stands
from dispatch.domain.plan import Plan
from dispatch.domain.rules import Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin
from dispatch.effects import not_among
from dispatch.judged import JudgedPlan, judged
from dispatch.placing import Place, PlacingError, left_out, place, servers
from dispatch.texts import Language, Text
from dispatch.travel import Travel, travel_of


class MergeKind(StrEnum):
    """What was different when the search ended."""

    OVER = "over"
    NEW = "new"
    DROPPED = "dropped"
    PIN = "pin"
    BY_HAND = "by_hand"
    RULE = "rule"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Merge:
    """Something that changed while the search went on, in words.

    ``fits`` says whether the plan follows it. A conflict does not, and needs a person.
    """

    kind: MergeKind
    visit_id: str | None
    fits: bool
    en: str
    zh: str

    @property
    def text(self) -> Text:
        return Text(self.en, self.zh)


class Merger:
    """Makes a plan fit the facts of today, step by step; the referee judges every step."""

    def __init__(
        self, snapshot: Snapshot, old: Snapshot, begun: AbstractSet[str] = frozenset()
    ) -> None:
        self._snapshot = snapshot
        self._old = old
        self._begun = begun
        self._travel: Travel = travel_of(snapshot)
        self.merged: list[Merge] = []
        self.found: JudgedPlan

    def merge(self, plan: Plan, changes: Sequence[HandChange]) -> None:
        before = judged(self._old, plan, travel_of(self._old)).verdict.violations
        self.found = judged(
            self._snapshot, as_it_stands(self._snapshot, plan, self._begun), self._travel
        )
        self._say_over(plan)
        for change in changes:
            self._follow(change)
        done = {decision.visit_id for change in changes for decision in change.decided}
        for pin in self._snapshot.pins:
            if pin.visit_id not in done and pin != self._old.pin.get(pin.visit_id):
                self._pin(pin)
        self._say_left_out()
        self._say_broken(before)

    def say_published(self, number: int | None) -> None:
        """Another plan was published: the new one cannot take its place."""
        self._say(
            MergeKind.PUBLISHED,
            None,
            Text(
                f"version {number} was published meanwhile; plan again to publish",
                f"期间已发布版本 {number}；如需发布请重新计划",
            ),
            fits=False,
        )

    def _say_over(self, plan: Plan) -> None:
        planned = {s.visit_id for r in plan.routes for s in r.stops if s.visit_id is not None}
        for visit_id in sorted(planned - self._snapshot.visit.keys()):
            self._say(
                MergeKind.OVER,
                visit_id,
                Text(
                    f"{visit_id} is over meanwhile; it was taken out",
                    f"{visit_id} 期间已结束，已从计划中移除",
                ),
            )

    def _say_left_out(self) -> None:
        for left in self.found.plan.unassigned:
            visit_id = left.visit_id
            if left.code == NEW and visit_id not in self._old.visit:
                text = Text(
                    f"{visit_id} came in meanwhile; it is not planned yet",
                    f"{visit_id} 为期间新增，尚未排入",
                )
                self._say(MergeKind.NEW, visit_id, text)
            elif left.code == DROPPED:
                text = Text(
                    f"{visit_id} is not planned any more: who or what it needed is gone meanwhile",
                    f"{visit_id} 不再排入：所需人员、班次或备件期间已不可用",
                )
                self._say(MergeKind.DROPPED, visit_id, text, fits=False)

    def _follow(self, change: HandChange) -> None:
        """Does to the plan what a person did to another version, all of it or nothing."""
        wanted = [d for d in change.decided if self._differs(d)]
        fits = self._try(lambda: self._decided(wanted)) if wanted else True
        for decision in wanted:
            text = _in_words(decision, change.by)
            self._say(MergeKind.BY_HAND, decision.visit_id, text, fits=fits)

    def _differs(self, decision: Decision) -> bool:
        visit_id = decision.visit_id
        if visit_id not in self._snapshot.visit or visit_id in self._begun:
            return False
        people = servers(self.found.plan, visit_id)
        return set(people) != set(decision.technician_ids) or not self._holds(visit_id)

    def _decided(self, decisions: Sequence[Decision]) -> Plan:
        plan = self.found.plan
        for decision in decisions:
            plan = left_out(plan, decision.visit_id)
        for decision in decisions:
            if decision.technician_ids:
                wanted = Place(decision.visit_id, decision.technician_ids, decision.start_at)
                plan = place(self._snapshot, plan, self._travel, wanted)
        return plan

    def _pin(self, pin: Pin) -> None:
        """A pin that was set or changed while the search went on."""
        visit_id = pin.visit_id
        if visit_id not in self._snapshot.visit or self._holds(visit_id):
            return
        people = tuple(filter(None, (pin.technician_id, *pin.other_technician_ids)))
        people = people or servers(self.found.plan, visit_id)
        wanted = Place(visit_id, people, pin.start_at, pin.after_visit_id)
        fits = bool(people) and self._try(
            lambda: place(self._snapshot, self.found.plan, self._travel, wanted)
        )
        text = Text(f"{visit_id} was pinned meanwhile", f"{visit_id} 期间已被锁定")
        self._say(MergeKind.PIN, visit_id, text, fits=fits)

    def _holds(self, visit_id: str) -> bool:
        """Whether the pin of a visit, if there is one, holds."""
        return not any(
            v.code == "pinned" and v.visit_id == visit_id for v in self.found.verdict.violations
        )

    def _try(self, change: Callable[[], Plan]) -> bool:
        """Keeps a change of the plan if it is possible and breaks no rule that held."""
        try:
            after = judged(self._snapshot, change(), self._travel)
        except PlacingError:
            return False
        if not_among(after.verdict.violations, self.found.verdict.violations):
            return False
        self.found = after
        return True

    def _say_broken(self, before: tuple[Violation, ...]) -> None:
        """Rules that the plan kept by the facts of the search, and does not by those of today."""
        for violation in not_among(self.found.verdict.violations, before):
            code, subject = violation.code, violation.subject
            self._say(
                MergeKind.RULE,
                violation.visit_id,
                Text(
                    f"{subject}: {texts.rule(code, Language.EN)}, by what is known now",
                    f"{subject}：按最新情况，{texts.rule(code, Language.ZH)}",
                ),
                fits=False,
            )

    def _say(self, kind: MergeKind, visit_id: str | None, text: Text, *, fits: bool = True) -> None:
        self.merged.append(Merge(kind, visit_id, fits, text.en, text.zh))


def _in_words(decision: Decision, by: str) -> Text:
    visit_id, people = decision.visit_id, ", ".join(decision.technician_ids)
    if not people:
        return Text(f"{visit_id} was taken out by {by} meanwhile", f"{by} 期间已移出 {visit_id}")
    return Text(
        f"{visit_id} was given to {people} by {by} meanwhile",
        f"{by} 期间已将 {visit_id} 改派给 {people}",
    )
