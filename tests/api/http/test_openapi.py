"""What the API says of itself is complete."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.errors import code_of, status_of
from api.security import Roles
from dispatch.domain.errors import DispatchError
from tests.api.http.document import DOCUMENT

OPERATIONS = [
    pytest.param(method, path, told, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
]
ALWAYS = {"400", "401", "403", "413", "422", "429", "503", "504"}


@pytest.mark.parametrize(("method", "path", "told"), OPERATIONS)
def test_a_route_says_who_may_call_it_and_what_may_come(
    method: str, path: str, told: dict[str, Any]
) -> None:
    assert told["operationId"].isidentifier()
    assert told["summary"]
    assert told["tags"]
    assert bool(told["x-roles"]) == ("security" in told)
    assert told["responses"].keys() >= ALWAYS
    for status, answer in told["responses"].items():
        if status == "204":
            continue
        kinds = answer["content"]
        if int(status) >= 400:
            assert kinds == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }
        else:
            assert all(kind["schema"] for kind in kinds.values())
    if method in ("patch", "delete"):
        assert {"404", "412", "428"} <= told["responses"].keys()
    if "{" in path:
        assert "404" in told["responses"]


def test_names_of_operations_differ() -> None:
    names = [
        told["operationId"] for methods in DOCUMENT["paths"].values() for told in methods.values()
    ]
    assert len(names) == len(set(names))


def test_every_schema_makes_a_class_of_its_own() -> None:
    """As generators of clients do it: by its title."""
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name in schemas if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []
    assert {name: schema["title"] for name, schema in schemas.items()} == {n: n for n in schemas}


def test_nothing_refers_to_what_is_not_there() -> None:
    def references(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            # What an example refers to is within what it shows.
            parts = (item for name, item in value.items() if name not in ("example", "examples"))
            return own + [r for item in parts for r in references(item)]
        return [r for item in value for r in references(item)] if isinstance(value, list) else []

    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(references(DOCUMENT)) <= known


def test_what_is_declared_is_what_is_checked() -> None:
    """The document says who may call; the dependency is what lets callers in."""
    from api.routes import ROUTERS

    for router in ROUTERS:
        for found in router.routes:
            declared = set(found.openapi_extra["x-roles"])  # type: ignore[attr-defined]
            checks = [
                d.dependency.roles
                for d in found.dependencies  # type: ignore[attr-defined]
                if isinstance(d.dependency, Roles)
            ]
            assert ([declared] if declared else []) == [set(roles) for roles in checks]


def test_every_error_has_a_status_and_a_code() -> None:
    def kinds(error: type[DispatchError]) -> list[type[DispatchError]]:
        return [error, *(k for below in error.__subclasses__() for k in kinds(below))]

    for kind in kinds(DispatchError):
        assert code_of(kind).replace("_", "").isalpha()
        made = DispatchError.__new__(kind)
        assert 400 <= status_of(made) < 600


@pytest.mark.parametrize(("method", "path", "told"), OPERATIONS)
def test_every_operation_has_examples_that_are_as_its_schemas_say(
    method: str, path: str, told: dict[str, Any]
) -> None:
    """``python -m tests.api.http.record_examples`` makes them."""
    answers = [a for status, a in told["responses"].items() if status.startswith("2")]
    for place in (told.get("requestBody", {}), *answers):
        content = place.get("content", {}).get("application/json")
        if content is not None:
            assert "example" in content, (method, path)
            schema = content["schema"] | {"components": DOCUMENT["components"]}
            Draft202012Validator(schema).validate(content["example"])


def test_the_document_is_one() -> None:
    """By the rules of OpenAPI 3.1 that can be checked without its schema."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path, methods in DOCUMENT["paths"].items():
        for told in methods.values():
            named = {p["name"] for p in told.get("parameters", ()) if p["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))
            assert all("$ref" in p or p["schema"] for p in told.get("parameters", ()))
