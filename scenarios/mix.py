"""What a generated organisation is made of, and the constants that its makers share."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

FIRST_DAY = date(2026, 9, 7)  # a Monday, with no public holiday in the two weeks after it
MIDNIGHT = datetime(2026, 9, 6, 16, tzinfo=UTC)  # that day begins, in Asia/Shanghai
PLANNING_AT = MIDNIGHT + timedelta(hours=7)
HOME, ABROAD = "Home", "Abroad"
SKILLS = ("terminal", "video", "meter", "hazmat", "bus")
TOP_LEVEL = 3
TOOLS = ("ladder", "oscilloscope")
PARTS = ("sim", "sim-plus", "terminal", "terminal-2", "camera", "camera-2", "harness", "disk")
RUN_IN_S = 5 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares lie between 0 and 1: of visits from ``parts`` to ``published``, of technicians from
    ``backups`` to ``standby``.

    ``days`` is the horizon. ``technicians`` and ``stations`` follow from the number of visits
    unless given; each station has a territory of its own. ``load`` is the work to do against the
    hours there are (1: everybody is busy all day), ``stock`` the parts there are against the
    need. ``levels`` are visits that need more than level 1; ``hopeless`` is the share of the
    released visits whose gate has no expected time.
    """

    days: int = 2
    technicians: int | None = None
    stations: int | None = None
    load: float = 1.0
    stock: float = 1.2
    parts: float = 0.5
    tools: float = 0.1
    levels: float = 0.25
    windows: float = 0.25
    run_in: float = 0.1
    releases: float = 0.08
    hopeless: float = 0.05
    emergencies: float = 0.03
    out_of_province: float = 0.05
    crews: float = 0.02
    links: float = 0.02
    wishes: float = 0.06
    pins: float = 0.02
    published: float = 0.1
    backups: float = 0.5
    exclusions: float = 0.1
    expiring: float = 0.05
    absences: float = 0.08
    limits: float = 0.3
    overnight: float = 0.1
    standby: float = 0.1


TYPICAL = Mix()
HARD = Mix(
    load=1.3,
    stock=0.7,
    parts=0.6,
    tools=0.3,
    levels=0.4,
    windows=0.5,
    run_in=0.3,
    releases=0.3,
    hopeless=0.2,
    emergencies=0.25,
    out_of_province=0.2,
    crews=0.2,
    links=0.3,
    wishes=0.3,
    pins=0.2,
    published=0.4,
    exclusions=0.3,
    expiring=0.3,
    absences=0.4,
    limits=0.6,
    overnight=0.4,
    standby=0.4,
)
PLAIN = Mix(
    days=1,
    stations=2,
    load=0.6,
    stock=2.0,
    parts=0.6,
    levels=0,
    tools=0,
    windows=0,
    run_in=0,
    releases=0,
    emergencies=0,
    out_of_province=0,
    crews=0,
    links=0,
    wishes=0,
    pins=0,
    published=0,
    backups=0,
    exclusions=0,
    expiring=0,
    absences=0,
    limits=0,
    overnight=0,
    standby=0,
)
"""A day on which nothing is special: what goes wrong on it was put there."""


def drawn(rng: Random, share: float) -> bool:
    """True with probability ``share``."""
    return rng.random() < share


def at(day: int, minutes: int) -> datetime:
    """``minutes`` after local midnight of the horizon's ``day`` (0 is the first)."""
    return MIDNIGHT + timedelta(days=day, minutes=minutes)
