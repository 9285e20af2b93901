"""All compiled code. One file: numba's disk cache does not notice edits in imported ones.

Kernels take three arrays: ``t`` the travel, int32 [L, L, 2] (seconds, metres); ``p`` the problem
and ``s`` the search's state, each one flat int64 array that begins with numbers and with the
places where its sections begin (``solver/arrays.py`` lays them out). Numba passes every field of
a tuple by value: with sixty arrays that made calls 30 times slower and compiling take minutes.

A route is walked stop by stop, by the rules of ``docs/rules.md``; breaks and pick-ups are not in
the sequence, the walk places them. What several routes share (depot and van stock, rest,
overtime and load of a technician) is kept in the state and updated with each change.
"""

from typing import Any

import numpy as np
from numba import njit

FOREVER_S = 1 << 40  # as in solver.problem

# --- where things stand in p and s ---------------------------------------------------------------

# p: numbers
(
    N_VISITS, N_SHIFTS, N_TECHNICIANS, N_PARTS, N_DEPOTS, N_TIES, N_STAYS,
    UNFAIR_FEN_PER_H, PAID_FEN_PER_H, OVERTIME_FEN_PER_H, CLOCK_PERMILLE,
    CHANGE_TECHNICIAN_FEN, CHANGE_TIME_FEN, CHANGE_TOLERANCE_S, PART_MOVE_FEN, LODGING_FEN,
    WORST_LATE_FEN_PER_H, DEPART_LATE,
) = range(18)  # fmt: skip
P_SECTIONS_FROM = 18
# p: sections, named after the arrays of Problem; below them those that arrays.pack derives
(
    VISIT_LOCATION, VISIT_SERVICE_S, VISIT_RUN_IN_S, VISIT_RELEASE_S, VISIT_UNASSIGNED_FEN,
    VISIT_PIN_AFTER, VISIT_TOLD, VISIT_PUBLISHED_START_S, VISIT_PIN_RANK,
    VISIT_LEADER, TIE_PTR, TIE_VISIT, TIE_LAG_S, FIRST_PTR, FIRST_VISIT, MATE_PTR, MATE_VISIT,
    WINDOW_PTR, WINDOW_OPEN_S, WINDOW_CLOSE_S, CLOCK_PTR, CLOCK_DUE_S,
    CLOCK_AT_END, CLOCK_BREACH_FEN, CLOCK_LATE_FEN_PER_H, NEED_PTR, NEED_QUANTITY,
    NEED_ALTERNATIVE_PTR, NEED_ALTERNATIVE, SHIFT_TECHNICIAN, SHIFT_START_S, SHIFT_END_S,
    SHIFT_LIMIT_S, SHIFT_LOCATION, SHIFT_DEPOT, SHIFT_MAX_TRAVEL_S, SHIFT_MAX_VISITS,
    SHIFT_MAY_STAY, BREAK_PTR, BREAK_EARLIEST_S, BREAK_LATEST_S, BREAK_DURATION_S, BREAK_RIGID,
    TECHNICIAN_PTR, TECHNICIAN_REST_S, TECHNICIAN_MAX_OVERTIME_S, TECHNICIAN_FAIR_S,
    TECHNICIAN_MAX_NIGHTS, VAN_STOCK, PART_IS_TOOL, DEPOT_LOCATION, DEPOT_PICKUP_S, SUPPLY_PTR,
    SUPPLY_AT_S, SUPPLY_QUANTITY, CANDIDATE_PTR, CANDIDATE_SHIFT, CANDIDATE_FEN,
    CANDIDATE_LATEST_S, CANDIDATE_TOLD,
    NEIGHBOUR,  # [V, N_NEIGHBOURS]
    FOLLOWER_PTR, FOLLOWER, FOLLOWER_LAG_S,  # the ties by the visit that is waited for
    DEPENDENT_PTR, DEPENDENT,  # first_visit the other way round
    VISIT_TIED,  # [V] has a tie, or another visit has one to it
    VISIT_CLOSES_S,  # [V] the first clock to run out, or the last window to close
    VISIT_SPAN_S,  # [V] from the opening of the first window to the closing of the last
    VISIT_FAR_S,  # [V] travel from the nearest base of a candidate
    SHIFT_TWIN,  # [S] an earlier shift that is the same in every way, or -1
    SHIFT_ALONE,  # [S] nothing ties it to other shifts of the technician
) = range(P_SECTIONS_FROM, P_SECTIONS_FROM + 72)  # fmt: skip

# s: numbers. RESULT is the first of ROUTE_FIELDS numbers, see below, and so is SAVED.
(
    TOTAL, BEST_TOTAL, BEST_ITERATION, BEST_LATE, BEST_OUT, RNG, MOST_VISITS, N_NEIGHBOURS,
    N_BANK, N_TAKES, TAKES_AT, N_MISSING, N_TOUCHED, NEXT_VERSION, SHARED_VERSION, SETTLED,
    N_TRIAL, TRIAL_SHIFT, N_STOPS, SERVED, ASKED, N_WAYS, FROM_PLACE, TO_PLACE, N_SIDE, N_LOG,
    HEAD, N_QUEUE, N_MOVED, N_CHANGED, N_ITERATION, OPEN_NIGHTS, NOT_BASE, THOROUGH,
    WALKED,  # the version of the route that STOPS hold as it is, or -1
    RESULT,
) = range(36)  # fmt: skip
# What is known of a walked route; columns of RESULT and ROUTE. AMOUNT says by how much it fails.
(
    COST, DEPART, FINISH, PAID, OVERTIME_S, TRAVEL_S, LATE, AMOUNT, WORST_S,
    PICK_BEFORE,  # the visit before which the detour for parts is, or -1
    BASE_AT, DETOUR_AT,  # when the pick-ups start
) = range(12)  # fmt: skip
ROUTE_FIELDS = 12
SAVED = RESULT + ROUTE_FIELDS
S_SECTIONS_FROM = SAVED + ROUTE_FIELDS
# s: sections. First what the search changes, then what an iteration may put back, then the best
# plan, then scratch.
(
    SEQUENCE,  # [S, MOST_VISITS] the visits of each route
    LENGTH,  # [S]
    ROUTE,  # [S, ROUTE_FIELDS]
    TAKES,  # [S, MAX_TAKES, TAKE_FIELDS] parts taken by each route
    TAKEN,  # [S] how many takes
    AWAY,  # [S] ends away, if this and the next shift have visits
    VERSION,  # [S] changes whenever an insertion into the route may cost something else
    VISIT_SHIFT,  # [V] -1: in the bank
    VISIT_CANDIDATE,  # [V] the candidate by which it is planned or tried, or -1
    START,  # [V] when a tied visit starts, if it is planned
    RELEASE,  # [V] VISIT_RELEASE_S, or later where it waits for a tie
    BANK,  # [V] unassigned visits
    SUPPLY_USED,  # as SUPPLY_QUANTITY
    VAN_USED,  # [T, P]
    TECHNICIAN_PAID_S,  # [T]
    DEPOT_VERSION,  # [D] changes whenever the depot's free stock does
    CACHE,  # [C, N_WAYS, CACHE_FIELDS] insertions computed
    PROFILE_VERSION,  # [S] of which version of the route the profile below is
    PLAIN,  # [S] the profile says all about insertions
    PICK_GAP,  # [S] the gap in which the detour for parts is, or -1
    PRE_PLACE,
    PRE_READY,
    PRE_LEAVE,  # [S, MOST_VISITS + 1] before each gap: place, when free
    PRE_BUSY,
    PRE_LATEST,  # time without waits from the departure; latest departure
    NEXT_PLACE,
    SUF_LATEST,
    SUF_ON_TIME,  # after each gap: place; latest arrivals: legal, free
    SUF_BUSY,
    SUF_FINISH,  # time without waits until the finish; earliest finish
    NOW_FINISH,  # the finish as it is, but for breaks after the gap
    TOUCHED,  # [S] shifts changed in this iteration
    IS_TOUCHED,  # [S] 0, VERSION_ONLY, ROUTE_TOO
    CHANGED,
    CHANGED_AT,
    OLD_START,
    OLD_RELEASE,  # [V] tied visits moved in this iteration
    OLD_SEQUENCE,
    OLD_LENGTH,
    OLD_ROUTE,
    OLD_TAKES,
    OLD_TAKEN,
    OLD_AWAY,
    OLD_VERSION,
    OLD_DEPOT_VERSION,
    OLD_BANK,
    BEST_SEQUENCE,
    BEST_LENGTH,
    BEST_TAKES,
    BEST_TAKEN,
    BEST_AWAY,
    BEST_PICK,
    BEST_VERSION,
    TRIAL,  # [MOST_VISITS + 1] a sequence to evaluate
    STOPS,  # [MOST_VISITS + 3] the trial with pick-ups: visit, or -1 - depot
    STOP_START_S,
    STOP_READY_S,
    STOP_LEAVE_S,  # as STOPS
    BREAK_LEG,  # [most breaks of a shift] the stop before which each was taken, or -1
    BREAK_ORDER,  # as BREAK_LEG: their numbers, in the order in which they are taken
    TAKE,  # [MAX_TAKES, TAKE_FIELDS] takes of the trial
    MISSING,  # [MAX_TAKES, 2] need, quantity
    WAITING,
    ORDER,  # [V] visits to insert, and their sort keys
    ESTIMATE,  # [MOST_VISITS + 1] added cost by gap, at least
    SIDE,  # [S] other routes that a trial moves
    SIDE_PLACE,  # [S] 1 + place in SIDE by shift, 0: not there
    SIDE_RESULT,  # [S, ROUTE_FIELDS] as in SIDE
    HOW_FAR,  # [S] travel from a visit to its candidates
    QUEUE,
    IN_QUEUE,  # [S] routes to walk anew
    MOVED,  # [V] tied visits that start later since the last round, or -1 - those that start sooner
    LOG,
    LOG_START,
    LOG_RELEASE,
    IS_LOGGED,  # [V] tied visits that the trial moves, as they were
) = range(S_SECTIONS_FROM, S_SECTIONS_FROM + 76)

TAKE_PART, TAKE_QUANTITY, TAKE_SUPPLY, TAKE_KIND = range(4)
TAKE_FIELDS = 4
FROM_VAN, FROM_BASE, FROM_DETOUR = range(3)
MAX_TAKES = 48
DETOUR_TRIES = 6
MOST_RETRIED = 20
LONGEST_STRING = 10
TAILS_NEAR = 20
SPLIT, SPLIT_DEPTH = 0.5, 0.01
AT_BANK = 0.15
BLINK = 0.01
GENEROUS = 0.05
VERSION_ONLY, ROUTE_TOO = 1, 2

# Ways to take breaks: as late as possible; not before the departure, but on the first leg; in
# time for the next break or absence; as soon as possible.
REST_LATE, REST_FIRST, IN_TURN, EARLY = range(4)

# What forbids a route. The numbers index solver.solve.CODES.
(
    OK, WINDOW, SHIFT, OVERTIME, BREAK, ABSENCE, PARTS, TRAVEL_LIMIT, MAX_VISITS, REST, PINNED,
    SKILL_EXPIRED, ORDER_CODE, TOOL, AWAY_CODE,
    BREAK_TOO_LATE,  # within walk only
) = range(16)  # fmt: skip

# Values of ASKED: what the last evaluations depended on, besides the route and the technician's
# van: the stock of the base, or all that routes share (stock of every depot, ties, nights).
ASKED_NOBODY, ASKED_BASE, ASKED_ALL = range(3)

CACHE_VERSION, CACHE_SHARED, CACHE_DELTA, CACHE_POSITION = range(4)
CACHE_FIELDS = 4
# Values of CACHE_POSITION besides a position.
NOWHERE, AT_LEAST = -1, -2

# Orders in which to insert visits.
(
    RANDOM, FIRST_DUE, FARTHEST_FIRST, NEAREST_FIRST, TIGHTEST_FIRST, DEAREST_FIRST,
) = range(6)  # fmt: skip
# How often each of them is drawn; the last never is.
ORDER_WEIGHTS = (8, 1, 2, 1, 2)

PROHIBITIVE = np.int64(1 << 60)

# As arguments, and as what variables begin with: numba compiles a function anew for each literal
# constant that it may be called with.
ZERO, ONE, NONE = np.int64(0), np.int64(1), np.int64(-1)
NO, YES = np.bool_(0), np.bool_(1)

CONTENT = np.int64(1 << 61)  # marks versions that stand for contents
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)


BARE: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""Kernels make no arrays. To count references to those they get, atomically and at every call,
would take more than half of the time."""

entry = njit(cache=True, nogil=True, **BARE)
LEAN: dict[str, Any] = {**BARE, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner = njit(**LEAN)
"""Only called by other kernels: without the wrappers for Python they compile faster."""


inlined = njit(inline="always", **LEAN)
"""Called from one place: compiled as part of it, which saves optimising it twice."""


def leaf(result, *arguments):
    """Small and called with many constants: one signature, or each constant compiles it anew."""
    return njit(f"{result}({', '.join(arguments)})", cache=True, **LEAN)


INT, FLAG, ARRAY, TRAVEL = "int64", "boolean", "int64[::1]", "int32[:, :, ::1]"


@leaf(INT, ARRAY, INT, INT)
def at(array, section, i):
    """Entry ``i`` of a section. Unsigned, or numba would look for negative indices each time."""
    return array[np.uint64(array[section] + i)]


@leaf("void", ARRAY, INT, INT, INT)
def put(array, section, i, value):
    array[np.uint64(array[section] + i)] = value


@leaf("void", ARRAY, INT, INT, INT)
def add(array, section, i, value):
    array[np.uint64(array[section] + i)] += value


@leaf("void", ARRAY, INT, INT, INT, INT, INT)
def copy(s, target, target_from, source, source_from, count):
    """Copy entries from one section of the state to another."""
    a = s[target] + target_from
    b = s[source] + source_from
    for i in range(count):
        s[np.uint64(a + i)] = s[np.uint64(b + i)]


@leaf(INT, ARRAY, INT, INT)
def sequence_at(s, shift, i):
    return at(s, SEQUENCE, shift * s[MOST_VISITS] + i)


@leaf(INT, TRAVEL, INT, INT)
def drive_s(t, place, target):
    """Travel time."""
    return np.int64(t[np.uint64(place), np.uint64(target), 0])


@leaf(INT, TRAVEL, INT, INT)
def drive_fen(t, place, target):
    """What travel costs, but for the paid time."""
    return np.int64(t[np.uint64(place), np.uint64(target), 1])


# --- random numbers (splitmix64, Steele, Lea & Flood 2014) --------------------------------------


@leaf(INT, ARRAY)
def next_random(s):
    """63 random bits."""
    z = np.uint64(s[RNG]) + GOLDEN
    s[RNG] = np.int64(z)
    z = (z ^ (z >> np.uint64(30))) * MIX_1
    z = (z ^ (z >> np.uint64(27))) * MIX_2
    return np.int64((z ^ (z >> np.uint64(31))) >> np.uint64(1))


@leaf(INT, ARRAY, INT)
def random_below(s, n):
    """An integer in 0..n-1."""
    return next_random(s) % n


@inner
def random_unit(s):
    """A float in (0, 1)."""
    return (np.float64(next_random(s) >> 11) + 0.5) * 2.0**-52


# --- parts -------------------------------------------------------------------------------------


@inner
def stock_from(p, s, depot_part, quantity):
    """The earliest supply from whose time on ``quantity`` units are free for ever, or -1."""
    first = at(p, SUPPLY_PTR, depot_part)
    end = at(p, SUPPLY_PTR, depot_part + 1)
    free = ZERO
    for k in range(first, end):
        free += at(p, SUPPLY_QUANTITY, k) - at(s, SUPPLY_USED, k)
    found = NONE
    for k in range(end - 1, first - 1, -1):
        if free < quantity:
            break
        found = k
        free -= at(p, SUPPLY_QUANTITY, k) - at(s, SUPPLY_USED, k)
    return found


@inner
def stock_at(p, s, depot_part, time_s):
    """How many units are free from ``time_s`` on, and the supply to take them from (or -1)."""
    free = ZERO
    lowest = ZERO
    supply = NONE
    for k in range(at(p, SUPPLY_PTR, depot_part), at(p, SUPPLY_PTR, depot_part + 1)):
        free += at(p, SUPPLY_QUANTITY, k) - at(s, SUPPLY_USED, k)
        if at(p, SUPPLY_AT_S, k) <= time_s:
            lowest = free
            supply = k
        elif free < lowest:
            lowest = free
    if supply < 0:
        return 0, supply
    return max(lowest, 0), supply


@leaf("void", ARRAY, ARRAY, INT, INT, INT)
def use_stock(p, s, technician, take, sign):
    """Count a take (the index in s where it stands) as used, or give it back (sign -1)."""
    part = s[take + TAKE_PART]
    if at(p, PART_IS_TOOL, part):
        return
    quantity = sign * s[take + TAKE_QUANTITY]
    if s[take + TAKE_KIND] == FROM_VAN:
        add(s, VAN_USED, technician * p[N_PARTS] + part, quantity)
    else:
        add(s, SUPPLY_USED, s[take + TAKE_SUPPLY], quantity)


@leaf(FLAG, ARRAY, ARRAY, INT, INT, INT, INT, INT)
def add_take(p, s, technician, part, quantity, supply, kind):
    """Note that the trial takes parts, and use the stock. False if the list is full.

    What it took before SERVED stays apart, so that it can be kept when the rest is given back.
    """
    n = s[N_TAKES]
    take = s[TAKE] + s[SERVED] * TAKE_FIELDS
    end = s[TAKE] + n * TAKE_FIELDS
    while take < end and not (
        s[take + TAKE_PART] == part
        and s[take + TAKE_SUPPLY] == supply
        and s[take + TAKE_KIND] == kind
    ):
        take += TAKE_FIELDS
    if take == end:
        if n == MAX_TAKES:
            return False
        s[take + TAKE_PART] = part
        s[take + TAKE_QUANTITY] = 0
        s[take + TAKE_SUPPLY] = supply
        s[take + TAKE_KIND] = kind
        s[N_TAKES] = n + 1
    s[take + TAKE_QUANTITY] += quantity
    if not at(p, PART_IS_TOOL, part):
        if kind == FROM_VAN:
            add(s, VAN_USED, technician * p[N_PARTS] + part, quantity)
        else:
            add(s, SUPPLY_USED, supply, quantity)
    return True


@inlined
def take_from_van(p, s, technician, part, quantity):
    """add_take from the van, but faster where the last take was of the same part."""
    last = s[TAKE] + (s[N_TAKES] - 1) * TAKE_FIELDS
    if s[N_TAKES] > 0 and s[last + TAKE_PART] == part and s[last + TAKE_KIND] == FROM_VAN:
        s[last + TAKE_QUANTITY] += quantity
        add(s, VAN_USED, technician * p[N_PARTS] + part, quantity)
        return True
    return add_take(p, s, technician, part, quantity, NONE, FROM_VAN)


@leaf("void", ARRAY, ARRAY, INT, INT)
def give_back(p, s, technician, first):
    """Undo the stock effect of the trial's takes from ``first`` on; the notes stay."""
    for i in range(first, s[N_TAKES]):
        use_stock(p, s, technician, s[TAKE] + i * TAKE_FIELDS, -1)


