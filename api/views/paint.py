"""Colours with a meaning: red is late or worse, yellow is tight, green is safe or better."""

from rich.text import Text

from dispatch import texts
from dispatch.domain.work import Priority
from dispatch.texts import Language

_TIGHT_S = 3600


def margin(margin_s: int, lang: Language) -> Text:
    """Time left on a clock; the sign says what the colour says."""
    style = "bold red" if margin_s < 0 else "yellow" if margin_s < _TIGHT_S else "green"
    return Text(texts.margin(margin_s, lang), style=style)


def gap(text: str, verdict: int) -> Text:
    """A difference: ``verdict`` 1 is better, −1 worse, 0 neither."""
    return Text(text, style={1: "green", -1: "red"}.get(verdict, ""))


def seen(priority: Priority, lang: Language) -> Text:
    style = {Priority.EMERGENCY: "bold red", Priority.HIGH: "yellow"}.get(priority, "")
    return Text(texts.PRIORITIES[priority].say(lang), style=style)
