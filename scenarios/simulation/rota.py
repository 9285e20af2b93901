"""Who works on which day, with which stock: the facts of a simulated day when it begins."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.day import quantities_of, units_of
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot, PartQuantity
from dispatch.domain.people import Shift, ShiftKind, Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.horizon import snapshot_of
from scenarios.simulation.spells import Spell, slowed_on

_MOST_DAYS = 12
"""A horizon is no longer, however many holidays come."""
_DELIVERY = time(9)


@dataclass
class Stock:
    """Units on each technician's van, and at stations: lots, some of them expected; and what was
    ordered since the day began, by station, part and when it will be there."""

    vans: dict[str, Counter[str]]
    lots: list[Lot]
    ordered: Counter[tuple[str, str, datetime]] = field(default_factory=Counter)

    def order(self, station_id: str, parts: Iterable[PartQuantity], at: datetime) -> None:
        """What was used is ordered again, and is there at an instant."""
        for part in parts:
            self.ordered[station_id, part.part_id, at] += part.quantity

    def next_day(self, facts: Snapshot) -> None:
        """What is there after a day, and what comes."""
        self.vans = {t.id: units_of(t.van_stock) for t in facts.technicians}
        self.lots = list(facts.lots)
        for (station_id, part_id, at), quantity in sorted(self.ordered.items()):
            lot_id = f"R{at:%y%m%d}-{station_id}-{part_id}"
            self.lots.append(Lot(lot_id, station_id, part_id, quantity, at))
        self.ordered.clear()


class Rota:
    """Makes the facts of each day. ``working_days`` are how many days with work a plan looks
    ahead, the day itself among them."""

    def __init__(
        self,
        organisation: Organisation,
        working_days: int,
        spells: Sequence[Spell],
        policy: str | None,
    ) -> None:
        """Nobody sleeps away: a simulated plan does not know where somebody slept."""
        technicians = tuple(replace(t, may_stay_overnight=False) for t in organisation.technicians)
        self.organisation = replace(
            organisation,
            technicians=technicians,
            work_orders=(),
            visits=(),
            links=(),
            pins=(),
            published=(),
        )
        self.zone = ZoneInfo(organisation.time_zone)
        self._working_days, self._spells, self._policy = working_days, spells, policy
        self._city = {station.id: station.city for station in organisation.stations}

    def stock_at_first(self) -> Stock:
        vans = {t.id: units_of(t.van_stock) for t in self.organisation.technicians}
        return Stock(vans, list(self.organisation.lots))

    def facts(self, day: date, stock: Stock, ill: Mapping[str, date]) -> Snapshot:
        """The facts from a day's local midnight on, without work; travel is that of the day."""
        organisation = replace(
            self.organisation,
            planning_at=datetime.combine(day, time(0), self.zone).astimezone(UTC),
            lots=tuple(sorted(stock.lots, key=lambda lot: lot.id)),
            technicians=tuple(
                replace(t, van_stock=quantities_of(stock.vans[t.id]))
                for t in self.organisation.technicians
            ),
        )
        snapshot = snapshot_of(organisation, day, self._days_ahead(day), self._policy)
        technicians = tuple(self._at_work(t, ill) for t in snapshot.technicians)
        slowed = (*snapshot.travel.slowed, *slowed_on(self._spells, day))
        travel = replace(snapshot.travel, slowed=slowed)
        return replace(snapshot, technicians=technicians, travel=travel)

    def delivered_at(self, day: date, days: int) -> datetime:
        """When something comes that is ordered in the night after a day."""
        later = day + timedelta(days=days + 1)
        return datetime.combine(later, _DELIVERY, self.zone).astimezone(UTC)

    def day_of(self, shift: Shift) -> date:
        return shift.start_at.astimezone(self.zone).date()

    def _days_ahead(self, day: date) -> int:
        ahead = snapshot_of(self.organisation, day, _MOST_DAYS, self._policy)
        working = {
            self.day_of(shift)
            for technician in ahead.technicians
            for shift in technician.shifts
            if shift.kind is ShiftKind.REGULAR
        }
        following = sorted(working - {day})[: self._working_days - 1]
        return (following[-1] - day).days + 1 if following else _MOST_DAYS

    def _at_work(self, technician: Technician, ill: Mapping[str, date]) -> Technician:
        shifts = tuple(
            shift
            for shift in technician.shifts
            if self.day_of(shift) > ill.get(technician.id, date.min)
            and not self._is_stopped(technician, self.day_of(shift))
        )
        return replace(technician, shifts=shifts)

    def _is_stopped(self, technician: Technician, day: date) -> bool:
        city = self._city[technician.station_id]
        return any(s.stopped and s.holds(day) and s.touches(city) for s in self._spells)
