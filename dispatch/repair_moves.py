"""Repairs of a plan by single visits, in milliseconds."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum

from dispatch.day import Day
from dispatch.domain.people import Coverage, ShiftKind
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Priority
from dispatch.kept_plan import KeptPlan
from solver.insertion import Insertion, Place

_MOST_REINSERTED = 40
"""Of so many visits that are out a place is looked for: the dearest."""


class AlternativeKind(StrEnum):
    """What is done about it, the least first."""

    DO_NOTHING = "do_nothing"
    REINSERT = "reinsert"
    SWAP = "swap"
    BACKUP = "backup"
    SEARCH = "search"
    FREE = "free"


def at_once(day: Day, legal: Plan) -> Iterator[tuple[AlternativeKind, Plan]]:
    """What single insertions make of a legal plan, in milliseconds."""
    backups = _backups(day.snapshot)
    ways: tuple[tuple[AlternativeKind, Callable[[KeptPlan, str], Insertion | None]], ...] = (
        (AlternativeKind.REINSERT, cheapest_place),
        (AlternativeKind.SWAP, _exchange),
        (AlternativeKind.BACKUP, lambda kept, v: cheapest_place(kept, v, backups.get(v, set()))),
    )
    for kind, way_of in ways:
        kept_plan = KeptPlan(day.snapshot, day.travel, legal)
        took = [_take(kept_plan, v, way_of) for v in dearest_first(kept_plan)]
        if any(took):
            yield kind, kept_plan.plan


def dearest_first(kept_plan: KeptPlan) -> list[str]:
    """The visits that are out, those that cost most to leave out first; some forty at most."""
    numbers, problem = kept_plan.numbering.visit_number, kept_plan.kept.problem
    out = [left.visit_id for left in kept_plan.plan.unassigned]
    dearest = sorted(out, key=lambda v: -int(problem.visit_unassigned_fen[numbers[v]]))
    return dearest[:_MOST_REINSERTED]


def _take(
    kept_plan: KeptPlan, visit_id: str, way_of: Callable[[KeptPlan, str], Insertion | None]
) -> bool:
    """Plans a visit if that costs less than leaving it out; whether it did it in that way."""
    worth_fen = price_out(kept_plan, visit_id)
    plain = cheapest_place(kept_plan, visit_id)
    way = way_of(kept_plan, visit_id)
    chosen = way or plain
    if chosen is None or chosen.added_fen >= worth_fen:
        return False
    kept_plan.apply(chosen)
    return way is not None


def price_out(kept_plan: KeptPlan, visit_id: str) -> int:
    """What it costs to leave a visit out, in fen."""
    number = kept_plan.numbering.visit_number[visit_id]
    return int(kept_plan.kept.problem.visit_unassigned_fen[number])


def cheapest_place(
    kept_plan: KeptPlan, visit_id: str, shifts: AbstractSet[str] | None = None
) -> Insertion | None:
    """The cheapest legal place of a visit that is out, in one of some shifts (None: in any)."""
    kept, numbering = kept_plan.kept, kept_plan.numbering
    most = 1 if shifts is None else len(numbering.shifts)
    ways, _ = kept.insertions(numbering.visit_number[visit_id], most)
    for way in ways:
        shift = int(kept.problem.candidate_shift[way.places[0].candidate])
        fits = shifts is None or numbering.shifts[shift][1] in shifts
        if fits and _touches_open_routes_only(kept_plan, way):
            return way
    return None


def _touches_open_routes_only(kept_plan: KeptPlan, way: Insertion) -> bool:
    with kept_plan.kept.trial(way.out, way.places):
        return not kept_plan.kept.closed & set(kept_plan.kept.touched())


def _exchange(kept_plan: KeptPlan, visit_id: str) -> Insertion | None:
    """The cheapest way to plan a visit for which one other changes its shift."""
    kept, numbering = kept_plan.kept, kept_plan.numbering
    number = numbering.visit_number[visit_id]
    pinned, ties = kept_plan.snapshot.pin, kept_plan.tied_visits
    if len(numbering.crew_of(visit_id)) > 1 or visit_id in ties:
        return None
    shifts = set(kept.problem.candidate_shift[slice(*kept.problem.candidate_ptr[number:][:2])])
    worth_fen, base_fen = price_out(kept_plan, visit_id), kept.cost_fen
    best: Insertion | None = None
    for other_id in kept_plan.servers:
        other = numbering.visit_number[other_id]
        shift = kept.shift_of(other)
        if (
            shift not in shifts
            or other_id in pinned
            or other_id in ties
            or len(numbering.crew_of(other_id)) > 1
            or not kept_plan.is_movable(other_id)
        ):
            continue
        places = (Place(number), Place(other))
        with kept.trial((other,), places):
            goes_elsewhere = kept.shift_of(other) not in (-1, shift)
            is_open = not kept.closed & set(kept.touched())
            added_fen = kept.cost_fen - base_fen + worth_fen
            is_legal = goes_elsewhere and is_open and kept.shift_of(number) >= 0
        if is_legal and (best is None or added_fen < best.added_fen):
            best = Insertion(added_fen, places, (other,))
    return best


def _backups(snapshot: Snapshot) -> dict[str, set[str]]:
    """For each visit the shifts of those who are called when things go wrong: who covers the
    territory as backup, and who is on standby."""
    shifts: dict[str, set[str]] = {}
    standby: set[str] = set()
    for technician in snapshot.technicians:
        own = {s.id for s in technician.shifts}
        standby |= {s.id for s in technician.shifts if s.kind is ShiftKind.STANDBY}
        for cover in technician.territories:
            if cover.coverage is Coverage.BACKUP:
                shifts.setdefault(cover.territory, set()).update(own)
    return {
        visit.id: shifts.get(snapshot.site_of(visit).territory, set())
        | (standby if snapshot.order_of(visit).priority is Priority.EMERGENCY else set())
        for visit in snapshot.visits
    }
