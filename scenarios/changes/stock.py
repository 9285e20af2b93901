"""Changes of parts: what is there, what comes, and what may be used instead."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, NaiveDatetime

from dispatch.domain.parts import Lot
from dispatch.domain.snapshot import Snapshot
from dispatch.texts import Text
from scenarios.changes.base import Change, Refusal, instant, named, replaced, unknown

_Units = Annotated[int, Field(ge=0, le=1_000_000)]


class Stock(Change):
    """A station has exactly ``units`` of a part now, whatever it had and expected; with no
    ``station`` each station has. ``vans`` are emptied of the part too."""

    change: Literal["stock"] = "stock"
    part: str
    units: _Units
    station: str | None = None
    vans: bool = False

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("part", (self.part,), snapshot.part)
        yield from unknown("station", named(self.station), snapshot.station)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        stations = named(self.station) or tuple(snapshot.station)
        kept = [
            lot
            for lot in snapshot.lots
            if lot.part_id != self.part or lot.station_id not in stations
        ]
        kept += [
            _lot(snapshot, f"{station}={self.part}", station, self.part, self.units)
            for station in (stations if self.units else ())
        ]
        if self.vans:
            snapshot = replace(
                snapshot,
                technicians=tuple(
                    replace(t, van_stock=tuple(q for q in t.van_stock if q.part_id != self.part))
                    for t in snapshot.technicians
                ),
            )
        return replace(snapshot, lots=tuple(kept))

    def text(self) -> Text:
        place = f"at {self.station}" if self.station else "at each station"
        place_zh = self.station or "各服务站"
        vans, vans_zh = (", none on vans", "，随车不带") if self.vans else ("", "")
        return Text(
            f"{self.units} × {self.part} {place}{vans}",
            f"{place_zh}备 {self.part} {self.units} 件{vans_zh}",
        )


class Delivery(Change):
    """So many units more of a part at a station, from a local time on; without one, now."""

    change: Literal["delivery"] = "delivery"
    part: str
    station: str
    units: _Units
    at: NaiveDatetime | None = None

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("part", (self.part,), snapshot.part)
        yield from unknown("station", (self.station,), snapshot.station)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        if not self.units:
            return snapshot
        lot = _lot(snapshot, f"{self.station}+{self.part}", self.station, self.part, self.units)
        if self.at is not None:
            lot = replace(lot, available_at=instant(self.at, snapshot))
        return replace(snapshot, lots=(*snapshot.lots, lot))

    def text(self) -> Text:
        when = f" {self.at:%m-%d %H:%M}" if self.at else ""
        return Text(
            f"{self.units} more {self.part} at {self.station}{when}",
            f"{self.station}{when} 增加 {self.part} {self.units} 件",
        )


class Substitutes(Change):
    """The parts that may be used in place of one, best first; none if the list is empty."""

    change: Literal["substitutes"] = "substitutes"
    part: str
    instead: tuple[str, ...]

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("part", (self.part,), snapshot.part)
        yield from unknown("instead", self.instead, snapshot.part)
        if self.part in self.instead:
            itself = Text("a part cannot replace itself", "备件不能替代它自己")
            yield Refusal("instead", self.part, itself)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        part = replace(snapshot.part[self.part], substitutes=self.instead)
        return replace(snapshot, parts=replaced(snapshot.parts, {part.id: part}))

    def text(self) -> Text:
        what = ", ".join(self.instead)
        return Text(
            f"{what or 'nothing'} may replace {self.part}", f"{self.part} 可由 {what or '无'} 替代"
        )


def _lot(snapshot: Snapshot, name: str, station: str, part: str, units: int) -> Lot:
    """A lot that is there now, with an id that is new."""
    ids = {lot.id for lot in snapshot.lots}
    number = next(n for n in range(1, len(ids) + 2) if f"{name}#{n}" not in ids)
    return Lot(f"{name}#{number}", station, part, units, min(snapshot.now_at, snapshot.start_at))
