"""Plans in the database: a version's rows, and the domain's plan of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Obstacle, Plan, Route, Stop, Unassigned
from dispatch.store.base import Row
from dispatch.store.mapping_rows import Values
from dispatch.store.queries import put, rows_by
from dispatch.store.rows_plans import (
    PlanRouteRow,
    PlanStopPartRow,
    PlanStopRow,
    PlanUnassignedRow,
    PlanVersionRow,
)

_CHILDREN_FIRST: tuple[type[Any], ...] = (
    PlanStopPartRow,
    PlanStopRow,
    PlanRouteRow,
    PlanUnassignedRow,
)


def write_plan(session: Session, row: PlanVersionRow, plan: Plan) -> None:
    """Makes a version hold this plan, whatever it held before. The version has its number."""
    for table in _CHILDREN_FIRST:
        session.execute(delete(table).where(table.version == row.version))
    row.made_by = plan.made_by
    row.seed, row.iterations, row.bound_fen = plan.seed, plan.iterations, plan.bound_fen
    rows = RowsOfPlan(row.version)
    for number, route in enumerate(plan.routes):
        rows.add_route(number, route)
    for position, left in enumerate(plan.unassigned):
        rows.add_unassigned(position, left)
    rows.write(session)


def read_plan(session: Session, row: PlanVersionRow) -> Plan:
    """The plan that a version holds."""
    version = (row.version,)
    parts: dict[tuple[int, int], list[PartQuantity]] = defaultdict(list)
    for part in rows_by(session, PlanStopPartRow, version=version):
        taken = PartQuantity(part["part_id"], part["quantity"])
        parts[part["route"], part["position"]].append(taken)
    stops: dict[int, list[Stop]] = defaultdict(list)
    for stop in rows_by(session, PlanStopRow, version=version):
        own = parts.get((stop["route"], stop["position"]), ())
        stops[stop["route"]].append(_stop(stop, own))
    return Plan(
        routes=tuple(
            Route(r["technician_id"], r["shift_id"], tuple(stops[r["route"]]), r["ends_away"])
            for r in rows_by(session, PlanRouteRow, version=version)
        ),
        unassigned=tuple(map(_unassigned, rows_by(session, PlanUnassignedRow, version=version))),
        made_by=row.made_by,
        seed=row.seed,
        iterations=row.iterations,
        bound_fen=row.bound_fen,
    )


class RowsOfPlan:
    """Rows of one version, to be written."""

    def __init__(self, version: int) -> None:
        self._version = version
        self._made: dict[type[Row], list[Values]] = defaultdict(list)

    def write(self, session: Session) -> None:
        for table in reversed(_CHILDREN_FIRST):
            put(session, table, self._made[table])

    def add_route(self, number: int, route: Route) -> None:
        key = {"version": self._version, "route": number}
        self._made[PlanRouteRow].append(
            key
            | {
                "technician_id": route.technician_id,
                "shift_id": route.shift_id,
                "ends_away": route.ends_away,
            }
        )
        for position, stop in enumerate(route.stops):
            self._made[PlanStopRow].append(
                key
                | {
                    "position": position,
                    "kind": stop.kind,
                    "visit_id": stop.visit_id,
                    "station_id": stop.station_id,
                    "tools": list(stop.tools),
                    "not_before_at": stop.not_before_at,
                    "item": stop.index,
                }
            )
            self._made[PlanStopPartRow] += _parts(key | {"position": position}, stop.parts)

    def add_unassigned(self, position: int, left: Unassigned) -> None:
        self._made[PlanUnassignedRow].append(
            {
                "version": self._version,
                "position": position,
                "visit_id": left.visit_id,
                "code": left.code,
                "obstacles": [
                    {
                        "code": o.code,
                        "technicians": o.technicians,
                        "technician_id": o.technician_id,
                        "amount": o.amount,
                    }
                    for o in left.obstacles
                ],
            }
        )


def _parts(key: Values, parts: Iterable[PartQuantity]) -> Iterator[Values]:
    for number, part in enumerate(parts):
        yield {**key, "number": number, "part_id": part.part_id, "quantity": part.quantity}


def _stop(row: Values, parts: Sequence[PartQuantity]) -> Stop:
    return Stop(
        kind=row["kind"],
        visit_id=row["visit_id"],
        station_id=row["station_id"],
        parts=tuple(parts),
        tools=tuple(row["tools"]),
        not_before_at=row["not_before_at"],
        index=row["item"],
    )


def _unassigned(row: Values) -> Unassigned:
    obstacles = tuple(Obstacle(**o) for o in row["obstacles"])
    return Unassigned(row["visit_id"], row["code"], obstacles)
