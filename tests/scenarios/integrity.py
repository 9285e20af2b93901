"""What every organisation must hold, whoever made it."""

from collections.abc import Container, Iterable, Iterator

from dispatch.domain.organisation import Organisation


def faults(organisation: Organisation) -> list[str]:
    """Ids used twice and references to nothing, in words; empty if all is well."""
    return [*_twice(organisation), *_dangling(organisation)]


def _twice(o: Organisation) -> Iterator[str]:
    kinds: dict[str, Iterable[str]] = {
        "place": [*(s.id for s in o.stations), *(s.id for s in o.sites)],
        "customer": [c.id for c in o.customers],
        "part": [p.id for p in o.parts],
        "lot": [lot.id for lot in o.lots],
        "technician": [t.id for t in o.technicians],
        "work order": [w.id for w in o.work_orders],
        "visit": [v.id for v in o.visits],
        "pin of visit": [p.visit_id for p in o.pins],
        "commitment of visit": [c.visit_id for c in o.published],
    }
    for kind, ids in kinds.items():
        seen: set[str] = set()
        for each in ids:
            if each in seen:
                yield f"{kind} {each} twice"
            seen.add(each)


def _dangling(o: Organisation) -> Iterator[str]:
    stations, sites = {s.id for s in o.stations}, {s.id for s in o.sites}
    customers, parts = {c.id for c in o.customers}, {p.id for p in o.parts}
    technicians, orders = {t.id for t in o.technicians}, {w.id for w in o.work_orders}
    visits, calendars = {v.id for v in o.visits}, {c.id for c in o.calendars}
    any_technician, any_visit = {*technicians, None}, {*visits, None}
    uses: list[tuple[str, str | None, Container[str | None]]] = [
        *(("customer", s.customer_id, customers) for s in o.sites),
        *(("substitute", i, parts) for p in o.parts for i in p.substitutes),
        *(("station", lot.station_id, stations) for lot in o.lots),
        *(("part", lot.part_id, parts) for lot in o.lots),
        *(("station", t.station_id, stations) for t in o.technicians),
        *(("part", q.part_id, parts) for t in o.technicians for q in t.van_stock),
        *(("customer", i, customers) for t in o.technicians for i in t.excluded_customers),
        *(("site", i, sites) for t in o.technicians for i in t.excluded_sites),
        *(("technician", p.technician_id, technicians) for p in o.shift_patterns),
        *(("site", w.site_id, sites) for w in o.work_orders),
        *(("work order", v.work_order_id, orders) for v in o.visits),
        *(("part", q.part_id, parts) for v in o.visits for q in v.parts),
        *(("technician", v.wished_technician_id, any_technician) for v in o.visits),
        *(("visit", i, visits) for k in o.links for i in (k.first_visit_id, k.then_visit_id)),
        *(("visit", i, any_visit) for p in o.pins for i in (p.visit_id, p.after_visit_id)),
        *(("technician", p.technician_id, any_technician) for p in o.pins),
        *(("visit", c.visit_id, visits) for c in o.published),
        *(("technician", i, technicians) for c in o.published for i in c.technician_ids),
        *(("calendar", c.calendar_id, calendars) for r in o.sla_rules for c in r.clocks),
        ("calendar", o.shift_calendar_id, calendars),
    ]
    for kind, used, known in uses:
        if used not in known:
            yield f"{kind} {used} is unknown"
