"""Technicians join, and what they can do, where and when they work is put right."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, Writing, etag_of, located, made, need_match, text_of
from api.declaring import V1, route
from api.errors import UnfitError
from api.fields import IfMatch, PathKey
from api.invalid import pointer_of
from api.routes.technicians import need_seen, technician_seen
from api.security import DESK
from api.shapes.record import TechnicianOut
from api.shapes.record_changes import TechnicianIn, TechnicianPatch
from dispatch.commands.answers import Answer
from dispatch.commands.technicians import (
    TechnicianFacts,
    add_technician,
    change_technician,
    technician_facts,
)
from dispatch.domain.access import Grant, Role
from dispatch.horizon import HorizonError
from dispatch.store import queries_access, queries_lists
from dispatch.store.rows_places import CustomerRow, SiteRow, StationRow
from dispatch.texts import Text

ROUTER = APIRouter(prefix=f"{V1}/technicians", tags=["technicians"])

_T = TypeVar("_T")
_STATION = Text("station", "服务站")
_TERRITORY = Text("territory", "责任区")
_CUSTOMER = Text("customer", "客户")
_SITE = Text("site", "站点")


@ROUTER.post(
    "",
    **route(
        "addTechnician",
        (Role.ADMINISTRATOR,),
        "A technician joins",
        TechnicianOut,
        problems=(409,),
        status=201,
    ),
)
def add(body: TechnicianIn, desk: Writing) -> Response:
    """With territories, the key's own among them, if it has some."""

    def command(session: Session, at: datetime) -> Answer:
        facts = body.facts()
        _Checked(session, desk.grant).need_possible(facts)
        try:
            again = add_technician(session, facts, desk.by, at)
        except HorizonError as error:
            raise _impossible_hours(error) from error
        found = technician_seen(session, desk.grant, body.id)
        where = {"Location": located(ROUTER.prefix, body.id)}
        return made(found, again=again, headers={"ETag": etag_of(found)} | where)

    return desk.write(command)


@ROUTER.patch(
    "/{technician_id}",
    **route(
        "changeTechnician",
        DESK,
        "Put right what is known of a technician",
        TechnicianOut,
        problems=(404, 412, 428),
    ),
)
def change(
    technician_id: PathKey, body: TechnicianPatch, desk: Reading, if_match: IfMatch = None
) -> Response:
    """The published plan stays, and is judged by what is known now: what does not hold any more is
    in its `violations`, or `dropped` from it if there is no such shift. Who leaves gets no
    `shift_patterns`, or an absence without end."""

    def command(session: Session, at: datetime) -> Answer:
        need_seen(session, desk.grant, technician_id)
        queries_lists.lock_technician(session, technician_id)
        need_match(if_match, etag_of(technician_seen(session, desk.grant, technician_id)))
        known = technician_facts(session, technician_id)
        checked = _Checked(session, desk.grant)
        wanted = body.of(known)
        checked.need_possible(wanted, known)
        wanted = checked.with_foreign(wanted, known)
        try:
            change_technician(session, known, wanted, desk.by, at, body.reason)
        except HorizonError as error:
            raise _impossible_hours(error) from error
        found = technician_seen(session, desk.grant, technician_id)
        return Answer(200, text_of(found), {"ETag": etag_of(found)})

    return desk.write(command)


# ----------------------------------------------------------------------------------------- pieces


def known_territories(session: Session, grant: Grant) -> frozenset[str]:
    """The territories that a caller may name: its own, or else all that there are."""
    return frozenset(grant.territories) or queries_lists.all_territories(session)


class _Checked:
    """What a caller sees, and therefore may say of technicians."""

    def __init__(self, session: Session, grant: Grant) -> None:
        def seen(table: Any, wanted: Any) -> frozenset[str]:  # noqa: ANN401
            return queries_lists.ids_seen(session, table, wanted(grant))

        self._is_limited = grant.is_limited
        self._stations = seen(StationRow, queries_access.stations_seen)
        self._customers = seen(CustomerRow, queries_access.customers_seen)
        self._sites = seen(SiteRow, queries_access.sites_seen)
        self._territories = known_territories(session, grant)

    def need_possible(self, facts: TechnicianFacts, known: TechnicianFacts | None = None) -> None:
        """Nothing is named that is not there for the caller, and nothing twice; what stays as it
        was ``known`` is not looked at. Raises UnfitError."""
        wanted, before = facts.technician, known.technician if known else None
        if before is None or wanted.station_id != before.station_id:
            _need(("station_id",), _STATION, wanted.station_id, self._stations)
        if before is None or wanted.territories != before.territories:
            for number, cover in enumerate(wanted.territories):
                place = ("territories", number, "territory")
                _need(place, _TERRITORY, cover.territory, self._territories)
            if self._is_limited and not wanted.territories:
                raise UnfitError(
                    "/territories",
                    "Name at least one of your territories: you would not see the technician.",
                    "请至少填写一个您的责任区，否则您将看不到该技术员。",
                )
        for name, what, seen in (
            ("excluded_customers", _CUSTOMER, self._customers),
            ("excluded_sites", _SITE, self._sites),
        ):
            if before is None or getattr(wanted, name) != getattr(before, name):
                for number, value in enumerate(getattr(wanted, name)):
                    _need((name, number), what, value, seen)
        _need_once("certificates", [f"{c.skill}:{c.level}" for c in wanted.certificates])
        _need_once("territories", [cover.territory for cover in wanted.territories])
        for name in ("tools", "excluded_customers", "excluded_sites"):
            _need_once(name, getattr(wanted, name))

    def with_foreign(self, wanted: TechnicianFacts, known: TechnicianFacts) -> TechnicianFacts:
        """With what the caller does not see as it was."""
        if not self._is_limited:
            return wanted
        one, before = wanted.technician, known.technician
        territories = (c for c in before.territories if c.territory not in self._territories)
        customers = (c for c in before.excluded_customers if c not in self._customers)
        sites = (s for s in before.excluded_sites if s not in self._sites)
        technician = replace(
            one,
            territories=_with(one.territories, territories),
            excluded_customers=_with(one.excluded_customers, customers),
            excluded_sites=_with(one.excluded_sites, sites),
        )
        return replace(wanted, technician=technician)


def _with(said: tuple[_T, ...], others: Iterable[_T]) -> tuple[_T, ...]:
    return (*said, *(one for one in others if one not in said))


def _need(place: Sequence[str | int], what: Text, value: str, known: frozenset[str]) -> None:
    if value not in known:
        raise UnfitError(
            pointer_of(place), f"There is no {what.en} {value!r}.", f"没有{what.zh} {value!r}。"
        )


def _need_once(name: str, values: Sequence[object]) -> None:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise UnfitError(
                pointer_of((name, number)),
                f"{value!r} is there twice; name it once.",
                f"{value!r} 重复；只能填写一次。",
            )


def _impossible_hours(error: HorizonError) -> UnfitError:
    return UnfitError("/shift_patterns", error.message_en, error.message_zh)
