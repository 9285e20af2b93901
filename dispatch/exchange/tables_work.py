"""Tables of the work: orders, gates, visits, and what was promised about them."""

from dispatch.domain.work import (
    ClockKind,
    Commitment,
    Gate,
    GateKind,
    Link,
    Pin,
    Priority,
    Visit,
    Window,
    WorkOrder,
)
from dispatch.exchange import lists
from dispatch.exchange.kinds import FLAG, NAME, POSITIVE, TEXT, enum_of
from dispatch.exchange.table import Column, Table, id_column, reference
from dispatch.exchange.times import MOMENT, duration
from dispatch.texts import Text

PRIORITY = enum_of(
    {
        Priority.EMERGENCY: "紧急",
        Priority.HIGH: "高",
        Priority.NORMAL: "普通",
        Priority.LOW: "低",
    }
)
CLOCK = enum_of({ClockKind.RESPOND: "响应", ClockKind.ARRIVE: "到场", ClockKind.RESTORE: "修复"})
_GATE_KIND = enum_of(
    {
        GateKind.REMOTE_DIAGNOSIS: "远程诊断",
        GateKind.QUOTE: "报价",
        GateKind.PARTS: "备件",
        GateKind.PAUSE: "暂停",
    }
)
_CLOCKS = lists.list_of(
    CLOCK,
    Text(
        "respond (响应), arrive (到场), restore (修复), separated by semicolons, or none",
        "响应 (respond)、到场 (arrive)、修复 (restore)，以分号分隔，或填“无”",
    ),
    none=True,
)


def _moment(name: str, chinese: str, field: str, note: Text, required: bool = False) -> Column:
    return Column(name, chinese, MOMENT, note, field, required)


