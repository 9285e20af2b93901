"""What the sample organisations promise to be."""

from collections import Counter
from datetime import date, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.organisation import Organisation
from dispatch.domain.people import Coverage, ShiftKind, Technician
from dispatch.domain.places import Datum, Site, Station, StationKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, GateKind, Priority, Visit
from dispatch.exchange.reading import load_organisation
from dispatch.horizon import snapshot_of
from dispatch.travel import travel_of
from scenarios.organisations import (
    liaoning_planted,
    make_guizhou,
    make_liaoning,
    names,
    path_of,
)
from scenarios.organisations.guizhou_places import LINES
from tests.scenarios.integrity import faults

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOXES = {  # south, north, west, east, in degrees
    "辽宁": (38.7, 43.5, 118.8, 125.8),
    "吉林": (40.8, 46.4, 121.6, 131.4),
    "内蒙古": (37.4, 53.4, 97.1, 126.1),
    "河北": (36.0, 42.7, 113.4, 119.9),
    "黑龙江": (43.4, 53.6, 121.1, 135.1),
    "Guizhou": (24.6, 29.3, 103.5, 109.6),
}


@cache
def organisation(name: str) -> Organisation:
    return load_organisation(path_of(name))


@cache
def snapshot(name: str) -> Snapshot:
    return snapshot_of(organisation(name))


def covering(s: Snapshot, visit: Visit) -> list[Technician]:
    territory = s.site_of(visit).territory
    return [t for t in s.technicians if territory in {c.territory for c in t.territories}]


def planted(code: str) -> Visit:
    visit_id = next(i for i, c in liaoning_planted.CODES.items() if c == code)
    return snapshot("liaoning").visit[visit_id]


def best(technicians: list[Technician], skill: str) -> int:
    return max(
        (c.level for t in technicians for c in t.certificates if c.skill == skill), default=0
    )


def test_samples_are_found_by_name() -> None:
    assert names() == ("guizhou", "liaoning")
    assert (path_of("liaoning") / "organisation.csv").is_file()
    with pytest.raises(KeyError, match="atlantis"):
        path_of("atlantis")


def test_files_are_what_the_makers_make() -> None:
    assert organisation("liaoning") == make_liaoning.make()
    assert organisation("guizhou") == make_guizhou.make()


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_references_hold(name: str) -> None:
    assert faults(organisation(name)) == []


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_places_lie_in_their_province(name: str) -> None:
    places: list[Station | Site] = [*organisation(name).stations, *organisation(name).sites]
    for place in places:
        south, north, west, east = BOXES[place.province]
        assert south < place.point.latitude < north, place
        assert west < place.point.longitude < east, place
    assert {p.point.datum for p in places} == set(Datum)


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_nothing_is_recorded_in_the_future(name: str) -> None:
    now_at = organisation(name).planning_at
    for order in organisation(name).work_orders:
        assert order.reported_at < now_at
        assert order.responded_at is None or order.reported_at <= order.responded_at <= now_at
        for gate in order.gates:
            assert order.reported_at <= gate.opened_at <= now_at
            assert gate.passed_at is None or gate.opened_at <= gate.passed_at <= now_at


def test_liaoning_has_fifteen_outlets() -> None:
    stations = organisation("liaoning").stations
    cities = {kind: {s.city for s in stations if s.kind is kind} for kind in StationKind}
    assert len(stations) == 15
    assert cities == {
        StationKind.HEADQUARTERS: {"沈阳"},
        StationKind.BRANCH: {"沈阳", "大连", "鞍山", "营口", "盘锦"},
        StationKind.STATION: {
            "丹东",
            "本溪",
            "抚顺",
            "铁岭",
            "阜新",
            "辽阳",
            "朝阳",
            "葫芦岛",
            "锦州",
        },
    }


def test_liaoning_is_as_large_as_it_says() -> None:
    o = organisation("liaoning")
    assert 55 <= len(o.technicians) <= 65
    assert 270 <= len(o.visits) <= 320
    assert len(o.work_orders) < len(o.visits)
    assert o.horizon_days == 3
    assert o.planning_at.astimezone(SHANGHAI).isoformat() == "2026-09-29T07:30:00+08:00"


def test_liaoning_also_works_outside_the_province() -> None:
    s = snapshot("liaoning")
    provinces = Counter(s.site_of(v).province for v in s.visits)
    assert set(provinces) == {"辽宁", "吉林", "内蒙古", "河北", "黑龙江"}
    assert 20 <= len(s.visits) - provinces["辽宁"] <= 30


