"""The board's pages, as they were built into ``api/board/dist``."""

import os
from pathlib import Path

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "board" / "dist"
BOARD = "/board"

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:{tiles}",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def board_routes(tiles: str | None) -> list[BaseRoute]:
    """Where the board is, if it was built. ``tiles`` is the origin that maps are drawn from."""
    if not FOLDER.is_dir():
        return []
    return [
        Route("/", _to_board, include_in_schema=False),
        Route(BOARD, _to_board, include_in_schema=False),
        Mount(BOARD, _Pages(tiles)),
    ]


async def _to_board(_request: object) -> Response:
    return RedirectResponse(f"{BOARD}/")


class _Pages(StaticFiles):
    def __init__(self, tiles: str | None) -> None:
        super().__init__(directory=FOLDER, html=True)
        self._policy = _POLICY.format(tiles=f" {tiles}" if tiles else "")

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Content-Security-Policy"] = self._policy
        is_hashed = Path(full_path).parent.name == "assets"
        response.headers["Cache-Control"] = _FOR_EVER if is_hashed else _ASK_AGAIN
        return response
