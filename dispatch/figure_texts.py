"""What the manager's figures mean, one sentence each, so that people can trust them."""

from collections.abc import Mapping
from enum import StrEnum

from dispatch.texts import Text


class FigureName(StrEnum):
    ATTAINMENT = "attainment"
    BEFORE = "before"
    RUNNING_OUT = "running_out"
    WAITING = "waiting"
    UNASSIGNED = "unassigned"
    FIRST_TIME_FIX = "first_time_fix"
    COMPLAINTS = "complaints"
    UTILISATION = "utilisation"
    OVERTIME = "overtime"
    PARTS_SHORT = "parts_short"


DEFINITIONS: Mapping[FigureName, Text] = {
    FigureName.ATTAINMENT: Text(
        "Of the SLA clocks that were due on these days, the share that was stopped in time; clocks"
        " that still run, and those of cancelled work orders, do not count.",
        "在这些日期到期的服务时限中按时停止的比例；仍在计时的以及已取消派工单的时限不计入。",
    ),
    FigureName.BEFORE: Text(
        "Today is compared with all of yesterday, this week and this month with the same days of"
        " the last, and the chosen days with as many right before them.",
        "今天与昨天全天比较；本周、本月与上周、上月的相同天数比较；所选日期与其之前相同天数比较。",
    ),
    FigureName.RUNNING_OUT: Text(
        "Clocks of open work orders that nothing has stopped yet and that are overdue, or due"
        " within 4 hours.",
        "未结派工单中尚未停止、且已超时或将在 4 小时内到期的时限。",
    ),
    FigureName.WAITING: Text(
        "Work orders that are neither solved, closed nor cancelled, by the time since they were"
        " reported.",
        "尚未解决、关闭或取消的派工单，按报修至今的时间分组。",
    ),
    FigureName.UNASSIGNED: Text(
        "Those of them with a visit that no technician was told of yet.",
        "其中尚有任务未通知任何技术员的派工单。",
    ),
    FigureName.FIRST_TIME_FIX: Text(
        "Of the work orders that were repaired on site on these days, the share that the first"
        " visit repaired with no other needed.",
        "在这些日期现场修复的派工单中，首次上门即修复、无需再次上门的比例。",
    ),
    FigureName.COMPLAINTS: Text(
        "Complaints that came in on these days; open are those of them that are not closed yet.",
        "在这些日期收到的投诉；未结为其中尚未关闭的投诉。",
    ),
    FigureName.UTILISATION: Text(
        "Time from departure to the end of the last fact on site, as recorded (the way back is"
        " not), over the length of the regular shifts less absences; from today on with the paid"
        " time that the published plan still holds.",
        "按记录从出发到现场最后一次记录的时间（不含返程），除以扣除缺勤后的常规班次时长；"
        "今天及以后另加已发布计划中尚未执行的计薪时间。",
    ),
    FigureName.OVERTIME: Text(
        "By how much the last work that began in a shift went beyond its end; from today on as the"
        " published plan has it, if that is more.",
        "在班次内开始的最后一项工作超出班次结束的时间；今天及以后若已发布计划的加班更多，则以计划为准。",
    ),
    FigureName.PARTS_SHORT: Text(
        "Units that the open visits of a station need and that are not reserved for them, beyond"
        " what its depot and its vans have free; approved substitutes count.",
        "服务站未结任务所需且未预留的备件中，超出本站仓库和车辆可用数量的部分；认可的替代件计入可用。",
    ),
}
