"""What can be wrong with plans in the record, in words."""

from collections.abc import Sequence

from dispatch import texts
from dispatch.domain.errors import DispatchError
from dispatch.domain.rules import Violation
from dispatch.texts import Language

_SHOWN = 5


class UnknownVersionError(DispatchError):
    """A version that there is none of."""


class StaleVersionError(DispatchError):
    """A plan that was made from another version than the one that is published now."""


class NotADraftError(DispatchError):
    """A version that may not be changed any more."""


class BrokenRulesError(DispatchError):
    """A change that breaks rules, and nobody said why it has to be; ``broken`` are those."""

    def __init__(self, broken: Sequence[Violation]) -> None:
        english, chinese = (
            "; ".join(_in_words(v, lang) for v in broken[:_SHOWN])
            for lang in (Language.EN, Language.ZH)
        )
        more = len(broken) - _SHOWN
        super().__init__(
            f"This breaks rules: {english}{f'; and {more} more' if more > 0 else ''}. Nothing was"
            " changed. To do it all the same give --force with a reason, which stays on record.",
            f"此操作违反规则：{chinese}{f'；另有 {more} 处' if more > 0 else ''}。未做任何更改。"
            "如确需执行，请用 --force 并注明原因，原因将记录在案。",
        )
        self.broken = tuple(broken)


class MissingReasonError(DispatchError):
    """Rules that are to be broken without saying why."""

    def __init__(self) -> None:
        super().__init__(
            "--force needs a reason: it stays on record.",
            "--force 须注明原因，原因将记录在案。",
        )


def _in_words(violation: Violation, lang: Language) -> str:
    by = texts.amount(violation.code, violation.amount, lang)
    who = violation.technician_id
    subject = violation.subject
    named = f"{subject} ({who})" if who not in (None, subject) else subject
    colon = lang.pick(": ", "：")
    return f"{named}{colon}{texts.rule(violation.code, lang)}{f' ({by})' if by else ''}"
