"""What all tables share: column types, and how constraints are named."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, BigInteger, Dialect, Enum, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
_TEXT_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. A naive datetime is refused: nobody knows which instant it means.

    PostgreSQL has a type for instants. SQLite has none; there an instant is text of one fixed
    width, in UTC, which sorts and compares as time does and which people can read in any tool.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone; an instant needs one")
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.strftime(_TEXT_FORM)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401
        if value is None:
            return None
        moment = value if dialect.name == "postgresql" else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

Json = Annotated[dict[str, Any], mapped_column(_JSON)]
JsonList = Annotated[list[Any], mapped_column(_JSON)]
Fen = Annotated[int, mapped_column(BigInteger())]
"""Money, which outgrows 32 bits."""

Id = Annotated[str, mapped_column(Text(), primary_key=True)]
"""A business key, as the domain and people know the thing."""

Number = Annotated[int, mapped_column(Integer(), primary_key=True)]
"""A number that the database gives: of facts that have no business key."""

Position = Annotated[int, mapped_column(Integer(), primary_key=True, autoincrement=False)]
"""The place of a part in the list of what owns it, from 0 on."""


class Row(DeclarativeBase):
    """A row of a table. Equal columns mean equal things: ``*_at`` instants, ``_s`` seconds."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        datetime: UtcDateTime(),
        # The values, not the names; and room for longer ones, which then need no migration.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=40,
            values_callable=lambda kinds: [kind.value for kind in kinds],
        ),
    }


class Placed:
    """A table whose order people gave: by ``position``, then by key.

    Positions need not be dense nor differ: two who add at once may take the same one.
    """

    position: Mapped[int] = mapped_column(default=0, index=True)
