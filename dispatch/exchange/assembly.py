"""Rows of values become an organisation; the reverse of ``rows``."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from dispatch.domain.calendars import Calendar
from dispatch.domain.organisation import Organisation
from dispatch.domain.sla import SlaRule
from dispatch.domain.snapshot import TravelSettings, TravelTable
from dispatch.exchange.kinds import Value
from dispatch.exchange.parsing import Row, Rows
from dispatch.exchange.rows import has_holidays, holiday_years
from dispatch.exchange.table import Table
from dispatch.exchange.tables_base import CHINA
from dispatch.exchange.tables_terms import COVER_NOTICE, MATCH
from dispatch.workdays import calendar_days, provisional_years

Tables = Mapping[str, Rows]


def organisation_of(tables: Tables) -> Organisation:
    """The organisation of tables in which nothing is wrong."""
    facts = tables["organisation"].rows[0]
    organisation: Organisation = _maker(tables["organisation"].table)(
        facts,
        stations=_records(tables, "stations", tools=_children(tables, "station_tools", "station")),
        customers=_records(tables, "customers"),
        sites=_records(tables, "sites"),
        parts=_records(tables, "parts"),
        lots=_lots(tables, facts.values["planning_at"]),
        technicians=_technicians(tables),
        shift_patterns=_records(tables, "shifts"),
        work_orders=_records(tables, "work_orders", gates=_children(tables, "gates", "work_order")),
        visits=_records(
            tables, "visits", windows=_sorted_children(tables, "visit_windows", "visit", "open_at")
        ),
        links=_records(tables, "links"),
        pins=_records(tables, "pins"),
        published=_records(tables, "published"),
        calendars=_calendars(tables, facts.values["time_zone"]),
        sla_rules=_sla_rules(tables["sla_rules"]),
        policies=_records(tables, "policies"),
    )
    organisation = replace(organisation, travel=_travel(tables, organisation.travel))
    if facts.values["public_holidays"] == CHINA:
        return _with_public_holidays(organisation)
    return replace(organisation, provisional_years=facts.get("provisional_years") or ())


def _maker(table: Table) -> Callable[..., Value]:
    """Makes the record of a row; keyword arguments are fields that come from elsewhere.

    Raises TypeError for a table whose rows are no records of their own.
    """
    record = table.record
    if record is None:
        raise TypeError(f"rows of the table {table.name!r} are no records of their own")
    placed = [(c.name, c.field.rpartition(".")) for c in table.columns if c.field is not None]
    plain = [(name, field) for name, (part, _, field) in placed if not part]
    parts = [
        (made, kind, [(name, field) for name, (part, _, field) in placed if part == made])
        for made, kind in table.parts
    ]

    def make(row: Row, **own: Value) -> Value:
        values = row.values
        for name, field in plain:
            if name in values:
                own[field] = values[name]
        for made, kind, fields in parts:
            own[made] = kind(**{field: values[name] for name, field in fields if name in values})
        return record(**own)

    return make


def _records(
    tables: Tables, name: str, **children: Mapping[str, tuple[Any, ...]]
) -> tuple[Any, ...]:
    """All records of a table; each field of ``children`` is looked up by the record's id."""
    rows = tables[name]
    make = _maker(rows.table)
    return tuple(
        make(
            row,
            **{field: by_id.get(row.values["id"], ()) for field, by_id in children.items()},
        )
        for row in rows.rows
    )


def _grouped(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, tuple[Any, ...]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


def _children(tables: Tables, name: str, parent: str) -> Mapping[str, tuple[Any, ...]]:
    """The records of a table by the id in its column ``parent``."""
    rows = tables[name]
    make = _maker(rows.table)
    return _grouped((row.values[parent], make(row)) for row in rows.rows)


def _sorted_children(
    tables: Tables, name: str, parent: str, by: str
) -> Mapping[str, tuple[Any, ...]]:
    found = _children(tables, name, parent)
    return {key: tuple(sorted(group, key=attrgetter(by))) for key, group in found.items()}


def _values(rows: Rows, column: str) -> Mapping[str, tuple[Any, ...]]:
    """What stands in ``column``, where something does, by technician."""
    return _grouped(
        (row.values["technician"], row.values[column]) for row in rows.rows if row.get(column)
    )


def _lots(tables: Tables, planning_at: datetime) -> tuple[Any, ...]:
    rows = tables["stock"]
    for row in rows.rows:
        if row.get("available_at") is None:
            row.values["available_at"] = planning_at
    return _records(tables, "stock")


def _technicians(tables: Tables) -> tuple[Any, ...]:
    return _records(
        tables,
        "technicians",
        certificates=_children(tables, "technician_skills", "technician"),
        territories=_children(tables, "technician_territories", "technician"),
        absences=_sorted_children(tables, "absences", "technician", "start_at"),
        van_stock=_children(tables, "van_stock", "technician"),
        tools=_values(tables["technician_tools"], "tool"),
        excluded_customers=_values(tables["exclusions"], "customer"),
        excluded_sites=_values(tables["exclusions"], "site"),
    )


def _calendars(tables: Tables, time_zone: str) -> tuple[Calendar, ...]:
    """The calendars with their own days, not yet the public holidays."""
    days = _sorted_children(tables, "calendar_days", "calendar", "day")
    for row in tables["calendars"].rows:
        row.values.setdefault("time_zone", time_zone)
    return _records(tables, "calendars", days=days)


def _with_public_holidays(organisation: Organisation) -> Organisation:
    years = holiday_years(organisation)
    filled = has_holidays(organisation)
    calendars = tuple(
        replace(calendar, days=calendar_days(years, calendar.days))
        if calendar.id in filled
        else calendar
        for calendar in organisation.calendars
    )
    return replace(organisation, calendars=calendars, provisional_years=provisional_years(years))


def _sla_rules(rows: Rows) -> tuple[SlaRule, ...]:
    """One rule per id, in the order of their first rows."""
    make = _maker(rows.table)
    found = []
    for rule_id, of_rule in _grouped((row.values["rule"], row) for row in rows.rows).items():
        match = {c.name: of_rule[0].get(c.name) for c in MATCH}
        clocks = tuple(make(row) for row in of_rule if row.get("clock") is not None)
        notice_s = of_rule[0].get(COVER_NOTICE.name)
        found.append(SlaRule(rule_id, **match, clocks=clocks, cover_notice_s=notice_s))
    return tuple(found)


def _travel(tables: Tables, settings: TravelSettings) -> TravelSettings:
    bands = _records(tables, "speed_bands") or settings.bands
    rows = tables["travel"].rows
    if not rows:
        return replace(settings, bands=bands)
    measured = {
        (r.values["from"], r.values["to"]): (r.values["seconds"], r.values["metres"]) for r in rows
    }
    places = tuple(dict.fromkeys(start for start, _ in measured))
    legs = [[measured.get((a, b), (0, 0)) for b in places] for a in places]
    table = TravelTable(
        places,
        tuple(tuple(seconds for seconds, _ in row) for row in legs),
        tuple(tuple(metres for _, metres in row) for row in legs),
    )
    return replace(settings, bands=bands, table=table)
