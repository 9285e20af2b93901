"""Sites come, and what is known of stations and sites is put right by hand."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.domain.errors import DispatchError
from dispatch.store import queries, queries_plans
from dispatch.store.rows_places import SiteRow, StationRow
from dispatch.store.rows_terms import TravelRow


class SiteTakenError(DispatchError):
    """An id that another place has."""


class NoTravelError(DispatchError):
    """A place to which the organisation's travel table knows no way."""


def add_site(
    session: Session, site_id: str, values: Mapping[str, object], by: str, at: datetime
) -> tuple[SiteRow, bool]:
    """The site, and whether it was known already: then nothing changes.

    Its customer has to be there. Raises SiteTakenError, NoTravelError.
    """
    queries_plans.lock_plans(session)
    known = session.get(SiteRow, site_id)
    if known is not None and all(getattr(known, n) == value for n, value in values.items()):
        return known, True
    if known is not None or session.get(StationRow, site_id) is not None:
        raise SiteTakenError(
            f"{site_id!r} is another place already. Use another id, or change that place.",
            f"编号 {site_id!r} 已属于其他地点。请使用其他编号，或更改该地点。",
        )
    if queries.count(session, TravelRow):
        raise NoTravelError(
            f"The travel table says of every place how far it is to each other, and nothing of"
            f" {site_id!r}. Import the site together with its travel.",
            f"行程表须包含所有地点之间的行程，其中没有 {site_id!r}。请将站点与其行程一并导入。",
        )
    position = queries.next_position(session, SiteRow)
    row = SiteRow(id=site_id, position=position, **values)
    session.add(row)
    session.flush()
    note(session, "add site", "site", site_id, by, at, after=values)
    return row, False


def change_place(
    session: Session,
    row: SiteRow | StationRow,
    wanted: Mapping[str, object],
    by: str,
    at: datetime,
    reason: str = "",
) -> None:
    """Columns of a place, whose row is locked, become different. Travel, clocks and the plan
    follow: they are worked out from what is known."""
    known = {name: getattr(row, name) for name in wanted}
    after = {name: value for name, value in wanted.items() if known[name] != value}
    if not after:
        return
    for name, value in after.items():
        setattr(row, name, value)
    session.flush()
    kind = "site" if isinstance(row, SiteRow) else "station"
    before = {name: known[name] for name in after}
    note(session, f"change {kind}", kind, row.id, by, at, reason=reason, before=before, after=after)
