"""Columns of the first shape."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

TEXT = sa.Text()
WORD = sa.String(40)
INTEGER = sa.Integer()
BIG = sa.BigInteger()
FLAG = sa.Boolean()
DEGREES: sa.Double[float] = sa.Double()
DATE = sa.Date()
CLOCK = sa.Time()
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")


def needed(name: str, kind: TypeEngine[Any], **more: Any) -> sa.Column[Any]:  # noqa: ANN401
    return sa.Column(name, kind, nullable=False, **more)


def optional(name: str, kind: TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)