def test_liaoning_mixes_the_work() -> None:
    o = organisation("liaoning")
    count = len(o.visits)
    priorities = Counter(w.priority for w in o.work_orders)
    assert {v.run_in_s for v in o.visits} == {0, 5 * 3600}
    assert 0.09 < sum(v.run_in_s > 0 for v in o.visits) / count < 0.15
    assert 0.4 < sum(bool(v.parts) for v in o.visits) / count < 0.6
    assert 0.25 < sum(bool(v.windows) for v in o.visits) / count < 0.45
    assert sum(v.crew_size == 2 for v in o.visits) == 8
    assert all(1800 <= v.duration_s <= 3 * 3600 for v in o.visits)
    assert priorities[Priority.EMERGENCY] == 8
    assert set(priorities) == set(Priority)
    assert o.links
    assert o.pins
    assert any(v.wished_technician_id for v in o.visits)
    assert any(t.excluded_customers for t in o.technicians)
    assert any(t.absences for t in o.technicians)
    assert any(t.may_stay_overnight for t in o.technicians)
    assert 4 <= sum(g.passed_at is None for w in o.work_orders for g in w.gates) <= 12


def test_liaoning_rests_on_the_public_holiday() -> None:
    kinds: dict[date, set[ShiftKind]] = {}
    for technician in snapshot("liaoning").technicians:
        for shift in technician.shifts:
            day = shift.start_at.astimezone(SHANGHAI).date()
            kinds.setdefault(day, set()).add(shift.kind)
    assert kinds[date(2026, 10, 1)] == {ShiftKind.STANDBY}
    assert ShiftKind.REGULAR in kinds[date(2026, 9, 29)] & kinds[date(2026, 9, 30)]


