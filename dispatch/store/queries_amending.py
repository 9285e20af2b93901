"""Queries that change single routes of the published plan."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from dispatch.domain.plan import Route, Unassigned
from dispatch.domain.work import Commitment
from dispatch.store.mapping_domain import commitments_of
from dispatch.store.mapping_plans import RowsOfPlan
from dispatch.store.queries import remove_by, rows_by, table_of
from dispatch.store.rows_log import AuditRow
from dispatch.store.rows_plans import (
    CommitmentRow,
    CommitmentTechnicianRow,
    PlanRouteRow,
    PlanStopPartRow,
    PlanStopRow,
    PlanUnassignedRow,
    PlanVersionRow,
)

_VERSIONS = table_of(PlanVersionRow)
_COUNT = (
    update(_VERSIONS)
    .where(_VERSIONS.c.version == bindparam("of"))
    .values(
        amended=_VERSIONS.c.amended + bindparam("count"),
        cost_fen=_VERSIONS.c.cost_fen + bindparam("added_fen"),
        bound_fen=None,
    )
    .returning(_VERSIONS.c.amended)
)
_LAST_ROUTE = select(func.max(PlanRouteRow.route)).where(PlanRouteRow.version == bindparam("of"))


def count_amendments(session: Session, version: int, count: int, added_fen: int) -> int:
    """Counts changes of a version that add to its cost; how many there are now."""
    wanted = {"of": version, "count": count, "added_fen": added_fen}
    counted = session.execute(_COUNT, wanted)
    number: int = counted.scalar_one()
    return number


def amendments(session: Session, command: str, version: int, after: int) -> Sequence[AuditRow]:
    """The lines of a command that changed a version, without the first few, by time."""
    own = (AuditRow.command == command, AuditRow.subject_id == str(version))
    statement = select(AuditRow).where(*own).order_by(AuditRow.id).offset(after)
    return session.scalars(statement).all()


def rewrite_routes(session: Session, version: int, routes: Mapping[str, Route | None]) -> None:
    """Puts other routes of the same shifts (ids) into a version; None: there is none any more."""
    numbers = _route_numbers(session, version, routes)
    has_new = any(route is not None and i not in numbers for i, route in routes.items())
    # Before routes go: their numbers stay theirs.
    following = _following(session, version) if has_new else 0
    for table in (PlanStopPartRow, PlanStopRow, PlanRouteRow):
        remove_by(session, table, version=(version,), route=numbers.values())
    rows = RowsOfPlan(version)
    for shift_id, route in routes.items():
        if route is not None:
            if shift_id not in numbers:
                numbers[shift_id], following = following, following + 1
            rows.add_route(numbers[shift_id], route)
    rows.write(session)


def leave_out(
    session: Session, version: int, planned: Collection[str], left: Sequence[Unassigned]
) -> None:
    """Some visits of a version are planned now, and others left out."""
    row = PlanUnassignedRow
    gone = {*planned, *(one.visit_id for one in left)}
    remove_by(session, row, version=(version,), visit_id=gone)
    if left:
        last = session.scalar(select(func.max(row.position)).where(row.version == version))
        rows = RowsOfPlan(version)
        for position, one in enumerate(left, -1 if last is None else last):
            rows.add_unassigned(position + 1, one)
        rows.write(session)


def commitments(session: Session, visit_ids: Collection[str]) -> tuple[Commitment, ...]:
    """What people were told of visits."""
    tables = (CommitmentRow, CommitmentTechnicianRow)
    return commitments_of({t: rows_by(session, t, visit_id=visit_ids) for t in tables})


def _route_numbers(session: Session, version: int, shift_ids: Collection[str]) -> dict[str, int]:
    found = rows_by(session, PlanRouteRow, version=(version,), shift_id=shift_ids)
    return {row["shift_id"]: row["route"] for row in found}


def _following(session: Session, version: int) -> int:
    last: int | None = session.scalar(_LAST_ROUTE, {"of": version})
    return 0 if last is None else last + 1
