"""Parts and where they are."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A spare part. ``substitutes`` are approved to be used in its place, best first."""

    id: str
    name: str
    substitutes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartQuantity:
    part_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Units of one part at one station, there from ``available_at`` on.

    A lot that became available in the past is depot stock; one in the future is an expected
    delivery.
    """

    id: str
    station_id: str
    part_id: str
    quantity: int
    available_at: datetime
