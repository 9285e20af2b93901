"""How a table of the exchange format is described."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from typing import Any, TypeVar

from dispatch.exchange.kinds import NAME, Kind, Value
from dispatch.texts import Text


class _Nothing(Enum):
    NOTHING = "nothing"


NOTHING = _Nothing.NOTHING  # no default: None is one that means something


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``name`` and ``chinese`` are its headings.

    ``field`` is where its value goes in the table's record (``point.latitude``: in a part of it);
    None if the reader places it. A blank cell takes ``default``, or that of the record's field,
    unless the column is ``required``. ``refers_to`` names the tables whose ids it holds.
    """

    name: str
    chinese: str
    kind: Kind
    note: Text
    field: str | None = None
    required: bool = False
    default: Value = NOTHING
    refers_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: one file of a folder, or one sheet of a workbook.

    ``record`` is what a row makes, and ``parts`` the classes of its fields that several columns
    fill. The ``key`` columns together differ in every row. A ``vertical`` table has one
    record, written as rows of key and value.
    """

    name: str
    chinese: str
    note: Text
    columns: tuple[Column, ...]
    record: type[Any] | None = None
    parts: tuple[tuple[str, type[Any]], ...] = ()
    key: tuple[str, ...] = ()
    required: bool = False
    vertical: bool = False

    def default_of(self, column: Column) -> Value:
        """What a blank cell of ``column`` means; NOTHING if that is up to the reader."""
        if column.default is not NOTHING or self.record is None:
            return column.default
        defaults = {f.name: f.default for f in fields(self.record) if f.default is not MISSING}
        return defaults.get(column.field or "", NOTHING)


def id_column(note: Text) -> Column:
    return Column("id", "编号", NAME, note, "id", required=True)


def reference(name: str, chinese: str, table: str, field: str | None = None) -> Column:
    """A required reference to another table."""
    note = Text(f"An id of table {table}", f"表 {table} 中的编号")
    return Column(name, chinese, NAME, note, field, required=True, refers_to=(table,))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that is not a column of one table alone."""

    name: str
    chinese: str


KEY = Heading("key", "项目")
VALUE = Heading("value", "值")
REMARK = Heading("remark", "备注")

_Named = TypeVar("_Named", bound=Column | Table | Heading)


def _folded(written: str) -> str:
    """Without case, spaces, underscores and the like."""
    return re.sub(r"[\s_*-]", "", written).translate(str.maketrans("（）", "()")).casefold()


def index_of(known: Iterable[_Named]) -> Mapping[str, _Named]:
    """What ``find`` looks up."""
    return {_folded(name): item for item in known for name in (item.name, item.chinese)}


def find(written: str, index: Mapping[str, _Named]) -> _Named | None:
    """The one meant by an English or Chinese name, or by both with a slash or dot between."""
    for name in (written, *re.split(r"[/·]", written)):
        if (found := index.get(_folded(name))) is not None:
            return found
    return None
