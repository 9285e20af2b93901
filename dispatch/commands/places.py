"""What is known of stations and sites is put right by hand."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.store.rows_places import SiteRow, StationRow


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
