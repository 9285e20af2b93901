"""Queries for monthly reports and for work order forms."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.store.base import Row
from dispatch.store.mapping_rows import TableRows
from dispatch.store.queries import rows_in
from dispatch.store.queries_work import service_rows
from dispatch.store.rows_parts import (
    LotRow,
    MovementKind,
    MovementRow,
    MovementSerialRow,
    PartRow,
    SubstituteRow,
)
from dispatch.store.rows_people import AbsenceRow, BreakPatternRow, ShiftPatternRow, TechnicianRow
from dispatch.store.rows_places import EquipmentRow
from dispatch.store.rows_work import TicketRow, VisitRow, WorkOrderRow

_PEOPLE: tuple[type[Row], ...] = (
    TechnicianRow,
    ShiftPatternRow,
    BreakPatternRow,
    AbsenceRow,
    PartRow,
    SubstituteRow,
)
_TO_VISITS = (MovementKind.ISSUE, MovementKind.CONSUME)


def report_rows(session: Session) -> TableRows:
    """What a report counts by: terms, places, technicians with their working hours, parts."""
    return {**service_rows(session), **{table: rows_in(session, table) for table in _PEOPLE}}


def technician_stations(session: Session) -> dict[str, str]:
    """Where technicians are based."""
    found = session.execute(select(TechnicianRow.id, TechnicianRow.station_id))
    return dict(found.all())


def form_rows(
    session: Session, visit_ids: Collection[str]
) -> Sequence[tuple[str, WorkOrderRow, TicketRow | None, EquipmentRow | None]]:
    """Visits, each with its work order, ticket and equipment."""
    found = session.execute(
        select(VisitRow.id, WorkOrderRow, TicketRow, EquipmentRow)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .outerjoin(TicketRow, TicketRow.number == WorkOrderRow.ticket_number)
        .outerjoin(EquipmentRow, EquipmentRow.id == WorkOrderRow.equipment_id)
        .where(VisitRow.id.in_(visit_ids))
        .order_by(VisitRow.id)
    )
    return found.all()


def issues_to(
    session: Session, visit_ids: Collection[str]
) -> Sequence[tuple[int, str, MovementKind, str, str, int]]:
    """Units that were issued to visits or used by them: number, visit, kind, part, lot, units."""
    found = session.execute(
        select(
            MovementRow.id,
            MovementRow.visit_id,
            MovementRow.kind,
            LotRow.part_id,
            LotRow.id,
            MovementRow.quantity,
        )
        .join(LotRow, LotRow.id == MovementRow.lot_id)
        .where(MovementRow.visit_id.in_(visit_ids), MovementRow.kind.in_(_TO_VISITS))
        .order_by(MovementRow.id)
    )
    return [(n, visit, kind, part, lot, q) for n, visit, kind, part, lot, q in found if visit]


def serials_moved(session: Session, movements: Collection[int]) -> Sequence[tuple[int, str]]:
    """The serial numbers of the units that movements moved."""
    found = session.execute(
        select(MovementSerialRow.movement_id, MovementSerialRow.serial)
        .where(MovementSerialRow.movement_id.in_(movements))
        .order_by(MovementSerialRow.movement_id, MovementSerialRow.serial)
    )
    return found.all()
