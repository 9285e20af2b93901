"""What can go wrong with the database, in words, and which of it may pass by itself."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import psycopg
from sqlalchemy import exc

from dispatch.domain.errors import DispatchError
from dispatch.texts import Text


class StoreError(DispatchError):
    """Something with the database. ``passes``: trying again later may well succeed."""

    passes = False


class AddressError(StoreError):
    """An address that is none of a database that can be used."""


class SchemaError(StoreError):
    """No database yet, or one of another version of the program."""


def no_organisation() -> SchemaError:
    return SchemaError(
        "There is no organisation in the database yet. Bring one in with dispatch import.",
        "数据库中还没有组织数据。请用 dispatch import 导入。",
    )


class UnreachableError(StoreError):
    """The database does not answer, or has hung up."""

    passes = True


class BusyError(StoreError):
    """Others were in the way: a lock, a deadlock, or all connections in use."""

    passes = True


class ReadOnlyError(StoreError):
    """The database may be read only."""


class RightsError(StoreError):
    """The database does not let this user do that."""


class FullError(StoreError):
    """There is no room left on the database's disk."""


class DamagedError(StoreError):
    """The database file is none, or is damaged."""


class Guard(StrEnum):
    """What the database itself refuses."""

    DOUBLE_BOOKING = "double_booking"
    STOCK = "stock"
    APPEND_ONLY = "append_only"
    DUPLICATE = "duplicate"
    REFERENCE = "reference"
    VALUE = "value"


class GuardError(StoreError):
    """The database refused a change; ``detail`` is what it said."""

    def __init__(self, guard: Guard, detail: str) -> None:
        text = _GUARDS[guard]
        super().__init__(f"{text.en} ({detail})", f"{text.zh}（{detail}）")
        self.guard = guard
        self.detail = detail


_GUARDS = {
    Guard.DOUBLE_BOOKING: Text(
        "A technician cannot be booked twice at the same time.",
        "同一技术员不能在同一时间被重复安排。",
    ),
    Guard.STOCK: Text(
        "There are not that many units: on hand must cover what is reserved, and neither may be"
        " negative.",
        "库存数量不足：在库数量不得少于已预留数量，且均不得为负。",
    ),
    Guard.APPEND_ONLY: Text(
        "What is on record cannot be changed or taken away; record a correction instead.",
        "已入档的记录不能修改或删除；请另行记录更正。",
    ),
    Guard.DUPLICATE: Text("There is one already.", "已存在相同的记录。"),
    Guard.REFERENCE: Text(
        "It names something that does not exist, or something still needs it.",
        "引用了不存在的内容，或仍被其他内容引用。",
    ),
    Guard.VALUE: Text("A value is not allowed.", "某个值不被允许。"),
}

# By the beginning of what the database says, which is SQLite's wording or a constraint's name.
_GUARD_SIGNS = (
    ("double_booking", Guard.DOUBLE_BOOKING),
    ("append_only", Guard.APPEND_ONLY),
    ("CHECK constraint failed: ck_balances", Guard.STOCK),
    ("ck_balances", Guard.STOCK),
    ("UNIQUE", Guard.DUPLICATE),
    ("uq_", Guard.DUPLICATE),
    ("pk_", Guard.DUPLICATE),
    ("FOREIGN KEY", Guard.REFERENCE),
    ("fk_", Guard.REFERENCE),
)

