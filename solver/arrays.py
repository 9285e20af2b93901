"""The flat arrays of the kernels: the problem packed, and a new state."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from solver import kernels as k
from solver.problem import (
    FOREVER_S,
    OF_LINKS,
    Int32,
    Int64,
    Problem,
    ProblemError,
    fields_of_visits,
    joined,
)

NEIGHBOURS = 64
MANY_CANDIDATES = 200_000
"""From here on only one insertion is remembered for each candidate, to save memory."""


class Arrays(NamedTuple):
    """What kernels take: travel int32 [L, L, 2] (or larger), problem and state, flat int64."""

    t: Int32
    p: Int64
    s: Int64

    def section(self, section: int, size: int) -> Int64:
        """The first ``size`` entries of a section of the state, as a view."""
        start = int(self.s[section])
        return self.s[start : start + size]

    def put(self, section: int, first: int, values: Sequence[int]) -> None:
        """Write values into a section of the state from an entry on."""
        start = int(self.s[section]) + first
        self.s[start : start + len(values)] = values


SPARE_LOCATIONS = 64


def pack(problem: Problem, spare: int = 0) -> tuple[Int32, Int64]:
    """A validated problem as the kernels' ``t`` (seconds and fen of each leg) and ``p``, with room
    for some ``spare`` visits that ``join`` adds later, and as many locations, but not more than
    ``SPARE_LOCATIONS``: each takes room beside all others.

    Raises:
        ProblemError: the price of a leg does not fit into 32 bits.
    """
    numbers, sections = _numbers(problem), _sections(problem)
    if spare:
        sections[k.SHIFT_TWIN][:] = -1  # a visit that comes later may tell them apart
    size = len(problem.travel_s) + min(spare, SPARE_LOCATIONS)
    t = np.zeros((size, size, 2), np.int32)
    _write_legs(t, problem, 0)
    return t, _lay_out(numbers, sections, _room(sections, spare))


def _numbers(problem: Problem) -> dict[int, int]:
    technicians, parts = problem.van_stock.shape
    numbers = {
        k.N_VISITS: problem.n_visits,
        k.N_SHIFTS: problem.n_shifts,
        k.N_TECHNICIANS: technicians,
        k.N_PARTS: parts,
        k.N_DEPOTS: len(problem.depot_location),
        k.N_TIES: int(_tied(problem).sum()),
        k.N_STAYS: int(problem.shift_may_stay.sum()),
    }
    for name, value in problem._asdict().items():
        if name not in _NOT_PACKED and not isinstance(value, np.ndarray):
            numbers[getattr(k, name.upper())] = value
    return numbers


def _sections(problem: Problem) -> dict[int, Int64]:
    sections = _sections_of_visits(problem) | _sections_of_links(problem)
    for name, value in problem._asdict().items():
        if name not in _NOT_PACKED and isinstance(value, np.ndarray):
            sections[getattr(k, name.upper())] = value.ravel().astype(np.int64)
    sections[k.NEIGHBOUR] = neighbours(problem).ravel().astype(np.int64)
    sections[k.SHIFT_ALONE] = _alone(problem)
    sections[k.SHIFT_TWIN] = _twins(problem)
    return sections


def _sections_of_visits(problem: Problem) -> dict[int, Int64]:
    """What ``join`` adds to: the sections of visits, and of what visits have several of, but for
    what ties them together."""
    sections: dict[int, Int64] = {}
    for name, value in fields_of_visits(problem).items():
        if name not in _NOT_PACKED and not name.startswith(OF_LINKS):
            sections[getattr(k, name.upper())] = value.astype(np.int64)
    opens_s, closes_s = _outer_windows(problem)
    sections[k.VISIT_CLOSES_S] = np.minimum(closes_s, problem.visit_due_s)
    sections[k.VISIT_SPAN_S] = closes_s - opens_s
    sections[k.VISIT_FAR_S] = _far_s(problem)
    return sections


def _sections_of_links(problem: Problem) -> dict[int, Int64]:
    """What ties visits together; ``join`` writes it anew."""
    sections: dict[int, Int64] = {
        getattr(k, name.upper()): value.astype(np.int64)
        for name, value in fields_of_visits(problem).items()
        if name.startswith(OF_LINKS)
    }
    followers = _turned_round(problem.tie_ptr, problem.tie_visit, problem.n_visits)
    sections[k.FOLLOWER_PTR], order, sections[k.FOLLOWER] = followers
    sections[k.FOLLOWER_LAG_S] = problem.tie_lag_s[order]
    dependents = _turned_round(problem.first_ptr, problem.first_visit, problem.n_visits)
    sections[k.DEPENDENT_PTR], _, sections[k.DEPENDENT] = dependents
    sections[k.VISIT_TIED] = _tied(problem)
    return sections


_LISTS = {
    k.WINDOW_PTR: (k.WINDOW_OPEN_S, k.WINDOW_CLOSE_S),
    k.CLOCK_PTR: (
        k.CLOCK_DUE_S, k.CLOCK_AT_END, k.CLOCK_BREACH_FEN, k.CLOCK_LATE_FEN_PER_H
    ),
    k.TIE_PTR: (k.TIE_VISIT, k.TIE_LAG_S),
    k.FIRST_PTR: (k.FIRST_VISIT,),
    k.MATE_PTR: (k.MATE_VISIT,),
    k.FOLLOWER_PTR: (k.FOLLOWER, k.FOLLOWER_LAG_S),
    k.DEPENDENT_PTR: (k.DEPENDENT,),
    k.NEED_ALTERNATIVE_PTR: (k.NEED_ALTERNATIVE,),
    k.NEED_PTR: (k.NEED_QUANTITY,),
    k.CANDIDATE_PTR: (
        k.CANDIDATE_SHIFT, k.CANDIDATE_FEN, k.CANDIDATE_LATEST_S, k.CANDIDATE_TOLD
    ),
}  # fmt: skip
"""What visits (and needs, of alternatives) have several of, by the section that divides it."""

_OF_VISITS = (
    k.VISIT_LOCATION, k.VISIT_SERVICE_S, k.VISIT_RUN_IN_S, k.VISIT_RELEASE_S,
    k.VISIT_UNASSIGNED_FEN, k.VISIT_PIN_AFTER, k.VISIT_TOLD, k.VISIT_PUBLISHED_START_S,
    k.VISIT_PIN_RANK, k.VISIT_LEADER, k.VISIT_TIED, k.VISIT_CLOSES_S, k.VISIT_SPAN_S,
    k.VISIT_FAR_S,
)  # fmt: skip
AT_LEAST_EACH = 8
"""Room for so many windows, clocks, needs and so on of each visit that comes later."""


def _room(sections: Mapping[int, Int64], spare: int) -> dict[int, int]:
    """How many entries more than it has each section is to have room for."""
    room = dict.fromkeys(_OF_VISITS, spare)
    for pointers, lists in _LISTS.items():
        room[pointers] = spare * (AT_LEAST_EACH if pointers == k.NEED_ALTERNATIVE_PTR else 1)
        room |= dict.fromkeys(lists, spare * _most_each(sections[pointers]))
    return room


def _most_each(pointers: Int32 | Int64) -> int:
    return max(AT_LEAST_EACH, int(np.diff(pointers).max(initial=0)))


def join(arrays: Arrays, problem: Problem, arrived: Problem) -> Problem | None:
    """Add visits, and locations, to a packed problem, and the visits to the bank, where there is
    room; None if there is not. Returns the problem with them (``problem.joined``).

    The neighbours of what comes are not worked out, so nothing may be searched with the result. If
    ties reach visits that were there, the plan has to be loaded again.
    """
    t, p, s = arrays
    first, count = problem.n_visits, arrived.n_visits
    after = joined(problem, arrived)
    new, links = _sections_of_visits(arrived), _sections_of_links(after)
    new[k.VISIT_LEADER] += first
    writes = [(section, first, new[section]) for section in _OF_VISITS if section in new]
    writes += [(section, 0, values) for section, values in links.items()]
    for pointers, lists in _LISTS.items():
        if pointers in links:
            continue
        owners = int(p[p[k.NEED_PTR] + first]) if pointers == k.NEED_ALTERNATIVE_PTR else first
        begin = int(p[p[pointers] + owners])
        writes.append((pointers, owners + 1, new[pointers][1:] + begin))
        writes += [(section, begin, new[section]) for section in lists]
    ends = [*p[k.P_SECTIONS_FROM + 1 : p[k.P_SECTIONS_FROM]].tolist(), len(p)]
    for section, place, values in writes:
        if p[section] + place + len(values) > ends[section - k.P_SECTIONS_FROM]:
            return None
    if len(after.travel_s) > len(t):
        return None
    for section, place, values in writes:
        p[p[section] + place : p[section] + place + len(values)] = values
    _write_legs(t, after, len(problem.travel_s))
    p[k.N_VISITS] += count
    p[k.N_TIES] = int(links[k.VISIT_TIED].sum())
    arrays.put(k.BANK, int(s[k.N_BANK]), range(first, first + count))
    arrays.put(k.RELEASE, first, new[k.VISIT_RELEASE_S].tolist())
    s[k.N_BANK] += count
    s[k.TOTAL] += int(new[k.VISIT_UNASSIGNED_FEN].sum())
    return after


_WINDOWS = (k.WINDOW_PTR, k.WINDOW_OPEN_S, k.WINDOW_CLOSE_S)


def replace_windows(
    arrays: Arrays, only: Mapping[int, Sequence[tuple[int, int]]]
) -> tuple[Int64, Int64, Int64]:
    """Give each of some visits windows (seconds, both included) in the place of those it has.
    Returns the windows as they were, for ``put_windows``. Raises ProblemError without room."""
    p = arrays.p
    at, opens_at, closes_at = (int(p[section]) for section in _WINDOWS)
    pointers = p[at : at + int(p[k.N_VISITS]) + 1].copy()
    count = int(pointers[-1])
    before = (
        pointers,
        p[opens_at : opens_at + count].copy(),
        p[closes_at : closes_at + count].copy(),
    )
    counts = np.diff(pointers)
    owner = np.repeat(np.arange(len(counts)), counts)
    visits = np.array(sorted(only), np.int64)
    others = ~np.isin(owner, visits)
    counts[visits] = [len(only[visit]) for visit in visits.tolist()]
    visits = np.repeat(visits, counts[visits])
    order = np.argsort(np.concatenate((owner[others], visits)), kind="stable")
    new = np.array([window for visit in sorted(only) for window in only[visit]], np.int64)
    new = new.reshape(-1, 2)
    if opens_at + len(order) > closes_at:
        raise ProblemError(f"windows: no room for {len(order)}, {closes_at - opens_at} at most")
    put_windows(
        arrays,
        (
            np.concatenate(([0], np.cumsum(counts))),
            np.concatenate((before[1][others], new[:, 0]))[order],
            np.concatenate((before[2][others], new[:, 1]))[order],
        ),
    )
    return before


def put_windows(arrays: Arrays, windows: tuple[Int64, Int64, Int64]) -> None:
    """Write where the windows of each visit begin, when all of them open, and when they close."""
    for section, values in zip(_WINDOWS, windows, strict=True):
        start = int(arrays.p[section])
        arrays.p[start : start + len(values)] = values


_NOT_PACKED = ("travel_s", "travel_m", "travel_fen_per_h", "travel_fen_per_km", "visit_due_s")


def _write_legs(t: Int32, problem: Problem, known: int) -> None:
    """Write seconds and fen of all legs from and to the locations from number ``known`` on.

    Raises ProblemError if a price does not fit.
    """
    size = len(problem.travel_s)
    for rows, columns in (
        (slice(known, size), slice(0, size)),
        (slice(0, known), slice(known, size)),
    ):
        seconds, metres = problem.travel_s[rows, columns], problem.travel_m[rows, columns]
        fen = seconds.astype(np.int64) * problem.travel_fen_per_h // 3600
        fen += metres.astype(np.int64) * problem.travel_fen_per_km // 1000
        if fen.max(initial=0) > np.iinfo(np.int32).max:
            raise ProblemError(
                f"travel_m, travel_fen_per_km: a leg costs {fen.max()} fen, over 2^31"
            )
        t[rows, columns, 0], t[rows, columns, 1] = seconds, fen


def _turned_round(pointers: Int32, others: Int32, size: int) -> tuple[Int64, Int64, Int64]:
    """Lists of others by owner, as pointers, order of the entries and owners by other."""
    owners = np.repeat(np.arange(size), np.diff(pointers))
    order = np.argsort(others, kind="stable")
    counts = np.bincount(others, minlength=size)
    return np.concatenate(([0], np.cumsum(counts))), order, owners[order]


def _tied(problem: Problem) -> Int64:
    """Visits whose place depends on other visits', [V]."""
    tied = np.zeros(problem.n_visits, np.int64)
    for pointers, others in (
        (problem.tie_ptr, problem.tie_visit),
        (problem.first_ptr, problem.first_visit),
        (problem.mate_ptr, problem.mate_visit),
    ):
        tied[np.diff(pointers) > 0] = 1
        tied[others] = 1
    return tied


