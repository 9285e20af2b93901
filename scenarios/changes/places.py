"""Changes of stations and of the way between places."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from dispatch.domain.places import Datum, Point, Station, StationKind
from dispatch.domain.snapshot import RoadTable, SlowedTravel, Snapshot
from dispatch.texts import Text
from scenarios.changes.base import (
    Change,
    Refusal,
    Strict,
    replaced,
    taken,
    territories_of,
    unknown,
)

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class _At(Strict):
    """Where a station is."""

    latitude: Latitude
    longitude: Longitude
    datum: Datum = Datum.WGS84

    @property
    def point(self) -> Point:
        return Point(self.latitude, self.longitude, self.datum)


class OpenStation(Change, _At):
    """A station that was not there: no technicians and no stock yet, which other changes bring."""

    change: Literal["open_station"] = "open_station"
    id: str
    name: str
    city: str
    province: str | None = None
    pickup_minutes: Annotated[int, Field(ge=0)] = 10

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from taken("id", self.id, (*snapshot.station, *snapshot.site))
        yield from _measured("id", self.id, snapshot)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        station = Station(
            id=self.id,
            name=self.name,
            kind=StationKind.STATION,
            point=self.point,
            province=self.province or snapshot.home_province,
            city=self.city,
            pickup_s=60 * self.pickup_minutes,
        )
        return replace(snapshot, stations=(*snapshot.stations, station))

    def text(self) -> Text:
        return Text(f"open {self.name} ({self.id})", f"新开 {self.name}（{self.id}）")


class CloseStation(Change):
    """A station closes; its technicians, stock and tools go to another one."""

    change: Literal["close_station"] = "close_station"
    station: str
    to: str

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("station", (self.station,), snapshot.station)
        yield from unknown("to", (self.to,), snapshot.station)
        if self.station == self.to:
            yield Refusal("to", self.to, Text("it is the one that closes", "它正是要关闭的站"))

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        closed, to = snapshot.station[self.station], snapshot.station[self.to]
        stations = (s for s in snapshot.stations if s.id != self.station)
        return replace(
            snapshot,
            stations=replaced(stations, {to.id: replace(to, tools=(*to.tools, *closed.tools))}),
            technicians=tuple(
                replace(t, station_id=to.id) if t.station_id == closed.id else t
                for t in snapshot.technicians
            ),
            lots=tuple(
                replace(lot, station_id=to.id) if lot.station_id == closed.id else lot
                for lot in snapshot.lots
            ),
        )

    def text(self) -> Text:
        return Text(
            f"close {self.station}, everything to {self.to}",
            f"关闭 {self.station}，人员与库存并入 {self.to}",
        )


class MoveStation(Change, _At):
    """A station at another place, with all that belongs to it."""

    change: Literal["move_station"] = "move_station"
    station: str

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("station", (self.station,), snapshot.station)
        yield from _measured("station", self.station, snapshot)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        moved = replace(snapshot.station[self.station], point=self.point)
        roads = snapshot.travel.roads
        if roads is not None:
            roads = _unknown_to(roads, self.station)
        return replace(
            snapshot,
            stations=replaced(snapshot.stations, {moved.id: moved}),
            travel=replace(snapshot.travel, roads=roads),
        )

    def text(self) -> Text:
        where = f"{self.latitude:g}, {self.longitude:g}"
        return Text(f"move {self.station} to {where}", f"{self.station} 迁至 {where}")


class Travel(Change):
    """Every trip takes ``percent`` of its time (snow: 140), or only trips from or to sites of some
    territories. Distances stay. Travel does not depend on the hour of the day."""

    change: Literal["travel"] = "travel"
    percent: Annotated[float, Field(gt=0, le=10_000)]
    territories: tuple[str, ...] = ()

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("territories", self.territories, territories_of(snapshot))

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        if self.percent == 100:
            return snapshot
        slowed = (*snapshot.travel.slowed, SlowedTravel(self.percent, self.territories))
        return replace(snapshot, travel=replace(snapshot.travel, slowed=slowed))

    def text(self) -> Text:
        where = ", ".join(self.territories)
        return Text(
            f"travel × {self.percent / 100:g} {f'in {where}' if where else 'everywhere'}",
            f"{where or '全部'}路程时间 × {self.percent / 100:g}",
        )


def _measured(field: str, station: str, snapshot: Snapshot) -> Iterator[Refusal]:
    """A travel table says nothing of new places."""
    if snapshot.travel.table is not None:
        yield Refusal(
            field,
            station,
            Text(
                "travel comes from a table here, which does not know the new place; add it there,"
                " or leave the table out",
                "行程取自行程表，表中没有新地点；请在表中补充，或不使用行程表",
            ),
        )


def _unknown_to(roads: RoadTable, place_id: str) -> RoadTable:
    """The table without the legs of a place, which are estimated then."""
    keep = [i for i, known in enumerate(roads.place_ids) if known != place_id]
    seconds, metres = (
        tuple(tuple(table[i][j] for j in keep) for i in keep)
        for table in (roads.seconds, roads.metres)
    )
    return RoadTable(roads.network, tuple(roads.place_ids[i] for i in keep), seconds, metres)
