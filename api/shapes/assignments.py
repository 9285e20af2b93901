"""Assignments at once, trials and explanations as they are asked for and answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from api.fields import MOST_ENTRIES, Body, Instant, Key
from api.shapes.plans import Sight
from dispatch.answering import Option, Seat, Shifted
from dispatch.commands.assigning import Assigned, Chosen, Outcome, Terms, VisitAssigned
from dispatch.commands.told import Notice
from dispatch.domain.parts import PartQuantity
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind
from dispatch.obstacles import TechnicianObstacle
from dispatch.planned_parts import PlannedPickup
from dispatch.reasons import in_words
from dispatch.relaxing import WayIn
from dispatch.texts import Language

_MOST_OPTIONS = 20


class Mode(StrEnum):
    SUGGEST = "suggest"
    COMMIT = "commit"


class ChosenIn(Body):
    """One of the places that were suggested: who leads, and when it starts."""

    visit_id: Key
    technician_id: Key
    start_at: Instant


class _TermsIn(Body):
    mode: Mode = Mode.SUGGEST
    most: int = Field(3, ge=1, le=_MOST_OPTIONS, strict=True, description="Places of each visit.")
    displace: bool | None = Field(
        None, description="Whether others make way; if it is not given, for emergencies."
    )
    in_time: bool = Field(False, description="Book nothing that is too late for a clock.")


class AssignmentIn(_TermsIn):
    """Which work order. `chosen` takes places that were suggested; without it the best are."""

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [
                {"work_order_id": "WO-SY-0001", "mode": "suggest", "most": 3},
                {"work_order_id": "WO-SY-0001", "mode": "commit"},
            ]
        }
    }

    work_order_id: Key
    chosen: tuple[ChosenIn, ...] = Field((), max_length=MOST_ENTRIES)

    def terms(self, sight: Sight) -> Terms:
        chosen = tuple(Chosen(c.visit_id, c.technician_id, c.start_at) for c in self.chosen)
        return Terms(
            self.most, self.displace, self.in_time, chosen, sight.technicians, sight.visits
        )


class BatchIn(_TermsIn):
    """Work orders, in the order in which they are assigned."""

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [{"work_order_ids": ["WO-SY-0001", "WO-SY-0002"], "mode": "commit"}]
        }
    }

    work_order_ids: tuple[Key, ...] = Field(min_length=1, max_length=MOST_ENTRIES)

    def terms(self, sight: Sight) -> Terms:
        return Terms(self.most, self.displace, self.in_time, (), sight.technicians, sight.visits)


@dataclass(frozen=True, slots=True)
class ClockOut:
    """A clock that the visit stops; `margin_s` is negative if it is late."""

    clock: ClockKind
    due_at: datetime
    margin_s: int | None


@dataclass(frozen=True, slots=True)
class OptionOut:
    """A legal way to plan a visit. `added_fen` is what the plan costs more, `by_item` the same by
    item of the policy. `position` is which visit of the shift it is, counted from 1. `displaced`
    are visits that go elsewhere or, with nobody, are left out; `shifted` start at another time."""

    seats: tuple[Seat, ...]
    start_at: datetime
    end_at: datetime
    position: int
    in_time: bool
    added_fen: int
    by_item: Mapping[str, int]
    clocks: tuple[ClockOut, ...]
    pickups: tuple[PlannedPickup, ...]
    from_van: tuple[PartQuantity, ...]
    shifted: tuple[Shifted, ...]
    displaced: tuple[Shifted, ...]
    bumped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HelpOut:
    """The smallest change that would help, verified; not `found`: none of those tried does."""

    found: bool
    fen: int
    changes: tuple[dict[str, Any], ...]
    text: str


@dataclass(frozen=True, slots=True)
class AssignedVisitOut:
    """What became of a visit. `booked` is what people were told. `options` are the best ways, those
    in time first; `obstacles` says of each technician who cannot the rule that comes closest.
    `least_late` stands where every way is too late; `help` is what would change that."""

    visit_id: str
    outcome: Outcome
    booked: OptionOut | None
    options: tuple[OptionOut, ...]
    obstacles: tuple[TechnicianObstacle, ...]
    least_late: OptionOut | None
    help: HelpOut | None


@dataclass(frozen=True, slots=True)
class AssignmentOut:
    """`version` is the published plan. `current` is false while something became known that is
    still being taken into account: suggestions may be different in some seconds; what is committed
    never rests on such. `notices` is who has to be told what."""

    work_order_id: str
    version: int
    current: bool
    visits: tuple[AssignedVisitOut, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class RefusedOut:
    """A work order of a batch that could not be assigned, and why."""

    work_order_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class BatchOut:
    assignments: tuple[AssignmentOut, ...]
    refused: tuple[RefusedOut, ...]


def assignment_out(
    found: Assigned,
    sight: Sight,
    *,
    current: bool,
    helps: Mapping[str, HelpOut] | None = None,
) -> AssignmentOut:
    return AssignmentOut(
        work_order_id=found.work_order_id,
        version=found.version,
        current=current,
        visits=tuple(_visit_out(visit, sight, helps or {}) for visit in found.visits),
        notices=tuple(n for n in found.notices if sight.sees(visit_id=n.visit_id)),
    )


def help_out(way: WayIn, snapshot: Snapshot, language: Language) -> HelpOut:
    changes = tuple({"kind": r.kind, **_plain(r)} for r in way.relaxations)
    return HelpOut(way.plan is not None, way.fen, changes, in_words(way, snapshot, language))


def option_out(option: Option, sight: Sight) -> OptionOut:
    others = [s for s in option.shifted if sight.sees(visit_id=s.visit_id)]
    margins = tuple(ClockOut(m.clock.kind, m.clock.due_at, m.margin_s) for m in option.margins)
    return OptionOut(
        seats=tuple(_seat(seat, sight) for seat in option.seats),
        start_at=option.start_at,
        end_at=option.end_at,
        position=_position(option),
        in_time=all((clock.margin_s or 0) >= 0 for clock in margins),
        added_fen=option.added_fen,
        by_item=option.by_item,
        clocks=margins,
        pickups=option.pickups,
        from_van=option.from_van,
        shifted=tuple(s for s in others if not s.other_technicians),
        displaced=tuple(s for s in others if s.other_technicians),
        bumped=option.bumped,
    )


def _position(option: Option) -> int:
    after = option.seats[0].after_visit_id
    if after is None:
        return 1
    route = option.routes[option.seats[0].shift_id]
    visits = [s.visit_id for s in route.stops if s.visit_id is not None] if route else [after]
    return visits.index(after) + 2


def _seat(seat: Seat, sight: Sight) -> Seat:
    after = seat.after_visit_id
    is_seen = after is None or sight.sees(visit_id=after)
    return seat if is_seen else Seat(seat.technician_id, seat.shift_id, None)


def _visit_out(
    found: VisitAssigned, sight: Sight, helps: Mapping[str, HelpOut]
) -> AssignedVisitOut:
    looked = found.looked
    late = looked.least_late if looked else None
    return AssignedVisitOut(
        visit_id=found.visit_id,
        outcome=found.outcome,
        booked=option_out(found.option, sight) if found.option else None,
        options=_options(looked.options if looked else (), sight),
        obstacles=looked.obstacles if looked else (),
        least_late=option_out(late, sight) if late else None,
        help=helps.get(found.visit_id),
    )


def _options(options: Iterable[Option], sight: Sight) -> tuple[OptionOut, ...]:
    return tuple(option_out(option, sight) for option in options)


def _plain(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