def _outer_windows(problem: Problem) -> tuple[Int64, Int64]:
    """When the first window of each visit opens and the last one closes, [V] each."""
    opens_s = np.zeros(problem.n_visits, np.int64)
    closes_s = np.full(problem.n_visits, FOREVER_S, np.int64)
    some = np.diff(problem.window_ptr) > 0
    opens_s[some] = problem.window_open_s[problem.window_ptr[:-1][some]]
    closes_s[some] = problem.window_close_s[problem.window_ptr[1:][some] - 1]
    return opens_s, closes_s


def _far_s(problem: Problem) -> Int64:
    """Travel to each visit from the nearest base of its candidates, [V]."""
    visit = np.repeat(np.arange(problem.n_visits), np.diff(problem.candidate_ptr))
    base = problem.shift_location[problem.candidate_shift]
    far_s = np.full(problem.n_visits, FOREVER_S, np.int64)
    np.minimum.at(far_s, visit, problem.travel_s[base, problem.visit_location[visit]])
    return far_s


def _alone(problem: Problem) -> Int64:
    """Shifts that no other of the technician has to be compared with, [S]."""
    owner = problem.shift_technician
    single = np.diff(problem.technician_ptr)[owner] == 1
    most_s = np.maximum(problem.shift_limit_s - problem.shift_end_s, 0)
    alone: Int64 = (single & (most_s <= problem.technician_max_overtime_s[owner])).astype(np.int64)
    return alone


