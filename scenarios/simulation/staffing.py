"""More technicians, or fewer, of the kind that there are."""

from dataclasses import replace

from dispatch.domain.errors import DispatchError
from dispatch.domain.organisation import Organisation


class StaffError(DispatchError):
    """A number of technicians that nobody can work with."""


def staffed(organisation: Organisation, percent: int) -> Organisation:
    """The organisation with so many of 100 technicians at each station, rounded to the next, and
    as much stock on vans and at stations.

    New ones are copies of those who are there, one after the other; of fewer the first stay. The
    same share of each lot is there, 1 at least. Raises StaffError.
    """
    if percent < 1:
        raise StaffError(
            f"{percent} % of the technicians is nobody; give 1 or more.",
            f"技术员比例 {percent} % 无效；应不小于 1。",
        )
    stations: dict[str, list[str]] = {}
    for technician in organisation.technicians:
        stations.setdefault(technician.station_id, []).append(technician.id)
    wanted = {s: max(1, round(len(ids) * percent / 100)) for s, ids in stations.items()}
    copies: dict[str, list[str]] = {t.id: [] for t in organisation.technicians}
    for station_id, ids in stations.items():
        for n in range(wanted[station_id]):
            original, times = ids[n % len(ids)], n // len(ids)
            copies[original].append(original if not times else f"{original}+{times}")
    return replace(
        organisation,
        technicians=tuple(
            replace(t, id=new_id) for t in organisation.technicians for new_id in copies[t.id]
        ),
        shift_patterns=tuple(
            replace(p, technician_id=new_id)
            for p in organisation.shift_patterns
            for new_id in copies[p.technician_id]
        ),
        lots=tuple(
            replace(lot, quantity=max(1, round(lot.quantity * percent / 100)))
            for lot in organisation.lots
        ),
    )
