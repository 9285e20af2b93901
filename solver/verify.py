"""The debug mode: every figure that the search keeps up to date, recomputed in full."""

import numpy as np

from solver import kernels as k
from solver.arrays import Arrays
from solver.problem import Int64


class DriftError(AssertionError):
    """A figure that was kept up to date is not what a full computation gives."""


def verify(arrays: Arrays) -> None:
    """Compare the present plan's totals, routes, stock, waits and remembered insertions with what
    a computation from nothing gives.

    Raises:
        DriftError: at the first difference, naming the figure, its place and both values.
    """
    fresh = Arrays(arrays.t, arrays.p, arrays.s.copy())
    fresh.section(k.BEST_VERSION, int(arrays.p[k.N_SHIFTS]))[:] = -1  # copy every route
    k.keep_best(fresh.p, fresh.s, 0)
    code = k.load_best(*fresh)
    if code != k.OK:
        raise DriftError(f"the plan breaks a rule: code {code} of the kernels")
    _same("total cost", np.array([arrays.s[k.TOTAL]]), np.array([fresh.s[k.TOTAL]]))
    p = arrays.p
    shifts, visits, parts = int(p[k.N_SHIFTS]), int(p[k.N_VISITS]), int(p[k.N_PARTS])
    supplies = int(p[p[k.SUPPLY_PTR] + p[k.N_DEPOTS] * parts])
    used = np.repeat(arrays.section(k.LENGTH, shifts) > 0, k.ROUTE_FIELDS)
    used[k.AMOUNT :: k.ROUTE_FIELDS] = False
    planned = arrays.section(k.VISIT_SHIFT, visits) >= 0
    tied = planned & (p[p[k.VISIT_TIED] :][:visits] > 0)
    for name, section, size, where in (
        ("route", k.ROUTE, shifts * k.ROUTE_FIELDS, used),
        ("paid time of technician", k.TECHNICIAN_PAID_S, int(p[k.N_TECHNICIANS]), None),
        ("van stock used", k.VAN_USED, int(p[k.N_TECHNICIANS]) * parts, None),
        ("supply used", k.SUPPLY_USED, supplies, None),
        ("start of tied visit", k.START, visits, tied),
    ):
        kept, computed = arrays.section(section, size), fresh.section(section, size)
        if where is not None:
            kept, computed = np.where(where, kept, 0), np.where(where, computed, 0)
        _same(name, kept, computed)
    _verify_insertions(arrays, fresh)


def _verify_insertions(arrays: Arrays, fresh: Arrays) -> None:
    """Remembered insertions of visits that are in the bank, against computed ones."""
    p, s = arrays.p, arrays.s
    ways = int(s[k.N_WAYS])
    candidates = int(p[p[k.CANDIDATE_PTR] + p[k.N_VISITS]])
    shape = (candidates, ways, k.CACHE_FIELDS)
    remembered = arrays.section(k.CACHE, candidates * ways * k.CACHE_FIELDS).reshape(shape)
    versions = arrays.section(k.VERSION, int(p[k.N_SHIFTS]))
    fresh.section(k.CACHE, candidates * ways * k.CACHE_FIELDS)[:] = -1
    for visit in arrays.section(k.BANK, int(s[k.N_BANK])).tolist():
        if p[p[k.VISIT_TIED] + visit]:
            continue
        for c in range(p[p[k.CANDIDATE_PTR] + visit], p[p[k.CANDIDATE_PTR] + visit + 1]):
            version = int(versions[p[p[k.CANDIDATE_SHIFT] + c]])
            entry = remembered[c, version & (ways - 1)].tolist()
            known = entry[k.CACHE_VERSION] == version and entry[k.CACHE_SHARED] < 0
            if known and entry[k.CACHE_POSITION] >= 0:
                code, fen, _ = k.why_not(*fresh, c, visit)
                delta = entry[k.CACHE_DELTA]
                if code != k.OK or fen != delta:
                    raise DriftError(
                        f"insertion of visit {visit} by candidate {c}: remembered {delta} fen,"
                        f" computed {fen} (code {code})"
                    )


def _same(name: str, kept: Int64, computed: Int64) -> None:
    wrong = np.flatnonzero(kept != computed)
    if len(wrong):
        i = int(wrong[0])
        raise DriftError(f"{name} [{i}]: kept {kept[i]}, computed {computed[i]}")