def _twins(problem: Problem) -> Int64:
    """For each shift the last one before it that is the same in every way, or -1; [S]."""
    by_shift = np.argsort(problem.candidate_shift, kind="stable")
    ends = np.cumsum(np.bincount(problem.candidate_shift, minlength=problem.n_shifts))
    visit = np.repeat(np.arange(problem.n_visits), np.diff(problem.candidate_ptr))
    columns = (visit, problem.candidate_fen, problem.candidate_latest_s, problem.candidate_told)
    facts = [v for n, v in problem._asdict().items() if n.startswith("shift_")][1:]
    people = [
        v for n, v in problem._asdict().items() if n.startswith("technician_") and n[-3:] != "ptr"
    ]
    alone = _alone(problem)
    twins = np.full(problem.n_shifts, -1, np.int64)
    seen: dict[object, int] = {}
    for shift in np.flatnonzero(alone).tolist():
        technician = problem.shift_technician[shift]
        mine = by_shift[ends[shift - 1] if shift else 0 : ends[shift]]
        breaks = slice(problem.break_ptr[shift], problem.break_ptr[shift + 1])
        key = (
            *(int(fact[shift]) for fact in facts),
            *(int(fact[technician]) for fact in people),
            problem.van_stock[technician].tobytes(),
            *(column[mine].tobytes() for column in columns),
            problem.break_earliest_s[breaks].tobytes(),
            problem.break_latest_s[breaks].tobytes(),
            problem.break_duration_s[breaks].tobytes(),
            problem.break_rigid[breaks].tobytes(),
        )
        twins[shift] = seen.get(key, -1)
        seen[key] = shift
    return twins


