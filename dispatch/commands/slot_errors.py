"""What can be wrong with slots, in words."""

from datetime import datetime

from dispatch.domain.errors import DispatchError
from dispatch.domain.work import Window


class SlotError(DispatchError):
    """A slot that cannot be held, promised or released."""


class SlotGoneError(SlotError):
    """A window in which nobody can come (any more)."""


def unknown_visit(visit_id: str) -> SlotError:
    return SlotError(
        f"There is no open visit {visit_id!r}. dispatch show published --by visit lists all.",
        f"没有未完成的任务 {visit_id!r}。可用 dispatch show published --by visit 查看。",
    )


def several_visits(work_order_id: str, visit_ids: tuple[str, ...]) -> SlotError:
    known = ", ".join(visit_ids) or "-"
    return SlotError(
        f"Work order {work_order_id!r} has {len(visit_ids)} open visits: {known}. Name one visit.",
        f"派工单 {work_order_id!r} 有 {len(visit_ids)} 个未完成的任务：{known}。请指明任务。",
    )


def begun_already(visit_id: str) -> SlotError:
    return SlotError(
        f"Somebody is on site with visit {visit_id!r}: it needs no slot.",
        f"任务 {visit_id!r} 已有人在现场，无需预约时段。",
    )


def told_already(visit_id: str, told_at: datetime) -> SlotError:
    said = told_at.isoformat()
    return SlotError(
        f"People were told that visit {visit_id!r} starts at {said}. Take it out of the published"
        f" plan first: dispatch unassign {visit_id} --publish",
        f"任务 {visit_id!r} 已通知于 {said} 开始。请先将其移出已发布的计划："
        f"dispatch unassign {visit_id} --publish",
    )


def bad_hold(window: Window, until: datetime, at: datetime) -> SlotError:
    said = f"{window.open_at.isoformat()}–{window.close_at.isoformat()}"
    now, end = at.isoformat(), until.isoformat()
    return SlotError(
        f"Window {said} cannot be held until {end}: it is {now}, and both have to end later, the"
        " window after it opens.",
        f"时段 {said} 无法保留至 {end}：当前为 {now}，两者均须晚于当前时间，且时段须先开始后结束。",
    )


def slot_gone(visit_id: str, window: Window) -> SlotGoneError:
    said = f"{window.open_at.isoformat()}–{window.close_at.isoformat()}"
    return SlotGoneError(
        f"Nobody can come to visit {visit_id!r} in {said} (any more), beside what is planned, held"
        f" and promised. Ask again: dispatch slots {visit_id}",
        f"在已有安排、保留和承诺之外，{said} 内已无人可承担任务 {visit_id!r}。"
        f"请重新查询：dispatch slots {visit_id}",
    )


def no_hold(visit_id: str) -> SlotError:
    return SlotError(
        f"Nothing is held for visit {visit_id!r}; dispatch slots --held lists what is.",
        f"没有为任务 {visit_id!r} 保留的时段；可用 dispatch slots --held 查看。",
    )


def no_such_slot(number: int, offered: int) -> SlotError:
    return SlotError(
        f"There is no slot {number}: {offered} are offered now. Ask again without --hold.",
        f"没有第 {number} 个时段：目前可约 {offered} 个。请不带 --hold 重新查询。",
    )


def ran_out(visit_id: str, expires_at: datetime) -> SlotError:
    said = expires_at.isoformat()
    return SlotError(
        f"The slot of visit {visit_id!r} was held until {said} only. Hold one again:"
        f" dispatch slots {visit_id}",
        f"任务 {visit_id!r} 的时段仅保留至 {said}。请重新保留：dispatch slots {visit_id}",
    )
