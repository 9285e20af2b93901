"""Which shifts could serve each visit, were they empty, and at what price."""

from dispatch.domain.people import Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit
from dispatch.flat import flags, i32, i64, pointers
from dispatch.numbering import Numbering
from solver.problem import FOREVER_S


def candidate_arrays(numbering: Numbering) -> dict[str, object]:
    """The arrays ``candidate_*`` of the problem."""
    counts: list[int] = []
    shifts: list[int] = []
    prices: list[int] = []
    latest: list[int] = []
    told: list[bool] = []
    ask = numbering.qualification
    for visit in numbering.snapshot.visits:
        able = _able(numbering, visit)
        told_ids = _told(numbering.snapshot, visit)
        for member in range(len(numbering.crew_of(visit.id))):
            before = len(shifts)
            for technician, in_shifts in able:
                if not _may_be(numbering, visit, technician, member):
                    continue
                fen = _candidate_fen(numbering, visit, technician, member)
                until = ask.latest_start_at(visit, technician)
                shifts += in_shifts
                prices += [fen] * len(in_shifts)
                latest += [FOREVER_S if until is None else numbering.seconds(until)] * len(
                    in_shifts
                )
                told += [technician.id in told_ids] * len(in_shifts)
            counts.append(len(shifts) - before)
    return {
        "candidate_ptr": pointers(counts),
        "candidate_shift": i32(shifts),
        "candidate_fen": i64(prices),
        "candidate_latest_s": i64(latest),
        "candidate_told": flags(told),
    }


def _told(snapshot: Snapshot, visit: Visit) -> frozenset[str]:
    """Those who were told of a visit, if they are as many as it needs."""
    told = snapshot.commitment.get(visit.id)
    technicians = frozenset(told.technician_ids if told is not None else ())
    return technicians if len(technicians) == visit.crew_size else frozenset()


def _able(numbering: Numbering, visit: Visit) -> list[tuple[Technician, list[int]]]:
    """Who could do a visit, or be one of its crew, each with the shifts that could hold it."""
    ask = numbering.qualification
    if ask.of_visit(visit) is not None or ask.of_crew(visit) is not None:
        return []
    found = []
    for technician in ask.covering.get(numbering.snapshot.site_of(visit).territory, ()):
        if ask.of_technician(visit, technician) is None:
            shifts = [s for s in technician.shifts if ask.of_shift(visit, technician, s) is None]
            if shifts:
                found.append((technician, [numbering.shift_number[s.id] for s in shifts]))
    return found


def _may_be(numbering: Numbering, visit: Visit, technician: Technician, member: int) -> bool:
    """Whether a technician may be that member of a crew.

    Members are alike but for the leader. So that nobody need be looked for in two places, pinned
    technicians come first and the wished one after them.
    """
    if visit.crew_size == 1:
        return True
    places = _places(numbering, visit)
    if technician.id in places:
        return places[technician.id] == member
    is_pinned = member < len(_pinned(numbering.snapshot, visit))
    may_lead = member > 0 or numbering.qualification.of_leader(visit, technician) is None
    return not is_pinned and may_lead


def _pinned(snapshot: Snapshot, visit: Visit) -> list[str]:
    pin = snapshot.pin.get(visit.id)
    if pin is None or pin.technician_id is None:
        return []
    return [pin.technician_id, *pin.other_technician_ids]


def _places(numbering: Numbering, visit: Visit) -> dict[str, int]:
    """Which member of the crew those have to be whom a pin or a wish names."""
    snapshot = numbering.snapshot
    places = {technician_id: i for i, technician_id in enumerate(_pinned(snapshot, visit))}
    wished = visit.wished_technician_id
    if wished is not None and wished not in places:
        leads = numbering.qualification.of_leader(visit, snapshot.technician[wished]) is None
        places[wished] = len(places) or (0 if leads else 1)
    return places


def _candidate_fen(numbering: Numbering, visit: Visit, technician: Technician, member: int) -> int:
    """What it costs that this technician serves a visit, wherever it stands."""
    snapshot, prices = numbering.snapshot, numbering.snapshot.policy
    fen = numbering.qualification.over_qualified(visit, technician) * prices.over_qualification_fen
    if (technician.id, snapshot.site_of(visit).territory) in numbering.qualification.backups:
        fen += prices.backup_territory_fen
    if _misses_wish(numbering, visit, technician, member):
        fen += prices.wish_fen
    return fen


def _misses_wish(numbering: Numbering, visit: Visit, technician: Technician, member: int) -> bool:
    """Whether it is by this member that a wish is not granted: only one of a crew can tell."""
    wished = visit.wished_technician_id
    if wished in (None, technician.id):
        return False
    if visit.crew_size == 1:
        return True
    return member == min(_places(numbering, visit)[wished or ""], visit.crew_size - 1)
