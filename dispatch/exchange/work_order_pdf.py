"""Work order forms (派工单) as a PDF to print: every visit of a plan, one visit, or a day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from dispatch.domain.errors import DispatchError
from dispatch.domain.timetable import TimedRoute
from dispatch.exchange.day_sheet import day_of, day_sheet
from dispatch.exchange.pdf_layout import Form
from dispatch.exchange.pdf_paper import write_forms
from dispatch.exchange.work_order_form import FormDetails, work_order_form
from dispatch.judged import JudgedPlan
from dispatch.texts import Language

_NO_DETAILS: Mapping[str, FormDetails] = MappingProxyType({})


class NothingToPrintError(DispatchError):
    """A choice of forms that the plan has none for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which forms to print: one visit; a technician's routes of a day (None: of all days), each
    with a cover page; or, if neither is given, every planned visit, once."""

    visit_id: str | None = None
    technician_id: str | None = None
    day: date | None = None


def write_work_orders(
    judged: JudgedPlan,
    path: Path,
    lang: Language,
    printed_at: datetime,
    choice: Choice = Choice(),
    details: Mapping[str, FormDetails] = _NO_DETAILS,
) -> None:
    """Writes the chosen forms into one file; ``details`` are by visit id.

    Raises:
        NothingToPrintError: the snapshot has no such visit, or the plan no such route.
    """
    forms = list(_forms(judged, choice, lang, details))
    title = f"派工单 Work orders {judged.snapshot.organisation}"
    write_forms(forms, path, title, printed_at.astimezone(judged.zone))


def _forms(
    judged: JudgedPlan, choice: Choice, lang: Language, details: Mapping[str, FormDetails]
) -> Iterator[Form]:
    def form(visit_id: str) -> Form:
        return work_order_form(judged, visit_id, lang, details.get(visit_id, FormDetails()))

    if choice.visit_id is not None:
        yield form(_known(judged, choice.visit_id))
    elif choice.technician_id is not None:
        for route in _routes(judged, choice.technician_id, choice.day):
            yield day_sheet(judged, route, lang)
            for stop in route.stops:
                if stop.visit_id is not None:
                    yield form(stop.visit_id)
    else:
        yield from map(form, _planned(judged))


def _planned(judged: JudgedPlan) -> Mapping[str, object]:
    """The planned visits, route by route; a crew's visit where it comes first."""
    if not judged.served:
        raise NothingToPrintError(
            "The plan has no visit, so there is no form to print.",
            "计划中没有任何任务，没有可打印的派工单。",
        )
    return judged.served


def _known(judged: JudgedPlan, visit_id: str) -> str:
    if visit_id in judged.snapshot.visit:
        return visit_id
    example = next(iter(judged.snapshot.visit), "–")
    raise NothingToPrintError(
        f"No visit {visit_id!r} in the plan's snapshot; its visits have ids such as {example}.",
        f"计划快照中没有任务 {visit_id!r}；任务编号例如 {example}。",
    )


def _routes(judged: JudgedPlan, technician_id: str, day: date | None) -> list[TimedRoute]:
    own = judged.verdict.timetable.routes_of.get(technician_id, ())
    chosen = [route for route in own if day in (None, day_of(judged, route))]
    if chosen:
        return chosen
    if own:
        days = ", ".join(str(day_of(judged, route)) for route in own)
        raise NothingToPrintError(
            f"Technician {technician_id!r} has no route on {day}; there are routes on {days}.",
            f"技术员 {technician_id!r} 在 {day} 没有路线；有路线的日期：{days}。",
        )
    technicians = ", ".join(judged.verdict.timetable.routes_of) or "–"
    raise NothingToPrintError(
        f"Technician {technician_id!r} has no route in this plan; these have: {technicians}.",
        f"技术员 {technician_id!r} 在此计划中没有路线；有路线的技术员：{technicians}。",
    )
