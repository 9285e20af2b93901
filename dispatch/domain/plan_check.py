"""Whether everything that a plan names is in its snapshot."""

from dispatch.domain.errors import DispatchError
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.snapshot import Snapshot


class PlanError(DispatchError):
    """A plan names something that its snapshot does not have, or no quantity of it."""


def check_plan(snapshot: Snapshot, plan: Plan) -> None:
    """
    Raises:
        PlanError: for the first id, index or quantity that means nothing in the snapshot.
    """
    for number, route in enumerate(plan.routes, 1):
        _check_route(snapshot, route, number)
    for number, left in enumerate(plan.unassigned, 1):
        if left.visit_id not in snapshot.visit:
            raise _unknown("visit", "任务", left.visit_id, f"unassigned {number}", f"未排 {number}")


def _check_route(snapshot: Snapshot, route: Route, number: int) -> None:
    where_en, where_zh = f"route {number}", f"路线 {number}"
    if route.technician_id not in snapshot.technician:
        raise _unknown("technician", "技术员", route.technician_id, where_en, where_zh)
    if route.shift_id not in snapshot.shift:
        raise _unknown("shift", "班次", route.shift_id, where_en, where_zh)
    for position, stop in enumerate(route.stops, 1):
        _check_stop(
            snapshot,
            route,
            stop,
            f"{where_en} ({route.technician_id}), stop {position}",
            f"{where_zh}（{route.technician_id}）第 {position} 站",
        )


def _check_stop(snapshot: Snapshot, route: Route, stop: Stop, where_en: str, where_zh: str) -> None:
    if stop.kind is StopKind.VISIT and stop.visit_id not in snapshot.visit:
        raise _unknown("visit", "任务", stop.visit_id, where_en, where_zh)
    if stop.kind is StopKind.PICKUP and stop.station_id not in snapshot.station:
        raise _unknown("station", "服务站", stop.station_id, where_en, where_zh)
    if stop.kind is StopKind.BREAK:
        breaks = len(snapshot.shift[route.shift_id].breaks)
        _check_index("break", "休息", stop.index, breaks, where_en, where_zh)
    if stop.kind is StopKind.ABSENCE:
        absences = len(snapshot.technician[route.technician_id].absences)
        _check_index("absence", "缺勤", stop.index, absences, where_en, where_zh)
    for part in stop.parts:
        if part.part_id not in snapshot.part:
            raise _unknown("part", "备件", part.part_id, where_en, where_zh)
        if part.quantity < 1:
            raise PlanError(
                f"{where_en}: quantity {part.quantity} of part {part.part_id!r}: must be 1 or more",
                f"{where_zh}：备件 {part.part_id!r} 的数量为 {part.quantity}，应不小于 1",
            )


def _check_index(
    en: str, zh: str, index: int | None, length: int, where_en: str, where_zh: str
) -> None:
    if index is None or not 0 <= index < length:
        known_en = f"must be 0 to {length - 1}" if length else "there is none"
        known_zh = f"应为 0 至 {length - 1}" if length else "此处没有"
        raise PlanError(
            f"{where_en}: {en} index {index}: {known_en}",
            f"{where_zh}：{zh}序号 {index}：{known_zh}",
        )


def _unknown(en: str, zh: str, value: str | None, where_en: str, where_zh: str) -> PlanError:
    return PlanError(
        f"{where_en}: {en} {value!r} is not in the snapshot; "
        "is this the snapshot that the plan was made for?",
        f"{where_zh}：快照中没有{zh} {value!r}；计划与快照是否对应？",
    )
