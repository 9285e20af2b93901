"""What others are told when something happens, and in which form."""

from enum import StrEnum


class MessageKind(StrEnum):
    """What happened. A clock is told of once when it is at risk and once when it is broken."""

    ASSIGNMENT_MADE = "assignment.made"
    ASSIGNMENT_CHANGED = "assignment.changed"
    ASSIGNMENT_WITHDRAWN = "assignment.withdrawn"
    PLAN_PUBLISHED = "plan.published"
    CLOCK_AT_RISK = "clock.at_risk"
    CLOCK_BROKEN = "clock.broken"
    EMERGENCY_OPENED = "emergency.opened"
    EVENT_WITHDRAWN = "event.withdrawn"


CLOCK_KINDS = frozenset({MessageKind.CLOCK_AT_RISK, MessageKind.CLOCK_BROKEN})
LOOKED_FOR = CLOCK_KINDS | {MessageKind.EMERGENCY_OPENED}
"""What nobody does: time passes, and somebody has to look."""
AT_RISK_S = 4 * 3600
"""A clock that runs out so soon is at risk, unless somebody says otherwise."""


class EndpointFormat(StrEnum):
    """How an endpoint is told: a webhook as in Standard Webhooks, or the robot of a chat group."""

    STANDARD = "standard"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"

    @property
    def is_chat(self) -> bool:
        return self is not EndpointFormat.STANDARD


class DeliveryState(StrEnum):
    """What became of one message for one endpoint; ``failed``: given up, unless replayed."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
