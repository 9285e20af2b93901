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
    N_VISITS, N_SHIFTS, N_TECHNICIANS, N_PARTS, N_DEPOTS,
    TRAVEL_FEN_PER_H, TRAVEL_FEN_PER_KM, PAID_FEN_PER_H, OVERTIME_FEN_PER_H, UNFAIR_FEN_PER_H,
    CLOCK_PERMILLE, CHANGE_TIME_FEN, CHANGE_TOLERANCE_S, PART_MOVE_FEN,
) = range(14)  # fmt: skip
P_SECTIONS_FROM = 14
# p: sections, named after the arrays of Problem; NEIGHBOUR is [V, N_NEIGHBOURS]
(
    VISIT_LOCATION, VISIT_SERVICE_S, VISIT_RUN_IN_S, VISIT_RELEASE_S, VISIT_UNASSIGNED_FEN,
    VISIT_DUE_S, VISIT_PIN_AFTER, VISIT_PUBLISHED_TECHNICIAN, VISIT_PUBLISHED_START_S,
    VISIT_PIN_RANK, WINDOW_PTR, WINDOW_OPEN_S, WINDOW_CLOSE_S, CLOCK_PTR, CLOCK_DUE_S,
    CLOCK_AT_END, CLOCK_BREACH_FEN, CLOCK_LATE_FEN_PER_H, NEED_PTR, NEED_QUANTITY,
    NEED_ALTERNATIVE_PTR, NEED_ALTERNATIVE, SHIFT_TECHNICIAN, SHIFT_START_S, SHIFT_END_S,
    SHIFT_LIMIT_S, SHIFT_LOCATION, SHIFT_DEPOT, SHIFT_MAX_TRAVEL_S, SHIFT_MAX_VISITS, BREAK_PTR,
    BREAK_EARLIEST_S, BREAK_LATEST_S, BREAK_DURATION_S, BREAK_RIGID, TECHNICIAN_PTR,
    TECHNICIAN_REST_S, TECHNICIAN_MAX_OVERTIME_S, TECHNICIAN_FAIR_S, VAN_STOCK, DEPOT_LOCATION,
    DEPOT_PICKUP_S, SUPPLY_PTR, SUPPLY_AT_S, SUPPLY_QUANTITY, CANDIDATE_PTR, CANDIDATE_SHIFT,
    CANDIDATE_FEN, CANDIDATE_LATEST_S, NEIGHBOUR,
) = range(P_SECTIONS_FROM, P_SECTIONS_FROM + 50)  # fmt: skip

# s: numbers. RESULT is the first of ROUTE_FIELDS numbers, see below.
(
    TOTAL, BEST_TOTAL, BEST_ITERATION, BEST_LATE, BEST_BANK, RNG, MOST_VISITS, N_NEIGHBOURS,
    N_BANK, N_TAKES, N_MISSING, N_TOUCHED, NEXT_VERSION, STOCK_VERSION, SETTLED, N_TRIAL,
    ASKED, N_WAYS, RESULT,
) = range(19)  # fmt: skip
# What is known of a walked route; columns of RESULT and ROUTE. AMOUNT says by how much it fails.
COST, DEPART, FINISH, PAID, OVERTIME_S, TRAVEL_S, LATE, AMOUNT = range(8)
ROUTE_FIELDS = 8
S_SECTIONS_FROM = RESULT + ROUTE_FIELDS
# s: sections. First what the search changes, then what an iteration may put back, then the best
# plan, then scratch.
(
    SEQUENCE,  # [S, MOST_VISITS] the visits of each route
    LENGTH,  # [S]
    ROUTE,  # [S, ROUTE_FIELDS]
    TAKES,  # [S, MAX_TAKES, TAKE_FIELDS] parts taken by each route
    TAKEN,  # [S] how many takes
    VERSION,  # [S] changes whenever an insertion into the route may cost something else
    VISIT_SHIFT,  # [V] -1: in the bank
    VISIT_CANDIDATE,  # [V] the candidate by which it is planned or tried
    BANK,  # [V] unassigned visits
    SUPPLY_USED,  # as SUPPLY_QUANTITY
    VAN_USED,  # [T, P]
    TECHNICIAN_PAID_S,  # [T]
    TECHNICIAN_OVERTIME_S,  # [T]
    DEPOT_VERSION,  # [D] changes whenever the depot's free stock does
    CACHE_VERSION, CACHE_STOCK, CACHE_DELTA, CACHE_POSITION,  # [C, N_WAYS] insertions computed
    TOUCHED,  # [S] shifts changed in this iteration
    IS_TOUCHED,  # [S] 0, VERSION_ONLY, ROUTE_TOO
    OLD_SEQUENCE, OLD_LENGTH, OLD_ROUTE, OLD_TAKES, OLD_TAKEN, OLD_VERSION, OLD_DEPOT_VERSION,
    OLD_BANK,
    BEST_SEQUENCE, BEST_LENGTH, BEST_TAKES, BEST_TAKEN,
    TRIAL,  # [MOST_VISITS + 1] a sequence to evaluate
    STOPS,  # [MOST_VISITS + 3] the trial with pick-ups: visit, or -1 - depot
    STOP_START_S,  # as STOPS
    BREAK_LEG,  # [most breaks of a shift] the stop before which each was taken, or -1
    TAKE,  # [MAX_TAKES, TAKE_FIELDS] takes of the trial
    MISSING,  # [MAX_TAKES, 2] need, quantity
    ORDER,  # [V] sort keys
) = range(S_SECTIONS_FROM, S_SECTIONS_FROM + 39)  # fmt: skip

TAKE_VISIT, TAKE_PART, TAKE_QUANTITY, TAKE_SUPPLY, TAKE_KIND = range(5)
TAKE_FIELDS = 5
FROM_VAN, FROM_BASE, FROM_DETOUR = range(3)
MAX_TAKES = 48
VERSION_ONLY, ROUTE_TOO = 1, 2

# What forbids a route. The numbers index solver.solve.CODES.
(
    OK, WINDOW, SHIFT, OVERTIME, BREAK, ABSENCE, PARTS, TRAVEL_LIMIT, MAX_VISITS, REST, PINNED,
    SKILL_EXPIRED,
) = range(12)  # fmt: skip

# Values of ASKED: what stock the last evaluations depended on, besides the technician's van.
ASKED_NOBODY, ASKED_BASE, ASKED_ALL = range(3)

# Orders in which to insert visits.
RANDOM, DEAREST_FIRST, FIRST_DUE, FEWEST_CANDIDATES, LONGEST_FIRST = range(5)

