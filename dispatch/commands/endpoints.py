"""Endpoints for messages: added, changed, given new secrets, removed; deliveries sent again."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.domain.errors import DispatchError
from dispatch.domain.messages import DeliveryState, EndpointFormat, MessageKind
from dispatch.exchange.webhooks import new_secret
from dispatch.sealing import Seal
from dispatch.store import queries_out
from dispatch.store.rows_out import DeliveryRow, EndpointRow
from dispatch.texts import Language

OLD_SECRET_FOR = timedelta(hours=24)
"""How long the secret that was replaced goes on signing beside the new one."""
_SUBJECT = "webhook_endpoint"
_ID_BYTES = 8


class EndpointSecretError(DispatchError):
    """A secret that does not fit the format."""


class EndpointOffError(DispatchError):
    """An endpoint that nothing is sent to at the moment."""


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """What an endpoint is, without what is secret."""

    name: str
    format: EndpointFormat
    url: str
    kinds: tuple[MessageKind, ...]
    territories: tuple[str, ...]
    language: Language
    is_on: bool = True


def add_endpoint(
    session: Session, facts: EndpointFacts, secret: str, seal: Seal, by: str, at: datetime
) -> EndpointRow:
    """A new endpoint; webhooks get a secret, robots of chat groups bring theirs.

    Raises EndpointSecretError.
    """
    _check_secret(facts.format, secret)
    kept = secret if facts.format.is_chat else new_secret()
    row = EndpointRow(
        id=f"ep_{secrets.token_hex(_ID_BYTES)}",
        format=facts.format,
        secret=seal.sealed(kept),
        created_at=at,
        created_by=by,
    )
    _write(row, facts, seal, at)
    session.add(row)
    session.flush()
    note(session, "add endpoint", _SUBJECT, row.id, by, at, after=_told(facts))
    return row


def change_endpoint(
    session: Session,
    row: EndpointRow,
    facts: EndpointFacts,
    secret: str | None,
    seal: Seal,
    by: str,
    at: datetime,
) -> None:
    """Makes an endpoint different; ``secret`` None: as it is. Raises EndpointSecretError."""
    if secret is not None:
        _check_secret(row.format, secret)
        row.secret = seal.sealed(secret)
    before = facts_of(row, seal)
    _write(row, facts, seal, at)
    row.failures, row.rests_until = 0, None
    note(
        session,
        "change endpoint",
        _SUBJECT,
        row.id,
        by,
        at,
        before=_told(before),
        after=_told(facts) | {"new_secret": secret is not None},
    )


def rotate_secret(
    session: Session, row: EndpointRow, seal: Seal, by: str, at: datetime, now: datetime
) -> str:
    """A new secret; the old one signs too for a while from ``now``, the real time.

    Raises EndpointSecretError for robots of chat groups.
    """
    if row.format.is_chat:
        raise EndpointSecretError(
            f"The secret of a {row.format} robot is made there. Change it with `secret`.",
            f"{row.format} 机器人的密钥在其平台生成。请用 secret 字段更改。",
        )
    row.old_secret, row.old_secret_until = row.secret, now + OLD_SECRET_FOR
    secret = new_secret()
    row.secret = seal.sealed(secret)
    note(session, "rotate secret", _SUBJECT, row.id, by, at)
    return secret


def remove_endpoint(session: Session, row: EndpointRow, seal: Seal, by: str, at: datetime) -> None:
    """An endpoint is told nothing any more, not even what waits for it."""
    before = _told(facts_of(row, seal))
    note(session, "remove endpoint", _SUBJECT, row.id, by, at, before=before)
    queries_out.remove_endpoint(session, row.id)


def replay(
    session: Session, row: DeliveryRow, endpoint: EndpointRow, by: str, at: datetime
) -> None:
    """A message is sent again, under its old id, as if it never had been.

    Raises EndpointOffError.
    """
    if endpoint.disabled_at is not None:
        raise EndpointOffError(
            f"The endpoint {endpoint.name!r} is off. Switch it on first.",
            f"推送目标 {endpoint.name!r} 已停用。请先启用。",
        )
    row.state, row.attempts, row.next_at, row.done_at = DeliveryState.WAITING, 0, None, None
    endpoint.failures, endpoint.rests_until = 0, None
    note(session, "replay delivery", "webhook_delivery", str(row.id), by, at)


def seal_again(session: Session, seal: Seal) -> None:
    """Seals the secrets of all endpoints with the key that is the first one now.

    Raises SealError if some of them cannot be opened.
    """
    for row in queries_out.endpoints(session, locked=True):
        row.url, row.secret = seal.again(row.url), seal.again(row.secret)
        row.old_secret = seal.again(row.old_secret) if row.old_secret is not None else None


def facts_of(row: EndpointRow, seal: Seal) -> EndpointFacts:
    return EndpointFacts(
        name=row.name,
        format=row.format,
        url=seal.opened(row.url),
        kinds=tuple(MessageKind(kind) for kind in row.kinds),
        territories=tuple(row.territories),
        language=row.language,
        is_on=row.disabled_at is None,
    )


def _write(row: EndpointRow, facts: EndpointFacts, seal: Seal, at: datetime) -> None:
    row.name, row.url, row.language = facts.name, seal.sealed(facts.url), facts.language
    row.kinds = [kind.value for kind in MessageKind if kind in facts.kinds]
    row.territories = sorted(set(facts.territories))
    if not facts.is_on:
        row.disabled_at = row.disabled_at or at
    else:
        row.disabled_at = None


def _told(facts: EndpointFacts) -> dict[str, object]:
    """What the audit trail has of it: addresses may hold secrets."""
    return {
        "name": facts.name,
        "format": facts.format,
        "kinds": facts.kinds,
        "territories": facts.territories,
        "language": facts.language,
        "is_on": facts.is_on,
    }


def _check_secret(wanted: EndpointFormat, secret: str) -> None:
    if secret and wanted is EndpointFormat.STANDARD:
        raise EndpointSecretError(
            "The secret of a webhook is made here and shown once; give none.",
            "Webhook 的密钥由系统生成并只显示一次；请不要填写。",
        )
    if secret and wanted is EndpointFormat.WECOM:
        raise EndpointSecretError(
            "WeCom robots have no secret beside their address; give none.",
            "企业微信机器人除地址外没有密钥；请不要填写。",
        )
