"""``dispatch status``: how things stand, of one work order or of all."""

from datetime import datetime

from api.exits import EXIT_OK
from api.opened import in_use, now_or, zone_of
from api.screen import print_json, screen
from api.views.record import show_facts, show_lists, show_page
from dispatch.domain.transitions import State
from dispatch.store import queries_work
from dispatch.texts import Language
from dispatch.work_lists import lists_now
from dispatch.work_order_facts import work_order_facts

_COLUMNS = ("id", "state", "site_id", "product", "priority", "reported_at", "emergency_at")


def show_work_order(work_order: str, now: datetime | None, as_json: bool, lang: Language) -> int:
    with in_use() as database, database.reading() as session:
        zone = zone_of(session)
        facts = work_order_facts(session, work_order, now_or(now, session))
    if as_json:
        print_json(facts)
    else:
        show_facts(screen(), facts, zone, lang)
    return EXIT_OK


def show_day(within_s: int, now: datetime | None, as_json: bool, lang: Language) -> int:
    with in_use() as database, database.reading() as session:
        zone = zone_of(session)
        lists = lists_now(session, now_or(now, session), within_s)
        states = queries_work.work_orders_by_state(session)
        refused = [kept for _, kept in queries_work.refused_page(session, limit=None)]
    if as_json:
        print_json({"states": states, "lists": lists, "refused": refused})
    else:
        show_lists(screen(), lists, states, refused, zone, lang)
    return EXIT_OK


def list_in_state(state: State, after: str, limit: int, as_json: bool, lang: Language) -> int:
    with in_use() as database, database.reading() as session:
        zone = zone_of(session)
        found = queries_work.work_order_page(session, state, after, limit)
        rows = [{name: getattr(row, name) for name in _COLUMNS} for row in found]
    if as_json:
        print_json(rows)
    else:
        show_page(screen(), rows, limit, zone, lang)
    return EXIT_OK
