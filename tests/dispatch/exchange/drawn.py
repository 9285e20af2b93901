"""Hypothesis strategies for organisations in which any field may be filled in."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from dispatch.domain.calendars import Calendar, CalendarDay, HourRange
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot, Part, PartQuantity
from dispatch.domain.people import (
    Absence,
    BreakPattern,
    Certificate,
    Coverage,
    ShiftKind,
    ShiftPattern,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import Customer, Datum, Point, Site, Station, StationKind, ToolStock
from dispatch.domain.policy import Policy, UnassignedPrices
from dispatch.domain.sla import ClockTerms, ProvinceRelation, SlaRule
from dispatch.domain.snapshot import SpeedBand, TravelSettings, TravelTable
from dispatch.domain.work import (
    ClockKind,
    Commitment,
    Gate,
    GateKind,
    Link,
    Pin,
    Priority,
    SkillNeed,
    Visit,
    Window,
    WorkOrder,
)

_T = TypeVar("_T")

ZONE = "Asia/Shanghai"
PLANNING_AT = datetime(2026, 9, 28, 23, 30, tzinfo=UTC)
STATIONS, SITES, PARTS = ("站1", "st:2"), ("S=1", "s 2", "S-3"), ("sim", "part*2", "摄像头,4")
CUSTOMERS, TECHNICIANS, VISITS = ("c1", "客户"), ("T1", "007", "1e5"), ("V1", "V2", "V3")
CALENDARS, SKILLS, TOOLS = (
    ("always", "office"),
    ("gps", "gps:2", "焊接"),
    ("ladder", "#crane", "=1"),
)

seconds = st.integers(0, 100_000)
money = st.integers(0, 10**8)
names = st.sampled_from(["a", "沈阳", "b c", "d/e", "x'y", 'say "hi", now', "=1+1", "#REF!", "-5"])
texts = st.one_of(names, st.just(""), st.just("two\nlines; and more"))
moments = st.integers(-(10**6), 10**6).map(lambda s: PLANNING_AT + timedelta(seconds=s))
times = st.integers(0, 86_399).map(lambda s: time(s // 3600, s // 60 % 60, s % 60))
days = st.integers(0, 700).map(lambda n: date(2026, 1, 1) + timedelta(n))


def maybe(strategy: st.SearchStrategy[_T]) -> st.SearchStrategy[_T | None]:
    return st.one_of(st.none(), strategy)


def some(strategy: st.SearchStrategy[_T], most: int = 2) -> st.SearchStrategy[tuple[_T, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


def each(
    strategy: st.SearchStrategy[_T], key: Callable[[_T], object]
) -> st.SearchStrategy[tuple[_T, ...]]:
    """Up to three that differ in ``key``."""
    return st.lists(strategy, max_size=3, unique_by=key).map(tuple)


def among(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


def one_each(
    ids: tuple[str, ...], of: Callable[[str], st.SearchStrategy[_T]]
) -> st.SearchStrategy[tuple[_T, ...]]:
    return st.tuples(*(of(i) for i in ids))


@st.composite
def intervals(draw: st.DrawFn) -> tuple[tuple[datetime, datetime], ...]:
    """Sorted, disjoint, up to two."""
    count = draw(st.integers(0, 2)) * 2
    cuts = sorted(draw(st.lists(moments, min_size=count, max_size=count, unique=True)))
    return tuple(zip(cuts[::2], cuts[1::2], strict=True))


points = st.builds(Point, st.floats(30, 50), st.floats(100, 130), st.sampled_from(list(Datum)))
quantities = each(
    st.builds(PartQuantity, st.sampled_from(PARTS), st.integers(1, 99)), lambda q: q.part_id
)


def _station(id_: str) -> st.SearchStrategy[Station]:
    tools = each(st.builds(ToolStock, st.sampled_from(TOOLS), seconds), lambda t: t.tool)
    kinds = st.sampled_from(list(StationKind))
    return st.builds(Station, st.just(id_), names, kinds, points, names, names, seconds, tools)


def _site(id_: str) -> st.SearchStrategy[Site]:
    customers = st.sampled_from(CUSTOMERS)
    return st.builds(
        Site, st.just(id_), names, customers, points, names, names, names, address=texts
    )


def _technician(id_: str) -> st.SearchStrategy[Technician]:
    certificates = st.builds(Certificate, st.sampled_from(SKILLS), st.integers(1, 9), maybe(days))
    covers = st.builds(TerritoryCover, names, st.sampled_from(list(Coverage)))
    absences = st.tuples(intervals(), texts).map(
        lambda drawn: tuple(Absence(a, b, drawn[1]) for a, b in drawn[0])
    )
    return st.builds(
        Technician,
        st.just(id_),
        names,
        st.sampled_from(STATIONS),
        each(certificates, lambda c: (c.skill, c.level)),
        each(covers, lambda c: c.territory),
        st.just(()),
        absences,
        quantities,
        among(TOOLS),
        among(CUSTOMERS),
        among(SITES),
        maybe(seconds),
        maybe(seconds),
        maybe(seconds),
        seconds,
        st.booleans(),
        seconds,
    )


patterns = st.builds(
    ShiftPattern,
    st.sampled_from(TECHNICIANS),
    st.sampled_from(["daily", "workdays", "holidays", "Mon,Tue", "2026-10-01,2026-10-03", "Sun"]),
    times,
    times,
    st.sampled_from(list(ShiftKind)),
    seconds,
    some(st.builds(BreakPattern, times, times, st.integers(1, 9999))),
)


def _order(id_: str) -> st.SearchStrategy[WorkOrder]:
    opened = st.integers(2, 99).map(lambda n: PLANNING_AT - timedelta(hours=n))
    later = maybe(st.integers(0, 99).map(lambda n: PLANNING_AT + timedelta(minutes=n)))
    gates = some(
        st.builds(Gate, st.sampled_from(list(GateKind)), opened, later, later, st.booleans())
    )
    return st.builds(
        WorkOrder,
        st.just(id_),
        st.sampled_from(SITES),
        names,
        st.sampled_from(list(Priority)),
        opened,
        gates,
        later,
        later,
        later,
        texts,
    )


def _visit(id_: str) -> st.SearchStrategy[Visit]:
    needs = st.builds(SkillNeed, st.sampled_from(SKILLS), st.integers(1, 9))
    return st.builds(
        Visit,
        st.just(id_),
        st.sampled_from(VISITS),
        st.integers(1, 50_000),
        each(needs, lambda n: n.skill),
        quantities,
        among(TOOLS),
        intervals().map(lambda found: tuple(Window(a, b) for a, b in found)),
        maybe(moments),
        seconds,
        st.integers(1, 4),
        maybe(st.sampled_from(TECHNICIANS)),
        st.lists(st.sampled_from(list(ClockKind)), unique=True).map(tuple),
    )


links = st.builds(
    Link,
    st.sampled_from(VISITS[:2]),
    st.just(VISITS[2]),
    maybe(st.integers(-5000, 0)),
    maybe(st.integers(0, 5000)),
    st.booleans(),
)
pins = st.builds(
    Pin,
    st.sampled_from(VISITS[:2]),
    st.sampled_from(TECHNICIANS),
    moments,
    st.just("V3"),
    st.lists(st.sampled_from(TECHNICIANS), max_size=1).map(tuple),
)
commitments = st.builds(
    Commitment,
    st.sampled_from(VISITS),
    st.lists(st.sampled_from(TECHNICIANS), min_size=1, unique=True).map(tuple),
    moments,
)


def _calendar(id_: str) -> st.SearchStrategy[Calendar]:
    hours = st.sampled_from(
        [
            (),
            (HourRange(time(9), time(12)), HourRange(time(13), time(0))),
            (HourRange(time(8), time(20, 0, 1)),),
        ]
    )
    own = each(st.builds(CalendarDay, days, st.booleans(), texts), lambda d: d.day)
    return st.builds(
        Calendar,
        st.just(id_),
        st.sampled_from([ZONE, "Europe/Berlin"]),
        hours,
        st.sampled_from([(), (0, 1, 2, 3, 4), (5, 6)]),
        own.map(lambda found: tuple(sorted(found, key=lambda d: d.day))),
    )


def _rule(id_: str) -> st.SearchStrategy[SlaRule]:
    terms = st.builds(
        ClockTerms,
        st.sampled_from(list(ClockKind)),
        st.integers(1, 10**6),
        st.sampled_from(CALENDARS),
        money,
        money,
    )
    return st.builds(
        SlaRule,
        st.just(id_),
        maybe(st.sampled_from(list(ProvinceRelation))),
        maybe(names),
        maybe(names),
        maybe(names),
        maybe(names),
        maybe(st.sampled_from(list(Priority))),
        each(terms, lambda t: t.kind),
        maybe(st.integers(0, 10**5)),
    )


policies = st.builds(
    Policy,
    names,
    st.builds(UnassignedPrices, money, money, money, money),
    *(money for _ in range(16)),
)


@st.composite
def _travel(draw: st.DrawFn) -> TravelSettings:
    bands = (
        SpeedBand("city", draw(st.integers(1, 10**6)), draw(st.integers(1, 200))),
        SpeedBand("rest", None, 60),
    )
    places = (*STATIONS, *SITES)
    row = st.tuples(*(seconds for _ in places))
    square = st.tuples(*(row for _ in places))
    table = draw(maybe(st.builds(TravelTable, st.just(places), square, square)))
    return TravelSettings(draw(st.integers(0, 5000)), bands, table)


organisations = st.builds(
    Organisation,
    id=names,
    name=names,
    home_province=names,
    time_zone=st.just(ZONE),
    planning_at=st.just(PLANNING_AT),
    horizon_days=st.integers(1, 30),
    shift_calendar_id=st.sampled_from(CALENDARS),
    stations=one_each(STATIONS, _station),
    customers=one_each(CUSTOMERS, lambda i: st.builds(Customer, st.just(i), names, st.just("金"))),
    sites=one_each(SITES, _site),
    parts=st.tuples(
        st.builds(Part, st.just(PARTS[0]), names, among(PARTS[1:])),
        *(st.builds(Part, st.just(i), names) for i in PARTS[1:]),
    ),
    lots=each(
        st.builds(Lot, names, st.sampled_from(STATIONS), st.sampled_from(PARTS), seconds, moments),
        lambda lot: lot.id,
    ),
    technicians=one_each(TECHNICIANS, _technician),
    shift_patterns=some(patterns),
    work_orders=one_each(VISITS, _order),
    visits=one_each(VISITS, _visit),
    links=each(links, lambda link: link.first_visit_id),
    pins=each(pins, lambda pin: pin.visit_id),
    published=each(commitments, lambda told: told.visit_id),
    calendars=one_each(CALENDARS, _calendar),
    sla_rules=one_each(("r1", "规则 2"), _rule),
    policies=each(policies, lambda policy: policy.name),
    travel=_travel(),
    default_policy=st.sampled_from(["balanced", "sla_first", "cost_first"]),
    provisional_years=st.sampled_from([(), (2027,), (2027, 2028)]),
)
