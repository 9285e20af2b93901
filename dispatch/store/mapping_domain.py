"""From rows to domain objects: the reverse of ``mapping_rows``."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

from dispatch.domain.calendars import Calendar, CalendarDay, HourRange
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot, Part, PartQuantity
from dispatch.domain.people import (
    Absence,
    BreakPattern,
    Certificate,
    ShiftPattern,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import Customer, Point, Site, Station, ToolStock
from dispatch.domain.policy import Policy, UnassignedPrices
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.snapshot import SpeedBand, TravelSettings, TravelTable
from dispatch.domain.work import (
    ClockKind,
    Commitment,
    Gate,
    Link,
    Pin,
    SkillNeed,
    Visit,
    Window,
    WorkOrder,
)
from dispatch.store.base import Row
from dispatch.store.mapping_rows import TableRows, Values
from dispatch.store.rows_parts import BalanceRow, LotRow, PartRow, SubstituteRow
from dispatch.store.rows_people import (
    AbsenceRow,
    BreakPatternRow,
    CertificateRow,
    ExclusionRow,
    ShiftPatternRow,
    TechnicianRow,
    TechnicianToolRow,
    TerritoryCoverRow,
)
from dispatch.store.rows_places import (
    CustomerRow,
    OrganisationRow,
    SiteRow,
    StationRow,
    StationToolRow,
)
from dispatch.store.rows_plans import CommitmentRow, CommitmentTechnicianRow
from dispatch.store.rows_terms import (
    CalendarDayRow,
    CalendarHoursRow,
    CalendarRow,
    PolicyRow,
    SlaClockRow,
    SlaRuleRow,
    SpeedBandRow,
    TravelRow,
)
from dispatch.store.rows_work import (
    GateRow,
    LinkRow,
    PartNeedRow,
    PinRow,
    PinTechnicianRow,
    SkillNeedRow,
    ToolNeedRow,
    VisitRow,
    VisitWindowRow,
    WorkOrderRow,
)

_T = TypeVar("_T")


def organisation_of(rows: TableRows) -> Organisation:
    """The organisation of rows, each table's in its order."""
    facts = rows[OrganisationRow][0]
    return _maker(Organisation)(
        facts,
        provisional_years=tuple(facts["provisional_years"]),
        stations=_stations(rows),
        customers=_all(Customer, rows[CustomerRow]),
        sites=_sites(rows),
        parts=_parts(rows),
        lots=_lots(rows),
        technicians=_technicians(rows),
        shift_patterns=_shift_patterns(rows),
        work_orders=work_orders_of(rows),
        visits=visits_of(rows),
        links=_all(Link, rows[LinkRow]),
        pins=pins_of(rows),
        published=commitments_of(rows),
        calendars=_calendars(rows),
        sla_rules=_sla_rules(rows),
        policies=tuple(_policy(row) for row in rows[PolicyRow]),
        travel=_travel(rows, facts["detour_permille"]),
    )


def _maker(kind: type[_T]) -> Callable[..., _T]:
    """Makes the object of a row whose columns are its fields; the others are given."""
    needed = {f.name: f.default is MISSING and f.default_factory is MISSING for f in _fields(kind)}

    def make(row: Values, **own: Any) -> _T:  # noqa: ANN401
        for name, is_needed in needed.items():
            if name not in own and (is_needed or name in row):
                own[name] = row[name]
        return kind(**own)

    return make


def _fields(kind: Any) -> tuple[Field[Any], ...]:  # noqa: ANN401 - a dataclass
    return fields(kind)


def _all(kind: type[_T], rows: Iterable[Values]) -> tuple[_T, ...]:
    return tuple(map(_maker(kind), rows))


def _grouped(pairs: Iterable[tuple[str, _T]]) -> Mapping[str, tuple[_T, ...]]:
    groups: dict[str, list[_T]] = defaultdict(list)
    for key, item in pairs:
        groups[key].append(item)
    return defaultdict(tuple, {key: tuple(items) for key, items in groups.items()})


def _by(
    rows: TableRows, table: type[Row], owner: str, kind: type[_T]
) -> Mapping[str, tuple[_T, ...]]:
    """The objects of a table by what owns them."""
    make = _maker(kind)
    return _grouped((row[owner], make(row)) for row in rows[table])


def _words_by(
    rows: TableRows, table: type[Row], owner: str, column: str
) -> Mapping[str, tuple[str, ...]]:
    """What stands in a column, where something does, by what owns it."""
    found = rows[table]
    return _grouped((row[owner], row[column]) for row in found if row[column] is not None)


def _sites(rows: TableRows) -> tuple[Site, ...]:
    make, point = _maker(Site), _maker(Point)
    return tuple(make(row, point=point(row)) for row in rows[SiteRow])


def _stations(rows: TableRows) -> tuple[Station, ...]:
    make, point = _maker(Station), _maker(Point)
    tools = _by(rows, StationToolRow, "station_id", ToolStock)
    return tuple(make(row, point=point(row), tools=tools[row["id"]]) for row in rows[StationRow])


def _parts(rows: TableRows) -> tuple[Part, ...]:
    make = _maker(Part)
    substitutes = _words_by(rows, SubstituteRow, "part_id", "substitute_id")
    return tuple(make(row, substitutes=substitutes[row["id"]]) for row in rows[PartRow])


def _lots(rows: TableRows) -> tuple[Lot, ...]:
    """What is left of each lot at each depot, there or to come."""
    make = _maker(Lot)
    part_of = {row["id"]: row["part_id"] for row in rows[LotRow]}
    return tuple(
        make(
            row,
            part_id=part_of[row["lot_id"]],
            quantity=row["on_hand"] + row["expected"],
        )
        for row in rows[BalanceRow]
        if row["station_id"] is not None
    )


