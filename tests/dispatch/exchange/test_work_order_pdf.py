"""Work order forms, read back with another library than wrote them.

Texts are compared without white space, for readers of PDFs disagree about it.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from pypdfium2 import PdfDocument

from dispatch.domain.people import Break
from dispatch.domain.places import Equipment
from dispatch.domain.work import ClockKind, Gate, GateKind, Ticket, Window
from dispatch.exchange.pdf_font import MISSING, FormFont
from dispatch.exchange.pdf_layout import BOTTOM, TOP, Cell, Form, Row, Section, pages_of
from dispatch.exchange.work_order_form import FormDetails, IssuedPart, SentQuote
from dispatch.exchange.work_order_pdf import Choice, NothingToPrintError, write_work_orders
from dispatch.judged import JudgedPlan, judged
from dispatch.texts import Language
from tests.builders import (
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_site,
    a_snapshot,
    a_technician,
    a_visit,
    a_work_order,
    at,
    break_stop,
    clocks,
    pickup_stop,
    quantities,
    visit_stop,
)

PRINTED_AT = datetime(2026, 9, 27, 23, 5, tzinfo=UTC)
ADDRESS = "沈阳市铁西区重工街 1 号"


@pytest.fixture
def plan() -> JudgedPlan:
    """On Monday T1 picks up a camera, does V1 and, after lunch, V2; on Tuesday T1 and T2 do V3
    together. V4 stays out."""
    lunch = Break(at(12), at(13), 1800)
    snapshot = a_snapshot(
        visits=[
            a_visit(
                "V1",
                parts=quantities(camera=2),
                tools=("梯子",),
                run_in_s=5 * 3600,
                windows=(Window(at(8), at(10)),),
            ),
            a_visit("V2", site="B"),
            a_visit("V3", site="C", crew_size=2, parts=quantities(sim=2)),
            a_visit("V4", site="B", parts=quantities(sim=3)),
        ],
        technicians=[
            a_technician(
                "T1", name="王伟", shifts=(a_shift("T1", breaks=(lunch,)), a_shift("T1", 1))
            ),
            a_technician("T2", name="李娜"),
        ],
        sites=[a_site("A", name="三号库", city="沈阳", address=ADDRESS)],
        work_orders=[a_work_order("V1@A", product="车载终端", description="屏幕不亮")],
        sla_rules=clocks((ClockKind.ARRIVE, at(12)), (ClockKind.RESTORE, at(9))),
    )
    decided = a_plan(
        a_route(pickup_stop(camera=2), visit_stop("V1", camera=1, camera2=1), break_stop(), "V2"),
        a_route(visit_stop("V3", sim=1), day=1),
        a_route(visit_stop("V3", sim=1), technician_id="T2", day=1),
    )
    return judged(snapshot, decided, FlatLegs())


@pytest.fixture(scope="module")
def font() -> Iterator[FormFont]:
    with closing(FormFont(FPDF())) as font:
        yield font


def pages(plan: JudgedPlan, folder: Path, choice: Choice, **details: FormDetails) -> list[str]:
    """The text of each page without white space; ``details`` are by visit id."""
    path = folder / "new" / "forms.pdf"
    write_work_orders(plan, path, Language.ZH, PRINTED_AT, choice, details)
    with PdfDocument(path) as document:
        return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]


def one(plan: JudgedPlan, folder: Path, visit_id: str, **details: FormDetails) -> str:
    """The text of the only page of a visit's form."""
    (page,) = pages(plan, folder, Choice(visit_id=visit_id), **details)
    return page


# ------------------------------------------------------------------------------------ one visit


def test_form_says_who_goes_where_and_when(plan: JudgedPlan, tmp_path: Path) -> None:
    page = one(plan, tmp_path, "V1")
    assert "派工单号WorkorderV1@A" in page
    assert "任务编号VisitV1" in page
    assert "组织Organisationtest" in page
    assert "产品Product车载终端" in page
    assert "故障描述Description屏幕不亮" in page
    assert "客户CustomerCustomerC1" in page
    assert "站点Site三号库" in page
    assert f"地址Address{''.join(ADDRESS.split())}" in page
    assert "技术员Technician王伟T1" in page
    assert "报修时间Reported2026-09-2800:00" in page
    # Departure 08:00 at the depot, ten minutes of pickup, half an hour of travel.
    assert "计划到达Arrival2026-09-2808:40" in page
    assert "计划维修Repair2026-09-2808:40–09:40(1小时)" in page
    assert "计划离开Departure2026-09-2814:40" in page
    assert "试运行Run-in5小时" in page
    assert "承诺时间Promised2026-09-2808:00–10:00" in page
    assert "工具Tools梯子" in page


