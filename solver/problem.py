"""The problem: a planning horizon as frozen integer arrays."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Int32: TypeAlias = NDArray[np.int32]
Int64: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.uint8]

FOREVER_S = 1 << 40
"""An instant after every horizon; limits that do not exist are set to it."""


class ProblemError(ValueError):
    """The arrays of a problem contradict each other. The message names array and index."""


class Problem(NamedTuple):
    """One planning horizon. Times are seconds from its start, money is fen, distances metres.

    Sizes: V visits, S shifts, T technicians, L locations, P parts, D depots, C candidates. Shifts
    are sorted by technician and then by start. An array ``x_ptr`` of n + 1 entries divides the
    arrays ``x_*`` among n owners: those of owner i stand at ``x_ptr[i]:x_ptr[i + 1]``.
    ``validate`` says what else must hold.

    A visit here is what one technician does. A crew's visit becomes one visit per member, with
    consecutive numbers; ties of lag 0 between the first of them, the leader, and each other make
    them start together. The members of such a unit are planned all or not at all, by different
    technicians. What is paid once (clocks, leaving it out, change) stands at the leader.
    """

    # travel between locations, [L, L]
    travel_s: Int32
    travel_m: Int32
    # visits, [V]
    visit_location: Int32
    visit_service_s: Int64
    visit_run_in_s: Int64
    visit_release_s: Int64
    visit_unassigned_fen: Int64
    visit_due_s: Int64  # the first clock to run out; orders visits in the search
    visit_pin_after: Int32  # the visit that must stand right before, or -1
    # 0: nobody was told of it (candidate_told says who was); else permille of a change's price
    visit_told: Int32
    visit_published_start_s: Int64
    visit_pin_rank: Int32  # 0: not pinned; pinned visits are inserted first, by rank
    visit_leader: Int32  # the first visit of the unit: itself where it stands alone
    # ties: a visit starts no earlier than tie_lag_s after the start of tie_visit, if that is
    # planned. As the lag may be negative, a maximum lag is a tie of the first to the second.
    tie_ptr: Int32
    tie_visit: Int32
    tie_lag_s: Int64
    # visits that have to be planned if this one is
    first_ptr: Int32
    first_visit: Int32
    # visits that have to be done by the same technician, if planned; both ways, leaders only
    mate_ptr: Int32
    mate_visit: Int32
    # windows of visits, sorted; none: any time
    window_ptr: Int32
    window_open_s: Int64
    window_close_s: Int64
    # SLA clocks that visits stop: at the start, or at the end of the repair
    clock_ptr: Int32
    clock_due_s: Int64
    clock_at_end: Flags
    clock_breach_fen: Int64
    clock_late_fen_per_h: Int64
    # parts that visits need; need_alternative_ptr divides the acceptable parts, best first
    need_ptr: Int32
    need_quantity: Int32
    need_alternative_ptr: Int32
    need_alternative: Int32
    # shifts, [S]
    shift_technician: Int32
    shift_start_s: Int64  # earliest departure
    shift_end_s: Int64
    shift_limit_s: Int64  # latest finish
    shift_location: Int32
    shift_depot: Int32  # the depot at the base, or -1
    shift_max_travel_s: Int64
    shift_max_visits: Int32
    shift_may_stay: Flags  # the route may end at its last visit; the next shift starts there
    # breaks of shifts, sorted by earliest start; rigid ones are absences
    break_ptr: Int32
    break_earliest_s: Int64
    break_latest_s: Int64
    break_duration_s: Int64
    break_rigid: Flags
    # technicians, [T]
    technician_ptr: Int32  # into shifts
    technician_rest_s: Int64
    technician_max_overtime_s: Int64
    technician_fair_s: Int64  # paid time above it is unfair load
    technician_max_nights: Int32  # nights away in a row
    van_stock: Int32  # [T, P]
    part_is_tool: Flags  # [P] needed, but not used up; borrowed until the route's finish
    # depots, [D]; supplies by depot and part (index d * P + p), sorted by time
    depot_location: Int32
    depot_pickup_s: Int64
    supply_ptr: Int32
    supply_at_s: Int64
    supply_quantity: Int32
    # which visits may stand in which shifts, by visit: added cost, latest start there
    candidate_ptr: Int32
    candidate_shift: Int32
    candidate_fen: Int64
    candidate_latest_s: Int64
    candidate_told: Flags
    # prices
    travel_fen_per_h: int
    travel_fen_per_km: int
    paid_fen_per_h: int
    overtime_fen_per_h: int
    unfair_fen_per_h: int
    clock_permille: int
    change_technician_fen: int  # a visit of which somebody was told, with another technician
    change_time_fen: int
    change_tolerance_s: int
    part_move_fen: int
    lodging_fen: int
    worst_late_fen_per_h: int  # for the latest clock of all that is stopped too late
    depart_late: int
    """1: paid time counts from the latest departure that neither delays the finish nor misses a
    window (as the benchmarks do); 0: from the latest that the start of the first visit allows."""

    @property
    def n_visits(self) -> int:
        return len(self.visit_location)

    @property
    def n_shifts(self) -> int:
        return len(self.shift_technician)

    def is_candidate(self, visit: int, shift: int) -> bool:
        """Whether a visit may stand in a shift at all."""
        first, end = self.candidate_ptr[visit], self.candidate_ptr[visit + 1]
        return shift in self.candidate_shift[first:end]

    def validate(self) -> None:
        """Check dtypes, sizes, pointers and index ranges, and freeze the arrays.

        Raises:
            ProblemError: naming the array, the place and the value.
        """
        for name, array in self._asdict().items():
            if isinstance(array, np.ndarray):
                expected_type = _DTYPES[Problem.__annotations__[name]]
                if array.dtype != expected_type:
                    raise ProblemError(f"{name}: dtype {array.dtype}, expected {expected_type}")
                if not array.flags.c_contiguous:
                    raise ProblemError(f"{name}: must be C-contiguous")
                array.flags.writeable = False
        sizes = _sizes(self)
        for name, expected in sizes.items():
            shape = getattr(self, name).shape
            if shape != expected:
                raise ProblemError(f"{name}: shape {shape}, expected {expected}")
        for pointer, owner in _POINTERS.items():
            array = getattr(self, pointer)
            length = len(getattr(self, owner))
            if array[0] != 0 or array[-1] != length or (np.diff(array) < 0).any():
                raise ProblemError(f"{pointer}: must rise from 0 to {length}, the size of {owner}")
        for name, (low, bound) in _index_ranges(self).items():
            array = getattr(self, name)
            wrong = np.flatnonzero((array < low) | (array >= bound))
            if len(wrong):
                i = int(wrong[0])
                raise ProblemError(f"{name}[{i}] = {array[i]}: must be in {low}..{bound - 1}")
        if (self.travel_s < 0).any() or (self.travel_m < 0).any():
            raise ProblemError("travel_s, travel_m: travel must not be negative")
        owners = np.repeat(np.arange(len(self.technician_rest_s)), np.diff(self.technician_ptr))
        wrong = np.flatnonzero(self.shift_technician != owners)
        if len(wrong):
            i = int(wrong[0])
            raise ProblemError(
                f"shift_technician[{i}] = {self.shift_technician[i]}:"
                f" technician_ptr gives the shift to {owners[i]}"
            )


def joined(problem: Problem, arrived: Problem) -> Problem:
    """The problem with the visits of another one, and its further locations, at its end.

    ``arrived`` is a problem of the visits that come, in which all else is the same. But its ties,
    firsts and mates are those of all visits, and they, ``visit_pin_after`` and its locations are
    numbered as in the result.
    """
    fields: dict[str, Any] = {"travel_s": arrived.travel_s, "travel_m": arrived.travel_m}
    for name, values in fields_of_visits(arrived).items():
        before = getattr(problem, name)
        if name.startswith(OF_LINKS):
            fields[name] = values
            continue
        if name in _POINTERS:
            values = values[1:] + before[-1]
        elif name == "visit_leader":
            values = values + problem.n_visits
        fields[name] = np.concatenate((before, values), dtype=before.dtype)
    return problem._replace(**fields)


def fields_of_visits(problem: Problem) -> dict[str, NDArray[np.generic]]:
    """The arrays of visits, and of what visits have several of, by name."""
    return {
        name: value
        for name, value in problem._asdict().items()
        if name.startswith(_OF_VISITS) and isinstance(value, np.ndarray)
    }


OF_LINKS = ("tie_", "first_", "mate_")
_OF_VISITS = (*OF_LINKS, "visit_", "window_", "clock_", "need_", "candidate_")

_GROUPS = {
    leader: tuple(
        name
        for name, kind in Problem.__annotations__.items()
        if name.startswith(prefix) and not name.endswith("_ptr") and kind is not int
    )
    for leader, prefix in {
        "visit_location": "visit_",
        "window_open_s": "window_",
        "clock_due_s": "clock_",
        "tie_visit": "tie_",
        "first_visit": "first_",
        "mate_visit": "mate_",
        "shift_technician": "shift_",
        "break_earliest_s": "break_",
        "technician_rest_s": "technician_",
        "depot_location": "depot_",
        "supply_at_s": "supply_",
        "candidate_shift": "candidate_",
    }.items()
}
"""The arrays of each group, by the one whose length is that of all."""

_DTYPES = {Int32: np.dtype(np.int32), Int64: np.dtype(np.int64), Flags: np.dtype(np.uint8)}

_POINTERS = {
    "window_ptr": "window_open_s",
    "clock_ptr": "clock_due_s",
    "tie_ptr": "tie_visit",
    "first_ptr": "first_visit",
    "mate_ptr": "mate_visit",
    "need_ptr": "need_quantity",
    "need_alternative_ptr": "need_alternative",
    "break_ptr": "break_earliest_s",
    "technician_ptr": "shift_technician",
    "supply_ptr": "supply_at_s",
    "candidate_ptr": "candidate_shift",
}


def _sizes(problem: Problem) -> dict[str, tuple[int, ...]]:
    """The shape that each array must have, given the one that leads its group."""
    sizes: dict[str, tuple[int, ...]] = {
        name: (len(getattr(problem, leader)),)
        for leader, names in _GROUPS.items()
        for name in names
    }
    visits, shifts = problem.n_visits, problem.n_shifts
    technicians, parts = problem.van_stock.shape
    locations = len(problem.travel_s)
    sizes |= {
        "travel_s": (locations, locations),
        "travel_m": (locations, locations),
        "technician_rest_s": (technicians,),
        "window_ptr": (visits + 1,),
        "clock_ptr": (visits + 1,),
        "tie_ptr": (visits + 1,),
        "first_ptr": (visits + 1,),
        "mate_ptr": (visits + 1,),
        "part_is_tool": (parts,),
        "need_ptr": (visits + 1,),
        "candidate_ptr": (visits + 1,),
        "need_alternative_ptr": (len(problem.need_quantity) + 1,),
        "break_ptr": (shifts + 1,),
        "technician_ptr": (technicians + 1,),
        "supply_ptr": (len(problem.depot_location) * parts + 1,),
    }
    return sizes


def _index_ranges(problem: Problem) -> dict[str, tuple[int, int]]:
    locations = len(problem.travel_s)
    technicians, parts = problem.van_stock.shape
    return {
        "visit_location": (0, locations),
        "visit_pin_after": (-1, problem.n_visits),
        "visit_leader": (0, problem.n_visits),
        "tie_visit": (0, problem.n_visits),
        "first_visit": (0, problem.n_visits),
        "mate_visit": (0, problem.n_visits),
        "need_alternative": (0, parts),
        "shift_technician": (0, technicians),
        "shift_location": (0, locations),
        "shift_depot": (-1, len(problem.depot_location)),
        "depot_location": (0, locations),
        "candidate_shift": (0, problem.n_shifts),
    }