WORK_ORDERS = Table(
    "work_orders",
    "派工单",
    Text("What customers need", "客户的服务需求"),
    (
        id_column(Text("Id of the work order", "派工单编号")),
        reference("site", "站点", "sites", "site_id"),
        Column("product", "产品", NAME, Text("Product", "产品"), "product", required=True),
        Column(
            "priority",
            "优先级",
            PRIORITY,
            Text("Priority", "优先级"),
            "priority",
            default=Priority.NORMAL,
        ),
        _moment(
            "reported_at",
            "报修时间",
            "reported_at",
            Text("SLA clocks start here", "SLA 时钟由此开始"),
            required=True,
        ),
        _moment("responded_at", "响应时间", "responded_at", Text("Answered", "已响应的时间")),
        _moment("arrived_at", "到场时间", "arrived_at", Text("Was on site", "已到场的时间")),
        _moment("restored_at", "修复时间", "restored_at", Text("Ran again", "设备已修复的时间")),
        Column("description", "描述", TEXT, Text("What is wrong", "故障描述"), "description"),
    ),
    WorkOrder,
    key=("id",),
    required=True,
)
GATES = Table(
    "gates",
    "前置条件",
    Text("What must be true before a visit may start", "任务开始前必须满足的条件"),
    (
        reference("work_order", "派工单", "work_orders"),
        Column("kind", "类型", _GATE_KIND, Text("Kind of gate", "条件类型"), "kind", required=True),
        _moment(
            "opened_at", "提出时间", "opened_at", Text("Asked for at", "提出的时间"), required=True
        ),
        _moment("passed_at", "满足时间", "passed_at", Text("Blank: still open", "留空：尚未满足")),
        _moment(
            "expected_at",
            "预计满足时间",
            "expected_at",
            Text("Blank while open: visits have to wait", "尚未满足且留空：不能安排任务"),
        ),
        Column(
            "waits_for_customer",
            "等待客户",
            FLAG,
            Text("SLA clocks pause meanwhile", "期间 SLA 时钟暂停"),
            "waits_for_customer",
        ),
    ),
    Gate,
)
VISITS = Table(
    "visits",
    "任务",
    Text("Trips to a site; what is planned", "需要安排的任务，每项上门一次"),
    (
        id_column(Text("Id of the visit", "任务编号")),
        reference("work_order", "派工单", "work_orders", "work_order_id"),
        Column(
            "duration_min",
            "维修时长(分钟)",
            duration(least=1),
            Text("Length of the repair", "维修所需时间"),
            "duration_s",
            required=True,
        ),
        Column("skills", "技能", lists.SKILLS, Text("Needed skills", "所需技能"), "skills"),
        Column(
            "parts",
            "备件",
            lists.PARTS,
            Text("Needed parts", "所需备件"),
            "parts",
            refers_to=("parts",),
        ),
        Column("tools", "工具", lists.NAMES, Text("Needed tools", "所需工具"), "tools"),
        _moment(
            "release_at", "最早开始", "release_at", Text("Not before this", "不早于该时间开始")
        ),
        Column(
            "run_in_min",
            "试运行(分钟)",
            duration(),
            Text("Stay on site after the repair", "维修后需留在现场的时间"),
            "run_in_s",
        ),
        Column(
            "crew_size",
            "人数",
            POSITIVE,
            Text("Technicians who work together", "需要同时到场的技术员人数"),
            "crew_size",
        ),
        Column(
            "wished_technician",
            "期望技术员",
            NAME,
            Text("Whom the customer asks for", "客户指定希望的技术员"),
            "wished_technician_id",
            refers_to=("technicians",),
        ),
        Column("stops", "停止时钟", _CLOCKS, Text("Clocks it stops", "该任务停止的时钟"), "stops"),
    ),
    Visit,
    key=("id",),
    required=True,
)
VISIT_WINDOWS = Table(
    "visit_windows",
    "预约时段",
    Text("Promised windows: the repair starts in one of them", "承诺时段：维修须在其中之一开始"),
    (
        reference("visit", "任务", "visits"),
        _moment("from", "开始", "open_at", Text("Earliest start", "最早开始"), required=True),
        _moment("to", "结束", "close_at", Text("Latest start", "最晚开始"), required=True),
    ),
    Window,
)
LINKS = Table(
    "links",
    "关联",
    Text("Visits that depend on another", "依赖其他任务的任务"),
    (
        reference("first_visit", "前一任务", "visits", "first_visit_id"),
        reference("then_visit", "后一任务", "visits", "then_visit_id"),
        Column(
            "min_lag_min",
            "最短间隔(分钟)",
            duration(least=-(10**9), nothing=True),
            Text(
                "From the end of the first repair to the start of the second; none: any order",
                "从前一次维修结束到后一次开始；填“无”表示不限先后",
            ),
            "min_lag_s",
        ),
        Column(
            "max_lag_min",
            "最长间隔(分钟)",
            duration(least=-(10**9)),
            Text("Blank: no limit", "留空不限"),
            "max_lag_s",
        ),
        Column(
            "same_technician",
            "同一技术员",
            FLAG,
            Text("By the same technician", "由同一技术员完成"),
            "same_technician",
        ),
    ),
    Link,
    key=("first_visit", "then_visit"),
)
PINS = Table(
    "pins",
    "锁定",
    Text("What must not change about a visit", "任务安排中不得改变的内容"),
    (
        reference("visit", "任务", "visits", "visit_id"),
        Column(
            "technician",
            "技术员",
            NAME,
            Text("By this technician", "由该技术员完成"),
            "technician_id",
            refers_to=("technicians",),
        ),
        _moment("start_at", "开始时间", "start_at", Text("Starts then", "在该时间开始")),
        Column(
            "after_visit",
            "紧接任务",
            NAME,
            Text("Right after this visit", "紧接在该任务之后"),
            "after_visit_id",
            refers_to=("visits",),
        ),
        Column(
            "other_technicians",
            "同组技术员",
            lists.NAMES,
            Text("With these in the crew", "与这些技术员同组完成"),
            "other_technician_ids",
            refers_to=("technicians",),
        ),
    ),
    Pin,
    key=("visit",),
)
PUBLISHED = Table(
    "published",
    "已发布",
    Text("What people were told", "已通知客户和技术员的安排"),
    (
        reference("visit", "任务", "visits", "visit_id"),
        Column(
            "technicians",
            "技术员",
            lists.NAMES,
            Text("By these technicians", "由这些技术员完成"),
            "technician_ids",
            required=True,
            refers_to=("technicians",),
        ),
        _moment("start_at", "开始时间", "start_at", Text("Start", "开始时间"), required=True),
    ),
    Commitment,
    key=("visit",),
)
