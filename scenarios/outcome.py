"""What one run of a scenario came to, as it is kept: figures, and who does which visit when."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.domain.cost import regular_shift_s
from dispatch.domain.plan import StopKind
from dispatch.domain.work import ClockKind
from dispatch.judged import JudgedPlan

LEFT_OUT, COST, LOAD, CLOCK = "left_out:", "cost:", "load:", "clock:"


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who does a visit, and when it starts."""

    technician_ids: tuple[str, ...]
    start_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run. ``figures`` are by code (see ``scenarios.figures``); ``visits`` are the planned
    ones; ``left_out`` says for the others which rule comes closest to letting them in."""

    key: str
    seed: int
    figures: Mapping[str, float]
    visits: Mapping[str, Appointment]
    left_out: Mapping[str, str]


def outcome_of(key: str, seed: int, judged: JudgedPlan) -> Outcome:
    visits = {
        visit_id: Appointment(
            tuple(sorted(m.technician_id for m in served)),
            judged.verdict.timetable.start_of(visit_id),
        )
        for visit_id, served in judged.served.items()
    }
    left_out = {left.visit_id: left.code for left in judged.plan.unassigned}
    return Outcome(key, seed, _figures(judged), visits, left_out)


def _figures(judged: JudgedPlan) -> dict[str, float]:
    kpis = judged.verdict.kpis
    loads = _loads(judged)
    mean = sum(loads.values()) / len(loads) if loads else 0.0
    figures: dict[str, float] = {
        "violations": len(judged.verdict.violations),
        "planned": kpis.planned,
        "unassigned": kpis.unassigned,
        "on_time": kpis.on_time,
        "travel_s": kpis.travel_s,
        "travel_m": kpis.travel_m,
        "paid_s": kpis.paid_s,
        "overtime_s": kpis.overtime_s,
        "nights": kpis.nights,
        "utilisation": kpis.utilisation_permille,
        "unevenness": sum(abs(x - mean) for x in loads.values()) / len(loads) if loads else 0.0,
        "used_up": _used_up(judged),
        "total_fen": kpis.total_fen,
    }
    for kind in ClockKind:
        if kpis.clocks[kind].counted:
            clock = kpis.clocks[kind]
            figures[f"{CLOCK}{kind}"] = 1000 * clock.on_time / clock.counted
    reasons = Counter(left.code for left in judged.plan.unassigned)
    figures |= {f"{LEFT_OUT}{code}": count for code, count in reasons.items()}
    figures |= {f"{COST}{item}": fen for item, fen in judged.verdict.cost.by_item().items()}
    return figures | {f"{LOAD}{technician}": load for technician, load in loads.items()}


def _loads(judged: JudgedPlan) -> dict[str, float]:
    """Paid time over the length of the regular shifts, in permille, by technician who has any."""
    paid = {t.technician_id: t.paid_s for t in judged.verdict.kpis.technicians}
    regular = {t.id: regular_shift_s(t) for t in judged.snapshot.technicians}
    return {i: 1000 * paid[i] / length_s for i, length_s in regular.items() if length_s}


def _used_up(judged: JudgedPlan) -> int:
    """How many stocks of a part at a station the plan uses up."""
    left = Counter[tuple[str, str]]()
    for lot in judged.snapshot.lots:
        if lot.available_at < judged.snapshot.end_at:
            left[lot.station_id, lot.part_id] += lot.quantity
    had = {place for place, units in left.items() if units}
    for route in judged.plan.routes:
        for stop in route.stops:
            if stop.kind is StopKind.PICKUP and stop.station_id is not None:
                for part in stop.parts:
                    left[stop.station_id, part.part_id] -= part.quantity
    return sum(left[place] <= 0 for place in had)
