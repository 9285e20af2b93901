"""What the organisation promises: SLA rules, calendars, policies."""

from collections import defaultdict

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, etag_of, shown
from api.declaring import V1, route
from api.security import EVERYBODY_AT_WORK
from api.settings import Settings
from api.shapes.record import Terms
from api.shapes.runs import USUAL_RUN_S
from dispatch.domain.policy import POLICIES
from dispatch.store import queries_work
from dispatch.store.errors import no_organisation
from dispatch.store.mapping_domain import organisation_of
from dispatch.store.rows_places import OrganisationRow

ROUTER = APIRouter(prefix=V1, tags=["record"])


@ROUTER.get(
    "/terms",
    **route("getTerms", EVERYBODY_AT_WORK, "SLA rules, calendars and policies", Terms),
)
def terms(desk: Reading, request: Request) -> Response:
    settings: Settings = request.app.state.settings
    found = desk.read(lambda session, _: _terms(session, settings.run_most_s))
    return shown(found, etag=etag_of(found))


def _terms(session: Session, most_run_s: float) -> Terms:
    rows = queries_work.service_rows(session, ())
    if not rows[OrganisationRow]:
        raise no_organisation()
    known = organisation_of(defaultdict(list, rows))
    return Terms(
        organisation=known.name,
        time_zone=known.time_zone,
        home_province=known.home_province,
        default_policy=known.default_policy,
        horizon_days=known.horizon_days,
        run_s=USUAL_RUN_S,
        most_run_s=most_run_s,
        sla_rules=known.sla_rules,
        calendars=known.calendars,
        policies=(*POLICIES.values(), *known.policies),
        provisional_years=known.provisional_years,
    )
