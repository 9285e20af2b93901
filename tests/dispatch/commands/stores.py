"""A small organisation in a database, for tests of stock.

Stations S1 and S2, technicians T1 and T2, visits V1 to V4; of part ``camera`` lot OLD (3 units) and
lot NEW (5 units) at S1, and lot LATER (4 units) expected there tomorrow. ``camera2`` may be used in
its place: lot OTHER (2 units) at S1.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from dispatch.commands.stock_picks import Units
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot
from dispatch.store.database import Database
from dispatch.store.mapping import save_organisation
from dispatch.store.queries_stock import Place
from dispatch.store.queries_trace import levels
from dispatch.store.rows_plans import PlanState, PlanVersionRow
from tests.builders import (
    ALWAYS,
    START_AT,
    TIME_ZONE,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
)

NOW = START_AT
TOMORROW = NOW + timedelta(days=1)
S1, S2 = Place(station_id="S1"), Place(station_id="S2")
T1, T2 = Place(technician_id="T1"), Place(technician_id="T2")
VISITS = ("V1", "V2", "V3", "V4")
CAMERAS = 8
"""Units of ``camera`` that are on hand, all at S1."""


def an_organisation() -> Organisation:
    facts = a_snapshot(
        visits=[a_visit(visit_id) for visit_id in VISITS],
        technicians=[a_technician("T1", shifts=()), a_technician("T2", shifts=())],
    )
    return Organisation(
        id="test",
        name="Test",
        home_province="Liaoning",
        time_zone=TIME_ZONE,
        planning_at=NOW,
        horizon_days=3,
        shift_calendar_id=ALWAYS.id,
        stations=(a_station("S1"), a_station("S2")),
        customers=facts.customers,
        sites=facts.sites,
        parts=facts.parts,
        lots=(
            Lot("NEW", "S1", "camera", 5, NOW - timedelta(days=2)),
            Lot("OLD", "S1", "camera", 3, NOW - timedelta(days=9)),
            Lot("LATER", "S1", "camera", 4, TOMORROW),
            Lot("OTHER", "S1", "camera2", 2, NOW - timedelta(days=5)),
        ),
        technicians=facts.technicians,
        shift_patterns=(),
        work_orders=facts.work_orders,
        visits=facts.visits,
        calendars=(ALWAYS,),
    )


def fill(database: Database) -> None:
    """Brings the organisation into an empty database."""
    with database.writing() as session:
        save_organisation(session, an_organisation(), "test", NOW)


def a_version(version: int) -> PlanVersionRow:
    """A plan that reservations may be of."""
    return PlanVersionRow(
        version=version,
        state=PlanState.DRAFT,
        start_at=NOW,
        end_at=TOMORROW,
        now_at=NOW,
        policy="balanced",
        made_by="test",
        made_at=NOW,
    )


def cameras(quantity: int, *serials: str, lot_id: str | None = None) -> Units:
    return Units("camera", quantity, lot_id, serials)


def figures(session: Session) -> dict[str, tuple[int, int]]:
    """On hand and reserved of every balance that has anything."""
    return {level.balance_id: (level.on_hand, level.reserved) for level in levels(session)}
