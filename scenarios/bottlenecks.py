"""What holds a plan back most: each scarce thing is made plentiful, alone, and planned again.

A territory gets as many technicians again as it has, everybody a skill, every station enough of a
part, and everybody may work two hours longer. What the plan then costs less is what relieving that
bottleneck would bring; the other bottlenecks stay.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from dispatch.domain.cost import running_clocks
from dispatch.domain.people import Coverage, ShiftKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind
from dispatch.texts import Text
from scenarios.changes import Change
from scenarios.changes.people import Hire, Overtime, Train
from scenarios.changes.stock import Delivery
from scenarios.outcome import Outcome
from scenarios.scenario import Scenario
from scenarios.statistics import Interval, paired
from scenarios.study import Carried, Laboratory
from scenarios.sweep import COST

MOST_OF_A_KIND = 6
"""So many territories, skills and parts are tried: those of most visits that go wrong."""
LONGER_MIN = 120
_LEVEL = 0.05


@dataclass(frozen=True)
class Relief:
    """One scarce thing, and the changes that make it plentiful. ``kind``: territory, skill, part or
    hours."""

    kind: str
    name: str
    changes: tuple[Change, ...]

    @property
    def text(self) -> Text:
        kind = _KINDS[self.kind]
        return Text(f"{kind.en} {self.name}".rstrip(), f"{kind.zh}{self.name}")


_KINDS: Mapping[str, Text] = {
    "territory": Text("technicians of territory", "责任区技术员："),
    "skill": Text("skill", "技能："),
    "part": Text("part", "备件："),
    "hours": Text("hours of work", "工时"),
}


@dataclass(frozen=True)
class Bottleneck:
    """What relieving it would save, on average and with each seed."""

    relief: Relief
    saved_fen: Interval
    by_seed: Mapping[int, float]


def bottlenecks(scenario: Scenario, laboratory: Laboratory) -> tuple[Bottleneck, ...]:
    """What was tried, the bottleneck that is dearest first. Runs of the scenario itself come first;
    of those who stop before the others are done, what there is by then is ranked."""
    (base,) = laboratory.carry_out([scenario])
    if not base.outcomes:
        return ()
    seed, outcome = next(iter(base.outcomes.items()))
    tries = reliefs(scenario.facts(seed), outcome)
    carried = laboratory.carry_out(
        [scenario.having(f"{r.kind} {r.name}", *r.changes) for r in tries]
    )
    found = [
        _bottleneck(relief, base, one)
        for relief, one in zip(tries, carried, strict=True)
        if base.outcomes.keys() & one.outcomes.keys()
    ]
    return tuple(sorted(found, key=lambda b: -b.saved_fen.mean))


def reliefs(facts: Snapshot, outcome: Outcome) -> tuple[Relief, ...]:
    """What may be worth a try: whatever visits need that stay out or come late."""
    wrong = [facts.visit[visit_id] for visit_id in gone_wrong(facts, outcome)]
    territories = Counter(facts.site_of(v).territory for v in wrong)
    skills = Counter(n.skill for v in wrong for n in v.skills)
    parts = Counter(q.part_id for v in wrong for q in v.parts)
    found = [_of_territory(facts, name) for name in _most(territories)]
    found += [_of_skill(facts, name) for name in _most(skills)]
    found += [_of_part(facts, name) for name in _most(parts)]
    if wrong:
        found.append(_of_hours(facts))
    return tuple(relief for relief in found if relief.changes)


def gone_wrong(facts: Snapshot, outcome: Outcome) -> Iterator[str]:
    """The visits that are left out, or stop a clock too late."""
    for visit_id, clocks in running_clocks(facts).items():
        appointment = outcome.visits.get(visit_id)
        if appointment is None:
            yield visit_id
            continue
        end_at = appointment.start_at + timedelta(seconds=facts.visit[visit_id].duration_s)
        stops = dict.fromkeys(ClockKind, appointment.start_at) | {ClockKind.RESTORE: end_at}
        if any(stops[clock.kind] > clock.due_at for clock in clocks):
            yield visit_id


def _most(counted: Counter[str]) -> Iterable[str]:
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [name for name, _ in ranked[:MOST_OF_A_KIND]]


def _of_territory(facts: Snapshot, territory: str) -> Relief:
    primary = [
        t.id
        for t in facts.technicians
        if any(c.territory == territory and c.coverage is Coverage.PRIMARY for c in t.territories)
    ]
    hired = tuple(Hire(like=like, territories=(territory,)) for like in primary)
    return Relief("territory", territory, hired)


def _of_skill(facts: Snapshot, skill: str) -> Relief:
    level = max(n.level for v in facts.visits for n in v.skills if n.skill == skill)
    return Relief("skill", skill, (Train(skill=skill, level=max(1, level)),))


def _of_part(facts: Snapshot, part: str) -> Relief:
    needed = sum(q.quantity for v in facts.visits for q in v.parts if q.part_id == part)
    everywhere = (Delivery(part=part, station=s.id, units=needed) for s in facts.stations)
    return Relief("part", part, tuple(everywhere))


def _of_hours(facts: Snapshot) -> Relief:
    shifts = [s for t in facts.technicians for s in t.shifts if s.kind is ShiftKind.REGULAR]
    if not shifts:
        return Relief("hours", "", ())
    minutes = max(s.max_overtime_s for s in shifts) // 60 + LONGER_MIN
    most = max(len(t.shifts) for t in facts.technicians)
    return Relief("hours", "", (Overtime(minutes=minutes, total_minutes=minutes * most),))


def _bottleneck(relief: Relief, base: Carried, relieved: Carried) -> Bottleneck:
    saved = {
        seed: outcome.figures[COST] - relieved.outcomes[seed].figures[COST]
        for seed, outcome in base.outcomes.items()
        if seed in relieved.outcomes
    }
    return Bottleneck(relief, paired(list(saved.values()), _LEVEL), saved)
