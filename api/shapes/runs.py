"""What plans are asked for, and how they are changed by hand and published."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.fields import MOST_ENTRIES, Body, Instant, Key, Line
from dispatch.commands.by_hand import Assign, Swap, Unassign
from dispatch.commands.runs import Asked
from dispatch.domain.work import Pin

_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2099, 9, 30)
_MOST_DAYS = 31
USUAL_RUN_S = 60.0
_MOST_S = 7 * 24 * 3600
_MOST_ITERATIONS = 10_000_000
_MOST_SEED = 2**31 - 1
_MOST_CREW = 20
MOST_VERSION = 999_999_999
PositionIn = Annotated[
    int | None,
    Field(ge=1, le=MOST_ENTRIES, strict=True, description="As which visit of the shift, from 1."),
]
_Days = Annotated[int, Field(ge=1, le=_MOST_DAYS, strict=True)]


class RunIn(Body):
    """What to plan. Without `territories` everything that the caller sees.

    One of `seconds` (60 if none is given) and `iterations` says how long to search; only with
    `iterations` and `seed` the same facts give the same plan. `start` is the version to begin from,
    the published one if it is not given: what it starts before `freeze_until` stays.
    """

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "territories": ["沈阳"],
                    "days": 2,
                    "seconds": 120,
                    "freeze_until": "2026-09-29T10:00:00+08:00",
                }
            ]
        }
    }

    territories: tuple[Key, ...] = Field((), max_length=MOST_ENTRIES)
    from_day: date | None = Field(
        None, ge=_FIRST_DAY, le=_LAST_DAY, description="The first local day; today."
    )
    days: _Days | None = Field(None, description="How many; the organisation's own number.")
    policy: Key | None = None
    seconds: float | None = Field(None, gt=0, le=_MOST_S, allow_inf_nan=False)
    iterations: int | None = Field(None, ge=1, le=_MOST_ITERATIONS, strict=True)
    seed: int = Field(1, ge=0, le=_MOST_SEED, strict=True)
    freeze_until: Instant | None = None
    start: int | None = Field(None, ge=1, le=MOST_VERSION, strict=True)

    def asked(self, territories: tuple[str, ...]) -> Asked:
        usual_s = None if self.iterations is not None else USUAL_RUN_S
        return Asked(
            territories=tuple(dict.fromkeys(territories)),
            from_day=self.from_day,
            days=self.days,
            policy=self.policy,
            seconds=self.seconds if self.seconds is not None else usual_s,
            iterations=self.iterations,
            seed=self.seed,
            freeze_until=self.freeze_until,
            start=self.start,
        )


class Forcible(Body):
    """With `force` the `reason` stands for all rules that it breaks, for ever on record."""

    force: bool = False
    reason: Line = ""


class AssignIn(Forcible):
    """Gives a visit to technicians, whoever has it now; at a time, right after a visit, or in a
    shift of the first of them. What is said of these is pinned, but for shift and position."""

    visit_id: Key
    technician_ids: tuple[Key, ...] = Field(min_length=1, max_length=_MOST_CREW)
    start_at: Instant | None = None
    after_visit_id: Key | None = None
    shift_id: Key | None = None
    position: PositionIn = None

    def wish(self) -> Assign:
        return Assign(
            self.visit_id,
            self.technician_ids,
            self.start_at,
            self.after_visit_id,
            self.shift_id,
            self.position,
        )


class UnassignIn(Forcible):
    """Takes a visit out of the plan."""

    visit_id: Key

    def wish(self) -> Unassign:
        return Unassign(self.visit_id)


class SwapIn(Forcible):
    """Gives two visits each other's technicians and shifts."""

    visit_id: Key
    other_visit_id: Key

    def wish(self) -> Swap:
        return Swap(self.visit_id, self.other_visit_id)


class PublicationIn(Forcible):
    """`base` is the version that you believe to be published so far."""

    base: int | None = Field(None, ge=1, le=MOST_VERSION, strict=True)


class PinIn(Body):
    """What must not change about a visit: at least one of the first three."""

    technician_ids: tuple[Key, ...] = Field((), max_length=_MOST_CREW)
    start_at: Instant | None = None
    after_visit_id: Key | None = None
    reason: Line = ""

    def pin(self, visit_id: str) -> Pin:
        first, *others = self.technician_ids or (None,)
        return Pin(
            visit_id,
            first,
            self.start_at,
            self.after_visit_id,
            tuple(other for other in others if other is not None),
        )
