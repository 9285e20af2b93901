"""Visits that follow from how things went: a follow-up, and the containment of an emergency."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import count

from dispatch.domain.errors import DispatchError
from dispatch.domain.parts import PartQuantity
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.work import ClockKind, Link, Visit


class NoStationError(DispatchError):
    """There is no station to alert."""


@dataclass(frozen=True, slots=True)
class Containment:
    """Somebody from the outlet nearest to the site contains the fault before the repair.

    ``repair`` is the visit as it is from then on: the clocks of answering and being on site are
    those of the containment.
    """

    station_id: str
    visit: Visit
    repair: Visit
    link: Link


def containment_of(
    snapshot: Snapshot,
    repair: Visit,
    distance_m: Callable[[str, str], int],
    terms: ServiceTerms,
    taken_ids: Collection[str],
) -> Containment:
    """The station to alert and the visit to plan before ``repair``.

    ``distance_m`` says how far it is from a station to a site, by their ids; of equally near
    stations the first by id is alerted. ``taken_ids`` are ids that visits have already. Raises
    NoStationError.
    """
    if not snapshot.stations:
        raise NoStationError(
            f"Nobody can contain the fault of visit {repair.id}: there is no station."
            " Enter the stations of the organisation.",
            f"任务 {repair.id} 无法先行处置：没有任何服务站。请录入服务站。",
        )
    site_id = snapshot.site_of(repair).id
    nearest = min(snapshot.stations, key=lambda s: (distance_m(s.id, site_id), s.id))
    visit = Visit(
        id=_free_id(repair.id, "C", taken_ids),
        work_order_id=repair.work_order_id,
        duration_s=terms.containment_s,
        release_at=repair.release_at,
        stops=tuple(kind for kind in repair.stops if kind is not ClockKind.RESTORE),
    )
    return Containment(
        station_id=nearest.id,
        visit=visit,
        repair=replace(repair, stops=tuple(k for k in repair.stops if k is ClockKind.RESTORE)),
        link=Link(visit.id, repair.id),
    )


def follow_up_of(
    failed: Visit, taken_ids: Collection[str], parts: tuple[PartQuantity, ...] | None = None
) -> Visit:
    """The visit that makes good for one that failed: the same again, with an id of its own.

    What the customer was promised for the failed visit no longer holds: no windows, no release.
    ``parts`` replaces the parts if it turned out that others are needed.
    """
    return replace(
        failed,
        id=_free_id(failed.id, "F", taken_ids),
        windows=(),
        release_at=None,
        parts=failed.parts if parts is None else parts,
    )


def _free_id(visit_id: str, letter: str, taken_ids: Collection[str]) -> str:
    """``V1-F1``, or with the first number that is free."""
    root = visit_id.rpartition(f"-{letter}")[0] or visit_id
    return next(i for n in count(1) if (i := f"{root}-{letter}{n}") not in taken_ids)
