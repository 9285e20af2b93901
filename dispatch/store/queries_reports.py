"""Queries for monthly reports and for work order forms."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from dispatch.store.base import Row
from dispatch.store.mapping_rows import TableRows
from dispatch.store.queries import rows_in
from dispatch.store.queries_stock import OPEN
from dispatch.store.queries_work import is_open, service_rows
from dispatch.store.rows_parts import (
    BalanceRow,
    LotRow,
    MovementKind,
    MovementRow,
    MovementSerialRow,
    PartRow,
    ReservationRow,
    SubstituteRow,
)
from dispatch.store.rows_people import AbsenceRow, BreakPatternRow, ShiftPatternRow, TechnicianRow
from dispatch.store.rows_places import EquipmentRow
from dispatch.store.rows_work import PartNeedRow, TicketRow, VisitRow, WorkOrderRow

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
    """Units that were issued to visits or used by them: number, visit, kind, part, lot, units.

    Without those that were put back, since the repair had been recorded by mistake.
    """
    back = aliased(MovementRow)
    put_back = select(back.id).where(
        back.kind == MovementKind.RETURN,
        back.visit_id == MovementRow.visit_id,
        back.to_balance_id == MovementRow.from_balance_id,
        back.happened_at == MovementRow.happened_at,
    )
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
        .where(
            MovementRow.visit_id.in_(visit_ids),
            MovementRow.kind.in_(_TO_VISITS),
            ~put_back.exists(),
        )
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


@dataclass(frozen=True, slots=True)
class NeededUnits:
    """Units of a part that a visit needs, or that are reserved for it."""

    visit_id: str
    part_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class FreeUnits:
    """Units of a part of a station, in its depot and on its vans, that nobody was promised; those
    to come, and when the first of them do."""

    station_id: str
    part_id: str
    free: int
    to_come: int
    next_at: datetime | None


def units_needed(session: Session) -> Sequence[NeededUnits]:
    """What visits need that are still to repair something."""
    found = session.execute(
        select(PartNeedRow.visit_id, PartNeedRow.part_id, PartNeedRow.quantity)
        .join(VisitRow, VisitRow.id == PartNeedRow.visit_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .where(is_open(), VisitRow.ended_at.is_(None), VisitRow.repaired_at.is_(None))
        .order_by(PartNeedRow.visit_id, PartNeedRow.position)
    )
    return [NeededUnits(*row) for row in found]


def units_reserved(session: Session) -> Sequence[NeededUnits]:
    """What is kept for visits."""
    found = session.execute(
        select(ReservationRow.visit_id, LotRow.part_id, func.sum(ReservationRow.quantity))
        .join(BalanceRow, BalanceRow.id == ReservationRow.balance_id)
        .join(LotRow, LotRow.id == BalanceRow.lot_id)
        .where(ReservationRow.state.in_(OPEN))
        .group_by(ReservationRow.visit_id, LotRow.part_id)
        .order_by(ReservationRow.visit_id, LotRow.part_id)
    )
    return [NeededUnits(*row) for row in found]


def units_free(session: Session) -> Iterator[FreeUnits]:
    """What stations have, by station and part."""
    station = func.coalesce(BalanceRow.station_id, TechnicianRow.station_id)
    balances = (
        select(station, LotRow.part_id, BalanceRow)
        .join(LotRow, LotRow.id == BalanceRow.lot_id)
        .outerjoin(TechnicianRow, TechnicianRow.id == BalanceRow.technician_id)
        .order_by(station, LotRow.part_id, BalanceRow.available_at)
    )
    for station_id, part_id, balance in session.execute(balances):
        to_come = balance.free_to_come
        next_at = balance.available_at if to_come else None
        yield FreeUnits(station_id, part_id, balance.free, to_come, next_at)
