"""Two states of an organisation become one: what files say is added to what is known.

Things are known by their business keys. What is known but not in the files stays. What has been
recorded since is never overwritten: it stays, and the difference names the conflict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot
from dispatch.domain.people import Absence, ShiftPattern, Technician

_BY_ID = (
    "calendars",
    "sla_rules",
    "stations",
    "customers",
    "sites",
    "parts",
    "lots",
    "technicians",
    "work_orders",
    "visits",
)
_KEYS: Mapping[str, Callable[[Any], str]] = {
    **{kind: lambda item: str(item.id) for kind in _BY_ID},
    "policies": lambda policy: str(policy.name),
    "links": lambda link: f"{link.first_visit_id} > {link.then_visit_id}",
    "pins": lambda pin: str(pin.visit_id),
    "published": lambda told: str(told.visit_id),
}
_PATTERNS = "shift_patterns"
_EVENTS_SAY = ("gates", "reported_at", "responded_at", "arrived_at", "restored_at")


@dataclass(frozen=True, slots=True)
class Facts:
    """What has been recorded since and no file may overwrite.

    ``work_orders`` with events, ``visits`` that have begun or ended, ``lots`` and the vans of
    ``technicians`` that units have moved to or from, ``pins`` that people set; parts that are
    ``tracked``, whose units need serial numbers, which files have not; and whether a plan
    ``is_published``, which then says what people were told.
    """

    work_orders: frozenset[str] = frozenset()
    visits: frozenset[str] = frozenset()
    lots: frozenset[str] = frozenset()
    technicians: frozenset[str] = frozenset()
    pins: frozenset[str] = frozenset()
    tracked: frozenset[str] = frozenset()
    is_published: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A field that files would change. ``kind`` is the field of an organisation, ``key`` whose."""

    kind: str
    key: str
    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class Difference:
    """What an import adds and changes, and what it leaves because something else is on record.

    ``added`` holds keys by kind; ``unchanged`` counts things that are as the files say.
    """

    added: Mapping[str, tuple[str, ...]]
    changed: tuple[Change, ...]
    conflicts: tuple[Change, ...]
    unchanged: int


def merge(
    known: Organisation, brought: Organisation, facts: Facts
) -> tuple[Organisation, Difference]:
    """What is known after an import, and how that differs from ``known``."""
    merger = _Merger(facts)
    brought = merger.without_unnamed(known, _with_known_absences(known, brought))
    lists = {
        kind: merger.merge(kind, getattr(known, kind), getattr(brought, kind)) for kind in _KEYS
    }
    lists[_PATTERNS] = merger.merge_patterns(known.shift_patterns, brought.shift_patterns)
    travel = brought.travel
    if travel.table is None:
        travel = replace(travel, table=known.travel.table)
    kept = {name: getattr(known, name) for name in lists}
    facts_of_all = merger.merge_item(
        "organisation", known.id, known, replace(brought, travel=travel, **kept)
    )
    return replace(facts_of_all, **lists), merger.difference()


