"""What keeps visits out of a plan, summed up, and what would let each of them in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dispatch.domain.snapshot import Snapshot
from dispatch.explain import Explainer
from dispatch.judged import JudgedPlan
from dispatch.relaxing import Relaxer, WayIn
from dispatch.texts import Language
from dispatch.travel import Travel


@dataclass(frozen=True, slots=True)
class Reason:
    """A visit that is left out: the rule closest to letting it in, what it costs, the way in."""

    visit_id: str
    code: str
    fen: int
    way_in: WayIn


@dataclass(frozen=True, slots=True)
class Blocker:
    """A rule, how many visits it keeps out, and what that costs in fen."""

    code: str
    visits: int
    fen: int


@dataclass(frozen=True, slots=True)
class Reasons:
    """``reasons`` stand in the order of the plan; of ``blockers`` the dearest is first.

    ``fitting`` are visits that are left out although a legal place is cheaper: none, in a plan
    that the search made.
    """

    reasons: tuple[Reason, ...]
    blockers: tuple[Blocker, ...]
    fitting: tuple[str, ...]


def reasons_of(judged: JudgedPlan, travel: Travel, most: int | None = None) -> Reasons:
    """Why visits are left out. Ways in are looked for for the first ``most`` of them."""
    explainer = Explainer(judged.snapshot, travel, judged.plan)
    relaxer = Relaxer.of(explainer, judged.verdict)
    price = judged.verdict.cost.by_visit()
    reasons = tuple(
        Reason(left.visit_id, left.code, price.get(left.visit_id, 0), relaxer.way_in(left.visit_id))
        for left in judged.plan.unassigned[:most]
    )
    return Reasons(reasons, blockers_of(judged), explainer.fitting())


def blockers_of(judged: JudgedPlan) -> tuple[Blocker, ...]:
    """What the visits that are left out cost, by the rules that come closest to letting them in."""
    price = judged.verdict.cost.by_visit()
    visits: dict[str, int] = {}
    fen: dict[str, int] = {}
    for left in judged.plan.unassigned:
        visits[left.code] = visits.get(left.code, 0) + 1
        fen[left.code] = fen.get(left.code, 0) + price.get(left.visit_id, 0)
    found = (Blocker(code, visits[code], fen[code]) for code in visits)
    return tuple(sorted(found, key=lambda b: (-b.fen, -b.visits, b.code)))


def in_words(way: WayIn, snapshot: Snapshot, lang: Language) -> str:
    """One sentence. ``snapshot`` is that of the plan."""
    if way.plan is None:
        return lang.pick(
            "No change that was tried lets it in, nor two of them together.",
            "试过的改动，无论单项还是两项一起，都不能使其排入。",
        )
    if not way.relaxations:
        who = lang.pick(" and ", "、").join(_who(way, snapshot))
        return lang.pick(
            f"It fits as it is, with {who} (verified).", f"无需改动即可由{who}承担（已验证）。"
        )
    changes = lang.pick(" and ", "，并").join(_changes(way, snapshot, lang))
    return lang.pick(
        f"{changes[0].upper()}{changes[1:]} would let it in (verified).",
        f"{changes}，即可排入（已验证）。",
    )


def _who(way: WayIn, snapshot: Snapshot) -> Iterator[str]:
    """Those who do the visit then."""
    for route in way.plan.routes if way.plan else ():
        if any(stop.visit_id == way.visit_id for stop in route.stops):
            technician = snapshot.technician[route.technician_id]
            yield f"{technician.name} {technician.id}"


def _changes(way: WayIn, snapshot: Snapshot, lang: Language) -> Sequence[str]:
    said = []
    for relaxation in way.relaxations:
        said.append(relaxation.text(snapshot).say(lang))
        snapshot = relaxation.apply(snapshot)
    return said
