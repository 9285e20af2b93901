"""All tables of the exchange format, in the order in which people fill them in."""

from dispatch.exchange.table import index_of
from dispatch.exchange.tables_base import (
    CALENDAR_DAYS,
    CALENDARS,
    CUSTOMERS,
    ORGANISATION,
    PARTS,
    SITES,
    STATION_TOOLS,
    STATIONS,
    STOCK,
)
from dispatch.exchange.tables_people import (
    ABSENCES,
    EXCLUSIONS,
    SHIFTS,
    TECHNICIAN_SKILLS,
    TECHNICIAN_TERRITORIES,
    TECHNICIAN_TOOLS,
    TECHNICIANS,
    VAN_STOCK,
)
from dispatch.exchange.tables_terms import POLICIES, SLA_RULES, SPEED_BANDS, TRAVEL
from dispatch.exchange.tables_work import (
    GATES,
    LINKS,
    PINS,
    PUBLISHED,
    VISIT_WINDOWS,
    VISITS,
    WORK_ORDERS,
)

TABLES = (
    ORGANISATION,
    CALENDARS,
    CALENDAR_DAYS,
    STATIONS,
    STATION_TOOLS,
    CUSTOMERS,
    SITES,
    PARTS,
    STOCK,
    TECHNICIANS,
    TECHNICIAN_SKILLS,
    TECHNICIAN_TERRITORIES,
    VAN_STOCK,
    TECHNICIAN_TOOLS,
    EXCLUSIONS,
    SHIFTS,
    ABSENCES,
    SLA_RULES,
    WORK_ORDERS,
    GATES,
    VISITS,
    VISIT_WINDOWS,
    LINKS,
    PINS,
    PUBLISHED,
    POLICIES,
    SPEED_BANDS,
    TRAVEL,
)
TABLE_INDEX = index_of(TABLES)