@dataclass
class _Merger:
    facts: Facts
    added: dict[str, list[str]] = field(default_factory=dict)
    changed: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    unchanged: int = 0

    def difference(self) -> Difference:
        added = {kind: tuple(keys) for kind, keys in self.added.items()}
        return Difference(added, tuple(self.changed), tuple(self.conflicts), self.unchanged)

    def without_unnamed(self, known: Organisation, brought: Organisation) -> Organisation:
        """What is brought, without units that would be in stock and need serial numbers."""
        return replace(
            brought,
            lots=tuple(
                lot
                for lot in brought.lots
                if lot in known.lots or not self._is_unnamed(lot, brought.planning_at)
            ),
            technicians=tuple(map(self._without_unnamed, brought.technicians)),
        )

    def _is_unnamed(self, lot: Lot, now: datetime) -> bool:
        unnamed = (
            lot.part_id in self.facts.tracked
            and lot.id not in self.facts.lots
            and lot.available_at <= now
        )
        if unnamed:
            self.conflicts.append(Change("lots", lot.id, "quantity", None, lot.quantity))
        return unnamed

    def _without_unnamed(self, technician: Technician) -> Technician:
        unnamed = tuple(u for u in technician.van_stock if u.part_id in self.facts.tracked)
        if not unnamed or technician.id in self.facts.technicians:
            return technician
        self.conflicts.append(Change("technicians", technician.id, "van_stock", (), unnamed))
        named = tuple(units for units in technician.van_stock if units not in unnamed)
        return replace(technician, van_stock=named)

    def merge(self, kind: str, known: tuple[Any, ...], brought: tuple[Any, ...]) -> tuple[Any, ...]:
        """What is known, in its order, as brought; then what is new."""
        key_of = _KEYS[kind]
        merged = {key_of(item): item for item in known}
        for item in brought:
            key = key_of(item)
            if key in merged:
                merged[key] = self.merge_item(kind, key, merged[key], item)
            elif kind == "published" and self.facts.is_published:
                self.conflicts.append(Change(kind, key, "start_at", None, item.start_at))
            else:
                self.added.setdefault(kind, []).append(key)
                merged[key] = item
        return tuple(merged.values())

    def merge_item(self, kind: str, key: str, known: Any, brought: Any) -> Any:  # noqa: ANN401
        """``brought``, with the fields that are on record as they are known."""
        names = [
            f.name for f in fields(known) if getattr(known, f.name) != getattr(brought, f.name)
        ]
        recorded = self._recorded(kind, key)
        self.unchanged += not names
        kept = {}
        for name in names:
            old, new = getattr(known, name), getattr(brought, name)
            if recorded is None or name in recorded:
                kept[name] = old
                self.conflicts.append(Change(kind, key, name, old, new))
            else:
                self.changed.append(Change(kind, key, name, old, new))
        return replace(brought, **kept)

    def merge_patterns(
        self, known: tuple[ShiftPattern, ...], brought: tuple[ShiftPattern, ...]
    ) -> tuple[ShiftPattern, ...]:
        """The patterns of a technician replace all that were known of that one."""
        old, new = _by_technician(known), _by_technician(brought)
        replaced = {technician for technician in new if new[technician] != old.get(technician)}
        for technician in sorted(replaced):
            if technician in old:
                change = Change(_PATTERNS, technician, "patterns", old[technician], new[technician])
                self.changed.append(change)
            else:
                self.added.setdefault(_PATTERNS, []).append(technician)
        self.unchanged += len(new) - len(replaced)
        return (
            *(pattern for pattern in known if pattern.technician_id not in replaced),
            *(pattern for pattern in brought if pattern.technician_id in replaced),
        )

    def _recorded(self, kind: str, key: str) -> tuple[str, ...] | None:
        """The fields of a thing that are on record; None: all of them."""
        match kind:
            case "work_orders" if key in self.facts.work_orders:
                return _EVENTS_SAY
            case "technicians" if key in self.facts.technicians:
                return ("van_stock",)
            case "visits" if key in self.facts.visits:
                return None
            case "lots" if key in self.facts.lots:
                return None
            case "pins" if key in self.facts.pins:
                return None
            case "published" if self.facts.is_published:
                return None
        return ()


def _by_technician(
    patterns: tuple[ShiftPattern, ...],
) -> Mapping[str, tuple[ShiftPattern, ...]]:
    found: dict[str, tuple[ShiftPattern, ...]] = {}
    for pattern in patterns:
        found[pattern.technician_id] = (*found.get(pattern.technician_id, ()), pattern)
    return found


def _with_known_absences(known: Organisation, brought: Organisation) -> Organisation:
    """What is brought, with the absences that are known and collide with none that is brought."""
    absences = {technician.id: technician.absences for technician in known.technicians}
    return replace(
        brought,
        technicians=tuple(
            _with_absences(technician, absences.get(technician.id, ()))
            for technician in brought.technicians
        ),
    )


def _with_absences(technician: Technician, known: tuple[Absence, ...]) -> Technician:
    own = technician.absences
    others = [
        k for k in known if all(k.end_at <= a.start_at or a.end_at <= k.start_at for a in own)
    ]
    together = tuple(sorted((*own, *others), key=lambda absence: absence.start_at))
    return replace(technician, absences=together)
