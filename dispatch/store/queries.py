"""Queries of the whole organisation: what planning and imports need, in bulk."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, aliased

from dispatch.merging import Facts
from dispatch.store.base import Placed, Row
from dispatch.store.mapping_rows import TableRows
from dispatch.store.rows_log import EventRow
from dispatch.store.rows_parts import BalanceRow, LotRow, MovementRow, PartRow, SubstituteRow
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
from dispatch.store.rows_plans import (
    CommitmentRow,
    CommitmentTechnicianRow,
    PlanState,
    PlanVersionRow,
)
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

_ORGANISATION: tuple[type[Row], ...] = (
    OrganisationRow,
    CalendarRow,
    CalendarHoursRow,
    CalendarDayRow,
    SlaRuleRow,
    SlaClockRow,
    PolicyRow,
    SpeedBandRow,
    TravelRow,
    StationRow,
    StationToolRow,
    CustomerRow,
    SiteRow,
    PartRow,
    SubstituteRow,
    TechnicianRow,
    CertificateRow,
    TerritoryCoverRow,
    ExclusionRow,
    TechnicianToolRow,
    ShiftPatternRow,
    BreakPatternRow,
    AbsenceRow,
    WorkOrderRow,
    GateRow,
    VisitRow,
    VisitWindowRow,
    SkillNeedRow,
    PartNeedRow,
    ToolNeedRow,
    LinkRow,
    PinRow,
    PinTechnicianRow,
    CommitmentRow,
    CommitmentTechnicianRow,
    LotRow,
    BalanceRow,
)

_OF_PLANS: tuple[type[Row], ...] = (
    PinRow,
    PinTechnicianRow,
    CommitmentRow,
    CommitmentTechnicianRow,
)


def organisation_rows(session: Session) -> TableRows:
    """All rows of the organisation; no OrganisationRow if there is none yet."""
    return {table: rows_in(session, table) for table in _ORGANISATION}


def planning_rows(session: Session, now: datetime, since: datetime) -> TableRows:
    """Only what planning needs: of work what is open, of stock what is left.

    Absences that ended before ``since`` are left out.
    An expected delivery that is overdue by ``now`` is not there, and nobody knows when it will be.
    """
    wanted = _wanted_for_planning(now, since)
    return {table: rows_in(session, table, wanted.get(table)) for table in _ORGANISATION}


def pin_and_commitment_rows(session: Session) -> TableRows:
    """Of the rows that planning needs those that a change of a plan writes."""
    wanted = _of_open_visits()
    return {table: rows_in(session, table, wanted[table]) for table in _OF_PLANS}


def repairs_before_open_visits(session: Session) -> list[tuple[LinkRow, datetime]]:
    """The links of open visits to visits that are over, and when these were repaired."""
    first, then = aliased(VisitRow), aliased(VisitRow)
    statement = (
        select(LinkRow, first.repaired_at)
        .join(first, first.id == LinkRow.first_visit_id)
        .join(then, then.id == LinkRow.then_visit_id)
        .where(first.ended_at.is_not(None), then.ended_at.is_(None))
        .order_by(LinkRow.position, LinkRow.first_visit_id, LinkRow.then_visit_id)
    )
    return [(link, at) for link, at in session.execute(statement) if at is not None]


def told_of(session: Session, visit_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The technicians of visits as people were told, also of visits that are over."""
    statement = (
        select(CommitmentTechnicianRow)
        .where(CommitmentTechnicianRow.visit_id.in_(visit_ids))
        .order_by(CommitmentTechnicianRow.visit_id, CommitmentTechnicianRow.position)
    )
    told: dict[str, tuple[str, ...]] = dict.fromkeys(visit_ids, ())
    for row in session.scalars(statement):
        told[row.visit_id] += (row.technician_id,)
    return told


def recorded_facts(session: Session) -> Facts:
    """What no import may overwrite; movements of imports themselves do not count."""
    moved = union(
        *(
            select(balance).where(MovementRow.imported.is_(False), balance.is_not(None))
            for balance in (MovementRow.from_balance_id, MovementRow.to_balance_id)
        )
    )
    vans = select(BalanceRow.technician_id).where(
        BalanceRow.id.in_(moved), BalanceRow.technician_id.is_not(None)
    )
    begun = or_(VisitRow.started_at.is_not(None), VisitRow.ended_at.is_not(None))
    by_hand = select(PinRow.visit_id).where(PinRow.imported.is_(False))
    tracked = select(PartRow.id).where(PartRow.serial_tracked.is_(True))
    published = select(PlanVersionRow.version).where(PlanVersionRow.state == PlanState.PUBLISHED)
    return Facts(
        work_orders=frozenset(session.scalars(select(EventRow.work_order_id).distinct())),
        visits=frozenset(session.scalars(select(VisitRow.id).where(begun))),
        lots=frozenset(session.scalars(moved)),
        technicians=frozenset(v for v in session.scalars(vans) if v is not None),
        pins=frozenset(session.scalars(by_hand)),
        tracked=frozenset(session.scalars(tracked)),
        is_published=session.scalar(published) is not None,
    )


