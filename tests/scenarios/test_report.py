"""Reports say what was found, by themselves: no page asks anybody for anything."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook

from dispatch.texts import Language
from scenarios.bottlenecks import bottlenecks
from scenarios.changes.people import Hire
from scenarios.charts import Bar, BarChart, Chart, Dot, LineChart, Waterfall
from scenarios.period_charts import HeatMap, Line, Mark, Trend
from scenarios.report import Report, bottleneck_report, comparison_report
from scenarios.report_files import ReportError, write_report
from scenarios.study import Compared
from tests.scenarios.laboratories import a_laboratory, a_scenario

CHARTS: list[Chart] = [
    LineChart("units", "yuan", (Dot(0, 5, "a < b"), Dot(1, 3, "b", True), Dot(2, 3, "c"))),
    LineChart("yuan", "%", (Dot(0, 80, "nothing"),), is_stepped=True),
    BarChart((Bar("overtime & more", -5, "−5", 1), Bar("travel", 3, "+3", -1))),
    Waterfall(Bar("before", 100, "100"), (Bar("x", -20, "−20", 1),), Bar("after", 80, "80")),
    Waterfall(None, (Bar("x", 20, "20"), Bar("y", 10, "10")), Bar("all", 30, "30")),
    HeatMap(("before", "after"), (("T1", (1200.0, 300.0)), ("T2", (None, 0.0)))),
    HeatMap(tuple("abcdefgh") * 4, (("T1", (800.0,) * 32),), (Mark(0, 6, "warm-up", True),)),
    Trend(
        ("1st", "2nd", "3rd"),
        "day",
        "%",
        (Line("arrive", (90.0, None, 80.0)), Line("open", (1, 2, 3), (0, 1, 2), (2, 3, 4))),
        (Mark(0, 0, "warm-up", True), Mark(2, 2, "a storm with a name that is long", False)),
    ),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("results")
    scenario = a_scenario(Hire(like="T1"), seeds=(1, 2, 3), name="one <more> & better")
    sides = a_laboratory(folder).carry_out((scenario.baseline, scenario))
    return comparison_report([Compared(*sides)], Language.EN)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: type(c).__name__)
def test_a_chart_is_well_formed_and_inside_its_frame(chart: Chart) -> None:
    root = ET.fromstring(chart.svg())
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        if element.tag == "rect":
            assert float(element.attrib["x"]) + float(element.attrib["width"]) <= width
            assert float(element.attrib["y"]) + float(element.attrib["height"]) <= height
        for name, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            if name in element.attrib:
                assert 0 <= float(element.attrib[name]) <= most


def test_all_figures_of_a_chart_are_written_in_it() -> None:
    said = CHARTS[2].svg()
    assert "−5" in said
    assert "overtime &amp; more" in said


def test_ticks_are_round_and_no_label_is_cut_off() -> None:
    assert all(f">{value}</text>" in CHARTS[0].svg() for value in "012345")
    for label in ("technicians of territory Qiannan-Qiandongnan", "责任区技术员：黔南—黔东南"):
        root = ET.fromstring(BarChart((Bar(label, 213, "213"),)).svg())
        written = next(e for e in root.iter() if e.text == label)
        assert float(written.attrib["x"]) >= 6 * len(label)


def test_a_page_asks_nobody(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.html"
    write_report(report, path, Language.EN)
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=|url\(|@import|<script|https?:", page)
    assert "one &lt;more&gt; &amp; better" in page
    assert page.count("<svg") == 2
    for line in report.lines:
        assert line.split("<")[0] in page
    key = report.sections[0]
    assert key.lines[0] == "1 more technician like T1"  # what is changed, then what is clear
    assert all("more than noise" in line for line in key.lines[1:])
    assert page.count("more than noise") >= len(key.lines) - 1 > 0


def test_a_workbook_holds_numbers(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_report(report, path, Language.EN)
    book = load_workbook(path)
    assert book.sheetnames[0] == "summary"
    sheet = book.worksheets[1]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    before, after, difference = rows["cost"][1:4]
    assert isinstance(before, float | int)
    assert after - before == pytest.approx(difference, abs=0.01)  # type: ignore[operator]


def test_a_report_has_to_be_a_page_or_a_workbook(report: Report, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"\.html"):
        write_report(report, tmp_path / "report.pdf", Language.EN)


def test_what_holds_back_most_is_named_in_both_languages(tmp_path: Path) -> None:
    found = bottlenecks(a_scenario(seeds=(1, 2, 3)), a_laboratory(tmp_path))
    (line,) = bottleneck_report("test", found, Language.EN).lines
    assert "territory north" in line
    assert "north" in bottleneck_report("test", found, Language.ZH).lines[0]
