"""Changes for one technician: hours, limits, van, territory, certificates; or one more of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from dispatch import texts
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Certificate, Coverage, Shift, Technician, TerritoryCover
from dispatch.domain.snapshot import Snapshot
from dispatch.relaxations.base import (
    HOUR_S,
    MOST_S,
    Amount,
    Relaxation,
    day_of,
    hourly,
    in_hours,
    name_of,
    with_technician,
)
from dispatch.texts import Language, Text

DAY_S = 8 * HOUR_S
"""Nobody comes for less than a day."""
RENEWAL_S, LEVEL_S, TRAINING_S = 8 * HOUR_S, 16 * HOUR_S, 40 * HOUR_S
"""The working time that it takes to renew a certificate, to learn one level more, and a skill."""


@dataclass(frozen=True, slots=True)
class MoreOvertime(Amount):
    """Seconds after the end of a shift, beyond what it allows."""

    step: ClassVar[int] = 60
    most: ClassVar[int] = MOST_S
    technician_id: str
    shift_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        def longer(shift: Shift) -> Shift:
            return replace(shift, max_overtime_s=shift.max_overtime_s + self.amount)

        def allowed(technician: Technician) -> Technician:
            total_s = technician.max_total_overtime_s
            return replace(
                _with_shift(technician, self.shift_id, longer),
                max_total_overtime_s=None if total_s is None else total_s + self.amount,
            )

        return with_technician(snapshot, self.technician_id, allowed)

    def fen(self, snapshot: Snapshot) -> int:
        return hourly(self.amount, snapshot.policy.overtime_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:
        name, day = name_of(snapshot, self.technician_id), day_of(snapshot, self.shift_id)
        return Text(
            f"{in_hours(self.amount).en} more overtime for {name} on {day.en}",
            f"{name} {day.zh}再加班{in_hours(self.amount).zh}",
        )


@dataclass(frozen=True, slots=True)
class EarlierStart(Amount):
    """Seconds by which a shift begins earlier."""

    step: ClassVar[int] = 60
    most: ClassVar[int] = MOST_S
    technician_id: str
    shift_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        def earlier(shift: Shift) -> Shift:
            return replace(shift, start_at=shift.start_at - timedelta(seconds=self.amount))

        return with_technician(
            snapshot, self.technician_id, lambda t: _with_shift(t, self.shift_id, earlier)
        )

    def fen(self, snapshot: Snapshot) -> int:
        return hourly(self.amount, snapshot.policy.overtime_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:
        name, day = name_of(snapshot, self.technician_id), day_of(snapshot, self.shift_id)
        return Text(
            f"a start {in_hours(self.amount).en} earlier for {name} on {day.en}",
            f"{name} {day.zh}提前{in_hours(self.amount).zh}上班",
        )


@dataclass(frozen=True, slots=True)
class MoreTravel(Amount):
    """Seconds on the road beyond what a technician may drive in a shift."""

    step: ClassVar[int] = 60
    most: ClassVar[int] = MOST_S
    technician_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        def allowed(technician: Technician) -> Technician:
            limit_s = technician.max_travel_s
            return replace(
                technician, max_travel_s=None if limit_s is None else limit_s + self.amount
            )

        return with_technician(snapshot, self.technician_id, allowed)

    def fen(self, snapshot: Snapshot) -> int:
        return hourly(self.amount, snapshot.policy.overtime_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:
        name = name_of(snapshot, self.technician_id)
        return Text(
            f"{in_hours(self.amount).en} more travel a shift for {name}",
            f"{name} 每班次路程上限再放宽{in_hours(self.amount).zh}",
        )


@dataclass(frozen=True, slots=True)
class MoreVisits(Amount):
    """Visits beyond what a technician may do in a shift."""

    step: ClassVar[int] = 1
    technician_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        def allowed(technician: Technician) -> Technician:
            limit = technician.max_visits
            return replace(technician, max_visits=None if limit is None else limit + self.amount)

        return with_technician(snapshot, self.technician_id, allowed)

    def fen(self, snapshot: Snapshot) -> int:
        return self.amount * hourly(HOUR_S, snapshot.policy.overtime_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:
        name = name_of(snapshot, self.technician_id)
        more = texts.counted(self.amount, "more visit", "个任务", Language.EN)
        return Text(f"{more} a shift for {name}", f"{name} 每班次再增加 {self.amount} 个任务")


@dataclass(frozen=True, slots=True)
class PartsOnVan(Amount):
    """Units of a part on a technician's van: brought there, so twice the price of a move."""

    step: ClassVar[int] = 1
    technician_id: str
    part_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        more = PartQuantity(self.part_id, self.amount)
        return with_technician(
            snapshot, self.technician_id, lambda t: replace(t, van_stock=(*t.van_stock, more))
        )

    def fen(self, snapshot: Snapshot) -> int:
        return 2 * self.amount * snapshot.policy.part_move_fen

    def text(self, snapshot: Snapshot) -> Text:
        part, name = snapshot.part[self.part_id].name, name_of(snapshot, self.technician_id)
        return Text(
            f"{self.amount} more {part} ({self.part_id}) on the van of {name}",
            f"{name} 随车再带 {self.amount} 件{part}（{self.part_id}）",
        )


