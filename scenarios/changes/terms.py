"""Changes of what was promised and what it costs: SLA clocks, calendars, prices, policies."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch.domain.calendars import CalendarDay, HourRange
from dispatch.domain.policy import POLICIES, Policy, UnassignedPrices
from dispatch.domain.sla import ClockTerms, ProvinceRelation, SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Priority
from dispatch.texts import CLOCKS, Text
from scenarios.changes.base import Change, Refusal, named, replaced, unknown

_UNASSIGNED = "unassigned_"
_Yuan = Annotated[float, Field(ge=0, le=10**9)]
_FEN = 100


class Sla(Change):
    """Another length, calendar or price of a clock in the SLA rules that are chosen: by id, by
    what they match, or (``was_hours``) by the length that the clock has now."""

    change: Literal["sla"] = "sla"
    clock: ClockKind
    rules: tuple[str, ...] = ()
    relation: ProvinceRelation | None = None
    priority: Priority | None = None
    product: str | None = None
    was_hours: Annotated[float, Field(gt=0)] | None = None
    hours: Annotated[float, Field(gt=0, le=100_000)] | None = None
    calendar: str | None = None
    breach_yuan: _Yuan | None = None
    late_yuan_per_h: _Yuan | None = None

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        wrong = [
            *unknown("rules", self.rules, (r.id for r in snapshot.sla_rules)),
            *unknown("calendar", named(self.calendar), (c.id for c in snapshot.calendars)),
        ]
        yield from wrong
        new = (self.hours, self.calendar, self.breach_yuan, self.late_yuan_per_h)
        if all(value is None for value in new):
            nothing = Text(
                "say what changes: hours, calendar, breach_yuan or late_yuan_per_h",
                "请说明改什么：hours、calendar、breach_yuan 或 late_yuan_per_h",
            )
            yield Refusal("hours", "-", nothing)
        if not wrong and not any(
            self._meant(rule, terms) for rule in snapshot.sla_rules for terms in rule.clocks
        ):
            kinds = ", ".join(
                f"{rule.id} {terms.kind} {terms.length_s / 3600:g} h"
                for rule in snapshot.sla_rules
                for terms in rule.clocks
                if terms.kind is self.clock
            )
            none = Text(
                f"no SLA rule with such a clock is chosen; there are: {kinds or '-'}",
                f"没有选中任何带该时限的规则；现有：{kinds or '-'}",
            )
            yield Refusal("clock", self.clock, none)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        rules = tuple(
            replace(
                rule,
                clocks=tuple(
                    self._changed(terms) if self._meant(rule, terms) else terms
                    for terms in rule.clocks
                ),
            )
            for rule in snapshot.sla_rules
        )
        return replace(snapshot, sla_rules=rules)

    def _meant(self, rule: SlaRule, terms: ClockTerms) -> bool:
        """A rule without a province relation holds inside and outside: ``in_province`` means it
        too, for out of the province a rule of its own usually comes first."""
        relations = (None, self.relation) if self._in_province else (self.relation,)
        return (
            terms.kind is self.clock
            and (not self.rules or rule.id in self.rules)
            and (self.relation is None or rule.relation in relations)
            and self.priority in (None, rule.priority)
            and self.product in (None, rule.product)
            and self.was_hours in (None, terms.length_s / 3600)
        )

    @property
    def _in_province(self) -> bool:
        return self.relation is ProvinceRelation.IN_PROVINCE

    def _changed(self, terms: ClockTerms) -> ClockTerms:
        return replace(
            terms,
            length_s=terms.length_s if self.hours is None else round(3600 * self.hours),
            calendar_id=self.calendar or terms.calendar_id,
            breach_fen=_fen(self.breach_yuan, terms.breach_fen),
            late_fen_per_h=_fen(self.late_yuan_per_h, terms.late_fen_per_h),
        )

    def text(self) -> Text:
        clock = CLOCKS[self.clock]
        what = [] if self.hours is None else [f"{self.hours:g} h"]
        what += [] if self.calendar is None else [self.calendar]
        what += [] if self.breach_yuan is None else [f"¥{self.breach_yuan:g}"]
        what += [] if self.late_yuan_per_h is None else [f"¥{self.late_yuan_per_h:g}/h"]
        which = [*self.rules, *(str(x) for x in (self.relation, self.priority) if x)]
        of = f" ({', '.join(which)})" if which else ""
        return Text(f"{clock.en}: {', '.join(what)}{of}", f"{clock.zh}：{'，'.join(what)}{of}")


class CalendarChange(Change):
    """Other business hours of an SLA calendar (``["08:00-20:00"]``; an empty list means around the
    clock), weekdays (0 is Monday), or single working days and holidays."""

    change: Literal["calendar"] = "calendar"
    calendar: str
    hours: tuple[str, ...] | None = None
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] | None = None
    working: tuple[date, ...] = ()
    holidays: tuple[date, ...] = ()

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from unknown("calendar", (self.calendar,), (c.id for c in snapshot.calendars))
        for hours in self.hours or ():
            if _range_of(hours) is None:
                shape = Text("expected hours such as 08:00-12:00", "应为时段，例如 08:00-12:00")
                yield Refusal("hours", hours, shape)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        calendar = next(c for c in snapshot.calendars if c.id == self.calendar)
        days = {d.day: d for d in calendar.days}
        days |= {day: CalendarDay(day, True) for day in self.working}
        days |= {day: CalendarDay(day, False) for day in self.holidays}
        if self.hours is not None:
            ranges = [r for r in map(_range_of, self.hours) if r is not None]
            ordered = tuple(sorted(ranges, key=lambda r: r.start))
            calendar = replace(calendar, hours=ordered)
        if self.weekdays is not None:
            calendar = replace(calendar, weekdays=self.weekdays)
        calendar = replace(calendar, days=tuple(days[day] for day in sorted(days)))
        return replace(snapshot, calendars=replaced(snapshot.calendars, {calendar.id: calendar}))

    def text(self) -> Text:
        what = [*(self.hours or ()), *(f"+{d}" for d in self.working)]
        what += [f"−{d}" for d in self.holidays]
        said = ", ".join(what)
        return Text(f"calendar {self.calendar}: {said}", f"日历 {self.calendar}：{said}")


class Prices(Change):
    """Other prices of the policy, by their names in docs/rules.md, in fen; ``unassigned_normal``
    and the like for visits that stay out."""

    change: Literal["prices"] = "prices"
    prices: Annotated[Mapping[str, Annotated[int, Field(ge=0)]], Field(min_length=1)]

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:  # noqa: ARG002
        yield from unknown("prices", self.prices, _PRICES)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        policy = snapshot.policy
        out = {
            name.removeprefix(_UNASSIGNED): fen
            for name, fen in self.prices.items()
            if name.startswith(_UNASSIGNED)
        }
        others: dict[str, Any] = {
            name: fen for name, fen in self.prices.items() if not name.startswith(_UNASSIGNED)
        }
        unassigned = replace(policy.unassigned_fen, **out)
        return replace(snapshot, policy=replace(policy, unassigned_fen=unassigned, **others))

    def text(self) -> Text:
        what = ", ".join(f"{name} {fen}" for name, fen in self.prices.items())
        return Text(f"prices: {what}", f"价格：{what}")


class UsePolicy(Change):
    """Another policy that ships."""

    change: Literal["policy"] = "policy"
    name: str

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:  # noqa: ARG002
        yield from unknown("name", (self.name,), POLICIES)

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:  # noqa: ARG002
        return replace(snapshot, policy=POLICIES[self.name])

    def text(self) -> Text:
        return Text(f"policy {self.name}", f"策略 {self.name}")


_PRICES = (
    *(f.name for f in fields(Policy) if f.name not in ("name", "unassigned_fen")),
    *(f"{_UNASSIGNED}{f.name}" for f in fields(UnassignedPrices)),
)


def _fen(yuan: float | None, before: int) -> int:
    return before if yuan is None else round(yuan * _FEN)


def _range_of(text: str) -> HourRange | None:
    start, _, end = text.partition("-")
    try:
        return HourRange(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
    except ValueError:
        return None
