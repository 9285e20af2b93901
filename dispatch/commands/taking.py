"""A place that the search found for a visit, taken by a person: a change by hand like the others.

The visits that make way are part of the change. Nothing is taken but what was shown: if the plan
became different meanwhile, so that the place is gone, the person is told.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.answering import Choice, Option, best_displacements, best_insertions
from dispatch.commands.by_hand import Proposal, proposal_of
from dispatch.commands.hand_records import ASSIGN, Decision
from dispatch.commands.pinning import with_pin
from dispatch.commands.versions import Version
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import derive
from dispatch.domain.work import Pin
from dispatch.placing import PlacingError
from dispatch.takers import kept_as_of


@dataclass(frozen=True, slots=True)
class Take:
    """Takes one of the ``most`` cheapest places, or displacements, that a visit had ``at`` an
    instant. Fulfils ``by_hand.Wish``."""

    visit_id: str
    choice: Choice
    most: int
    at: datetime

    @property
    def command(self) -> str:
        return ASSIGN

    def proposal(self, version: Version) -> Proposal:
        """Raises PlacingError if there is no such place any more, and KeptPlanError."""
        judged = version.judged
        kept_plan = kept_as_of(judged, version.travel, self.visit_id, self.at)
        options = (
            *best_displacements(kept_plan, self.visit_id, self.most),
            *best_insertions(kept_plan, self.visit_id, self.most).options,
        )
        option = next((o for o in options if o.choice == self.choice), None)
        if option is None:
            raise _gone(self.visit_id)
        found = kept_plan.apply(option.change)
        plan = replace(judged.plan, routes=found.routes, unassigned=found.unassigned)
        decided = (
            Decision(self.visit_id, _people(option)),
            *(Decision(v, people) for v, people in self.choice.moved),
            *(Decision(v, ()) for v in self.choice.bumped),
        )
        pins = self._pins(version, option, plan, decided)
        snapshot = judged.snapshot
        for pin in pins:
            snapshot = with_pin(snapshot, pin)
        return proposal_of(version, snapshot, plan, decided, pins)

    def _pins(
        self, version: Version, option: Option, plan: Plan, decided: tuple[Decision, ...]
    ) -> tuple[Pin, ...]:
        """The visit is pinned to its technicians, and keeps what was pinned of it beside them; the
        others keep their pins."""
        known = version.judged.snapshot.pin
        first, *others = _people(option)
        pin = replace(
            known.get(self.visit_id, Pin(self.visit_id)),
            technician_id=first,
            other_technician_ids=tuple(others),
        )
        snapshot = with_pin(version.judged.snapshot, pin)
        if _start_of(snapshot, plan, version, self.visit_id) != option.start_at:
            # The version is older than the question: by its facts the visit could begin sooner.
            pin = replace(pin, start_at=option.start_at)
        return (pin, *(known[d.visit_id] for d in decided[1:] if d.visit_id in known))


def _start_of(snapshot: Snapshot, plan: Plan, version: Version, visit_id: str) -> datetime:
    return derive(snapshot, plan, version.travel).start_of(visit_id)


def _people(option: Option) -> tuple[str, ...]:
    return tuple(seat.technician_id for seat in option.seats)


def _gone(visit_id: str) -> PlacingError:
    return PlacingError(
        f"The plan is different now: this place for visit {visit_id!r} is gone. dispatch assign"
        f" {visit_id} shows the places that there are.",
        f"计划已变化：任务 {visit_id!r} 的这个安排已不存在。可用 dispatch assign {visit_id}"
        " 查看现有安排。",
    )
