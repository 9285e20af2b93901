"""What a change of a plan does, by the referee: rules broken and mended, cost, clocks."""

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.domain.rules import Violation
from dispatch.domain.work import ClockKind
from dispatch.judged import JudgedPlan


@dataclass(frozen=True, slots=True)
class LateClock:
    """A clock that a change makes late, by so many seconds."""

    visit_id: str
    clock: ClockKind
    late_s: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does.

    ``broken`` are rules that hold less than before, ``mended`` those that hold again. ``late`` are
    clocks that kept their time before, or whose visit was not planned.
    """

    broken: tuple[Violation, ...]
    mended: tuple[Violation, ...]
    cost_before_fen: int
    cost_after_fen: int
    late: tuple[LateClock, ...]

    @property
    def cost_fen(self) -> int:
        """What the change adds to the cost; negative if it saves."""
        return self.cost_after_fen - self.cost_before_fen


def effect_of(before: JudgedPlan, after: JudgedPlan) -> Effect:
    """What becomes of the first plan if the second takes its place."""
    old, new = before.verdict.violations, after.verdict.violations
    return Effect(
        broken=not_among(new, old),
        mended=not_among(old, new),
        cost_before_fen=before.verdict.cost.total_fen,
        cost_after_fen=after.verdict.cost.total_fen,
        late=tuple(_late(before, after)),
    )


def not_among(
    violations: tuple[Violation, ...], known: tuple[Violation, ...]
) -> tuple[Violation, ...]:
    """The violations that are not known, or known only with a smaller amount."""
    amounts: dict[tuple[str | None, ...], int] = {}
    for violation in known:
        key = _key(violation)
        amounts[key] = max(violation.amount, amounts.get(key, 0))
    return tuple(v for v in violations if v.amount > amounts.get(_key(v), -1))


def _key(violation: Violation) -> tuple[str | None, ...]:
    return violation.code, violation.subject, violation.technician_id


def _late(before: JudgedPlan, after: JudgedPlan) -> Iterator[LateClock]:
    known = {
        (margin.visit_id, margin.clock.kind)
        for margin_s, margin in before.tightest_clocks
        if margin_s < 0
    }
    for margin_s, margin in after.tightest_clocks:
        if margin_s < 0 and (margin.visit_id, margin.clock.kind) not in known:
            yield LateClock(margin.visit_id, margin.clock.kind, -margin_s)
