"""What people write on the command line about a day that goes wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from dispatch.day_changes import DisturbanceError
from dispatch.disturbances import (
    CLOSED_PERMILLE,
    Cancelled,
    Closed,
    CustomerAbsent,
    Disturbance,
    Emergency,
    Free,
    Ill,
    Late,
    Missing,
    Overrun,
)
from dispatch.domain.parts import PartQuantity
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Priority, SkillNeed, Visit, WorkOrder
from dispatch.exchange.kinds import UnfitError
from dispatch.exchange.times import MOMENT, duration, read_time
from dispatch.texts import Text

_TIME = Text("11:30 or 2026-09-29T11:30", "11:30 或 2026-09-29T11:30")
_LENGTH = duration()


@dataclass(frozen=True, slots=True)
class Words:
    """The events as they were written, by kind."""

    ill: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    overrun: tuple[str, ...] = ()
    customer_absent: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    emergency: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    free: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))

    def said(self) -> str:
        """All of it, as the audit trail keeps it."""
        return ", ".join(
            f"{f.name.replace('_', ' ')} {word}"
            for f in fields(self)
            for word in getattr(self, f.name)
        )


def disturbances_of(words: Words, snapshot: Snapshot, now: datetime) -> tuple[Disturbance, ...]:
    """
    Raises:
        DisturbanceError: a word means nothing.
    """
    return tuple(_Reader(snapshot, now).read(words))


class _Reader:
    def __init__(self, snapshot: Snapshot, now: datetime) -> None:
        self._snapshot = snapshot
        self._now = now
        self._zone = ZoneInfo(snapshot.time_zone)
        self._taken = {*snapshot.visit, *snapshot.work_order}

    def read(self, words: Words) -> Iterator[Disturbance]:
        for word in words.overrun:
            visit_id, length = _needed("--overrun", word)
            yield Overrun(visit_id, timedelta(seconds=_length_s("--overrun", length)))
        for word in words.late:
            technician_id, until = _needed("--late", word)
            yield Late(technician_id, self._at("--late", until))
        for word in words.free:
            technician_id, _, since = word.partition("=")
            yield Free(technician_id, self._at("--free", since) if since else self._now)
        for word in words.ill:
            technician_id, _, until = word.partition("=")
            yield Ill(technician_id, self._until("--ill", until))
        for word in words.customer_absent:
            visit_id, _, until = word.partition("=")
            yield CustomerAbsent(visit_id, self._until("--customer-absent", until))
        for word in words.missing:
            yield _missing(word)
        for number, word in enumerate(words.emergency, 1):
            yield self._emergency(number, word)
        yield from map(Cancelled, words.cancel)
        for word in words.closed:
            yield self._closed(word)

    def _until(self, option: str, word: str) -> datetime:
        return self._at(option, word) if word else self._midnight()

    def _midnight(self) -> datetime:
        tomorrow = self._now.astimezone(self._zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(0), self._zone).astimezone(UTC)

    def _at(self, option: str, word: str) -> datetime:
        """A time of the day that is repaired, or of any."""
        try:
            clock = read_time(word)
        except UnfitError:
            try:
                found: datetime = MOMENT.read(word, self._zone)
            except UnfitError as error:
                raise _wrong(option, word, _TIME) from error
            return found
        today = self._now.astimezone(self._zone).date()
        return datetime.combine(today, clock, self._zone).astimezone(UTC)

    def _closed(self, word: str) -> Closed:
        pair, _, factor = word.partition("=")
        known = {*self._snapshot.station, *self._snapshot.site}
        dashes = (i for i, letter in enumerate(pair) if letter == "-")
        found = next(((pair[:i], pair[i + 1 :]) for i in dashes if pair[:i] in known), None)
        if found is None:
            raise _wrong(
                "--closed", word, Text("two stations or sites, A-B", "两个服务站或站点，A-B")
            )
        return Closed(*found, _permille(word, factor) if factor else CLOSED_PERMILLE)

    def _emergency(self, number: int, word: str) -> Emergency:
        """``SITE=90,video:2,CAM*1``"""
        site_id, _, needs = word.partition("=")
        length, *others = (need.strip() for need in needs.split(","))
        skills, parts = [], []
        for need in others:
            name, star, units = need.partition("*")
            if star or name in self._snapshot.part:
                parts.append(PartQuantity(name, _whole("--emergency", word, units or "1")))
            else:
                skill, _, level = need.partition(":")
                skills.append(SkillNeed(skill, _whole("--emergency", word, level or "1")))
        self._check_known(word, skills, parts)
        order_id = self._free_id(number)
        order = WorkOrder(order_id, site_id, self._product(site_id), Priority.EMERGENCY, self._now)
        length_s = _length_s("--emergency", length)
        return Emergency(order, Visit(order_id, order_id, length_s, tuple(skills), tuple(parts)))

    def _check_known(self, word: str, skills: list[SkillNeed], parts: list[PartQuantity]) -> None:
        known = {c.skill for t in self._snapshot.technicians for c in t.certificates}
        unknown = [s.skill for s in skills if s.skill not in known]
        unknown += [p.part_id for p in parts if p.part_id not in self._snapshot.part]
        if unknown:
            names = ", ".join(sorted({*known, *self._snapshot.part}))
            raise _wrong(
                "--emergency", word, Text(f"skills and parts: {names}", f"技能与备件：{names}")
            )

    def _free_id(self, number: int) -> str:
        while f"E{number}" in self._taken:
            number += 1
        self._taken.add(f"E{number}")
        return f"E{number}"

    def _product(self, site_id: str) -> str:
        """What is most often repaired there, or anywhere."""
        orders = self._snapshot.work_orders
        there = [o.product for o in orders if o.site_id == site_id] or [o.product for o in orders]
        return Counter(there).most_common(1)[0][0] if there else ""


def _needed(option: str, word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise _wrong(option, word, Text("NAME=VALUE", "名称=值"))
    return name, value


def _length_s(option: str, word: str) -> int:
    sign = -1 if word.startswith("-") else 1
    try:
        found: int = _LENGTH.read(word.lstrip("+-"), ZoneInfo("UTC"))
    except UnfitError as error:
        raise _wrong(option, word, _LENGTH.expected) from error
    return sign * found


def _missing(word: str) -> Missing:
    name, _, units = word.partition(":")
    part_id, at, place_id = name.partition("@")
    if not at:
        raise _wrong(
            "--missing", word, Text("PART@PLACE or PART@PLACE:2", "备件@地点 或 备件@地点:2")
        )
    return Missing(part_id, place_id, _whole("--missing", word, units) if units else None)


def _whole(option: str, word: str, number: str) -> int:
    if not number.isdecimal() or not int(number):
        raise _wrong(option, word, Text("whole numbers above 0", "大于 0 的整数"))
    return int(number)


_MOST_TIMES = 100


def _permille(word: str, factor: str) -> int:
    try:
        times = Decimal(factor)
    except InvalidOperation:
        times = Decimal(0)
    if not 0 < times <= _MOST_TIMES:
        raise _wrong("--closed", word, Text("a factor such as 2.5", "倍数，例如 2.5"))
    return int(times * 1000)


def _wrong(option: str, word: str, right: Text) -> DisturbanceError:
    return DisturbanceError(
        f"{option} {word!r}: expected {right.en}.", f"{option} {word!r}：应为{right.zh}。"
    )