@dataclass(frozen=True, slots=True)
class BackupTerritory(Relaxation):
    """A territory that a technician covers as backup."""

    technician_id: str
    territory: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        cover = TerritoryCover(self.territory, Coverage.BACKUP)
        return with_technician(
            snapshot, self.technician_id, lambda t: replace(t, territories=(*t.territories, cover))
        )

    def fen(self, snapshot: Snapshot) -> int:
        return snapshot.policy.backup_territory_fen

    def text(self, snapshot: Snapshot) -> Text:
        name = name_of(snapshot, self.technician_id)
        return Text(
            f"{name} as backup for territory {self.territory}",
            f"{name} 后备负责责任区 {self.territory}",
        )


@dataclass(frozen=True, slots=True)
class Certified(Relaxation):
    """A certificate of a technician: renewed, of a higher level, or of a new skill."""

    technician_id: str
    skill: str
    level: int

    def apply(self, snapshot: Snapshot) -> Snapshot:
        certificate = Certificate(self.skill, self.level)
        return with_technician(
            snapshot,
            self.technician_id,
            lambda t: replace(t, certificates=(*t.certificates, certificate)),
        )

    def fen(self, snapshot: Snapshot) -> int:
        held = self._held(snapshot)
        if not held:
            seconds = TRAINING_S + LEVEL_S * (self.level - 1)
        elif held < self.level:
            seconds = LEVEL_S * (self.level - held)
        else:
            seconds = RENEWAL_S
        return hourly(seconds, snapshot.policy.paid_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:
        name = name_of(snapshot, self.technician_id)
        what = f"{self.skill}:{self.level}"
        if self._held(snapshot) >= self.level:
            return Text(f"a renewed certificate {what} for {name}", f"{name} 续期证书 {what}")
        return Text(f"a certificate {what} for {name}", f"{name} 取得证书 {what}")

    def _held(self, snapshot: Snapshot) -> int:
        """The highest level that the technician was ever certified for; 0 without the skill."""
        certificates = snapshot.technician[self.technician_id].certificates
        return max((c.level for c in certificates if c.skill == self.skill), default=0)


@dataclass(frozen=True, slots=True)
class ExtraTechnician(Relaxation):
    """One more technician like one whom there is, at the same station, in one shift."""

    like_id: str
    shift_id: str

    def apply(self, snapshot: Snapshot) -> Snapshot:
        like = snapshot.technician[self.like_id]
        shifts = tuple(replace(s, id=f"{s.id}+") for s in like.shifts if s.id == self.shift_id)
        name = f"{like.name}+"
        extra = replace(like, id=f"{like.id}+", name=name, shifts=shifts, absences=())
        return replace(snapshot, technicians=(*snapshot.technicians, extra))

    def fen(self, snapshot: Snapshot) -> int:
        shift = snapshot.shift[self.shift_id]
        seconds = (shift.end_at - shift.start_at) // timedelta(seconds=1)
        return hourly(max(seconds, DAY_S), snapshot.policy.paid_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:
        name, day = name_of(snapshot, self.like_id), day_of(snapshot, self.shift_id)
        place = snapshot.station[snapshot.technician[self.like_id].station_id].name
        return Text(
            f"one more technician like {name} at {place} on {day.en}",
            f"{day.zh} {place}再有一名与 {name} 条件相同的技术员",
        )


@dataclass(frozen=True, slots=True)
class OnCall(Relaxation):
    """A technician who may be called for some hours in which he has no shift; ``extra`` is one
    more like him."""

    technician_id: str
    start_at: datetime
    end_at: datetime
    extra: bool

    @property
    def called_id(self) -> str:
        """The technician who is on call once this is applied."""
        return f"{self.technician_id}+" if self.extra else self.technician_id

    @property
    def shift_id(self) -> str:
        return f"{self.called_id}@call"

    def apply(self, snapshot: Snapshot) -> Snapshot:
        shift = Shift(self.shift_id, self.start_at, self.end_at)
        if self.extra:
            like = snapshot.technician[self.technician_id]
            extra = replace(like, id=self.called_id, name=f"{like.name}+", shifts=(shift,))
            extra = replace(extra, absences=())
            return replace(snapshot, technicians=(*snapshot.technicians, extra))
        return with_technician(
            snapshot,
            self.technician_id,
            lambda t: replace(
                t, shifts=tuple(sorted((*t.shifts, shift), key=lambda s: s.start_at))
            ),
        )

    def fen(self, snapshot: Snapshot) -> int:
        seconds = (self.end_at - self.start_at) // timedelta(seconds=1)
        return hourly(seconds, snapshot.policy.paid_fen_per_h)

    def text(self, snapshot: Snapshot) -> Text:
        name = name_of(snapshot, self.technician_id)
        zone = ZoneInfo(snapshot.time_zone)
        until = texts.time_of_day(self.end_at, zone, self.start_at.astimezone(zone).date())
        begin = Text(
            *(texts.day_and_time(self.start_at, zone, x) for x in (Language.EN, Language.ZH))
        )
        who = Text(f"one more like {name}", f"另有一名与 {name} 条件相同者") if self.extra else None
        return Text(
            f"{who.en if who else name} on call {begin.en}–{until}",
            f"{who.zh if who else name} {begin.zh}–{until} 待命",
        )


def _with_shift(
    technician: Technician, shift_id: str, change: Callable[[Shift], Shift]
) -> Technician:
    changed = (change(s) if s.id == shift_id else s for s in technician.shifts)
    return replace(technician, shifts=tuple(changed))
