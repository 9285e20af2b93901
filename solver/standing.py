"""Asking a plan that stands: what keeps visits out of it, and what there is room for."""

from collections.abc import Iterable

from solver.problem import Problem
from solver.solve import (
    Loaded,
    Obstruction,
    Solution,
    load,
    new_arrays,
    obstructions_of,
    polish,
    read_solution,
)


class Standing:
    """Routes in the arrays of the kernels. The arrays are made once and asked many times."""

    def __init__(self, problem: Problem, routes: Iterable[Loaded]) -> None:
        self._problem = problem
        self._arrays = new_arrays(problem, 0)
        load(self._arrays, routes)

    def reload(self, routes: Iterable[Loaded]) -> None:
        """Make other routes of the same problem the plan that is asked."""
        load(self._arrays, routes)

    def obstructions(self, visit: int) -> tuple[Obstruction, ...]:
        """Why a visit that is in none of the routes is in none of its candidate shifts."""
        return tuple(obstructions_of(self._problem, self._arrays, visit))

    def filled(self) -> Solution:
        """The plan after every visit that is in none of the routes was offered its cheapest legal
        place, the dearest first. What is planned stays with its technician and in its order."""
        polish(self._arrays)
        return read_solution(self._problem, self._arrays, 0)