def new_state(problem: Problem, seed: int, most_visits: int, spare: int = 0) -> Int64:
    """An empty state: every visit is in the bank. No route gets more than ``most_visits``. There
    is room for as many ``spare`` visits as ``pack`` leaves room for."""
    visits, shifts = problem.n_visits + spare, problem.n_shifts
    candidates = len(problem.candidate_shift) + spare * _most_each(problem.candidate_ptr)
    technicians, parts = problem.van_stock.shape
    breaks = int(np.diff(problem.break_ptr).max(initial=0))
    ways = 16 if candidates < MANY_CANDIDATES else 1
    unassigned_fen = int(problem.visit_unassigned_fen.sum())
    numbers = dict.fromkeys(range(k.S_SECTIONS_FROM), 0) | {
        k.TOTAL: unassigned_fen,
        k.BEST_TOTAL: unassigned_fen,
        k.BEST_OUT: n_units(problem),
        k.RNG: seed,
        k.MOST_VISITS: most_visits,
        k.N_NEIGHBOURS: n_neighbours(problem),
        k.N_BANK: problem.n_visits,
        k.NEXT_VERSION: 1,
        k.N_WAYS: ways,
        k.TRIAL_SHIFT: -1,
        k.WALKED: -1,
        k.OPEN_NIGHTS: -1,
    }
    takes = shifts * k.MAX_TAKES * k.TAKE_FIELDS
    gaps = shifts * (most_visits + 1)
    sizes = {
        k.SEQUENCE: shifts * most_visits,
        k.ROUTE: shifts * k.ROUTE_FIELDS,
        k.TAKES: takes,
        k.SUPPLY_USED: len(problem.supply_at_s),
        k.VAN_USED: technicians * parts,
        k.TECHNICIAN_PAID_S: technicians,
        k.DEPOT_VERSION: len(problem.depot_location),
        k.OLD_SEQUENCE: shifts * most_visits,
        k.OLD_ROUTE: shifts * k.ROUTE_FIELDS,
        k.OLD_TAKES: takes,
        k.OLD_DEPOT_VERSION: len(problem.depot_location),
        k.BEST_SEQUENCE: shifts * most_visits,
        k.BEST_TAKES: takes,
        k.TRIAL: most_visits + 1,
        k.BREAK_LEG: breaks + 1,
        k.BREAK_ORDER: breaks + 1,
        k.TAKE: k.MAX_TAKES * k.TAKE_FIELDS,
        k.MISSING: k.MAX_TAKES * 2,
        k.ESTIMATE: most_visits + 1,
        k.SIDE_RESULT: shifts * k.ROUTE_FIELDS,
        k.QUEUE: 2 * shifts + 2,
        k.CACHE: candidates * ways * k.CACHE_FIELDS,
    }
    sizes |= dict.fromkeys(_BY_SHIFT, shifts)
    sizes |= dict.fromkeys(_BY_VISIT, visits)
    sizes |= dict.fromkeys(_BY_GAP, gaps)
    sizes |= dict.fromkeys(_BY_STOP, most_visits + 3)
    state = _lay_out(numbers, {name: np.zeros(size, np.int64) for name, size in sizes.items()}, {})
    arrays = Arrays(np.zeros((0, 0, 2), np.int32), state, state)
    for section in _FROM_MINUS_ONE:
        arrays.section(section, sizes[section])[:] = -1
    arrays.section(k.BANK, visits)[:] = np.arange(visits)
    arrays.put(k.RELEASE, 0, problem.visit_release_s.tolist())
    arrays.section(k.START, visits)[:] = -FOREVER_S
    state[k.TAKES_AT] = state[k.TAKE]
    return state


