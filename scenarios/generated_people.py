"""Made-up technicians and their working time."""

import math
from datetime import date, time, timedelta
from random import Random

from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import (
    Absence,
    BreakPattern,
    Certificate,
    Coverage,
    ShiftKind,
    ShiftPattern,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import Customer, Site, Station
from scenarios.generated_places import territory_of
from scenarios.mix import FIRST_DAY, PARTS, RUN_IN_S, SKILLS, TOOLS, TOP_LEVEL, Mix, at, drawn

WORKDAY_H = 8
MEAN_REPAIR_H = 1.25
MEAN_TRAVEL_H = 0.6


def technicians_needed(visits: int, stations: int, mix: Mix) -> int:
    """As many as the work of the visits keeps busy at the mix's load; one a station at least."""
    if mix.technicians is not None:
        return mix.technicians
    hours_per_visit = MEAN_REPAIR_H + MEAN_TRAVEL_H + mix.run_in * RUN_IN_S / 3600
    hours = visits * hours_per_visit * (1 + mix.crews) / mix.load
    return max(stations, math.ceil(hours / (mix.days * WORKDAY_H)))


def make_technician(
    rng: Random,
    number: int,
    stations: tuple[Station, ...],
    customers: tuple[Customer, ...],
    sites: tuple[Site, ...],
    mix: Mix,
) -> Technician:
    """The technician ``number`` (from 1); stations get their technicians in turn."""
    home = stations[(number - 1) % len(stations)]
    limited = drawn(rng, mix.limits)
    away = drawn(rng, mix.overnight)
    excluded = drawn(rng, mix.exclusions)
    return Technician(
        id=f"T{number:04}",
        name=f"Technician {number}",
        station_id=home.id,
        certificates=_certificates(rng, mix),
        territories=_territories(rng, home, stations[number % len(stations)], mix),
        absences=_absences(rng, mix),
        van_stock=tuple(
            PartQuantity(p, rng.randint(1, 2)) for p in PARTS if drawn(rng, 0.4 * mix.stock)
        ),
        tools=tuple(t for t in TOOLS if drawn(rng, 0.4)),
        excluded_customers=(rng.choice(customers).id,) if excluded else (),
        excluded_sites=(rng.choice(sites).id,) if excluded and drawn(rng, 0.5) else (),
        max_travel_s=3600 * rng.choice((2, 3, 4, 6)) if limited else None,
        max_visits=rng.randint(2, 6) if limited and drawn(rng, 0.5) else None,
        max_total_overtime_s=3600 * rng.randint(1, 3) if drawn(rng, 0.5) else None,
        min_rest_s=3600 * rng.choice((0, 11, 14)),
        may_stay_overnight=away,
        max_nights=rng.randint(1, 2) if away else 0,
    )


def _certificates(rng: Random, mix: Mix) -> tuple[Certificate, ...]:
    skills = sorted(rng.sample(SKILLS, rng.randint(2, len(SKILLS))))
    return tuple(Certificate(s, rng.randint(1, TOP_LEVEL), _expiry(rng, mix)) for s in skills)


def _expiry(rng: Random, mix: Mix) -> date | None:
    if drawn(rng, mix.expiring):  # from the day before the horizon to its last day
        return FIRST_DAY + timedelta(days=rng.randint(-1, mix.days - 1))
    return FIRST_DAY + timedelta(days=rng.randint(60, 900)) if drawn(rng, 0.5) else None


def _territories(
    rng: Random, home: Station, neighbour: Station, mix: Mix
) -> tuple[TerritoryCover, ...]:
    covers = [TerritoryCover(territory_of(home))]
    if neighbour is not home and drawn(rng, mix.backups):
        covers.append(TerritoryCover(territory_of(neighbour), Coverage.BACKUP))
    return tuple(covers)


def _absences(rng: Random, mix: Mix) -> tuple[Absence, ...]:
    if not drawn(rng, mix.absences):
        return ()
    day = rng.randrange(mix.days)
    if drawn(rng, 0.3):
        return (Absence(at(day, 0), at(day + 1, 0), "ill"),)
    start = rng.randrange(8 * 60, 15 * 60, 30)
    return (Absence(at(day, start), at(day, start + rng.choice((60, 120))), "training"),)


def make_patterns(rng: Random, technician: Technician, mix: Mix) -> tuple[ShiftPattern, ...]:
    """A day shift on workdays, and for some an evening on call for emergencies."""
    lunch = BreakPattern(time(11, 30), time(13), 60 * rng.choice((30, 45, 60)))
    start = rng.choice((time(8), time(8, 30)))
    end = time(start.hour + 9, start.minute)
    overtime_s = 3600 * rng.choice((0, 1, 1, 2))
    day = ShiftPattern(
        technician.id, "workdays", start, end, ShiftKind.REGULAR, overtime_s, (lunch,)
    )
    if not drawn(rng, mix.standby):
        return (day,)
    return (day, ShiftPattern(technician.id, "daily", time(20), time(23), ShiftKind.STANDBY))
