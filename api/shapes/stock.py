"""Stock as it is moved and promised over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from api.fields import MOST_ENTRIES, Body, Instant, Key, Line, Units
from dispatch.store.queries_trace import Kept

_MOST_DIFFERENCE = 1_000_000
_MOST_HOURS = 24 * 90


class _Movement(Body):
    reason: Line = ""
    serials: tuple[Key, ...] = Field((), max_length=MOST_ENTRIES)


class Receive(_Movement):
    """A lot arrives at a place: a new one, or one that was expected."""

    kind: Literal["receive"]
    lot_id: Key
    part_id: Key
    quantity: Units
    place: Key = Field(description="A station, or `van/` and a technician.")


class Transfer(_Movement):
    """Free units go from one place to another, those that came first."""

    kind: Literal["transfer"]
    part_id: Key
    quantity: Units
    source: Key
    target: Key


class Adjust(_Movement):
    """A count found more units than were known, or fewer. Needs a reason."""

    kind: Literal["adjust"]
    lot_id: Key
    place: Key
    difference: int = Field(ge=-_MOST_DIFFERENCE, le=_MOST_DIFFERENCE, strict=True)


class Quarantine(_Movement):
    """Free units must not be used, or may be again. Needs a reason."""

    kind: Literal["quarantine", "leave_quarantine"]
    lot_id: Key
    place: Key
    quantity: Units


class Issue(_Movement):
    """Reserved units are handed to a technician."""

    kind: Literal["issue"]
    technician_id: Key
    reservation_ids: tuple[Key, ...] = Field(min_length=1, max_length=MOST_ENTRIES)


MovementIn = Annotated[
    Receive | Transfer | Adjust | Quarantine | Issue, Field(discriminator="kind")
]


class DeliveryIn(Body):
    """Units that are to come to a station; again for the same lot: as many or then instead."""

    lot_id: Key
    part_id: Key
    quantity: Units
    station_id: Key
    available_at: Instant
    reason: Line = ""


class WantIn(Body):
    """Units that a visit needs from a place."""

    visit_id: Key
    part_id: Key
    quantity: Units = 1
    place: Key
    needed_at: Instant | None = Field(None, description="Units to come by then will do.")
    substitutes: bool = Field(False, description="Approved substitutes will do.")


class ReservationIn(Body):
    """All of it is held for so many hours, or nothing."""

    wants: tuple[WantIn, ...] = Field(min_length=1, max_length=MOST_ENTRIES)
    hours: int = Field(24, ge=1, le=_MOST_HOURS, strict=True)
    reason: Line = ""


class ReleaseIn(Body):
    """Reservations that are not needed any more."""

    reservation_ids: tuple[Key, ...] = Field(min_length=1, max_length=MOST_ENTRIES)
    reason: Line = ""


@dataclass(frozen=True, slots=True)
class ReservationsOf:
    """Every reservation of a visit, released ones too."""

    visit_id: str
    items: tuple[Kept, ...]
