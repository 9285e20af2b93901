"""Tables of the road network: which one is asked, and what it said."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.roads import NetworkKind
from dispatch.store.base import JsonList, Row


class RoadNetworkRow(Row):
    """The one road network that is asked, and when and why it last did not answer."""

    __tablename__ = "road_network"
    __table_args__ = (CheckConstraint("single = 1", "only_one"),)

    single: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    kind: Mapped[NetworkKind]
    url: Mapped[str]
    profile: Mapped[str]
    most_places: Mapped[int]
    failed_at: Mapped[datetime | None]
    failure_en: Mapped[str | None]
    failure_zh: Mapped[str | None]


class RoadLegsRow(Row):
    """What a network said on one day of the legs from one spot.

    Spots are rounded coordinates (``dispatch.spots``), so places that move are asked for
    anew. To the nth of ``targets`` it is the nth of ``seconds`` and ``metres``; null: there is no
    road that can be believed.
    """

    __tablename__ = "road_legs"

    network: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    measured_on: Mapped[date] = mapped_column(primary_key=True)
    targets: Mapped[JsonList]
    seconds: Mapped[JsonList]
    metres: Mapped[JsonList]