_SQLITE_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_AWAY = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL})
_SQLITE_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# PostgreSQL's SQLSTATEs; the first two characters are a class.
_PG_LOCKED = frozenset({"40P01", "40001", "55P03", "53300"})
_PG_READ_ONLY = "25006"
_PG_FULL = "53100"
_PG_RIGHTS = "42501"
_PG_HUNG_UP = "25P03"  # we were idle in a transaction for too long
_PG_REFUSED = "23"
_PG_DAMAGED = "XX"
_PG_AWAY = frozenset({"08", "28", "3D", "53", "57", "58"})


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Errors of the database within become StoreErrors; ``place`` says which database."""
    try:
        yield
    except (exc.DBAPIError, sqlite3.Error) as error:
        wrong = _store_error(error.orig if isinstance(error, exc.DBAPIError) else error, place)
        if wrong is None:
            raise
        raise wrong from error
    except exc.TimeoutError as error:
        raise _busy(place, str(error)) from error


def _store_error(cause: BaseException | None, place: str) -> StoreError | None:
    """What people are told; nothing about mistakes of this program, which stay what they are."""
    if isinstance(cause, psycopg.Error):
        return _of_postgresql(cause, place)
    return _of_sqlite(cause, place) if isinstance(cause, sqlite3.Error) else None


def _of_sqlite(cause: sqlite3.Error, place: str) -> StoreError | None:
    said = str(cause)
    # Errors of the driver itself have no code. The low byte is the kind, the rest details.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_CONSTRAINT:
        return _guard_error(said)
    if code in _SQLITE_LOCKED:
        return _busy(place, said)
    if code == sqlite3.SQLITE_READONLY or (code == sqlite3.SQLITE_CANTOPEN and _is_fixed(place)):
        return _read_only(place, said)
    if code == sqlite3.SQLITE_FULL:
        return _full(place, said)
    if code in _SQLITE_DAMAGED:
        return _damaged(place, said)
    return _unreachable(place, said) if code in _SQLITE_AWAY else None


def _is_fixed(place: str) -> bool:
    """Whether nothing can be written to the folder of a file: SQLite needs files of its own beside
    the database, even to read it."""
    return not os.access(Path(place.removeprefix("sqlite:///")).parent, os.W_OK)


def _of_postgresql(cause: psycopg.Error, place: str) -> StoreError | None:
    said, state = str(cause).partition("\n")[0], cause.sqlstate or ""
    if state.startswith(_PG_REFUSED):
        return _guard_error(cause.diag.constraint_name or said)
    if state in _PG_LOCKED:
        return _busy(place, said)
    if state == _PG_READ_ONLY:
        return _read_only(place, said)
    if state == _PG_FULL:
        return _full(place, said)
    if state == _PG_RIGHTS:
        return _no_rights(place, said)
    if state[:2] == _PG_DAMAGED:
        return _damaged(place, said)
    # Before there is a connection there is no code.
    cut_off = not state and isinstance(cause, psycopg.OperationalError)
    away = state == _PG_HUNG_UP or state[:2] in _PG_AWAY or cut_off
    return _unreachable(place, said) if away else None


def _guard_error(said: str) -> GuardError:
    for sign, guard in _GUARD_SIGNS:
        if said.startswith(sign):
            return GuardError(guard, said)
    return GuardError(Guard.VALUE, said)


def _unreachable(place: str, said: str) -> UnreachableError:
    return UnreachableError(
        f"The database {place} does not answer: {said}. Check that it is running and that"
        " DISPATCH_DATABASE_URL names it.",
        f"数据库 {place} 没有响应：{said}。请检查它是否在运行，以及 DISPATCH_DATABASE_URL"
        " 是否正确。",
    )


def _busy(place: str, said: str) -> BusyError:
    return BusyError(
        f"The database {place} is busy with others: {said}. Try again.",
        f"数据库 {place} 正忙：{said}。请重试。",
    )


def _read_only(place: str, said: str) -> ReadOnlyError:
    return ReadOnlyError(
        f"The database {place} may only be read: {said}. Give this user the right to write to it"
        " and, for a file, to its folder.",
        f"数据库 {place} 为只读：{said}。请授予写入权限（文件数据库还需其所在文件夹的写入权限）。",
    )


def _no_rights(place: str, said: str) -> RightsError:
    return RightsError(
        f"The database {place} does not let this user do that: {said}. Ask its owner for the right"
        " to read and write all tables.",
        f"数据库 {place} 不允许当前用户执行此操作：{said}。请联系其所有者授予所有表的读写权限。",
    )


def _full(place: str, said: str) -> FullError:
    return FullError(
        f"There is no room on the disk of the database {place}: {said}. Nothing of this command"
        " was saved; make room and repeat it.",
        f"数据库 {place} 所在磁盘已满：{said}。本次操作未保存任何内容；请清理空间后重试。",
    )


def _damaged(place: str, said: str) -> DamagedError:
    return DamagedError(
        f"The database {place} is damaged or is no database: {said}. Restore a backup with"
        " dispatch db restore.",
        f"数据库 {place} 已损坏或不是数据库：{said}。请用 dispatch db restore 恢复备份。",
    )
