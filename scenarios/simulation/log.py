"""The event log as a file: one line of JSON after the other."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from dispatch.domain.errors import DispatchError
from dispatch.exchange.documents import PlanDocument
from scenarios.simulation.documents import FORMAT_VERSION, document_of, patched


class LogError(DispatchError):
    """A file that is no event log, or says nothing of an instant."""


class LogFile:
    """Writes lines; equal lines make equal bytes. Used with ``with``."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> "LogFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def replayed(path: Path, at: datetime | None) -> PlanDocument:
    """What people knew and were told at an instant (None: at the end): the facts and the plan of
    the last plan made by then.

    Raises LogError.
    """
    state: dict[str, Any] = {}
    first: datetime | None = None
    for line in read_log(path):
        if line["line"] != "plan":
            continue
        told_at = datetime.fromisoformat(line["at"])
        first = first or told_at
        if at is not None and told_at > at:
            break
        state = patched(state, line["changes"])
    if not state:
        since = f"{first:%Y-%m-%d %H:%M} UTC" if first else "-"
        raise LogError(
            f"{path.name} has no plan by then. The first one was made at {since}.",
            f"{path.name} 到该时刻尚无计划。最早的计划制定于 {since}。",
        )
    return document_of(state)


def read_log(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a log. A last line that was cut off is left out. Raises LogError."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                line = _parsed(text)
                if number == 1 and (line or {}).get("format_version") != FORMAT_VERSION:
                    raise LogError(
                        f"{path.name} is no event log of this version: line 1 should have"
                        f" format_version {FORMAT_VERSION}.",
                        f"{path.name} 不是本版本的事件日志：第 1 行的 format_version 应为"
                        f" {FORMAT_VERSION}。",
                    )
                if line is not None:
                    yield line
                elif text.endswith("\n"):
                    raise LogError(
                        f"{path.name}, line {number} is no line of an event log: it should be a"
                        " JSON"
                        " object.",
                        f"{path.name} 第 {number} 行不是事件日志的内容：应为 JSON 对象。",
                    )
    except OSError as error:
        raise LogError(
            f"There is no file {path}, or it cannot be read.", f"文件 {path} 不存在或无法读取。"
        ) from error


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
