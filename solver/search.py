"""The search loop. It only calls things: kernels in short slices, a budget, a report, a stop."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from solver import kernels
from solver.arrays import Arrays

SLICE_S = 0.05
"""How long a call into compiled code should take: the loop answers no faster than this."""

AVERAGE_RUIN = 10.0
"""Visits that a ruin takes out on average, as in Christiaens & Vanden Berghe 2020."""

HOT, COLD = 1.0, 0.05
"""First and last temperature, as shares of the average cost of a planned visit."""

EXCHANGES = (0.8,)
"""Shares of the budget at which all chains go on from the best plan of all."""


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
    """Where the search stands. ``share_done`` runs from 0 to 1 and follows the budget.

    All members of a crew count as one of the visits left out. ``best`` holds the best plan so far,
    as long as the report lasts.
    """

    elapsed_s: float
    iterations: int
    cost_fen: int
    visits_out: int
    clocks_broken: int
    share_done: float
    best: Arrays = field(repr=False, compare=False)


def search(
    chains: Sequence[Arrays],
    budget: Budget,
    cores: int,
    report: Callable[[SearchProgress], None],
    stop: Callable[[], bool],
    check: Callable[[Arrays], None] | None = None,
) -> int:
    """Improve the plans of some independent chains, each by simulated annealing, until the budget
    is spent or ``stop`` says so. Now and then all go on from the best.

    ``check`` looks at every chain after each iteration. Returns the number of iterations done by
    all chains together.
    """
    begin = time.monotonic()
    hot, cold = temperatures(chains[0])
    exchanges = list(EXCHANGES) if len(chains) > 1 else []
    total, done, count = 0, 0, 8  # iterations of all chains, and of each
    whole = -(-(budget.iterations or 0) // len(chains))
    with ThreadPoolExecutor(cores) as pool:
        while not stop():
            elapsed = time.monotonic() - begin
            share = budget.share(elapsed, total)
            report(progress(chains, elapsed, total, share))
            if share >= 1.0:
                break
            if exchanges and share >= exchanges[0]:
                exchanges.pop(0)
                exchange(chains)
            offset, step, slice_s = share, 0.0, min(SLICE_S, budget.seconds - elapsed)
            if budget.iterations is not None:
                offset, step, slice_s = 0.0, 1.0 / whole, SLICE_S
                target = int(exchanges[0] * whole) if exchanges else whole
                count = min(count, max(1, target - done))
            counts = [count if check is None else 1] * len(chains)
            if budget.iterations is not None and done + counts[0] == whole:
                # the last chains do one less, so that all do what was asked for
                for i in range(len(chains) * whole - budget.iterations):
                    counts[-1 - i] -= 1
            slices = [
                pool.submit(
                    partial(kernels.run, *c, AVERAGE_RUIN, done, n, offset, step, hot, cold)
                )
                for c, n in zip(chains, counts, strict=True)
            ]
            for slice_ in slices:
                slice_.result()
            if check is not None:
                for chain in chains:
                    check(chain)
            done += counts[0]
            total += sum(counts)
            took = time.monotonic() - begin - elapsed
            count = max(1, min(2 * count, int(count * slice_s / max(took, 1e-6))))
    return total


def best_of(chains: Sequence[Arrays]) -> Arrays:
    """The chain with the best plan; the first of equal ones."""
    return min(chains, key=lambda c: int(c.s[kernels.BEST_TOTAL]))


def exchange(chains: Sequence[Arrays]) -> None:
    """Let every chain go on from the best plan of all."""
    best = best_of(chains)
    for chain in chains:
        if chain is not best:
            become(chain, best)


def become(chain: Arrays, other: Arrays) -> None:
    """Make a chain's state that of another one, but for its random numbers."""
    rng = int(chain.s[kernels.RNG])
    chain.s[:] = other.s
    chain.s[kernels.RNG] = rng


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
    chains: Sequence[Arrays], elapsed_s: float, iterations: int, share_done: float
) -> SearchProgress:
    best = best_of(chains)
    s = best.s
    return SearchProgress(
        elapsed_s=elapsed_s,
        iterations=iterations,
        cost_fen=int(s[kernels.BEST_TOTAL]),
        visits_out=int(s[kernels.BEST_OUT]),
        clocks_broken=int(s[kernels.BEST_LATE]),
        share_done=share_done,
        best=best,
    )
