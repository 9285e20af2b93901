"""An organisation as rows of values, table by table; the reverse of ``assembly``."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from operator import attrgetter
from typing import Any

from dispatch.domain.calendars import CalendarDay
from dispatch.domain.organisation import Organisation
from dispatch.exchange.kinds import Value
from dispatch.exchange.table import Table
from dispatch.exchange.tables import TABLES
from dispatch.exchange.tables_base import CHINA, NO_COUNTRY
from dispatch.workdays import calendar_days, provisional_years

Row = dict[str, Any]
_NEAR = timedelta(days=60)


def holiday_years(organisation: Organisation) -> range:
    """The years whose public holidays clocks and shifts of the organisation may meet."""
    planned = organisation.planning_at.year
    first = min((order.reported_at.year for order in organisation.work_orders), default=planned)
    last = (organisation.planning_at + timedelta(organisation.horizon_days) + _NEAR).year
    return range(max(min(first, planned), planned - 2), last + 1)


def has_holidays(organisation: Organisation) -> frozenset[str]:
    """Ids of the calendars for which public holidays mean something."""
    with_hours = {calendar.id for calendar in organisation.calendars if calendar.hours}
    return frozenset(with_hours | {organisation.shift_calendar_id})


def rows_of(organisation: Organisation) -> dict[str, list[Row]]:
    """The rows of every table, by its name; values by column name, None where there is none."""
    public = _public_days(organisation)
    special: dict[str, Callable[[Organisation], Iterable[tuple[Any, Row]]]] = {
        "organisation": lambda o: [
            (
                o,
                {
                    "public_holidays": NO_COUNTRY if public is None else CHINA,
                    "provisional_years": o.provisional_years if public is None else None,
                },
            )
        ],
        "calendars": lambda o: (
            (c, {"time_zone": None} if c.time_zone == o.time_zone else {}) for c in o.calendars
        ),
        "calendar_days": lambda o: _own_days(o, public or ()),
        **_CHILDREN,
    }
    found = {}
    for table in TABLES:
        records = special.get(table.name, _plainly(table))
        found[table.name] = [_row(table, record, own) for record, own in records(organisation)]
    return found


def _plainly(table: Table) -> Callable[[Organisation], Iterable[tuple[Any, Row]]]:
    field = {"stock": "lots", "shifts": "shift_patterns"}.get(table.name, table.name)
    return lambda o: ((record, {}) for record in getattr(o, field))


def _row(table: Table, record: Value, own: Row) -> Row:
    """``own`` are the values that are not (or not as they are) in the record."""
    return {
        column.name: own[column.name]
        if column.name in own
        else attrgetter(column.field)(record)
        if column.field and record is not None
        else None
        for column in table.columns
    }


def _public_days(organisation: Organisation) -> tuple[CalendarDay, ...] | None:
    """The public holidays, if reading would bring back the organisation's days with them."""
    years = holiday_years(organisation)
    if organisation.provisional_years != provisional_years(years):
        return None
    public = calendar_days(years)
    days = {day.day for day in public}
    for calendar in organisation.calendars:
        if calendar.id in has_holidays(organisation) and not days <= {d.day for d in calendar.days}:
            return None
    return public


def _own_days(
    organisation: Organisation, public: tuple[CalendarDay, ...]
) -> Iterator[tuple[CalendarDay, Row]]:
    for calendar in organisation.calendars:
        given = public if calendar.id in has_holidays(organisation) else ()
        for day in calendar.days:
            if day not in given:
                yield day, {"calendar": calendar.id}


def _of_technicians(field: str) -> Callable[[Organisation], Iterator[tuple[Any, Row]]]:
    return lambda o: (
        (record, {"technician": technician.id})
        for technician in o.technicians
        for record in getattr(technician, field)
    )


def _exclusions(organisation: Organisation) -> Iterator[tuple[None, Row]]:
    for technician in organisation.technicians:
        for customer in technician.excluded_customers:
            yield None, {"technician": technician.id, "customer": customer}
        for site in technician.excluded_sites:
            yield None, {"technician": technician.id, "site": site}


def _sla_rules(organisation: Organisation) -> Iterator[tuple[Any, Row]]:
    matches = ("relation", "province", "city", "product", "tier", "priority")
    for rule in organisation.sla_rules:
        own = {"rule": rule.id} | {name: getattr(rule, name) for name in matches}
        own["cover_notice_min"] = rule.cover_notice_s
        for terms in rule.clocks or (None,):
            yield terms, own


def _travel(organisation: Organisation) -> Iterator[tuple[None, Row]]:
    table = organisation.travel.table
    if table is None:
        return
    for i, start in enumerate(table.place_ids):
        for j, end in enumerate(table.place_ids):
            measured = {"seconds": table.seconds[i][j], "metres": table.metres[i][j]}
            yield None, {"from": start, "to": end} | measured


_CHILDREN: dict[str, Callable[[Organisation], Iterable[tuple[Any, Row]]]] = {
    "station_tools": lambda o: ((t, {"station": s.id}) for s in o.stations for t in s.tools),
    "technician_skills": _of_technicians("certificates"),
    "technician_territories": _of_technicians("territories"),
    "van_stock": _of_technicians("van_stock"),
    "technician_tools": lambda o: (
        (None, {"technician": t.id, "tool": tool}) for t in o.technicians for tool in t.tools
    ),
    "exclusions": _exclusions,
    "absences": _of_technicians("absences"),
    "sla_rules": _sla_rules,
    "gates": lambda o: ((g, {"work_order": w.id}) for w in o.work_orders for g in w.gates),
    "visit_windows": lambda o: ((w, {"visit": v.id}) for v in o.visits for w in v.windows),
    "speed_bands": lambda o: ((band, {}) for band in o.travel.bands),
    "travel": _travel,
}
