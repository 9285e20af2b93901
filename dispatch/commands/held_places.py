"""Windows that are held for visits: whoever would come keeps time for them until they expire."""

from collections.abc import Sequence
from datetime import datetime

from dispatch.answering import Option
from dispatch.commands.slots import Held
from dispatch.domain.plan import Plan
from dispatch.domain.timetable import derive
from dispatch.domain.work import Priority
from dispatch.kept_plan import KeptPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.slots import plan_promised

HELD = "held"
"""Why somebody who could take a visit is not given it."""


class HeldPlaces:
    """What is held in a plan that is kept, at an instant, beside the visit that is asked about.

    Whoever is given that visit has to be able to do what is held too, without moving it. Only
    emergencies are put where they would be moved.
    """

    def __init__(
        self, kept_plan: KeptPlan, held: Sequence[Held], visit_id: str, at: datetime
    ) -> None:
        self._kept_plan = kept_plan
        self._held = tuple(
            one
            for one in held
            if at < one.expires_at
            and one.visit_id != visit_id
            and one.visit_id in kept_plan.snapshot.visit
            and one.visit_id not in kept_plan.servers
        )
        self._people = {one.technician_id for one in self._held}
        self._now: frozenset[str] | None = None
        """Those that have room as it is."""

    def are_kept(self, option: Option) -> bool:
        """Whether all that is held, and has room now, still has it when an option is taken."""
        people = self._touched(option)
        if self._people.isdisjoint(people):
            return True
        kept_plan = self._kept_plan
        before = kept_plan.plan
        if self._now is None:
            self._now = self._with_room()
            kept_plan.go_back(before)
        kept_plan.apply(option.change)
        is_kept = self._now <= self._with_room() and self._stays(option, people)
        kept_plan.go_back(before)
        return is_kept

    def obstacle(self, option: Option) -> TechnicianObstacle:
        """Why an option is none."""
        leader = option.seats[0]
        return TechnicianObstacle(leader.technician_id, leader.shift_id, HELD, 0)

    def _touched(self, option: Option) -> set[str]:
        numbering = self._kept_plan.numbering
        return {numbering.shifts[numbering.shift_number[s]][0].id for s in option.routes}

    def _with_room(self) -> frozenset[str]:
        """The visits with held windows that can be planned, one after the other as they were held.

        They are in the plan afterwards.
        """
        kept_plan = self._kept_plan
        for one in self._held:
            if kept_plan.snapshot.visit[one.visit_id].windows:
                plan_promised(kept_plan, one.visit_id, one.technician_id)
        return frozenset(one.visit_id for one in self._held) & kept_plan.servers.keys()

    def _stays(self, option: Option, people: set[str]) -> bool:
        """Whether the visit starts when the option says, with what is held in the plan too."""
        kept_plan = self._kept_plan
        order = kept_plan.snapshot.order_of(kept_plan.snapshot.visit[option.visit_id])
        if order.priority is Priority.EMERGENCY:
            return True
        routes, snapshot = kept_plan.near(option.visit_id, people)
        times = derive(snapshot, Plan(routes), kept_plan.travel)
        return times.start_of(option.visit_id) == option.start_at
