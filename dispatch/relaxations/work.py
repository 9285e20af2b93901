"""Changes of the work itself, and of what stations have."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from dispatch import texts
from dispatch.domain.parts import Lot
from dispatch.domain.places import Station, ToolStock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import GateKind, Priority, Visit, Window
from dispatch.relaxations.base import HOUR_S, Amount, Relaxation, hourly, in_hours
from dispatch.texts import Text

CHASE_S = HOUR_S
"""The working time that it takes to have a gate passed."""


@dataclass(frozen=True, slots=True)
class MoreParts(Amount):
    """Units of a part at a station from the start of the horizon on."""

    step: ClassVar[int] = 1
    station_id: str
    part_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        lot_id = f"+{self.part_id}@{self.station_id}"
        lot = Lot(lot_id, self.station_id, self.part_id, self.amount, snapshot.start_at)
        return replace(snapshot, lots=(*snapshot.lots, lot))

    def fen(self, snapshot: Snapshot) -> int:
        return self.amount * snapshot.policy.part_move_fen

    def text(self, snapshot: Snapshot) -> Text:
        part, place = snapshot.part[self.part_id].name, snapshot.station[self.station_id].name
        return Text(
            f"{self.amount} more {part} ({self.part_id}) at {place}",
            f"{place}再备 {self.amount} 件{part}（{self.part_id}）",
        )


@dataclass(frozen=True, slots=True)
class MoreTools(Amount):
    """Pieces of a tool to lend at a station."""

    step: ClassVar[int] = 1
    station_id: str
    tool: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        def lending(station: Station) -> Station:
            there = sum(s.quantity for s in station.tools if s.tool == self.tool)
            others = tuple(s for s in station.tools if s.tool != self.tool)
            return replace(station, tools=(*others, ToolStock(self.tool, there + self.amount)))

        stations = (lending(s) if s.id == self.station_id else s for s in snapshot.stations)
        return replace(snapshot, stations=tuple(stations))

    def fen(self, snapshot: Snapshot) -> int:
        return self.amount * snapshot.policy.part_move_fen

    def text(self, snapshot: Snapshot) -> Text:
        place = snapshot.station[self.station_id].name
        return Text(
            f"{self.amount} more {self.tool} to borrow at {place}",
            f"{place}再配 {self.amount} 件工具 {self.tool}",
        )


@dataclass(frozen=True, slots=True)
class GatePassed(Relaxation):
    """A gate of a work order that is passed now."""

    work_order_id: str
    kind: GateKind

    def apply(self, snapshot: Snapshot) -> Snapshot:
        orders = (
            replace(
                order,
                gates=tuple(
                    replace(g, passed_at=snapshot.now_at)
                    if g.kind is self.kind and g.passed_at is None
                    else g
                    for g in order.gates
                ),
            )
            if order.id == self.work_order_id
            else order
            for order in snapshot.work_orders
        )
        return replace(snapshot, work_orders=tuple(orders))

    def fen(self, snapshot: Snapshot) -> int:
        return hourly(CHASE_S, snapshot.policy.paid_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:  # noqa: ARG002
        gate = texts.GATES[self.kind]
        return Text(f"{gate.en}, done now,", f"现在完成{gate.zh}")


@dataclass(frozen=True, slots=True)
class Released(Relaxation):
    """A visit that need not wait for its release any more."""

    visit_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        return _with_visit(snapshot, self.visit_id, lambda v: replace(v, release_at=None))

    def fen(self, snapshot: Snapshot) -> int:
        return hourly(CHASE_S, snapshot.policy.paid_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:  # noqa: ARG002
        return Text("its release now instead of later", "现在就放行")


@dataclass(frozen=True, slots=True)
class WiderWindow(Amount):
    """Windows of a visit that open earlier, or close later."""

    step: ClassVar[int] = 60
    visit_id: str
    later: bool

    def apply(self, snapshot: Snapshot) -> Snapshot:
        before = timedelta(seconds=0 if self.later else self.amount)
        after = timedelta(seconds=self.amount if self.later else 0)

        def wider(visit: Visit) -> Visit:
            windows: list[Window] = []
            for window in visit.windows:
                opened = Window(window.open_at - before, window.close_at + after)
                if windows and opened.open_at <= windows[-1].close_at:
                    opened = Window(windows.pop().open_at, opened.close_at)
                windows.append(opened)
            return replace(visit, windows=tuple(windows))

        return _with_visit(snapshot, self.visit_id, wider)

    def fen(self, snapshot: Snapshot) -> int:
        policy = snapshot.policy
        return policy.change_time_fen + hourly(self.amount, policy.paid_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:  # noqa: ARG002
        time = in_hours(self.amount)
        if self.later:
            return Text(f"a promised window that closes {time.en} later", f"约定时段推迟{time.zh}")
        return Text(f"a promised window that opens {time.en} earlier", f"约定时段提前{time.zh}")


@dataclass(frozen=True, slots=True)
class Unpinned(Relaxation):
    """A visit that may be done by others, and at other times, than its pin says."""

    visit_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        return replace(
            snapshot, pins=tuple(p for p in snapshot.pins if p.visit_id != self.visit_id)
        )

    def fen(self, snapshot: Snapshot) -> int:
        return snapshot.policy.change_technician_fen

    def text(self, snapshot: Snapshot) -> Text:  # noqa: ARG002
        return Text("lifting its pin", "解除锁定")


@dataclass(frozen=True, slots=True)
class DearerOut(Amount):
    """Fen by which leaving out visits of a priority would have to be dearer."""

    step: ClassVar[int] = 100
    priority: Priority

    def apply(self, snapshot: Snapshot) -> Snapshot:
        prices = snapshot.policy.unassigned_fen
        dearer = {self.priority.value: prices.of(self.priority) + self.amount}
        policy = replace(snapshot.policy, unassigned_fen=replace(prices, **dearer))
        return replace(snapshot, policy=policy)

    def fen(self, snapshot: Snapshot) -> int:  # noqa: ARG002
        return self.amount

    def text(self, snapshot: Snapshot) -> Text:  # noqa: ARG002
        return Text(
            f"accepting {texts.yuan(self.amount)} yuan more than leaving it out costs",
            f"接受比不排多花 {texts.yuan(self.amount)} 元",
        )


def _with_visit(snapshot: Snapshot, visit_id: str, change: Callable[[Visit], Visit]) -> Snapshot:
    changed = (change(v) if v.id == visit_id else v for v in snapshot.visits)
    return replace(snapshot, visits=tuple(changed))
