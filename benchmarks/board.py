"""``python -m benchmarks board``: how fast the board is in a headless Chromium.

From navigation to drawn, frames and the referee's answers while a visit is dragged, and how soon a
change is seen on another screen. The plan is a short search's; server and browser share the
machine.
"""

import argparse
import gzip
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from api.board_files import FOLDER
from benchmarks.api import filled
from benchmarks.serving import Served, serving
from tests.board.browsing import launch, watching

SIZES = ((100, 1_000), (300, 3_000))
_PATIENCE_MS = 60_000
_STEPS = 80
_FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const next = () => {
    const now = performance.now();
    window.frames_ms.push(now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""
_ASKED = """() => performance.getEntriesByType("resource")
  .filter((one) => one.name.endsWith("/v1/evaluate")).map((one) => one.duration)"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks board", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="to plan the days")
    parser.add_argument("--times", type=int, default=5, help="how often a page is opened")
    wanted = parser.parse_args(arguments)
    script = sum(len(gzip.compress(one.read_bytes())) for one in FOLDER.glob("**/*.js"))
    print(f"JavaScript, compressed: {script / 1000:,.0f} kB")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = launch(playwright, Path(folder))
        for technicians, visits in SIZES:
            url = f"sqlite:///{folder}/{visits}.db"
            filled(url, visits, technicians, wanted.seconds)
            with serving(url, 1) as server:
                _measure(browser, server, wanted.times)
        browser.close()
    return 0


def _measure(browser: Browser, server: Served, times: int) -> None:
    base = f"http://127.0.0.1:{server.port}"
    with watching(browser, base) as page, watching(browser, base) as other:
        opened = [_opened(page) for _ in range(times + 1)]
        print(f"drawn: first {opened[0]:.2f} s, then median {statistics.median(opened[1:]):.2f} s")
        _drag(page)
        frames: list[float] = page.evaluate("window.frames_ms")
        answers: list[float] = page.evaluate(_ASKED)
        print(
            f"while dragging: frames p95 {_p95(frames):.0f} ms, answers p95 {_p95(answers):.0f} ms"
        )
        _opened(other)
        print(f"seen by another dispatcher after {_seen_s(page, other, server):.2f} s")


def _opened(page: Page) -> float:
    """Seconds from navigation to the first visits drawn."""
    page.goto("about:blank")
    begin = time.perf_counter()
    page.goto("/board/")
    page.wait_for_selector(".bar.visit", timeout=_PATIENCE_MS)
    return time.perf_counter() - begin


def _drag(page: Page) -> None:
    """Over many rows and hours, and back."""
    at = page.locator(".bar.visit:not(.fixed)").nth(6).bounding_box()
    assert at is not None
    page.evaluate(_FRAMES)
    page.mouse.move(at["x"] + 5, at["y"] + 5)
    page.mouse.down()
    for step in range(_STEPS):
        page.mouse.move(at["x"] + 5 + 4 * step, at["y"] + 5 + 6 * step)
    page.keyboard.press("Escape")
    page.mouse.up()


def _seen_s(page: Page, other: Page, server: Served) -> float:
    """Seconds from the answer to a change of a draft until another screen shows it."""
    board = server.call("GET", "/v1/plans/published/board")
    first, second = _planned(board.told)[:2]
    made = server.call(
        "POST",
        "/v1/plans/published/unassignments",
        {"visit_id": first},
        {"If-Match": board.headers["etag"], "Idempotency-Key": "1"},
    )
    draft = made.told["version"]
    for one in (page, other):
        one.goto(f"/board/?plan={draft}")
        one.wait_for_selector(f"[data-waiting='{first}']", timeout=_PATIENCE_MS)
    server.call(
        "POST",
        f"/v1/plans/{draft}/unassignments",
        {"visit_id": second},
        {"If-Match": made.headers["etag"], "Idempotency-Key": "2"},
    )
    begin = time.perf_counter()
    other.wait_for_selector(f"[data-waiting='{second}']", timeout=_PATIENCE_MS)
    return time.perf_counter() - begin


def _planned(board: Any) -> list[str]:  # noqa: ANN401 - any JSON
    return [
        stop["visit_id"]
        for route in board["routes"]
        for stop in route["stops"]
        if "visit_id" in stop and not board["visits"][stop["visit_id"]].get("state")
    ]


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]
