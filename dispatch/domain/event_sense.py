"""Values that no event can have, whatever the life of the work order."""

from dataclasses import fields
from datetime import datetime

from dispatch.domain.events import Details, Failure, PartsAsked, Quote, Repair, Satisfaction
from dispatch.texts import Text

BEST_SCORE = 5


def nonsense_in(details: Details | None) -> Text | None:
    """What cannot be meant, if there is anything."""
    if details is None:
        return None
    for name in (field.name for field in fields(details)):
        value = getattr(details, name)
        if isinstance(value, datetime) and value.utcoffset() is None:
            return Text(f"{name} {value} has no time zone", f"{name} {value} 没有时区")
    match details:
        case Satisfaction(int(score)) if not 1 <= score <= BEST_SCORE:
            return Text(
                f"score {score} is not from 1 (worst) to {BEST_SCORE}",
                f"评分 {score} 不在 1（最差）至 {BEST_SCORE} 之间",
            )
        case Quote(amount) if amount < 0:
            return Text(f"amount {amount} fen is negative", f"金额 {amount} 分为负数")
        case PartsAsked(parts) | Failure(parts=parts) | Repair(parts):
            few = [units for units in parts if units.quantity < 1]
            if few:
                name, number = few[0].part_id, few[0].quantity
                return Text(f"{number} of part {name}", f"备件 {name} 的数量为 {number}")
    return None
