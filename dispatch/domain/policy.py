"""A policy is a named set of prices, all in fen."""

from dataclasses import dataclass

from dispatch.domain.work import Priority

CHANGE_SOON_S = 4 * 3600
"""What people were told costs more to change from so long before it is due: twice when it is."""


@dataclass(frozen=True, slots=True)
class UnassignedPrices:
    emergency: int
    high: int
    normal: int
    low: int

    def of(self, priority: Priority) -> int:
        prices: dict[Priority, int] = {
            Priority.EMERGENCY: self.emergency,
            Priority.HIGH: self.high,
            Priority.NORMAL: self.normal,
            Priority.LOW: self.low,
        }
        return prices[priority]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a plan pays. Every price is a non-negative integer.

    ``clock_permille`` scales the SLA rules' own prices (1000: as the contract says).
    ``fair_share_permille`` is the part of a technician's regular shift hours above which paid
    time counts as unfair load. ``change_tolerance_s`` is how far a start that people were told
    may move for nothing. ``worst_late_fen_per_h`` is paid once, for the latest clock of all.
    """

    name: str
    unassigned_fen: UnassignedPrices
    clock_permille: int = 1000
    travel_fen_per_h: int = 0
    travel_fen_per_km: int = 0
    paid_fen_per_h: int = 0
    overtime_fen_per_h: int = 0
    lodging_fen: int = 0
    backup_territory_fen: int = 0
    over_qualification_fen: int = 0
    wish_fen: int = 0
    unfair_fen_per_h: int = 0
    fair_share_permille: int = 1000
    change_technician_fen: int = 0
    change_time_fen: int = 0
    change_tolerance_s: int = 900
    part_move_fen: int = 0
    worst_late_fen_per_h: int = 0


def _yuan(amount: int) -> int:
    return amount * 100


BALANCED = Policy(
    name="balanced",
    unassigned_fen=UnassignedPrices(_yuan(20_000), _yuan(8_000), _yuan(4_000), _yuan(2_000)),
    travel_fen_per_h=_yuan(20),
    travel_fen_per_km=120,
    paid_fen_per_h=_yuan(45),
    overtime_fen_per_h=_yuan(70),
    lodging_fen=_yuan(300),
    backup_territory_fen=_yuan(40),
    over_qualification_fen=_yuan(10),
    wish_fen=_yuan(60),
    unfair_fen_per_h=_yuan(30),
    fair_share_permille=900,
    change_technician_fen=_yuan(80),
    change_time_fen=_yuan(40),
    part_move_fen=_yuan(15),
)
SLA_FIRST = Policy(
    name="sla_first",
    unassigned_fen=UnassignedPrices(_yuan(40_000), _yuan(16_000), _yuan(8_000), _yuan(4_000)),
    clock_permille=4000,
    travel_fen_per_h=_yuan(20),
    travel_fen_per_km=120,
    paid_fen_per_h=_yuan(45),
    overtime_fen_per_h=_yuan(50),
    lodging_fen=_yuan(300),
    backup_territory_fen=_yuan(20),
    wish_fen=_yuan(30),
    fair_share_permille=1000,
    change_technician_fen=_yuan(60),
    change_time_fen=_yuan(30),
    part_move_fen=_yuan(10),
)
COST_FIRST = Policy(
    name="cost_first",
    unassigned_fen=UnassignedPrices(_yuan(20_000), _yuan(6_000), _yuan(3_000), _yuan(1_500)),
    clock_permille=500,
    travel_fen_per_h=_yuan(30),
    travel_fen_per_km=180,
    paid_fen_per_h=_yuan(60),
    overtime_fen_per_h=_yuan(120),
    lodging_fen=_yuan(400),
    backup_territory_fen=_yuan(20),
    over_qualification_fen=_yuan(20),
    wish_fen=_yuan(20),
    unfair_fen_per_h=_yuan(10),
    fair_share_permille=1000,
    change_technician_fen=_yuan(40),
    change_time_fen=_yuan(20),
    part_move_fen=_yuan(20),
)
POLICIES: dict[str, Policy] = {p.name: p for p in (BALANCED, SLA_FIRST, COST_FIRST)}
