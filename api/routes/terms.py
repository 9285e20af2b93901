"""What the organisation promises: SLA rules, calendars, policies."""

from collections import defaultdict
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, etag_of, shown
from api.declaring import V1, route
from api.security import EVERYBODY_AT_WORK
from api.shapes.record import Terms
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
def terms(desk: Reading) -> Response:
    found = desk.read(_terms)
    return shown(found, etag=etag_of(found))


def _terms(session: Session, _at: datetime) -> Terms:
    rows = queries_work.service_rows(session, ())
    if not rows[OrganisationRow]:
        raise no_organisation()
    known = organisation_of(defaultdict(list, rows))
    return Terms(
        organisation=known.name,
        time_zone=known.time_zone,
        home_province=known.home_province,
        default_policy=known.default_policy,
        sla_rules=known.sla_rules,
        calendars=known.calendars,
        policies=(*POLICIES.values(), *known.policies),
        provisional_years=known.provisional_years,
    )
