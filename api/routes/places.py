"""Stations, sites, customers, equipment, parts and visits: lists and single ones, as they are."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Page, Reading, etag_of, page_of, place_of, shown
from api.declaring import V1, route
from api.errors import NotThereError
from api.fields import USUAL_LIMIT, Cursor, Limit, PathKey
from api.security import EVERYBODY_AT_WORK
from api.shapes.record import (
    CustomerOut,
    EquipmentOut,
    PartOut,
    SiteOut,
    StationOut,
    Territories,
    VisitLine,
    of_row,
)
from dispatch.domain.access import Grant
from dispatch.store import queries_access, queries_lists
from dispatch.store.base import Row
from dispatch.store.rows_parts import PartRow
from dispatch.store.rows_places import CustomerRow, EquipmentRow, SiteRow, StationRow
from dispatch.store.rows_work import VisitRow
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["record"])


def _equipment_seen(grant: Grant) -> ColumnElement[bool]:
    sites = select(SiteRow.id).where(queries_access.sites_seen(grant))
    return EquipmentRow.site_id.in_(sites)


def _parts_seen(_grant: Grant) -> ColumnElement[bool]:
    """The catalogue is everybody's."""
    return true()


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of thing: its address, its names for programs and people, its rows, who sees which."""

    path: str
    one: str
    many: str
    text: Text
    row: type[Row]
    out: Any
    page: Any
    seen: Any


_KINDS = (
    _Kind(
        "/stations",
        "Station",
        "Stations",
        Text("station", "服务站"),
        StationRow,
        StationOut,
        Page[StationOut],
        queries_access.stations_seen,
    ),
    _Kind(
        "/sites",
        "Site",
        "Sites",
        Text("site", "站点"),
        SiteRow,
        SiteOut,
        Page[SiteOut],
        queries_access.sites_seen,
    ),
    _Kind(
        "/customers",
        "Customer",
        "Customers",
        Text("customer", "客户"),
        CustomerRow,
        CustomerOut,
        Page[CustomerOut],
        queries_access.customers_seen,
    ),
    _Kind(
        "/equipment",
        "Equipment",
        "AllEquipment",
        Text("equipment", "设备"),
        EquipmentRow,
        EquipmentOut,
        Page[EquipmentOut],
        _equipment_seen,
    ),
    _Kind(
        "/parts",
        "Part",
        "Parts",
        Text("part", "备件"),
        PartRow,
        PartOut,
        Page[PartOut],
        _parts_seen,
    ),
    _Kind(
        "/visits",
        "Visit",
        "Visits",
        Text("visit", "任务"),
        VisitRow,
        VisitLine,
        Page[VisitLine],
        queries_access.visits_seen,
    ),
)


def _add(kind: _Kind) -> None:
    """The two routes of a kind."""

    @ROUTER.get(
        kind.path,
        **route(f"list{kind.many}", EVERYBODY_AT_WORK, f"List {kind.path[1:]}", kind.page),
    )
    def listed(desk: Reading, cursor: Cursor = None, limit: Limit = USUAL_LIMIT) -> Response:
        after = place_of(cursor, str)

        def query(session: Session, _at: object) -> list[Any]:
            last = after[0] if after else None
            wanted = kind.seen(desk.grant)
            found = queries_lists.page(session, kind.row, wanted, last, limit + 1)
            return [of_row(kind.out, row) for row in found]

        return page_of(desk.read(query), limit, lambda item: (item.id,))

    @ROUTER.get(
        f"{kind.path}/{{key}}",
        **route(
            f"get{kind.one}",
            EVERYBODY_AT_WORK,
            f"One of {kind.path[1:]}",
            kind.out,
            problems=(404,),
        ),
    )
    def one(key: PathKey, desk: Reading) -> Response:
        def query(session: Session, _at: object) -> object:
            row = queries_lists.one(session, kind.row, kind.seen(desk.grant), key)
            if row is None:
                raise NotThereError(kind.text, key)
            return of_row(kind.out, row)

        found = desk.read(query)
        return shown(found, etag=etag_of(found))


for _kind in _KINDS:
    _add(_kind)


@ROUTER.get(
    "/territories",
    **route("listTerritories", EVERYBODY_AT_WORK, "The territories that you see", Territories),
)
def territories(desk: Reading) -> Response:
    wanted = queries_access.sites_seen(desk.grant)
    found = desk.read(lambda session, _: queries_lists.territories(session, wanted))
    return shown(Territories(tuple(found)))
