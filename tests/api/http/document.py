"""What the API says of itself, made once: it takes a second."""

from typing import Any

from api.app import create_app
from api.settings import Settings

DOCUMENT: dict[str, Any] = create_app(Settings("sqlite:///nowhere.db")).openapi()
