"""What somebody has to see to, and what the months were like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Desk, Reading, Writing, made, shown
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError
from api.fields import Body, Line, PathKey
from api.security import DESK, INSIDE, OFFICE, ForbiddenError
from dispatch.commands.answers import Answer
from dispatch.commands.recording import settle
from dispatch.domain.access import Grant
from dispatch.domain.reporting import MonthlyReport
from dispatch.exchange.report_excel import monthly_report_file
from dispatch.reporting import monthly_report
from dispatch.store import queries_access, queries_lists, queries_work
from dispatch.store.rows_work import WorkOrderRow
from dispatch.texts import Text
from dispatch.work_lists import WorkLists, lists_now

ROUTER = APIRouter(prefix=V1, tags=["reports"])
_HOUR_S = 3600
_USUAL_RISK_S = 4 * _HOUR_S
_MOST_RISK_S = 30 * 24 * _HOUR_S
_MOST_MONTHS = 24
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-09"])]


@dataclass(frozen=True, slots=True)
class RefusedFact:
    """What a phone sent and the record could not take in; `id` is what to settle."""

    id: str
    event: dict[str, Any]
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Facts that nobody has seen to yet."""

    items: tuple[RefusedFact, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    id: str


class SettlementIn(Body):
    """What was done about a fact that was refused."""

    reason: Line


@ROUTER.get("/attention", **route("getAttention", INSIDE, "What has to be seen to", WorkLists))
def attention(
    desk: Reading,
    within_s: Annotated[
        int, Query(ge=0, le=_MOST_RISK_S, description="Clocks that run out so soon are at risk.")
    ] = _USUAL_RISK_S,
) -> Response:
    def query(session: Session, at: datetime) -> WorkLists:
        lists = lists_now(session, at, within_s)
        if not desk.grant.is_limited:
            return lists
        wanted = queries_access.work_orders_seen(desk.grant)
        return _of(lists, queries_lists.ids_seen(session, WorkOrderRow, wanted))

    return shown(desk.read(query))


@ROUTER.get(
    "/refused-events",
    **route("listRefusedEvents", DESK, "Facts that could not be taken in", Refused),
)
def refused(desk: Reading) -> Response:
    return shown(Refused(tuple(desk.read(lambda session, _: _refused(session, desk.grant)))))


@ROUTER.post(
    "/refused-events/{key}/settlements",
    **route(
        "settleRefusedEvent", DESK, "Somebody has seen to it", Settled, problems=(404,), status=201
    ),
)
def settlement(key: PathKey, body: SettlementIn, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        if key not in {fact.id for fact in _refused(session, desk.grant)}:
            raise NotThereError(Text("fact that was refused", "未能入档的记录"), key)
        settle(session, key, desk.by, at, body.reason)
        return made(Settled(key))

    return desk.write(command)


@ROUTER.get(
    "/reports/monthly",
    **route("getMonthlyReport", OFFICE, "The months in figures", dict[str, list[dict[str, Any]]]),
)
def monthly(desk: Reading, first: _Month, last: _Month) -> Response:
    """For callers who see all territories."""
    return shown(dict(_report(desk, first, last).as_rows()))


@ROUTER.get(
    "/reports/monthly.xlsx",
    **route("getMonthlyWorkbook", OFFICE, "The months in figures, for Excel", content=_EXCEL),
)
def monthly_workbook(desk: Reading, first: _Month, last: _Month) -> Response:
    """For callers who see all territories; headings are in English and Chinese."""
    headers = {"Content-Disposition": f'attachment; filename="{first}.xlsx"'}
    return Response(monthly_report_file(_report(desk, first, last)), 200, headers, _EXCEL)


def _report(desk: Desk, first: str, last: str) -> MonthlyReport:
    """Raises ForbiddenError, UnfitError."""
    if desk.grant.is_limited:
        raise ForbiddenError(
            "The report is of all territories; your key sees some of them.",
            "报表涵盖全部责任区；您的密钥只能查看部分责任区。",
        )
    months = [date.fromisoformat(f"{month}-01") for month in (first, last)]
    count = (months[1].year - months[0].year) * 12 + months[1].month - months[0].month + 1
    if not 1 <= count <= _MOST_MONTHS:
        raise UnfitError(
            "",
            f"A report has 1 to {_MOST_MONTHS} months; {first} to {last} are {count}.",
            f"报表须为 1 至 {_MOST_MONTHS} 个月；{first} 至 {last} 为 {count} 个月。",
        )
    return desk.read(lambda session, at: monthly_report(session, months[0], months[1], at))


def _of(lists: WorkLists, seen: frozenset[str]) -> WorkLists:
    """The lists of the work orders that are seen."""
    return replace(
        lists,
        emergencies=tuple(e for e in lists.emergencies if e.work_order_id in seen),
        at_risk=tuple(c for c in lists.at_risk if c.work_order_id in seen),
        broken=tuple(c for c in lists.broken if c.work_order_id in seen),
        waiting=tuple(w for w in lists.waiting if w.work_order_id in seen),
        duties=tuple(d for d in lists.duties if d.work_order_id in seen),
        pending=tuple(e for e in lists.pending if e.work_order_id in seen),
    )


def _refused(session: Session, grant: Grant) -> Sequence[RefusedFact]:
    kept = [kept for _, kept in queries_work.refused_page(session, limit=None)]
    seen = queries_access.sees_work_order
    return [
        RefusedFact(fact["id"], fact["event"], fact["en"], fact["zh"])
        for fact in kept
        if seen(session, grant, fact["event"]["work_order_id"])
    ]