@leaf(INT, ARRAY, INT, INT)
def picked_up(s, part, first):
    """How many pieces of a tool the trial's takes hold, from number ``first`` on."""
    pieces = ZERO
    for i in range(first, s[N_TAKES]):
        take = s[TAKE] + i * TAKE_FIELDS
        if s[take + TAKE_PART] == part:
            pieces += s[take + TAKE_QUANTITY]
    return pieces


@leaf(FLAG, ARRAY, INT, INT)
def miss(s, need, quantity):
    """Note that a need is not served yet. False if the list is full."""
    m = s[N_MISSING]
    if m == MAX_TAKES:
        return False
    put(s, MISSING, 2 * m, need)
    put(s, MISSING, 2 * m + 1, quantity)
    s[N_MISSING] = m + 1
    return True


@inlined
def allocate(p, s, shift, n):
    """Serve the trial's needs from the van, then from the base at the route's start.

    What is left goes to MISSING. Returns whether the base is needed and the position of the
    first visit with something missing (n: none), or -1 if there are too many takes.
    """
    technician = at(p, SHIFT_TECHNICIAN, shift)
    base = at(p, SHIFT_DEPOT, shift) if s[FROM_PLACE] == at(p, SHIFT_LOCATION, shift) else -1
    start_s = at(p, SHIFT_START_S, shift)
    s[N_TAKES] = 0
    s[N_MISSING] = 0
    s[SERVED] = 0
    uses_base = False
    first_missing = n
    for i in range(n):
        visit = at(s, TRIAL, i)
        for need in range(at(p, NEED_PTR, visit), at(p, NEED_PTR, visit + 1)):
            left = at(p, NEED_QUANTITY, need)
            first = at(p, NEED_ALTERNATIVE_PTR, need)
            end = at(p, NEED_ALTERNATIVE_PTR, need + 1)
            part = at(p, NEED_ALTERNATIVE, first)
            if at(p, PART_IS_TOOL, part):
                left -= at(p, VAN_STOCK, technician * p[N_PARTS] + part) + picked_up(s, part, ZERO)
                if left > 0:
                    s[ASKED] = ASKED_ALL
                    if base >= 0 and s[NOT_BASE] == 0:
                        tool = base * p[N_PARTS] + part
                        supply = at(p, SUPPLY_PTR, tool)
                        lent = supply < at(p, SUPPLY_PTR, tool + 1)
                        if lent and at(p, SUPPLY_QUANTITY, supply) >= left + picked_up(
                            s, part, ZERO
                        ):
                            if not add_take(p, s, technician, part, left, supply, FROM_BASE):
                                return uses_base, -1
                            left = ZERO
                            uses_base = True
                if left > 0:
                    if not miss(s, need, left):
                        return uses_base, -1
                    first_missing = min(first_missing, i)
                continue
            for a in range(first, end):
                part = at(p, NEED_ALTERNATIVE, a)
                van = technician * p[N_PARTS] + part
                used = min(left, at(p, VAN_STOCK, van) - at(s, VAN_USED, van))
                if used > 0:
                    if not take_from_van(p, s, technician, part, used):
                        return uses_base, -1
                    left -= used
            if left > 0:
                s[ASKED] = max(s[ASKED], ASKED_BASE)
            for a in range(first, end if base >= 0 else first):
                if left == 0:
                    break
                part = at(p, NEED_ALTERNATIVE, a)
                have, supply = stock_at(p, s, base * p[N_PARTS] + part, start_s)
                used = min(left, have)
                if used > 0:
                    if not add_take(p, s, technician, part, used, supply, FROM_BASE):
                        return uses_base, -1
                    left -= used
                    uses_base = True
            if left > 0:
                if not miss(s, need, left):
                    return uses_base, -1
                first_missing = min(first_missing, i)
    return uses_base, first_missing


@inlined
def too_far(t, p, s, shift, depot, position):
    """Whether going by a depot to the visit at a position and home fills more than the shift."""
    base = at(p, SHIFT_LOCATION, shift)
    if s[FROM_PLACE] != base or s[TO_PLACE] != base:
        return False
    by = at(p, DEPOT_LOCATION, depot)
    visit = at(s, TRIAL, position)
    site = at(p, VISIT_LOCATION, visit)
    travel_s = drive_s(t, base, by) + drive_s(t, by, site) + drive_s(t, site, base)
    busy_s = travel_s + at(p, DEPOT_PICKUP_S, depot) + at(p, VISIT_SERVICE_S, visit)
    shift_s = at(p, SHIFT_LIMIT_S, shift) - at(p, SHIFT_START_S, shift)
    return busy_s > shift_s or travel_s > at(p, SHIFT_MAX_TRAVEL_S, shift)


@inner
def at_base_first(p, s, shift, depot, position):
    """Whether a detour is to the base at the start, so that one stop there serves for all.

    Then what the base gives at once is noted as part of the detour.
    """
    starts_there = s[FROM_PLACE] == at(p, SHIFT_LOCATION, shift)
    one_stop = depot == at(p, SHIFT_DEPOT, shift) and position == 0 and starts_there
    for i in range(s[N_TAKES]):
        take = s[TAKE] + i * TAKE_FIELDS
        if s[take + TAKE_KIND] != FROM_VAN:
            s[take + TAKE_KIND] = FROM_DETOUR if one_stop else FROM_BASE
    return one_stop


@inlined
def has_missing(p, s, depot):
    """Whether a depot could ever serve each missing need by itself."""
    for m in range(s[N_MISSING]):
        need = at(s, MISSING, 2 * m)
        found = False
        for a in range(at(p, NEED_ALTERNATIVE_PTR, need), at(p, NEED_ALTERNATIVE_PTR, need + 1)):
            depot_part = depot * p[N_PARTS] + at(p, NEED_ALTERNATIVE, a)
            if stock_from(p, s, depot_part, at(s, MISSING, 2 * m + 1)) >= 0:
                found = True
                break
        if not found:
            return False
    return True


@inlined
def take_missing(p, s, shift, depot, there_s):
    """Take everything missing at a depot. Returns when it is all there, FOREVER_S if never."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    for m in range(s[N_MISSING]):
        need = at(s, MISSING, 2 * m)
        quantity = at(s, MISSING, 2 * m + 1)
        supply = NONE
        part = NONE
        for a in range(at(p, NEED_ALTERNATIVE_PTR, need), at(p, NEED_ALTERNATIVE_PTR, need + 1)):
            part = at(p, NEED_ALTERNATIVE, a)
            supply = stock_from(p, s, depot * p[N_PARTS] + part, quantity)
            if supply >= 0:
                break
        if supply < 0:
            return FOREVER_S
        if at(p, PART_IS_TOOL, part):
            quantity -= picked_up(s, part, s[SERVED])
            if quantity <= 0:
                continue
        if not add_take(p, s, technician, part, quantity, supply, FROM_DETOUR):
            return FOREVER_S
        there_s = max(there_s, at(p, SUPPLY_AT_S, supply))
    return there_s


@inlined
def parts_there(p, s, shift, i, depot):
    """From when on everything is there that the pick-up at stop ``i`` is to take.

    That is at once for the one at the base at the start. A detour takes what is missing, unless
    the takes are settled. FOREVER_S if it is never there.
    """
    there_s = at(p, SHIFT_START_S, shift)
    for k in range(s[N_TAKES]):
        take = s[TAKES_AT] + k * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_BASE and i == 0:
            return there_s
        if s[take + TAKE_KIND] == FROM_DETOUR:
            there_s = max(there_s, at(p, SUPPLY_AT_S, s[take + TAKE_SUPPLY]))
    if s[SETTLED] == 1:
        return there_s
    return take_missing(p, s, shift, depot, there_s)


@inner
def move_fen(p, s, shift):
    """The price of the parts that are picked up away from the base."""
    base = at(p, SHIFT_DEPOT, shift)
    units = ZERO
    for i in range(s[N_TAKES]):
        take = s[TAKES_AT] + i * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_DETOUR and not at(p, PART_IS_TOOL, s[take + TAKE_PART]):
            supply = s[take + TAKE_SUPPLY]
            first = at(p, SUPPLY_PTR, base * p[N_PARTS])
            end = at(p, SUPPLY_PTR, (base + 1) * p[N_PARTS])
            if base < 0 or not first <= supply < end:
                units += s[take + TAKE_QUANTITY]
    return units * p[PART_MOVE_FEN]


@inner
def lent_at(p, s, shift, supply, time_s):
    """How many pieces of a tool other routes than that of a shift have on loan at an instant."""
    pieces = ZERO
    for other in range(p[N_SHIFTS]):
        if other == shift or length_of(s, other) == 0:
            continue
        takes = takes_of(s, other)
        for k in range(n_takes_of(s, other)):
            take = takes + k * TAKE_FIELDS
            if s[take + TAKE_SUPPLY] == supply and loan_start(s, other, take) <= time_s < field(
                s, other, FINISH
            ):
                pieces += s[take + TAKE_QUANTITY]
    return pieces


@leaf(INT, ARRAY, INT)
def n_takes_of(s, shift):
    """How many takes a route has, or the trial if it is for that shift."""
    return s[N_TAKES] if shift == s[TRIAL_SHIFT] else at(s, TAKEN, shift)


@leaf(INT, ARRAY, INT)
def takes_of(s, shift):
    """Where in s the takes of a route stand."""
    return s[TAKE] if shift == s[TRIAL_SHIFT] else s[TAKES] + shift * MAX_TAKES * TAKE_FIELDS


@inner
def loan_start(s, shift, take):
    return field(s, shift, BASE_AT if s[take + TAKE_KIND] == FROM_BASE else DETOUR_AT)


@inner
def too_many_lent(p, s, shift):
    """By how many pieces the tools that a route borrows exceed what the stations have."""
    for k in range(n_takes_of(s, shift)):
        take = takes_of(s, shift) + k * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_VAN or not at(p, PART_IS_TOOL, s[take + TAKE_PART]):
            continue
        supply = s[take + TAKE_SUPPLY]
        spare = at(p, SUPPLY_QUANTITY, supply) - s[take + TAKE_QUANTITY]
        if spare >= p[N_VISITS]:
            continue  # enough for everybody
        from_s = loan_start(s, shift, take)
        most = lent_at(p, s, shift, supply, from_s)
        for other in range(p[N_SHIFTS]):
            if other != shift and length_of(s, other) > 0:
                for j in range(n_takes_of(s, other)):
                    their = takes_of(s, other) + j * TAKE_FIELDS
                    if s[their + TAKE_SUPPLY] == supply:
                        theirs_s = loan_start(s, other, their)
                        if from_s < theirs_s < field(s, shift, FINISH):
                            most = max(most, lent_at(p, s, shift, supply, theirs_s))
        if most > spare:
            return most - spare
    return 0


# --- one route ----------------------------------------------------------------------------------


@inner
def visit_start(p, s, visit, time_s):
    """The earliest start from ``time_s`` on, FOREVER_S when all windows have closed."""
    start_s = max(time_s, at(s, RELEASE, visit))
    first = at(p, WINDOW_PTR, visit)
    end = at(p, WINDOW_PTR, visit + 1)
    if first == end:
        return start_s
    for w in range(first, end):
        if at(p, WINDOW_CLOSE_S, w) >= start_s:
            return max(start_s, at(p, WINDOW_OPEN_S, w))
    return FOREVER_S


@inner
def clock_fen(p, s, visit, start_s):
    """The price of the SLA clocks that the visit stops; counts the broken ones in LATE."""
    fen = ZERO
    for c in range(at(p, CLOCK_PTR, visit), at(p, CLOCK_PTR, visit + 1)):
        late_s = start_s - at(p, CLOCK_DUE_S, c)
        if at(p, CLOCK_AT_END, c):
            late_s += at(p, VISIT_SERVICE_S, visit)
        if late_s > 0:
            price = at(p, CLOCK_BREACH_FEN, c) + at(p, CLOCK_LATE_FEN_PER_H, c) * late_s // 3600
            fen += price * p[CLOCK_PERMILLE] // 1000
            s[RESULT + LATE] += 1
            s[RESULT + WORST_S] = max(s[RESULT + WORST_S], late_s)
    return fen


@inlined
def change_fen(p, s, visit, start_s):
    """What it costs that a visit is not done by whom and when people were told."""
    member = visit
    while member < p[N_VISITS] and at(p, VISIT_LEADER, member) == visit:
        candidate = at(s, VISIT_CANDIDATE, member)
        if candidate >= 0 and not at(p, CANDIDATE_TOLD, candidate):
            return p[CHANGE_TECHNICIAN_FEN] * at(p, VISIT_TOLD, visit) // 1000
        member += 1
    moved_s = abs(start_s - at(p, VISIT_PUBLISHED_START_S, visit))
    if moved_s <= p[CHANGE_TOLERANCE_S]:
        return 0
    return p[CHANGE_TIME_FEN] * at(p, VISIT_TOLD, visit) // 1000


@leaf(FLAG, ARRAY, INT)
def start_costs(p, visit):
    """Whether it may cost something when a visit starts, or who comes."""
    return at(p, CLOCK_PTR, visit) < at(p, CLOCK_PTR, visit + 1) or at(p, VISIT_TOLD, visit) != 0


@inner
def start_fen(p, s, visit, start_s):
    """What it costs that a visit starts then, but for its present candidate."""
    fen = clock_fen(p, s, visit, start_s)
    if at(p, VISIT_TOLD, visit):
        fen += change_fen(p, s, visit, start_s)
    return fen


@leaf(INT, ARRAY, INT, INT)
def fail(s, code, amount):
    s[RESULT + AMOUNT] = amount
    return code


@inlined
def absence_between(p, first_break, end_break, from_s, until_s):
    """Whether one of the breaks is an absence that overlaps a span of time."""
    for b in range(first_break, end_break):
        begin = at(p, BREAK_LATEST_S, b)
        if (
            at(p, BREAK_RIGID, b)
            and begin < until_s
            and begin + at(p, BREAK_DURATION_S, b) > from_s
        ):
            return True
    return False


@leaf(FLAG, ARRAY, INT, INT)
def same_unit(p, visit, other):
    """Whether another visit (-1: none) is a member of a visit's unit."""
    return other >= 0 and at(p, VISIT_LEADER, visit) == at(p, VISIT_LEADER, other)


@inner
def walk(t, p, s, shift, n):
    """Walk the n STOPS from FROM_PLACE to TO_PLACE, fill RESULT, and return OK or what forbids
    the route.

    Breaks are taken where they cost nothing (during a run-in or while waiting), and else as late
    as possible; in other ways if one would be late then.
    """
    n_takes = s[N_TAKES]
    code = OK
    for way in range(REST_LATE, EARLY + 1):
        code = walk_once(t, p, s, shift, n, way)
        if code != BREAK_TOO_LATE and code != BREAK and code != ABSENCE:
            break
        if s[SETTLED] == 0:
            give_back(p, s, at(p, SHIFT_TECHNICIAN, shift), n_takes)
            s[N_TAKES] = n_takes
    return BREAK if code == BREAK_TOO_LATE else code


