"""What the makers of the sample organisations share: times, points and invented names."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from dispatch.domain.organisation import Organisation
from dispatch.domain.places import Datum, Point
from dispatch.exchange.writing import write_folder
from dispatch.texts import Language

TIME_ZONE = "Asia/Shanghai"
_ZONE = ZoneInfo(TIME_ZONE)
KM_PER_DEGREE = 111.2
GCJ02_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class District:
    """A district or county: its centre (WGS-84), how far sites scatter, and its share of them."""

    name: str
    latitude: float
    longitude: float
    radius_km: float = 4.0
    weight: int = 4

    @property
    def centre(self) -> Point:
        return Point(self.latitude, self.longitude)


def local(day: date, clock: str) -> datetime:
    """The instant of ``clock`` (``08:30``) in the samples' time zone on ``day``."""
    return datetime.combine(day, time.fromisoformat(clock), _ZONE).astimezone(UTC)


def scatter(rng: Random, district: District) -> Point:
    """A point of the district, likelier near its centre; one in five was read off a map."""
    angle = rng.uniform(0, 2 * math.pi)
    km = rng.triangular(0, district.radius_km, district.radius_km / 3)
    km_per_degree_east = KM_PER_DEGREE * math.cos(math.radians(district.latitude))
    return Point(
        round(district.latitude + km * math.cos(angle) / KM_PER_DEGREE, 5),
        round(district.longitude + km * math.sin(angle) / km_per_degree_east, 5),
        Datum.GCJ02 if rng.random() < GCJ02_SHARE else Datum.WGS84,
    )


def distinct(invent: Callable[[], str], taken: set[str]) -> str:
    """A name that is not in ``taken`` yet, which it joins."""
    name = invent()
    while name in taken:
        name = invent()
    taken.add(name)
    return name


def write(organisation: Organisation, lang: Language) -> None:
    """Writes the sample's folder anew, with headings and choices in ``lang``."""
    write_folder(organisation, Path(__file__).parent / organisation.id, lang)
