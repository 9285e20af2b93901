"""``dispatch stock``: the commands that change what is where."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from api.commands.stock_look import said_of
from api.exits import EXIT_OK
from api.opened import in_use, instant, whoever, zone_of
from api.screen import print_json, screen
from dispatch.commands.ledger import Moved
from dispatch.commands.reservations import Reserved, issue_reserved, release, reserve
from dispatch.commands.shelf import Want
from dispatch.commands.stock import Expected, expect, receive, transfer
from dispatch.commands.stock_counts import adjust, leave_quarantine, quarantine, track
from dispatch.commands.stock_picks import Units, place_named
from dispatch.rehearsal import moment
from dispatch.store.retrying import in_writing
from dispatch.texts import Language

_T = TypeVar("_T")


def receive_lot(
    lot: str,
    part: str,
    quantity: int,
    place: str,
    serials: tuple[str, ...],
    reason: str,
    as_json: bool,
    lang: Language,
) -> int:
    units, by, key = Units(part, quantity, None, serials), whoever(), _key()

    def command(session: Session, at: datetime) -> Moved:
        return receive(session, lot, units, place_named(session, place), by, at, reason, key)

    return _moved(command, as_json, lang)


def expect_lot(
    lot: str,
    part: str,
    quantity: int,
    station: str,
    available: datetime,
    reason: str,
    as_json: bool,
    lang: Language,
) -> int:
    by, key = whoever(), _key()

    def command(session: Session, at: datetime) -> Expected:
        available_at = instant(available, zone_of(session))
        delivery = Expected(lot, part, quantity, station, available_at)
        return expect(session, delivery, by, at, reason, key)

    made = _done(command)
    if as_json:
        print_json(made)
    else:
        said = lang.pick(
            f"Expected at {station}: {quantity} of {part}, lot {lot}.",
            f"{station} 待到货：{part} {quantity} 件，批次 {lot}。",
        )
        screen().print(said, soft_wrap=True)
    return EXIT_OK


def transfer_units(
    part: str,
    quantity: int,
    source: str,
    target: str,
    serials: tuple[str, ...],
    reason: str,
    as_json: bool,
    lang: Language,
) -> int:
    units, by, key = Units(part, quantity, None, serials), whoever(), _key()

    def command(session: Session, at: datetime) -> Moved:
        places = place_named(session, source), place_named(session, target)
        return transfer(session, units, *places, by, at, reason, key)

    return _moved(command, as_json, lang)


def reserve_units(
    visit: str,
    part: str,
    quantity: int,
    place: str,
    hours: int,
    needed: datetime | None,
    substitutes: bool,
    as_json: bool,
    lang: Language,
) -> int:
    """Holds units for ``hours`` from now on."""
    by, key = whoever(), _key()

    def command(session: Session, at: datetime) -> Reserved:
        needed_at = instant(needed, zone_of(session)) if needed is not None else None
        where = place_named(session, place)
        want = Want(visit, part, quantity, where, needed_at, substitutes)
        return reserve(session, (want,), at + timedelta(hours=hours), by, at, key=key)

    made = _done(command)
    if as_json:
        print_json(made)
        return EXIT_OK
    for row in made.reservations:
        said = lang.pick(
            f"{row.id}: {row.quantity} of {row.part_id} reserved for {hours} h, lot {row.lot_id}",
            f"{row.id}：预留 {row.part_id} {row.quantity} 件 {hours} 小时，批次 {row.lot_id}",
        )
        screen().print(said, soft_wrap=True)
    return EXIT_OK


def release_reservations(
    reservations: Sequence[str], reason: str, as_json: bool, lang: Language
) -> int:
    by, key = whoever(), _key()
    made = _done(lambda session, at: release(session, reservations, by, at, reason, key))
    if as_json:
        print_json(made)
    else:
        ids = ", ".join(made.reservation_ids) or lang.pick("nothing", "无")
        screen().print(lang.pick(f"Released: {ids}", f"已释放：{ids}"), soft_wrap=True)
    return EXIT_OK


def issue_reservations(
    technician: str,
    reservations: Sequence[str],
    serials: tuple[str, ...],
    as_json: bool,
    lang: Language,
) -> int:
    by, key = whoever(), _key()
    return _moved(
        lambda session, at: issue_reserved(session, reservations, technician, by, at, serials, key),
        as_json,
        lang,
    )


def adjust_lot(
    lot: str,
    place: str,
    difference: int,
    reason: str,
    serials: tuple[str, ...],
    as_json: bool,
    lang: Language,
) -> int:
    by, key = whoever(), _key()

    def command(session: Session, at: datetime) -> Moved:
        where = place_named(session, place)
        return adjust(session, lot, where, difference, by, at, reason, serials, key)

    return _moved(command, as_json, lang)


def quarantine_lot(
    lot: str,
    place: str,
    quantity: int,
    reason: str,
    leave: bool,
    serials: tuple[str, ...],
    as_json: bool,
    lang: Language,
) -> int:
    by, key = whoever(), _key()
    change = leave_quarantine if leave else quarantine

    def command(session: Session, at: datetime) -> Moved:
        where = place_named(session, place)
        return change(session, lot, where, quantity, by, at, reason, serials, key)

    return _moved(command, as_json, lang)


def track_part(part: str, tracked: bool, as_json: bool, lang: Language) -> int:
    by = whoever()
    made = _done(lambda session, at: track(session, part, tracked, by, at))
    if as_json:
        print_json(made)
    elif tracked:
        said = lang.pick(
            f"Every unit of {part} is known by its serial number.",
            f"备件 {part} 已按序列号管理。",
        )
        screen().print(said, soft_wrap=True)
    else:
        said = lang.pick(f"Units of {part} need no serial number.", f"备件 {part} 不再要求序列号。")
        screen().print(said, soft_wrap=True)
    return EXIT_OK


# ------------------------------------------------------------------------------ what they share


def _key() -> str:
    """Should the answer get lost on the way, the command is not done twice."""
    return uuid.uuid4().hex


def _done(command: Callable[[Session, datetime], _T]) -> _T:
    """What a command comes to, which is given the organisation's time."""
    with in_use() as database:
        return in_writing(database, lambda session: command(session, moment(session)))


def _moved(command: Callable[[Session, datetime], Moved], as_json: bool, lang: Language) -> int:
    """Does it, and says what moved."""
    made = _done(command)
    if as_json:
        print_json(made)
        return EXIT_OK
    for line in made.lines:
        serials = f" ({' '.join(line.serials)})" if line.serials else ""
        ways = f"{line.source or ''} → {line.target or ''}".strip()
        kind = said_of(line).say(lang)
        said = lang.pick(
            f"{kind}: {line.quantity} of {line.part_id}, {ways}{serials}",
            f"{kind}：{line.part_id} {line.quantity} 件，{ways}{serials}",
        )
        screen().print(said, soft_wrap=True)
    return EXIT_OK
