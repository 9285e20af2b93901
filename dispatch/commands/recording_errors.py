"""What is said of facts and tickets that cannot be taken in."""

from datetime import datetime

from dispatch.domain.errors import DispatchError
from dispatch.domain.events import Event
from dispatch.domain.life_errors import who
from dispatch.domain.work import Visit
from dispatch.texts import Language


class RecordingError(DispatchError):
    """Something that cannot be recorded as it was told."""


class UnknownWorkOrderError(RecordingError):
    """No such work order."""

    def __init__(self, work_order_id: str) -> None:
        super().__init__(
            f"There is no work order {work_order_id!r}. dispatch status lists those that are open.",
            f"没有派工单 {work_order_id!r}。dispatch status 列出未结的派工单。",
        )


class FutureError(RecordingError):
    """A fact that has not happened yet."""

    def __init__(self, event: Event, at: datetime) -> None:
        happened, now = (t.isoformat(" ", "seconds") for t in (event.happened_at, at))
        super().__init__(
            f"{who(event, Language.EN)}: {happened} is in the future, it is {now}."
            " Record a fact when it has happened, with its time.",
            f"{who(event, Language.ZH)}：{happened} 尚未到来，现在是 {now}。"
            "请在事情发生后再记录其时间。",
        )


class EventTakenError(RecordingError):
    """An event id that is that of another work order's event."""

    def __init__(self, event_id: str, owner: str) -> None:
        super().__init__(
            f"The event id {event_id!r} is that of an event of work order {owner}."
            " Give each event an id of its own.",
            f"事件编号 {event_id!r} 已用于派工单 {owner} 的事件。请为每个事件使用唯一编号。",
        )


class UnknownEventError(RecordingError):
    """No such event that could be withdrawn."""

    def __init__(self, work_order_id: str, event_id: str) -> None:
        super().__init__(
            f"Work order {work_order_id!r} has no event {event_id!r} that could be withdrawn."
            f" dispatch status {work_order_id} lists its events.",
            f"派工单 {work_order_id!r} 没有可撤回的事件 {event_id!r}。"
            f"dispatch status {work_order_id} 列出其全部事件。",
        )


class NotYoursError(RecordingError):
    """An event that the technician may not withdraw; the desk may."""

    def __init__(self, event: Event, most_minutes: int) -> None:
        super().__init__(
            f"{who(event, Language.EN)}: technicians withdraw what they recorded themselves on"
            f" site, within {most_minutes} minutes. Ask the dispatcher to withdraw event"
            f" {event.id}.",
            f"{who(event, Language.ZH)}：技术员只能在 {most_minutes} 分钟内撤回自己的现场记录。"
            f"请联系调度员撤回事件 {event.id}。",
        )


def not_refused(event_id: str) -> RecordingError:
    return RecordingError(
        f"No fact {event_id!r} was refused, so there is nothing to settle. dispatch status lists"
        " those that were, each by its id.",
        f"没有编号为 {event_id!r} 的未能入档记录，无需处理。dispatch status 按编号列出这些记录。",
    )


class TicketError(RecordingError):
    """A ticket of which no work order can be made."""


def place_unknown(number: str) -> TicketError:
    return TicketError(
        f"Ticket {number!r} names neither equipment nor a site. Name one of them.",
        f"报修单 {number!r} 既未指明设备，也未指明站点。请指明其一。",
    )


def no_such(number: str, kind_en: str, kind_zh: str, value: str) -> TicketError:
    return TicketError(
        f"Ticket {number!r}: there is no {kind_en} {value!r}. Import it first, or name another.",
        f"报修单 {number!r}：没有{kind_zh} {value!r}。请先导入，或改用其他的。",
    )


def other_site(number: str, equipment_id: str, site_id: str, named: str) -> TicketError:
    return TicketError(
        f"Ticket {number!r}: equipment {equipment_id!r} stands at site {site_id!r}, not {named!r}.",
        f"报修单 {number!r}：设备 {equipment_id!r} 位于站点 {site_id!r}，而不是 {named!r}。",
    )


def product_unknown(number: str) -> TicketError:
    return TicketError(
        f"Ticket {number!r} names neither equipment nor a product. Name one of them.",
        f"报修单 {number!r} 既未指明设备，也未指明产品。请指明其一。",
    )


class NumberTakenError(TicketError):
    """A ticket whose number is that of another work order."""


def number_taken(number: str) -> NumberTakenError:
    return NumberTakenError(
        f"Ticket {number!r}: there is a work order {number!r} that is not of this ticket."
        " Give the ticket another number.",
        f"报修单 {number!r}：已有不属于该报修单的派工单 {number!r}。请使用其他编号。",
    )


def nothing_to_contain(work_order_id: str) -> RecordingError:
    return RecordingError(
        f"Work order {work_order_id!r} has no repair to come, so there is nothing to contain"
        " before it.",
        f"派工单 {work_order_id!r} 没有待进行的维修任务，无需先行处置。",
    )


def no_station(visit: Visit) -> RecordingError:
    return RecordingError(
        f"Nobody can contain the fault of visit {visit.id!r}: there is no station."
        " Enter the stations of the organisation.",
        f"任务 {visit.id!r} 无法先行处置：没有任何服务站。请录入服务站。",
    )


def contained_already(visit: Visit) -> RecordingError:
    return RecordingError(
        f"Somebody is to come before visit {visit.id!r} already: it no longer stops the clock to"
        " arrive.",
        f"任务 {visit.id!r} 之前已安排先行处置：该任务不再停止到场时限。",
    )


def nobodys_van(visit_id: str) -> RecordingError:
    return RecordingError(
        f"Nobody was told to do visit {visit_id!r}, so it is not known from whose van its parts"
        " came. Publish a plan with it first, or record the repair without parts.",
        f"任务 {visit_id!r} 未发布给任何技术员，无法得知备件取自哪辆车。"
        "请先发布含该任务的计划，或记录修复时不填备件。",
    )
