"""Tables of contracts, prices and roads."""

from dispatch.domain.policy import Policy, UnassignedPrices
from dispatch.domain.sla import ClockTerms, ProvinceRelation
from dispatch.domain.snapshot import SpeedBand
from dispatch.exchange.kinds import COUNT, FACTOR, KM, NAME, POSITIVE, YUAN, enum_of
from dispatch.exchange.table import Column, Table
from dispatch.exchange.tables_work import CLOCK, PRIORITY
from dispatch.exchange.times import HOUR, duration
from dispatch.texts import Text

_RELATION = enum_of(
    {ProvinceRelation.IN_PROVINCE: "省内", ProvinceRelation.OUT_OF_PROVINCE: "省外"}
)
_ALL = Text("Blank: matches all", "留空匹配全部")

# How a rule matches.
MATCH = (
    Column("relation", "省内外", _RELATION, _ALL),
    Column("province", "省份", NAME, _ALL),
    Column("city", "城市", NAME, _ALL),
    Column("product", "产品", NAME, _ALL),
    Column("tier", "客户等级", NAME, _ALL),
    Column("priority", "优先级", PRIORITY, _ALL),
)
COVER_NOTICE = Column(
    "cover_notice_min",
    "无人到场察觉(分钟)",
    duration(),
    Text(
        "Wants a backup technician: how long after the planned start it is noticed that nobody"
        " came. Blank: no backup",
        "要求备份技术员：计划开始后多久能察觉无人到场。留空：不要求",
    ),
    default=None,
)
# What is the same in all rows of a rule, or blank from its second row on.
OF_RULE = (*MATCH, COVER_NOTICE)
SLA_RULES = Table(
    "sla_rules",
    "服务承诺",
    Text(
        "Contract terms, one row per rule and clock; the first rule that matches holds",
        "服务承诺，每条规则的每个时钟一行；以第一条匹配的规则为准",
    ),
    (
        Column("rule", "规则", NAME, Text("Id of the rule", "规则编号"), required=True),
        *MATCH,
        Column(
            "clock",
            "时钟",
            CLOCK,
            Text("Blank: the rule promises nothing", "留空：该规则没有承诺"),
            "kind",
        ),
        Column(
            "hours", "时限(小时)", duration(HOUR, least=1), Text("How fast", "承诺时限"), "length_s"
        ),
        Column(
            "calendar",
            "日历",
            NAME,
            Text("When the clock runs", "计时所用日历"),
            "calendar_id",
            refers_to=("calendars",),
        ),
        Column(
            "breach_yuan",
            "违约价(元)",
            YUAN,
            Text("Price of being late", "超时的价格"),
            "breach_fen",
        ),
        Column(
            "late_yuan_per_h",
            "超时每小时(元)",
            YUAN,
            Text("Price of each late hour", "每超时一小时的价格"),
            "late_fen_per_h",
        ),
        COVER_NOTICE,
    ),
    ClockTerms,
    key=("rule", "clock"),
)


def _price(name: str, chinese: str, field: str, note: Text, required: bool = False) -> Column:
    return Column(name, chinese, YUAN, note, field, required)


def _unassigned(priority: str, chinese: str) -> Column:
    return _price(
        f"unassigned_{priority}_yuan",
        f"未安排-{chinese}(元)",
        f"unassigned_fen.{priority}",
        Text(f"Leaving out a visit of {priority} priority", f"{chinese}优先级任务未安排的价格"),
        required=True,
    )


