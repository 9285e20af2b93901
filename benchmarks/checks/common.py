"""Checks that every set needs."""

from collections import Counter
from collections.abc import Collection, Iterable

from benchmarks.plans import Id, Plan


def routes_by_technician(plan: Plan, technicians: Collection[Id]) -> Iterable[str]:
    """Faults: routes of technicians who do not exist, or have a route already."""
    for technician, count in Counter(route.technician for route in plan.routes).items():
        if technician not in technicians:
            yield f"technician {technician} does not exist"
        if count > 1:
            yield f"technician {technician} has {count} routes"


def each_once(served: Iterable[tuple[Id, str]], wanted: Collection[tuple[Id, str]]) -> list[str]:
    """Faults: what is served, by id and service, without being wanted, or more than once."""
    faults = []
    for (customer, service), count in Counter(served).items():
        name = f"{customer} {service}".strip()
        if (customer, service) not in wanted:
            faults.append(f"stop {name} is no customer")
        if count > 1:
            faults.append(f"{name} is served {count} times")
    return faults
