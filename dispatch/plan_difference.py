"""The difference between two plans in the words of a dispatcher."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from dispatch import texts
from dispatch.judged import JudgedPlan
from dispatch.texts import Language, Text


class DifferenceKind(StrEnum):
    """What became of a visit. New and gone visits are those that one of the plans cannot know."""

    PLANNED = "planned"
    DROPPED = "dropped"
    REASSIGNED = "reassigned"
    RETIMED = "retimed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who does a visit and when it starts. ``names`` are for people, in the order of the ids."""

    technician_ids: tuple[str, ...]
    names: tuple[str, ...]
    start_at: datetime


@dataclass(frozen=True, slots=True)
class VisitDifference:
    """One visit that differs. None: it is not planned there."""

    visit_id: str
    kind: DifferenceKind
    before: Appointment | None
    after: Appointment | None


def differences(before: JudgedPlan, after: JudgedPlan) -> tuple[VisitDifference, ...]:
    """The visits that the two plans treat differently, in order of their ids."""
    known = before.snapshot.visit.keys() | after.snapshot.visit.keys()
    found = (_difference(before, after, visit_id) for visit_id in sorted(known))
    return tuple(difference for difference in found if difference is not None)


def in_words(difference: VisitDifference, zone: ZoneInfo, lang: Language) -> str:
    """``V12 moves from 张伟 Tue 29 Sep 09:00 to 李强 Tue 29 Sep 10:30.``"""
    return _sentence(difference, zone, lang).say(lang)


def appointment_of(judged: JudgedPlan, visit_id: str) -> Appointment | None:
    """Who does a visit and when; None if nobody does."""
    served = judged.served.get(visit_id)
    if not served:
        return None
    people = sorted(timed.technician_id for timed in served)
    return appointment(judged, people, judged.verdict.timetable.start_of(visit_id))


def appointment(judged: JudgedPlan, people: Iterable[str], start_at: datetime) -> Appointment:
    """Technicians, as far as they are known by name, and a start."""
    known = judged.snapshot.technician
    ids = tuple(people)
    return Appointment(ids, tuple(known[i].name if i in known else i for i in ids), start_at)


def said(appointment: Appointment, zone: ZoneInfo, lang: Language) -> str:
    """``张伟 Tue 29 Sep 09:00``"""
    when = texts.day_and_time(appointment.start_at, zone, lang)
    return f"{_who(appointment, lang)} {when}"


def _difference(before: JudgedPlan, after: JudgedPlan, visit_id: str) -> VisitDifference | None:
    old, new = appointment_of(before, visit_id), appointment_of(after, visit_id)
    kind = _kind(before, after, visit_id, old, new)
    return VisitDifference(visit_id, kind, old, new) if kind is not None else None


def _kind(
    before: JudgedPlan,
    after: JudgedPlan,
    visit_id: str,
    old: Appointment | None,
    new: Appointment | None,
) -> DifferenceKind | None:
    if visit_id not in after.snapshot.visit:
        return DifferenceKind.GONE
    if visit_id not in before.snapshot.visit:
        return DifferenceKind.NEW
    if old == new:
        return None
    if old is None:
        return DifferenceKind.PLANNED
    if new is None:
        return DifferenceKind.DROPPED
    same = old.technician_ids == new.technician_ids
    return DifferenceKind.RETIMED if same else DifferenceKind.REASSIGNED


def _sentence(difference: VisitDifference, zone: ZoneInfo, lang: Language) -> Text:
    """Only the sentence of ``lang`` is right: names of days are in that language."""
    visit, old, new = difference.visit_id, difference.before, difference.after
    was, is_ = (said(a, zone, lang) if a else "" for a in (old, new))
    if difference.kind is DifferenceKind.RETIMED and old is not None and new is not None:
        return _retimed(visit, old, new, zone, lang)
    match difference.kind:
        case DifferenceKind.PLANNED:
            return Text(f"{visit} is planned now: {is_}", f"{visit} 现已排入：{is_}")
        case DifferenceKind.DROPPED:
            return Text(
                f"{visit} is no longer planned (was: {was})", f"{visit} 不再排入（原为 {was}）"
            )
        case DifferenceKind.REASSIGNED | DifferenceKind.RETIMED:
            return Text(f"{visit} moves from {was} to {is_}", f"{visit} 由 {was} 改为 {is_}")
        case DifferenceKind.NEW if new is None:
            return Text(f"{visit} is new and not planned yet", f"{visit} 为新增任务，尚未排入")
        case DifferenceKind.NEW:
            return Text(f"{visit} is new: {is_}", f"{visit} 为新增任务：{is_}")
        case DifferenceKind.GONE if old is None:
            return Text(f"{visit} is over", f"{visit} 已结束")
        case DifferenceKind.GONE:
            return Text(f"{visit} is over (was: {was})", f"{visit} 已结束（原为 {was}）")


def _retimed(
    visit_id: str, old: Appointment, new: Appointment, zone: ZoneInfo, lang: Language
) -> Text:
    who = _who(new, lang)
    was, is_ = (texts.day_and_time(at, zone, lang) for at in (old.start_at, new.start_at))
    later = new.start_at > old.start_at
    en = "later" if later else "earlier"
    zh = "推迟" if later else "提前"
    return Text(
        f"{visit_id} starts {en}, {is_} instead of {was} ({who})",
        f"{visit_id} {zh}：由 {was} 改为 {is_}（{who}）",
    )


def _who(appointment: Appointment, lang: Language) -> str:
    return lang.pick(", ", "、").join(appointment.names)
