"""Examples of requests and answers in the OpenAPI document, from the sample organisation.

``python -m tests.api.http.record_examples`` records them anew after routes were changed.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = "examples.json"
JSON = "application/json"


@cache
def examples() -> dict[str, dict[str, Any]]:
    """By operation: `request`, if there is a body, and the `response`."""
    found: dict[str, dict[str, Any]] = json.loads(files("api").joinpath(_FILE).read_text("utf-8"))
    return found


def add_examples(document: dict[str, Any]) -> None:
    """Puts the examples where readers and generators look for them."""
    for operation in operations_of(document):
        known = examples().get(operation["operationId"], {})
        for place, example in ((operation.get("requestBody"), "request"), *_answers(operation)):
            if place is not None and example in known and JSON in place.get("content", {}):
                place["content"][JSON]["example"] = known[example]


def _answers(operation: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """All good answers look alike."""
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield answer, "response"


def operations_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()
