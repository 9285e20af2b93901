"""How rules, prices and states are called, for screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answering import etag_of, shown
from api.declaring import V1, route
from api.errors import language_wanted
from api.security import EVERYBODY_AT_WORK
from dispatch import texts
from dispatch.domain import life_texts
from dispatch.texts import RuleText, Text, Unit

_Code = TypeVar("_Code", bound=str)
ROUTER = APIRouter(prefix=V1, tags=["record"])


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule that is broken, and what its amount counts."""

    text: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class Words:
    """Names by code, in the language that is asked for."""

    rules: Mapping[str, RuleWords]
    price_items: Mapping[str, str]
    clocks: Mapping[str, str]
    priorities: Mapping[str, str]
    gates: Mapping[str, str]
    events: Mapping[str, str]
    states: Mapping[str, str]


@ROUTER.get(
    "/words",
    **route("getWords", EVERYBODY_AT_WORK, "What codes are called", Words),
)
def words(request: Request) -> Response:
    """As `Accept-Language` asks."""
    lang = language_wanted(request.headers)

    def named(table: Mapping[_Code, Text]) -> dict[str, str]:
        return {str(code): text.say(lang) for code, text in table.items()}

    def ruled(table: Mapping[str, RuleText]) -> dict[str, RuleWords]:
        return {code: RuleWords(rule.text.say(lang), rule.unit) for code, rule in table.items()}

    found = Words(
        rules=ruled(texts.RULE_TEXTS),
        price_items=named(texts.PRICE_ITEMS),
        clocks=named(texts.CLOCKS),
        priorities=named(texts.PRIORITIES),
        gates=named(texts.GATES),
        events=named(life_texts.EVENTS),
        states=named(life_texts.STATES),
    )
    return shown(found, etag=etag_of(found))
