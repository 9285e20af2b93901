"""A lower bound of what any plan costs, cheap at every size."""

import numpy as np

from solver.problem import Int64, Problem


def lower_bound(problem: Problem) -> int:
    """No plan costs less, in fen.

    Each visit is either left out, or it costs at least its cheapest candidate, the clocks that are
    late even at the earliest start there, the cheapest leg into its place, and the paid time of
    that leg and of the repair. What routes share only adds to this.
    """
    if problem.n_visits == 0:
        return 0
    least = _least_fen(problem)
    # a unit is planned whole, and left out at its leader's price
    units = np.zeros(problem.n_visits, np.int64)
    np.add.at(units, problem.visit_leader, least)
    leaders = problem.visit_leader == np.arange(problem.n_visits)
    return int(np.minimum(units, problem.visit_unassigned_fen)[leaders].sum())


def _least_fen(problem: Problem) -> Int64:
    """What each visit costs at least if it is planned, [V]; huge if nobody can do it."""
    leg_s, leg_fen = _cheapest_legs(problem)
    paid_s = leg_s + problem.visit_service_s
    rests = len(problem.break_ptr) > 1 and (problem.break_duration_s > 0).any()
    if not rests:  # a break may be taken in a run-in, and is not paid then
        alone = np.bincount(problem.visit_location)[problem.visit_location] == 1
        paid_s = paid_s + np.where(alone, problem.visit_run_in_s, 0)
    own_fen = leg_fen + paid_s * problem.paid_fen_per_h // 3600
    result = np.full(problem.n_visits, 1 << 60, np.int64)
    for visit in range(problem.n_visits):
        of_visit = slice(problem.candidate_ptr[visit], problem.candidate_ptr[visit + 1])
        shifts = problem.candidate_shift[of_visit]
        if len(shifts):
            fen = problem.candidate_fen[of_visit] + _late_fen(problem, visit, shifts)
            result[visit] = own_fen[visit] + fen.min()
    return result


def _late_fen(
    problem: Problem, visit: int, shifts: np.ndarray[tuple[int], np.dtype[np.int32]]
) -> Int64:
    """The price of the clocks that are late even at the earliest start, by candidate."""
    start_s = np.maximum(problem.shift_start_s[shifts], problem.visit_release_s[visit])
    windows = slice(problem.window_ptr[visit], problem.window_ptr[visit + 1])
    if windows.start < windows.stop:
        start_s = np.maximum(start_s, problem.window_open_s[windows.start])
    total = np.zeros(len(shifts), np.int64)
    for c in range(problem.clock_ptr[visit], problem.clock_ptr[visit + 1]):
        late_s = start_s - problem.clock_due_s[c]
        if problem.clock_at_end[c]:
            late_s = late_s + problem.visit_service_s[visit]
        price = problem.clock_breach_fen[c] + problem.clock_late_fen_per_h[c] * late_s // 3600
        total += np.where(late_s > 0, price * problem.clock_permille // 1000, 0)
    return total


def _cheapest_legs(problem: Problem) -> tuple[Int64, Int64]:
    """The least seconds and the least fen of a leg into each visit's place, [V] each."""
    places = np.unique(
        np.concatenate((problem.visit_location, problem.shift_location, problem.depot_location))
    )
    shared = np.bincount(problem.visit_location, minlength=len(problem.travel_s)) > 1
    sites, where = np.unique(problem.visit_location, return_inverse=True)
    seconds = np.zeros(len(sites), np.int64)
    fen = np.zeros(len(sites), np.int64)
    bases = set(problem.shift_location.tolist()) | set(problem.depot_location.tolist())
    for i, site in enumerate(sites.tolist()):
        if shared[site] or site in bases:
            continue
        others = places[places != site]
        s = problem.travel_s[others, site].astype(np.int64)
        m = problem.travel_m[others, site].astype(np.int64)
        costs = s * problem.travel_fen_per_h // 3600 + m * problem.travel_fen_per_km // 1000
        seconds[i], fen[i] = s.min(initial=1 << 40), costs.min(initial=1 << 40)
    return seconds[where], fen[where]
