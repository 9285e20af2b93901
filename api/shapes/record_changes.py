"""What is sent to add to the record, or to put it right: technicians, stations, sites."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Annotated, Any

from pydantic import Field

from api.fields import MOST_ENTRIES, Body, Day, Key, Line, LocalTime, NewKey, Seconds, SomeSeconds
from api.shapes.work import SkillIn
from dispatch.commands.technicians import TechnicianFacts
from dispatch.domain.people import (
    BreakPattern,
    Certificate,
    Coverage,
    ShiftKind,
    ShiftPattern,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import Datum, StationKind

_MOST_PATTERNS = 100
_MOST_BREAKS = 10
_MOST_COUNTED = 1_000
_LIMITS = frozenset({"max_travel_s", "max_visits", "max_total_overtime_s"})
_OF_TECHNICIAN = frozenset(f.name for f in fields(Technician))

Words = Annotated[tuple[Key, ...], Field(max_length=MOST_ENTRIES)]
Count = Annotated[int, Field(ge=0, le=_MOST_COUNTED, strict=True)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class CertificateIn(SkillIn):
    """A skill at a level; `expires_on` is its last valid day, null: for ever."""

    expires_on: Day | None = None


class CoverIn(Body):
    """A territory that a technician covers."""

    territory: Key
    coverage: Coverage = Coverage.PRIMARY


class BreakIn(Body):
    """A break that begins between two times."""

    earliest: LocalTime
    latest: LocalTime
    duration_s: Seconds


class ShiftPatternIn(Body):
    """Working hours that repeat. `days`: weekdays (`Mon`..`Sun`), `daily`, `workdays`, `holidays`,
    or dates, which replace all others on them; separated by commas. An `end` at or before `start`
    is one of the next day. `technician_id` may be there as it was read."""

    days: Line
    start: LocalTime
    end: LocalTime
    kind: ShiftKind = ShiftKind.REGULAR
    max_overtime_s: SomeSeconds = 0
    breaks: tuple[BreakIn, ...] = Field((), max_length=_MOST_BREAKS)
    technician_id: Key | None = None

    def of(self, technician_id: str) -> ShiftPattern:
        breaks = tuple(BreakPattern(**dict(rest)) for rest in self.breaks)
        own = dict(self) | {"technician_id": technician_id, "breaks": breaks}
        return ShiftPattern(**own)


Certificates = Annotated[tuple[CertificateIn, ...], Field(max_length=MOST_ENTRIES)]
Covers = Annotated[tuple[CoverIn, ...], Field(max_length=MOST_ENTRIES)]
Patterns = Annotated[tuple[ShiftPatternIn, ...], Field(max_length=_MOST_PATTERNS)]


class TechnicianIn(Body):
    """A new technician. `max_*` of null: no limit. Sent again it changes nothing."""

    id: NewKey
    name: Key
    station_id: Key
    certificates: Certificates = ()
    territories: Covers = ()
    tools: Words = ()
    excluded_customers: Words = ()
    excluded_sites: Words = ()
    max_travel_s: Seconds | None = None
    max_visits: Count | None = None
    max_total_overtime_s: SomeSeconds | None = None
    min_rest_s: SomeSeconds = 0
    may_stay_overnight: bool = False
    max_nights: Count = 0
    shift_patterns: Patterns = ()

    def facts(self) -> TechnicianFacts:
        patterns = tuple(pattern.of(self.id) for pattern in self.shift_patterns)
        return TechnicianFacts(Technician(**_said(self)), patterns)


class TechnicianPatch(Body):
    """What is to be different; fields that are not there stay as they are. A list replaces the
    whole list. `max_*` of null: no limit."""

    name: Key | None = None
    station_id: Key | None = None
    certificates: Certificates | None = None
    territories: Covers | None = None
    tools: Words | None = None
    excluded_customers: Words | None = None
    excluded_sites: Words | None = None
    max_travel_s: Seconds | None = None
    max_visits: Count | None = None
    max_total_overtime_s: SomeSeconds | None = None
    min_rest_s: SomeSeconds | None = None
    may_stay_overnight: bool | None = None
    max_nights: Count | None = None
    shift_patterns: Patterns | None = None
    reason: Line = ""

    def of(self, known: TechnicianFacts) -> TechnicianFacts:
        """The technician as this makes it."""
        patterns = known.shift_patterns
        if self.shift_patterns is not None:
            patterns = tuple(pattern.of(known.technician.id) for pattern in self.shift_patterns)
        return TechnicianFacts(replace(known.technician, **_said(self)), patterns)


class StationPatch(Body):
    """What is to be different; fields that are not there stay as they are."""

    name: Key | None = None
    kind: StationKind | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    datum: Datum | None = None
    province: Key | None = None
    city: Key | None = None
    pickup_s: SomeSeconds | None = None
    reason: Line = ""


class SiteIn(Body):
    """A new site of a customer who is known. Sent again it changes nothing."""

    id: NewKey
    name: Key
    customer_id: Key
    latitude: Latitude
    longitude: Longitude
    datum: Datum = Datum.WGS84
    province: Key
    city: Key
    territory: Key
    address: Line = ""


class SitePatch(Body):
    """What is to be different; fields that are not there stay as they are."""

    name: Key | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    datum: Datum | None = None
    province: Key | None = None
    city: Key | None = None
    territory: Key | None = None
    address: Line | None = None
    reason: Line = ""


def _said(body: TechnicianIn | TechnicianPatch) -> dict[str, Any]:
    """What is said of a technician, in words of the domain."""
    sent = {name: getattr(body, name) for name in body.model_fields_set & _OF_TECHNICIAN}
    said = {name: value for name, value in sent.items() if value is not None or name in _LIMITS}
    for name, kind in (("certificates", Certificate), ("territories", TerritoryCover)):
        if name in said:
            said[name] = _all(kind, said[name])
    return said


def _all(kind: type[Certificate | TerritoryCover], bodies: Iterable[Body]) -> tuple[object, ...]:
    return tuple(kind(**dict(body)) for body in bodies)