@inner
def walk_once(t, p, s, shift, n, way):
    """walk, with one way to take breaks."""
    for k in range(ROUTE_FIELDS):
        s[RESULT + k] = 0
    s[N_STOPS] = n
    s[RESULT + PICK_BEFORE] = -1
    start_s = at(p, SHIFT_START_S, shift)
    ends_away = s[TO_PLACE] < 0
    first_break = at(p, BREAK_PTR, shift)
    end_break = at(p, BREAK_PTR, shift + 1)
    n_breaks = end_break - first_break
    for k in range(n_breaks):
        put(s, BREAK_LEG, k, -1)
        put(s, BREAK_ORDER, k, k)
    k = ZERO  # of BREAK_ORDER
    ready = leave = depart = start_s
    place = s[FROM_PLACE]
    leading = True  # no visit yet
    lead_s = 0  # travel, pick-ups and breaks before the first visit
    lead_absence = False
    depart_by = FOREVER_S  # later, a break before the first visit would be late
    base_lead_s = detour_lead_s = NONE
    rested_s = ZERO
    waited_s = 0  # after the first visit
    slack_s = FOREVER_S  # by how much the first visit may move and no later one miss its window
    previous = NONE
    there_s = start_s  # when the parts of a pick-up are there
    cost = p[LODGING_FEN] if ends_away else 0
    for i in range(n + 1):
        home = i == n
        stop = -1 if home else at(s, STOPS, i)
        is_visit = not home and stop >= 0
        if home:
            target = place if ends_away else s[TO_PLACE]
        elif is_visit:
            target = at(p, VISIT_LOCATION, stop)
        else:
            target = at(p, DEPOT_LOCATION, -1 - stop)
            there_s = parts_there(p, s, shift, i, -1 - stop)
            if there_s >= FOREVER_S:
                return fail(s, PARTS, 1)
        same_place = target == place
        begin = ready if same_place else leave
        travel_s = drive_s(t, place, target)
        s[RESULT + TRAVEL_S] += travel_s
        cost += drive_fen(t, place, target)
        before_leg_s = lead_s
        if leading:
            lead_s += travel_s
        while k < n_breaks:
            bk = first_break + at(s, BREAK_ORDER, k)
            earliest = at(p, BREAK_EARLIEST_S, bk)
            latest = at(p, BREAK_LATEST_S, bk)
            duration = at(p, BREAK_DURATION_S, bk)
            rigid = at(p, BREAK_RIGID, bk) == 1
            rest_over = max(start_s, earliest) + duration
            if not leading and depart >= rest_over:
                k += 1  # rested before the departure
                continue
            b = max(ready, earliest)
            if not rigid and b <= latest and b + duration <= leave:
                if same_place and is_visit:
                    next_s = visit_start(p, s, stop, ready)
                    delays = visit_start(p, s, stop, b + duration) > next_s
                    if delays and next_s + at(p, VISIT_SERVICE_S, stop) <= latest:
                        break  # work here first
                ready = b + duration  # during the run-in
                if same_place:
                    begin = ready
                rested_s += duration
                put(s, BREAK_LEG, bk - first_break, i)
                k += 1
                continue
            arrival = begin + travel_s
            by = earliest if way == EARLY else latest  # work that is over by then may come first
            if not rigid and k + 1 < n_breaks:
                other = first_break + at(s, BREAK_ORDER, k + 1)
                other_by = at(p, BREAK_LATEST_S, other)
                other_over = at(p, BREAK_EARLIEST_S, other) + at(p, BREAK_DURATION_S, other)
                if other > bk and other_over <= latest:
                    rest_s = b if begin > latest else min(max(arrival, earliest), latest)
                    if rest_s + duration > other_by:  # the other one comes first
                        put(s, BREAK_ORDER, k, other - first_break)
                        put(s, BREAK_ORDER, k + 1, bk - first_break)
                        continue
                elif way == IN_TURN:
                    by = min(latest, other_by - duration)
            if home:
                if (max(arrival, leave) if ends_away else arrival) <= latest:
                    k += 1  # rests after work
                    continue
                forced = True
                without = arrival
            elif is_visit:
                without = visit_start(p, s, stop, arrival)
                done = without + at(p, VISIT_SERVICE_S, stop)
                departs = start_s if lead_absence else without - lead_s
                if leading and way != REST_FIRST and without < FOREVER_S and departs >= rest_over:
                    away_s = done + at(p, VISIT_RUN_IN_S, stop)
                    if rigid or not absence_between(p, bk + 1, end_break, departs, away_s):
                        k += 1
                        continue
                if rigid:
                    done += at(p, VISIT_RUN_IN_S, stop)
                    if same_place:
                        done = max(done, leave)
                forced = done > by
            else:
                # the departure may still move: then a wait is none, and gives no time to rest
                without = arrival if leading else max(arrival, there_s)
                forced = without + at(p, DEPOT_PICKUP_S, -1 - stop) > by
                forced = forced or (way == REST_FIRST and i == 0 and not rigid)
            if not forced:
                # is there time to wait for it anyway?
                if rigid and arrival > latest:
                    after = max(begin, latest) + duration + travel_s
                elif rigid or begin <= latest:
                    after = max(arrival, earliest) + duration
                else:
                    after = max(begin, b + duration) + travel_s
                if after > without:
                    break
            if rigid:
                busy_until = max(begin, leave) if same_place else begin  # a run-in may go on
                if busy_until > latest:
                    return fail(s, ABSENCE, busy_until - latest)
                if arrival <= latest:
                    travel_s = ZERO
                begin = latest + duration
                if leading:
                    lead_absence = True
            elif begin > latest:
                if b > latest:
                    return fail(s, BREAK, b - latest)
                begin = max(begin, b + duration)
            elif arrival <= latest:
                begin = max(arrival, earliest) + duration
                travel_s = ZERO
            else:
                travel_s -= latest - begin  # on the road
                begin = latest + duration
            ready = begin
            rested_s += duration
            if leading:
                if not rigid:
                    depart_by = min(depart_by, latest - before_leg_s)
                lead_s += duration
                before_leg_s = lead_s - travel_s
            put(s, BREAK_LEG, bk - first_break, i)
            k += 1
        time_s = begin + travel_s
        if home:
            ready = max(time_s, leave) if ends_away else time_s
        elif is_visit:
            begin_s = visit_start(p, s, stop, time_s)
            if begin_s == FOREVER_S:
                last = at(p, WINDOW_PTR, stop + 1) - 1
                late_s = max(time_s, at(s, RELEASE, stop)) - at(p, WINDOW_CLOSE_S, last)
                instant = at(p, WINDOW_OPEN_S, last) == at(p, WINDOW_CLOSE_S, last)
                pinned = instant and at(p, VISIT_PIN_RANK, stop) > 0
                return fail(s, PINNED if pinned else WINDOW, late_s)
            last_s = at(p, CANDIDATE_LATEST_S, at(s, VISIT_CANDIDATE, stop))
            if begin_s > last_s:
                return fail(s, SKILL_EXPIRED, 1 + (begin_s - last_s) // 86400)
            follows = at(p, VISIT_PIN_AFTER, stop)
            if follows >= 0 and not same_unit(p, follows, previous):
                return fail(s, PINNED, 1)
            previous = stop
            if leading:
                leading = False
                depart = start_s if lead_absence else begin_s - lead_s
                if depart > depart_by:
                    return fail(s, BREAK_TOO_LATE, depart - depart_by)
            else:
                waited_s += begin_s - time_s
            if p[DEPART_LATE]:
                slack_s = min(slack_s, waited_s + closing(p, stop, begin_s) - begin_s)
            cost += at(p, CANDIDATE_FEN, at(s, VISIT_CANDIDATE, stop))
            if start_costs(p, stop):
                cost += start_fen(p, s, stop, begin_s)
            hold = leave if same_place else 0
            ready = begin_s + at(p, VISIT_SERVICE_S, stop)
            leave = max(ready + at(p, VISIT_RUN_IN_S, stop), hold)
            put(s, STOP_START_S, i, begin_s)
        else:
            if i + 1 < n and (i > 0 or s[N_MISSING] > 0 or s[SETTLED]):
                s[RESULT + PICK_BEFORE] = at(s, STOPS, i + 1)
            begin_s = max(time_s, there_s)
            if leading:
                if i == 0:
                    base_lead_s = lead_s
                detour_lead_s = lead_s
                lead_s += at(p, DEPOT_PICKUP_S, -1 - stop)
            else:
                waited_s += begin_s - time_s
                s[RESULT + DETOUR_AT] = begin_s
            ready = leave = begin_s + at(p, DEPOT_PICKUP_S, -1 - stop)
            put(s, STOP_START_S, i, begin_s)
        put(s, STOP_READY_S, i, ready)
        put(s, STOP_LEAVE_S, i, leave)
        place = target
    finish = ready
    for b in range(first_break, end_break):
        rest_over = max(start_s, at(p, BREAK_EARLIEST_S, b)) + at(p, BREAK_DURATION_S, b)
        skipped = at(s, BREAK_LEG, b - first_break) < 0
        if skipped and depart < rest_over and finish > at(p, BREAK_LATEST_S, b):
            # skipped for a departure that a later break then moved
            return fail(s, BREAK_TOO_LATE, at(p, BREAK_DURATION_S, b))
    limit = at(p, SHIFT_LIMIT_S, shift)
    end_s = at(p, SHIFT_END_S, shift)
    if finish > limit:
        code = OVERTIME if limit > end_s else SHIFT if limit == end_s else ABSENCE
        return fail(s, code, finish - limit)
    over_s = s[RESULT + TRAVEL_S] - at(p, SHIFT_MAX_TRAVEL_S, shift)
    if over_s > 0:
        return fail(s, TRAVEL_LIMIT, over_s)
    if p[DEPART_LATE]:
        depart += min(slack_s, waited_s)
    paid_s = finish - depart - rested_s
    overtime_s = max(0, finish - end_s)
    s[RESULT + DEPART] = depart
    s[RESULT + FINISH] = finish
    s[RESULT + PAID] = paid_s
    s[RESULT + OVERTIME_S] = overtime_s
    if base_lead_s >= 0:
        s[RESULT + BASE_AT] = depart + base_lead_s
    if detour_lead_s >= 0 and s[RESULT + DETOUR_AT] == 0:
        s[RESULT + DETOUR_AT] = depart + detour_lead_s
    cost += paid_s * p[PAID_FEN_PER_H] // 3600
    cost += overtime_s * p[OVERTIME_FEN_PER_H] // 3600
    s[RESULT + COST] = cost
    return OK


@inner
def closing(p, visit, start_s):
    """When the window closes in which a visit starts."""
    for w in range(at(p, WINDOW_PTR, visit), at(p, WINDOW_PTR, visit + 1)):
        if at(p, WINDOW_CLOSE_S, w) >= start_s:
            return at(p, WINDOW_CLOSE_S, w)
    return FOREVER_S


@leaf(INT, ARRAY, INT)
def length_of(s, shift):
    """How many visits a route has, or the trial if it is for that shift."""
    return s[N_TRIAL] if shift == s[TRIAL_SHIFT] else at(s, LENGTH, shift)


@leaf(INT, ARRAY, ARRAY, INT)
def last_place(p, s, shift):
    """Where the last visit of a route is, or of the trial if it is for that shift."""
    n = length_of(s, shift)
    if shift == s[TRIAL_SHIFT]:
        return at(p, VISIT_LOCATION, at(s, TRIAL, n - 1))
    return at(p, VISIT_LOCATION, sequence_at(s, shift, n - 1))


@leaf(FLAG, ARRAY, INT, INT)
def is_next(p, shift, following):
    """Whether a shift is the technician's next one."""
    if shift < 0 or following >= p[N_SHIFTS]:
        return False
    return at(p, SHIFT_TECHNICIAN, shift) == at(p, SHIFT_TECHNICIAN, following)


@leaf(FLAG, ARRAY, ARRAY, INT)
def stays(p, s, shift):
    """Whether a route ends away: it may, and the next shift has a route to come home by, or will
    have one (OPEN_NIGHTS is the technician of whom that is not known yet, or -1)."""
    if p[N_STAYS] == 0 or shift < 0 or at(s, AWAY, shift) == 0:
        return False
    if not is_next(p, shift, shift + 1) or length_of(s, shift) == 0:
        return False
    return length_of(s, shift + 1) > 0 or at(p, SHIFT_TECHNICIAN, shift) == s[OPEN_NIGHTS]


@leaf("void", ARRAY, ARRAY, INT)
def set_ends(p, s, shift):
    """Set where a route begins and ends."""
    s[FROM_PLACE] = s[TO_PLACE] = at(p, SHIFT_LOCATION, shift)
    if p[N_STAYS] > 0:
        if is_next(p, shift - 1, shift) and stays(p, s, shift - 1):
            s[FROM_PLACE] = last_place(p, s, shift - 1)
        if stays(p, s, shift):
            s[TO_PLACE] = -1


@leaf("void", ARRAY, ARRAY, INT)
def set_ends_of_first(p, s, shift):
    """Set where an empty route would begin and end with a visit in it."""
    s[FROM_PLACE] = s[TO_PLACE] = at(p, SHIFT_LOCATION, shift)
    if p[N_STAYS] == 0:
        return
    before = is_next(p, shift - 1, shift) and at(s, AWAY, shift - 1) > 0
    if before and length_of(s, shift - 1) > 0:
        s[FROM_PLACE] = last_place(p, s, shift - 1)
    if at(s, AWAY, shift) > 0 and is_next(p, shift, shift + 1):
        is_open = at(p, SHIFT_TECHNICIAN, shift) == s[OPEN_NIGHTS]
        if is_open or length_of(s, shift + 1) > 0:
            s[TO_PLACE] = -1


@leaf(INT, ARRAY, ARRAY, INT, FLAG, INT, INT)
def lay_stops(p, s, shift, uses_base, detour_depot, detour_position):
    """Write the trial with its pick-ups to STOPS; returns how many stops there are."""
    k = ZERO
    if uses_base:
        put(s, STOPS, 0, -1 - at(p, SHIFT_DEPOT, shift))
        k = 1
    for i in range(s[N_TRIAL]):
        if i == detour_position and detour_depot >= 0:
            put(s, STOPS, k, -1 - detour_depot)
            k += 1
        put(s, STOPS, k, at(s, TRIAL, i))
        k += 1
    return k


@inner
def evaluate(t, p, s, shift, n):
    """Evaluate TRIAL[:n] as the route of a shift, by itself: OK or what forbids it.

    Fills RESULT and the notes of takes; stock is left as it was. The route's own present takes
    must have been lifted before.
    """
    s[N_TRIAL] = n
    s[TRIAL_SHIFT] = shift
    s[N_TAKES] = 0
    s[N_MISSING] = 0
    s[N_STOPS] = 0
    s[WALKED] = -1
    if n == 0:
        for k in range(ROUTE_FIELDS):
            s[RESULT + k] = 0
        return OK
    if n > at(p, SHIFT_MAX_VISITS, shift):
        return fail(s, MAX_VISITS, n - at(p, SHIFT_MAX_VISITS, shift))
    set_ends(p, s, shift)
    for i in range(n):
        visit = at(s, TRIAL, i)
        if at(p, NEED_PTR, visit) < at(p, NEED_PTR, visit + 1):
            return evaluate_with_parts(t, p, s, shift, n)
    copy(s, STOPS, 0, TRIAL, 0, n)
    return walk(t, p, s, shift, n)


@inlined
def next_detour(t, p, s, depot, last, length, position):
    """The least detour to a depot before one of the visits up to ``last`` that is longer than
    the given one: (seconds more travel, position), or (FOREVER_S, -1)."""
    by = at(p, DEPOT_LOCATION, depot)
    best_length = FOREVER_S
    best = NONE
    place = s[FROM_PLACE]
    for i in range(last + 1):
        site = at(p, VISIT_LOCATION, at(s, TRIAL, i))
        more_s = drive_s(t, place, by) + drive_s(t, by, site) - drive_s(t, place, site)
        place = site
        after = more_s > length or (more_s == length and i < position)
        # of equal ones the latest first: what is picked up late may still arrive
        if after and (more_s < best_length or (more_s == best_length and i > best)):
            best_length = more_s
            best = i
    return best_length, best


@inlined
def evaluate_with_parts(t, p, s, shift, n):
    s[NOT_BASE] = 0
    code = evaluate_pickups(t, p, s, shift, n)
    if code == TOOL:  # the base may have lent what another station still has
        s[NOT_BASE] = 1
        code = evaluate_pickups(t, p, s, shift, n)
    return code


@inner
def evaluate_pickups(t, p, s, shift, n):
    technician = at(p, SHIFT_TECHNICIAN, shift)
    uses_base, missing_at = allocate(p, s, shift, n)
    if missing_at < 0:
        give_back(p, s, technician, ZERO)
        return fail(s, PARTS, 1)
    if missing_at == n:
        code = walk(t, p, s, shift, lay_stops(p, s, shift, uses_base, -1, n))
        give_back(p, s, technician, ZERO)
        return unless_lent(p, s, shift, code)
    # something is missing: one detour, to the depot and by the way that cost least
    s[ASKED] = ASKED_ALL
    served = s[N_TAKES]
    s[SERVED] = served
    code = PARTS
    amount = ZERO
    for m in range(s[N_MISSING]):
        amount += at(s, MISSING, 2 * m + 1)
    best_depot = NONE
    best_at = NONE
    best_cost = PROHIBITIVE
    last = -1  # the depot of the last walk, if that is the best
    n_takes = served
    for depot in range(p[N_DEPOTS]):
        if not has_missing(p, s, depot) or too_far(t, p, s, shift, depot, missing_at):
            continue
        length = -FOREVER_S
        position = NONE
        for _ in range(DETOUR_TRIES):
            length, position = next_detour(t, p, s, depot, missing_at, length, position)
            if position < 0:
                break
            one_stop = at_base_first(p, s, shift, depot, position)
            k = lay_stops(p, s, shift, uses_base and not one_stop, depot, position)
            tried = walk(t, p, s, shift, k)
            cost = s[RESULT + COST] + move_fen(p, s, shift)
            give_back(p, s, technician, served)
            tried = unless_lent(p, s, shift, tried)
            n_takes = s[N_TAKES]
            s[N_TAKES] = served
            last = NONE
            if tried == OK:
                if cost < best_cost:
                    best_cost = cost
                    best_depot = depot
                    best_at = position
                    last = depot
                if s[THOROUGH] == 0:
                    break  # the least detour will do
            if code == PARTS or s[RESULT + AMOUNT] < amount:
                code = tried
                amount = s[RESULT + AMOUNT]
    if best_depot < 0:
        give_back(p, s, technician, ZERO)
        return fail(s, code, amount)
    if last == best_depot:  # it is what was walked last, and given back
        s[N_TAKES] = served
        give_back(p, s, technician, ZERO)
        s[N_TAKES] = n_takes
    else:
        one_stop = at_base_first(p, s, shift, best_depot, best_at)
        k = lay_stops(p, s, shift, uses_base and not one_stop, best_depot, best_at)
        walk(t, p, s, shift, k)
        give_back(p, s, technician, ZERO)
    s[RESULT + COST] = best_cost
    return OK


@inner
def unless_lent(p, s, shift, code):
    """The code of a walk, or TOOL if a station does not have the tools that it borrows."""
    if code == OK:
        short = too_many_lent(p, s, shift)
        if short > 0:
            return fail(s, TOOL, short)
    return code


# --- routes that move others --------------------------------------------------------------------
#
# Visits that wait for others (crews, links) and nights away make the times of several routes
# depend on each other. A trial of one route then walks the others that it moves, again and again
# until nothing moves: the least solution of all waits. SIDE holds how those routes come out, LOG
# how the tied visits were before.


@leaf(INT, ARRAY, INT, INT)
def field(s, shift, k):
    """What is known of a route, as the trial makes it."""
    if shift == s[TRIAL_SHIFT]:
        return s[RESULT + k]
    if s[N_SIDE] > 0 and at(s, SIDE_PLACE, shift) > 0:
        return at(s, SIDE_RESULT, (at(s, SIDE_PLACE, shift) - 1) * ROUTE_FIELDS + k)
    return at(s, ROUTE, shift * ROUTE_FIELDS + k)


@inner
def fits_technician(p, s, shift):
    """Rest to the technician's neighbouring routes, and overtime over the horizon."""
    if at(p, SHIFT_ALONE, shift) or length_of(s, shift) == 0:
        return OK
    technician = at(p, SHIFT_TECHNICIAN, shift)
    rest = at(p, TECHNICIAN_REST_S, technician)
    first = at(p, TECHNICIAN_PTR, technician)
    end = at(p, TECHNICIAN_PTR, technician + 1)
    for other in range(shift - 1, first - 1, -1):
        if length_of(s, other) > 0:
            short = field(s, other, FINISH) + rest - field(s, shift, DEPART)
            if short > 0:
                return fail(s, REST, short)
            break
    for other in range(shift + 1, end):
        if length_of(s, other) > 0:
            short = field(s, shift, FINISH) + rest - field(s, other, DEPART)
            if short > 0:
                return fail(s, REST, short)
            break
    if field(s, shift, OVERTIME_S) > 0:
        total = ZERO
        for other in range(first, end):
            if length_of(s, other) > 0:
                total += field(s, other, OVERTIME_S)
        allowed = at(p, TECHNICIAN_MAX_OVERTIME_S, technician)
        if total > allowed:
            return fail(s, OVERTIME, total - allowed)
    return OK


@inner
def too_many_nights(p, s, shift):
    """By how many the nights away in a row exceed what the technician may."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    nights = ZERO
    for other in range(at(p, TECHNICIAN_PTR, technician), at(p, TECHNICIAN_PTR, technician + 1)):
        nights = nights + 1 if stays(p, s, other) else 0
        if nights > at(p, TECHNICIAN_MAX_NIGHTS, technician):
            return nights - at(p, TECHNICIAN_MAX_NIGHTS, technician)
    return 0


@inner
def is_coupled(p, s, shift, visit):
    """Whether other routes may move if the route of a shift changes or gets a visit."""
    if p[N_TIES] > 0:
        if visit >= 0 and at(p, VISIT_TIED, visit):
            return True
        for i in range(at(s, LENGTH, shift)):
            if at(p, VISIT_TIED, sequence_at(s, shift, i)):
                return True
    if p[N_STAYS] > 0:
        if at(s, AWAY, shift):
            return True
        return is_next(p, shift - 1, shift) and at(s, AWAY, shift - 1) > 0
    return False


@leaf("void", ARRAY, INT)
def enqueue(s, shift):
    if at(s, IN_QUEUE, shift):
        return
    put(s, IN_QUEUE, shift, 1)
    put(s, QUEUE, s[HEAD] + s[N_QUEUE], shift)
    s[N_QUEUE] += 1


@leaf("void", ARRAY, INT)
def log(s, visit):
    """Keep a tied visit as it was before the trial."""
    if at(s, IS_LOGGED, visit):
        return
    put(s, IS_LOGGED, visit, 1)
    put(s, LOG, s[N_LOG], visit)
    put(s, LOG_START, s[N_LOG], at(s, START, visit))
    put(s, LOG_RELEASE, s[N_LOG], at(s, RELEASE, visit))
    s[N_LOG] += 1


@leaf("void", ARRAY, ARRAY, INT)
def enqueue_partners(p, s, visit):
    """Enqueue the routes of the planned visits that a visit is tied to."""
    for k in range(at(p, TIE_PTR, visit), at(p, TIE_PTR, visit + 1)):
        shift = at(s, VISIT_SHIFT, at(p, TIE_VISIT, k))
        if shift >= 0:
            enqueue(s, shift)
    for k in range(at(p, FOLLOWER_PTR, visit), at(p, FOLLOWER_PTR, visit + 1)):
        shift = at(s, VISIT_SHIFT, at(p, FOLLOWER, k))
        if shift >= 0:
            enqueue(s, shift)


@inner
def enqueue_component(p, s, shift):
    """Enqueue the route of a shift and all that are tied to it, over others too."""
    enqueue(s, shift)
    k = ZERO
    while k < s[N_QUEUE]:
        route = at(s, QUEUE, s[HEAD] + k)
        for i in range(at(s, LENGTH, route)):
            visit = sequence_at(s, route, i)
            if at(p, VISIT_TIED, visit):
                enqueue_partners(p, s, visit)
        if route == s[TRIAL_SHIFT]:
            for i in range(s[N_TRIAL]):
                if at(p, VISIT_TIED, at(s, TRIAL, i)):
                    enqueue_partners(p, s, at(s, TRIAL, i))
        if p[N_STAYS] > 0:
            if at(s, AWAY, route) and is_next(p, route, route + 1):
                enqueue(s, route + 1)
            if is_next(p, route - 1, route) and at(s, AWAY, route - 1):
                enqueue(s, route - 1)
        k += 1


@inner
def forget_waits(p, s):
    """Let no tied visit of the routes in the queue wait, so that waits can be derived anew."""
    for k in range(s[N_QUEUE]):
        route = at(s, QUEUE, s[HEAD] + k)
        for i in range(length_of(s, route)):
            on_trial = route == s[TRIAL_SHIFT]
            visit = at(s, TRIAL, i) if on_trial else sequence_at(s, route, i)
            if at(p, VISIT_TIED, visit):
                log(s, visit)
                put(s, START, visit, -FOREVER_S)
                put(s, RELEASE, visit, at(p, VISIT_RELEASE_S, visit))


@inner
def await_partners(p, s, visit):
    """Let a visit that is not planned yet wait for the planned ones that it is tied to."""
    log(s, visit)
    release_s = at(p, VISIT_RELEASE_S, visit)
    for k in range(at(p, TIE_PTR, visit), at(p, TIE_PTR, visit + 1)):
        other = at(p, TIE_VISIT, k)
        if at(s, VISIT_SHIFT, other) >= 0:
            release_s = max(release_s, at(s, START, other) + at(p, TIE_LAG_S, k))
    put(s, RELEASE, visit, release_s)
    put(s, START, visit, -FOREVER_S)


@inlined
def enqueue_nights(p, s, shift):
    """Enqueue the shifts before and after, if the trial changes where they end or begin."""
    was = at(s, LENGTH, shift)
    n = s[N_TRIAL]
    leaves = is_next(p, shift - 1, shift) and at(s, AWAY, shift - 1) and (was > 0) != (n > 0)
    if leaves and at(s, LENGTH, shift - 1) > 0:
        enqueue(s, shift - 1)
    if at(s, AWAY, shift) and is_next(p, shift, shift + 1) and at(s, LENGTH, shift + 1) > 0:
        enqueue(s, shift + 1)


@inner
def walk_present(t, p, s, shift):
    """Walk the present route of a shift: STOPS, its times and RESULT tell about it."""
    n = at(s, LENGTH, shift)
    trial_takes = s[N_TAKES]
    missing = s[N_MISSING]
    s[WALKED] = -1
    s[TAKES_AT] = s[TAKES] + shift * MAX_TAKES * TAKE_FIELDS
    s[N_TAKES] = at(s, TAKEN, shift)
    s[SETTLED] = 1
    pick_before = at(s, ROUTE, shift * ROUTE_FIELDS + PICK_BEFORE)
    k = ZERO
    depot = NONE
    for i in range(s[N_TAKES]):
        take = s[TAKES_AT] + i * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_BASE and k == 0:
            put(s, STOPS, 0, -1 - at(p, SHIFT_DEPOT, shift))
            k = 1
        elif s[take + TAKE_KIND] == FROM_DETOUR:
            depot = depot_of(p, s[take + TAKE_SUPPLY])
    for i in range(n):
        visit = sequence_at(s, shift, i)
        if depot >= 0 and visit == pick_before:
            put(s, STOPS, k, -1 - depot)
            k += 1
        put(s, STOPS, k, visit)
        k += 1
    set_ends(p, s, shift)
    code = walk(t, p, s, shift, k)
    s[RESULT + COST] += move_fen(p, s, shift)
    s[RESULT + PICK_BEFORE] = pick_before
    s[SETTLED] = 0
    s[TAKES_AT] = s[TAKE]
    s[N_TAKES] = trial_takes
    s[N_MISSING] = missing
    return code


@inlined
def keep_side(s, shift):
    """Keep the walked route of a shift as one that the trial moves."""
    place = at(s, SIDE_PLACE, shift)
    if place == 0:
        put(s, SIDE, s[N_SIDE], shift)
        s[N_SIDE] += 1
        place = s[N_SIDE]
        put(s, SIDE_PLACE, shift, place)
    for k in range(ROUTE_FIELDS):
        put(s, SIDE_RESULT, (place - 1) * ROUTE_FIELDS + k, s[RESULT + k])


@inlined
def note_starts(p, s):
    """Note when the tied visits of the walked route start."""
    for i in range(s[N_STOPS]):
        visit = at(s, STOPS, i)
        if visit < 0 or not at(p, VISIT_TIED, visit):
            continue
        start_s = at(s, STOP_START_S, i)
        was_s = at(s, START, visit)
        if start_s != was_s:
            log(s, visit)
            put(s, START, visit, start_s)
            put(s, MOVED, s[N_MOVED], visit if start_s > was_s else -1 - visit)
            s[N_MOVED] += 1


@leaf("void", ARRAY, INT, INT)
def wait_until(s, visit, until_s):
    """Let a planned visit that starts sooner wait, and enqueue its route."""
    if at(s, VISIT_SHIFT, visit) >= 0 and at(s, START, visit) < until_s:
        log(s, visit)
        put(s, RELEASE, visit, max(until_s, at(s, RELEASE, visit)))
        enqueue(s, at(s, VISIT_SHIFT, visit))


@inlined
def await_moved(p, s):
    """Let all wait that are tied to what the last round moved, and what it moved too far back."""
    for i in range(s[N_MOVED]):
        moved = at(s, MOVED, i)
        visit = moved if moved >= 0 else -1 - moved
        start_s = at(s, START, visit)
        for k in range(at(p, FOLLOWER_PTR, visit), at(p, FOLLOWER_PTR, visit + 1)):
            wait_until(s, at(p, FOLLOWER, k), start_s + at(p, FOLLOWER_LAG_S, k))
        if moved >= 0:
            continue
        for k in range(at(p, TIE_PTR, visit), at(p, TIE_PTR, visit + 1)):
            other = at(p, TIE_VISIT, k)
            if at(s, VISIT_SHIFT, other) >= 0:
                wait_until(s, visit, at(s, START, other) + at(p, TIE_LAG_S, k))
    s[N_MOVED] = 0


@inner
def settle(t, p, s, shift, n):
    """Walk the enqueued routes until nothing moves any more. The trial is for ``shift`` (-1: there
    is none). Returns OK, or what forbids one of the routes.

    In rounds, as the referee does: where a break may be taken now or later, waits may settle in two
    ways, and the order of the routes would decide.
    """
    code = OK
    left = 24 + 6 * s[N_QUEUE]
    s[N_MOVED] = 0
    while s[N_QUEUE] > 0 and code == OK:
        for _ in range(s[N_QUEUE]):
            route = at(s, QUEUE, s[HEAD])
            s[HEAD] += 1
            s[N_QUEUE] -= 1
            put(s, IN_QUEUE, route, 0)
            left -= 1
            if left < 0:
                code = fail(s, ORDER_CODE, 1)  # they wait in a circle
            elif route == shift:
                code = evaluate(t, p, s, shift, n)
                for k in range(ROUTE_FIELDS):
                    s[SAVED + k] = s[RESULT + k]
            elif at(s, LENGTH, route) > 0:
                code = walk_present(t, p, s, route)
                keep_side(s, route)
            else:
                continue
            if code != OK:
                break
            note_starts(p, s)
        if s[HEAD] >= p[N_SHIFTS]:
            copy(s, QUEUE, 0, QUEUE, s[HEAD], s[N_QUEUE])
            s[HEAD] = 0
        if code == OK:
            await_moved(p, s)
    while s[N_QUEUE] > 0:
        put(s, IN_QUEUE, at(s, QUEUE, s[HEAD] + s[N_QUEUE] - 1), 0)
        s[N_QUEUE] -= 1
    s[HEAD] = 0
    return code


@inner
def evaluate_all(t, p, s, shift, n, anew):
    """Evaluate TRIAL[:n] as the route of a shift together with the routes that it moves.

    ``anew`` derives all their waits from nothing; else they only grow. End it by take_back or by
    replace, which keeps what it found.
    """
    s[N_TRIAL] = n
    s[TRIAL_SHIFT] = shift
    if anew:
        enqueue_component(p, s, shift)
        forget_waits(p, s)
    else:
        enqueue(s, shift)
        if p[N_STAYS] > 0:
            enqueue_nights(p, s, shift)
        for i in range(n):
            visit = at(s, TRIAL, i)
            leader = at(p, VISIT_LEADER, visit)
            if leader != visit and at(p, VISIT_TOLD, leader) and at(s, VISIT_SHIFT, leader) >= 0:
                enqueue(s, at(s, VISIT_SHIFT, leader))  # the price of a change depends on us
    return settle_all(t, p, s, shift, n)


@inner
def settle_all(t, p, s, shift, n):
    """settle, and what else the routes that it walks have to obey."""
    code = settle(t, p, s, shift, n)
    if code != OK:
        return code
    for k in range(ROUTE_FIELDS):
        s[RESULT + k] = s[SAVED + k]
    code = fits_technician(p, s, shift)
    for i in range(s[N_SIDE]):
        if code != OK:
            break
        side = at(s, SIDE, i)
        code = fits_technician(p, s, side)
        if code == OK and too_many_lent(p, s, side) > 0:
            code = fail(s, TOOL, 1)
    if code == OK and p[N_STAYS] > 0:
        nights = too_many_nights(p, s, shift)
        if nights > 0:
            code = fail(s, AWAY_CODE, nights)
    return code


@inner
def take_back(s):
    """End a trial: everything that it moved is as before."""
    for k in range(s[N_LOG]):
        visit = at(s, LOG, k)
        put(s, START, visit, at(s, LOG_START, k))
        put(s, RELEASE, visit, at(s, LOG_RELEASE, k))
        put(s, IS_LOGGED, visit, 0)
    for k in range(s[N_SIDE]):
        put(s, SIDE_PLACE, at(s, SIDE, k), 0)
    s[N_LOG] = 0
    s[N_SIDE] = 0
    s[TRIAL_SHIFT] = -1


@inner
def unfair_fen(p, technician, paid_s):
    return max(0, paid_s - at(p, TECHNICIAN_FAIR_S, technician)) * p[UNFAIR_FEN_PER_H] // 3600


@inlined
def worst_fen(p, s):
    """How the trial changes the price of the worst lateness."""
    before_s = ZERO
    after_s = ZERO
    for shift in range(p[N_SHIFTS]):
        if at(s, LENGTH, shift) > 0:
            before_s = max(before_s, at(s, ROUTE, shift * ROUTE_FIELDS + WORST_S))
        if length_of(s, shift) > 0:
            after_s = max(after_s, field(s, shift, WORST_S))
    price = p[WORST_LATE_FEN_PER_H]
    return after_s * price // 3600 - before_s * price // 3600


@inner
def added_cost(p, s):
    """What the evaluated trial, with the routes that it moves, costs more than the present."""
    shift = s[TRIAL_SHIFT]
    technician = at(p, SHIFT_TECHNICIAN, shift)
    route = s[ROUTE] + shift * ROUTE_FIELDS
    delta = s[RESULT + COST] - s[route + COST]
    paid_s = at(s, TECHNICIAN_PAID_S, technician)
    new_paid_s = paid_s - s[route + PAID] + s[RESULT + PAID]
    for i in range(s[N_SIDE]):
        side = at(s, SIDE, i)
        row = side * ROUTE_FIELDS
        delta += field(s, side, COST) - at(s, ROUTE, row + COST)
        more_s = field(s, side, PAID) - at(s, ROUTE, row + PAID)
        if at(p, SHIFT_TECHNICIAN, side) == technician:
            new_paid_s += more_s
        elif more_s != 0:
            delta += side_unfair_fen(p, s, i)
    if new_paid_s != paid_s:
        delta += unfair_fen(p, technician, new_paid_s) - unfair_fen(p, technician, paid_s)
    if p[WORST_LATE_FEN_PER_H] > 0:
        delta += worst_fen(p, s)
    return delta


@inlined
def side_unfair_fen(p, s, i):
    """The change of a technician's unfair load, counted at the first moved route of his."""
    technician = at(p, SHIFT_TECHNICIAN, at(s, SIDE, i))
    paid_s = at(s, TECHNICIAN_PAID_S, technician)
    new_paid_s = paid_s
    for j in range(s[N_SIDE]):
        side = at(s, SIDE, j)
        if at(p, SHIFT_TECHNICIAN, side) == technician:
            more_s = field(s, side, PAID) - at(s, ROUTE, side * ROUTE_FIELDS + PAID)
            if j < i and more_s != 0:
                return 0
            new_paid_s += more_s
    return unfair_fen(p, technician, new_paid_s) - unfair_fen(p, technician, paid_s)


# --- changing routes ----------------------------------------------------------------------------


@leaf("void", ARRAY, ARRAY, INT, INT)
def lift(p, s, shift, sign):
    """Give the stock that a route takes back (sign -1), or take it again (+1)."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    for i in range(at(s, TAKEN, shift)):
        use_stock(p, s, technician, s[TAKES] + (shift * MAX_TAKES + i) * TAKE_FIELDS, sign)


@leaf("void", ARRAY, INT, INT, INT, INT, INT, INT, INT, INT, INT)
def copy_route(
    s, to_sequence, to_length, to_takes, to_taken, sequence, length, takes, taken, shift
):
    """Copy one route's visits and takes between sections."""
    n = at(s, length, shift)
    k = at(s, taken, shift)
    row = shift * s[MOST_VISITS]
    first = shift * MAX_TAKES * TAKE_FIELDS
    copy(s, to_sequence, row, sequence, row, n)
    copy(s, to_takes, first, takes, first, k * TAKE_FIELDS)
    put(s, to_length, shift, n)
    put(s, to_taken, shift, k)


@inner
def remember(s, shift, how):
    """Keep a route as it was before this iteration first changed it or its version."""
    if at(s, IS_TOUCHED, shift) == 0:
        put(s, TOUCHED, s[N_TOUCHED], shift)
        s[N_TOUCHED] += 1
        copy_route(
            s, OLD_SEQUENCE, OLD_LENGTH, OLD_TAKES, OLD_TAKEN,
            SEQUENCE, LENGTH, TAKES, TAKEN, shift,
        )  # fmt: skip
        copy(s, OLD_ROUTE, shift * ROUTE_FIELDS, ROUTE, shift * ROUTE_FIELDS, ROUTE_FIELDS)
        put(s, OLD_AWAY, shift, at(s, AWAY, shift))
        put(s, OLD_VERSION, shift, at(s, VERSION, shift))
    put(s, IS_TOUCHED, shift, max(how, at(s, IS_TOUCHED, shift)))


@leaf(INT, ARRAY)
def new_version(s):
    s[NEXT_VERSION] += 1
    return s[NEXT_VERSION] - 1


@inlined
def takes_differ(s, shift):
    """Whether the trial takes other parts than the present route of the shift."""
    k = s[N_TAKES]
    if k != at(s, TAKEN, shift):
        return True
    now = s[TAKES] + shift * MAX_TAKES * TAKE_FIELDS
    for i in range(k * TAKE_FIELDS):
        if s[now + i] != at(s, TAKE, i):
            return True
    return False


@inlined
def take_parts(p, s, shift):
    """Make the trial's takes those of the shift, and renew the versions of the depots involved."""
    renew_depots(p, s, shift)
    lift(p, s, shift, -1)
    copy(s, TAKES, shift * MAX_TAKES * TAKE_FIELDS, TAKE, 0, s[N_TAKES] * TAKE_FIELDS)
    put(s, TAKEN, shift, s[N_TAKES])
    lift(p, s, shift, 1)
    renew_depots(p, s, shift)


@inner
def renew_depots(p, s, shift):
    """New versions for the depots that a route takes parts from."""
    for i in range(at(s, TAKEN, shift)):
        take = s[TAKES] + (shift * MAX_TAKES + i) * TAKE_FIELDS
        if s[take + TAKE_KIND] != FROM_VAN:
            s[SHARED_VERSION] = new_version(s)
            put(s, DEPOT_VERSION, depot_of(p, s[take + TAKE_SUPPLY]), s[SHARED_VERSION])


@inner
def depot_of(p, supply):
    """The depot of a supply."""
    depot = ZERO
    while supply >= at(p, SUPPLY_PTR, (depot + 1) * p[N_PARTS]):
        depot += 1
    return depot


@leaf("uint64", "uint64", INT)
def mixed(h, value):
    """A hash of what was hashed before and one number more (splitmix64's steps)."""
    h = (h ^ np.uint64(value)) + GOLDEN
    h = (h ^ (h >> np.uint64(30))) * MIX_1
    h = (h ^ (h >> np.uint64(27))) * MIX_2
    return h ^ (h >> np.uint64(31))


@inner
def content(p, s, shift):
    """A number that stands for the visits and takes of a route, and no others; 0 if that is not
    all that insertions into it depend on."""
    h = mixed(np.uint64(0), at(s, LENGTH, shift) * p[N_SHIFTS] + shift)
    for i in range(at(s, LENGTH, shift)):
        visit = sequence_at(s, shift, i)
        if at(p, VISIT_TIED, visit):
            return ZERO
        h += mixed(np.uint64(0), i * p[N_VISITS] + visit)  # a chain would take four times as long
    first = s[TAKES] + shift * MAX_TAKES * TAKE_FIELDS
    for i in range(at(s, TAKEN, shift) * TAKE_FIELDS):
        h = mixed(h, s[first + i])
    h = mixed(h, at(s, ROUTE, shift * ROUTE_FIELDS + PICK_BEFORE))
    return np.int64(h >> np.uint64(2)) | CONTENT


@inner
def renew(p, s, shift):
    """New versions for a changed route, and for the technician's others that depend on it.

    The same routes get the same versions again, unless they depend on more than what is in them.
    """
    technician = at(p, SHIFT_TECHNICIAN, shift)
    first = at(p, TECHNICIAN_PTR, technician)
    end = at(p, TECHNICIAN_PTR, technician + 1)
    if at(p, SHIFT_ALONE, shift):
        first = shift
        end = shift + 1
    h = np.uint64(0)
    for other in range(first, end):
        c = content(p, s, other)
        if c == 0 or p[N_STAYS] > 0:
            h = np.uint64(0)
            break
        h = mixed(h, c)
    for other in range(first, end):
        remember(s, other, VERSION_ONLY)
        if h == np.uint64(0):
            put(s, VERSION, other, new_version(s))
        else:
            put(s, VERSION, other, np.int64(mixed(h, other) >> np.uint64(2)) | CONTENT)


@inner
def set_route(p, s, shift, result):
    """Note what is known of a changed route (it stands at ``result`` in s)."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    route = s[ROUTE] + shift * ROUTE_FIELDS
    add(s, TECHNICIAN_PAID_S, technician, s[result + PAID] - s[route + PAID])
    for k in range(ROUTE_FIELDS):
        s[route + k] = s[result + k]


@inner
def replace(p, s, shift, n):
    """Make the evaluated TRIAL[:n] the route of the shift, and move the routes that it moves."""
    s[TOTAL] += added_cost(p, s)
    remember(s, shift, ROUTE_TOO)
    alone = s[N_SIDE] == 0 and s[N_LOG] == 0
    for i in range(s[N_SIDE]):
        side = at(s, SIDE, i)
        remember(s, side, ROUTE_TOO)
        set_route(p, s, side, s[SIDE_RESULT] + i * ROUTE_FIELDS)
        put(s, SIDE_PLACE, side, 0)
        renew(p, s, side)
    for k in range(s[N_LOG]):
        visit = at(s, LOG, k)
        put(s, IS_LOGGED, visit, 0)
        if at(s, CHANGED_AT, visit) != s[N_ITERATION]:
            put(s, CHANGED_AT, visit, s[N_ITERATION])
            put(s, CHANGED, s[N_CHANGED], visit)
            put(s, OLD_START, visit, at(s, LOG_START, k))
            put(s, OLD_RELEASE, visit, at(s, LOG_RELEASE, k))
            s[N_CHANGED] += 1
    if s[N_SIDE] > 0 or s[N_LOG] > 0 or p[N_STAYS] > 0:
        s[SHARED_VERSION] = new_version(s)
    s[N_SIDE] = 0
    s[N_LOG] = 0
    if takes_differ(s, shift):
        take_parts(p, s, shift)
    set_route(p, s, shift, RESULT)
    copy(s, SEQUENCE, shift * s[MOST_VISITS], TRIAL, 0, n)
    put(s, LENGTH, shift, n)
    renew(p, s, shift)
    if alone:  # nothing else was walked since
        s[WALKED] = at(s, VERSION, shift)
    s[TRIAL_SHIFT] = -1


@inner
def to_bank(p, s, visit):
    put(s, VISIT_SHIFT, visit, -1)
    put(s, VISIT_CANDIDATE, visit, -1)
    put(s, BANK, s[N_BANK], visit)
    s[N_BANK] += 1
    s[TOTAL] += at(p, VISIT_UNASSIGNED_FEN, visit)


@inner
def position_of(s, shift, visit):
    i = ZERO
    while sequence_at(s, shift, i) != visit:
        i += 1
    return i


@inner
def take_out(t, p, s, shift, position, count):
    """Take ``count`` visits from a position on out of a route.

    If the rest is no legal route (a break may fall badly, a pin may lose its predecessor), the
    whole route goes; if even then a route that waited for it is none, all those go too.
    """
    coupled = is_coupled(p, s, shift, -1)
    length = at(s, LENGTH, shift)
    n = ZERO
    for i in range(length):
        visit = sequence_at(s, shift, i)
        if position <= i < position + count:
            to_bank(p, s, visit)
        else:
            put(s, TRIAL, n, visit)
            n += 1
    code = retry_without(t, p, s, shift, n, coupled)
    if code != OK and n > 0:
        for i in range(n):
            to_bank(p, s, at(s, TRIAL, i))
        n = ZERO
        code = retry_without(t, p, s, shift, n, coupled)
    if code == OK:
        replace(p, s, shift, n)
    else:
        empty_component(p, s, shift)


@inner
def retry_without(t, p, s, shift, n, coupled):
    """Evaluate what is left of a route; ends the trial unless it is legal."""
    lift(p, s, shift, -1)
    if coupled:
        code = evaluate_all(t, p, s, shift, n, YES)
    else:
        code = evaluate(t, p, s, shift, n)
        if code == OK:
            code = fits_technician(p, s, shift)
    lift(p, s, shift, 1)
    if code != OK:
        take_back(s)
    return code


@inlined
def empty_component(p, s, shift):
    """Take every visit out of a route and of all that are tied to it. Those of the route itself
    are in the bank already."""
    enqueue_component(p, s, shift)
    while s[N_QUEUE] > 0:
        s[N_QUEUE] -= 1
        route = at(s, QUEUE, s[HEAD] + s[N_QUEUE])
        put(s, IN_QUEUE, route, 0)
        for i in range(at(s, LENGTH, route)):
            if at(s, VISIT_SHIFT, sequence_at(s, route, i)) >= 0:
                to_bank(p, s, sequence_at(s, route, i))
        s[N_TRIAL] = 0
        s[N_TAKES] = 0
        s[TRIAL_SHIFT] = route
        for k in range(ROUTE_FIELDS):
            s[RESULT + k] = 0
        replace(p, s, route, ZERO)


@leaf(INT, ARRAY, INT, INT, INT)
def lay_trial(s, shift, visit, position):
    """Write the shift's route with a visit put in at a position to TRIAL; returns its length."""
    n = at(s, LENGTH, shift)
    row = shift * s[MOST_VISITS]
    copy(s, TRIAL, 0, SEQUENCE, row, position)
    put(s, TRIAL, position, visit)
    copy(s, TRIAL, position + 1, SEQUENCE, row + position, n - position)
    return n + 1


# --- where to insert ----------------------------------------------------------------------------
#
# A visit between two others of a route costs at least what follows from the time at which the
# technician is free before the gap and from what the rest of the route allows after it: the
# route's profile. Only gaps that may be the best are walked; in a plain route none is.


@inner
def profile(t, p, s, shift):
    """Bring the profile of a route up to date."""
    if at(s, PROFILE_VERSION, shift) == at(s, VERSION, shift):
        return
    put(s, PROFILE_VERSION, shift, at(s, VERSION, shift))
    row = shift * (s[MOST_VISITS] + 1)
    n = at(s, LENGTH, shift)
    start_s = at(p, SHIFT_START_S, shift)
    plain = at(p, BREAK_PTR, shift) == at(p, BREAK_PTR, shift + 1) and at(p, SHIFT_ALONE, shift)
    if n == 0:
        s[N_TRIAL] = 0
        s[TRIAL_SHIFT] = -1
        s[N_STOPS] = 0
        s[WALKED] = -1
        set_ends_of_first(p, s, shift)
        plain = plain and s[TO_PLACE] >= 0
    else:
        if s[WALKED] != at(s, VERSION, shift):
            walk_present(t, p, s, shift)
        if s[TO_PLACE] != at(p, SHIFT_LOCATION, shift):
            plain = False
    put(s, PICK_GAP, shift, -1)
    # before the gaps
    place = s[FROM_PLACE]
    ready = leave = start_s
    busy = ZERO
    latest = FOREVER_S
    gap = ZERO
    for i in range(s[N_STOPS] + 1):
        home = i == s[N_STOPS]
        stop = -1 if home else at(s, STOPS, i)
        if stop >= 0 or home:
            put(s, PRE_PLACE, row + gap, place)
            put(s, PRE_READY, row + gap, ready)
            put(s, PRE_LEAVE, row + gap, leave)
            put(s, PRE_BUSY, row + gap, busy)
            put(s, PRE_LATEST, row + gap, latest)
            gap += 1
        if home:
            break
        to = at(p, VISIT_LOCATION, stop) if stop >= 0 else at(p, DEPOT_LOCATION, -1 - stop)
        busy += drive_s(t, place, to)
        if stop >= 0:
            latest = min(latest, closing(p, stop, at(s, STOP_START_S, i)) - busy)
            busy += at(p, VISIT_SERVICE_S, stop) + at(p, VISIT_RUN_IN_S, stop)
        else:
            busy += at(p, DEPOT_PICKUP_S, -1 - stop)
            put(s, PICK_GAP, shift, gap)  # a later one, by a detour, counts
            if at(s, STOP_START_S, i) > leave + drive_s(t, place, to):
                plain = False  # waits for a delivery
        place = to
        ready = at(s, STOP_READY_S, i)
        leave = at(s, STOP_LEAVE_S, i)
    # after the gaps
    place = s[TO_PLACE]
    latest = at(p, SHIFT_LIMIT_S, shift)
    on_time = latest
    busy = ZERO
    finish = start_s
    gap = n
    for k in range(s[N_STOPS] + 1):
        i = s[N_STOPS] - k
        stop = NONE
        if k > 0:
            stop = at(s, STOPS, i)
            to = at(p, VISIT_LOCATION, stop) if stop >= 0 else at(p, DEPOT_LOCATION, -1 - stop)
            travel_s = drive_s(t, to, place) if place >= 0 else 0
            if stop >= 0:
                run_in_s = at(p, VISIT_RUN_IN_S, stop)
                if run_in_s > 0 or at(p, VISIT_TIED, stop):
                    plain = False
                stay = at(p, VISIT_SERVICE_S, stop) + (run_in_s if to != place else 0)
                travel_s += stay
                windows = at(p, WINDOW_PTR, stop + 1) - at(p, WINDOW_PTR, stop)
                last_s = at(p, CANDIDATE_LATEST_S, at(s, VISIT_CANDIDATE, stop))
                if windows > 0:
                    w = at(p, WINDOW_PTR, stop + 1) - 1
                    last_s = min(last_s, at(p, WINDOW_CLOSE_S, w))
                if windows > 1:
                    plain = False
                latest = min(latest - travel_s, last_s)
                on_time = min(on_time - travel_s, last_s)
                if start_costs(p, stop):
                    on_time = min(on_time, unpunished_start(p, stop, at(s, STOP_START_S, i)))
                opens_s = at(s, RELEASE, stop)
                if windows > 0:
                    opens_s = max(opens_s, at(p, WINDOW_OPEN_S, at(p, WINDOW_PTR, stop)))
                busy += travel_s
                finish = max(finish, opens_s + busy)
            else:
                travel_s += at(p, DEPOT_PICKUP_S, -1 - stop)
                latest -= travel_s
                on_time -= travel_s
                busy += travel_s
            place = to
        if stop >= 0 or k == 0:
            put(s, NEXT_PLACE, row + gap, place)
            put(s, SUF_LATEST, row + gap, latest)
            put(s, SUF_ON_TIME, row + gap, on_time)
            put(s, SUF_BUSY, row + gap, busy)
            put(s, SUF_FINISH, row + gap, finish)
            come_s = at(s, PRE_LEAVE, row + gap)
            if place >= 0:
                come_s += drive_s(t, at(s, PRE_PLACE, row + gap), place)
            put(s, NOW_FINISH, row + gap, max(come_s + busy, finish))
            gap -= 1
    put(s, PLAIN, shift, plain)


@inner
def unpunished_start(p, visit, start_s):
    """The latest start that costs no more than the present one."""
    if at(p, VISIT_TOLD, visit):
        return start_s
    latest_s = FOREVER_S
    for c in range(at(p, CLOCK_PTR, visit), at(p, CLOCK_PTR, visit + 1)):
        due_s = at(p, CLOCK_DUE_S, c)
        if at(p, CLOCK_AT_END, c):
            due_s -= at(p, VISIT_SERVICE_S, visit)
        latest_s = min(latest_s, max(due_s, start_s))
    return latest_s


@inner
def van_covers(p, s, shift, visit):
    """Whether the van has enough left for all that a visit needs."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    for need in range(at(p, NEED_PTR, visit), at(p, NEED_PTR, visit + 1)):
        left = at(p, NEED_QUANTITY, need)
        for a in range(at(p, NEED_ALTERNATIVE_PTR, need), at(p, NEED_ALTERNATIVE_PTR, need + 1)):
            part = at(p, NEED_ALTERNATIVE, a)
            van = technician * p[N_PARTS] + part
            left -= at(p, VAN_STOCK, van)
            if not at(p, PART_IS_TOOL, part):
                left += at(s, VAN_USED, van)
        if left > 0:
            return False
    return True


@inlined
def only_depot(p, s, visit):
    """The depot that could serve a visit by itself if it is the only one, else -1."""
    found = NONE
    for depot in range(p[N_DEPOTS]):
        if could_serve(p, s, depot, visit):
            if found >= 0:
                return -1
            found = depot
    return found


@inlined
def could_serve(p, s, depot, visit):
    """Whether a depot has all that a visit needs, whenever."""
    for need in range(at(p, NEED_PTR, visit), at(p, NEED_PTR, visit + 1)):
        found = False
        for a in range(at(p, NEED_ALTERNATIVE_PTR, need), at(p, NEED_ALTERNATIVE_PTR, need + 1)):
            depot_part = depot * p[N_PARTS] + at(p, NEED_ALTERNATIVE, a)
            if stock_from(p, s, depot_part, at(p, NEED_QUANTITY, need)) >= 0:
                found = True
                break
        if not found:
            return False
    return True


@inlined
def serves_too(p, s, shift, depot, time_s):
    """Whether the detour of a route is to a depot where everything is there by a time."""
    if depot < 0:
        return False
    for i in range(at(s, TAKEN, shift)):
        take = s[TAKES] + (shift * MAX_TAKES + i) * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_DETOUR:
            if depot_of(p, s[take + TAKE_SUPPLY]) != depot:
                return False
            break
    last = at(p, SUPPLY_PTR, (depot + 1) * p[N_PARTS])
    for k in range(at(p, SUPPLY_PTR, depot * p[N_PARTS]), last):
        if at(p, SUPPLY_AT_S, k) > time_s:
            return False
    return True


@inlined
def estimate_gaps(t, p, s, shift, visit, bound):
    """Estimate what a visit adds in each gap of a route: ESTIMATE, PROHIBITIVE where it cannot be.

    In a plain route an estimate that is even counts exactly (they are doubled to tell). Where the
    way alone costs ``bound`` or more, that is the estimate. Returns the least one's gap, or -1.
    """
    row = shift * (s[MOST_VISITS] + 1)
    n = at(s, LENGTH, shift)
    site = at(p, VISIT_LOCATION, visit)
    service_s = at(p, VISIT_SERVICE_S, visit)
    run_in_s = at(p, VISIT_RUN_IN_S, visit)
    candidate = at(s, VISIT_CANDIDATE, visit)
    windows = at(p, WINDOW_PTR, visit + 1) - at(p, WINDOW_PTR, visit)
    opens_s = at(s, RELEASE, visit)
    closes_s = FOREVER_S
    if windows > 0:
        opens_s = max(opens_s, at(p, WINDOW_OPEN_S, at(p, WINDOW_PTR, visit)))
        closes_s = at(p, WINDOW_CLOSE_S, at(p, WINDOW_PTR, visit + 1) - 1)
    last_s = min(closes_s, at(p, CANDIDATE_LATEST_S, candidate))
    soonest_s = opens_s + service_s
    own_fen = at(p, CANDIDATE_FEN, candidate)
    prices_start = start_costs(p, visit)
    prices_paid = p[PAID_FEN_PER_H] > 0 or p[UNFAIR_FEN_PER_H] > 0
    route = s[ROUTE] + shift * ROUTE_FIELDS
    spare_travel_s = at(p, SHIFT_MAX_TRAVEL_S, shift) - s[route + TRAVEL_S]
    end_s = at(p, SHIFT_END_S, shift)
    technician = at(p, SHIFT_TECHNICIAN, shift)
    total_paid_s = at(s, TECHNICIAN_PAID_S, technician)
    unfair_now = unfair_fen(p, technician, total_paid_s)
    paid_now = s[route + PAID] * p[PAID_FEN_PER_H] // 3600
    plain = at(s, PLAIN, shift) == 1 and run_in_s == 0 and not at(p, VISIT_TIED, visit)
    plain = plain and at(p, VISIT_PIN_AFTER, visit) < 0
    covered = van_covers(p, s, shift, visit)
    pick_gap = n + 1
    detour = NONE
    if not covered and at(p, SHIFT_DEPOT, shift) < 0:
        detour = only_depot(p, s, visit)
        if at(s, PICK_GAP, shift) >= 0:
            if serves_too(p, s, shift, detour, s[route + DETOUR_AT]):
                pick_gap = at(s, PICK_GAP, shift)
            detour = NONE
    by = at(p, DEPOT_LOCATION, detour) if detour >= 0 else 0
    least_detour_s = FOREVER_S
    busy_s = service_s + at(s, PRE_BUSY, row + n)
    if at(s, NEXT_PLACE, row + n) >= 0:
        busy_s += drive_s(t, at(s, PRE_PLACE, row + n), at(s, NEXT_PLACE, row + n))
    estimate = s[ESTIMATE]
    pre_place = s[PRE_PLACE] + row
    pre_ready = s[PRE_READY] + row
    pre_leave = s[PRE_LEAVE] + row
    next_place = s[NEXT_PLACE] + row
    suf_latest = s[SUF_LATEST] + row
    for gap in range(n + 1):
        s[np.uint64(estimate + gap)] = PROHIBITIVE
    best = NONE
    best_fen = PROHIBITIVE
    for gap in range(n + 1):
        if s[np.uint64(pre_ready + gap)] > last_s:
            break  # and later gaps are no sooner
        before = s[np.uint64(pre_place + gap)]
        after = s[np.uint64(next_place + gap)]
        to_s = drive_s(t, before, site)
        detour_s = ZERO
        if detour >= 0:  # on the way to this visit or before
            detour_s = min(least_detour_s, drive_s(t, before, by) + drive_s(t, by, site) - to_s)
            if after >= 0:
                passing_s = (
                    drive_s(t, before, by) + drive_s(t, by, after) - drive_s(t, before, after)
                )
                least_detour_s = min(least_detour_s, passing_s)
        latest_s = s[np.uint64(suf_latest + gap)]
        if soonest_s > latest_s:
            continue
        more_s = to_s
        fen = own_fen + drive_fen(t, before, site)
        if after >= 0:
            more_s += drive_s(t, site, after)
            fen += drive_fen(t, site, after)
            if n > 0:
                more_s -= drive_s(t, before, after)
                fen -= drive_fen(t, before, after)
        exact = False
        if prices_paid or fen < bound:
            begin = s[np.uint64((pre_ready if before == site else pre_leave) + gap)]
            start_s = max(begin + to_s, opens_s)
            if windows > 1:
                start_s = visit_start(p, s, visit, begin + to_s)
            if start_s > last_s or start_s >= FOREVER_S:
                continue
            arrival = start_s + service_s
            if after != site:
                arrival += run_in_s
            if after >= 0:
                arrival += drive_s(t, site, after)
            if arrival > latest_s or more_s > spare_travel_s:
                continue
            finish = max(arrival + at(s, SUF_BUSY, row + gap), at(s, SUF_FINISH, row + gap))
            exact = plain and arrival <= at(s, SUF_ON_TIME, row + gap) and finish <= end_s
            exact = exact and (covered or gap >= pick_gap)
            if prices_start:
                late_before = s[RESULT + LATE]
                fen += start_fen(p, s, visit, start_s)
                if s[RESULT + LATE] != late_before and p[WORST_LATE_FEN_PER_H] > 0:
                    exact = False
            if prices_paid:
                if n == 0:
                    paid_s = finish - (start_s - to_s)
                elif p[DEPART_LATE]:
                    latest = min(latest_s, finish - at(s, SUF_BUSY, row + gap))
                    latest = min(latest - arrival + start_s, closing(p, visit, start_s))
                    latest -= to_s + at(s, PRE_BUSY, row + gap)
                    paid_s = finish - min(latest, at(s, PRE_LATEST, row + gap))
                else:
                    paid_s = s[route + PAID] + finish - at(s, NOW_FINISH, row + gap)
                    if gap == 0:
                        paid_s += s[route + DEPART] - (start_s - to_s - at(s, PRE_BUSY, row))
                if not exact:
                    paid_s = max(paid_s, busy_s + more_s + detour_s)
                fen += paid_s * p[PAID_FEN_PER_H] // 3600 - paid_now
                if p[UNFAIR_FEN_PER_H] > 0:
                    more_paid_s = paid_s - s[route + PAID]
                    fen += unfair_fen(p, technician, total_paid_s + more_paid_s) - unfair_now
        s[np.uint64(estimate + gap)] = 2 * fen + (0 if exact else 1)
        if 2 * fen < best_fen:
            best_fen = 2 * fen
            best = gap
    return best


@leaf(INT, ARRAY, INT)
def all_gaps(s, n):
    """Let every gap be walked: a break or a pick-up may make way for a visit, which no estimate
    knows. The search comes by again and again, but a question is asked once."""
    for gap in range(n + 1):
        put(s, ESTIMATE, gap, 1 - FOREVER_S)
    return 0


@leaf(INT, ARRAY, ARRAY, INT, INT)
def shared_version(p, s, shift, asked):
    """The version of what routes share that insertions into a shift depend on; -1: nothing."""
    if asked == ASKED_NOBODY:
        return -1
    if asked == ASKED_BASE:
        base = at(p, SHIFT_DEPOT, shift)
        return at(s, DEPOT_VERSION, base) if base >= 0 else -1
    return s[SHARED_VERSION]


@inner
def best_position(t, p, s, candidate, visit, bound):
    """The cheapest place for a visit in a candidate's shift: (added cost, position).

    The position is NOWHERE if there is none, and AT_LEAST if all that is known is that the best
    costs at least so much, which is no less than ``bound``. Remembered per candidate for some
    versions of the route, as long as what it shares with others stays the same: a rejected change,
    and a visit that goes back to where it was, bring earlier versions back.
    """
    shift = at(p, CANDIDATE_SHIFT, candidate)
    version = at(s, VERSION, shift)
    way = version & (s[N_WAYS] - 1)  # their number is a power of two
    entry = s[CACHE] + (candidate * s[N_WAYS] + way) * CACHE_FIELDS
    if s[entry + CACHE_VERSION] == version:
        shared = s[entry + CACHE_SHARED]
        known = s[entry + CACHE_POSITION]
        delta = s[entry + CACHE_DELTA]
        if known != AT_LEAST or delta >= bound:
            if shared < 0 or shared == s[SHARED_VERSION]:
                return delta, known
            if shared == shared_version(p, s, shift, ASKED_BASE):
                return delta, known
    delta, position = find_position(t, p, s, candidate, visit, bound)
    s[entry + CACHE_VERSION] = version
    s[entry + CACHE_SHARED] = shared_version(p, s, shift, s[ASKED])
    s[entry + CACHE_DELTA] = delta
    s[entry + CACHE_POSITION] = position
    return delta, position


@inlined
def find_position(t, p, s, candidate, visit, bound):
    """best_position, computed."""
    shift = at(p, CANDIDATE_SHIFT, candidate)
    kept = at(s, VISIT_CANDIDATE, visit)
    put(s, VISIT_CANDIDATE, visit, candidate)
    s[ASKED] = ASKED_NOBODY
    n = at(s, LENGTH, shift)
    best_delta = PROHIBITIVE
    best = NOWHERE
    if n < s[MOST_VISITS] and n < at(p, SHIFT_MAX_VISITS, shift):
        profile(t, p, s, shift)
        coupled = is_coupled(p, s, shift, visit)
        if coupled:
            s[ASKED] = ASKED_ALL
            await_partners(p, s, visit)
        gap = all_gaps(s, n) if s[THOROUGH] else estimate_gaps(t, p, s, shift, visit, bound)
        while gap >= 0:
            estimate = at(s, ESTIMATE, gap)
            if estimate >> 1 >= bound:
                if estimate >> 1 < best_delta:  # what was walked may not be the best
                    best_delta = estimate >> 1
                    best = AT_LEAST
                break
            if estimate & 1 == 0:  # no other costs less
                best_delta = estimate >> 1
                best = gap
                break
            put(s, ESTIMATE, gap, PROHIBITIVE)
            delta = try_gap(t, p, s, shift, visit, gap, coupled)
            if delta < best_delta:
                best_delta = delta
                best = gap
                bound = min(bound, delta)
            gap = least_estimate(s, n)
        if coupled:
            take_back(s)
    put(s, VISIT_CANDIDATE, visit, kept)
    return best_delta, best


@leaf(INT, ARRAY, INT)
def least_estimate(s, n):
    best = NONE
    least = PROHIBITIVE
    for gap in range(n + 1):
        if at(s, ESTIMATE, gap) < least:
            least = at(s, ESTIMATE, gap)
            best = gap
    return best


@inlined
def try_gap(t, p, s, shift, visit, gap, coupled):
    """What a visit adds in a gap of a route, PROHIBITIVE if it cannot be there."""
    delta = PROHIBITIVE
    lift(p, s, shift, -1)
    n = lay_trial(s, shift, visit, gap)
    if coupled:
        put(s, VISIT_SHIFT, visit, shift)
        await_partners(p, s, visit)
        if evaluate_all(t, p, s, shift, n, NO) == OK:
            delta = added_cost(p, s)
        take_back(s)
        put(s, VISIT_SHIFT, visit, -1)
    else:
        if evaluate(t, p, s, shift, n) == OK and fits_technician(p, s, shift) == OK:
            delta = added_cost(p, s)
        s[TRIAL_SHIFT] = -1
    lift(p, s, shift, 1)
    return delta


@inner
def insert(t, p, s, candidate, visit, position):
    """Put a visit where best_position found a place. Returns what forbids it, or OK."""
    shift = at(p, CANDIDATE_SHIFT, candidate)
    coupled = is_coupled(p, s, shift, visit)
    n = lay_trial(s, shift, visit, position)
    put(s, VISIT_CANDIDATE, visit, candidate)
    put(s, VISIT_SHIFT, visit, shift)
    lift(p, s, shift, -1)
    if coupled:
        code = evaluate_all(t, p, s, shift, n, YES)
    else:
        code = evaluate(t, p, s, shift, n)
        if code == OK:
            code = fits_technician(p, s, shift)
    lift(p, s, shift, 1)
    if code == OK:
        replace(p, s, shift, n)
        s[TOTAL] -= at(p, VISIT_UNASSIGNED_FEN, visit)
    else:
        take_back(s)
        put(s, VISIT_CANDIDATE, visit, -1)
        put(s, VISIT_SHIFT, visit, -1)
    return code


@inner
def may_serve(p, s, visit, shift):
    """Whether a tied visit may go to a shift's technician: none of its unit is there, and those
    that want the same technician are."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    leader = at(p, VISIT_LEADER, visit)
    member = leader
    while member < p[N_VISITS] and at(p, VISIT_LEADER, member) == leader:
        other = at(s, VISIT_SHIFT, member)
        if member != visit and other >= 0 and at(p, SHIFT_TECHNICIAN, other) == technician:
            return False
        member += 1
    for k in range(at(p, MATE_PTR, visit), at(p, MATE_PTR, visit + 1)):
        mate = at(p, MATE_VISIT, k)
        if at(s, VISIT_SHIFT, mate) >= 0 and not is_on(p, s, mate, technician):
            return False
    return True


@inlined
def is_on(p, s, leader, technician):
    """Whether a technician is one of those who do the visit of a unit."""
    member = leader
    while member < p[N_VISITS] and at(p, VISIT_LEADER, member) == leader:
        shift = at(s, VISIT_SHIFT, member)
        if shift >= 0 and at(p, SHIFT_TECHNICIAN, shift) == technician:
            return True
        member += 1
    return False


@inlined
def best_candidate(t, p, s, visit, blink, bound):
    """The cheapest (added cost, candidate or -1, position) for a visit, if less than ``bound``.

    Each candidate is overlooked with probability ``blink``.
    """
    best = NONE
    best_at = NONE
    tied = at(p, VISIT_TIED, visit)
    for c in range(at(p, CANDIDATE_PTR, visit), at(p, CANDIDATE_PTR, visit + 1)):
        shift = at(p, CANDIDATE_SHIFT, c)
        twin = at(p, SHIFT_TWIN, shift)
        if twin >= 0 and at(s, LENGTH, shift) == 0 and at(s, LENGTH, twin) == 0:
            continue
        if blink > 0.0 and random_unit(s) < blink:
            continue
        if tied and not may_serve(p, s, visit, shift):
            continue
        delta, position = best_position(t, p, s, c, visit, bound + 1)
        if position < 0 or delta > bound or (delta == bound and best < 0):
            continue
        if delta < bound or (blink > 0.0 and random_below(s, 2) == 0):
            bound = delta
            best = c
            best_at = position
    return bound, best, best_at


# --- ruin ---------------------------------------------------------------------------------------


@inlined
def take_string(t, p, s, visit, longest):
    """Take a string of visits around one out of its route; sometimes some inside it stay
    (split strings)."""
    shift = at(s, VISIT_SHIFT, visit)
    n = at(s, LENGTH, shift)
    size = 1 + random_below(s, min(n, longest))
    keep = ZERO
    if size > 1 and size < n and random_unit(s) < SPLIT:
        keep = ONE
        while size + keep < n and random_unit(s) < SPLIT_DEPTH:
            keep += 1
    position = position_of(s, shift, visit)
    lowest = max(0, position - size - keep + 1)
    highest = min(position, n - size - keep)
    first = lowest + random_below(s, highest - lowest + 1)
    if keep == 0:
        take_out(t, p, s, shift, first, size)
        return
    head = 1 + random_below(s, size - 1)
    take_out(t, p, s, shift, first + head + keep, size - head)
    if at(s, LENGTH, shift) == n - size + head:
        take_out(t, p, s, shift, first, head)


@inlined
def ruin_strings(t, p, s, average):
    """Slack induction by string removals (Christiaens & Vanden Berghe 2020): take strings of
    visits out of routes that pass near a random visit."""
    routes = ZERO
    for shift in range(p[N_SHIFTS]):
        if at(s, LENGTH, shift) > 0:
            routes += 1
    if routes == 0:
        return
    longest = max(1, min(LONGEST_STRING, (p[N_VISITS] - s[N_BANK]) // routes))
    strings = 1 + int(random_unit(s) * max(1.0, 4.0 * average / (1.0 + longest) - 1.0))
    seed = random_below(s, p[N_VISITS])
    if s[N_BANK] > 0 and random_unit(s) < AT_BANK:
        seed = at(s, BANK, random_below(s, s[N_BANK]))
    done = ZERO
    for i in range(-1, s[N_NEIGHBOURS]):
        if done >= strings:
            break
        visit = seed if i < 0 else at(p, NEIGHBOUR, seed * s[N_NEIGHBOURS] + i)
        shift = at(s, VISIT_SHIFT, visit)
        if shift < 0 or at(s, IS_TOUCHED, shift) == ROUTE_TOO:
            continue
        take_string(t, p, s, visit, longest)
        done += 1


@inner
def take_visit(t, p, s, visit):
    """Take one visit out, if it is planned."""
    shift = at(s, VISIT_SHIFT, visit)
    if shift >= 0:
        take_out(t, p, s, shift, position_of(s, shift, visit), ONE)


@inlined
def ruin_tied(t, p, s, count):
    """Take out random visits that are tied to others, and some of their neighbours."""
    for _ in range(count):
        visit = random_below(s, p[N_VISITS])
        for _ in range(20):
            if at(p, VISIT_TIED, visit):
                break
            visit = random_below(s, p[N_VISITS])
        take_visit(t, p, s, visit)
        near = random_below(s, min(10, s[N_NEIGHBOURS]))
        take_visit(t, p, s, at(p, NEIGHBOUR, visit * s[N_NEIGHBOURS] + near))


@inlined
def ruin_night(t, p, s):
    """Empty two consecutive shifts of a technician, and let him stay away between them, or not."""
    for _ in range(20):
        shift = random_below(s, p[N_SHIFTS])
        if at(p, SHIFT_MAY_STAY, shift):
            if random_below(s, 2) == 0 and toggle_night(t, p, s, shift):
                return
            s[OPEN_NIGHTS] = at(p, SHIFT_TECHNICIAN, shift)
            for other in (shift, shift + 1):
                if at(s, LENGTH, other) > 0:
                    take_out(t, p, s, other, ZERO, at(s, LENGTH, other))
            remember(s, shift, ROUTE_TOO)
            put(s, AWAY, shift, 1 - at(s, AWAY, shift))
            renew(p, s, shift)
            return


@inlined
def toggle_night(t, p, s, shift):
    """Let a route end away, or come home, as it is. False if it may not."""
    n = at(s, LENGTH, shift)
    if n == 0 or at(s, LENGTH, shift + 1) == 0:
        return False
    remember(s, shift, ROUTE_TOO)
    put(s, AWAY, shift, 1)  # either way the next shift depends on this one
    away = 1 - at(s, OLD_AWAY, shift)
    copy(s, TRIAL, 0, SEQUENCE, shift * s[MOST_VISITS], n)
    s[N_TRIAL] = n
    s[TRIAL_SHIFT] = shift
    enqueue_component(p, s, shift)
    forget_waits(p, s)
    put(s, AWAY, shift, away)
    lift(p, s, shift, -1)
    code = settle_all(t, p, s, shift, n)
    lift(p, s, shift, 1)
    if code == OK:
        replace(p, s, shift, n)
        return True
    take_back(s)
    put(s, AWAY, shift, 1 - away)
    return False


@inlined
def close_nights(t, p, s):
    """Empty routes that end away if there is none to come home by."""
    technician = s[OPEN_NIGHTS]
    s[OPEN_NIGHTS] = -1
    first = at(p, TECHNICIAN_PTR, technician)
    for k in range(at(p, TECHNICIAN_PTR, technician + 1) - first - 1):
        shift = at(p, TECHNICIAN_PTR, technician + 1) - 2 - k
        lost = at(s, AWAY, shift) and at(s, LENGTH, shift + 1) == 0
        if lost and at(s, LENGTH, shift) > 0:
            take_out(t, p, s, shift, ZERO, at(s, LENGTH, shift))
    renew(p, s, first)


@inner
def drop_orphans(t, p, s, first):
    """Take out what may not be planned without the visits in the bank from ``first`` on."""
    i = first
    while i < s[N_BANK]:
        visit = at(s, BANK, i)
        if at(p, VISIT_TIED, visit):
            leader = at(p, VISIT_LEADER, visit)
            member = leader
            while member < p[N_VISITS] and at(p, VISIT_LEADER, member) == leader:
                take_visit(t, p, s, member)
                member += 1
            for k in range(at(p, DEPENDENT_PTR, visit), at(p, DEPENDENT_PTR, visit + 1)):
                take_visit(t, p, s, at(p, DEPENDENT, k))
        i += 1


@leaf(INT, ARRAY, INT, INT)
def candidate_in(p, visit, shift):
    """The candidate by which a visit may be planned in a shift, or -1."""
    for c in range(at(p, CANDIDATE_PTR, visit), at(p, CANDIDATE_PTR, visit + 1)):
        if at(p, CANDIDATE_SHIFT, c) == shift:
            return c
    return -1


@inner
def move_to_end(t, p, s, first, end, shift):
    """Put the visits WAITING[first:end] at the end of a route, all at once or else those that may
    be there one after the other. They stay in the bank besides, see strike_planned."""
    if all_to_end(t, p, s, first, end, shift):
        return
    for i in range(first, end):
        visit = at(s, WAITING, i)
        candidate = candidate_in(p, visit, shift)
        n = at(s, LENGTH, shift)
        if candidate >= 0 and not at(p, VISIT_TIED, visit) and n < s[MOST_VISITS]:
            insert(t, p, s, candidate, visit, n)


@inlined
def all_to_end(t, p, s, first, end, shift):
    """Put the visits WAITING[first:end] at the end of a route. False if that is not legal."""
    n = at(s, LENGTH, shift)
    count = end - first
    if n + count > s[MOST_VISITS] or is_coupled(p, s, shift, NONE):
        return False
    for i in range(first, end):
        visit = at(s, WAITING, i)
        if candidate_in(p, visit, shift) < 0 or at(p, VISIT_TIED, visit):
            return False
    copy(s, TRIAL, 0, SEQUENCE, shift * s[MOST_VISITS], n)
    copy(s, TRIAL, n, WAITING, first, count)
    for i in range(first, end):
        visit = at(s, WAITING, i)
        put(s, VISIT_CANDIDATE, visit, candidate_in(p, visit, shift))
        put(s, VISIT_SHIFT, visit, shift)
    lift(p, s, shift, -1)
    code = evaluate(t, p, s, shift, n + count)
    if code == OK:
        code = fits_technician(p, s, shift)
    lift(p, s, shift, 1)
    if code == OK:
        replace(p, s, shift, n + count)
    else:
        s[TRIAL_SHIFT] = -1
    for i in range(first, end):
        visit = at(s, WAITING, i)
        if code == OK:
            s[TOTAL] -= at(p, VISIT_UNASSIGNED_FEN, visit)
        else:
            put(s, VISIT_CANDIDATE, visit, -1)
            put(s, VISIT_SHIFT, visit, -1)
    return code == OK


@inlined
def strike_planned(s):
    """Strike off the bank who is planned."""
    kept = ZERO
    for i in range(s[N_BANK]):
        visit = at(s, BANK, i)
        if at(s, VISIT_SHIFT, visit) < 0:
            put(s, BANK, kept, visit)
            kept += 1
    s[N_BANK] = kept


@inlined
def swap_tails(t, p, s):
    """Let two technicians swap the ends of their routes from two visits on that are near each
    other, or one his whole route with anybody, or the end of it with somebody like others who has
    none; what they may not do stays in the bank.

    2-opt* of Potvin & Rousseau 1995, as a ruin.
    """
    visit = random_below(s, p[N_VISITS])
    shift = at(s, VISIT_SHIFT, visit)
    if shift < 0:
        return
    cut = position_of(s, shift, visit)
    other_cut = ZERO
    if random_below(s, 4) == 0:
        other = random_below(s, p[N_SHIFTS])
        if at(s, LENGTH, other) > 0 or at(p, SHIFT_TWIN, other) < 0:
            cut = ZERO
    else:
        i = random_below(s, min(TAILS_NEAR, s[N_NEIGHBOURS]))
        near = at(p, NEIGHBOUR, visit * s[N_NEIGHBOURS] + i)
        other = at(s, VISIT_SHIFT, near)
        if other >= 0:
            other_cut = position_of(s, other, near)
    if other < 0 or other == shift:
        return
    first = s[N_BANK]
    take_out(t, p, s, shift, cut, at(s, LENGTH, shift) - cut)
    second = s[N_BANK]
    if other_cut < at(s, LENGTH, other):
        take_out(t, p, s, other, other_cut, at(s, LENGTH, other) - other_cut)
    end = s[N_BANK]
    for i in range(first, end):
        put(s, WAITING, i - first, at(s, BANK, i))
    move_to_end(t, p, s, ZERO, second - first, other)
    move_to_end(t, p, s, second - first, end - first, shift)
    strike_planned(s)


@inlined
def ruin_shift(t, p, s):
    """Empty the route of a random visit and that of a neighbour."""
    visit = random_below(s, p[N_VISITS])
    for _ in range(2):
        shift = at(s, VISIT_SHIFT, visit)
        if shift >= 0:
            take_out(t, p, s, shift, ZERO, at(s, LENGTH, shift))
        near = random_below(s, s[N_NEIGHBOURS])
        visit = at(p, NEIGHBOUR, visit * s[N_NEIGHBOURS] + near)


@inlined
def ruin(t, p, s, average):
    """Take some visits out, by one of the ways above."""
    n_bank = s[N_BANK]
    draw = random_below(s, 100)
    if p[N_STAYS] > 0 and draw < 10:
        ruin_night(t, p, s)
    elif p[N_TIES] > 0 and draw < 20:
        ruin_tied(t, p, s, 1 + random_below(s, max(1, int(average) // 2)))
    elif p[WORST_LATE_FEN_PER_H] > 0 and 20 <= draw < 30:
        ruin_shift(t, p, s)  # who is latest hangs on whole routes
    elif draw < 88:
        ruin_strings(t, p, s, average)
    else:
        swap_tails(t, p, s)
    if p[N_TIES] > 0:
        drop_orphans(t, p, s, n_bank)


# --- recreate -----------------------------------------------------------------------------------


@inlined
def sort_key(p, s, visit, by):
    """What to sort visits by; pins come first."""
    rank = at(p, VISIT_PIN_RANK, visit)
    if rank > 0:
        return rank * p[N_VISITS] + visit - PROHIBITIVE
    if by == DEAREST_FIRST:
        return -at(p, VISIT_UNASSIGNED_FEN, visit)
    if by == FIRST_DUE:
        return at(p, VISIT_CLOSES_S, visit)
    if by == FARTHEST_FIRST:
        return -at(p, VISIT_FAR_S, visit)
    if by == NEAREST_FIRST:
        return at(p, VISIT_FAR_S, visit)
    if by == RANDOM:
        return random_below(s, 1 << 40)
    return at(p, VISIT_SPAN_S, visit) if by == TIGHTEST_FIRST else 0


@leaf("void", ARRAY, INT)
def sort_waiting(s, n):
    """Insertion sort for few visits, shell sort's gaps for many."""
    waiting = s[WAITING]
    order = s[ORDER]
    gap = ONE
    while gap < n // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            key = s[order + i]
            visit = s[waiting + i]
            j = i
            while j >= gap and s[order + j - gap] > key:
                s[order + j] = s[order + j - gap]
                s[waiting + j] = s[waiting + j - gap]
                j -= gap
            s[order + j] = key
            s[waiting + j] = visit
        gap //= 3


@leaf("void", ARRAY, INT)
def shuffle_waiting(s, n):
    """So that equal keys stand in no order."""
    for i in range(n - 1, 0, -1):
        j = random_below(s, i + 1)
        visit = at(s, WAITING, i)
        put(s, WAITING, i, at(s, WAITING, j))
        put(s, WAITING, j, visit)


@inlined
def draw_order(s):
    draw = random_below(s, sum(ORDER_WEIGHTS))
    by = ZERO
    while draw >= ORDER_WEIGHTS[by]:
        draw -= ORDER_WEIGHTS[by]
        by += 1
    return by


@inner
def firsts_planned(p, s, visit):
    """Whether all visits are planned that this one depends on, or has to follow."""
    follows = at(p, VISIT_PIN_AFTER, visit)
    if follows >= 0 and at(s, VISIT_SHIFT, follows) < 0:
        return False
    for k in range(at(p, FIRST_PTR, visit), at(p, FIRST_PTR, visit + 1)):
        if at(s, VISIT_SHIFT, at(p, FIRST_VISIT, k)) < 0:
            return False
    return True


@leaf(FLAG, ARRAY, INT)
def has_members(p, visit):
    """Whether a visit leads a unit of several."""
    return visit + 1 < p[N_VISITS] and at(p, VISIT_LEADER, visit + 1) == visit


@inner
def rest_to_bank(p, s, leader, member):
    """Put the members of a unit from one on into the bank."""
    while member < p[N_VISITS] and at(p, VISIT_LEADER, member) == leader:
        put(s, BANK, s[N_BANK], member)
        s[N_BANK] += 1
        member += 1


@inlined
def insert_unit(t, p, s, leader, blink, generous):
    """Plan a visit, or all members of its unit, where it costs least; unless ``generous`` only if
    that is less than leaving it out."""
    before = s[TOTAL]
    member = leader
    while member < p[N_VISITS] and at(p, VISIT_LEADER, member) == leader:
        alone = member == leader and not generous
        bound = at(p, VISIT_UNASSIGNED_FEN, leader) if alone else PROHIBITIVE
        _, candidate, position = best_candidate(t, p, s, member, blink, bound)
        if candidate < 0 or insert(t, p, s, candidate, member, position) != OK:
            break
        member += 1
    complete = member == p[N_VISITS] or at(p, VISIT_LEADER, member) != leader
    if complete and (s[TOTAL] < before or generous):
        return
    n_bank = s[N_BANK]
    for planned in range(leader, member):
        take_visit(t, p, s, planned)
    drop_orphans(t, p, s, n_bank)
    rest_to_bank(p, s, leader, member)


@entry
def recreate(t, p, s, by, blink, n_old):
    """Greedy insertion with blinks: each visit of the bank where it costs least, if that is less
    than leaving it out.

    Of the first ``n_old`` of the bank, which stayed out before, only some are tried if they are
    many.
    """
    chance = MOST_RETRIED / max(n_old, 1)
    n = ZERO
    kept = ZERO
    for i in range(s[N_BANK]):
        visit = at(s, BANK, i)
        if at(p, VISIT_LEADER, visit) != visit:
            continue  # comes with its leader
        if i < n_old and chance < 1.0 and not has_members(p, visit) and random_unit(s) > chance:
            put(s, BANK, kept, visit)
            kept += 1
            continue
        put(s, WAITING, n, visit)
        n += 1
    if blink > 0.0:
        shuffle_waiting(s, n)
    for i in range(n):
        put(s, ORDER, i, sort_key(p, s, at(s, WAITING, i), by))
    # what does not pay alone may pay together
    generous = blink > 0.0 and n_old > 0 and random_unit(s) < GENEROUS
    sort_waiting(s, n)
    s[N_BANK] = kept
    while n > 0:
        later = ZERO
        for i in range(n):
            visit = at(s, WAITING, i)
            if firsts_planned(p, s, visit):
                insert_unit(t, p, s, visit, blink, generous)
            else:
                put(s, WAITING, later, visit)
                later += 1
        if later == n:
            break
        n = later
    for i in range(n):
        rest_to_bank(p, s, at(s, WAITING, i), at(s, WAITING, i))


# --- the search ---------------------------------------------------------------------------------


@inner
def mark_planned(p, s, shift):
    """Note for the visits of a route where they are planned."""
    for j in range(at(s, LENGTH, shift)):
        visit = sequence_at(s, shift, j)
        put(s, VISIT_SHIFT, visit, shift)
        put(s, VISIT_CANDIDATE, visit, candidate_in(p, visit, shift))


@entry
def undo(p, s, n_bank, total, shared_version):
    """Put everything back that an iteration, or an exchange, changed."""
    for i in range(s[N_TOUCHED]):
        shift = at(s, TOUCHED, i)
        put(s, VERSION, shift, at(s, OLD_VERSION, shift))
        if at(s, IS_TOUCHED, shift) == ROUTE_TOO:
            technician = at(p, SHIFT_TECHNICIAN, shift)
            new = s[ROUTE] + shift * ROUTE_FIELDS
            old = s[OLD_ROUTE] + shift * ROUTE_FIELDS
            lift(p, s, shift, -1)
            for j in range(at(s, LENGTH, shift)):
                put(s, VISIT_SHIFT, sequence_at(s, shift, j), -1)
            add(s, TECHNICIAN_PAID_S, technician, s[old + PAID] - s[new + PAID])
    for i in range(s[N_TOUCHED]):
        shift = at(s, TOUCHED, i)
        if at(s, IS_TOUCHED, shift) == ROUTE_TOO:
            copy_route(
                s, SEQUENCE, LENGTH, TAKES, TAKEN,
                OLD_SEQUENCE, OLD_LENGTH, OLD_TAKES, OLD_TAKEN, shift,
            )  # fmt: skip
            copy(s, ROUTE, shift * ROUTE_FIELDS, OLD_ROUTE, shift * ROUTE_FIELDS, ROUTE_FIELDS)
            put(s, AWAY, shift, at(s, OLD_AWAY, shift))
            lift(p, s, shift, 1)
            mark_planned(p, s, shift)
    for i in range(s[N_CHANGED]):
        visit = at(s, CHANGED, i)
        put(s, START, visit, at(s, OLD_START, visit))
        put(s, RELEASE, visit, at(s, OLD_RELEASE, visit))
    copy(s, BANK, 0, OLD_BANK, 0, n_bank)
    for i in range(n_bank):
        put(s, VISIT_SHIFT, at(s, BANK, i), -1)
        put(s, VISIT_CANDIDATE, at(s, BANK, i), -1)
    copy(s, DEPOT_VERSION, 0, OLD_DEPOT_VERSION, 0, p[N_DEPOTS])
    s[N_BANK] = n_bank
    s[TOTAL] = total
    s[SHARED_VERSION] = shared_version


@inner
def forget(s):
    """Start a new iteration: nothing is touched."""
    for i in range(s[N_TOUCHED]):
        put(s, IS_TOUCHED, at(s, TOUCHED, i), 0)
    s[N_TOUCHED] = 0
    s[N_CHANGED] = 0
    s[N_ITERATION] += 1


@inner
def start_anew(p, s):
    """forget, and keep what ``undo`` puts back besides the routes."""
    forget(s)
    copy(s, OLD_BANK, 0, BANK, 0, s[N_BANK])
    copy(s, OLD_DEPOT_VERSION, 0, DEPOT_VERSION, 0, p[N_DEPOTS])


@entry
def keep_best(p, s, iteration):
    """Keep the present plan as the best one."""
    s[BEST_TOTAL] = s[TOTAL]
    s[BEST_ITERATION] = iteration
    s[BEST_OUT] = 0
    for i in range(s[N_BANK]):
        visit = at(s, BANK, i)
        s[BEST_OUT] += at(p, VISIT_LEADER, visit) == visit
    s[BEST_LATE] = 0
    for shift in range(p[N_SHIFTS]):
        s[BEST_LATE] += at(s, ROUTE, shift * ROUTE_FIELDS + LATE)
        if at(s, BEST_VERSION, shift) == at(s, VERSION, shift):
            continue
        put(s, BEST_VERSION, shift, at(s, VERSION, shift))
        copy_route(
            s, BEST_SEQUENCE, BEST_LENGTH, BEST_TAKES, BEST_TAKEN,
            SEQUENCE, LENGTH, TAKES, TAKEN, shift,
        )  # fmt: skip
        put(s, BEST_AWAY, shift, at(s, AWAY, shift))
        put(s, BEST_PICK, shift, at(s, ROUTE, shift * ROUTE_FIELDS + PICK_BEFORE))


@inlined
def iterate(t, p, s, average, temperature, iteration):
    """One ruin, one recreate, accepted as simulated annealing does."""
    start_anew(p, s)
    n_bank = s[N_BANK]
    total = s[TOTAL]
    shared_version = s[SHARED_VERSION]
    ruin(t, p, s, average)
    recreate(t, p, s, draw_order(s), BLINK, n_bank)
    if s[OPEN_NIGHTS] >= 0:
        planned = s[N_BANK]
        close_nights(t, p, s)
        drop_orphans(t, p, s, planned)
    threshold = total - temperature * np.log(random_unit(s))
    if s[TOTAL] >= threshold:
        undo(p, s, n_bank, total, shared_version)
    elif s[TOTAL] < s[BEST_TOTAL]:
        keep_best(p, s, iteration)


@entry
def run(t, p, s, average, first, count, offset, step, hot, cold):
    """``count`` iterations from number ``first`` on, each taking out ``average`` visits or so.

    The temperature falls from ``hot`` to ``cold`` while ``offset + iteration * step`` rises from
    0 to 1.
    """
    for iteration in range(first, first + count):
        share = min(1.0, offset + iteration * step)
        iterate(t, p, s, average, hot * (cold / hot) ** share, iteration)


@entry
def insert_by_hand(t, p, s, order):
    """What a manual dispatcher does: one visit after the other, to the nearest technician.

    Nearest is the shortest travel from the base or a stop of that shift to the site; earlier
    days come first. The technician gets it wherever it fits with least added cost.
    """
    forget(s)
    s[N_BANK] = 0
    for leader in order:
        if at(p, VISIT_LEADER, leader) != leader:
            continue
        member = leader
        while member < p[N_VISITS] and at(p, VISIT_LEADER, member) == leader:
            if not firsts_planned(p, s, leader) or not give_to_nearest(t, p, s, member):
                for planned in range(leader, member):
                    take_visit(t, p, s, planned)
                rest_to_bank(p, s, leader, member)
                break
            member += 1
    keep_best(p, s, 0)


@inlined
def give_to_nearest(t, p, s, visit):
    """Insert a visit at the nearest technician who can take it. False if there is none."""
    first = at(p, CANDIDATE_PTR, visit)
    count = at(p, CANDIDATE_PTR, visit + 1) - first
    site = at(p, VISIT_LOCATION, visit)
    for k in range(count):
        shift = at(p, CANDIDATE_SHIFT, first + k)
        away_s = drive_s(t, at(p, SHIFT_LOCATION, shift), site)
        for j in range(at(s, LENGTH, shift)):
            stop = at(p, VISIT_LOCATION, sequence_at(s, shift, j))
            away_s = min(away_s, drive_s(t, stop, site))
        day = at(p, SHIFT_START_S, shift) // 86400
        put(s, HOW_FAR, k, day * FOREVER_S + away_s)
    for _ in range(count):
        k = nearest_of(s, count)
        put(s, HOW_FAR, k, PROHIBITIVE)
        if not may_serve(p, s, visit, at(p, CANDIDATE_SHIFT, first + k)):
            continue
        _, position = best_position(t, p, s, first + k, visit, PROHIBITIVE)
        if position >= 0 and insert(t, p, s, first + k, visit, position) == OK:
            return True
    return False


@inlined
def nearest_of(s, count):
    """The first of the least of HOW_FAR[:count]."""
    best = ZERO
    for k in range(1, count):
        if at(s, HOW_FAR, k) < at(s, HOW_FAR, best):
            best = k
    return best


@entry
def append(t, p, s, shift, order):
    """Put visits at the end of a route one after the other; those that would break a rule stay
    in the bank. Ties are left for later: a tied visit stays in the bank."""
    forget(s)
    for visit in order:
        if at(s, VISIT_SHIFT, visit) >= 0 or at(p, VISIT_TIED, visit):
            continue
        n = at(s, LENGTH, shift)
        for c in range(at(p, CANDIDATE_PTR, visit), at(p, CANDIDATE_PTR, visit + 1)):
            here = at(p, CANDIDATE_SHIFT, c) == shift and n < s[MOST_VISITS]
            if here and insert(t, p, s, c, visit, n) == OK:
                from_bank(s, visit)
                break


@inlined
def from_bank(s, visit):
    """Strike a visit off the bank."""
    kept = ZERO
    for i in range(s[N_BANK]):
        if at(s, BANK, i) != visit:
            put(s, BANK, kept, at(s, BANK, i))
            kept += 1
    s[N_BANK] = kept


@entry
def exchange_visits(t, p, s, gone, come):
    """Take visits out of the plan, then put others in. ``undo`` takes it all back.

    ``come`` has rows of visit, candidate and position; with candidate -1 the visit goes where it
    costs least. Who finds no legal place, or has to come after who is not planned, stays in the
    bank.
    """
    start_anew(p, s)
    n_bank = s[N_BANK]
    for visit in gone:
        take_visit(t, p, s, visit)
    drop_orphans(t, p, s, n_bank)
    for row in range(len(come)):
        visit = come[row, 0]
        candidate = come[row, 1]
        position = come[row, 2]
        if not firsts_planned(p, s, visit):
            continue
        if candidate < 0:
            _, candidate, position = best_candidate(t, p, s, visit, 0.0, PROHIBITIVE)
        if candidate >= 0 and insert(t, p, s, candidate, visit, position) == OK:
            from_bank(s, visit)


# --- reading plans ------------------------------------------------------------------------------


@entry
def load_best(t, p, s):
    """Make the best plan the present one; everything is computed anew. Returns OK, or what
    forbids the plan."""
    for section, size in (
        (SUPPLY_USED, at(p, SUPPLY_PTR, p[N_DEPOTS] * p[N_PARTS])),
        (VAN_USED, p[N_TECHNICIANS] * p[N_PARTS]),
        (TECHNICIAN_PAID_S, p[N_TECHNICIANS]),
        (ROUTE, p[N_SHIFTS] * ROUTE_FIELDS),
    ):
        for i in range(size):
            put(s, section, i, 0)
    for visit in range(p[N_VISITS]):
        put(s, VISIT_SHIFT, visit, -1)
        put(s, VISIT_CANDIDATE, visit, -1)
        put(s, START, visit, -FOREVER_S)
        put(s, RELEASE, visit, at(p, VISIT_RELEASE_S, visit))
    for shift in range(p[N_SHIFTS]):
        copy_route(
            s, SEQUENCE, LENGTH, TAKES, TAKEN,
            BEST_SEQUENCE, BEST_LENGTH, BEST_TAKES, BEST_TAKEN, shift,
        )  # fmt: skip
        put(s, AWAY, shift, at(s, BEST_AWAY, shift))
        put(s, ROUTE, shift * ROUTE_FIELDS + PICK_BEFORE, at(s, BEST_PICK, shift))
        lift(p, s, shift, 1)
        mark_planned(p, s, shift)
        put(s, VERSION, shift, new_version(s))
        put(s, BEST_VERSION, shift, at(s, VERSION, shift))
        if at(s, LENGTH, shift) > 0:
            enqueue(s, shift)
    code = settle(t, p, s, NONE, ZERO)
    s[TOTAL] = 0
    worst_s = ZERO
    for i in range(s[N_SIDE]):
        shift = at(s, SIDE, i)
        set_route(p, s, shift, s[SIDE_RESULT] + i * ROUTE_FIELDS)
        s[TOTAL] += at(s, ROUTE, shift * ROUTE_FIELDS + COST)
        worst_s = max(worst_s, at(s, ROUTE, shift * ROUTE_FIELDS + WORST_S))
    s[TOTAL] += worst_s * p[WORST_LATE_FEN_PER_H] // 3600
    for k in range(s[N_LOG]):
        put(s, IS_LOGGED, at(s, LOG, k), 0)
    for k in range(s[N_SIDE]):
        put(s, SIDE_PLACE, at(s, SIDE, k), 0)
    s[N_LOG] = 0
    s[N_SIDE] = 0
    for technician in range(p[N_TECHNICIANS]):
        s[TOTAL] += unfair_fen(p, technician, at(s, TECHNICIAN_PAID_S, technician))
    s[N_BANK] = 0
    for visit in range(p[N_VISITS]):
        if at(s, VISIT_SHIFT, visit) < 0:
            to_bank(p, s, visit)
    for depot in range(p[N_DEPOTS]):
        put(s, DEPOT_VERSION, depot, new_version(s))
    s[SHARED_VERSION] = new_version(s)
    for shift in range(p[N_SHIFTS]):
        if code == OK and at(s, LENGTH, shift) > 0:
            code = fits_technician(p, s, shift)
            if code == OK and too_many_lent(p, s, shift) > 0:
                code = fail(s, TOOL, 1)
            if code == OK and too_many_nights(p, s, shift) > 0:
                code = fail(s, AWAY_CODE, 1)
    return code


@entry
def describe(t, p, s, shift):
    """Walk a route as it is: STOPS, STOP_START_S, BREAK_LEG, TAKES and RESULT tell about it.

    Returns how many stops it has.
    """
    s[TRIAL_SHIFT] = -1
    walk_present(t, p, s, shift)
    return s[N_STOPS]


@entry
def why_not(t, p, s, candidate, visit):
    """The rule that comes closest to allowing a visit in a candidate's shift: (code, amount,
    position).

    Seconds are compared with seconds; a missing unit counts as much as an hour. With OK the
    amount is the least added cost, and the position the one that adds it; NOWHERE if other visits
    of the unit, or linked ones, are not where they would have to be.
    """
    shift = at(p, CANDIDATE_SHIFT, candidate)
    thorough = s[THOROUGH]
    s[THOROUGH] = 1
    delta, position = best_position(t, p, s, candidate, visit, PROHIBITIVE)
    s[THOROUGH] = thorough
    if position >= 0:
        if not may_serve(p, s, visit, shift) or not firsts_planned(p, s, visit):
            position = NOWHERE
        return OK, delta, position
    kept = at(s, VISIT_CANDIDATE, visit)
    put(s, VISIT_CANDIDATE, visit, candidate)
    coupled = is_coupled(p, s, shift, visit)
    best_code = MAX_VISITS
    best_amount = 1
    best_weight = PROHIBITIVE
    for position in range(at(s, LENGTH, shift) + 1 if at(s, LENGTH, shift) < s[MOST_VISITS] else 0):
        lift(p, s, shift, -1)
        n = lay_trial(s, shift, visit, position)
        if coupled:
            put(s, VISIT_SHIFT, visit, shift)
            await_partners(p, s, visit)
            code = evaluate_all(t, p, s, shift, n, NO)
            put(s, VISIT_SHIFT, visit, -1)
        else:
            code = evaluate(t, p, s, shift, n)
            if code == OK:
                code = fits_technician(p, s, shift)
        amount = s[RESULT + AMOUNT]
        take_back(s)
        lift(p, s, shift, 1)
        units = code in (PARTS, MAX_VISITS, SKILL_EXPIRED, TOOL, AWAY_CODE)
        weight = amount * 3600 if units else amount
        if weight < best_weight:
            best_weight = weight
            best_code = code
            best_amount = amount
    put(s, VISIT_CANDIDATE, visit, kept)
    return best_code, best_amount, NONE
