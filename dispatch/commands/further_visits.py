"""What facts mean for the other visits of a work order: follow-ups, and clocks that pass on."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from dispatch.commands.stock_picks import known_part
from dispatch.domain.events import Event, EventKind, Failure
from dispatch.domain.further_visits import FOLLOW_UP, follow_up_of, root_of, without
from dispatch.domain.life import Life
from dispatch.domain.parts import PartQuantity
from dispatch.domain.transitions import OVER, State, Track
from dispatch.domain.work import Visit
from dispatch.store import queries_work
from dispatch.store.mapping_life import add_link, add_visit, link_of, write_stops
from dispatch.store.queries import next_position
from dispatch.store.rows_work import VisitRow


def without_dropped(session: Session, life: Life, event: Event) -> Life:
    """Once nobody wants a visit any more, the others of the work order stop its clocks."""
    if event.kind is not EventKind.VISIT_DROPPED or event.visit_id is None:
        return life
    dropped = life.visit[event.visit_id]
    changed = {v.id: v for v in without(dropped, (v for v in life.visits if v != dropped))}
    for visit in changed.values():
        write_stops(session, visit)
    return replace(life, visits=tuple(changed.get(v.id, v) for v in life.visits))


def add_follow_ups(session: Session, before: Life, after: Life) -> Sequence[Visit]:
    """New visits that make good for those that have failed by now, linked as those were."""
    if after.order in OVER:
        return ()
    added = []
    for failed in after.visits:
        states = [life.on(Track.VISIT, failed.id) for life in (before, after)]
        if states[1] is State.FAILED and states[0] is not State.FAILED:
            taken = queries_work.visit_ids_like(session, root_of(failed.id, FOLLOW_UP))
            visit = follow_up_of(failed, taken, _parts_needed(session, after, failed))
            add_visit(session, visit, next_position(session, VisitRow), follows=failed.id)
            _link(session, failed.id, visit.id)
            added.append(visit)
    return added


def _parts_needed(session: Session, life: Life, failed: Visit) -> tuple[PartQuantity, ...]:
    """What the failure says that the next visit needs. Raises StockError for unknown parts."""
    needed = tuple(
        units
        for event in life.events
        if event.visit_id == failed.id and isinstance(event.details, Failure)
        for units in event.details.parts
    )
    for units in needed:
        known_part(session, units.part_id)
    return needed


def _link(session: Session, failed_id: str, visit_id: str) -> None:
    for row in queries_work.links_of(session, failed_id):
        link = link_of(row)
        if link.first_visit_id == failed_id:
            add_link(session, replace(link, first_visit_id=visit_id))
        else:
            add_link(session, replace(link, then_visit_id=visit_id))
