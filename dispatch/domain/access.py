"""Who may do what: roles, and what a key or token grants."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller is. An administrator may do what all others may."""

    VIEWER = "viewer"
    DISPATCHER = "dispatcher"
    PLANNER = "planner"
    TICKET_SYSTEM = "ticket_system"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"
    CALENDAR = "calendar"
    """A secret link to one technician's calendar, and to nothing else."""


OF_ONE_TECHNICIAN = frozenset({Role.TECHNICIAN, Role.CALENDAR})
"""Roles that are those of one technician, who sees what is his or her own."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a caller may see and do.

    ``id`` is the key's or token's, ``name`` who the audit trail names. ``territories`` limits what
    is seen to these; none: all. ``technician_id`` is there for the roles of one technician.
    """

    id: str
    name: str
    role: Role
    territories: tuple[str, ...] = ()
    technician_id: str | None = None

    @property
    def is_limited(self) -> bool:
        """Whether there may be things that the caller does not see."""
        return bool(self.territories) or self.role in OF_ONE_TECHNICIAN