_BY_SHIFT = (
    k.LENGTH, k.TAKEN, k.AWAY, k.VERSION, k.PROFILE_VERSION, k.PLAIN, k.PICK_GAP, k.TOUCHED,
    k.IS_TOUCHED,
    k.OLD_LENGTH, k.OLD_TAKEN, k.OLD_AWAY, k.OLD_VERSION, k.BEST_LENGTH, k.BEST_TAKEN,
    k.BEST_AWAY, k.BEST_PICK, k.BEST_VERSION, k.SIDE, k.HOW_FAR, k.SIDE_PLACE, k.IN_QUEUE,
)  # fmt: skip
_BY_VISIT = (
    k.VISIT_SHIFT, k.VISIT_CANDIDATE, k.START, k.RELEASE, k.BANK, k.CHANGED, k.CHANGED_AT,
    k.OLD_START, k.OLD_RELEASE, k.OLD_BANK, k.WAITING, k.ORDER, k.LOG, k.LOG_START,
    k.LOG_RELEASE, k.IS_LOGGED, k.MOVED,
)  # fmt: skip
_BY_GAP = (
    k.PRE_PLACE, k.PRE_READY, k.PRE_LEAVE, k.PRE_BUSY, k.PRE_LATEST, k.NEXT_PLACE, k.SUF_LATEST,
    k.SUF_ON_TIME, k.SUF_BUSY, k.SUF_FINISH, k.NOW_FINISH,
)  # fmt: skip
_BY_STOP = (k.STOPS, k.STOP_START_S, k.STOP_READY_S, k.STOP_LEAVE_S)
_FROM_MINUS_ONE = (
    k.VISIT_SHIFT, k.VISIT_CANDIDATE, k.CACHE, k.PROFILE_VERSION, k.CHANGED_AT,
    k.BEST_VERSION,
)  # fmt: skip