def _van_stock(rows: TableRows) -> Mapping[str, tuple[PartQuantity, ...]]:
    """What each technician carries, whatever lots it is of."""
    part_of = {row["id"]: row["part_id"] for row in rows[LotRow]}
    units: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows[BalanceRow]:
        if row["technician_id"] is not None and row["on_hand"]:
            units[row["technician_id"]][part_of[row["lot_id"]]] += row["on_hand"]
    return _grouped(
        (technician, PartQuantity(part_id, quantity))
        for technician, carried in units.items()
        for part_id, quantity in carried.items()
    )


def _technicians(rows: TableRows) -> tuple[Technician, ...]:
    make = _maker(Technician)
    certificates = _by(rows, CertificateRow, "technician_id", Certificate)
    territories = _by(rows, TerritoryCoverRow, "technician_id", TerritoryCover)
    absences = _by(rows, AbsenceRow, "technician_id", Absence)
    tools = _words_by(rows, TechnicianToolRow, "technician_id", "tool")
    customers = _words_by(rows, ExclusionRow, "technician_id", "customer_id")
    sites = _words_by(rows, ExclusionRow, "technician_id", "site_id")
    van_stock = _van_stock(rows)
    return tuple(
        make(
            row,
            certificates=certificates[row["id"]],
            territories=territories[row["id"]],
            absences=absences[row["id"]],
            van_stock=van_stock[row["id"]],
            tools=tools[row["id"]],
            excluded_customers=customers[row["id"]],
            excluded_sites=sites[row["id"]],
        )
        for row in rows[TechnicianRow]
    )


def _shift_patterns(rows: TableRows) -> tuple[ShiftPattern, ...]:
    make, rest = _maker(ShiftPattern), _maker(BreakPattern)
    breaks: dict[tuple[str, int], list[BreakPattern]] = defaultdict(list)
    for row in rows[BreakPatternRow]:
        breaks[row["technician_id"], row["number"]].append(rest(row))
    return tuple(
        make(row, breaks=tuple(breaks[row["technician_id"], row["number"]]))
        for row in sorted(rows[ShiftPatternRow], key=lambda row: row["position"])
    )


def work_orders_of(rows: TableRows) -> tuple[WorkOrder, ...]:
    """Work orders with their gates."""
    make = _maker(WorkOrder)
    gates = _by(rows, GateRow, "work_order_id", Gate)
    return tuple(make(row, gates=gates[row["id"]]) for row in rows[WorkOrderRow])


def visits_of(rows: TableRows) -> tuple[Visit, ...]:
    """Visits with all that they need."""
    make = _maker(Visit)
    windows = _by(rows, VisitWindowRow, "visit_id", Window)
    skills = _by(rows, SkillNeedRow, "visit_id", SkillNeed)
    parts = _by(rows, PartNeedRow, "visit_id", PartQuantity)
    tools = _words_by(rows, ToolNeedRow, "visit_id", "tool")
    return tuple(
        make(
            row,
            windows=windows[row["id"]],
            skills=skills[row["id"]],
            parts=parts[row["id"]],
            tools=tools[row["id"]],
            stops=tuple(ClockKind(kind) for kind in row["stops"]),
        )
        for row in rows[VisitRow]
    )


def pins_of(rows: TableRows) -> tuple[Pin, ...]:
    make = _maker(Pin)
    others = _words_by(rows, PinTechnicianRow, "visit_id", "technician_id")
    return tuple(make(row, other_technician_ids=others[row["visit_id"]]) for row in rows[PinRow])


def commitments_of(rows: TableRows) -> tuple[Commitment, ...]:
    """What people were told, by whom included."""
    make = _maker(Commitment)
    people = _words_by(rows, CommitmentTechnicianRow, "visit_id", "technician_id")
    return tuple(make(row, technician_ids=people[row["visit_id"]]) for row in rows[CommitmentRow])


def _calendars(rows: TableRows) -> tuple[Calendar, ...]:
    make = _maker(Calendar)
    hours = _by(rows, CalendarHoursRow, "calendar_id", HourRange)
    days = _by(rows, CalendarDayRow, "calendar_id", CalendarDay)
    return tuple(
        make(
            row,
            weekdays=tuple(row["weekdays"]),
            hours=hours[row["id"]],
            days=days[row["id"]],
        )
        for row in rows[CalendarRow]
    )


def _sla_rules(rows: TableRows) -> tuple[SlaRule, ...]:
    make = _maker(SlaRule)
    clocks = _by(rows, SlaClockRow, "rule_id", ClockTerms)
    return tuple(make(row, clocks=clocks[row["id"]]) for row in rows[SlaRuleRow])


def _policy(row: Values) -> Policy:
    names = [f.name for f in _fields(UnassignedPrices)]
    prices = UnassignedPrices(**{name: row[f"unassigned_{name}_fen"] for name in names})
    return _maker(Policy)(row, unassigned_fen=prices)


def _travel(rows: TableRows, detour_permille: int) -> TravelSettings:
    bands = _all(SpeedBand, rows[SpeedBandRow])
    measured = rows[TravelRow]
    if not measured:
        return TravelSettings(detour_permille, bands)
    table = TravelTable(
        tuple(row["station_id"] or row["site_id"] for row in measured),
        tuple(tuple(row["seconds"]) for row in measured),
        tuple(tuple(row["metres"]) for row in measured),
    )
    return TravelSettings(detour_permille, bands, table)
