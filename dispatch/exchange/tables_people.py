"""Tables of technicians and their working time."""

from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import (
    Absence,
    Certificate,
    Coverage,
    ShiftKind,
    ShiftPattern,
    Technician,
    TerritoryCover,
)
from dispatch.exchange import lists
from dispatch.exchange.kinds import COUNT, FLAG, NAME, POSITIVE, TEXT, enum_of
from dispatch.exchange.table import Column, Table, id_column, reference
from dispatch.exchange.times import DATE, MOMENT, TIME, duration
from dispatch.texts import Text

_COVERAGE = enum_of({Coverage.PRIMARY: "主责", Coverage.BACKUP: "后备"})
_SHIFT_KIND = enum_of({ShiftKind.REGULAR: "常规", ShiftKind.STANDBY: "值班"})

TECHNICIANS = Table(
    "technicians",
    "技术员",
    Text("People who drive out", "外出服务的人员"),
    (
        id_column(Text("Id of the technician", "技术员编号")),
        Column("name", "姓名", TEXT, Text("Name", "姓名"), "name", required=True),
        reference("station", "服务站", "stations", "station_id"),
        Column(
            "max_travel_min",
            "每班最长行程(分钟)",
            duration(),
            Text("Most travel in a shift. Blank: no limit", "每班最长路途时间；留空不限"),
            "max_travel_s",
        ),
        Column(
            "max_visits",
            "每班最多任务数",
            COUNT,
            Text("Most visits in a shift. Blank: no limit", "每班最多任务数；留空不限"),
            "max_visits",
        ),
        Column(
            "max_total_overtime_min",
            "最长总加班(分钟)",
            duration(),
            Text("Most overtime in the horizon. Blank: no limit", "计划期内最长加班；留空不限"),
            "max_total_overtime_s",
        ),
        Column(
            "min_rest_min",
            "班次间最短休息(分钟)",
            duration(),
            Text("Least rest between two days' work", "两次出勤之间的最短休息"),
            "min_rest_s",
        ),
        Column(
            "may_stay_overnight",
            "可在外过夜",
            FLAG,
            Text("May sleep away", "是否可在外过夜"),
            "may_stay_overnight",
        ),
        Column(
            "max_nights",
            "最多连续过夜数",
            COUNT,
            Text("Most nights away in a row", "最多连续在外过夜数"),
            "max_nights",
        ),
    ),
    Technician,
    key=("id",),
    required=True,
)
TECHNICIAN_SKILLS = Table(
    "technician_skills",
    "技术员技能",
    Text("Skills and certificates", "技能与证书"),
    (
        reference("technician", "技术员", "technicians"),
        Column("skill", "技能", NAME, Text("Skill", "技能"), "skill", required=True),
        Column("level", "等级", POSITIVE, Text("Higher is more", "数字越大水平越高"), "level"),
        Column(
            "expires_on",
            "有效期至",
            DATE,
            Text("Last valid day. Blank: for ever", "最后有效日；留空为长期"),
            "expires_on",
        ),
    ),
    Certificate,
    key=("technician", "skill", "level"),
)
TECHNICIAN_TERRITORIES = Table(
    "technician_territories",
    "技术员责任区",
    Text("Who covers which territory", "谁负责哪个责任区"),
    (
        reference("technician", "技术员", "technicians"),
        Column(
            "territory", "责任区", NAME, Text("Territory", "责任区"), "territory", required=True
        ),
        Column("coverage", "职责", _COVERAGE, Text("Primary or backup", "主责或后备"), "coverage"),
    ),
    TerritoryCover,
    key=("technician", "territory"),
)
VAN_STOCK = Table(
    "van_stock",
    "车载备件",
    Text("Parts on vans", "随车备件"),
    (
        reference("technician", "技术员", "technicians"),
        reference("part", "备件", "parts", "part_id"),
        Column("quantity", "数量", COUNT, Text("Units", "数量"), "quantity", required=True),
    ),
    PartQuantity,
    key=("technician", "part"),
)
TECHNICIAN_TOOLS = Table(
    "technician_tools",
    "技术员工具",
    Text("Tools on vans", "随车工具"),
    (
        reference("technician", "技术员", "technicians"),
        Column("tool", "工具", NAME, Text("Tool", "工具名称"), required=True),
    ),
    key=("technician", "tool"),
)
EXCLUSIONS = Table(
    "exclusions",
    "禁派",
    Text("Technicians barred from a customer or a site", "不得派往某客户或站点的技术员"),
    (
        reference("technician", "技术员", "technicians"),
        Column(
            "customer",
            "客户",
            NAME,
            Text("Barred from all sites of this customer", "禁派该客户的所有站点"),
            refers_to=("customers",),
        ),
        Column(
            "site",
            "站点",
            NAME,
            Text("Or barred from this site only", "或仅禁派该站点"),
            refers_to=("sites",),
        ),
    ),
    key=("technician", "customer", "site"),
)
SHIFTS = Table(
    "shifts",
    "班次",
    Text("Working hours that repeat", "重复的工作时间"),
    (
        reference("technician", "技术员", "technicians", "technician_id"),
        Column(
            "days",
            "日子",
            lists.DAYS,
            Text(
                "Dates replace the technician's other rows on those days",
                "写明日期的行会在当天取代该技术员的其他行",
            ),
            "days",
            required=True,
        ),
        Column("start", "开始", TIME, Text("Start", "上班时刻"), "start", required=True),
        Column(
            "end",
            "结束",
            TIME,
            Text("At or before the start: the next day", "不晚于开始时刻表示次日"),
            "end",
            required=True,
        ),
        Column("kind", "类型", _SHIFT_KIND, Text("Kind of shift", "班次类型"), "kind"),
        Column(
            "max_overtime_min",
            "最长加班(分钟)",
            duration(),
            Text("Overtime allowed after the end", "下班后允许的加班"),
            "max_overtime_s",
        ),
        Column("breaks", "休息", lists.BREAKS, Text("Rests in the shift", "班中休息"), "breaks"),
    ),
    ShiftPattern,
    required=True,
)
ABSENCES = Table(
    "absences",
    "缺勤",
    Text("When technicians are neither at work nor on the road", "技术员不在岗的时间"),
    (
        reference("technician", "技术员", "technicians"),
        Column(
            "from", "开始", MOMENT, Text("First instant", "开始时间"), "start_at", required=True
        ),
        Column(
            "to", "结束", MOMENT, Text("Back from then on", "结束时间"), "end_at", required=True
        ),
        Column("reason", "原因", TEXT, Text("Reason", "缺勤原因"), "reason"),
    ),
    Absence,
)
