"""The search loop. It only calls things: kernels in short slices, a budget, a report, a stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from solver import kernels
from solver.arrays import Arrays

SLICE_S = 0.05
"""How long a call into compiled code should take: the loop answers no faster than this."""

AVERAGE_RUIN = 12.0
"""Visits that a ruin takes out on average. Christiaens & Vanden Berghe 2020 use 10; on rich days a
little more paid."""

HOT, COLD = 1.0, 0.01
"""First and last temperature, as shares of the average cost of a planned visit."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: for ``seconds``, or for exactly ``iterations`` if that is given.

    Only a budget of iterations gives the same plan every time.
    """

    seconds: float
    iterations: int | None = None

    def share(self, elapsed_s: float, iterations: int) -> float:
        """How much of it is spent, from 0 to 1."""
        spent, whole = elapsed_s, self.seconds
        if self.iterations is not None:
            spent, whole = iterations, self.iterations
        return min(1.0, spent / whole) if whole > 0 else 1.0


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """Where the search stands. ``share_done`` runs from 0 to 1 and follows the budget."""

    elapsed_s: float
    iterations: int
    cost_fen: int
    visits_planned: int
    clocks_broken: int
    share_done: float


def search(
    arrays: Arrays,
    budget: Budget,
    report: Callable[[SearchProgress], None],
    stop: Callable[[], bool],
) -> int:
    """Improve the plan in ``arrays`` until the budget is spent or ``stop`` says so.

    Returns the number of iterations done.
    """
    begin = time.monotonic()
    hot, cold = temperatures(arrays)
    done, count = 0, 8
    while not stop():
        elapsed = time.monotonic() - begin
        share = budget.share(elapsed, done)
        report(progress(arrays, elapsed, done, share))
        if share >= 1.0:
            break
        if budget.iterations is None:
            offset, step = share, 0.0
            slice_s = min(SLICE_S, budget.seconds - elapsed)
        else:
            offset, step = 0.0, 1.0 / budget.iterations
            slice_s = SLICE_S
            count = min(count, budget.iterations - done)
        kernels.run(*arrays, AVERAGE_RUIN, done, count, offset, step, hot, cold)
        done += count
        took = time.monotonic() - begin - elapsed
        count = max(1, min(2 * count, int(count * slice_s / max(took, 1e-6))))
    return done


def temperatures(arrays: Arrays) -> tuple[float, float]:
    """The temperatures between which to cool, scaled by what a planned visit costs."""
    _, p, s = arrays
    planned = int(p[kernels.N_VISITS] - s[kernels.N_BANK])
    unassigned_fen = arrays.p[arrays.p[kernels.VISIT_UNASSIGNED_FEN] :]
    bank = arrays.section(kernels.BANK, int(s[kernels.N_BANK]))
    routes_fen = int(s[kernels.TOTAL]) - int(unassigned_fen[bank].sum())
    average = routes_fen / max(planned, 1)
    return max(HOT * average, 1.0), max(COLD * average, 0.01)


def progress(
    arrays: Arrays, elapsed_s: float, iterations: int, share_done: float
) -> SearchProgress:
    _, p, s = arrays
    return SearchProgress(
        elapsed_s=elapsed_s,
        iterations=iterations,
        cost_fen=int(s[kernels.BEST_TOTAL]),
        visits_planned=int(p[kernels.N_VISITS] - s[kernels.BEST_BANK]),
        clocks_broken=int(s[kernels.BEST_LATE]),
        share_done=share_done,
    )