PROHIBITIVE = 1 << 60

# As arguments: numba compiles a function anew for each literal constant it is called with.
ZERO, ONE = np.int64(0), np.int64(1)

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)


entry = njit(cache=True, nogil=True, error_model="numpy")
LEAN: dict[str, Any] = {
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
inner = njit(cache=True, **LEAN)
"""Only called by other kernels: without the wrappers for Python they compile faster."""


def leaf(result, *arguments):
    """Small and called with many constants: one signature, or each constant compiles it anew."""
    return njit(f"{result}({', '.join(arguments)})", cache=True, **LEAN)


INT, FLAG, ARRAY = "int64", "boolean", "int64[::1]"


@leaf(INT, ARRAY, INT, INT)
def at(array, section, i):
    """Entry ``i`` of a section."""
    return array[array[section] + i]


@leaf("void", ARRAY, INT, INT, INT)
def put(array, section, i, value):
    array[array[section] + i] = value


@leaf("void", ARRAY, INT, INT, INT)
def add(array, section, i, value):
    array[array[section] + i] += value


@leaf("void", ARRAY, INT, INT, INT, INT, INT)
def copy(s, target, target_from, source, source_from, count):
    """Copy entries from one section of the state to another."""
    a = s[target] + target_from
    b = s[source] + source_from
    for i in range(count):
        s[a + i] = s[b + i]


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
    free = 0
    for k in range(first, end):
        free += at(p, SUPPLY_QUANTITY, k) - at(s, SUPPLY_USED, k)
    found = -1
    for k in range(end - 1, first - 1, -1):
        if free < quantity:
            break
        found = k
        free -= at(p, SUPPLY_QUANTITY, k) - at(s, SUPPLY_USED, k)
    return found


@inner
def stock_at(p, s, depot_part, time_s):
    """How many units are free from ``time_s`` on, and the supply to take them from (or -1)."""
    free = 0
    lowest = 0
    supply = -1
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
    quantity = sign * s[take + TAKE_QUANTITY]
    if s[take + TAKE_KIND] == FROM_VAN:
        add(s, VAN_USED, technician * p[N_PARTS] + s[take + TAKE_PART], quantity)
    else:
        add(s, SUPPLY_USED, s[take + TAKE_SUPPLY], quantity)


@leaf(FLAG, ARRAY, ARRAY, INT, INT, INT, INT, INT, INT)
def add_take(p, s, technician, visit, part, quantity, supply, kind):
    """Note that the trial takes parts, and use the stock. False if the list is full."""
    n = s[N_TAKES]
    if n == MAX_TAKES:
        return False
    take = s[TAKE] + n * TAKE_FIELDS
    s[take + TAKE_VISIT] = visit
    s[take + TAKE_PART] = part
    s[take + TAKE_QUANTITY] = quantity
    s[take + TAKE_SUPPLY] = supply
    s[take + TAKE_KIND] = kind
    s[N_TAKES] = n + 1
    use_stock(p, s, technician, take, 1)
    return True


@leaf("void", ARRAY, ARRAY, INT, INT)
def give_back(p, s, technician, first):
    """Undo the stock effect of the trial's takes from ``first`` on; the notes stay."""
    for i in range(first, s[N_TAKES]):
        use_stock(p, s, technician, s[TAKE] + i * TAKE_FIELDS, -1)


@inner
def allocate(p, s, shift, n):
    """Serve the trial's needs from the van, then from the base at the route's start.

    What is left goes to MISSING. Returns whether the base is needed and the position of the
    first visit with something missing (n: none), or -1 if there are too many takes.
    """
    technician = at(p, SHIFT_TECHNICIAN, shift)
    base = at(p, SHIFT_DEPOT, shift)
    start_s = at(p, SHIFT_START_S, shift)
    s[N_TAKES] = 0
    s[N_MISSING] = 0
    uses_base = False
    first_missing = n
    for i in range(n):
        visit = at(s, TRIAL, i)
        for need in range(at(p, NEED_PTR, visit), at(p, NEED_PTR, visit + 1)):
            left = at(p, NEED_QUANTITY, need)
            first = at(p, NEED_ALTERNATIVE_PTR, need)
            end = at(p, NEED_ALTERNATIVE_PTR, need + 1)
            for a in range(first, end):
                part = at(p, NEED_ALTERNATIVE, a)
                van = technician * p[N_PARTS] + part
                used = min(left, at(p, VAN_STOCK, van) - at(s, VAN_USED, van))
                if used > 0:
                    if not add_take(p, s, technician, visit, part, used, -1, FROM_VAN):
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
                    if not add_take(p, s, technician, visit, part, used, supply, FROM_BASE):
                        return uses_base, -1
                    left -= used
                    uses_base = True
            if left > 0:
                m = s[N_MISSING]
                if m == MAX_TAKES:
                    return uses_base, -1
                put(s, MISSING, 2 * m, need)
                put(s, MISSING, 2 * m + 1, left)
                s[N_MISSING] = m + 1
                first_missing = min(first_missing, i)
    return uses_base, first_missing


@inner
def too_far(t, p, s, shift, depot, position):
    """Whether going by a depot to the visit at a position and home fills more than the shift."""
    base = at(p, SHIFT_LOCATION, shift)
    by = at(p, DEPOT_LOCATION, depot)
    visit = at(s, TRIAL, position)
    site = at(p, VISIT_LOCATION, visit)
    travel_s = np.int64(t[base, by, 0]) + t[by, site, 0] + t[site, base, 0]
    busy_s = travel_s + at(p, DEPOT_PICKUP_S, depot) + at(p, VISIT_SERVICE_S, visit)
    shift_s = at(p, SHIFT_LIMIT_S, shift) - at(p, SHIFT_START_S, shift)
    return busy_s > shift_s or travel_s > at(p, SHIFT_MAX_TRAVEL_S, shift)


@inner
def at_base_first(p, s, shift, depot, position):
    """Whether a detour is to the base at the start, so that one stop there serves for all.

    Then what the base gives at once is noted as part of the detour.
    """
    one_stop = depot == at(p, SHIFT_DEPOT, shift) and position == 0
    for i in range(s[N_TAKES]):
        take = s[TAKE] + i * TAKE_FIELDS
        if s[take + TAKE_KIND] != FROM_VAN and s[take + TAKE_SUPPLY] >= 0:
            s[take + TAKE_KIND] = FROM_DETOUR if one_stop else FROM_BASE
    return one_stop


@inner
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


@inner
def take_missing(p, s, shift, depot, there_s):
    """Take everything missing at a depot. Returns when it is all there, FOREVER_S if never."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    for m in range(s[N_MISSING]):
        need = at(s, MISSING, 2 * m)
        quantity = at(s, MISSING, 2 * m + 1)
        supply = -1
        part = -1
        for a in range(at(p, NEED_ALTERNATIVE_PTR, need), at(p, NEED_ALTERNATIVE_PTR, need + 1)):
            part = at(p, NEED_ALTERNATIVE, a)
            supply = stock_from(p, s, depot * p[N_PARTS] + part, quantity)
            if supply >= 0:
                break
        if supply < 0:
            return FOREVER_S
        visit = visit_of_need(p, s, need)
        if not add_take(p, s, technician, visit, part, quantity, supply, FROM_DETOUR):
            return FOREVER_S
        there_s = max(there_s, at(p, SUPPLY_AT_S, supply))
    return there_s


@inner
def visit_of_need(p, s, need):
    for i in range(s[N_TRIAL]):
        visit = at(s, TRIAL, i)
        if at(p, NEED_PTR, visit) <= need < at(p, NEED_PTR, visit + 1):
            return visit
    return -1


@inner
def parts_there(p, s, shift, i, depot):
    """From when on everything is there that the pick-up at stop ``i`` is to take.

    That is at once for the one at the base at the start. A detour takes what is missing, unless
    the takes are settled. FOREVER_S if it is never there.
    """
    there_s = at(p, SHIFT_START_S, shift)
    for k in range(s[N_TAKES]):
        take = s[TAKE] + k * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_BASE and i == 0:
            return there_s
        if s[take + TAKE_KIND] == FROM_DETOUR:
            there_s = max(there_s, at(p, SUPPLY_AT_S, s[take + TAKE_SUPPLY]))
    if s[SETTLED] == 1:
        return there_s
    return take_missing(p, s, shift, depot, there_s)


@inner
def move_fen(p, s, shift):
    """The price of the trial's parts that are picked up away from the base."""
    base = at(p, SHIFT_DEPOT, shift)
    units = 0
    for i in range(s[N_TAKES]):
        take = s[TAKE] + i * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_DETOUR:
            supply = s[take + TAKE_SUPPLY]
            first = at(p, SUPPLY_PTR, base * p[N_PARTS])
            end = at(p, SUPPLY_PTR, (base + 1) * p[N_PARTS])
            if base < 0 or not first <= supply < end:
                units += s[take + TAKE_QUANTITY]
    return units * p[PART_MOVE_FEN]


# --- one route ----------------------------------------------------------------------------------


@inner
def visit_start(p, visit, time_s):
    """The earliest start from ``time_s`` on, FOREVER_S when all windows have closed."""
    start_s = max(time_s, at(p, VISIT_RELEASE_S, visit))
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
    fen = 0
    for c in range(at(p, CLOCK_PTR, visit), at(p, CLOCK_PTR, visit + 1)):
        late_s = start_s - at(p, CLOCK_DUE_S, c)
        if at(p, CLOCK_AT_END, c):
            late_s += at(p, VISIT_SERVICE_S, visit)
        if late_s > 0:
            price = at(p, CLOCK_BREACH_FEN, c) + at(p, CLOCK_LATE_FEN_PER_H, c) * late_s // 3600
            fen += price * p[CLOCK_PERMILLE] // 1000
            s[RESULT + LATE] += 1
    return fen


@inner
def visit_fen(p, s, shift, visit, start_s):
    """What it costs that a visit starts then in that shift."""
    fen = at(p, CANDIDATE_FEN, at(s, VISIT_CANDIDATE, visit)) + clock_fen(p, s, visit, start_s)
    if at(p, VISIT_PUBLISHED_TECHNICIAN, visit) == at(p, SHIFT_TECHNICIAN, shift):
        moved_s = abs(start_s - at(p, VISIT_PUBLISHED_START_S, visit))
        if moved_s > p[CHANGE_TOLERANCE_S]:
            fen += p[CHANGE_TIME_FEN]
    return fen


@leaf(INT, ARRAY, INT, INT)
def fail(s, code, amount):
    s[RESULT + AMOUNT] = amount
    return code


@inner
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


@inner
def walk(t, p, s, shift, n):
    """Walk the n STOPS, fill RESULT, and return OK or what forbids the route.

    Breaks are taken where they cost nothing (during a run-in or while waiting), and else as late
    as possible.
    """
    for k in range(ROUTE_FIELDS):
        s[RESULT + k] = 0
    start_s = at(p, SHIFT_START_S, shift)
    base = at(p, SHIFT_LOCATION, shift)
    first_break = at(p, BREAK_PTR, shift)
    end_break = at(p, BREAK_PTR, shift + 1)
    for b in range(end_break - first_break):
        put(s, BREAK_LEG, b, -1)
    bk = first_break
    ready = leave = depart = start_s
    place = base
    leading = True  # no visit yet
    lead_s = 0  # travel, pick-ups and breaks before the first visit
    lead_absence = False
    rested_s = 0
    previous = -1
    there_s = start_s  # when the parts of a pick-up are there
    cost = 0
    for i in range(n + 1):
        home = i == n
        stop = -1 if home else at(s, STOPS, i)
        is_visit = not home and stop >= 0
        if home:
            target = base
        elif is_visit:
            target = at(p, VISIT_LOCATION, stop)
        else:
            target = at(p, DEPOT_LOCATION, -1 - stop)
            there_s = parts_there(p, s, shift, i, -1 - stop)
            if there_s >= FOREVER_S:
                return fail(s, PARTS, 1)
        same_place = target == place
        begin = ready if same_place else leave
        travel_s = np.int64(t[place, target, 0])
        s[RESULT + TRAVEL_S] += travel_s
        cost += travel_s * p[TRAVEL_FEN_PER_H] // 3600
        cost += np.int64(t[place, target, 1]) * p[TRAVEL_FEN_PER_KM] // 1000
        if leading:
            lead_s += travel_s
        while bk < end_break:
            earliest = at(p, BREAK_EARLIEST_S, bk)
            latest = at(p, BREAK_LATEST_S, bk)
            duration = at(p, BREAK_DURATION_S, bk)
            rigid = at(p, BREAK_RIGID, bk) == 1
            rest_over = max(start_s, earliest) + duration
            if not leading and depart >= rest_over:
                bk += 1  # rested before the departure
                continue
            b = max(ready, earliest)
            if not rigid and b <= latest and b + duration <= leave:
                if same_place and is_visit:
                    next_s = visit_start(p, stop, ready)
                    delays = visit_start(p, stop, b + duration) > next_s
                    if delays and next_s + at(p, VISIT_SERVICE_S, stop) <= latest:
                        break  # work here first
                ready = b + duration  # during the run-in
                if same_place:
                    begin = ready
                rested_s += duration
                put(s, BREAK_LEG, bk - first_break, i)
                bk += 1
                continue
            arrival = begin + travel_s
            if home:
                if arrival <= latest:
                    bk += 1  # rests after work
                    continue
                forced = True
                without = arrival
            elif is_visit:
                without = visit_start(p, stop, arrival)
                done = without + at(p, VISIT_SERVICE_S, stop)
                departs = start_s if lead_absence else without - lead_s
                if leading and without < FOREVER_S and departs >= rest_over:
                    away_s = done + at(p, VISIT_RUN_IN_S, stop)
                    if rigid or not absence_between(p, bk + 1, end_break, departs, away_s):
                        bk += 1
                        continue
                if rigid:
                    done += at(p, VISIT_RUN_IN_S, stop)
                    if same_place:
                        done = max(done, leave)
                forced = done > latest
            else:
                # the departure may still move: then a wait is none, and gives no time to rest
                without = arrival if leading else max(arrival, there_s)
                forced = without + at(p, DEPOT_PICKUP_S, -1 - stop) > latest
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
                    travel_s = 0
                begin = latest + duration
                if leading:
                    lead_absence = True
            elif begin > latest:
                if b > latest:
                    return fail(s, BREAK, b - latest)
                begin = max(begin, b + duration)
            elif arrival <= latest:
                begin = max(arrival, earliest) + duration
                travel_s = 0
            else:
                travel_s -= latest - begin  # on the road
                begin = latest + duration
            ready = begin
            rested_s += duration
            if leading:
                lead_s += duration
            put(s, BREAK_LEG, bk - first_break, i)
            bk += 1
        time_s = begin + travel_s
        if home:
            ready = time_s
        elif is_visit:
            begin_s = visit_start(p, stop, time_s)
            if begin_s == FOREVER_S:
                last = at(p, WINDOW_PTR, stop + 1) - 1
                late_s = max(time_s, at(p, VISIT_RELEASE_S, stop)) - at(p, WINDOW_CLOSE_S, last)
                instant = at(p, WINDOW_OPEN_S, last) == at(p, WINDOW_CLOSE_S, last)
                pinned = instant and at(p, VISIT_PIN_RANK, stop) > 0
                return fail(s, PINNED if pinned else WINDOW, late_s)
            last_s = at(p, CANDIDATE_LATEST_S, at(s, VISIT_CANDIDATE, stop))
            if begin_s > last_s:
                return fail(s, SKILL_EXPIRED, 1 + (begin_s - last_s) // 86400)
            follows = at(p, VISIT_PIN_AFTER, stop)
            if follows >= 0 and follows != previous:
                return fail(s, PINNED, 1)
            previous = stop
            if leading:
                leading = False
                depart = start_s if lead_absence else begin_s - lead_s
            cost += visit_fen(p, s, shift, stop, begin_s)
            hold = leave if same_place else 0
            ready = begin_s + at(p, VISIT_SERVICE_S, stop)
            leave = max(ready + at(p, VISIT_RUN_IN_S, stop), hold)
            put(s, STOP_START_S, i, begin_s)
        else:
            begin_s = max(time_s, there_s)
            ready = leave = begin_s + at(p, DEPOT_PICKUP_S, -1 - stop)
            if leading:
                lead_s += at(p, DEPOT_PICKUP_S, -1 - stop)
            put(s, STOP_START_S, i, begin_s)
        place = target
    finish = ready
    for b in range(first_break, end_break):
        rest_over = max(start_s, at(p, BREAK_EARLIEST_S, b)) + at(p, BREAK_DURATION_S, b)
        skipped = at(s, BREAK_LEG, b - first_break) < 0
        if skipped and depart < rest_over and finish > at(p, BREAK_LATEST_S, b):
            # skipped for a departure that a later break then moved
            return fail(s, BREAK, at(p, BREAK_DURATION_S, b))
    limit = at(p, SHIFT_LIMIT_S, shift)
    end_s = at(p, SHIFT_END_S, shift)
    if finish > limit:
        code = OVERTIME if limit > end_s else SHIFT if limit == end_s else ABSENCE
        return fail(s, code, finish - limit)
    over_s = s[RESULT + TRAVEL_S] - at(p, SHIFT_MAX_TRAVEL_S, shift)
    if over_s > 0:
        return fail(s, TRAVEL_LIMIT, over_s)
    paid_s = finish - depart - rested_s
    overtime_s = max(0, finish - end_s)
    s[RESULT + DEPART] = depart
    s[RESULT + FINISH] = finish
    s[RESULT + PAID] = paid_s
    s[RESULT + OVERTIME_S] = overtime_s
    cost += paid_s * p[PAID_FEN_PER_H] // 3600
    cost += overtime_s * p[OVERTIME_FEN_PER_H] // 3600
    s[RESULT + COST] = cost
    return OK


@leaf(INT, ARRAY, ARRAY, INT, FLAG, INT, INT)
def lay_stops(p, s, shift, uses_base, detour_depot, detour_position):
    """Write the trial with its pick-ups to STOPS; returns how many stops there are."""
    k = 0
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
    """Evaluate TRIAL[:n] as the route of a shift: OK or what forbids it.

    Fills RESULT and the notes of takes; stock is left as it was. The route's own present takes
    must have been lifted before.
    """
    s[N_TRIAL] = n
    if n > at(p, SHIFT_MAX_VISITS, shift):
        return fail(s, MAX_VISITS, n - at(p, SHIFT_MAX_VISITS, shift))
    needs = False
    for i in range(n):
        visit = at(s, TRIAL, i)
        if at(p, NEED_PTR, visit) < at(p, NEED_PTR, visit + 1):
            needs = True
            break
    if needs:
        code = evaluate_with_parts(t, p, s, shift, n)
    else:
        s[N_TAKES] = 0
        s[N_MISSING] = 0
        copy(s, STOPS, 0, TRIAL, 0, n)
        code = walk(t, p, s, shift, n)
    if code != OK:
        return code
    return fits_technician(p, s, shift)


@inner
def evaluate_with_parts(t, p, s, shift, n):
    technician = at(p, SHIFT_TECHNICIAN, shift)
    uses_base, position = allocate(p, s, shift, n)
    if position < 0:
        give_back(p, s, technician, 0)
        return fail(s, PARTS, 1)
    if position == n:
        code = walk(t, p, s, shift, lay_stops(p, s, shift, uses_base, -1, n))
        give_back(p, s, technician, 0)
        return code
    # something is missing: one detour, to the depot where it costs least
    s[ASKED] = ASKED_ALL
    served = s[N_TAKES]
    code = PARTS
    amount = 0
    for m in range(s[N_MISSING]):
        amount += at(s, MISSING, 2 * m + 1)
    best_depot = -1
    best_cost = PROHIBITIVE
    for depot in range(p[N_DEPOTS]):
        if not has_missing(p, s, depot) or too_far(t, p, s, shift, depot, position):
            continue
        one_stop = at_base_first(p, s, shift, depot, position)
        k = lay_stops(p, s, shift, uses_base and not one_stop, depot, position)
        tried = walk(t, p, s, shift, k)
        cost = s[RESULT + COST] + move_fen(p, s, shift)
        give_back(p, s, technician, served)
        s[N_TAKES] = served
        if tried == OK and cost < best_cost:
            best_cost = cost
            best_depot = depot
        elif tried != OK and (code == PARTS or s[RESULT + AMOUNT] < amount):
            code = tried
            amount = s[RESULT + AMOUNT]
    if best_depot < 0:
        give_back(p, s, technician, 0)
        return fail(s, code, amount)
    one_stop = at_base_first(p, s, shift, best_depot, position)
    walk(t, p, s, shift, lay_stops(p, s, shift, uses_base and not one_stop, best_depot, position))
    s[RESULT + COST] = best_cost
    give_back(p, s, technician, 0)
    return OK


@inner
def fits_technician(p, s, shift):
    """Rest to the technician's neighbouring routes, and overtime over the horizon."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    rest = at(p, TECHNICIAN_REST_S, technician)
    for other in range(shift - 1, at(p, TECHNICIAN_PTR, technician) - 1, -1):
        if at(s, LENGTH, other) > 0:
            short = at(s, ROUTE, other * ROUTE_FIELDS + FINISH) + rest - s[RESULT + DEPART]
            if short > 0:
                return fail(s, REST, short)
            break
    for other in range(shift + 1, at(p, TECHNICIAN_PTR, technician + 1)):
        if at(s, LENGTH, other) > 0:
            short = s[RESULT + FINISH] + rest - at(s, ROUTE, other * ROUTE_FIELDS + DEPART)
            if short > 0:
                return fail(s, REST, short)
            break
    if s[RESULT + OVERTIME_S] > 0:
        present = at(s, ROUTE, shift * ROUTE_FIELDS + OVERTIME_S)
        total = at(s, TECHNICIAN_OVERTIME_S, technician) - present + s[RESULT + OVERTIME_S]
        allowed = at(p, TECHNICIAN_MAX_OVERTIME_S, technician)
        if total > allowed:
            return fail(s, OVERTIME, total - allowed)
    return OK


@inner
def unfair_fen(p, technician, paid_s):
    return max(0, paid_s - at(p, TECHNICIAN_FAIR_S, technician)) * p[UNFAIR_FEN_PER_H] // 3600


@inner
def added_cost(p, s, shift):
    """What the evaluated trial costs more than the present route of the shift."""
    technician = at(p, SHIFT_TECHNICIAN, shift)
    route = s[ROUTE] + shift * ROUTE_FIELDS
    paid_s = at(s, TECHNICIAN_PAID_S, technician)
    new_paid_s = paid_s - s[route + PAID] + s[RESULT + PAID]
    fairness = unfair_fen(p, technician, new_paid_s) - unfair_fen(p, technician, paid_s)
    return s[RESULT + COST] - s[route + COST] + fairness


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
def remember(s, shift):
    """Keep a route as it was before this iteration first changed it or its version."""
    if at(s, IS_TOUCHED, shift):
        return
    put(s, IS_TOUCHED, shift, VERSION_ONLY)
    put(s, TOUCHED, s[N_TOUCHED], shift)
    s[N_TOUCHED] += 1
    copy_route(
        s, OLD_SEQUENCE, OLD_LENGTH, OLD_TAKES, OLD_TAKEN, SEQUENCE, LENGTH, TAKES, TAKEN, shift
    )
    copy(s, OLD_ROUTE, shift * ROUTE_FIELDS, ROUTE, shift * ROUTE_FIELDS, ROUTE_FIELDS)
    put(s, OLD_VERSION, shift, at(s, VERSION, shift))


@inner
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


@inner
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
            put(s, DEPOT_VERSION, depot_of(p, s[take + TAKE_SUPPLY]), s[NEXT_VERSION])
            s[STOCK_VERSION] = s[NEXT_VERSION]
            s[NEXT_VERSION] += 1


@inner
def depot_of(p, supply):
    """The depot of a supply."""
    depot = 0
    while supply >= at(p, SUPPLY_PTR, (depot + 1) * p[N_PARTS]):
        depot += 1
    return depot


@inner
def replace(p, s, shift, n):
    """Make the evaluated TRIAL[:n] the route of the shift.

    The technician's other routes get new versions too: what fits into them may have changed.
    """
    technician = at(p, SHIFT_TECHNICIAN, shift)
    for other in range(at(p, TECHNICIAN_PTR, technician), at(p, TECHNICIAN_PTR, technician + 1)):
        remember(s, other)
        put(s, VERSION, other, s[NEXT_VERSION])
        s[NEXT_VERSION] += 1
    put(s, IS_TOUCHED, shift, ROUTE_TOO)
    route = s[ROUTE] + shift * ROUTE_FIELDS
    s[TOTAL] += added_cost(p, s, shift)
    add(s, TECHNICIAN_PAID_S, technician, s[RESULT + PAID] - s[route + PAID])
    add(s, TECHNICIAN_OVERTIME_S, technician, s[RESULT + OVERTIME_S] - s[route + OVERTIME_S])
    if takes_differ(s, shift):
        take_parts(p, s, shift)
    for k in range(ROUTE_FIELDS):
        s[route + k] = s[RESULT + k]
    copy(s, SEQUENCE, shift * s[MOST_VISITS], TRIAL, 0, n)
    put(s, LENGTH, shift, n)


@inner
def to_bank(p, s, visit):
    put(s, VISIT_SHIFT, visit, -1)
    put(s, BANK, s[N_BANK], visit)
    s[N_BANK] += 1
    s[TOTAL] += at(p, VISIT_UNASSIGNED_FEN, visit)


@leaf(INT, ARRAY, INT, INT)
def sequence_at(s, shift, i):
    return s[s[SEQUENCE] + shift * s[MOST_VISITS] + i]


@inner
def position_of(s, shift, visit):
    i = 0
    while sequence_at(s, shift, i) != visit:
        i += 1
    return i


@inner
def take_out(t, p, s, shift, position, count):
    """Take ``count`` visits from a position on out of a route.

    If the rest is no legal route (a break may fall badly, a pin may lose its predecessor), the
    whole route goes.
    """
    n = ZERO
    length = at(s, LENGTH, shift)
    for i in range(length):
        if not position <= i < position + count:
            put(s, TRIAL, n, sequence_at(s, shift, i))
            n += 1
    if n > 0:
        lift(p, s, shift, -1)
        code = evaluate(t, p, s, shift, n)
        lift(p, s, shift, 1)
        if code != OK:
            n = ZERO
    for i in range(length):
        if n == 0 or position <= i < position + count:
            to_bank(p, s, sequence_at(s, shift, i))
    if n == 0:
        s[N_TAKES] = 0
        for k in range(ROUTE_FIELDS):
            s[RESULT + k] = 0
    replace(p, s, shift, n)


@leaf(INT, ARRAY, INT, INT, INT)
def lay_trial(s, shift, visit, position):
    """Write the shift's route with a visit put in at a position to TRIAL; returns its length."""
    n = at(s, LENGTH, shift)
    row = shift * s[MOST_VISITS]
    copy(s, TRIAL, 0, SEQUENCE, row, position)
    put(s, TRIAL, position, visit)
    copy(s, TRIAL, position + 1, SEQUENCE, row + position, n - position)
    return n + 1


@inner
def stock_asked(p, s, shift, asked):
    """The version of the stock that insertions into a shift depend on; -1: none."""
    if asked == ASKED_NOBODY:
        return -1
    if asked == ASKED_BASE:
        base = at(p, SHIFT_DEPOT, shift)
        return at(s, DEPOT_VERSION, base) if base >= 0 else -1
    return s[STOCK_VERSION]


@inner
def best_position(t, p, s, candidate, visit):
    """The cheapest place for a visit in a candidate's shift: (added cost, position or -1).

    Remembered per candidate for some versions of the route, as long as the stock that matters
    stays the same: a rejected change brings earlier versions back.
    """
    shift = at(p, CANDIDATE_SHIFT, candidate)
    version = at(s, VERSION, shift)
    slot = candidate * s[N_WAYS] + version % s[N_WAYS]
    if at(s, CACHE_VERSION, slot) == version:
        stock = at(s, CACHE_STOCK, slot)
        if stock < 0 or stock == s[STOCK_VERSION] or stock == stock_asked(p, s, shift, ASKED_BASE):
            return at(s, CACHE_DELTA, slot), at(s, CACHE_POSITION, slot)
    kept = at(s, VISIT_CANDIDATE, visit)
    put(s, VISIT_CANDIDATE, visit, candidate)
    n = at(s, LENGTH, shift)
    best_delta = PROHIBITIVE
    best = -1
    s[ASKED] = ASKED_NOBODY
    if n < s[MOST_VISITS]:
        lift(p, s, shift, -1)
        trial = s[TRIAL]
        lay_trial(s, shift, visit, 0)
        for position in range(n + 1):
            if position > 0:
                s[trial + position - 1] = s[trial + position]
                s[trial + position] = visit
            if evaluate(t, p, s, shift, n + 1) == OK:
                delta = added_cost(p, s, shift)
                if delta < best_delta:
                    best_delta = delta
                    best = position
        lift(p, s, shift, 1)
    put(s, VISIT_CANDIDATE, visit, kept)
    put(s, CACHE_VERSION, slot, version)
    put(s, CACHE_STOCK, slot, stock_asked(p, s, shift, s[ASKED]))
    put(s, CACHE_DELTA, slot, best_delta)
    put(s, CACHE_POSITION, slot, best)
    return best_delta, best


@inner
def insert(t, p, s, candidate, visit, position):
    """Put a visit where best_position found a place. Returns what forbids it, or OK."""
    shift = at(p, CANDIDATE_SHIFT, candidate)
    n = lay_trial(s, shift, visit, position)
    put(s, VISIT_CANDIDATE, visit, candidate)
    lift(p, s, shift, -1)
    code = evaluate(t, p, s, shift, n)
    lift(p, s, shift, 1)
    if code == OK:
        replace(p, s, shift, n)
        put(s, VISIT_SHIFT, visit, shift)
        s[TOTAL] -= at(p, VISIT_UNASSIGNED_FEN, visit)
    return code


@inner
def best_candidate(t, p, s, visit, blink):
    """The cheapest (added cost, candidate or -1, position) for a visit.

    Each candidate is overlooked with probability ``blink``.
    """
    best_delta = PROHIBITIVE
    best = -1
    best_at = -1
    for c in range(at(p, CANDIDATE_PTR, visit), at(p, CANDIDATE_PTR, visit + 1)):
        if blink > 0.0 and random_unit(s) < blink:
            continue
        delta, position = best_position(t, p, s, c, visit)
        if position >= 0 and delta < best_delta:
            best_delta = delta
            best = c
            best_at = position
    return best_delta, best, best_at


# --- ruin ---------------------------------------------------------------------------------------


@inner
def ruin_strings(t, p, s, average):
    """Slack induction by string removals (Christiaens & Vanden Berghe 2020): take strings of
    visits out of routes that pass near a random visit."""
    routes = 0
    for shift in range(p[N_SHIFTS]):
        if at(s, LENGTH, shift) > 0:
            routes += 1
    if routes == 0:
        return
    longest = max(1, min(10, (p[N_VISITS] - s[N_BANK]) // routes))
    strings = 1 + int(random_unit(s) * max(1.0, 4.0 * average / (1.0 + longest) - 1.0))
    seed = random_below(s, p[N_VISITS])
    done = 0
    for i in range(-1, s[N_NEIGHBOURS]):
        if done >= strings:
            break
        visit = seed if i < 0 else at(p, NEIGHBOUR, seed * s[N_NEIGHBOURS] + i)
        shift = at(s, VISIT_SHIFT, visit)
        if shift < 0 or at(s, IS_TOUCHED, shift) == ROUTE_TOO:
            continue
        n = at(s, LENGTH, shift)
        size = 1 + random_below(s, min(n, longest + 1))
        position = position_of(s, shift, visit)
        lowest = max(0, position - size + 1)
        highest = min(position, n - size)
        take_out(t, p, s, shift, lowest + random_below(s, highest - lowest + 1), size)
        done += 1


@inner
def ruin_random(t, p, s, count):
    """Take random visits out."""
    for _ in range(count):
        visit = random_below(s, p[N_VISITS])
        shift = at(s, VISIT_SHIFT, visit)
        if shift >= 0:
            take_out(t, p, s, shift, position_of(s, shift, visit), ONE)


@inner
def ruin_shift(t, p, s):
    """Empty the route of a random visit and that of a neighbour."""
    visit = random_below(s, p[N_VISITS])
    for _ in range(2):
        shift = at(s, VISIT_SHIFT, visit)
        if shift >= 0:
            take_out(t, p, s, shift, ZERO, at(s, LENGTH, shift))
        near = random_below(s, s[N_NEIGHBOURS])
        visit = at(p, NEIGHBOUR, visit * s[N_NEIGHBOURS] + near)


# --- recreate -----------------------------------------------------------------------------------


@inner
def sort_key(p, s, visit, by):
    """What to sort the bank by; pins come first."""
    rank = at(p, VISIT_PIN_RANK, visit)
    if rank > 0:
        return rank * p[N_VISITS] + visit - PROHIBITIVE
    if by == DEAREST_FIRST:
        return -at(p, VISIT_UNASSIGNED_FEN, visit)
    if by == FIRST_DUE:
        return at(p, VISIT_DUE_S, visit)
    if by == FEWEST_CANDIDATES:
        return at(p, CANDIDATE_PTR, visit + 1) - at(p, CANDIDATE_PTR, visit)
    if by == LONGEST_FIRST:
        return -at(p, VISIT_SERVICE_S, visit) - at(p, VISIT_RUN_IN_S, visit)
    return random_below(s, 1 << 40)


@inner
def sort_bank(p, s, by):
    bank = s[BANK]
    order = s[ORDER]
    for i in range(s[N_BANK]):
        visit = s[bank + i]
        key = sort_key(p, s, visit, by)
        j = i
        while j > 0 and s[order + j - 1] > key:
            s[order + j] = s[order + j - 1]
            s[bank + j] = s[bank + j - 1]
            j -= 1
        s[order + j] = key
        s[bank + j] = visit


@inner
def draw_order(s):
    draw = random_below(s, 12)
    if draw < 4:
        return RANDOM
    if draw < 7:
        return DEAREST_FIRST
    if draw < 9:
        return FIRST_DUE
    return FEWEST_CANDIDATES if draw < 11 else LONGEST_FIRST


@entry
def recreate(t, p, s, by, blink):
    """Greedy insertion with blinks: each visit of the bank where it costs least, if that is less
    than leaving it out."""
    sort_bank(p, s, by)
    kept = 0
    for i in range(s[N_BANK]):
        visit = at(s, BANK, i)
        delta, candidate, position = best_candidate(t, p, s, visit, blink)
        worth = candidate >= 0 and delta < at(p, VISIT_UNASSIGNED_FEN, visit)
        if worth and insert(t, p, s, candidate, visit, position) == OK:
            continue
        put(s, BANK, kept, visit)
        kept += 1
    s[N_BANK] = kept


# --- the search ---------------------------------------------------------------------------------


@inner
def mark_planned(p, s, shift):
    """Note for the visits of a route where they are planned."""
    for j in range(at(s, LENGTH, shift)):
        visit = sequence_at(s, shift, j)
        put(s, VISIT_SHIFT, visit, shift)
        for c in range(at(p, CANDIDATE_PTR, visit), at(p, CANDIDATE_PTR, visit + 1)):
            if at(p, CANDIDATE_SHIFT, c) == shift:
                put(s, VISIT_CANDIDATE, visit, c)
                break


@inner
def undo(p, s, n_bank, total, stock_version):
    """Put everything back that the iteration changed."""
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
            add(s, TECHNICIAN_OVERTIME_S, technician, s[old + OVERTIME_S] - s[new + OVERTIME_S])
    for i in range(s[N_TOUCHED]):
        shift = at(s, TOUCHED, i)
        if at(s, IS_TOUCHED, shift) == ROUTE_TOO:
            copy_route(
                s, SEQUENCE, LENGTH, TAKES, TAKEN,
                OLD_SEQUENCE, OLD_LENGTH, OLD_TAKES, OLD_TAKEN, shift,
            )  # fmt: skip
            copy(s, ROUTE, shift * ROUTE_FIELDS, OLD_ROUTE, shift * ROUTE_FIELDS, ROUTE_FIELDS)
            lift(p, s, shift, 1)
            mark_planned(p, s, shift)
    copy(s, BANK, 0, OLD_BANK, 0, n_bank)
    copy(s, DEPOT_VERSION, 0, OLD_DEPOT_VERSION, 0, p[N_DEPOTS])
    s[N_BANK] = n_bank
    s[TOTAL] = total
    s[STOCK_VERSION] = stock_version


@inner
def forget(s):
    """Start a new iteration: nothing is touched."""
    for i in range(s[N_TOUCHED]):
        put(s, IS_TOUCHED, at(s, TOUCHED, i), 0)
    s[N_TOUCHED] = 0


@entry
def keep_best(p, s, iteration):
    s[BEST_TOTAL] = s[TOTAL]
    s[BEST_ITERATION] = iteration
    s[BEST_BANK] = s[N_BANK]
    s[BEST_LATE] = 0
    for shift in range(p[N_SHIFTS]):
        s[BEST_LATE] += at(s, ROUTE, shift * ROUTE_FIELDS + LATE)
        copy_route(
            s, BEST_SEQUENCE, BEST_LENGTH, BEST_TAKES, BEST_TAKEN,
            SEQUENCE, LENGTH, TAKES, TAKEN, shift,
        )  # fmt: skip


@inner
def iterate(t, p, s, average, temperature, iteration):
    """One ruin, one recreate, accepted as simulated annealing does."""
    forget(s)
    n_bank = s[N_BANK]
    copy(s, OLD_BANK, 0, BANK, 0, n_bank)
    copy(s, OLD_DEPOT_VERSION, 0, DEPOT_VERSION, 0, p[N_DEPOTS])
    total = s[TOTAL]
    stock_version = s[STOCK_VERSION]
    draw = random_below(s, 20)
    if draw < 15:
        ruin_strings(t, p, s, average)
    elif draw < 18:
        ruin_random(t, p, s, 1 + random_below(s, int(average)))
    else:
        ruin_shift(t, p, s)
    recreate(t, p, s, draw_order(s), 0.01)
    threshold = total - temperature * np.log(random_unit(s))
    if s[TOTAL] >= threshold:
        undo(p, s, n_bank, total, stock_version)
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
    for visit in order:
        first = at(p, CANDIDATE_PTR, visit)
        count = at(p, CANDIDATE_PTR, visit + 1) - first
        away = np.zeros(count, np.int64)
        site = at(p, VISIT_LOCATION, visit)
        for k in range(count):
            shift = at(p, CANDIDATE_SHIFT, first + k)
            away_s = np.int64(t[at(p, SHIFT_LOCATION, shift), site, 0])
            for j in range(at(s, LENGTH, shift)):
                stop = at(p, VISIT_LOCATION, sequence_at(s, shift, j))
                away_s = min(away_s, np.int64(t[stop, site, 0]))
            day = at(p, SHIFT_START_S, shift) // 86400
            away[k] = day * FOREVER_S + away_s
        for _ in range(count):
            k = np.argmin(away)
            away[k] = PROHIBITIVE
            _, position = best_position(t, p, s, first + k, visit)
            if position >= 0 and insert(t, p, s, first + k, visit, position) == OK:
                break
    s[N_BANK] = 0
    for visit in range(p[N_VISITS]):
        if at(s, VISIT_SHIFT, visit) < 0:
            put(s, BANK, s[N_BANK], visit)
            s[N_BANK] += 1
    keep_best(p, s, 0)


# --- reading plans ------------------------------------------------------------------------------


@entry
def load_best(t, p, s):
    """Make the best plan the present one; all totals are computed anew."""
    for section, size in (
        (SUPPLY_USED, at(p, SUPPLY_PTR, p[N_DEPOTS] * p[N_PARTS])),
        (VAN_USED, p[N_TECHNICIANS] * p[N_PARTS]),
        (TECHNICIAN_PAID_S, p[N_TECHNICIANS]),
        (TECHNICIAN_OVERTIME_S, p[N_TECHNICIANS]),
        (ROUTE, p[N_SHIFTS] * ROUTE_FIELDS),
    ):
        for i in range(size):
            put(s, section, i, 0)
    for visit in range(p[N_VISITS]):
        put(s, VISIT_SHIFT, visit, -1)
    s[TOTAL] = 0
    for shift in range(p[N_SHIFTS]):
        copy_route(
            s, SEQUENCE, LENGTH, TAKES, TAKEN,
            BEST_SEQUENCE, BEST_LENGTH, BEST_TAKES, BEST_TAKEN, shift,
        )  # fmt: skip
        lift(p, s, shift, 1)
        mark_planned(p, s, shift)
        if at(s, LENGTH, shift) > 0:
            describe(t, p, s, shift)
            technician = at(p, SHIFT_TECHNICIAN, shift)
            for k in range(ROUTE_FIELDS):
                put(s, ROUTE, shift * ROUTE_FIELDS + k, s[RESULT + k])
            add(s, TECHNICIAN_PAID_S, technician, s[RESULT + PAID])
            add(s, TECHNICIAN_OVERTIME_S, technician, s[RESULT + OVERTIME_S])
            s[TOTAL] += s[RESULT + COST]
        put(s, VERSION, shift, s[NEXT_VERSION])
        s[NEXT_VERSION] += 1
    for technician in range(p[N_TECHNICIANS]):
        s[TOTAL] += unfair_fen(p, technician, at(s, TECHNICIAN_PAID_S, technician))
    s[N_BANK] = 0
    for visit in range(p[N_VISITS]):
        if at(s, VISIT_SHIFT, visit) < 0:
            to_bank(p, s, visit)
    for depot in range(p[N_DEPOTS]):
        put(s, DEPOT_VERSION, depot, s[NEXT_VERSION])
        s[NEXT_VERSION] += 1
    s[STOCK_VERSION] = s[NEXT_VERSION]
    s[NEXT_VERSION] += 1


@entry
def describe(t, p, s, shift):
    """Walk a route as it is: STOPS, STOP_START_S, BREAK_LEG, TAKE and RESULT tell about it.

    Returns how many stops it has.
    """
    n = at(s, LENGTH, shift)
    copy(s, TRIAL, 0, SEQUENCE, shift * s[MOST_VISITS], n)
    s[N_TRIAL] = n
    s[N_TAKES] = at(s, TAKEN, shift)
    first = shift * MAX_TAKES * TAKE_FIELDS
    copy(s, TAKE, 0, TAKES, first, s[N_TAKES] * TAKE_FIELDS)
    uses_base = False
    depot = -1
    position = n
    for i in range(s[N_TAKES]):
        take = s[TAKE] + i * TAKE_FIELDS
        if s[take + TAKE_KIND] == FROM_BASE:
            uses_base = True
        elif s[take + TAKE_KIND] == FROM_DETOUR:
            depot = depot_of(p, s[take + TAKE_SUPPLY])
            position = min(position, position_of(s, shift, s[take + TAKE_VISIT]))
    s[SETTLED] = 1
    k = lay_stops(p, s, shift, uses_base, depot, position)
    walk(t, p, s, shift, k)
    s[RESULT + COST] += move_fen(p, s, shift)
    s[SETTLED] = 0
    return k


@entry
def why_not(t, p, s, candidate, visit):
    """The rule that comes closest to allowing a visit in a candidate's shift: (code, amount).

    Seconds are compared with seconds; a missing unit counts as much as an hour. With OK the
    amount is the least added cost.
    """
    shift = at(p, CANDIDATE_SHIFT, candidate)
    delta, position = best_position(t, p, s, candidate, visit)
    if position >= 0:
        return OK, delta
    kept = at(s, VISIT_CANDIDATE, visit)
    put(s, VISIT_CANDIDATE, visit, candidate)
    best_code = MAX_VISITS
    best_amount = 1
    best_weight = PROHIBITIVE
    lift(p, s, shift, -1)
    for position in range(at(s, LENGTH, shift) + 1 if at(s, LENGTH, shift) < s[MOST_VISITS] else 0):
        n = lay_trial(s, shift, visit, position)
        code = evaluate(t, p, s, shift, n)
        amount = s[RESULT + AMOUNT]
        units = code in (PARTS, MAX_VISITS, SKILL_EXPIRED)
        weight = amount * 3600 if units else amount
        if weight < best_weight:
            best_weight = weight
            best_code = code
            best_amount = amount
    lift(p, s, shift, 1)
    put(s, VISIT_CANDIDATE, visit, kept)
    return best_code, best_amount
