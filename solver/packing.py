"""The choices that are worth most together, where what they use up is limited."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ortools.sat.python import cp_model


class Limit(NamedTuple):
    """``units`` says how much each of some choices uses up; together at most ``most``."""

    units: Mapping[int, int]
    most: int


def packed(worths: Sequence[int], limits: Sequence[Limit]) -> list[int]:
    """The choices (by number) with the greatest sum of worths, exactly; the same every time.

    Taking nothing must be legal: no limit is negative.
    """
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in worths]
    for limit in limits:
        used = cp_model.LinearExpr.weighted_sum(
            [chosen[i] for i in limit.units], list(limit.units.values())
        )
        model.add(used <= limit.most)
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen, list(worths)))
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = 1
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError("nothing at all is always legal")
    return [i for i, x in enumerate(chosen) if solver.boolean_value(x)]
