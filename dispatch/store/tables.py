"""All tables: importing this module is what makes ``METADATA`` complete."""

from dispatch.store import (
    rows_access,
    rows_log,
    rows_out,
    rows_parts,
    rows_people,
    rows_places,
    rows_plans,
    rows_roads,
    rows_studies,
    rows_terms,
    rows_work,
)
from dispatch.store.base import Row

MODULES = (
    rows_places,
    rows_people,
    rows_terms,
    rows_work,
    rows_parts,
    rows_plans,
    rows_log,
    rows_access,
    rows_roads,
    rows_out,
    rows_studies,
)
METADATA = Row.metadata