POLICIES = Table(
    "policies",
    "策略",
    Text(
        "Own sets of prices, beside balanced, sla_first and cost_first",
        "自定义价格，另有内置的 balanced、sla_first、cost_first",
    ),
    (
        Column("name", "名称", NAME, Text("Name", "策略名称"), "name", required=True),
        _unassigned("emergency", "紧急"),
        _unassigned("high", "高"),
        _unassigned("normal", "普通"),
        _unassigned("low", "低"),
        Column(
            "clock_factor",
            "时钟价格系数",
            FACTOR,
            Text("Scales the prices of the SLA rules", "服务承诺价格的倍数"),
            "clock_permille",
        ),
        _price(
            "travel_yuan_per_h", "路途每小时(元)", "travel_fen_per_h", Text("Travel", "路途时间")
        ),
        _price(
            "travel_yuan_per_km", "路途每公里(元)", "travel_fen_per_km", Text("Travel", "路途距离")
        ),
        _price(
            "paid_yuan_per_h", "工时每小时(元)", "paid_fen_per_h", Text("Paid time", "付薪时间")
        ),
        _price(
            "overtime_yuan_per_h", "加班每小时(元)", "overtime_fen_per_h", Text("Overtime", "加班")
        ),
        _price("lodging_yuan", "住宿每晚(元)", "lodging_fen", Text("A night away", "在外过夜一晚")),
        _price(
            "backup_territory_yuan",
            "后备责任区(元)",
            "backup_territory_fen",
            Text("A visit by backup", "由后备人员完成"),
        ),
        _price(
            "over_qualification_yuan",
            "超配每级(元)",
            "over_qualification_fen",
            Text("A skill level above the need", "技能每高出一级"),
        ),
        _price(
            "wish_yuan",
            "未按期望(元)",
            "wish_fen",
            Text("Not the wished technician", "不是期望的技术员"),
        ),
        _price(
            "unfair_yuan_per_h",
            "负荷不均每小时(元)",
            "unfair_fen_per_h",
            Text("Load above the fair share", "超出公平份额的工时"),
        ),
        Column(
            "fair_share_factor",
            "公平份额系数",
            FACTOR,
            Text("Fair part of regular hours", "占常规工时的公平份额"),
            "fair_share_permille",
        ),
        _price(
            "change_technician_yuan",
            "变更技术员(元)",
            "change_technician_fen",
            Text("Another technician than published", "与已发布的技术员不同"),
        ),
        _price(
            "change_time_yuan",
            "变更时间(元)",
            "change_time_fen",
            Text("Another time than published", "与已发布的时间不同"),
        ),
        Column(
            "change_tolerance_min",
            "变更容差(分钟)",
            duration(),
            Text("Change of time that costs nothing", "不计价的时间变动"),
            "change_tolerance_s",
        ),
        _price(
            "part_move_yuan",
            "备件调拨每件(元)",
            "part_move_fen",
            Text("A part from another station", "从其他服务站领取的备件"),
        ),
        _price(
            "worst_late_yuan_per_h",
            "最大超时每小时(元)",
            "worst_late_fen_per_h",
            Text("Once, for the latest clock of all", "仅计超时最久的一个时钟"),
        ),
    ),
    Policy,
    parts=(("unassigned_fen", UnassignedPrices),),
    key=("name",),
)
SPEED_BANDS = Table(
    "speed_bands",
    "行驶速度",
    Text(
        "Speed by how far a trip has gone; the last row is without end",
        "按行程远近分段的速度；最后一行不填上限",
    ),
    (
        Column("name", "名称", NAME, Text("Name", "名称"), "name", required=True),
        Column(
            "up_to_km",
            "至公里",
            KM,
            Text("Blank in the last row", "最后一行留空"),
            "up_to_m",
            default=None,
        ),
        Column(
            "speed_km_per_h",
            "时速(公里)",
            POSITIVE,
            Text("Speed", "速度"),
            "speed_km_per_h",
            required=True,
        ),
    ),
    SpeedBand,
    key=("name",),
)


def _end(name: str, chinese: str) -> Column:
    return Column(
        name,
        chinese,
        NAME,
        Text("Station or site", "服务站或站点"),
        required=True,
        refers_to=("stations", "sites"),
    )


TRAVEL = Table(
    "travel",
    "行程",
    Text(
        "Measured travel in place of distance and speed; if given, for every pair of places",
        "实测行程，取代距离和速度；如填写，须包含每一对地点",
    ),
    (
        _end("from", "起点"),
        _end("to", "终点"),
        Column("seconds", "秒", COUNT, Text("Travel time", "行驶时间(秒)"), required=True),
        Column("metres", "米", COUNT, Text("Distance", "行驶距离(米)"), required=True),
    ),
    key=("from", "to"),
)
