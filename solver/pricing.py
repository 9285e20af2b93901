"""What routes and whole plans cost by the kernels, for those who put plans together themselves."""

from collections.abc import Sequence

from solver import kernels
from solver.arrays import Arrays, new_state, pack
from solver.column import Column
from solver.problem import Problem


class Pricing:
    """Evaluates plans of one problem. It keeps the packed arrays from plan to plan."""

    def __init__(self, problem: Problem) -> None:
        most = min(int(problem.shift_max_visits.max(initial=1)), problem.n_visits)
        self._most = max(most, 1)
        self._arrays = Arrays(*pack(problem), new_state(problem, 0, self._most))
        self._lengths = self._arrays.section(kernels.BEST_LENGTH, problem.n_shifts)
        self._routes = self._arrays.section(
            kernels.ROUTE, problem.n_shifts * kernels.ROUTE_FIELDS
        ).reshape(problem.n_shifts, kernels.ROUTE_FIELDS)

    def plan_fen(self, columns: Sequence[Column]) -> int | None:
        """What a whole plan costs, or None if its times or tools are not legal, or if a route takes
        more parts than the kernels can note.

        That the units are whole, the firsts planned, the mates together and the parts in stock
        is not looked at.
        """
        if any(len(column.takes) > kernels.MAX_TAKES for column in columns):
            return None
        self._lengths[:] = 0
        for column in columns:
            self._lay(column)
        if kernels.load_best(*self._arrays) != kernels.OK:
            return None
        return int(self._arrays.s[kernels.TOTAL])

    def alone(self, column: Column) -> Column | None:
        """A column with the price and the times that it has alone; None if it is not legal."""
        if self.plan_fen((column,)) is None:
            return None
        row = self._routes[column.shift]
        return column._replace(
            cost_fen=int(row[kernels.COST]),
            depart_s=int(row[kernels.DEPART]),
            finish_s=int(row[kernels.FINISH]),
            paid_s=int(row[kernels.PAID]),
            overtime_s=int(row[kernels.OVERTIME_S]),
            late_s=int(row[kernels.WORST_S]),
        )

    def _lay(self, column: Column) -> None:
        """Write a route where the kernels look for the best plan."""
        shift, put = column.shift, self._arrays.put
        put(kernels.BEST_SEQUENCE, shift * self._most, column.visits)
        self._lengths[shift] = len(column.visits)
        first = shift * kernels.MAX_TAKES * kernels.TAKE_FIELDS
        put(kernels.BEST_TAKES, first, [value for take in column.takes for value in take])
        put(kernels.BEST_TAKEN, shift, (len(column.takes),))
        put(kernels.BEST_AWAY, shift, (int(column.ends_away),))
        put(kernels.BEST_PICK, shift, (column.pick_before,))
