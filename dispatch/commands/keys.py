"""Keys for programs that call the API: made, found by what callers show, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.domain.access import OF_ONE_TECHNICIAN, Grant, Role
from dispatch.domain.errors import DispatchError
from dispatch.store import queries_access
from dispatch.store.rows_access import ApiKeyRow
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import SiteRow

PREFIX = "fd"
_ID_BYTES = 5
_SECRET_BYTES = 32


class ApiKeyError(DispatchError):
    """A key that cannot be made or found as it was asked for."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key; ``key`` is shown this once, the database has its hash only."""

    id: str
    name: str
    role: Role
    key: str


def make_key(
    session: Session,
    name: str,
    role: Role,
    by: str,
    at: datetime,
    territories: Sequence[str] = (),
    technician_id: str | None = None,
) -> MadeKey:
    """A key by which ``name`` may call the API. Raises ApiKeyError for what does not exist."""
    _refuse_unknown(session, role, territories, technician_id)
    key_id = secrets.token_hex(_ID_BYTES)
    key = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    session.add(
        ApiKeyRow(
            id=key_id,
            name=name,
            key_hash=hash_of(key),
            role=role,
            created_at=at,
            created_by=by,
            territories=sorted(set(territories)),
            technician_id=technician_id,
        )
    )
    made = {"name": name, "role": role, "territories": territories, "technician_id": technician_id}
    note(session, "make key", "api_key", key_id, by, at, after=made)
    return MadeKey(key_id, name, role, key)


def revoke_key(session: Session, key_id: str, by: str, at: datetime, reason: str = "") -> None:
    """The key opens nothing any more. Revoked again, nothing changes. Raises ApiKeyError."""
    row = queries_access.key_row(session, key_id)
    if row is None:
        raise ApiKeyError(
            f"There is no key {key_id!r}. dispatch keys list shows them all.",
            f"没有密钥 {key_id!r}。dispatch keys list 列出全部密钥。",
        )
    if row.revoked_at is None:
        row.revoked_at = at
        note(session, "revoke key", "api_key", key_id, by, at, reason=reason)


def grant_of(session: Session, key: str) -> Grant | None:
    """What a key grants; None if there is none such, or it was revoked."""
    row = queries_access.key_by_hash(session, hash_of(key))
    if row is None or row.revoked_at is not None:
        return None
    return Grant(row.id, row.name, row.role, tuple(row.territories), row.technician_id)


def hash_of(key: str) -> str:
    """What the database keeps of a key. Keys are long and random, so nothing slower is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def _refuse_unknown(
    session: Session, role: Role, territories: Sequence[str], technician_id: str | None
) -> None:
    known = set(session.scalars(select(SiteRow.territory).distinct()))
    for territory in territories:
        if territory not in known:
            shown = ", ".join(sorted(known)) or "-"
            raise ApiKeyError(
                f"There is no territory {territory!r}; there are: {shown}.",
                f"没有责任区 {territory!r}；现有：{shown}。",
            )
    if (role in OF_ONE_TECHNICIAN) != (technician_id is not None):
        raise ApiKeyError(
            f"A key of role {role.value!r} {_needs(role)} a technician.",
            f"角色为 {role.value!r} 的密钥{'必须' if role in OF_ONE_TECHNICIAN else '不能'}"
            "指明技术员。",
        )
    if technician_id is not None and session.get(TechnicianRow, technician_id) is None:
        raise ApiKeyError(
            f"There is no technician {technician_id!r}.", f"没有技术员 {technician_id!r}。"
        )


def _needs(role: Role) -> str:
    return "needs" if role in OF_ONE_TECHNICIAN else "cannot have"
