"""Changes of who works, where, when and with which skills."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, NaiveDatetime

from dispatch.domain.people import (
    Absence,
    Certificate,
    Coverage,
    Shift,
    ShiftKind,
    Technician,
    TerritoryCover,
)
from dispatch.domain.snapshot import Snapshot
from dispatch.texts import Language, Text, counted
from scenarios.changes.base import (
    Change,
    ForTechnicians,
    Refusal,
    SomeTechnicians,
    draw,
    instant,
    named,
    territories_of,
    unknown,
    without_technicians,
)

_DAY = timedelta(days=1)
Percent = Annotated[float, Field(ge=0, le=100)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


class Hire(Change):
    """``count`` more technicians like one whom there is, at his station or another one.

    They have the same skills, shifts, tools, van and, unless others are given, territories; no
    absences.
    """

    change: Literal["hire"] = "hire"
    like: str
    count: Annotated[int, Field(ge=0, le=1000)] = 1
    station: str | None = None
    territories: tuple[str, ...] = ()

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("like", (self.like,), snapshot.technician)
        yield from unknown("station", named(self.station), snapshot.station)
        yield from unknown("territories", self.territories, territories_of(snapshot))

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        like = snapshot.technician[self.like]
        ids: list[str] = []
        number = 0
        while len(ids) < self.count:
            number += 1
            if f"{like.id}+{number}" not in snapshot.technician:
                ids.append(f"{like.id}+{number}")
        hired = tuple(self._hired(like, new_id) for new_id in ids)
        return replace(snapshot, technicians=(*snapshot.technicians, *hired))

    def _hired(self, like: Technician, new_id: str) -> Technician:
        suffix = new_id.removeprefix(like.id)
        return replace(
            like,
            id=new_id,
            name=f"{like.name}{suffix}",
            station_id=self.station or like.station_id,
            territories=tuple(TerritoryCover(t) for t in self.territories) or like.territories,
            # Nobody new is on the way already.
            shifts=tuple(replace(s, id=f"{s.id}{suffix}", under_way_at=None) for s in like.shifts),
            absences=(),
        )

    def text(self) -> Text:
        people = counted(self.count, "more technician", "", Language.EN)
        place = f" at {self.station}" if self.station else ""
        place_zh = f"{self.station} " if self.station else ""
        return Text(
            f"{people} like {self.like}{place}",
            f"{place_zh}增加 {self.count} 名与 {self.like} 条件相同的技术员",
        )


class Leave(SomeTechnicians):
    """Technicians who are not there any more."""

    change: Literal["leave"] = "leave"

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        return without_technicians(snapshot, (t.id for t in self.chosen(snapshot)))

    def text(self) -> Text:
        return Text(f"without {self.who.en}", f"不再有{self.who.zh}")


class Move(SomeTechnicians):
    """Technicians start from another station; with ``cover`` they cover those territories
    instead of theirs."""

    change: Literal["move"] = "move"
    to: str
    cover: tuple[str, ...] = ()

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from super().refusals(snapshot)
        yield from unknown("to", (self.to,), snapshot.station)
        yield from unknown("cover", self.cover, territories_of(snapshot))

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        def moved(technician: Technician) -> Technician:
            cover = tuple(TerritoryCover(t) for t in self.cover)
            return replace(
                technician, station_id=self.to, territories=cover or technician.territories
            )

        return self.changed(snapshot, moved)

    def text(self) -> Text:
        return Text(f"{self.who.en} to {self.to}", f"{self.who.zh}调往 {self.to}")


class Train(ForTechnicians):
    """Technicians get a skill at a level, or their certificate renewed."""

    change: Literal["train"] = "train"
    skill: str
    level: Annotated[int, Field(ge=1, le=100)] = 1

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from super().refusals(snapshot)
        held = (c.skill for t in snapshot.technicians for c in t.certificates)
        needed = (n.skill for v in snapshot.visits for n in v.skills)
        yield from unknown("skill", (self.skill,), (*held, *needed))

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        def trained(technician: Technician) -> Technician:
            held = [c for c in technician.certificates if c.skill == self.skill]
            if any(c.level >= self.level and c.expires_on is None for c in held):
                return technician
            certificate = Certificate(self.skill, self.level)
            return replace(technician, certificates=(*technician.certificates, certificate))

        return self.changed(snapshot, trained)

    def text(self) -> Text:
        what = f"{self.skill}:{self.level}"
        return Text(f"train {self.who.en} for {what}", f"培训{self.who.zh}掌握 {what}")


class Shifts(ForTechnicians):
    """Regular shifts start and end at other local times of their day; on some ``days`` only, if
    given. An end before the start means the next day."""

    change: Literal["shifts"] = "shifts"
    start: time | None = None
    end: time | None = None
    days: tuple[date, ...] = ()

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from super().refusals(snapshot)
        if self.start is None and self.end is None:
            missing = Text("give start, end, or both", "请给出 start、end 或两者")
            yield Refusal("start", "-", missing)
        for day in self.days:
            yield from _not_planned("days", day, snapshot)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        def changed(technician: Technician) -> Technician:
            shifts = tuple(self._changed(s, snapshot) for s in technician.shifts)
            return replace(technician, shifts=shifts)

        return self.changed(snapshot, changed)

    def _changed(self, shift: Shift, snapshot: Snapshot) -> Shift:
        zone = ZoneInfo(snapshot.time_zone)
        local = shift.start_at.astimezone(zone)
        if shift.kind is not ShiftKind.REGULAR or (self.days and local.date() not in self.days):
            return shift
        start_at, end_at = shift.start_at, shift.end_at
        if self.start is not None:
            start_at = instant(datetime.combine(local.date(), self.start), snapshot)
        if self.end is not None:
            end_at = instant(datetime.combine(local.date(), self.end), snapshot)
            end_at += _DAY if end_at <= start_at else timedelta(0)
        breaks = tuple(b for b in shift.breaks if start_at <= b.earliest_at < end_at)
        return replace(shift, start_at=start_at, end_at=end_at, breaks=breaks)

    def text(self) -> Text:
        start, end = (f"{t:%H:%M}" if t else "…" for t in (self.start, self.end))
        return Text(
            f"shifts {start}–{end} for {self.who.en}", f"{self.who.zh}班次改为 {start}–{end}"
        )


class ExtraShift(SomeTechnicians):
    """One more shift on a day, such as a holiday: regular, or on standby for emergencies."""

    change: Literal["extra_shift"] = "extra_shift"
    day: date
    start: time
    end: time
    kind: ShiftKind = ShiftKind.REGULAR

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from super().refusals(snapshot)
        yield from _not_planned("day", self.day, snapshot)
        start_at, end_at = self._times(snapshot)
        for technician in self.chosen(snapshot):
            for shift in technician.shifts:
                if shift.start_at < end_at and start_at < shift.end_at:
                    clash = Text(
                        f"{technician.id} works then already ({shift.id})",
                        f"{technician.id} 此时已有班次（{shift.id}）",
                    )
                    yield Refusal("day", str(self.day), clash)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        start_at, end_at = self._times(snapshot)

        def more(technician: Technician) -> Technician:
            extra = Shift(
                f"{technician.id}@{self.day}+{self.start:%H%M}", start_at, end_at, self.kind
            )
            shifts = sorted((*technician.shifts, extra), key=lambda s: s.start_at)
            return replace(technician, shifts=tuple(shifts))

        return self.changed(snapshot, more)

    def _times(self, snapshot: Snapshot) -> tuple[datetime, datetime]:
        start_at, end_at = (
            instant(datetime.combine(self.day, t), snapshot) for t in (self.start, self.end)
        )
        return start_at, end_at + _DAY if end_at <= start_at else end_at

    def text(self) -> Text:
        hours = f"{self.day} {self.start:%H:%M}–{self.end:%H:%M}"
        standby = self.kind is ShiftKind.STANDBY
        return Text(
            f"{'standby' if standby else 'shift'} {hours} for {self.who.en}",
            f"{self.who.zh} {hours} {'值班' if standby else '加开班次'}",
        )


class Overtime(ForTechnicians):
    """So many minutes of overtime at most in each regular shift. ``total_minutes`` is the most over
    the horizon; without it a limit that there is rises or falls by the same share of shifts."""

    change: Literal["overtime"] = "overtime"
    minutes: Minutes
    total_minutes: Annotated[int, Field(ge=0)] | None = None

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        return self.changed(snapshot, self._allowed)

    def _allowed(self, technician: Technician) -> Technician:
        shifts = tuple(
            replace(s, max_overtime_s=60 * self.minutes) if s.kind is ShiftKind.REGULAR else s
            for s in technician.shifts
        )
        more_s = sum(
            after.max_overtime_s - before.max_overtime_s
            for before, after in zip(technician.shifts, shifts, strict=True)
        )
        total_s = technician.max_total_overtime_s
        if self.total_minutes is not None:
            total_s = 60 * self.total_minutes
        elif total_s is not None:
            total_s = max(0, total_s + more_s)
        return replace(technician, shifts=shifts, max_total_overtime_s=total_s)

    def text(self) -> Text:
        return Text(
            f"up to {self.minutes} min of overtime a shift for {self.who.en}",
            f"{self.who.zh}每班次最多加班 {self.minutes} 分钟",
        )


class Territories(SomeTechnicians):
    """Technicians cover more territories, or fewer."""

    change: Literal["territories"] = "territories"
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    coverage: Coverage = Coverage.PRIMARY

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from super().refusals(snapshot)
        yield from unknown("add", self.add, territories_of(snapshot))
        yield from unknown("remove", self.remove, territories_of(snapshot))

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        def covering(technician: Technician) -> Technician:
            touched = {*self.add, *self.remove}
            kept = tuple(c for c in technician.territories if c.territory not in touched)
            added = tuple(TerritoryCover(t, self.coverage) for t in self.add)
            return replace(technician, territories=(*kept, *added))

        return self.changed(snapshot, covering)

    def text(self) -> Text:
        parts = [f"+{t}" for t in self.add] + [f"−{t}" for t in self.remove]
        what = ", ".join(parts)
        return Text(f"territories of {self.who.en}: {what}", f"{self.who.zh}责任区：{what}")


class Absent(SomeTechnicians):
    """Technicians who are away between two local times."""

    change: Literal["absent"] = "absent"
    start: NaiveDatetime
    end: NaiveDatetime

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from super().refusals(snapshot)
        yield from _wrong_span(self.start, self.end)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        span = Absence(instant(self.start, snapshot), instant(self.end, snapshot))
        return self.changed(snapshot, lambda t: _with_absence(t, span))

    def text(self) -> Text:
        span = f"{self.start:%m-%d %H:%M} – {self.end:%m-%d %H:%M}"
        return Text(f"{self.who.en} away {span}", f"{self.who.zh} {span} 缺勤")


class AbsenceWave(ForTechnicians):
    """Each chosen technician is ill with a chance of ``percent``, between two local times or, if
    not given, for the whole horizon. Who, is drawn by the seed; a larger wave hits the same
    people and others too."""

    seeded = True
    change: Literal["absence_wave"] = "absence_wave"
    percent: Percent
    start: NaiveDatetime | None = None
    end: NaiveDatetime | None = None

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from super().refusals(snapshot)
        if self.start is not None and self.end is not None:
            yield from _wrong_span(self.start, self.end)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:
        start_at = instant(self.start, snapshot) if self.start else snapshot.start_at
        end_at = instant(self.end, snapshot) if self.end else snapshot.end_at + _DAY
        span = Absence(start_at, end_at)
        return self.changed(
            snapshot,
            lambda t: (
                _with_absence(t, span)
                if draw(seed, "absence_wave", t.id) * 100 < self.percent
                else t
            ),
        )

    def text(self) -> Text:
        return Text(
            f"{self.percent:g} % of {self.who.en} ill", f"{self.who.zh}中 {self.percent:g} % 病假"
        )


def _with_absence(technician: Technician, span: Absence) -> Technician:
    """With one absence more; those that it touches become one with it."""
    apart, start_at, end_at = [], span.start_at, span.end_at
    for absence in technician.absences:
        if absence.end_at < start_at or end_at < absence.start_at:
            apart.append(absence)
        else:
            start_at, end_at = min(start_at, absence.start_at), max(end_at, absence.end_at)
    merged = replace(span, start_at=start_at.astimezone(UTC), end_at=end_at.astimezone(UTC))
    absences = sorted((*apart, merged), key=lambda a: a.start_at)
    return replace(technician, absences=tuple(absences))


def _wrong_span(start: datetime, end: datetime) -> Iterator[Refusal]:
    if end <= start:
        yield Refusal("end", str(end), Text("it must be after start", "必须晚于 start"))


def _not_planned(field: str, day: date, snapshot: Snapshot) -> Iterator[Refusal]:
    zone = ZoneInfo(snapshot.time_zone)
    first = snapshot.start_at.astimezone(zone).date()
    last = (snapshot.end_at - timedelta(seconds=1)).astimezone(zone).date()
    if not first <= day <= last:
        yield Refusal(
            field,
            str(day),
            Text(
                f"the plan is of {first} to {last}; give one of these days, or more days",
                f"计划期为 {first} 至 {last}；请给其中一天，或延长计划期",
            ),
        )
