"""What stock refuses, in words."""

from collections.abc import Sequence
from datetime import datetime

from dispatch.domain.errors import DispatchError
from dispatch.store.queries_stock import Place


class StockError(DispatchError):
    """Something about stock that is not possible."""


class UnknownError(StockError):
    """A part, lot, place, visit, reservation or serial number that is not there."""

    def __init__(self, what_en: str, what_zh: str, value: str) -> None:
        super().__init__(
            f"There is no {what_en} {value!r}. Check the number.",
            f"不存在{what_zh} {value!r}。请检查编号。",
        )


class ShortageError(StockError):
    """More units than are free there; ``free`` are. ``kept`` says which reservations keep others.

    A reservation's id begins with its visit.
    """

    def __init__(
        self, part_id: str, place: Place, wanted: int, free: int, kept: Sequence[str] = ()
    ) -> None:
        ids = ", ".join(kept)
        super().__init__(
            f"{wanted} of part {part_id!r} are wanted at {place}, {free} are free. Ask for fewer,"
            " take them from another place, or release a reservation"
            + (f" of those there: {ids}." if ids else "."),
            f"{place} 需要备件 {part_id!r} {wanted} 件，可用 {free} 件。请减少数量、换一个地点，"
            "或释放其他预留" + (f"（该地点现有：{ids}）。" if ids else "。"),
        )
        self.free = free


class SerialError(StockError):
    """Serial numbers that do not fit the units."""


class ReservationError(StockError):
    """A reservation whose state does not allow that."""


def not_positive(quantity: int) -> StockError:
    return StockError(
        f"{quantity} units are not possible; at least 1 is.",
        f"数量 {quantity} 无效；至少为 1。",
    )


def lot_is_known(lot_id: str) -> StockError:
    return StockError(
        f"Lot {lot_id!r} is on record already and no delivery of it is expected there. Give the"
        " new units a lot number of their own, or adjust the lot.",
        f"批次 {lot_id!r} 已有记录，且该地点没有待到货。"
        "请为新到货使用新的批次号，或对该批次盘点调整。",
    )


def visit_is_over(visit_id: str) -> StockError:
    return StockError(
        f"Visit {visit_id!r} is over; parts cannot be reserved for it.",
        f"任务 {visit_id!r} 已结束，不能再为其预留备件。",
    )


def serials_needed(part_id: str, quantity: int, named: int) -> SerialError:
    return SerialError(
        f"Every unit of part {part_id!r} is known by its serial number: {quantity} are moved,"
        f" {named} serial numbers are given. Give one for each unit.",
        f"备件 {part_id!r} 按序列号管理：数量 {quantity}，给出序列号 {named} 个。"
        "请为每件给出一个序列号。",
    )


def left_unnamed(lot_id: str, place: Place, known: int, units: int) -> SerialError:
    return SerialError(
        f"Of lot {lot_id!r} at {place} {known} units are known by serial number, {units} would be"
        " left. Give the serial numbers of those that are moved.",
        f"批次 {lot_id!r} 在 {place} 有 {known} 件登记了序列号，移动后将只剩 {units} 件。"
        "请给出所移动备件的序列号。",
    )


def serial_not_there(part_id: str, serial: str, place: Place) -> SerialError:
    return SerialError(
        f"There is no free unit {serial!r} of part {part_id!r} at {place}. See where it is with"
        " dispatch stock trace.",
        f"{place} 没有可用的备件 {part_id!r}（序列号 {serial!r}）。"
        "请用 dispatch stock trace 查看其去向。",
    )


def serial_is_known(part_id: str, serial: str) -> SerialError:
    return SerialError(
        f"Unit {serial!r} of part {part_id!r} is on record already. A serial number is given once;"
        f" take a unit that came back and was repaired in under a new one, such as '{serial}-2'.",
        f"备件 {part_id!r} 的序列号 {serial!r} 已有记录，不能重复。"
        f"带回后修好的备件请以新序列号入库，例如“{serial}-2”。",
    )


def reason_needed() -> StockError:
    return StockError(
        "Stock that was counted differently or is set apart needs a reason, such as 'count of 30"
        " September'.",
        "盘点调整和隔离必须说明原因，例如“9月30日盘点”。",
    )


def not_open(reservation_id: str, state: str) -> ReservationError:
    return ReservationError(
        f"Reservation {reservation_id!r} is {state}. Only held and committed ones keep units;"
        " reserve anew.",
        f"预留 {reservation_id!r} 的状态为 {state}，已不再占用备件。请重新预留。",
    )


