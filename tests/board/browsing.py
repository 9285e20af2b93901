"""A real headless Chromium: the machine's own, or the one that set-up unpacked."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright
from pylopdf_fonts_zh_cn import sans_path

ROOT = Path(__file__).parents[2]
_UNPACKED = ROOT / "build" / "browser" / "chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_AXE = ROOT / "api" / "board" / "node_modules" / "axe-core" / "axe.min.js"
_SERIOUS = {"serious", "critical"}
WIDE = {"width": 1500, "height": 900}
PHONE = {"width": 390, "height": 844}


def launch(playwright: Playwright, folder: Path) -> Browser:
    """``folder`` is for what the browser has to be told: where a Chinese font is."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    fonts = folder / "fonts.conf"
    fonts.write_text(
        f"<fontconfig><dir>{Path(sans_path()).parent}</dir><dir>/usr/share/fonts</dir>"
        f"<dir>{_UNPACKED.parent / 'fonts'}</dir><cachedir>{folder}</cachedir></fontconfig>"
    )
    return playwright.chromium.launch(
        executable_path=found or _UNPACKED,
        args=list(_ARGUMENTS),
        env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
    )


class Watched:
    """A page, and all that it should not have done."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.faults: list[str] = []
        own = urlsplit(base).netloc
        page.on("console", lambda said: self._heard(said.type, said.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda asked: self._asked(asked.url, own))

    def _heard(self, kind: str, text: str) -> None:
        # The browser itself notes answers such as 401, which are no faults of the page.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self.faults.append(text)

    def _asked(self, url: str, own: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != own:
            self.faults.append(f"asked {url}")


@contextmanager
def watching(browser: Browser, base: str, **options: object) -> Iterator[Page]:
    """A page in a context of its own; at the end there must have been no errors on its console and
    no requests to other hosts."""
    options = {"viewport": WIDE, "locale": "en-GB", **options}
    context = browser.new_context(base_url=base, **options)  # type: ignore[arg-type]
    watched = Watched(context.new_page(), base)
    try:
        yield watched.page
        assert not watched.faults, watched.faults
    finally:
        context.close()


def sign_in(page: Page, path: str, key: str) -> None:
    page.goto(f"{path}#key={key}")


def serious_findings(page: Page) -> list[str]:
    """What axe-core finds that keeps people out, as rule and element."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))  # inserted past the page's own policy
    found = page.evaluate("axe.run()")
    return [
        f"{one['id']}: {node['html']}"
        for one in found["violations"]
        if one["impact"] in _SERIOUS
        for node in one["nodes"]
    ]
