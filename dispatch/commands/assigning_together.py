"""Work orders assigned for several callers in one transaction: each is looked for by itself, one
after the other, and all are written at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.amending import Amended, Put, put, write
from dispatch.commands.assigning import (
    Assigned,
    Outcome,
    Terms,
    VisitAssigned,
    best_for,
    known_visits,
)
from dispatch.commands.live_plan import Standing, Turn
from dispatch.commands.recording_errors import UnknownWorkOrderError
from dispatch.domain.errors import DispatchError
from dispatch.store import queries_work
from dispatch.store.errors import StoreError


@dataclass(frozen=True, slots=True)
class Wanted:
    """A work order that somebody wants assigned."""

    work_order_id: str
    terms: Terms


def assign_together(
    session: Session,
    turn: Turn,
    standing: Standing,
    wanted: Sequence[Wanted | None],
    by: str,
    at: datetime,
) -> list[Assigned | None]:
    """Does to each work order what ``assign`` does; None: none is wanted, or it has to be assigned
    alone, which says why it cannot be.

    Raises DispatchError: not all of them can be written, so each has to go alone.
    """
    ids = [one.work_order_id for one in wanted if one is not None]
    standing.take_in(session, ids)
    visits = queries_work.open_visits_of(session, ids)
    puts: list[Put] = []
    found = [
        _placed(session, standing, one, visits.get(one.work_order_id, ()), puts, at)
        if one is not None
        else None
        for one in wanted
    ]
    amended = iter(write(session, standing, puts, by, at))
    return [_written(one, turn, amended) if one is not None else None for one in found]


def _written(found: Assigned, turn: Turn, amended: Iterator[Amended]) -> Assigned:
    visits = []
    for visit in found.visits:
        made = next(amended) if visit.outcome is Outcome.BOOKED else None
        if made is not None:
            turn.wrote(made.line_id)
        visits.append(replace(visit, amended=made))
    return replace(found, visits=tuple(visits))


def _placed(
    session: Session,
    standing: Standing,
    wanted: Wanted,
    visit_ids: Sequence[str],
    puts: list[Put],
    at: datetime,
) -> Assigned | None:
    """Puts the visits of a work order behind what was put already, or leaves all as it is."""
    work_order_id, so_far = wanted.work_order_id, len(puts)
    try:
        if not visit_ids:
            raise UnknownWorkOrderError(work_order_id)
        found = []
        for visit in known_visits(session, standing, work_order_id, visit_ids):
            if visit.id in standing.kept_plan.servers:
                found.append(VisitAssigned(visit.id, Outcome.PLANNED, None))
                continue
            found.append(best_for(standing, visit, wanted.terms, at))
            option = found[-1].option
            if option is not None:
                puts.append(put(session, standing, option))
    except DispatchError as error:
        if isinstance(error, StoreError) or len(puts) > so_far:
            raise
        return None
    return Assigned(work_order_id, standing.version, tuple(found))