def not_there_yet(reservation_id: str) -> ReservationError:
    return ReservationError(
        f"Reservation {reservation_id!r} is of a delivery that has not arrived. Receive it first.",
        f"预留 {reservation_id!r} 属于尚未到货的批次。请先登记到货。",
    )


def promised_more(lot_id: str, quantity: int, promised: int) -> StockError:
    return StockError(
        f"{promised} units of the delivery {lot_id!r} are promised, {quantity} are too few."
        " Release reservations first.",
        f"待到货批次 {lot_id!r} 已承诺 {promised} 件，{quantity} 件不够。请先释放预留。",
    )


def expired_already(expires_at: datetime) -> StockError:
    return StockError(
        f"A hold until {expires_at.isoformat()} would be over already. Give a later time.",
        f"预留截止时间 {expires_at.isoformat()} 已过。请给出更晚的时间。",
    )


def not_reserved(serial: str) -> SerialError:
    return SerialError(
        f"Unit {serial!r} is not of a lot that is reserved. Name units of the reserved lots, or"
        " release the reservation and issue the unit as it is.",
        f"序列号 {serial!r} 不属于已预留的批次。请选择预留批次中的备件，或先释放预留再直接领用。",
    )


def units_without_serial(part_id: str, units: int) -> SerialError:
    return SerialError(
        f"{units} units of part {part_id!r} are in stock without a serial number. Tracking can"
        " begin when there are none: use them up, or adjust them out and in with serial numbers.",
        f"备件 {part_id!r} 有 {units} 件在库但未登记序列号，暂不能启用序列号管理。"
        "请先用完，或盘点调出后带序列号调入。",
    )


def still_in_stock(part_id: str, serial: str, balance_id: str) -> SerialError:
    return SerialError(
        f"Unit {serial!r} of part {part_id!r} is in stock ({balance_id}), so no visit took it out."
        " Check the serial number.",
        f"备件 {part_id!r} 的序列号 {serial!r} 仍在库（{balance_id}），不可能由任务拆回。"
        "请检查序列号。",
    )


def gone_elsewhere(part_id: str, serial: str) -> SerialError:
    return SerialError(
        f"Unit {serial!r} of part {part_id!r} is not where the repair put it any more. Withdraw"
        " what was recorded of it since, or see dispatch stock trace.",
        f"备件 {part_id!r} 的序列号 {serial!r} 已不在维修时的位置。"
        "请先撤回此后的相关记录，或用 dispatch stock trace 查看其去向。",
    )


def counted_since(lot_id: str, place: Place) -> StockError:
    return StockError(
        f"Lot {lot_id!r} at {place} was counted since the repair, so nobody knows whether the"
        " units are in the count. Withdraw nothing; count again and record what is right.",
        f"批次 {lot_id!r} 在 {place} 于维修后已盘点，无法确定这些备件是否已计入。"
        "请不要撤回，改为重新盘点并登记正确数量。",
    )


def not_installed(serial: str, visit_id: str) -> SerialError:
    return SerialError(
        f"Visit {visit_id!r} did not install a unit {serial!r}. Record what it used first.",
        f"任务 {visit_id!r} 没有安装序列号 {serial!r}。请先登记所用备件。",
    )


def not_quarantined(lot_id: str, place: Place, wanted: int, apart: int) -> StockError:
    return StockError(
        f"Of lot {lot_id!r} at {place} {apart} units are in quarantine, {wanted} are too many.",
        f"批次 {lot_id!r} 在 {place} 隔离 {apart} 件，少于 {wanted} 件。",
    )


def not_arrived(lot_id: str) -> StockError:
    return StockError(
        f"Lot {lot_id!r} has not arrived. Receive it first.",
        f"批次 {lot_id!r} 尚未到货。请先登记到货。",
    )


def same_place(place: Place) -> StockError:
    return StockError(
        f"The units are at {place} already. Name another place to move them to.",
        f"备件已在 {place}。请指定另一个地点。",
    )


def two_places(name: str) -> StockError:
    return StockError(
        f"{name!r} is a station and a technician. Write van/{name} for the van; give the station"
        " another number to name its depot.",
        f"{name!r} 既是服务站又是技术员。车载备件请写 van/{name}；"
        "如需指备件库，请为服务站改用其他编号。",
    )