def test_liaoning_promises_what_its_contract_says() -> None:
    rules = {
        r.id: {c.kind: c.length_s // 3600 for c in r.clocks}
        for r in organisation("liaoning").sla_rules
    }
    assert rules["省内"][ClockKind.ARRIVE] == 12
    assert rules["省外"][ClockKind.ARRIVE] == 24


def test_liaoning_is_short_of_parts_that_are_on_their_way() -> None:
    s = snapshot("liaoning")
    need: Counter[tuple[str, str]] = Counter()
    there: Counter[tuple[str, str]] = Counter()
    later: Counter[tuple[str, str]] = Counter()
    for visit in s.visits:
        for part in visit.parts:
            need[s.site_of(visit).city, part.part_id] += part.quantity
    for lot in s.lots:
        stock = there if lot.available_at <= s.now_at else later
        stock[s.station[lot.station_id].city, lot.part_id] += lot.quantity
    for technician in s.technicians:
        for part in technician.van_stock:
            there[s.station[technician.station_id].city, part.part_id] += part.quantity
    short = {key for key, units in need.items() if units > there[key]}
    assert [key for key in short if later[key]]
    arrivals = {lot.available_at.astimezone(SHANGHAI) for lot in s.lots}
    assert {f"{a:%m-%d %H:%M}" for a in arrivals if a > s.now_at} == {"09-29 12:00", "09-30 08:30"}


def can_do(s: Snapshot, technician: Technician, visit: Visit) -> bool:
    """By skills, territory and exclusions."""
    return (
        technician in covering(s, visit)
        and s.site_of(visit).customer_id not in technician.excluded_customers
        and all(best([technician], n.skill) >= n.level for n in visit.skills)
    )


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_people_were_told_only_what_technicians_can_do(name: str) -> None:
    s = snapshot(name)
    assert s.published
    for told in s.published:
        for technician_id in told.technician_ids:
            technician = s.technician[technician_id]
            assert can_do(s, technician, s.visit[told.visit_id]), told
            assert any(x.start_at <= told.start_at < x.end_at for x in technician.shifts), told


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_pins_and_wishes_name_technicians_who_can_do_it(name: str) -> None:
    s = snapshot(name)
    for pin in s.pins:
        assert pin.technician_id is not None
        assert can_do(s, s.technician[pin.technician_id], s.visit[pin.visit_id]), pin
    for visit in s.visits:
        wished = visit.wished_technician_id
        assert wished is None or can_do(s, s.technician[wished], visit), visit


def test_liaoning_published_about_forty_visits() -> None:
    assert len(organisation("liaoning").published) == 40


def test_planted_skill_is_held_by_nobody() -> None:
    skill = planted("skill").skills[0].skill
    assert best(list(snapshot("liaoning").technicians), skill) == 0


def test_planted_level_is_above_everybody() -> None:
    need = planted("skill_level").skills[0]
    assert 0 < best(list(snapshot("liaoning").technicians), need.skill) < need.level


def test_planted_certificate_expired_the_day_before() -> None:
    s = snapshot("liaoning")
    need = planted("skill_expired").skills[0]
    held = [
        c
        for t in covering(s, planted("skill_expired"))
        for c in t.certificates
        if c.skill == need.skill
    ]
    assert [c.expires_on for c in held] == [s.now_at.astimezone(SHANGHAI).date() - timedelta(1)]
    assert held[0].level >= need.level


def test_planted_territory_is_covered_by_nobody() -> None:
    assert covering(snapshot("liaoning"), planted("territory")) == []


def test_planted_customer_bars_the_only_one_who_could_come() -> None:
    s = snapshot("liaoning")
    visit = planted("excluded")
    able = [t for t in covering(s, visit) if best([t], visit.skills[0].skill)]
    assert len(able) == 1
    assert s.site_of(visit).customer_id in able[0].excluded_customers


def test_planted_tool_is_nowhere() -> None:
    s = snapshot("liaoning")
    tool = planted("tool").tools[0]
    assert not any(tool in t.tools for t in s.technicians)
    assert not any(tool == stock.tool for station in s.stations for stock in station.tools)


def test_planted_part_is_nowhere() -> None:
    s = snapshot("liaoning")
    part_id = planted("parts").parts[0].part_id
    assert s.part[part_id].substitutes == ()
    assert not any(q.part_id == part_id for t in s.technicians for q in t.van_stock)
    assert not any(lot.part_id == part_id for lot in s.lots)


def test_planted_quote_is_open_without_an_expected_time() -> None:
    gates = snapshot("liaoning").order_of(planted("release")).gates
    assert [g.kind for g in gates if g.passed_at is None and g.expected_at is None] == [
        GateKind.QUOTE
    ]


def test_planted_window_meets_no_shift() -> None:
    s = snapshot("liaoning")
    visit = planted("window")
    for technician in covering(s, visit):
        for shift in technician.shifts:
            latest = shift.end_at + timedelta(seconds=shift.max_overtime_s)
            assert latest <= visit.windows[0].open_at or shift.start_at > visit.windows[0].close_at


def round_trip_s(visit: Visit, technician: Technician) -> int:
    s = snapshot("liaoning")
    travel = travel_of(s)
    site_id = s.site_of(visit).id
    there, _ = travel.leg(technician.station_id, site_id)
    back, _ = travel.leg(site_id, technician.station_id)
    return there + back


def test_planted_travel_limit_is_all_that_is_in_the_way() -> None:
    visit = planted("travel_limit")
    fits = []
    for technician in covering(snapshot("liaoning"), visit):
        travel_s = round_trip_s(visit, technician)
        assert technician.max_travel_s is not None
        assert travel_s > technician.max_travel_s
        for shift in technician.shifts:
            shift_s = (shift.end_at - shift.start_at).total_seconds() + shift.max_overtime_s
            fits.append(travel_s + visit.duration_s + 3600 <= shift_s)
    assert any(fits)


def test_planted_long_way_fits_no_day() -> None:
    visit = planted("overtime")
    technicians = covering(snapshot("liaoning"), visit)
    assert technicians
    for technician in technicians:
        assert technician.max_travel_s is None
        for shift in technician.shifts:
            shift_s = (shift.end_at - shift.start_at).total_seconds() + shift.max_overtime_s
            assert shift.max_overtime_s > 0
            assert round_trip_s(visit, technician) + visit.duration_s > shift_s


def test_planted_holiday_window_meets_standby_only() -> None:
    s = snapshot("liaoning")
    visit = planted("standby")
    kinds = {
        shift.kind
        for t in covering(s, visit)
        for shift in t.shifts
        if shift.start_at <= visit.windows[0].close_at and shift.end_at > visit.windows[0].open_at
    }
    assert kinds == {ShiftKind.STANDBY}
    assert s.order_of(visit).priority is not Priority.EMERGENCY


def test_planted_reasons_span_at_least_eight_rules() -> None:
    assert len(set(liaoning_planted.CODES.values())) >= 8


def test_guizhou_has_four_lines_each_with_primary_and_backup() -> None:
    o = organisation("guizhou")
    for line in LINES:
        coverages = {
            c.coverage for t in o.technicians for c in t.territories if c.territory == line
        }
        assert coverages == {Coverage.PRIMARY, Coverage.BACKUP}
    assert len(LINES) == 4
    assert len(o.stations) == 8
    assert len(o.technicians) == 16
    assert 55 <= len(o.visits) <= 65


def test_guizhou_answers_arrives_and_restores_in_time() -> None:
    o = organisation("guizhou")
    clocks = {c.kind: c for c in next(r for r in o.sla_rules if r.id == "standard").clocks}
    assert {k: c.length_s // 3600 for k, c in clocks.items()} == {
        ClockKind.RESPOND: 1,
        ClockKind.ARRIVE: 3,
        ClockKind.RESTORE: 24,
    }
    support = next(c for c in o.calendars if c.id == clocks[ClockKind.ARRIVE].calendar_id)
    assert [(h.start, h.end) for h in support.hours] == [(time(9), time(19, 30))]
    assert next(c for c in o.calendars if c.id == clocks[ClockKind.RESPOND].calendar_id).hours == ()


def test_guizhou_stands_by_for_the_exam() -> None:
    standby = [
        shift.start_at.astimezone(SHANGHAI).date()
        for t in snapshot("guizhou").technicians
        for shift in t.shifts
        if shift.kind is ShiftKind.STANDBY
    ]
    assert standby == [date(2026, 9, 30)] * 2
