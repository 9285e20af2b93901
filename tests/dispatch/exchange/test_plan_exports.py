"""Plans as Excel, CSV, iCalendar and GeoJSON: read back with other libraries than wrote them."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from dispatch.datum import to_gcj02, to_wgs84
from dispatch.domain.calendars import Calendar as ClockCalendar
from dispatch.domain.people import Break
from dispatch.domain.places import Datum, Point
from dispatch.domain.plan import Obstacle, Unassigned
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.work import ClockKind
from dispatch.exchange.geojson import write_geojson
from dispatch.exchange.icalendar import write_icalendars
from dispatch.exchange.plan_csv import write_plan_csv
from dispatch.exchange.plan_excel import write_plan_workbook
from dispatch.judged import JudgedPlan, judged
from dispatch.texts import Language
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_shift,
    a_site,
    a_snapshot,
    a_technician,
    a_visit,
    a_work_order,
    at,
    break_stop,
    pickup_stop,
    quantities,
    visit_stop,
)

SITE_NAME = "大众出租; 三号库, “东区”"
GCJ_SITE = to_gcj02(Point(38.9, 121.6))


@pytest.fixture
def plan() -> JudgedPlan:
    """T1 leaves at 08:00, picks up a camera, does V1 and V2 around a break and is back in the
    evening; T2 does V3 on the second day; V4 stays out for a skill."""
    lunch = Break(at(12), at(13), 1800)
    snapshot = a_snapshot(
        visits=[
            a_visit("V1", parts=quantities(camera=1), run_in_s=7200),
            a_visit("V2", site="B", windows=()),
            a_visit("V3", site="C", stops=()),
            a_visit("V4", site="B"),
        ],
        technicians=[
            a_technician("T1", name="王伟", shifts=(a_shift("T1", breaks=(lunch,)),)),
            a_technician("T2/北", shifts=(a_shift("T2/北", 1),)),
        ],
        sites=[
            a_site("A", name=SITE_NAME, city="沈阳", address="铁西区\n重工街 1 号"),
            a_site("B", point=GCJ_SITE),
        ],
        work_orders=[a_work_order("V1@A", description="Screen is dark; fuse, cable\\plug checked")],
        policy=a_policy(unassigned_fen=123_45, paid_fen_per_h=4500),
        calendars=(ClockCalendar("always", "Asia/Shanghai"),),
        sla_rules=(
            SlaRule("all", clocks=(ClockTerms(ClockKind.ARRIVE, 12 * 3600, "always", 200_00),)),
        ),
    )
    decided = a_plan(
        a_route(pickup_stop(camera=1), visit_stop("V1", camera=1), break_stop(), "V2"),
        a_route("V3", technician_id="T2/北", day=1),
    )
    left = Unassigned("V4", "skill_level", (Obstacle("skill_level", 2, "T1", 1),))
    return judged(snapshot, replace(decided, unassigned=(left,)), FlatLegs())


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


# -------------------------------------------------------------------------------------- CSV


def test_csv_has_one_row_for_each_stop_between_departure_and_return(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    stops, _ = write_plan_csv(plan, tmp_path / "new" / "folder", Language.EN)
    rows = read_csv(stops)
    kinds = [row[rows[0].index("kind")] for row in rows[1:]]
    assert kinds == [
        *("departure", "pickup", "visit", "break", "visit", "return"),
        *("departure", "visit", "return"),
    ]


def test_csv_times_are_local_and_names_survive_commas_and_quotes(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    stops, _ = write_plan_csv(plan, tmp_path, Language.EN)
    heading, *rows = read_csv(stops)
    first_visit = dict(zip(heading, rows[2], strict=True))
    assert first_visit["visit"] == "V1"
    assert first_visit["place"] == f"沈阳 {SITE_NAME}"
    assert first_visit["parts"] == "camera*1"
    assert first_visit["travel min"] == "30"
    assert first_visit["travel km"] == "20.0"
    # Departure 08:00 at the depot, ten minutes of pickup, half an hour of travel.
    assert first_visit["start"] == "2026-09-28 08:40:00"
    assert first_visit["end"] == "2026-09-28 09:40:00"
    assert first_visit["leave"] == "2026-09-28 11:40:00"


def test_csv_says_what_stayed_out_and_why(plan: JudgedPlan, tmp_path: Path) -> None:
    _, unassigned = write_plan_csv(plan, tmp_path, Language.ZH)
    heading, row = read_csv(unassigned)
    left = dict(zip(heading, row, strict=True))
    assert left["任务编号"] == "V4"
    assert left["规则"] == "skill_level"
    assert left["原因"] == "技能等级不够"
    assert left["最接近的技术员"] == "王伟 T1"
    assert left["差多少"] == "1 级"


def test_csv_starts_with_the_mark_by_which_excel_knows_utf_8(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    for path in write_plan_csv(plan, tmp_path, Language.ZH):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")


# ------------------------------------------------------------------------------------ Excel


def sheet_rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    heading, *rows = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("lang", "sheets"),
    [
        (
            Language.EN,
            ["summary", "stops", "visits", "unassigned", "SLA clocks", "cost", "violations"],
        ),
        (
            Language.ZH,
            ["概要", "行程", "任务", "未排任务", "服务时限", "成本", "违反规则"],
        ),
    ],
)
def test_workbook_has_a_sheet_for_each_question(
    plan: JudgedPlan, tmp_path: Path, lang: Language, sheets: list[str]
) -> None:
    (path,) = write_plan_workbook(plan, tmp_path / "plan.xlsx", lang)
    assert load_workbook(path).sheetnames == sheets


def test_workbook_cells_are_figures_and_times_not_texts(plan: JudgedPlan, tmp_path: Path) -> None:
    (path,) = write_plan_workbook(plan, tmp_path / "plan.xlsx", Language.EN)
    visits = {row["visit"]: row for row in sheet_rows(path, "visits")}
    assert visits["V1"]["start"] == datetime(2026, 9, 28, 8, 40)  # noqa: DTZ001 - as Excel has it
    assert visits["V1"]["run-in min"] == 120
    assert visits["V1"]["technicians"] == "王伟 T1"
    assert visits["V4"]["planned"] == "no"
    assert visits["V4"]["start"] is None


def test_workbook_prints_with_the_organisation_and_its_days_on_each_page(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    (path,) = write_plan_workbook(plan, tmp_path / "plan.xlsx", Language.EN)
    book = load_workbook(path)
    assert {sheet.oddHeader.left.text for sheet in book.worksheets if sheet.oddHeader} == {
        f"{plan.snapshot.organisation} 2026-09-28 – 2026-09-30"
    }
    times = [c for row in book["visits"].iter_rows() for c in row if isinstance(c.value, datetime)]
    assert {cell.number_format for cell in times} == {"yyyy-mm-dd hh:mm"}


def test_workbook_costs_are_exact_and_sum_up(plan: JudgedPlan, tmp_path: Path) -> None:
    (path,) = write_plan_workbook(plan, tmp_path / "plan.xlsx", Language.EN)
    lines = sheet_rows(path, "cost")
    # 123.45, and as much again × 60 of the 72 hours for which its clock has run out by the end.
    assert [line["yuan"] for line in lines if line["item"] == "unassigned"] == [226.32]
    total_fen = sum(round(line["yuan"] * 100) for line in lines)
    assert total_fen == plan.verdict.cost.total_fen


def test_workbook_tells_clocks_in_time_from_late_and_open_ones(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    (path,) = write_plan_workbook(plan, tmp_path / "plan.xlsx", Language.EN)
    clocks = {row["visit"]: row for row in sheet_rows(path, "SLA clocks")}
    # Reported at local midnight, so due at noon: V1 starts at 08:40, V2 after its run-in.
    assert (clocks["V1"]["state"], clocks["V1"]["margin min"]) == ("on time", 200)
    assert clocks["V2"]["state"] == "late"
    assert (clocks["V4"]["state"], clocks["V4"]["margin min"]) == ("open", None)
    assert "V3" not in clocks  # it stops no clock


def test_workbook_never_takes_a_text_for_a_formula(plan: JudgedPlan, tmp_path: Path) -> None:
    site = replace(plan.snapshot.sites[0], name="=1+1", city="=1+1")
    snapshot = replace(plan.snapshot, sites=(site, *plan.snapshot.sites[1:]))
    (path,) = write_plan_workbook(
        judged(snapshot, plan.plan, FlatLegs()), tmp_path / "plan.xlsx", Language.EN
    )
    cells = [cell for row in load_workbook(path)["visits"].iter_rows() for cell in row]
    assert "=1+1" in {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]


# -------------------------------------------------------------------------------- iCalendar


def events(path: Path) -> list[Any]:
    return list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


def test_each_technician_has_a_calendar_with_all_stops(plan: JudgedPlan, tmp_path: Path) -> None:
    first, second = write_icalendars(plan, tmp_path / "calendars", Language.EN)
    assert (first.name, second.name) == ("T1.ics", "T2_北.ics")
    assert [e["CATEGORIES"].to_ical().decode() for e in events(first)] == [
        *("pickup", "visit", "break", "visit"),
    ]


def test_calendar_visits_last_until_the_run_in_ends_and_keep_their_texts(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    path, _ = write_icalendars(plan, tmp_path, Language.EN)
    visit = events(path)[1]
    assert visit["DTSTART"].dt == datetime(2026, 9, 28, 0, 40, tzinfo=UTC)
    assert visit["DTEND"].dt == datetime(2026, 9, 28, 3, 40, tzinfo=UTC)
    assert visit["LOCATION"] == f"沈阳 {SITE_NAME}, 铁西区\n重工街 1 号"
    assert "Screen is dark; fuse, cable\\plug checked" in visit["DESCRIPTION"]
    assert visit["DTSTAMP"].dt == plan.snapshot.now_at


def test_calendar_lines_are_at_most_75_octets_and_end_with_crlf(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    for path in write_icalendars(plan, tmp_path, Language.ZH):
        content = path.read_bytes()
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r\n")
        lines = content.split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        for line in lines:
            line.decode()  # no character is cut


def test_calendar_uids_are_unique_and_the_same_every_time(plan: JudgedPlan, tmp_path: Path) -> None:
    paths = write_icalendars(plan, tmp_path / "a", Language.EN)
    again = write_icalendars(plan, tmp_path / "b", Language.EN)
    assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in again]
    uids = [str(e["UID"]) for path in paths for e in events(path)]
    assert len(set(uids)) == len(uids) == 5


# ---------------------------------------------------------------------------------- GeoJSON


def features(plan: JudgedPlan, path: Path, kind: str) -> list[dict[str, Any]]:
    (written,) = write_geojson(plan, path, Language.EN)
    collection = json.loads(written.read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    return [f for f in collection["features"] if f["properties"]["type"] == kind]


def test_routes_are_lines_from_the_station_over_all_stops_and_back(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    first, second = features(plan, tmp_path / "plan.geojson", "route")
    base, site_a = [123.4, 41.8], [123.5, 41.9]
    wgs = to_wgs84(GCJ_SITE)
    site_b = [round(wgs.longitude, 6), round(wgs.latitude, 6)]
    assert first["geometry"]["type"] == "LineString"
    assert first["geometry"]["coordinates"] == [base, base, site_a, site_b, base]
    assert first["properties"]["depart_at"] == "2026-09-28T08:00:00+08:00"
    assert len(second["geometry"]["coordinates"]) == 3


def test_a_route_that_ends_away_draws_no_line_home(plan: JudgedPlan, tmp_path: Path) -> None:
    away = replace(plan.plan, routes=(replace(plan.plan.routes[0], ends_away=True),))
    found = features(judged(plan.snapshot, away, FlatLegs()), tmp_path / "x.json", "route")
    assert len(found[0]["geometry"]["coordinates"]) == 4


def test_points_are_wgs_84_longitude_first(plan: JudgedPlan, tmp_path: Path) -> None:
    (left,) = features(plan, tmp_path / "plan.geojson", "unassigned")
    assert left["properties"]["code"] == "skill_level"
    longitude, latitude = left["geometry"]["coordinates"]
    assert plan.snapshot.site["B"].point.datum is Datum.GCJ02
    assert (longitude, latitude) == pytest.approx((121.6, 38.9), abs=1e-6)


def test_every_visit_and_station_is_a_point(plan: JudgedPlan, tmp_path: Path) -> None:
    visits = features(plan, tmp_path / "plan.geojson", "visit")
    assert [v["properties"]["visit_id"] for v in visits] == ["V1", "V2", "V3"]
    start_at = datetime.fromisoformat(visits[2]["properties"]["start_at"])
    assert start_at - at(8, day=1) == timedelta(minutes=30)
    (station,) = features(plan, tmp_path / "plan.geojson", "station")
    assert station["geometry"]["coordinates"] == [123.4, 41.8]
