"""Kernels against the referee, and search and exact solver against the best plan that exists, on
generated problems with every rule on: ``python -m benchmarks.agreement``.

Prints how many agree and the first ones that do not. Problem numbers that the tests use come first;
``--first`` starts elsewhere.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

from dispatch.horizon import snapshot_of
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from tests.solver.comparing import Comparison, compare_exact, compare_search, tried
from tests.solver.solving import disagreements, solved
from tests.solver.tiny import tiny

MIXES = (HARD, TYPICAL, replace(HARD, overnight=1.0), replace(HARD, crews=0.5, links=0.6))
Found = TypeVar("Found")
SHOWN = 10
"""So many problems that do not agree are printed."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generated", type=int, default=10_000, help="10 to 30 visits each")
    parser.add_argument("--tiny", type=int, default=2_000, help="search against the best plan")
    parser.add_argument("--exact", type=int, default=2_000, help="exact against the best plan")
    parser.add_argument("--first", type=int, default=100_000, help="number of the first problem")
    parser.add_argument("--iterations", type=int, default=300, help="of the search")
    parser.add_argument("--cores", type=int, default=2)
    wanted = parser.parse_args(arguments)
    with ProcessPoolExecutor(wanted.cores, get_context("spawn")) as pool:

        def sweep(title: str, count: int, check: Callable[[int], Found]) -> list[Found]:
            begin = time.monotonic()
            numbers = range(wanted.first, wanted.first + count)
            found = list(pool.map(check, numbers, chunksize=8))
            print(f"{title}: {count} problems in {time.monotonic() - begin:.0f} s")
            return found

        differing = sweep(
            "Kernels and referee",
            wanted.generated,
            partial(disagreements_of, iterations=wanted.iterations),
        )
        show("differ", [lines for lines in differing if lines])
        for title, count, compare in (
            ("Search and best plan", wanted.tiny, partial(search_of, iterations=wanted.iterations)),
            ("Exact and best plan", wanted.exact, exact_of),
        ):
            compared = sweep(title, count, compare)
            show("are wrong", [[number, *c.wrong] for number, c in compared if c.wrong])
            missed = [(number, c) for number, c in compared if not c.reached]
            show("miss the best", [[number, c.ours, c.best] for number, c in missed])
            if compared:
                print(f"  reached: {100 - 100 * len(missed) / len(compared):.2f} %")


def disagreements_of(number: int, iterations: int) -> list[object]:
    """What solver and referee say differently about a generated problem."""
    organisation = generate(10 + number % 21, seed=number, mix=MIXES[number % len(MIXES)])
    snapshot = snapshot_of(organisation)
    lines = disagreements(solved(snapshot, travel_of(snapshot), iterations, seed=number))
    return [number, *lines] if lines else []


def search_of(number: int, iterations: int) -> tuple[int, Comparison]:
    return number, compare_search(tried(*tiny(number)), iterations)


def exact_of(number: int) -> tuple[int, Comparison]:
    return number, compare_exact(tried(*tiny(number)))


def show(what: str, found: Sequence[Sequence[object]]) -> None:
    """How many there are, and the first of them."""
    print(f"  {what}: {len(found)}")
    for row in found[:SHOWN]:
        print("   ", *row)


if __name__ == "__main__":
    main()
