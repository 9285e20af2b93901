"""Webhooks as in Standard Webhooks 1.0: the payload, and what is signed how."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_TIGHT = (",", ":")


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def payload(kind: str, happened_at: datetime, data: Mapping[str, Any]) -> bytes:
    """To the byte the same whenever it is sent again."""
    at = happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    told = {"type": kind, "timestamp": at, "data": data}
    return json.dumps(told, ensure_ascii=False, separators=_TIGHT, sort_keys=True).encode()


def signed_headers(
    message_id: str, sent_at: datetime, body: bytes, secrets_: Sequence[str]
) -> Mapping[str, str]:
    """The headers by which a receiver knows that a message is ours, and new.

    Each of the secrets signs, so that one can take the place of another.
    """
    timestamp = str(int(sent_at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(s, signed)}" for s in secrets_),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