def _lay_out(
    numbers: Mapping[int, int], sections: Mapping[int, Int64], room: Mapping[int, int]
) -> Int64:
    """One array: numbers, then where each section begins, then the sections, each with its room."""
    head = len(numbers) + len(sections)
    if sorted((*numbers, *sections)) != list(range(head)):
        raise AssertionError("numbers and sections must fill the head of the array")
    size = head + sum(map(len, sections.values())) + sum(room.values())
    flat = np.zeros(size, np.int64)
    for place, value in numbers.items():
        flat[place] = value
    start = head
    for place in sorted(sections):
        flat[place] = start
        flat[start : start + len(sections[place])] = sections[place]
        start += len(sections[place]) + room.get(place, 0)
    return flat


def n_units(problem: Problem) -> int:
    """How many visits there are if all members of a crew count as one."""
    return int(np.count_nonzero(problem.visit_leader == np.arange(problem.n_visits)))


def n_neighbours(problem: Problem) -> int:
    return max(1, min(NEIGHBOURS, problem.n_visits - 1))


def neighbours(problem: Problem) -> Int32:
    """The nearest visits of each visit by travel time, [V, n_neighbours]."""
    visits, count = problem.n_visits, n_neighbours(problem)
    result = np.zeros((visits, count), np.int32)
    for visit in range(visits if visits > 1 else 0):
        away = problem.travel_s[problem.visit_location[visit], problem.visit_location].copy()
        away[visit] = np.iinfo(np.int32).max
        near = np.argpartition(away, count - 1)[:count] if count < visits else np.arange(visits)
        near = near[np.lexsort((near, away[near]))]
        result[visit] = near[:count]
    return result
