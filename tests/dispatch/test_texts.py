"""Everything that has a code has words in both languages, and quantities read well."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch import texts
from dispatch.domain.plan import StopKind
from dispatch.domain.rules import RULES
from dispatch.domain.work import ClockKind, Priority
from dispatch.qualification import CLOSENESS
from dispatch.texts import Language, language_of

EN, ZH = Language.EN, Language.ZH


@pytest.mark.parametrize("code", [*RULES, *CLOSENESS])
def test_every_rule_code_has_words(code: str) -> None:
    assert texts.rule(code, EN) != code
    assert texts.rule(code, ZH) != code


def test_no_rule_has_words_but_those_that_exist() -> None:
    assert set(texts.RULE_TEXTS) == {*RULES, *CLOSENESS}


def test_clocks_priorities_and_stops_have_words() -> None:
    assert set(texts.CLOCKS) == set(ClockKind)
    assert set(texts.PRIORITIES) == set(Priority)
    assert set(texts.STOPS) == set(StopKind)


@pytest.mark.parametrize(
    ("code", "value", "english", "chinese"),
    [
        ("overtime", 1500, "25 min", "25分"),
        ("skill", 1, "1 skill", "1 项技能"),
        ("skill", 2, "2 skills", "2 项技能"),
        ("price", 123_456, "1,234.56 yuan", "1,234.56 元"),
        ("territory", 1, "", ""),
        ("release", 1, "", ""),
        ("release", 7200, "2 h", "2小时"),
        ("order", 1, "", ""),
        ("crew", 2, "2 technicians", "2 人"),
        ("absence", 1, "1 s", "1秒"),
    ],
)
def test_amounts_are_said_in_the_unit_of_their_rule(
    code: str, value: int, english: str, chinese: str
) -> None:
    assert texts.amount(code, value, EN) == english
    assert texts.amount(code, value, ZH) == chinese


@pytest.mark.parametrize(
    ("bound_fen", "english", "chinese"),
    [
        (1_000, "proved optimal", "已证明最优"),
        (1_001, "proved optimal", "已证明最优"),
        (999, "at most 0.1 % of the cost could be saved", "成本最多还能降低 0.1 %"),
        (876, "at most 12.4 % of the cost could be saved", "成本最多还能降低 12.4 %"),
        (0, "at most 100.0 % of the cost could be saved", "成本最多还能降低 100.0 %"),
    ],
)
def test_the_gap_is_rounded_up(bound_fen: int, english: str, chinese: str) -> None:
    assert texts.gap(1_000, bound_fen, EN) == english
    assert texts.gap(1_000, bound_fen, ZH) == chinese


def test_a_plan_that_costs_nothing_is_optimal() -> None:
    assert texts.gap(0, 0, EN) == "proved optimal"


def test_durations_and_margins() -> None:
    assert texts.duration(3 * 3600 + 20 * 60 + 59, EN) == "3 h 20 min"
    assert texts.duration(-45, EN) == "−45 s"
    assert texts.duration(0, ZH) == "0秒"
    assert texts.margin(3 * 3600 + 60, EN) == "+3h01"
    assert texts.margin(-25 * 60, ZH) == "−25分"


def test_money_is_exact() -> None:
    assert texts.yuan(1_234_505) == "12,345.05"
    assert texts.yuan(-5) == "−0.05"


def test_local_times_say_when_they_are_on_the_next_day() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    at = datetime(2026, 9, 28, 16, 30, tzinfo=UTC)
    assert texts.time_of_day(at, shanghai) == "00:30"
    assert texts.time_of_day(at, shanghai, since=date(2026, 9, 28)) == "00:30+1"
    assert texts.day_and_time(at, shanghai, EN) == "Tue 29 Sep 00:30"
    assert texts.day_and_time(at, shanghai, ZH) == "9月29日 周二 00:30"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, EN),
        ({"LANG": "C.UTF-8"}, EN),
        ({"LANG": "zh_CN.UTF-8"}, ZH),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, EN),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, ZH),
    ],
)
def test_the_environment_chooses_the_language(
    environment: dict[str, str], language: Language
) -> None:
    assert language_of(environment) is language
