"""Which road network is asked how long and how far it is."""

from dataclasses import dataclass
from enum import StrEnum

Leg = tuple[int | None, int | None]
"""Seconds and metres; None: there is no road that can be believed."""


class NetworkKind(StrEnum):
    """The kinds of servers that can be asked."""

    OSRM = "osrm"
    VALHALLA = "valhalla"


@dataclass(frozen=True, slots=True)
class RoadNetwork:
    """A server of a road network, asked for ``profile`` (what is driven), at most for
    ``most_places`` × ``most_places`` legs at once."""

    kind: NetworkKind
    url: str
    profile: str
    most_places: int

    @property
    def name(self) -> str:
        """What its answers are kept under: another address of the same map changes nothing."""
        return f"{self.kind} {self.profile}"
