"""What all changes have in common: how they are written, refused, drawn and told."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dispatch.domain.people import Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Priority, Visit
from dispatch.texts import Text

_DRAW_BYTES = 8
_NAMES_SHOWN = 8


class Strict(BaseModel):
    """A part of a scenario file: nothing in it may be unknown or change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change cannot apply: the field, what stands there, and what would be right."""

    field: str
    value: str
    message: Text


class Change(Strict, ABC):
    """One edit of the facts. ``seeded`` ones draw, and differ from seed to seed.

    A field ``change`` of each class holds its name in scenario files.
    """

    seeded: ClassVar[bool] = False

    @abstractmethod
    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        """Everything that keeps the change from applying to these facts."""

    @abstractmethod
    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:
        """The facts with the change, which has to be possible."""

    @abstractmethod
    def text(self) -> Text:
        """What changes, in a few words."""


def draw(seed: int, *names: object) -> float:
    """A number from 0 to 1 that depends on the seed and the names only.

    Whoever is asked about the same thing in two scenarios hears the same (common random numbers).
    """
    said = "\x1f".join(map(str, (seed, *names))).encode()
    raw = hashlib.blake2b(said, digest_size=_DRAW_BYTES).digest()
    return int.from_bytes(raw, "big") / float(1 << 8 * _DRAW_BYTES)


def drawn_of(seed: int, among: Sequence[Any], *names: object) -> Any:  # noqa: ANN401
    """One of some things, each with the same chance."""
    return among[int(draw(seed, *names) * len(among))]


def unknown(field: str, values: Iterable[str], known: Iterable[str]) -> Iterator[Refusal]:
    """A refusal for each value that is not known."""
    names = tuple(dict.fromkeys(known))
    for value in values:
        if value not in names:
            close = get_close_matches(value, names, n=1)
            if close:
                hint = Text(f" Did you mean {close[0]!r}?", f"是不是 {close[0]!r}？")
            else:
                shown = ", ".join(names[:_NAMES_SHOWN]) + (
                    " …" if len(names) > _NAMES_SHOWN else ""
                )
                hint = Text(f" Known: {shown or '-'}.", f"可用的有：{shown or '-'}。")
            yield Refusal(
                field, value, Text(f"there is no such id.{hint.en}", f"没有这个编号。{hint.zh}")
            )


def taken(field: str, value: str, known: Iterable[str]) -> Iterator[Refusal]:
    """A refusal if a new id is not new."""
    if value in set(known):
        yield Refusal(
            field,
            value,
            Text("the id is in use; choose another one", "该编号已被使用，请另选一个"),
        )


def territories_of(snapshot: Snapshot) -> dict[str, None]:
    """All territories that sites lie in or technicians cover, in their order."""
    covered = (c.territory for t in snapshot.technicians for c in t.territories)
    return dict.fromkeys((*(s.territory for s in snapshot.sites), *covered))


def instant(local: datetime, snapshot: Snapshot) -> datetime:
    """A local time of the organisation, in UTC."""
    return local.replace(tzinfo=ZoneInfo(snapshot.time_zone)).astimezone(UTC)


class ForTechnicians(Change):
    """A change of some technicians: those named, of a station, of a territory, or all there are.

    Where several are given, all have to be true.
    """

    technicians: tuple[str, ...] = ()
    station: str | None = None
    territory: str | None = None

    def chosen(self, snapshot: Snapshot) -> tuple[Technician, ...]:
        return tuple(
            t
            for t in snapshot.technicians
            if (not self.technicians or t.id in self.technicians)
            and self.station in (None, t.station_id)
            and (
                self.territory is None or any(c.territory == self.territory for c in t.territories)
            )
        )

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        wrong = [
            *unknown("technicians", self.technicians, snapshot.technician),
            *unknown("station", named(self.station), snapshot.station),
            *unknown("territory", named(self.territory), territories_of(snapshot)),
        ]
        yield from wrong
        if not wrong and not self.chosen(snapshot):
            yield Refusal(
                "technicians",
                self.who.en,
                Text("nobody is chosen by this", "没有符合条件的技术员"),
            )

    def changed(self, snapshot: Snapshot, change: Callable[[Technician], Technician]) -> Snapshot:
        """The facts with every chosen technician changed."""
        ids = {t.id for t in self.chosen(snapshot)}
        everybody = (change(t) if t.id in ids else t for t in snapshot.technicians)
        return replace(snapshot, technicians=tuple(everybody))

    @property
    def who(self) -> Text:
        """Whom the change is for."""
        if self.technicians:
            names = ", ".join(self.technicians)
            return Text(names, names)
        parts = [name for name in (self.station, self.territory) if name is not None]
        if not parts:
            return Text("everybody", "全体技术员")
        return Text(f"everybody of {', '.join(parts)}", f"{'、'.join(parts)}的技术员")


class SomeTechnicians(ForTechnicians):
    """The same, but somebody has to be chosen: it is not meant for all by default."""

    @model_validator(mode="after")
    def _somebody(self) -> "SomeTechnicians":
        if not self.technicians and self.station is None and self.territory is None:
            raise ValueError(
                "say who: technicians, station or territory\n"
                "请说明是谁：technicians、station 或 territory"
            )
        return self


class ForVisits(Change):
    """A change of some visits: of territories, products, priorities, or reported between two local
    hours (``to_hour`` is not included; where it is less than ``from_hour``, over midnight)."""

    territories: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    from_hour: Annotated[int, Field(ge=0, le=24)] = 0
    to_hour: Annotated[int, Field(ge=0, le=24)] = 24

    def chosen(self, snapshot: Snapshot) -> tuple[Visit, ...]:
        zone = ZoneInfo(snapshot.time_zone)
        return tuple(
            visit
            for visit in snapshot.visits
            if (not self.territories or snapshot.site_of(visit).territory in self.territories)
            and (not self.products or snapshot.order_of(visit).product in self.products)
            and (not self.priorities or snapshot.order_of(visit).priority in self.priorities)
            and self._in_hours(snapshot.order_of(visit).reported_at.astimezone(zone).hour)
        )

    def _in_hours(self, hour: int) -> bool:
        if self.from_hour <= self.to_hour:
            return self.from_hour <= hour < self.to_hour
        return hour >= self.from_hour or hour < self.to_hour

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from self.wrong_choice(snapshot)

    def wrong_choice(self, snapshot: Snapshot) -> Iterator[Refusal]:
        """What keeps any visit from being chosen."""
        wrong = [
            *unknown("territories", self.territories, territories_of(snapshot)),
            *unknown("products", self.products, (w.product for w in snapshot.work_orders)),
        ]
        yield from wrong
        if not wrong and not self.chosen(snapshot):
            yield Refusal(
                "territories",
                self.where.en,
                Text("no visit is chosen by this", "没有符合条件的任务"),
            )

    @property
    def where(self) -> Text:
        """Which visits the change is for."""
        names = [*self.territories, *self.products, *self.priorities]
        if (self.from_hour, self.to_hour) != (0, 24):
            names.append(f"{self.from_hour:02d}–{self.to_hour:02d}")
        if not names:
            return Text("everywhere", "全部")
        return Text(", ".join(names), "、".join(names))


def named(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def replaced(items: Iterable[Any], changed: Mapping[str, Any]) -> tuple[Any, ...]:
    """The items, those with an id in ``changed`` by what stands there."""
    return tuple(changed.get(item.id, item) for item in items)


def without_technicians(snapshot: Snapshot, ids: Iterable[str]) -> Snapshot:
    """The facts without some technicians, and without what was promised in their names."""
    gone = set(ids)
    pins = tuple(
        replace(
            pin, other_technician_ids=tuple(i for i in pin.other_technician_ids if i not in gone)
        )
        for pin in snapshot.pins
        if pin.technician_id not in gone
    )
    return replace(
        snapshot,
        technicians=tuple(t for t in snapshot.technicians if t.id not in gone),
        pins=pins,
        published=tuple(c for c in snapshot.published if not gone.intersection(c.technician_ids)),
        visits=tuple(
            replace(v, wished_technician_id=None) if v.wished_technician_id in gone else v
            for v in snapshot.visits
        ),
    )


def without_visits(snapshot: Snapshot, ids: Iterable[str]) -> Snapshot:
    """The facts without some visits, all that names them, and work orders that have no other."""
    gone = set(ids)
    visits = tuple(v for v in snapshot.visits if v.id not in gone)
    had = {v.work_order_id for v in snapshot.visits}
    have = {v.work_order_id for v in visits}
    return replace(
        snapshot,
        visits=visits,
        work_orders=tuple(w for w in snapshot.work_orders if w.id in have or w.id not in had),
        links=tuple(
            link
            for link in snapshot.links
            if link.first_visit_id not in gone and link.then_visit_id not in gone
        ),
        pins=tuple(
            p for p in snapshot.pins if p.visit_id not in gone and p.after_visit_id not in gone
        ),
        published=tuple(c for c in snapshot.published if c.visit_id not in gone),
    )
