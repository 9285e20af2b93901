"""``python -m benchmarks board``: how fast the board is in a headless Chromium.

From navigation to drawn, frames and the referee's answers while a visit is dragged, what a change
by hand takes, and how soon it is seen on another screen. The plan is a short search's; server and
browser share the machine. Beside wall time stands the server's processor time, which hardly depends
on what else runs.
"""

import argparse
import gzip
import statistics
import tempfile
import time
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from api.board_files import FOLDER
from benchmarks.api import filled
from benchmarks.serving import Answered, Served, serving
from tests.board.browsing import launch, watching

SIZES = {1_000: 100, 3_000: 300}
"""How many technicians there are for so many visits."""
_PATIENCE_MS = 60_000
_STEPS = 80
_CHANGES = 5
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
    parser.add_argument("--visits", type=int, choices=SIZES, help="only a plan of so many visits")
    wanted = parser.parse_args(arguments)
    script = sum(len(gzip.compress(one.read_bytes())) for one in FOLDER.glob("**/*.js"))
    print(f"JavaScript, compressed: {script / 1000:,.0f} kB")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = launch(playwright, Path(folder))
        for visits in [wanted.visits] if wanted.visits else SIZES:
            url = f"sqlite:///{folder}/{visits}.db"
            filled(url, visits, SIZES[visits], wanted.seconds)
            print(f"{visits:,} visits, {SIZES[visits]} technicians", flush=True)
            with serving(url, 1) as server:
                _measure(browser, server, wanted.times)
        browser.close()
    return 0


def _measure(browser: Browser, server: Served, times: int) -> None:
    base = f"http://127.0.0.1:{server.port}"
    with watching(browser, base) as page, watching(browser, base) as other:
        begin_s = server.processor_s()
        opened = [_opened(page) for _ in range(times + 1)]
        used_s = (server.processor_s() - begin_s) / len(opened)
        then_s = statistics.median(opened[1:])
        print(f"drawn: first {opened[0]:.2f} s, then median {then_s:.2f} s, server {used_s:.2f} s")
        _drag(page)
        frames: list[float] = page.evaluate("window.frames_ms")
        answers: list[float] = page.evaluate(_ASKED)
        print(
            f"while dragging: frames p95 {_p95(frames):.0f} ms, answers p95 {_p95(answers):.0f} ms"
        )
        _opened(other)
        _change(page, other, server)


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


def _change(page: Page, other: Page, server: Served) -> None:
    """Visits are taken out of a draft, one after the other, while two screens show it."""
    board = server.call("GET", "/v1/plans/published/board")
    first, *others = _planned(board.told)[: _CHANGES + 1]
    made = _taken_out(server, "published", first, board)
    draft = made.told["version"]
    for one in (page, other):
        one.goto(f"/board/?plan={draft}")
        one.wait_for_selector(f"[data-waiting='{first}']", timeout=_PATIENCE_MS)
    answered, seen, begin_s = [], [], server.processor_s()
    for visit_id in others:
        made = _taken_out(server, draft, visit_id, made)
        begin = time.perf_counter()
        answered.append(made.took_s)
        other.wait_for_selector(f"[data-waiting='{visit_id}']", timeout=_PATIENCE_MS)
        seen.append(time.perf_counter() - begin)
    used_s = (server.processor_s() - begin_s) / len(others)
    print(
        f"a visit taken out: answered after median {statistics.median(answered):.2f} s, seen by"
        f" another dispatcher after median {statistics.median(seen):.2f} s more, at most"
        f" {max(seen):.2f} s, server {used_s:.2f} s for two screens",
        flush=True,
    )


def _taken_out(server: Served, plan: object, visit_id: str, before: Answered) -> Answered:
    wish = {"visit_id": visit_id, "force": True, "reason": "benchmark"}
    headers = {"If-Match": before.headers["etag"], "Idempotency-Key": visit_id}
    made = server.call("POST", f"/v1/plans/{plan}/unassignments", wish, headers)
    assert made.status == HTTPStatus.CREATED, made.body
    return made


def _planned(board: Any) -> list[str]:  # noqa: ANN401 - any JSON
    return [
        stop["visit_id"]
        for route in board["routes"]
        for stop in route["stops"]
        if "visit_id" in stop and not board["visits"][stop["visit_id"]].get("state")
    ]


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]
