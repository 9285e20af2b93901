"""From domain objects to rows. The reverse is ``mapping_domain``; both know the same tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from dispatch.domain.organisation import Organisation
from dispatch.domain.people import ShiftPattern, Technician
from dispatch.domain.places import Site, Station
from dispatch.domain.policy import Policy
from dispatch.domain.snapshot import TravelSettings
from dispatch.domain.work import Visit
from dispatch.store.base import Row
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

Values = Mapping[str, Any]
"""The columns of one row by name."""

TableRows = Mapping[type[Row], Sequence[Values]]


def rows_of(organisation: Organisation) -> TableRows:
    """The rows of an organisation, with those columns that the domain knows.

    A lot that is there by ``planning_at`` is on hand, a later one is expected.
    """
    writer = _Writer()
    _write_terms(writer, organisation)
    _write_places(writer, organisation)
    _write_people(writer, organisation.technicians, organisation.shift_patterns)
    _write_work(writer, organisation)
    _write_stock(writer, organisation)
    return writer.rows


def rows_of_people(
    technicians: Iterable[Technician], patterns: Iterable[ShiftPattern]
) -> TableRows:
    """The rows of technicians, but for what is on their vans."""
    writer = _Writer()
    _write_people(writer, technicians, patterns)
    return writer.rows


class _Writer:
    def __init__(self) -> None:
        self.rows: dict[type[Row], list[Values]] = defaultdict(list)

    def add(self, table: type[Row], item: Any = None, **more: Any) -> None:  # noqa: ANN401
        """A row of the fields of ``item`` that are columns, and of ``more``."""
        columns = table.__table__.columns
        shared = [f.name for f in fields(item) if f.name in columns] if item is not None else []
        self.rows[table].append({name: getattr(item, name) for name in shared} | more)

    def add_all(self, table: type[Row], items: Iterable[object], **more: Any) -> None:  # noqa: ANN401
        """Rows in the order of ``items``."""
        for position, item in enumerate(items):
            self.add(table, item, position=position, **more)

    def add_words(self, table: type[Row], column: str, words: Iterable[str], **more: Any) -> None:  # noqa: ANN401
        for position, word in enumerate(words):
            self.add(table, None, position=position, **{column: word}, **more)


def _write_terms(writer: _Writer, organisation: Organisation) -> None:
    writer.add(
        OrganisationRow, organisation, single=1, detour_permille=organisation.travel.detour_permille
    )
    writer.add_all(CalendarRow, organisation.calendars)
    for calendar in organisation.calendars:
        writer.add_all(CalendarHoursRow, calendar.hours, calendar_id=calendar.id)
        for day in calendar.days:
            writer.add(CalendarDayRow, day, calendar_id=calendar.id)
    writer.add_all(SlaRuleRow, organisation.sla_rules)
    for rule in organisation.sla_rules:
        writer.add_all(SlaClockRow, rule.clocks, rule_id=rule.id)
    for position, policy in enumerate(organisation.policies):
        writer.add(PolicyRow, policy, position=position, **_unassigned_prices(policy))
    writer.add_all(SpeedBandRow, organisation.travel.bands)


def _unassigned_prices(policy: Policy) -> Values:
    prices = policy.unassigned_fen
    return {f"unassigned_{f.name}_fen": getattr(prices, f.name) for f in fields(prices)}


def _write_places(writer: _Writer, organisation: Organisation) -> None:
    for position, station in enumerate(organisation.stations):
        writer.add(StationRow, station, position=position, **_point(station))
        writer.add_all(StationToolRow, station.tools, station_id=station.id)
    writer.add_all(CustomerRow, organisation.customers)
    for position, site in enumerate(organisation.sites):
        writer.add(SiteRow, site, position=position, **_point(site))
    _write_travel(writer, organisation.travel, {s.id for s in organisation.stations})
    writer.add_all(PartRow, organisation.parts)
    for part in organisation.parts:
        writer.add_words(SubstituteRow, "substitute_id", part.substitutes, part_id=part.id)


def _point(place: Station | Site) -> Values:
    return {f.name: getattr(place.point, f.name) for f in fields(place.point)}


def _write_travel(writer: _Writer, travel: TravelSettings, stations: set[str]) -> None:
    if travel.table is None:
        return
    table = travel.table
    for position, place_id in enumerate(table.place_ids):
        writer.add(
            TravelRow,
            position=position,
            station_id=place_id if place_id in stations else None,
            site_id=None if place_id in stations else place_id,
            seconds=table.seconds[position],
            metres=table.metres[position],
        )


def _write_people(
    writer: _Writer, technicians: Iterable[Technician], patterns: Iterable[ShiftPattern]
) -> None:
    for position, technician in enumerate(technicians):
        writer.add(TechnicianRow, technician, position=position)
        own = {"technician_id": technician.id}
        writer.add_all(CertificateRow, technician.certificates, **own)
        writer.add_all(TerritoryCoverRow, technician.territories, **own)
        writer.add_words(TechnicianToolRow, "tool", technician.tools, **own)
        _write_exclusions(writer, technician)
        for absence in technician.absences:
            writer.add(AbsenceRow, absence, **own)
    _write_patterns(writer, patterns)


def _write_exclusions(writer: _Writer, technician: Technician) -> None:
    barred = [("customer_id", c) for c in technician.excluded_customers]
    barred += [("site_id", s) for s in technician.excluded_sites]
    for position, (column, value) in enumerate(barred):
        empty = {"customer_id": None, "site_id": None}
        writer.add(
            ExclusionRow,
            technician_id=technician.id,
            position=position,
            **(empty | {column: value}),
        )


def _write_patterns(writer: _Writer, patterns: Iterable[ShiftPattern]) -> None:
    counted: dict[str, int] = defaultdict(int)
    for position, pattern in enumerate(patterns):
        number = counted[pattern.technician_id]
        counted[pattern.technician_id] += 1
        writer.add(ShiftPatternRow, pattern, number=number, position=position)
        writer.add_all(
            BreakPatternRow, pattern.breaks, technician_id=pattern.technician_id, number=number
        )


def _write_work(writer: _Writer, organisation: Organisation) -> None:
    writer.add_all(WorkOrderRow, organisation.work_orders)
    for order in organisation.work_orders:
        writer.add_all(GateRow, order.gates, work_order_id=order.id)
    writer.add_all(VisitRow, organisation.visits)
    for visit in organisation.visits:
        _write_needs(writer, visit)
    writer.add_all(LinkRow, organisation.links)
    writer.add_all(PinRow, organisation.pins)
    for pin in organisation.pins:
        others = pin.other_technician_ids
        writer.add_words(PinTechnicianRow, "technician_id", others, visit_id=pin.visit_id)
    writer.add_all(CommitmentRow, organisation.published)
    for told in organisation.published:
        people = told.technician_ids
        writer.add_words(CommitmentTechnicianRow, "technician_id", people, visit_id=told.visit_id)


def _write_needs(writer: _Writer, visit: Visit) -> None:
    writer.add_all(VisitWindowRow, visit.windows, visit_id=visit.id)
    writer.add_all(SkillNeedRow, visit.skills, visit_id=visit.id)
    writer.add_all(PartNeedRow, visit.parts, visit_id=visit.id)
    writer.add_words(ToolNeedRow, "tool", visit.tools, visit_id=visit.id)


def _write_stock(writer: _Writer, organisation: Organisation) -> None:
    for lot in organisation.lots:
        there = lot.available_at <= organisation.planning_at
        writer.add(LotRow, lot, arrived_at=lot.available_at)
        writer.add(
            BalanceRow,
            lot,
            lot_id=lot.id,
            technician_id=None,
            on_hand=lot.quantity if there else 0,
            expected=0 if there else lot.quantity,
        )
    for technician in organisation.technicians:
        for units in technician.van_stock:
            lot_id = van_lot_id(technician.id, units.part_id)
            writer.add(LotRow, units, id=lot_id, arrived_at=organisation.planning_at)
            writer.add(
                BalanceRow,
                id=lot_id,
                lot_id=lot_id,
                station_id=None,
                technician_id=technician.id,
                available_at=organisation.planning_at,
                on_hand=units.quantity,
                expected=0,
            )
    for position, row in enumerate(writer.rows[BalanceRow]):
        writer.rows[BalanceRow][position] = {**row, "position": position}


def van_lot_id(technician_id: str, part_id: str) -> str:
    """The id of the lot that stands for what a van is said to carry, whatever lots that was."""
    return f"van/{technician_id}/{part_id}"
