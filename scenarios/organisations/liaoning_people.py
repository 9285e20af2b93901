"""Liaoning: technicians, their certificates, vans, territories and working time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from random import Random

from dispatch.domain.parts import PartQuantity
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
from dispatch.domain.places import Customer
from scenarios.organisations.liaoning_places import (
    CITIES,
    FAR_CITIES,
    HEILONGJIANG,
    City,
)
from scenarios.organisations.making import distinct, local

TUESDAY, WEDNESDAY, NATIONAL_DAY = date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 1)
MONDAY = date(2026, 9, 28)
SKILLS = ("定位", "视频", "计价", "危货", "公交", "主动安全")
ALL_HAVE = "定位"
TANK_SKILL = "罐体监测"  # rare: what only one technician of a city can do
TANK_CITIES = ("沈阳", "大连", "锦州")
EXPIRED_TANK_CITY, BARRED_TANK_CITY = "丹东", "营口"
LADDER, SCOPE, METER = "升降梯", "示波器", "万用表"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶"
GIVEN = (
    *"伟磊涛鹏浩明军波强斌勇超刚健峰旭洋亮凯宁敏静",
    *("雪梅", "志远", "建国", "晓东", "海波", "文博", "立新", "国栋", "春生", "永强", "德顺"),
    *("庆丰", "佳音", "思源", "子豪", "雨桐", "天宇", "俊杰", "晨曦", "秀英", "玉兰", "振华"),
)
VAN_STOCK = (("SIM-4G", 2), ("HAR-P", 1), ("GPS-T1", 1), ("ANT-1", 1), ("SD-128", 1))
VAN_SHARE = 0.4  # of technicians who carry a part of VAN_STOCK
OTHERS_SKILLS = 0.55  # share of the skills that a city's third and later technicians have
OVERTIME_H = {"far": 2, "near": 1}
FAR_TRAVEL_S, CHENGDE_TRAVEL_S = 7 * 3600, 8 * 3600
NEAR_TRAVEL_H = (6, 6, 7)
REST_S = 11 * 3600
NIGHT_STANDBY_IDS = ("SY-03", "DL-03", "JZ-03")
WHOLE_DAY_OUT = (("SY-07", TUESDAY), ("DL-04", WEDNESDAY), ("AS-03", TUESDAY))
OUT_FOR_HOURS = (
    ("SY-09", TUESDAY, "13:30", "16:00", "安全培训"),
    ("YK-02", WEDNESDAY, "08:30", "11:00", "车辆年检"),
    ("TL-04", WEDNESDAY, "14:00", "16:30", "体检"),
    ("JZ-02", TUESDAY, "09:30", "11:00", "客户会议"),
)


def make_technicians(rng: Random) -> tuple[Technician, ...]:
    taken: set[str] = set()
    return tuple(
        _technician(
            rng, city, number, distinct(lambda: rng.choice(SURNAMES) + rng.choice(GIVEN), taken)
        )
        for city in CITIES
        for number in range(1, city.technicians + 1)
    )


def _technician(rng: Random, city: City, number: int, name: str) -> Technician:
    technician_id = f"{city.code}-{number:02}"
    far = _far_territories(city, number)
    sleeps_away = HEILONGJIANG in far or (bool(far) and number == 1)
    return Technician(
        id=technician_id,
        name=name,
        station_id=_station_id(city, number),
        certificates=_certificates(rng, city, number),
        territories=_territories(city, number, far),
        absences=_absences(technician_id),
        van_stock=tuple(
            PartQuantity(part, rng.randint(1, most)) for part, most in VAN_STOCK if _carries(rng)
        ),
        tools=_tools(rng, number),
        max_travel_s=_max_travel_s(rng, city, number, far),
        max_visits=6 if number % 3 == 0 else None,
        max_total_overtime_s=4 * 3600 if far else 2 * 3600,
        min_rest_s=REST_S,
        may_stay_overnight=sleeps_away,
        max_nights=1 if sleeps_away else 0,
    )


def _carries(rng: Random) -> bool:
    return rng.random() < VAN_SHARE


def _station_id(city: City, number: int) -> str:
    """The first four of Shenyang work at headquarters, the others at the branch."""
    return "SY-HQ" if city.name == "沈阳" and number <= 4 else city.code


def _far_territories(city: City, number: int) -> tuple[str, ...]:
    """Half of a base's technicians, the experienced ones, also go out of the province."""
    if city.name == "沈阳":
        return (HEILONGJIANG,) if number in (5, 6) else ()
    if number > max(2, (city.technicians + 1) // 2):
        return ()
    return tuple(dict.fromkeys(f.territory for f in FAR_CITIES if city.name in f.bases))


def _territories(city: City, number: int, far: tuple[str, ...]) -> tuple[TerritoryCover, ...]:
    covers = [TerritoryCover(city.name), *(TerritoryCover(t) for t in far)]
    if number % 2 == 0 and city.neighbours:
        neighbour = city.neighbours[number // 2 % len(city.neighbours)]
        covers.append(TerritoryCover(neighbour, Coverage.BACKUP))
    return tuple(covers)


def _certificates(rng: Random, city: City, number: int) -> tuple[Certificate, ...]:
    """Of a city's technicians the first two have every skill, the others some."""
    share = 1.0 if number <= 2 else OTHERS_SKILLS
    certificates = []
    for skill in SKILLS:
        if skill != ALL_HAVE and rng.random() >= share:
            continue
        top = 2 if skill == "主动安全" else 3
        level = top if number == 1 else rng.randint(1, top)
        certificates.append(Certificate(skill, level, _expiry(rng)))
    if number == 1 and city.name in (*TANK_CITIES, BARRED_TANK_CITY):
        certificates.append(Certificate(TANK_SKILL, 2, date(2027, 6, 30)))
    if number == 1 and city.name == EXPIRED_TANK_CITY:
        certificates.append(Certificate(TANK_SKILL, 2, MONDAY))
    return tuple(certificates)


def _expiry(rng: Random) -> date | None:
    """Most certificates have a year or two to run, some end within the horizon."""
    draw = rng.random()
    if draw < 0.03:
        return WEDNESDAY
    if draw < 0.45:
        return None
    return date(rng.choice((2026, 2027, 2028)), rng.choice((11, 12)), rng.choice((15, 30)))


def _tools(rng: Random, number: int) -> tuple[str, ...]:
    tools = [METER]
    if number == 1 or rng.random() < 0.4:
        tools.append(LADDER)
    if number == 1 or rng.random() < 0.2:
        tools.append(SCOPE)
    return tuple(tools)


def _max_travel_s(rng: Random, city: City, number: int, far: tuple[str, ...]) -> int | None:
    if HEILONGJIANG in far:
        return None
    if city.name == "朝阳" and number == 1:
        return CHENGDE_TRAVEL_S
    return FAR_TRAVEL_S if far else 3600 * rng.choice(NEAR_TRAVEL_H)


def _absences(technician_id: str) -> tuple[Absence, ...]:
    whole = [
        Absence(local(day, "00:00"), local(day, "23:59"), "病假")
        for out, day in WHOLE_DAY_OUT
        if out == technician_id
    ]
    hours = [
        Absence(local(day, start), local(day, end), reason)
        for out, day, start, end, reason in OUT_FOR_HOURS
        if out == technician_id
    ]
    return tuple(sorted(whole + hours, key=lambda a: a.start_at))


def with_exclusions(
    rng: Random,
    technicians: Sequence[Technician],
    customers_of: Mapping[str, Sequence[Customer]],
    barred: Customer,
) -> tuple[Technician, ...]:
    """One technician of each larger city is barred from a customer there; ``barred`` is the
    customer that the only technician who could serve it is barred from."""
    excluded = {
        f"{city.code}-03": rng.choice(customers_of[city.name]).id
        for city in CITIES
        if city.technicians >= 4
    }
    excluded[f"{_code(BARRED_TANK_CITY)}-01"] = barred.id
    return tuple(
        replace(t, excluded_customers=(excluded[t.id],)) if t.id in excluded else t
        for t in technicians
    )


def _code(city_name: str) -> str:
    return next(c.code for c in CITIES if c.name == city_name)


def make_patterns(rng: Random, technicians: Sequence[Technician]) -> tuple[ShiftPattern, ...]:
    """Day shifts on workdays, holiday standby in every city, and three nights on call."""
    patterns = []
    for technician in technicians:
        code, number = technician.id.split("-")
        patterns.append(_day_shift(rng, technician))
        if int(number) == 2 or (code in ("SY", "DL") and number in ("05", "08")):
            patterns.append(_holiday_standby(technician))
        if technician.id in NIGHT_STANDBY_IDS:
            patterns += _night_and_late_shift(technician)
    return tuple(patterns)


def _day_shift(rng: Random, technician: Technician) -> ShiftPattern:
    start = time(8) if rng.random() < 0.7 else time(8, 30)
    lunch = BreakPattern(time(11, 30), time(13), 60 * rng.choice((45, 60)))
    far = len([t for t in technician.territories if t.coverage is Coverage.PRIMARY]) > 1
    overtime_s = 3600 * OVERTIME_H["far" if far else "near"]
    end = time(17, start.minute)
    return ShiftPattern(
        technician.id, "workdays", start, end, ShiftKind.REGULAR, overtime_s, (lunch,)
    )


def _holiday_standby(technician: Technician) -> ShiftPattern:
    lunch = BreakPattern(time(11, 30), time(13), 45 * 60)
    return ShiftPattern(
        technician.id, "holidays", time(9), time(17), ShiftKind.STANDBY, 3600, (lunch,)
    )


def _night_and_late_shift(technician: Technician) -> list[ShiftPattern]:
    supper = BreakPattern(time(17, 30), time(18, 30), 30 * 60)
    return [
        ShiftPattern(
            technician.id, TUESDAY.isoformat(), time(20), time(8), ShiftKind.STANDBY, 3600
        ),
        ShiftPattern(
            technician.id,
            WEDNESDAY.isoformat(),
            time(13),
            time(21),
            ShiftKind.REGULAR,
            3600,
            (supper,),
        ),
    ]
