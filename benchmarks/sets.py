"""The public sets by name: which files belong to them, how to open one, which records hold."""

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatch
from pathlib import Path

from benchmarks.models import hhcrsp, routing, trsp
from benchmarks.models.case import Case
from benchmarks.peers.registry import OURS
from benchmarks.reading.hhcrsp import read as read_hhcrsp
from benchmarks.reading.routing import Rounding, read_solomon, read_vrplib
from benchmarks.reading.text import name_of
from benchmarks.reading.trsp import read as read_trsp

PYVRP = "pyvrp"

SETS = ("trsp", "trsp_matrix", "hhcrsp", "sdvrptw", "vrptw")


class Convention(Enum):
    """How the plans of ``vrptw`` are judged."""

    DIMACS = "dimacs"
    HIERARCHICAL = "hierarchical"


@dataclass(frozen=True, slots=True)
class BenchSet:
    """``records`` ends the names of the groups of records that hold for the set.

    ``first_goal`` says what is minimised before the objective; nothing, if empty.
    """

    name: str
    suffix: str
    records: str
    first_goal: str
    open: Callable[[Path], Case]


def bench_set(name: str, convention: Convention, planner: str = OURS) -> BenchSet:
    """A set by its name; convention and planner matter to ``vrptw`` only.

    Raises:
        KeyError: there is no such set.
    """
    if planner == PYVRP:
        return _vrptw_with_pyvrp()
    if name == "vrptw":
        return _vrptw(convention)
    return {
        "trsp": BenchSet(
            "trsp",
            ".txt",
            "trsp",
            "",
            lambda path: trsp.case(read_trsp(path), all_must_be_served=True),
        ),
        "trsp_matrix": BenchSet(
            "trsp_matrix",
            ".txt",
            "trsp_matrix",
            "unserved",
            lambda path: trsp.case(read_trsp(path), all_must_be_served=False),
        ),
        "hhcrsp": BenchSet(
            "hhcrsp", ".json", "hhcrsp", "", lambda path: hhcrsp.case(read_hhcrsp(path))
        ),
        "sdvrptw": BenchSet(
            "sdvrptw",
            ".vrp",
            "sdvrptw",
            "",
            lambda path: routing.case(read_vrplib(path), fewest_vehicles=False),
        ),
    }[name]


def _vrptw(convention: Convention) -> BenchSet:
    fewest = convention is Convention.HIERARCHICAL
    rounding = Rounding.NONE if fewest else Rounding.TENTHS_DOWN
    return BenchSet(
        "vrptw",
        ".txt",
        f"_{convention.value}",
        "vehicles" if fewest else "",
        lambda path: routing.case(read_solomon(path, rounding), fewest_vehicles=fewest),
    )


def _vrptw_with_pyvrp() -> BenchSet:
    # by name, because it needs a package that an ordinary set-up does not have
    peer = importlib.import_module("benchmarks.peers.vrptw_with_pyvrp")
    ours = _vrptw(Convention.DIMACS)
    return replace(
        ours, open=lambda path: peer.with_pyvrp(read_solomon(path, Rounding.TENTHS_DOWN))
    )


def files_of(chosen: BenchSet, folder: Path, patterns: str) -> list[Path]:
    """The files of a set under a folder whose instance, name or path matches one of the patterns.

    Patterns are shell patterns, separated by commas; case does not matter.
    """
    return sorted(
        (path for path in _all_files(chosen, folder) if _matches(path, folder, patterns)),
        key=lambda path: _in_human_order(path.relative_to(folder)),
    )


def _all_files(chosen: BenchSet, folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        is_data = path.suffix.lower() == chosen.suffix and path.name != "records.json"
        if is_data and "readme" not in path.name.lower():
            yield path


def _matches(path: Path, folder: Path, patterns: str) -> bool:
    names = [name_of(path), path.stem, path.name, str(path.relative_to(folder))]
    return any(
        fnmatch(name.lower(), pattern.strip().lower())
        for name in names
        for pattern in patterns.split(",")
    )


def _in_human_order(path: Path) -> list[tuple[int, int | str]]:
    """C2 before C10; numbers before words."""
    words = re.split(r"(\d+)", str(path).lower())
    return [(0, int(word)) if word.isdigit() else (1, word) for word in words]
