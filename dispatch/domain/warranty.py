"""Whether equipment is in warranty, or its repair needs a quote that the customer accepts."""

from datetime import date, timedelta

from dispatch.domain.events import EventKind
from dispatch.domain.places import Equipment
from dispatch.domain.terms import ServiceTerms


def warranty_ends_on(equipment: Equipment, terms: ServiceTerms) -> date | None:
    """The last day of the warranty; None if nothing is known of one."""
    if equipment.warranty_until is not None or equipment.installed_on is None:
        return equipment.warranty_until
    return equipment.installed_on + timedelta(days=terms.warranty_days)


def warranty_event(equipment: Equipment | None, on_day: date, terms: ServiceTerms) -> EventKind:
    """``IN_WARRANTY``, or ``OUT_OF_WARRANTY`` which asks for a quote.

    Equipment of which no warranty is known is out of it; a work order that names no equipment
    needs no quote. ``on_day`` is the local day of the report.
    """
    if equipment is None:
        return EventKind.IN_WARRANTY
    ends_on = warranty_ends_on(equipment, terms)
    covered = ends_on is not None and on_day <= ends_on
    return EventKind.IN_WARRANTY if covered else EventKind.OUT_OF_WARRANTY
