"""Tiny problems in which every rule occurs, small enough for the oracle to try everything.

Each has two or three shifts, two to four visits that ask for at most five members, and some of the
``FEATURES``: all of them together would leave nothing to plan.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations, permutations
from random import Random

from dispatch.domain.parts import Lot, PartQuantity
from dispatch.domain.people import (
    Absence,
    Break,
    Certificate,
    Coverage,
    ShiftKind,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import ToolStock
from dispatch.domain.policy import Policy, UnassignedPrices
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import (
    ClockKind,
    Commitment,
    Link,
    Pin,
    Priority,
    SkillNeed,
    Visit,
    Window,
)
from tests.builders import (
    ALWAYS,
    START_AT,
    FlatLegs,
    a_shift,
    a_site,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    a_work_order,
    at,
)

SITES = ("A", "B", "C")
STATIONS = ("S1", "S2")


@dataclass
class Draft:
    """A snapshot in the making; features change it one after the other."""

    rng: Random
    days: int
    technicians: list[Technician]
    visits: list[Visit]
    policy: Policy
    lots: list[Lot] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    published: list[Commitment] = field(default_factory=list)
    sla_rules: tuple[SlaRule, ...] = ()
    tools: dict[str, int] = field(default_factory=dict)
    emergencies: set[str] = field(default_factory=set)

    def pick(self) -> int:
        """The place of a visit in the list."""
        return self.rng.randrange(len(self.visits))

    def change_visit(self, i: int, **fields: object) -> None:
        self.visits[i] = replace(self.visits[i], **fields)  # type: ignore[arg-type]

    def change_technician(self, i: int, **fields: object) -> None:
        self.technicians[i] = replace(self.technicians[i], **fields)  # type: ignore[arg-type]

    def change_shift(self, i: int, number: int, **fields: object) -> None:
        shifts = list(self.technicians[i].shifts)
        shifts[number] = replace(shifts[number], **fields)  # type: ignore[arg-type]
        self.change_technician(i, shifts=tuple(shifts))

    def any_shift(self) -> tuple[int, int]:
        """A technician and the number of one of the shifts."""
        i = self.rng.randrange(len(self.technicians))
        return i, self.rng.randrange(len(self.technicians[i].shifts))

    def any_minute(self, first_h: int = 8, last_h: int = 15) -> timedelta:
        """On any day, between two hours, since the start of the horizon."""
        minutes = self.rng.randrange(first_h * 60, last_h * 60, 15)
        return timedelta(days=self.rng.randrange(self.days), minutes=minutes)


def tiny(seed: int) -> tuple[Snapshot, FlatLegs]:
    """Problem number ``seed``, and the travel between its places."""
    rng = Random(seed)
    return with_features(seed, rng.sample(sorted(FEATURES), rng.randint(3, 8)))


def with_features(seed: int, names: Sequence[str]) -> tuple[Snapshot, FlatLegs]:
    """A tiny problem with these features, in this order, and no others."""
    rng = Random(seed)
    draft = _plain(rng, names)
    for name in names:
        FEATURES[name](draft)
    return _snapshot_of(draft), _legs(rng, far="night" in names)


def _plain(rng: Random, names: Sequence[str]) -> Draft:
    shapes = [(1, 2), (1, 2), (1, 3), (2, 1), (2, 2)]  # days, people
    if "night" in names:
        shapes = [(2, 1), (3, 1), (2, 2)]
    days, people = (2, 2) if {"night", "crew"} <= {*names} else rng.choice(shapes)
    if "crew" in names:
        people = max(people, 2)
    visits = [
        a_visit(f"V{i}", rng.choice(SITES), duration_s=60 * rng.randrange(30, 150, 10))
        for i in range(1, rng.randint(2, 4 if days * people == 2 else 3) + 1)
    ]
    technicians = [
        a_technician(
            f"T{i}",
            station_id="S2" if rng.random() < 0.3 else "S1",
            shifts=tuple(a_shift(f"T{i}", day) for day in range(days)),
        )
        for i in range(1, people + 1)
    ]
    policy = Policy(
        "tiny",
        UnassignedPrices(*(rng.choice((20_000, 60_000, 400_000)),) * 4),
        travel_fen_per_h=rng.choice((0, 2_000, 3_001)),
        travel_fen_per_km=rng.choice((0, 120)),
        paid_fen_per_h=rng.choice((0, 4_500, 4_999)),
        overtime_fen_per_h=7_000,
    )
    return Draft(rng, days, technicians, visits, policy)


def _snapshot_of(draft: Draft) -> Snapshot:
    orders = [
        a_work_order(
            v.work_order_id,
            v.work_order_id.split("@")[1],
            priority=Priority.EMERGENCY if v.id in draft.emergencies else Priority.NORMAL,
        )
        for v in draft.visits
    ]
    tools = tuple(ToolStock(tool, pieces) for tool, pieces in draft.tools.items())
    stations = (a_station("S1"), a_station("S2", tools=tools))
    return a_snapshot(
        visits=draft.visits,
        technicians=draft.technicians,
        sites=[a_site(site_id) for site_id in SITES],
        work_orders=orders,
        stations=stations,
        policy=draft.policy,
        lots=tuple(draft.lots),
        links=tuple(draft.links),
        pins=tuple(draft.pins),
        published=tuple(draft.published),
        sla_rules=draft.sla_rules,
        end_at=START_AT + timedelta(days=draft.days),
    )


def _legs(rng: Random, far: bool) -> FlatLegs:
    """From a few minutes to two hours; half of the problems lie close together. ``far``: it takes
    two to four hours from the stations to the sites."""
    longest_min = rng.choice((40, 120))
    places = (*STATIONS, *SITES)
    seconds: dict[tuple[str, str], int] = {}
    for one, other in combinations(places, 2):
        minutes = rng.randint(5, longest_min) + (120 if far and one in STATIONS else 0)
        seconds[one, other] = seconds[other, one] = 60 * minutes + rng.randrange(60)
    for by, one, other in permutations(places, 3):  # no way round is shorter than the leg
        seconds[one, other] = min(seconds[one, other], seconds[one, by] + seconds[by, other])
    return FlatLegs(table={leg: (taken_s, 15 * taken_s) for leg, taken_s in seconds.items()})


# ---------------------------------------------------------------------------------- features


def _crew(draft: Draft) -> None:
    if len(draft.technicians) > 1:
        draft.change_visit(draft.pick(), crew_size=2)


def _link(draft: Draft) -> None:
    """A second visit after a first: at least, at most, or both; either way round in time."""
    first, then = draft.rng.sample(draft.visits, 2)
    min_lag_s = draft.rng.choice((None, 0, 1800, 7200, -1800))
    max_lag_s = draft.rng.choice((None, 1800, 7200))
    if min_lag_s is None and max_lag_s is None:
        min_lag_s = 0
    if min_lag_s is not None and max_lag_s is not None:
        max_lag_s = max(min_lag_s, max_lag_s)
    draft.links.append(Link(first.id, then.id, min_lag_s, max_lag_s))


def _same_technician(draft: Draft) -> None:
    first, then = draft.rng.sample(draft.visits, 2)
    draft.links.append(Link(first.id, then.id, None, None, same_technician=True))


def _night(draft: Draft) -> None:
    for i in range(len(draft.technicians)):
        nights = draft.rng.choice((1, 1, 2))
        draft.change_technician(i, may_stay_overnight=True, max_nights=nights)
    draft.policy = replace(draft.policy, lodging_fen=draft.rng.choice((500, 3_000)))


def _tool(draft: Draft) -> None:
    """A ladder that some own and S2 lends."""
    draft.tools["ladder"] = 1
    for i in {draft.pick(), draft.pick()}:
        if not draft.visits[i].parts:
            draft.change_visit(i, tools=("ladder",))
    if draft.rng.random() < 0.4:
        draft.change_technician(0, tools=("ladder",))


def _part(draft: Draft) -> None:
    """A camera, or its substitute, from the van or a depot, where some may arrive later."""
    i = draft.pick()
    if draft.visits[i].tools or draft.visits[i].parts:
        return
    draft.change_visit(i, parts=(PartQuantity("camera", 1),))
    if draft.rng.random() < 0.4:
        van = (PartQuantity(draft.rng.choice(("camera", "camera2")), 1),)
        draft.change_technician(draft.rng.randrange(len(draft.technicians)), van_stock=van)
    for number in range(draft.rng.choice((0, 1, 2, 2))):
        later = draft.rng.random() < 0.5
        there_at = START_AT + draft.any_minute(9, 14) if later else START_AT - timedelta(days=2)
        part = draft.rng.choice(("camera", "camera", "camera2"))
        lot_id = f"L{len(draft.lots)}-{number}"
        draft.lots.append(Lot(lot_id, draft.rng.choice(STATIONS), part, 1, there_at))
    draft.policy = replace(draft.policy, part_move_fen=1_500)


def _windows(draft: Draft) -> None:
    """One or two windows, before noon and after it."""
    for i in {draft.pick(), draft.pick()}:
        day = draft.rng.randrange(draft.days)
        opening, closing = draft.rng.randint(8, 10), draft.rng.randint(13, 15)
        halves = [
            Window(at(opening, 30, day), at(opening + draft.rng.randint(1, 2), day=day)),
            Window(at(closing, day=day), at(closing + 1, 20, day=day)),
        ]
        chosen = halves if draft.rng.random() < 0.5 else [draft.rng.choice(halves)]
        draft.change_visit(i, windows=tuple(chosen))


def _clocks(draft: Draft) -> None:
    """Two clocks on every visit, of which some have to run out."""
    kinds = draft.rng.sample((ClockKind.ARRIVE, ClockKind.RESTORE, ClockKind.RESPOND), 2)
    terms = tuple(
        ClockTerms(
            kind,
            round(draft.any_minute(8, 12).total_seconds()),
            ALWAYS.id,
            breach_fen=draft.rng.choice((0, 4_000)),
            late_fen_per_h=draft.rng.choice((1_000, 6_001)),
        )
        for kind in kinds
    )
    draft.sla_rules = (SlaRule("all", clocks=terms),)
    draft.policy = replace(draft.policy, clock_permille=draft.rng.choice((500, 1000)))


def _worst_late(draft: Draft) -> None:
    _clocks(draft)
    fen_per_h = draft.rng.choice((2_000, 20_001))
    draft.policy = replace(draft.policy, worst_late_fen_per_h=fen_per_h)


def _fairness(draft: Draft) -> None:
    draft.policy = replace(
        draft.policy, unfair_fen_per_h=draft.rng.choice((3_000, 9_001)), fair_share_permille=300
    )


def _published(draft: Draft) -> None:
    draft.policy = replace(draft.policy, change_technician_fen=8_000, change_time_fen=4_000)
    for visit in draft.rng.sample(draft.visits, 2):
        if len(draft.technicians) >= visit.crew_size:
            crew = draft.rng.sample(draft.technicians, visit.crew_size)
            told = tuple(sorted(t.id for t in crew))
            draft.published.append(Commitment(visit.id, told, START_AT + draft.any_minute()))


def _standby(draft: Draft) -> None:
    i, number = draft.any_shift()
    draft.change_shift(i, number, kind=ShiftKind.STANDBY)
    draft.emergencies |= {v.id for v in draft.visits if draft.rng.random() < 0.7}


def _pin(draft: Draft) -> None:
    visit = draft.visits[draft.pick()]
    if draft.pins or visit.crew_size > 1:
        return
    technician = draft.rng.choice(draft.technicians)
    others = [v.id for v in draft.visits if v.id != visit.id and v.crew_size == 1]
    pins = [
        Pin(visit.id, technician_id=technician.id),
        Pin(visit.id, start_at=START_AT + draft.any_minute(10, 14)),
        *(Pin(visit.id, after_visit_id=v) for v in others),
    ]
    draft.pins.append(draft.rng.choice(pins))


def _break(draft: Draft) -> None:
    i, number = draft.any_shift()
    day = draft.technicians[i].shifts[number].start_at - at(8)
    lunch = Break(at(11, 30) + day, at(12, 30) + day, 60 * draft.rng.choice((30, 45)))
    draft.change_shift(i, number, breaks=(lunch,))


def _absence(draft: Draft) -> None:
    i, number = draft.any_shift()
    if draft.technicians[i].absences or draft.technicians[i].shifts[number].breaks:
        return
    begin = draft.technicians[i].shifts[number].start_at + timedelta(hours=4)
    draft.change_technician(i, absences=(Absence(begin, begin + timedelta(hours=1)),))


def _run_in(draft: Draft) -> None:
    """Somebody waits at a site; another visit at the same site may be done meanwhile."""
    i, j = draft.rng.sample(range(len(draft.visits)), 2)
    draft.change_visit(i, run_in_s=60 * draft.rng.choice((45, 150)))
    site = draft.visits[i].work_order_id.split("@")[1]
    draft.change_visit(j, work_order_id=f"{draft.visits[j].id}@{site}")


def _overtime(draft: Draft) -> None:
    """Short shifts that may be longer, within a limit over the horizon."""
    for i, technician in enumerate(draft.technicians):
        draft.change_technician(i, max_total_overtime_s=5400)
        for number, shift in enumerate(technician.shifts):
            end_at = shift.start_at + timedelta(hours=draft.rng.randint(3, 5))
            draft.change_shift(i, number, end_at=end_at, max_overtime_s=3600)


def _limits(draft: Draft) -> None:
    i = draft.rng.randrange(len(draft.technicians))
    draft.change_technician(i, max_visits=2, max_travel_s=60 * draft.rng.choice((60, 150, 240)))


def _rest(draft: Draft) -> None:
    for i in range(len(draft.technicians)):
        draft.change_technician(i, min_rest_s=3600 * draft.rng.choice((17, 20)))


def _skills(draft: Draft) -> None:
    """Who can, at which level, as backup or not at all, and whom the customer wishes for."""
    i = draft.pick()
    wished = draft.rng.choice(draft.technicians).id
    draft.change_visit(i, skills=(SkillNeed("camera", 2),), wished_technician_id=wished)
    for j in range(len(draft.technicians)):
        level = draft.rng.choice((1, 2, 3, 3))
        cover = draft.rng.choice((Coverage.PRIMARY, Coverage.BACKUP))
        draft.change_technician(
            j,
            certificates=(Certificate("camera", level),),
            territories=(TerritoryCover("north", cover),),
        )
    draft.policy = replace(
        draft.policy, over_qualification_fen=1_000, backup_territory_fen=2_500, wish_fen=3_000
    )


def _excluded(draft: Draft) -> None:
    draft.change_technician(0, excluded_sites=(draft.rng.choice(SITES),))


def _release(draft: Draft) -> None:
    draft.change_visit(draft.pick(), release_at=START_AT + draft.any_minute(8, 12))


FEATURES: dict[str, Callable[[Draft], None]] = {
    "absence": _absence,
    "break": _break,
    "clocks": _clocks,
    "crew": _crew,
    "excluded": _excluded,
    "fairness": _fairness,
    "limits": _limits,
    "link": _link,
    "night": _night,
    "overtime": _overtime,
    "part": _part,
    "pin": _pin,
    "published": _published,
    "release": _release,
    "rest": _rest,
    "run_in": _run_in,
    "same_technician": _same_technician,
    "skills": _skills,
    "standby": _standby,
    "tool": _tool,
    "windows": _windows,
    "worst_late": _worst_late,
}
