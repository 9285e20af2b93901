"""Tables of the organisation: calendars, places, customers, parts and where they are."""

from dispatch.domain.calendars import Calendar, CalendarDay
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot, Part
from dispatch.domain.places import Customer, Datum, Point, Site, Station, StationKind, ToolStock
from dispatch.domain.snapshot import TravelSettings
from dispatch.exchange import lists
from dispatch.exchange.kinds import (
    COUNT,
    FACTOR,
    FLAG,
    LATITUDE,
    LONGITUDE,
    NAME,
    NONE,
    POSITIVE,
    TEXT,
    TIME_ZONE,
    enum_of,
    one_of,
)
from dispatch.exchange.table import Column, Table, id_column, reference
from dispatch.exchange.times import DATE, MOMENT, duration
from dispatch.texts import Text

_STATION_KIND = enum_of(
    {
        StationKind.HEADQUARTERS: "总部",
        StationKind.BRANCH: "分公司",
        StationKind.STATION: "服务站",
    }
)
_DATUM = one_of({Datum.WGS84: Text("WGS-84", "GPS 坐标"), Datum.GCJ02: Text("GCJ-02", "火星坐标")})
CHINA, NO_COUNTRY = "CN", ""
_HOLIDAYS = one_of({CHINA: Text("CN", "中国"), NO_COUNTRY: NONE})

ORGANISATION = Table(
    "organisation",
    "组织",
    Text("The organisation and its usual planning", "组织及其常用的计划设置"),
    (
        Column("id", "编号", NAME, Text("Short id", "简短编号"), "id", required=True),
        Column("name", "名称", TEXT, Text("Full name", "全称"), "name", required=True),
        Column(
            "home_province",
            "所在省份",
            NAME,
            Text("Decides what is in and out of province", "用于判断省内、省外"),
            "home_province",
            required=True,
        ),
        Column(
            "time_zone",
            "时区",
            TIME_ZONE,
            Text("Zone of all local times in these tables", "本数据中所有当地时间的时区"),
            "time_zone",
            default="Asia/Shanghai",
        ),
        Column(
            "planning_at",
            "计划时刻",
            MOMENT,
            Text("The instant that this data describes", "本数据所描述的时刻"),
            "planning_at",
            required=True,
        ),
        Column(
            "horizon_days",
            "计划天数",
            POSITIVE,
            Text("How many days are usually planned", "通常计划的天数"),
            "horizon_days",
            default=1,
        ),
        Column(
            "shift_calendar",
            "班次日历",
            NAME,
            Text("Says what workdays and holidays are in shifts", "决定班次中的工作日和节假日"),
            "shift_calendar_id",
            required=True,
            refers_to=("calendars",),
        ),
        Column(
            "default_policy",
            "默认策略",
            NAME,
            Text(
                "balanced, sla_first, cost_first or an own policy",
                "balanced、sla_first、cost_first 或自定义策略",
            ),
            "default_policy",
        ),
        Column(
            "detour",
            "绕行系数",
            FACTOR,
            Text("Road distance by straight distance", "道路距离与直线距离之比"),
            "travel.detour_permille",
            default=TravelSettings().detour_permille,
        ),
        Column(
            "public_holidays",
            "法定节假日",
            _HOLIDAYS,
            Text(
                "Country whose public holidays and make-up workdays are added to calendars",
                "把该国的法定节假日和调休工作日加入日历",
            ),
            default=CHINA,
        ),
        Column(
            "provisional_years",
            "节假日未公布年份",
            lists.YEARS,
            Text(
                "Years without announced holidays; found out where public_holidays is a country",
                "节假日尚未公布的年份；填写了法定节假日国家时自动判断",
            ),
        ),
    ),
    Organisation,
    parts=(("travel", TravelSettings),),
    required=True,
    vertical=True,
)


_PLACE = (
    Column(
        "latitude",
        "纬度",
        LATITUDE,
        Text("Degrees north", "北纬度数"),
        "point.latitude",
        required=True,
    ),
    Column(
        "longitude",
        "经度",
        LONGITUDE,
        Text("Degrees east", "东经度数"),
        "point.longitude",
        required=True,
    ),
    Column(
        "datum",
        "坐标系",
        _DATUM,
        Text("GPS receivers: WGS-84; Chinese maps: GCJ-02", "GPS 设备为 WGS-84，国内地图为 GCJ-02"),
        "point.datum",
        default=Datum.WGS84,
    ),
    Column("province", "省份", NAME, Text("Province", "所在省份"), "province", required=True),
    Column("city", "城市", NAME, Text("City", "所在城市"), "city", required=True),
)

