"""How easily a promised window breaks: what becomes of it on days on which all takes longer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dispatch.domain.plan import Plan, Route
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, derive

PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class Slip:
    """On ``days`` of 1,000 days all repairs and drives take longer by ``longer`` thousandths."""

    longer: int
    days: int


SLIPS = (
    Slip(0, 250),
    Slip(50, 200),
    Slip(100, 180),
    Slip(150, 120),
    Slip(200, 90),
    Slip(300, 80),
    Slip(500, 50),
    Slip(1000, 30),
)
"""How days slip, unless an organisation says otherwise: half of them by a tenth or more."""


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


_MOST = {Risk.LOW: 50, Risk.MEDIUM: 200}
"""Up to so many of 1,000 days the risk is called that."""


def risk_of(days: int) -> Risk:
    """What a window that breaks on so many of 1,000 days is called."""
    return next((risk for risk, most in _MOST.items() if days <= most), Risk.HIGH)


def breaks_on(
    snapshot: Snapshot, routes: Sequence[Route], legs: Legs, visit_id: str, slips: Iterable[Slip]
) -> int:
    """On how many of 1,000 days a visit starts after its last window, if everybody carries out
    these routes as they are. They hold all that the visit may wait for."""
    close_at = snapshot.visit[visit_id].windows[-1].close_at
    plan = Plan(tuple(routes))
    return sum(
        slip.days
        for slip in slips
        if slip.longer
        and derive(slipped(snapshot, slip.longer), plan, _SlippedLegs(legs, slip.longer)).start_of(
            visit_id
        )
        > close_at
    )


def slipped(snapshot: Snapshot, longer: int) -> Snapshot:
    """The snapshot in which every repair takes longer by so many thousandths."""
    visits = (replace(v, duration_s=_longer(v.duration_s, longer)) for v in snapshot.visits)
    return replace(snapshot, visits=tuple(visits))


@dataclass(frozen=True, slots=True)
class _SlippedLegs:
    """The same legs, of which every one takes longer by so many thousandths."""

    legs: Legs
    longer: int

    def leg(self, from_id: str, to_id: str) -> tuple[int, int]:
        seconds, metres = self.legs.leg(from_id, to_id)
        return _longer(seconds, self.longer), metres


def _longer(seconds: int, longer: int) -> int:
    return seconds * (PERMILLE + longer) // PERMILLE
