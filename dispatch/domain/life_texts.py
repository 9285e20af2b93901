"""The life of a work order in words: what events, states and reasons are called."""

from collections.abc import Mapping

from dispatch.domain.events import EmergencyReason, EventKind, FailureReason, Measure
from dispatch.domain.transitions import State
from dispatch.texts import Text

EVENTS: Mapping[EventKind, Text] = {
    EventKind.REPORTED: Text("reported", "报修"),
    EventKind.RESPONDED: Text("responded", "响应"),
    EventKind.SOLVED_REMOTELY: Text("solved remotely", "远程解决"),
    EventKind.ON_SITE_NEEDED: Text("on-site visit needed", "需要上门"),
    EventKind.DIAGNOSIS_SKIPPED: Text("diagnosis skipped", "免远程诊断"),
    EventKind.IN_WARRANTY: Text("in warranty", "保修期内"),
    EventKind.OUT_OF_WARRANTY: Text("out of warranty", "超出保修期"),
    EventKind.QUOTE_ASKED: Text("quote sent", "发出报价"),
    EventKind.QUOTE_REFUSED: Text("quote refused", "客户拒绝报价"),
    EventKind.QUOTE_ACCEPTED: Text("quote accepted", "客户接受报价"),
    EventKind.PARTS_ASKED: Text("parts asked for", "申请备件"),
    EventKind.PARTS_THERE: Text("parts there", "备件到位"),
    EventKind.PAUSED: Text("paused", "暂停"),
    EventKind.RESUMED: Text("resumed", "恢复"),
    EventKind.PUBLISHED: Text("published", "发布"),
    EventKind.UNPUBLISHED: Text("taken back", "撤回发布"),
    EventKind.DEPARTED: Text("departed", "出发"),
    EventKind.ARRIVED: Text("arrived", "到场"),
    EventKind.NO_FINDING: Text("no finding", "未查明故障"),
    EventKind.FOUND: Text("cause found", "查明故障"),
    EventKind.REPAIRED: Text("repaired", "修复"),
    EventKind.RUN_IN_STARTED: Text("run-in started", "试运行开始"),
    EventKind.RUN_IN_ENDED: Text("run-in ended", "试运行结束"),
    EventKind.SIGNED_OFF: Text("signed off", "客户签收"),
    EventKind.VISIT_FAILED: Text("visit failed", "任务未完成"),
    EventKind.VISIT_DROPPED: Text("visit dropped", "任务撤销"),
    EventKind.EMERGENCY_OPENED: Text("emergency plan opened", "启动应急预案"),
    EventKind.EMERGENCY_CLOSED: Text("emergency plan closed", "解除应急预案"),
    EventKind.CANCELLED: Text("cancelled", "取消"),
    EventKind.CLOSED: Text("closed", "关闭"),
    EventKind.SATISFACTION_CALLED: Text("satisfaction call", "满意度回访"),
    EventKind.COMPLAINT_RECEIVED: Text("complaint received", "受理投诉"),
    EventKind.COMPLAINT_HANDED_OVER: Text("complaint handed over", "投诉转交"),
    EventKind.COMPLAINT_ANSWERED: Text("complaint answered", "投诉答复"),
    EventKind.COMPLAINT_CLOSED: Text("complaint closed", "投诉办结"),
    EventKind.WITHDRAWN: Text("withdrawn", "撤回记录"),
}

STATES: Mapping[State, Text] = {
    State.NEW: Text("not reported yet", "尚未报修"),
    State.REPORTED: Text("reported", "已报修"),
    State.DIAGNOSED: Text("on-site visit needed, warranty to be checked", "需上门，待核对保修"),
    State.QUOTE_NEEDED: Text("waiting for a quote", "待报价"),
    State.QUOTED: Text("waiting for the customer", "待客户确认报价"),
    State.QUOTE_REFUSED: Text("quote refused", "报价被拒"),
    State.CLEARED: Text("cleared", "已具备条件"),
    State.WAITING_FOR_PARTS: Text("waiting for parts", "待备件"),
    State.READY: Text("ready", "待排"),
    State.FOLLOW_UP: Text("follow-up needed", "待再次上门"),
    State.SOLVED: Text("solved remotely", "已远程解决"),
    State.CLOSED: Text("closed", "已关闭"),
    State.CANCELLED: Text("cancelled", "已取消"),
    State.OPEN: Text("open", "未排"),
    State.PUBLISHED: Text("published", "已发布"),
    State.UNDER_WAY: Text("under way", "已出发"),
    State.ON_SITE: Text("on site", "已到场"),
    State.REPAIRED: Text("repaired", "已修复"),
    State.RUN_IN: Text("run-in", "试运行中"),
    State.RAN_IN: Text("run-in done", "试运行完成"),
    State.SIGNED_OFF: Text("signed off", "已签收"),
    State.FAILED: Text("failed", "未完成"),
    State.DROPPED: Text("dropped", "已撤销"),
    State.NONE: Text("none", "无"),
    State.ASKED: Text("parts asked for", "已申请备件"),
    State.PAUSED: Text("paused", "已暂停"),
    State.EMERGENCY: Text("emergency plan open", "应急预案已启动"),
    State.CALLED: Text("called", "已回访"),
    State.RECEIVED: Text("received", "已受理"),
    State.HANDED_OVER: Text("handed over", "已转交"),
    State.ANSWERED: Text("answered", "已答复"),
    State.SETTLED: Text("settled", "已办结"),
}

FAILURES: Mapping[FailureReason, Text] = {
    FailureReason.CUSTOMER_ABSENT: Text("customer absent", "客户不在"),
    FailureReason.NO_ACCESS: Text("no access", "无法进入现场"),
    FailureReason.WRONG_PART: Text("wrong part", "备件不符"),
    FailureReason.MISSING_PART: Text("missing part", "缺少备件"),
    FailureReason.MISSING_SKILL: Text("missing skill", "技能不足"),
    FailureReason.FAULT_NOT_FOUND: Text("fault not found", "未查明故障"),
    FailureReason.OTHER: Text("other", "其他"),
}

EMERGENCIES: Mapping[EmergencyReason, Text] = {
    EmergencyReason.NO_FINDING: Text("no finding in time", "未按时查明故障"),
    EmergencyReason.NOT_RESTORED: Text("not restored in time", "未按时修复"),
    EmergencyReason.OTHER: Text("other", "其他"),
}

MEASURES: Mapping[Measure, Text] = {
    Measure.REPLACEMENT_UNIT: Text("replacement unit", "更换整机"),
    Measure.SECOND_TECHNICIAN: Text("second technician", "增派技术员"),
}
