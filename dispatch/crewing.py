"""Who goes along: the crew of a visit completed around those whom a person named."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from dispatch.domain.people import Technician
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.domain.work import Visit
from dispatch.placing import Place, joined, place
from dispatch.qualification import Qualification


def with_whole_crew(
    snapshot: Snapshot,
    plan: Plan,
    legs: Legs,
    wanted: Place,
    allow: Callable[[str], bool],
) -> Place:
    """The place with as many technicians as the visit needs.

    Those who are missing come one after the other: with whom fewest rules are broken, of these
    with whom it costs least. Of those who may do the visit only whom ``allow`` takes by his id;
    the crew stays short if there is nobody else. Raises PlacingError.
    """
    changed = place(snapshot, plan, legs, wanted)
    visit = snapshot.visit[wanted.visit_id]
    able = [t for t in _able(snapshot, legs, visit) if allow(t.id)]
    while len(wanted.technician_ids) < visit.crew_size:
        tried = {
            t.id: found
            for t in able
            if t.id not in wanted.technician_ids
            and (found := joined(snapshot, changed, legs, wanted, t)) is not None
        }
        if not tried:
            return wanted
        best = min(tried, key=lambda technician_id: (tried[technician_id][0], technician_id))
        changed = tried[best][1]
        wanted = replace(wanted, technician_ids=(*wanted.technician_ids, best))
    return wanted


def _able(snapshot: Snapshot, legs: Legs, visit: Visit) -> Iterator[Technician]:
    """Who could be one of a visit's crew in some shift."""
    ask = Qualification(snapshot, legs)
    for technician in ask.covering.get(snapshot.site_of(visit).territory, ()):
        if ask.of_technician(visit, technician) is None and any(
            ask.of_shift(visit, technician, shift) is None for shift in technician.shifts
        ):
            yield technician
