"""Technicians come, and what they can do, where and when they work becomes different."""

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.domain.errors import DispatchError
from dispatch.domain.people import Shift, ShiftPattern, Technician
from dispatch.horizon import HorizonError
from dispatch.store import queries_lists, queries_plans
from dispatch.store.base import Row
from dispatch.store.mapping import change_organisation
from dispatch.store.mapping_domain import organisation_of
from dispatch.store.mapping_life import service_of
from dispatch.store.mapping_rows import TableRows, Values, rows_of_people
from dispatch.store.queries import next_position
from dispatch.store.rows_people import ShiftPatternRow, TechnicianRow
from dispatch.store.rows_places import OrganisationRow

_DAYS_BACK = timedelta(days=31)
_DAYS_LOOKED_AT = 400
"""For so many days hours have to make sense: what is planned, and a year with all its holidays."""


class TechnicianTakenError(DispatchError):
    """An id that another technician has."""


@dataclass(frozen=True, slots=True)
class TechnicianFacts:
    """A technician without shifts, absences and what is on the van; patterns make the shifts."""

    technician: Technician
    shift_patterns: tuple[ShiftPattern, ...]


def technician_facts(session: Session, technician_id: str) -> TechnicianFacts:
    """What is known of a technician, who has to be there."""
    rows = queries_lists.technician_rows(session, (technician_id,))
    known = organisation_of(defaultdict(list, rows))
    return TechnicianFacts(replace(known.technicians[0], absences=()), known.shift_patterns)


def add_technician(session: Session, facts: TechnicianFacts, by: str, at: datetime) -> bool:
    """Somebody joins. Whether that was known already: then nothing changes.

    What it refers to has to be there. Raises TechnicianTakenError, HorizonError.
    """
    queries_plans.lock_plans(session)
    technician = facts.technician
    if queries_lists.lock_technician(session, technician.id):
        if technician_facts(session, technician.id) == facts:
            return True
        raise TechnicianTakenError(
            f"{technician.id!r} is another technician already. Use another id, or change that"
            " technician.",
            f"编号 {technician.id!r} 已属于其他技术员。请使用其他编号，或更改该技术员。",
        )
    place = {"position": next_position(session, TechnicianRow)}
    rows = _rows(facts, next_position(session, ShiftPatternRow))
    rows[TechnicianRow] = [{**row, **place} for row in rows[TechnicianRow]]
    change_organisation(session, {}, rows, by, at)
    _refuse_impossible_hours(session, technician.id, at)
    note(session, "add technician", "technician", technician.id, by, at, after=facts)
    return False


def change_technician(
    session: Session,
    known: TechnicianFacts,
    wanted: TechnicianFacts,
    by: str,
    at: datetime,
    reason: str = "",
) -> None:
    """What is known of a technician, who is locked, becomes different. The plan stays as it is; it
    is judged by what is known now.

    What it refers to has to be there. Raises HorizonError.
    """
    if wanted == known:
        return
    same_hours = wanted.shift_patterns == known.shift_patterns
    # Hours that change stand behind all others, in the order in which they were said.
    first = 0 if same_hours else next_position(session, ShiftPatternRow)
    change_organisation(session, _rows(known, 0), _rows(wanted, first), by, at)
    technician_id = wanted.technician.id
    if not same_hours:
        _refuse_impossible_hours(session, technician_id, at)
    before, after = _said(known), _said(wanted)
    changed = [name for name in after if before[name] != after[name]]
    note(
        session,
        "change technician",
        "technician",
        technician_id,
        by,
        at,
        reason=reason,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def _rows(facts: TechnicianFacts, first: int) -> dict[type[Row], list[Values]]:
    """The rows of a technician, patterns from a position on; the technician's own stays."""
    rows: TableRows = rows_of_people((facts.technician,), facts.shift_patterns)
    found = {table: list(own) for table, own in rows.items()}
    found[TechnicianRow] = [
        {name: value for name, value in row.items() if name != "position"}
        for row in found[TechnicianRow]
    ]
    found[ShiftPatternRow] = [
        {**row, "position": first + row["position"]} for row in found.get(ShiftPatternRow, ())
    ]
    return found


def _said(facts: TechnicianFacts) -> dict[str, object]:
    own = {f.name: getattr(facts.technician, f.name) for f in fields(Technician)}
    return own | {"shift_patterns": facts.shift_patterns}


def _refuse_impossible_hours(session: Session, technician_id: str, at: datetime) -> None:
    """Nobody could plan with shifts that overlap. Raises HorizonError."""
    rows = queries_lists.technician_rows(session, (technician_id,))
    zone = ZoneInfo(rows[OrganisationRow][0]["time_zone"])
    first = at.astimezone(zone).date() - _DAYS_BACK
    technician = service_of(rows, at, first, _DAYS_LOOKED_AT).snapshot.technicians[0]
    for shift in technician.shifts:
        _refuse_impossible_breaks(shift, zone)


def _refuse_impossible_breaks(shift: Shift, zone: ZoneInfo) -> None:
    for rest in shift.breaks:
        if rest.latest_at < rest.earliest_at:
            earliest = f"{rest.earliest_at.astimezone(zone):%H:%M}"
            latest = f"{rest.latest_at.astimezone(zone):%H:%M}"
            raise HorizonError(
                f"A break of shift {shift.id} begins at {earliest} at the earliest and at {latest}"
                " at the latest. Say the earlier time first.",
                f"班次 {shift.id} 的休息最早 {earliest}、最晚 {latest} 开始，前后颠倒。"
                "请先填写较早的时间。",
            )