def next_position(session: Session, table: type[Placed | ShiftPatternRow]) -> int:
    """The position behind all rows of a table."""
    last: int | None = session.scalar(_greatest(table.position))
    return 0 if last is None else last + 1


@cache
def _greatest(column: Any) -> Select[Any]:  # noqa: ANN401 - the attribute of any table
    return select(func.max(column))


def known_among(session: Session, table: type[Row], ids: Collection[str]) -> frozenset[str]:
    """Those of some ids that a table has."""
    return frozenset(session.scalars(_among(table), {"id": list(ids)})) if ids else frozenset()


@cache
def _among(table: type[Row]) -> Select[Any]:
    return select(table.__table__.c.id).where(*_one_of(table, ("id",)))


def count(session: Session, table: type[Row]) -> int:
    """How many rows a table has."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def rows_in(
    session: Session, table: type[Row], wanted: ColumnElement[bool] | None = None
) -> list[Mapping[str, Any]]:
    """The rows of a table, or those that are wanted, in the order that people gave."""
    statement = in_order(table)
    return fetched(session, statement if wanted is None else statement.where(wanted))


@cache
def in_order(table: type[Row]) -> Select[Any]:
    """The query of a table. Made once, as all that are asked often: that takes longer than asking
    a small database."""
    statement: Select[Any] = select(table.__table__)
    if issubclass(table, Placed):
        statement = statement.order_by(table.position)
    return statement.order_by(*inspect(table).primary_key)


def fetched(
    session: Session, statement: Select[Any], values: Mapping[str, Any] | None = None
) -> list[Mapping[str, Any]]:
    """The rows that a query finds with some values of its parameters."""
    result = session.execute(statement, values)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def table_of(kind: type[Row]) -> Table:
    """The table of rows of a kind; what is done to it does not concern objects of the session."""
    return cast("Table", kind.__table__)


def rows_by(
    session: Session, table: type[Row], **values: Collection[object]
) -> list[Mapping[str, Any]]:
    """The rows of a table that have one of some values in each of some columns, in order."""
    wanted = {column: list(those) for column, those in values.items()}
    return fetched(session, _rows_by(table, tuple(wanted)), wanted) if all(wanted.values()) else []


@cache
def _rows_by(table: type[Row], columns: tuple[str, ...]) -> Select[Any]:
    return in_order(table).where(*_one_of(table, columns))


def remove_by(session: Session, table: type[Row], **values: Collection[object]) -> None:
    """Takes away the rows that ``rows_by`` finds. Objects of the session do not notice."""
    gone = {column: list(those) for column, those in values.items()}
    if all(gone.values()):
        session.execute(_removal_by(table, tuple(gone)), gone)


@cache
def _removal_by(table: type[Row], columns: tuple[str, ...]) -> Delete:
    return delete(table_of(table)).where(*_one_of(table, columns))


def _one_of(table: type[Row], columns: tuple[str, ...]) -> Iterator[ColumnElement[bool]]:
    for column in columns:
        yield table.__table__.c[column].in_(bindparam(column, expanding=True))


def put(session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows to a table; all of them have the same columns."""
    if rows:
        session.execute(_insertion(table), rows)


@cache
def _insertion(table: type[Row]) -> Insert:
    return insert(table_of(table))


def _wanted_for_planning(now: datetime, since: datetime) -> Mapping[type[Row], ColumnElement[bool]]:
    orders = select(WorkOrderRow.id).where(WorkOrderRow.closed_at.is_(None))
    to_come = (BalanceRow.expected > 0) & (BalanceRow.available_at > now)
    left = or_(BalanceRow.on_hand > 0, to_come)
    return {
        WorkOrderRow: WorkOrderRow.closed_at.is_(None),
        GateRow: GateRow.work_order_id.in_(orders),
        BalanceRow: left,
        LotRow: LotRow.id.in_(select(BalanceRow.lot_id).where(left)),
        AbsenceRow: AbsenceRow.end_at > since,
        **_of_open_visits(),
    }


def _of_open_visits() -> Mapping[type[Row], ColumnElement[bool]]:
    visits = select(VisitRow.id).where(VisitRow.ended_at.is_(None))
    return {
        VisitRow: VisitRow.ended_at.is_(None),
        VisitWindowRow: VisitWindowRow.visit_id.in_(visits),
        SkillNeedRow: SkillNeedRow.visit_id.in_(visits),
        PartNeedRow: PartNeedRow.visit_id.in_(visits),
        ToolNeedRow: ToolNeedRow.visit_id.in_(visits),
        LinkRow: LinkRow.then_visit_id.in_(visits),
        PinRow: PinRow.visit_id.in_(visits),
        PinTechnicianRow: PinTechnicianRow.visit_id.in_(visits),
        CommitmentRow: CommitmentRow.visit_id.in_(visits),
        CommitmentTechnicianRow: CommitmentTechnicianRow.visit_id.in_(visits),
    }
