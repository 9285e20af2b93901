"""Which visits change hands between two scenarios, and why.

Two searches of the same facts deal out many visits in ways that cost the same, so one pair of plans
says little. A visit has changed hands if nobody who does it in any run of the one scenario does it
in any run of the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dispatch import texts
from dispatch.domain.clocks import clocks_of
from dispatch.domain.people import Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit
from dispatch.qualification import Hindrance, Qualification
from dispatch.texts import Language, Text
from dispatch.travel import travel_of
from scenarios.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Handover:
    """A visit that others do, or that is in or out now. Ids are of those who do it in any run;
    none: it is left out in all of them."""

    visit_id: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    why: Text


def handovers(
    facts: tuple[Snapshot, Snapshot], before: Sequence[Outcome], after: Sequence[Outcome]
) -> tuple[Handover, ...]:
    """The visits that both scenarios have and that changed hands, in order of their ids."""
    first, second = _who(before), _who(after)
    known = facts[0].visit.keys() & facts[1].visit.keys()
    ask = Qualification(facts[1], travel_of(facts[1]))
    found = []
    for visit_id in sorted(first.keys() & second.keys() & known):
        was, is_ = first[visit_id], second[visit_id]
        if was & is_:
            continue
        old, new = (tuple(sorted(i for i in side if i)) for side in (was, is_))
        why = _why(facts, ask, visit_id, old, new, after)
        found.append(Handover(visit_id, old, new, why))
    return tuple(found)


def _who(runs: Sequence[Outcome]) -> Mapping[str, set[str]]:
    """Who does each visit that all runs have, in any of them; "" stands for nobody."""
    found: dict[str, set[str]] = {}
    seen: Counter[str] = Counter()
    for run in runs:
        seen.update((*run.visits, *run.left_out))
        for visit_id, appointment in run.visits.items():
            found.setdefault(visit_id, set()).update(appointment.technician_ids)
        for visit_id in run.left_out:
            found.setdefault(visit_id, set()).add("")
    return {visit_id: who for visit_id, who in found.items() if seen[visit_id] == len(runs)}


def _why(
    facts: tuple[Snapshot, Snapshot],
    ask: Qualification,
    visit_id: str,
    old: tuple[str, ...],
    new: tuple[str, ...],
    after: Iterable[Outcome],
) -> Text:
    """The first of the reasons that holds, from the visit itself to those who do it."""
    first, second = facts
    visit = second.visit[visit_id]
    if not new:
        code = next(run.left_out[visit_id] for run in after if visit_id in run.left_out)
        en, zh = (texts.rule(code, lang) for lang in Language)
        return Text(f"left out now: {en}", f"现未排入：{zh}")
    if _clocks(first, visit_id) != _clocks(second, visit_id):
        return Text("its clocks run otherwise", "其时限有变")
    if first.visit[visit_id] != visit:
        return Text("it needs something else", "任务要求有变")
    reasons = [_lost(second, ask, visit, technician_id) for technician_id in old]
    if reasons and all(reason is not None for reason in reasons):
        return reasons[0] or _SHIFTED
    hired = [i for i in new if i not in first.technician]
    if hired:
        return Text(f"{hired[0]} is new", f"{hired[0]} 为新增人员")
    changed = [i for i in new if _work(first.technician[i]) != _work(second.technician[i])]
    if changed:
        return Text(f"{changed[0]} can do more now", f"{changed[0]} 的条件有变")
    if not old:
        return Text("there is room now", "现有空档")
    return _SHIFTED


_SHIFTED = Text("work around it was dealt out anew", "周边任务重新分配")


def _clocks(snapshot: Snapshot, visit_id: str) -> tuple[object, ...]:
    return clocks_of(snapshot, snapshot.order_of(snapshot.visit[visit_id]))


def _work(technician: Technician) -> tuple[object, ...]:
    """What matters for who can do what, when."""
    return (
        technician.station_id,
        technician.certificates,
        technician.territories,
        technician.shifts,
        technician.absences,
    )


def _lost(snapshot: Snapshot, ask: Qualification, visit: Visit, technician_id: str) -> Text | None:
    """Why somebody cannot do a visit any more; None if he could."""
    technician = snapshot.technician.get(technician_id)
    if technician is None:
        return Text(f"{technician_id} is not there any more", f"{technician_id} 已不在")
    found = ask.of_technician(visit, technician)
    if found is None:
        by_shift = [ask.of_shift(visit, technician, shift) for shift in technician.shifts]
        found = None if None in by_shift else next(iter(by_shift), Hindrance("shift"))
    if found is None:
        return None
    en, zh = (texts.rule(found.code, lang) for lang in Language)
    return Text(f"{technician_id}: {en}", f"{technician_id}：{zh}")