def test_form_has_every_clock_with_its_margin(plan: JudgedPlan, tmp_path: Path) -> None:
    page = one(plan, tmp_path, "V1")
    assert "到场arrive2026-09-2812:002026-09-2808:40+3时20分" in page
    assert "修复restore2026-09-2809:002026-09-2809:40−40分" in page


def test_a_recorded_event_stands_where_the_clock_stopped(plan: JudgedPlan, tmp_path: Path) -> None:
    orders = tuple(replace(o, arrived_at=at(7, 30)) for o in plan.snapshot.work_orders)
    snapshot = replace(plan.snapshot, work_orders=orders)
    page = one(judged(snapshot, plan.plan, FlatLegs()), tmp_path, "V1")
    assert "到场arrive2026-09-2812:00––2026-09-2807:30" in page


def test_form_lists_the_planned_parts_substitutes_by_their_own_id(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    page = one(plan, tmp_path, "V1")
    assert "Cameracamera1" in page
    assert "Newcamera21" in page


def test_lots_and_serials_are_printed_where_known_and_the_rest_left_blank(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    issued = (IssuedPart("camera", 1, "LOT-7", ("SN-0001",)),)
    page = one(plan, tmp_path, "V1", V1=FormDetails(issued=issued))
    assert "Cameracamera1LOT-7SN-0001" in page
    assert page.count("Cameracamera") == 1
    assert "Newcamera21" in page


def test_of_what_is_issued_in_part_the_rest_is_left_to_fill_in(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    issued = (IssuedPart("sim", 1, "LOT-8", ("SN-8",)), IssuedPart("camera", 1, "LOT-7"))
    page = one(plan, tmp_path, "V3", V3=FormDetails(issued=issued))
    assert "SIMsim1LOT-8SN-8Cameracamera1LOT-7SIMsim1" in page


def test_a_crew_has_all_its_parts_and_signs_each(plan: JudgedPlan, tmp_path: Path) -> None:
    page = one(plan, tmp_path, "V3")
    assert "技术员Technician王伟T1、李娜T2" in page
    assert "SIMsim2" in page
    assert "技术员签字Technician王伟T1" in page
    assert "技术员签字Technician李娜T2" in page
    assert "客户签字Customer" in page


def test_form_of_a_visit_that_is_not_planned_says_so(plan: JudgedPlan, tmp_path: Path) -> None:
    page = one(plan, tmp_path, "V4")
    assert "未排notplanned" in page
    assert "SIMsim3" in page


def test_form_has_a_box_for_everything_to_check_on_site(plan: JudgedPlan, tmp_path: Path) -> None:
    page = one(plan, tmp_path, "V1")
    for check in ("到达时间", "故障原因", "处理措施", "试运行", "旧件返还", "离开时间"):
        assert f"□{check}" in page


def test_what_the_record_knows_is_printed(plan: JudgedPlan, tmp_path: Path) -> None:
    page = one(
        plan,
        tmp_path,
        "V1",
        V1=FormDetails(
            ticket=Ticket("TK-917", at(0), "phone", "screen", contact="李女士 138"),
            equipment=Equipment("E-5", "A", "终端 T808", serial="SN-77"),
            in_warranty=False,
        ),
    )
    assert "报修单号TicketTK-917" in page
    assert "联系人Contact李女士138" in page
    assert "设备EquipmentE-5终端T808序列号serialSN-77" in page
    assert "□保修期内inwarranty■已过保修期" in page


@pytest.mark.parametrize(
    ("gates", "ticked"),
    [
        ((), ""),
        ((Gate(GateKind.QUOTE, at(1), at(2), waits_for_customer=True),), "接受"),
        ((Gate(GateKind.QUOTE, at(1), waits_for_customer=True),), "待答复"),
        ((Gate(GateKind.QUOTE, at(1), at(2)),), ""),  # our own check of the warranty
        (
            (
                Gate(GateKind.QUOTE, at(1), at(2), waits_for_customer=True),
                Gate(GateKind.QUOTE, at(2)),  # refused: it is on us to quote again
            ),
            "",
        ),
    ],
)
def test_the_answer_to_a_quote_is_ticked(
    plan: JudgedPlan, tmp_path: Path, gates: tuple[Gate, ...], ticked: str
) -> None:
    orders = tuple(replace(o, gates=gates) for o in plan.snapshot.work_orders)
    snapshot = replace(plan.snapshot, work_orders=orders)
    page = one(judged(snapshot, plan.plan, FlatLegs()), tmp_path, "V1")
    for answer in ("接受", "拒绝", "待答复"):
        assert f"{'■' if answer == ticked else '□'}{answer}" in page


@pytest.mark.parametrize(
    ("quote", "ticked", "amount"),
    [
        (SentQuote(123_450), "待答复", "amount1,234.50元"),
        (SentQuote(500, accepted=False), "拒绝", "amount5.00元"),
        (SentQuote(0, accepted=True), "接受", "amount________元"),
    ],
)
def test_the_quote_on_record_is_printed_with_its_answer(
    plan: JudgedPlan, tmp_path: Path, quote: SentQuote, ticked: str, amount: str
) -> None:
    page = one(plan, tmp_path, "V1", V1=FormDetails(quote=quote))
    for answer in ("接受", "拒绝", "待答复"):
        assert f"{'■' if answer == ticked else '□'}{answer}" in page
    assert amount in page


def test_every_page_says_when_it_was_printed_and_which_page_it_is(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    page = one(plan, tmp_path, "V1")
    assert "打印时间Printed2026-09-2807:05" in page
    assert "第1页，共1页Page1of1" in page


def test_the_same_form_gives_the_same_bytes(plan: JudgedPlan, tmp_path: Path) -> None:
    written = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for path in written:
        write_work_orders(plan, path, Language.EN, PRINTED_AT, Choice(visit_id="V1"))
    assert written[0].read_bytes() == written[1].read_bytes()


def test_the_font_is_embedded_as_a_subset(plan: JudgedPlan, tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    write_work_orders(plan, path, Language.ZH, PRINTED_AT, Choice(visit_id="V1"))
    written = path.read_bytes()
    assert written.count(b"/FontFile3") == written.count(b"/FontDescriptor ") == 1
    assert len(written) < 100_000  # the whole font has 8 MB


# ------------------------------------------------------------------------------------- overflow


def test_what_does_not_fit_goes_on_on_further_pages(plan: JudgedPlan, tmp_path: Path) -> None:
    sentences = [f"第{i}句：终端重启后仍不亮，请检查线束。" for i in range(400)]
    orders = tuple(replace(o, description="".join(sentences)) for o in plan.snapshot.work_orders)
    snapshot = replace(plan.snapshot, work_orders=orders)
    serials = tuple(f"SN-{i:04}" for i in range(120))
    found = pages(
        judged(snapshot, plan.plan, FlatLegs()),
        tmp_path,
        Choice(visit_id="V1"),
        V1=FormDetails(issued=(IssuedPart("camera", 120, "LOT-7", serials),)),
    )
    assert len(found) > 3
    everything = "".join(found)
    assert all(serial in everything for serial in serials)
    assert all(f"第{i}句" in everything for i in range(400))
    for number, page in enumerate(found, start=1):
        assert f"第{number}页，共{len(found)}页" in page
        assert "派工单WorkorderV1@A·任务VisitV1" in page
    assert "旧件序列号oldserial" in found[-1] or "客户签字Customer" in found[-1]


def test_no_row_leaves_the_paper_and_a_whole_section_is_not_parted(font: FormFont) -> None:
    row = Row((Cell("长文本" * 40, 0.3), Cell("x", 0.7)))
    heading = (Row((Cell("heading", 1.0),)),)
    form = Form("head", (*(Section(heading, (row,) * 3, whole=True),) * 9,))
    placed = pages_of(form, font)
    assert len(placed) > 1
    for page in placed:
        assert page[0].y == TOP
        assert page[-1].y + page[-1].row.height <= BOTTOM
        for before, after in pairwise(page):
            assert after.y == pytest.approx(before.y + before.row.height)
        assert len(page) % 4 == 0  # a heading and its three rows


# ------------------------------------------------------------------------------ days and plans


def test_a_day_has_a_cover_and_a_form_for_each_visit(plan: JudgedPlan, tmp_path: Path) -> None:
    found = pages(plan, tmp_path, Choice(technician_id="T1", day=date(2026, 9, 28)))
    assert len(found) == 3
    cover, first, second = found
    assert "技术员Technician王伟T1" in cover
    assert "出发Departure2026-09-2808:00" in cover
    assert "任务数Visits2" in cover
    assert "08:00–08:10取件pickup" in cover
    assert "Cameracamera×2" in cover
    assert "08:40–14:40任务visitV1V1@A" in cover
    assert "".join(ADDRESS.split()) in cover
    assert "休息break" in cover
    assert "任务编号VisitV1" in first
    assert "任务编号VisitV2" in second


def test_without_a_day_all_days_of_a_technician_are_printed(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    found = pages(plan, tmp_path, Choice(technician_id="T1"))
    assert [("当日行程" in page) for page in found] == [True, False, False, True, False]


def test_a_stop_after_midnight_says_so(plan: JudgedPlan, tmp_path: Path) -> None:
    night = a_shift("T1", start=22, end=23, max_overtime_s=36_000)
    technicians = (
        replace(plan.snapshot.technicians[0], shifts=(night,)),
        *plan.snapshot.technicians[1:],
    )
    snapshot = replace(plan.snapshot, technicians=technicians)
    late = judged(snapshot, a_plan(a_route("V2")), FlatLegs())
    cover, _ = pages(late, tmp_path, Choice(technician_id="T1", day=date(2026, 9, 28)))
    assert "22:30–23:30任务visitV2" in cover
    assert "返回Return2026-09-2900:00" in cover


def test_without_a_choice_every_planned_visit_has_one_form(
    plan: JudgedPlan, tmp_path: Path
) -> None:
    found = pages(plan, tmp_path, Choice())
    assert [page.split("任务Visit")[1][:2] for page in found] == ["V1", "V2", "V3"]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(visit_id="V9"), "'V9'"),
        (Choice(technician_id="T9"), "T1, T2"),
        (Choice(technician_id="T1", day=date(2026, 10, 1)), "2026-09-28, 2026-09-29"),
    ],
)
def test_a_choice_of_nothing_is_refused_and_says_what_there_is(
    plan: JudgedPlan, tmp_path: Path, choice: Choice, said: str
) -> None:
    with pytest.raises(NothingToPrintError) as caught:
        pages(plan, tmp_path, choice)
    assert said in caught.value.message_en
    assert said in caught.value.message_zh
    assert not (tmp_path / "new").exists()


def test_a_plan_without_visits_has_no_forms(plan: JudgedPlan, tmp_path: Path) -> None:
    empty = judged(plan.snapshot, a_plan(), FlatLegs())
    with pytest.raises(NothingToPrintError):
        pages(empty, tmp_path, Choice())


# ----------------------------------------------------------------------------------- the letters

_TEXTS = st.text(st.sampled_from("派工单，。（）“”「」…abc123 -.,;:()\n\t"), max_size=80)


@given(_TEXTS, st.floats(8, 60))
def test_breaking_lines_loses_nothing_and_keeps_the_width(
    font: FormFont, text: str, width_mm: float
) -> None:
    lines = font.lines(text, 9, width_mm)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(font.width(line, 9) <= width_mm for line in lines)


_MARKED = st.tuples(
    st.sampled_from(["", "（", "“"]),
    st.sampled_from(["派", "工", "单", "SIM", "3.5"]),
    st.sampled_from(["", "，", "。", "）", "”；"]),
)


@given(st.lists(_MARKED, max_size=30), st.floats(16, 60))
def test_marks_stay_with_the_word_that_they_open_or_close(
    font: FormFont, words: list[tuple[str, str, str]], width_mm: float
) -> None:
    lines = font.lines(
        "".join(opening + word + closing for opening, word, closing in words), 9, width_mm
    )
    assert not [line for line in lines if line and line[0] in "，。）”；"]
    assert not [line for line in lines if line and line[-1] in "（“"]


def test_words_and_numbers_stay_together(font: FormFont) -> None:
    assert font.lines("屏幕3.5寸 terminal（重启）", 9, 14) == [
        "屏幕3.5寸",
        "terminal",
        "（重启）",
    ]


def test_a_character_that_the_font_lacks_becomes_a_sign(font: FormFont) -> None:
    assert font.lines("王\U0001f600伟\u0007", 9, 50) == [f"王{MISSING}伟"]
