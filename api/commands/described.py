"""``dispatch schema api``: what the API says of itself."""

from api.app import create_app
from api.exits import EXIT_OK
from api.screen import print_json
from api.settings import settings_of


def print_api() -> int:
    """The OpenAPI document, for programs that make clients of it."""
    print_json(create_app(settings_of({})).openapi())
    return EXIT_OK
