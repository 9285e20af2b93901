"""Each change does what it says, to the facts that it names and to no others."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dispatch.domain.calendars import HourRange
from dispatch.domain.parts import Lot, PartQuantity
from dispatch.domain.people import (
    Absence,
    Certificate,
    Coverage,
    ShiftKind,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import Point
from dispatch.domain.snapshot import RoadTable, Snapshot, TravelSettings
from dispatch.domain.work import ClockKind, Commitment, Link, Pin, Priority, SkillNeed
from dispatch.exchange.references import contradictions
from dispatch.travel import RoomyTravel, travel_of
from scenarios.changes import AnyChange, Change
from tests.builders import (
    a_policy,
    a_shift,
    a_site,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    a_work_order,
    at,
    clocks,
)

_CHANGE: TypeAdapter[Change] = TypeAdapter(AnyChange)


def a_change(**written: object) -> Change:
    return _CHANGE.validate_python(written)


def facts() -> Snapshot:
    """Two stations, three technicians, four visits; V3 and V4 lie in the south."""
    south = a_site("B", territory="south")
    technicians = (
        a_technician("T1", certificates=(Certificate("terminal"),)),
        a_technician("T2", max_total_overtime_s=3600, van_stock=(PartQuantity("sim", 2),)),
        a_technician(
            "T3", station_id="S2", territories=(TerritoryCover("south", Coverage.BACKUP),)
        ),
    )
    return a_snapshot(
        [a_visit("V1"), a_visit("V2"), a_visit("V3", "B"), a_visit("V4", "B")],
        technicians,
        sites=(south,),
        stations=(a_station(), a_station("S2")),
        lots=(Lot("L1", "S1", "sim", 4, at(0)), Lot("L2", "S2", "sim", 1, at(10))),
        sla_rules=clocks((ClockKind.ARRIVE, at(12)), breach_fen=100),
    )


def applied(snapshot: Snapshot, seed: int = 1, /, **written: Any) -> Snapshot:  # noqa: ANN401
    """A change that has to be possible, and to leave facts that hold together."""
    change = a_change(**written)
    assert list(change.refusals(snapshot)) == []
    after = change.apply(snapshot, seed)
    assert list(contradictions(after)) == []
    return after


def differing(before: Snapshot, after: Snapshot) -> set[str]:
    """The fields of the facts that differ."""
    return {f.name for f in fields(Snapshot) if getattr(before, f.name) != getattr(after, f.name)}


def refused(snapshot: Snapshot, **written: object) -> list[tuple[str, str]]:
    return [(r.field, r.value) for r in a_change(**written).refusals(snapshot)]


# -------------------------------------------------------------------------------------- people


def test_hired_technicians_are_like_one_but_at_their_station_and_well() -> None:
    before = facts()
    ill = replace(before.technicians[0], absences=(Absence(at(8), at(17), "ill"),))
    before = replace(before, technicians=(ill, *before.technicians[1:]))
    after = applied(before, change="hire", like="T1", count=2, station="S2")
    hired = after.technicians[3:]
    assert [(t.id, t.station_id, t.absences) for t in hired] == [
        ("T1+1", "S2", ()),
        ("T1+2", "S2", ()),
    ]
    assert hired[0].certificates == ill.certificates
    assert [s.start_at for s in hired[0].shifts] == [s.start_at for s in ill.shifts]
    assert differing(before, after) == {"technicians"}


def test_hiring_twice_gives_new_ids() -> None:
    once = applied(facts(), change="hire", like="T1")
    twice = applied(once, change="hire", like="T1")
    assert [t.id for t in twice.technicians[3:]] == ["T1+1", "T1+2"]


def test_who_leaves_takes_pins_promises_and_wishes_along() -> None:
    before = replace(
        facts(),
        visits=(a_visit("V1", wished_technician_id="T1"), *facts().visits[1:]),
        pins=(Pin("V1", "T1"), Pin("V2", "T2", other_technician_ids=("T1",))),
        published=(Commitment("V1", ("T1",), at(9)), Commitment("V2", ("T2",), at(9))),
    )
    after = applied(before, change="leave", technicians=["T1"])
    assert [t.id for t in after.technicians] == ["T2", "T3"]
    assert after.pins == (Pin("V2", "T2"),)
    assert [c.visit_id for c in after.published] == ["V2"]
    assert after.visits[0].wished_technician_id is None


def test_nobody_leaves_unless_somebody_is_named() -> None:
    with pytest.raises(ValidationError, match="say who"):
        a_change(change="leave")


def test_who_moves_has_another_station_and_other_territories() -> None:
    after = applied(facts(), change="move", technicians=["T1"], to="S2", cover=["south"])
    assert after.technicians[0].station_id == "S2"
    assert after.technicians[0].territories == (TerritoryCover("south"),)


def test_training_adds_a_certificate_where_there_is_none_as_good() -> None:
    before = facts()
    after = applied(before, change="train", skill="terminal", territory="north")
    assert after.technicians[0] == before.technicians[0]
    assert after.technicians[1].certificates == (Certificate("terminal"),)
    assert after.technicians[2].certificates == ()


def test_shifts_change_on_the_days_that_are_given() -> None:
    after = applied(facts(), change="shifts", technicians=["T1"], end="19:30", days=["2026-09-29"])
    ends = [s.end_at for s in after.technicians[0].shifts]
    assert ends == [at(17), at(19, 30, day=1), at(17, day=2)]


def test_a_shift_that_ends_before_it_starts_ends_the_next_day() -> None:
    after = applied(facts(), change="shifts", technicians=["T1"], start="20:00", end="04:00")
    first = after.technicians[0].shifts[0]
    assert (first.start_at, first.end_at) == (at(20), at(4, day=1))


def test_an_extra_shift_stands_in_order_and_may_be_standby() -> None:
    before = replace(facts(), technicians=(a_technician(shifts=(a_shift(day=2),)),))
    after = applied(
        before,
        change="extra_shift",
        technicians=["T1"],
        day="2026-09-29",
        start="09:00",
        end="12:00",
        kind="standby",
    )
    extra, _ = after.technicians[0].shifts
    assert (extra.start_at, extra.end_at) == (at(9, day=1), at(12, day=1))
    assert extra.kind is ShiftKind.STANDBY


def test_an_extra_shift_may_not_clash_nor_lie_outside() -> None:
    extra = {"change": "extra_shift", "technicians": ["T1"], "start": "09:00", "end": "12:00"}
    assert refused(facts(), **extra, day="2026-09-28") == [("day", "2026-09-28")]
    assert refused(facts(), **extra, day="2026-10-05") == [("day", "2026-10-05")]


def test_overtime_raises_what_there_is_in_all_by_as_much() -> None:
    after = applied(facts(), change="overtime", minutes=30)
    assert [s.max_overtime_s for s in after.technicians[1].shifts] == [1800] * 3
    assert after.technicians[1].max_total_overtime_s == 3600 + 3 * 1800
    assert after.technicians[0].max_total_overtime_s is None


def test_territories_are_added_and_taken_away() -> None:
    after = applied(
        facts(),
        change="territories",
        technicians=["T1"],
        add=["south"],
        remove=["north"],
        coverage="backup",
    )
    assert after.technicians[0].territories == (TerritoryCover("south", Coverage.BACKUP),)


def test_absences_that_touch_become_one() -> None:
    before = replace(facts(), technicians=(a_technician(absences=(Absence(at(10), at(12)),)),))
    after = applied(
        before,
        change="absent",
        technicians=["T1"],
        start="2026-09-28T11:00",
        end="2026-09-28T14:00",
    )
    assert [(a.start_at, a.end_at) for a in after.technicians[0].absences] == [(at(10), at(14))]


def test_a_larger_wave_hits_the_same_people_and_more() -> None:
    many = replace(facts(), technicians=tuple(a_technician(f"T{i}") for i in range(60)))

    def ill(percent: int, seed: int) -> set[str]:
        after = applied(many, seed, change="absence_wave", percent=percent)
        return {t.id for t in after.technicians if t.absences}

    assert ill(0, 1) == set()
    assert ill(20, 1) < ill(50, 1) < ill(100, 1)
    assert len(ill(100, 1)) == 60
    assert ill(20, 1) != ill(20, 2)


# -------------------------------------------------------------------------------------- places


def test_an_opened_station_can_be_moved_to() -> None:
    opened = applied(
        facts(),
        change="open_station",
        id="S9",
        name="New",
        city="Dalian",
        latitude=38.9,
        longitude=121.6,
    )
    after = applied(opened, change="move", technicians=["T1"], to="S9")
    assert after.technicians[0].station_id == "S9"
    assert travel_of(after).leg("S9", "A")[0] > 0


def test_all_of_a_closed_station_goes_to_the_other() -> None:
    after = applied(facts(), change="close_station", station="S2", to="S1")
    assert [s.id for s in after.stations] == ["S1"]
    assert {t.station_id for t in after.technicians} == {"S1"}
    assert {lot.station_id for lot in after.lots} == {"S1"}


def test_a_moved_station_is_estimated_where_roads_knew_it() -> None:
    roads = RoadTable("roads", ("S1", "A"), ((0, 99_999), (99_999, 0)), ((0, 9), (9, 0)))
    before = replace(facts(), travel=TravelSettings(roads=roads))
    assert travel_of(before).leg("S1", "A") == (99_999, 9)
    after = applied(before, change="move_station", station="S1", latitude=41.9, longitude=123.5)
    assert travel_of(after).leg("S1", "A") == (0, 0)


def test_slower_travel_of_a_territory_touches_its_legs_only_and_once() -> None:
    before = facts()
    was, now = (
        travel_of(before),
        travel_of(applied(before, change="travel", percent=150, territories=["south"])),
    )
    for pair in (("S1", "B"), ("B", "S1"), ("A", "B")):
        assert now.leg(*pair)[0] == pytest.approx(1.5 * was.leg(*pair)[0], abs=1)
        assert now.leg(*pair)[1] == was.leg(*pair)[1]
    assert now.leg("S1", "A") == was.leg("S1", "A")


def test_places_that_come_after_slower_travel_are_slowed_too() -> None:
    slowed = applied(facts(), change="travel", percent=150)
    slowed = applied(slowed, change="travel", percent=200, territories=["south"])
    new = {"change": "open_station", "id": "S9", "name": "New", "city": "Shenyang"}
    where = {"latitude": 41.95, "longitude": 123.6}
    usual, after = (travel_of(applied(x, **new, **where)) for x in (facts(), slowed))
    for place, factor in (("A", 1.5), ("B", 3.0)):
        for pair in (("S9", place), (place, "S9")):
            assert after.leg(*pair)[0] == pytest.approx(factor * usual.leg(*pair)[0], abs=2)
    roomy = RoomyTravel(slowed, travel_of(slowed), spare=1)
    site = replace(slowed.sites[0], id="X", point=Point(41.95, 123.6), territory="south")
    grown = roomy.with_site(site, slowed.travel)
    anew = travel_of(replace(slowed, sites=(*slowed.sites, site)))
    assert grown is not None
    assert (grown.seconds == anew.seconds).all()


def test_travel_as_it_was_is_no_change() -> None:
    assert applied(facts(), change="travel", percent=100) == facts()


# --------------------------------------------------------------------------------------- stock


def test_stock_is_exactly_so_much_and_none_is_none() -> None:
    after = applied(facts(), change="stock", part="sim", units=7, station="S1")
    assert {(x.station_id, x.quantity) for x in after.lots} == {("S1", 7), ("S2", 1)}
    bare = applied(facts(), change="stock", part="sim", units=0, vans=True)
    assert bare.lots == ()
    assert bare.technicians[1].van_stock == ()


def test_a_delivery_comes_when_it_comes() -> None:
    after = applied(
        facts(), change="delivery", part="sim", station="S1", units=2, at="2026-09-29T10:00"
    )
    assert (after.lots[-1].quantity, after.lots[-1].available_at) == (2, at(10, day=1))
    again = applied(after, change="delivery", part="sim", station="S1", units=2)
    assert len({lot.id for lot in again.lots}) == 4


def test_substitutes_are_what_is_given() -> None:
    after = applied(facts(), change="substitutes", part="sim", instead=["camera"])
    assert after.part["sim"].substitutes == ("camera",)
    assert refused(facts(), change="substitutes", part="sim", instead=["sim"]) == [
        ("instead", "sim")
    ]


# ---------------------------------------------------------------------------------------- work


def test_doubled_demand_has_each_visit_twice_in_its_territory() -> None:
    before = facts()
    after = applied(before, change="demand", percent=200, territories=["south"])
    copies = after.visits[4:]
    assert [v.id for v in copies] == ["V3~1", "V4~1"]
    assert {after.site_of(v).territory for v in copies} == {"south"}
    assert differing(before, after) == {"visits", "work_orders"}


def test_growing_demand_keeps_what_smaller_demand_has() -> None:
    many = a_snapshot([a_visit(f"V{i}") for i in range(50)])

    def ids(percent: int) -> set[str]:
        return {v.id for v in applied(many, 7, change="demand", percent=percent).visits}

    assert ids(0) == set()
    assert ids(40) < ids(80) < ids(100) < ids(130) < ids(250)
    assert ids(100) == set(many.visit)
    assert len(ids(200)) == 100


def test_demand_of_some_hours_is_that_reported_then() -> None:
    early, late = (a_work_order(f"W{h}", reported_at=at(h)) for h in (7, 20))
    before = a_snapshot(
        [replace(a_visit("V1"), work_order_id="W7"), replace(a_visit("V2"), work_order_id="W20")],
        work_orders=(early, late),
        sites=(a_site(),),
    )
    night = applied(before, change="demand", percent=200, from_hour=18, to_hour=6)
    assert [v.id for v in night.visits] == ["V1", "V2", "V2~1"]


def test_demand_of_a_priority_leaves_the_others() -> None:
    urgent = a_work_order("W2", priority=Priority.EMERGENCY)
    before = a_snapshot(
        [a_visit("V1"), replace(a_visit("V2"), work_order_id="W2")],
        work_orders=(urgent,),
        sites=(a_site(),),
    )
    after = applied(before, change="demand", percent=0, priorities=["normal"])
    assert [v.id for v in after.visits] == ["V2"]


def test_what_is_gone_is_named_nowhere() -> None:
    before = replace(
        facts(),
        links=(Link("V1", "V2"),),
        pins=(Pin("V2", after_visit_id="V1"), Pin("V3", "T3")),
        published=(Commitment("V1", ("T1",), at(9)),),
    )
    after = applied(before, change="demand", percent=0, territories=["north"])
    assert set(after.visit) == {"V3", "V4"}
    assert (after.links, after.published) == ((), ())
    assert [p.visit_id for p in after.pins] == ["V3"]
    assert {w.id for w in after.work_orders} == {v.work_order_id for v in after.visits}


def test_what_people_were_told_of_is_not_fixed_remotely() -> None:
    before = replace(facts(), published=(Commitment("V1", ("T1",), at(9)),))
    after = applied(before, change="remote_fixes", percent=100)
    assert set(after.visit) == {"V1"}


def test_emergencies_begin_no_earlier_than_they_are_reported() -> None:
    after = applied(
        facts(), change="emergencies", count=20, territories=["south"], from_hour=9, to_hour=11
    )
    new = after.visits[4:]
    assert len(new) == 20
    for visit in new:
        order = after.order_of(visit)
        assert order.priority is Priority.EMERGENCY
        assert visit.release_at == order.reported_at
        hour = (order.reported_at - at(0)).total_seconds() / 3600 % 24
        assert 9 <= hour < 11
        assert after.site_of(visit).territory == "south"


# --------------------------------------------------------------------------------------- terms


def test_a_shorter_clock_runs_out_sooner() -> None:
    after = applied(facts(), change="sla", clock="arrive", hours=8)
    assert after.sla_rules[0].clocks[0].length_s == 8 * 3600
    assert after.sla_rules[0].clocks[0].breach_fen == 100


def test_only_clocks_of_the_length_that_is_named_change() -> None:
    before = facts()
    assert refused(before, change="sla", clock="arrive", was_hours=24, hours=8) == [
        ("clock", "arrive")
    ]
    assert applied(before, change="sla", clock="arrive", was_hours=12, hours=8) != before


def test_business_hours_and_holidays_of_a_calendar() -> None:
    after = applied(
        facts(),
        change="calendar",
        calendar="always",
        hours=["13:00-17:00", "08:00-12:00"],
        holidays=["2026-10-01"],
    )
    calendar = after.calendars[0]
    assert calendar.hours == (HourRange(time(8), time(12)), HourRange(time(13), time(17)))
    assert calendar.working_by_day == {date(2026, 10, 1): False}
    assert refused(facts(), change="calendar", calendar="always", hours=["8 to 12"]) == [
        ("hours", "8 to 12")
    ]


def test_prices_change_by_name() -> None:
    before = replace(facts(), policy=a_policy(unassigned_fen=5))
    after = applied(before, change="prices", prices={"overtime_fen_per_h": 9, "unassigned_low": 1})
    assert after.policy.overtime_fen_per_h == 9
    assert (after.policy.unassigned_fen.low, after.policy.unassigned_fen.high) == (1, 5)
    assert refused(before, change="prices", prices={"overtime": 9}) == [("prices", "overtime")]


def test_another_policy_is_one_that_ships() -> None:
    assert applied(facts(), change="policy", name="cost_first").policy.name == "cost_first"
    assert refused(facts(), change="policy", name="cheap") == [("name", "cheap")]


# ------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ({"change": "hire", "like": "T9", "station": "S9"}, ["like", "station"]),
        ({"change": "leave", "technicians": ["T1", "T9"]}, ["technicians"]),
        ({"change": "leave", "technicians": ["T1"], "station": "S2"}, ["technicians"]),
        ({"change": "move", "technicians": ["T1"], "to": "S9"}, ["to"]),
        ({"change": "train", "skill": "cooking"}, ["skill"]),
        ({"change": "overtime", "minutes": 5, "territory": "west"}, ["territory"]),
        ({"change": "shifts"}, ["start"]),
        ({"change": "close_station", "station": "S9", "to": "S9"}, ["station", "to", "to"]),
        ({"change": "stock", "part": "disk", "units": 1}, ["part"]),
        ({"change": "demand", "percent": 50, "products": ["radio"]}, ["products"]),
        (
            {"change": "emergencies", "count": 1, "from_hour": 9, "to_hour": 9},
            ["to_hour"],
        ),
        ({"change": "travel", "percent": 120, "territories": ["west"]}, ["territories"]),
        ({"change": "sla", "clock": "arrive"}, ["hours"]),
        ({"change": "sla", "clock": "restore", "hours": 1}, ["clock"]),
    ],
)
def test_what_cannot_apply_is_refused_with_its_field(
    written: dict[str, object], wrong: Sequence[str]
) -> None:
    assert [field for field, _ in refused(facts(), **written)] == wrong


def test_a_refusal_names_what_was_probably_meant() -> None:
    train = a_change(change="train", skill="terminl")
    assert "terminal" in next(train.refusals(facts())).message.en
    assert "terminal" in next(train.refusals(facts())).message.zh


# -------------------------------------------------------------------------------- composition


IDENTITIES: list[dict[str, object]] = [
    {"change": "hire", "like": "T1", "count": 0},
    {"change": "demand", "percent": 100},
    {"change": "remote_fixes", "percent": 0},
    {"change": "emergencies", "count": 0},
    {"change": "absence_wave", "percent": 0},
    {"change": "travel", "percent": 100},
    {"change": "overtime", "minutes": 0},
    {"change": "delivery", "part": "sim", "station": "S1", "units": 0},
    {"change": "sla", "clock": "arrive", "hours": 12},
]


@pytest.mark.parametrize("written", IDENTITIES, ids=lambda w: str(w["change"]))
def test_a_change_by_nothing_is_none(written: dict[str, object]) -> None:
    assert applied(facts(), **written) == facts()


def test_changes_of_different_things_commute() -> None:
    hire = {"change": "hire", "like": "T1"}
    others: list[dict[str, object]] = [
        {"change": "stock", "part": "sim", "units": 2},
        {"change": "demand", "percent": 150},
        {"change": "sla", "clock": "arrive", "hours": 3},
        {"change": "travel", "percent": 120},
    ]
    for other in others:
        one = applied(applied(facts(), **hire), **other)
        two = applied(applied(facts(), **other), **hire)
        assert one == two


def test_a_change_leaves_the_facts_before_it_alone() -> None:
    before, copy = facts(), facts()
    applied(before, change="demand", percent=300)
    assert before == copy


def test_a_trained_technician_still_meets_the_same_needs() -> None:
    need = SkillNeed("terminal", 1)
    technician: Technician = applied(facts(), change="train", skill="terminal").technicians[0]
    assert any(c.skill == need.skill and c.level >= need.level for c in technician.certificates)


def test_times_are_those_of_the_organisation() -> None:
    after = applied(
        facts(),
        change="absent",
        technicians=["T1"],
        start="2026-09-28T00:00",
        end="2026-09-29T00:00",
    )
    absence = after.technicians[0].absences[0]
    assert absence.start_at == datetime.fromisoformat("2026-09-27T16:00+00:00")
    assert absence.end_at - absence.start_at == timedelta(days=1)
