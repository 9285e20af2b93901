"""Liaoning: visits that cannot be done, each for one reason only.

They are what makes a sample's list of visits that stayed out worth reading. The reason is the
rule code that keeps out every technician who would otherwise come.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from dispatch.domain.parts import PartQuantity
from dispatch.domain.places import Customer, Site
from dispatch.domain.work import Gate, GateKind, Priority, SkillNeed, Visit, Window, WorkOrder
from scenarios.organisations.liaoning_people import (
    ALL_HAVE,
    BARRED_TANK_CITY,
    EXPIRED_TANK_CITY,
    NATIONAL_DAY,
    TANK_SKILL,
    WEDNESDAY,
)
from scenarios.organisations.liaoning_places import (
    CHANGCHUN,
    CITIES,
    HARBIN,
    HEILONGJIANG,
    HOME,
    ISLANDS,
    JILIN,
)
from scenarios.organisations.liaoning_trade import UNOBTAINABLE
from scenarios.organisations.liaoning_work import PLANNING_AT
from scenarios.organisations.making import District, local, scatter

BARRED_CUSTOMER = Customer("C901", "营口澜原罐车公司", "重点")
OTHER_CUSTOMER = Customer("C902", "辽远联运公司", "普通")
DURATION_S = 3600
BASIC = SkillNeed(ALL_HAVE)


@dataclass(frozen=True, slots=True)
class Planted:
    """A visit that stays out for ``code``, in a city of the province unless ``where`` is given.

    ``where`` is the province, city, territory and district.
    """

    id: str
    code: str
    text: str
    city: str = ""
    where: tuple[str, str, str, District] | None = None
    skill: SkillNeed = BASIC
    customer: Customer = OTHER_CUSTOMER
    parts: tuple[PartQuantity, ...] = ()
    tools: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    quote_open: bool = False


_NIGHT = (Window(local(WEDNESDAY, "22:00"), local(WEDNESDAY, "23:00")),)
_HOLIDAY = (Window(local(NATIONAL_DAY, "10:00"), local(NATIONAL_DAY, "12:00")),)
PLANTED = (
    Planted("901", "skill", "行驶记录仪检定：无人持证", "沈阳", skill=SkillNeed("行驶记录仪检定")),
    Planted(
        "902", "skill_level", "主动安全三级标定：无人达到", "鞍山", skill=SkillNeed("主动安全", 3)
    ),
    Planted(
        "903",
        "skill_expired",
        "罐体监测传感器更换：当地唯一证书昨日到期",
        EXPIRED_TANK_CITY,
        skill=SkillNeed(TANK_SKILL, 2),
    ),
    Planted("904", "territory", "海岛渔政车终端离线", where=(HOME, "大连", "长海", ISLANDS)),
    Planted(
        "905",
        "excluded",
        "罐体监测误报：唯一持证人被客户谢绝",
        BARRED_TANK_CITY,
        skill=SkillNeed(TANK_SKILL, 2),
        customer=BARRED_CUSTOMER,
    ),
    Planted("906", "tool", "电磁干扰排查：需频谱仪", "大连", tools=("频谱仪",)),
    Planted("907", "parts", "更换停产的 2G 主机", "抚顺", parts=(PartQuantity(UNOBTAINABLE, 1),)),
    Planted("908", "release", "保外维修：客户尚未接受报价", "辽阳", quote_open=True),
    Planted("909", "window", "约定夜间检修", "阜新", windows=_NIGHT),
    Planted("910", "travel_limit", "终端离线", where=("吉林", "长春", JILIN, CHANGCHUN)),
    Planted("911", "overtime", "终端离线", where=("黑龙江", "哈尔滨", HEILONGJIANG, HARBIN)),
    Planted("912", "standby", "约定国庆节当天检修", "盘锦", windows=_HOLIDAY),
)
CODES = {f"V{p.id}": p.code for p in PLANTED}


@dataclass(frozen=True, slots=True)
class Planting:
    site: Site
    order: WorkOrder
    visit: Visit


def plant(rng: Random, planted: Planted) -> Planting:
    province, city, territory, district = planted.where or (
        HOME,
        planted.city,
        planted.city,
        next(c.districts[0] for c in CITIES if c.name == planted.city),
    )
    site = Site(
        id=f"S{planted.id}",
        name=f"{district.name.rstrip('区县市')}专项点",
        customer_id=planted.customer.id,
        point=scatter(rng, district),
        province=province,
        city=city,
        territory=territory,
        address=f"{city}市{district.name}",
    )
    reported_at = PLANNING_AT - timedelta(minutes=rng.randint(60, 600))
    diagnosed_at = reported_at + timedelta(minutes=10)
    gates = [Gate(GateKind.REMOTE_DIAGNOSIS, reported_at, diagnosed_at)]
    if planted.quote_open:
        gates.append(Gate(GateKind.QUOTE, diagnosed_at, waits_for_customer=True))
    order = WorkOrder(
        id=f"W{planted.id}",
        site_id=site.id,
        product="定位终端",
        priority=Priority.LOW,
        reported_at=reported_at,
        gates=tuple(gates),
        responded_at=diagnosed_at,
        description=planted.text,
    )
    visit = Visit(
        id=f"V{planted.id}",
        work_order_id=order.id,
        duration_s=DURATION_S,
        skills=(planted.skill,),
        parts=planted.parts,
        tools=planted.tools,
        windows=planted.windows,
    )
    return Planting(site, order, visit)