STATIONS = Table(
    "stations",
    "服务站",
    Text(
        "Service outlets: bases of technicians and depots of parts", "服务网点：技术员驻地和备件库"
    ),
    (
        id_column(Text("Differs from every site's id too", "也不得与任何站点编号相同")),
        Column("name", "名称", TEXT, Text("Name", "网点名称"), "name", required=True),
        Column(
            "kind",
            "类型",
            _STATION_KIND,
            Text("Kind of outlet", "网点类型"),
            "kind",
            default=StationKind.STATION,
        ),
        *_PLACE,
        Column(
            "pickup_min",
            "取件时间(分钟)",
            duration(),
            Text("How long collecting parts takes", "领取备件所需时间"),
            "pickup_s",
        ),
    ),
    Station,
    parts=(("point", Point),),
    key=("id",),
    required=True,
)
STATION_TOOLS = Table(
    "station_tools",
    "服务站工具",
    Text("Tools that technicians may borrow", "技术员可以借用的工具"),
    (
        reference("station", "服务站", "stations"),
        Column("tool", "工具", NAME, Text("Tool", "工具名称"), "tool", required=True),
        Column("quantity", "数量", COUNT, Text("Pieces", "件数"), "quantity", required=True),
    ),
    ToolStock,
    key=("station", "tool"),
)
CUSTOMERS = Table(
    "customers",
    "客户",
    Text("Customers", "客户"),
    (
        id_column(Text("Id of the customer", "客户编号")),
        Column("name", "名称", TEXT, Text("Name", "客户名称"), "name", required=True),
        Column("tier", "等级", NAME, Text("Tier that SLA rules match", "SLA 规则所用等级"), "tier"),
    ),
    Customer,
    key=("id",),
    required=True,
)
SITES = Table(
    "sites",
    "站点",
    Text("Where equipment stands", "设备所在地点"),
    (
        id_column(Text("Differs from every station's id too", "也不得与任何服务站编号相同")),
        Column("name", "名称", TEXT, Text("Name", "站点名称"), "name", required=True),
        reference("customer", "客户", "customers", "customer_id"),
        *_PLACE,
        Column(
            "territory",
            "责任区",
            NAME,
            Text("Area of responsibility", "所属责任区"),
            "territory",
            required=True,
        ),
        Column("address", "地址", TEXT, Text("Address", "详细地址"), "address"),
    ),
    Site,
    parts=(("point", Point),),
    key=("id",),
    required=True,
)
PARTS = Table(
    "parts",
    "备件",
    Text("Spare parts", "备件目录"),
    (
        id_column(Text("Id of the part", "备件编号")),
        Column("name", "名称", TEXT, Text("Name", "备件名称"), "name", required=True),
        Column(
            "substitutes",
            "替代备件",
            lists.NAMES,
            Text("Parts approved in its place, best first", "允许替代它的备件，优先的在前"),
            "substitutes",
            refers_to=("parts",),
        ),
    ),
    Part,
    key=("id",),
)
STOCK = Table(
    "stock",
    "库存",
    Text("Lots in depots and expected deliveries", "库存批次和预计到货"),
    (
        id_column(Text("Id of the lot", "批次编号")),
        reference("station", "服务站", "stations", "station_id"),
        reference("part", "备件", "parts", "part_id"),
        Column("quantity", "数量", COUNT, Text("Units", "数量"), "quantity", required=True),
        Column(
            "available_at",
            "到货时间",
            MOMENT,
            Text(
                "In the future: expected delivery. Blank: is there", "将来：预计到货；留空：已在库"
            ),
            "available_at",
        ),
    ),
    Lot,
    key=("id",),
)
CALENDARS = Table(
    "calendars",
    "日历",
    Text("When SLA clocks run", "SLA 时钟的计时时间"),
    (
        id_column(Text("Id of the calendar", "日历编号")),
        Column(
            "hours", "营业时间", lists.HOURS, Text("On working days", "工作日的营业时间"), "hours"
        ),
        Column(
            "weekdays", "工作日", lists.WEEKDAYS, Text("Working days", "每周工作日"), "weekdays"
        ),
        Column(
            "time_zone",
            "时区",
            TIME_ZONE,
            Text("Blank: the organisation's", "留空为组织的时区"),
            "time_zone",
        ),
    ),
    Calendar,
    key=("id",),
    required=True,
)
CALENDAR_DAYS = Table(
    "calendar_days",
    "日历特例",
    Text(
        "Days that are not what their weekday or the public holidays say",
        "与星期或法定节假日不同的日子",
    ),
    (
        reference("calendar", "日历", "calendars"),
        Column("day", "日期", DATE, Text("Day", "日期"), "day", required=True),
        Column("working", "上班", FLAG, Text("Is worked", "是否工作日"), "working", required=True),
        Column("name", "名称", TEXT, Text("Name of the day", "名称"), "name"),
    ),
    CalendarDay,
    key=("calendar", "day"),
)
