"""The terms of service as a process keeps them: only imports change them, and changes of places,
and these are counted."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.domain.calendars import Calendar
from dispatch.domain.organisation import Organisation
from dispatch.domain.places import Customer, Site
from dispatch.domain.terms import ServiceTerms
from dispatch.horizon import snapshot_of
from dispatch.store import queries_work
from dispatch.store.database import MEMORY
from dispatch.store.errors import no_organisation
from dispatch.store.mapping_domain import organisation_of
from dispatch.store.mapping_life import Service
from dispatch.store.rows_log import AuditRow
from dispatch.store.rows_places import OrganisationRow

_KEY = "service"
_OF_TERMS = ("organisation", "site", "station")
_LAST_CHANGE = select(func.max(AuditRow.id)).where(AuditRow.subject_kind.in_(_OF_TERMS))


@dataclass(frozen=True)
class KeptService:
    """What was read after so many lines of the audit trail, the last of them of such a change.
    ``organisation`` has no sites and customers: these are looked up."""

    last_change: int | None
    organisation: Organisation
    terms: ServiceTerms
    calendar: Calendar
    sites: Mapping[str, Site]
    customers: Mapping[str, Customer]

    def at(self, site_id: str, now: datetime) -> Service:
        """What the lives of a site's work orders are judged by, and how far it is from the
        stations."""
        site = self.sites[site_id]
        here = replace(
            self.organisation,
            planning_at=now,
            sites=(site,),
            customers=(self.customers[site.customer_id],),
        )
        return Service(replace(snapshot_of(here), now_at=now), self.terms, self.calendar)


def service_at(session: Session, site_id: str, now: datetime) -> Service:
    """What the lives of a site's work orders are judged by. Raises SchemaError."""
    return kept_service(session).at(site_id, now)


def kept_service(session: Session) -> KeptService:
    """The terms as they are now. Raises SchemaError."""
    memory = session.info.setdefault(MEMORY, {})
    # First the number: a change that ends between both makes it old, and all is read again.
    last_change = session.scalar(_LAST_CHANGE)
    kept = memory.get(_KEY)
    if not isinstance(kept, KeptService) or kept.last_change != last_change:
        kept = memory[_KEY] = _read(session, last_change)
    return kept


def _read(session: Session, last_change: int | None) -> KeptService:
    rows = queries_work.service_rows(session, travel=True)
    if not rows[OrganisationRow]:
        raise no_organisation()
    known = organisation_of(defaultdict(list, rows))
    return KeptService(
        last_change,
        replace(known, sites=(), customers=()),
        ServiceTerms(**rows[OrganisationRow][0]["service_terms"]),
        next(c for c in known.calendars if c.id == known.shift_calendar_id),
        {site.id: site for site in known.sites},
        {customer.id: customer for customer in known.customers},
    )
