"""Endpoints and deliveries as they are sent and answered over HTTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, StringConstraints

from api.fields import MOST_ENTRIES, Body, Key, Line
from dispatch.domain.messages import DeliveryState, EndpointFormat, MessageKind
from dispatch.sealing import Seal
from dispatch.store.queries_out import Delivery
from dispatch.store.rows_out import EndpointRow
from dispatch.texts import Language

_MOST_URL = 2000
Url = Annotated[
    str,
    StringConstraints(max_length=_MOST_URL, pattern=r"^https?://[!-~]+$"),
    Field(description="Where to post; not in a private network. Plain http within allowed ones."),
]
Secret = Annotated[str, StringConstraints(max_length=_MOST_URL, pattern=r"^[!-~]*$")]
Kinds = Annotated[tuple[MessageKind, ...], Field(min_length=1, max_length=len(MessageKind))]
Territories = Annotated[
    tuple[Key, ...],
    Field(max_length=MOST_ENTRIES, description="Only what happens there; none: everything."),
]


class EndpointIn(Body):
    """Where messages go, and which."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"name": "ticket system", "url": "https://tickets.example/hooks/dispatch"},
                {
                    "name": "沈阳调度群",
                    "format": "wecom",
                    "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY",
                    "kinds": ["clock.at_risk", "clock.broken", "emergency.opened"],
                    "territories": ["沈阳"],
                },
            ]
        },
    )

    name: Key
    url: Url
    format: EndpointFormat = EndpointFormat.STANDARD
    secret: Secret = Field(
        "", description="With which a DingTalk or Feishu robot wants messages signed, if it does."
    )
    kinds: Kinds = tuple(MessageKind)
    territories: Territories = ()
    language: Language = Field(Language.ZH, description="Of what robots say.")


class EndpointPatch(Body):
    """What is to be different."""

    name: Key | None = None
    url: Url | None = None
    secret: Secret | None = None
    kinds: Kinds | None = None
    territories: Territories | None = None
    language: Language | None = None
    is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class EndpointOut:
    """An endpoint. The address of a chat robot is a secret, so only its host is shown.

    ``failures`` are those in a row, up to the last attempt; after every fifth it rests, longer and
    longer.
    """

    id: str
    name: str
    format: EndpointFormat
    url: str
    kinds: tuple[MessageKind, ...]
    territories: tuple[str, ...]
    language: Language
    is_on: bool
    failures: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class NewEndpointOut:
    """A new endpoint. ``secret`` is shown this once; robots have their own, or none."""

    endpoint: EndpointOut
    secret: str | None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """Shown this once. The old secret signs too until then."""

    secret: str
    old_secret_until: datetime


@dataclass(frozen=True, slots=True)
class DeliveryOut:
    """One message for one endpoint. ``message_id`` is the ``webhook-id``, whatever the attempt."""

    id: int
    endpoint_id: str
    message_id: str
    kind: MessageKind
    happened_at: datetime
    data: dict[str, Any]
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    status: int | None
    error: Line
    done_at: datetime | None


def endpoint_out(row: EndpointRow, seal: Seal) -> EndpointOut:
    url = seal.opened(row.url)
    return EndpointOut(
        id=row.id,
        name=row.name,
        format=row.format,
        url=f"https://{urlsplit(url).netloc}/…" if row.format.is_chat else url,
        kinds=tuple(MessageKind(kind) for kind in row.kinds),
        territories=tuple(row.territories),
        language=row.language,
        is_on=row.disabled_at is None,
        failures=row.failures,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def delivery_out(found: Delivery) -> DeliveryOut:
    row, message = found
    return DeliveryOut(
        id=row.id,
        endpoint_id=row.endpoint_id,
        message_id=message.id,
        kind=message.kind,
        happened_at=message.happened_at,
        data=message.data,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        status=row.status,
        error=row.error,
        done_at=row.done_at,
    )
