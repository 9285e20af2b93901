"""Where output goes: consoles for people and JSON for programs."""

import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 100


def screen(*, errors: bool = False) -> Console:
    """A console on stdout or stderr that prints texts as they are, without markup."""
    stream = sys.stderr if errors else sys.stdout
    # In a pipe the width is unknown: rich would take 80 columns, which cuts the tables.
    width = None if stream.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def table(
    *headings: str, title: str = "", right: tuple[int, ...] = (), whole: tuple[int, ...] = ()
) -> Table:
    """An empty table with ``headings``; those at the indices ``right`` hold figures.

    Figures and the columns ``whole`` are never broken over lines.
    """
    made = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for index, heading in enumerate(headings):
        figures = index in right
        made.add_column(
            heading,
            justify="right" if figures else "left",
            no_wrap=figures or index in whole,
            overflow="fold",
        )
    return made


def print_json(value: Any) -> None:  # noqa: ANN401 - anything that ``plain`` takes
    sys.stdout.write(f"{json.dumps(plain(value), ensure_ascii=False, indent=1)}\n")


def plain(value: Any) -> Any:  # noqa: ANN401
    """Dataclasses, mappings, sequences and times as what JSON knows. Times in ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value
