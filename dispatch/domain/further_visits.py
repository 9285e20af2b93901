"""Visits that follow from how things went: a follow-up, and the containment of an emergency."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from dispatch.domain.parts import PartQuantity
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.work import ClockKind, Link, Visit


@dataclass(frozen=True, slots=True)
class Containment:
    """Somebody of a station contains the fault before the repair.

    ``repair`` is the visit as it is from then on: the clocks of answering and being on site are
    those of the containment.
    """

    visit: Visit
    repair: Visit
    link: Link


CONTAINMENT, FOLLOW_UP = "C", "F"


def containment_of(repair: Visit, terms: ServiceTerms, taken_ids: Collection[str]) -> Containment:
    """The visit to plan before ``repair``. ``taken_ids`` are ids that visits have already."""
    visit = Visit(
        id=_free_id(repair.id, CONTAINMENT, taken_ids),
        work_order_id=repair.work_order_id,
        duration_s=terms.containment_s,
        release_at=repair.release_at,
        stops=tuple(kind for kind in repair.stops if kind is not ClockKind.RESTORE),
    )
    return Containment(
        visit=visit,
        repair=replace(repair, stops=tuple(k for k in repair.stops if k is ClockKind.RESTORE)),
        link=Link(visit.id, repair.id),
    )


def follow_up_of(
    failed: Visit, taken_ids: Collection[str], parts: tuple[PartQuantity, ...] = ()
) -> Visit:
    """The visit that makes good for one that failed: the same again, with an id of its own.

    What the customer was promised for the failed visit no longer holds: no windows, no release.
    ``parts`` replace the parts if it turned out that others are needed.
    """
    return replace(
        failed,
        id=_free_id(failed.id, FOLLOW_UP, taken_ids),
        windows=(),
        release_at=None,
        parts=parts or failed.parts,
    )


def without(dropped: Visit, others: Iterable[Visit]) -> Iterator[Visit]:
    """Those of the other visits that stop more clocks once nobody wants ``dropped``: its own."""
    for visit in others:
        stops = tuple(kind for kind in ClockKind if kind in (*visit.stops, *dropped.stops))
        if len(stops) > len(visit.stops):
            yield replace(visit, stops=stops)


def root_of(visit_id: str, letter: str) -> str:
    """The visit that a further one belongs to: ``V1`` of ``V1-F2``, and of ``V1``."""
    return re.sub(rf"-{letter}\d+$", "", visit_id)


def _free_id(visit_id: str, letter: str, taken_ids: Collection[str]) -> str:
    """``V1-F1``, or with the first number that is free."""
    root = root_of(visit_id, letter)
    return next(i for n in count(1) if (i := f"{root}-{letter}{n}") not in taken_ids)
