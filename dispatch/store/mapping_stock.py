"""What becomes of lots and balances when files say anew what is in stock."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dispatch.merging import Facts
from dispatch.store.mapping_rows import TableRows, Values
from dispatch.store.rows_parts import BalanceRow, LotRow

_COLUMNS = {
    LotRow: ("id", "part_id", "arrived_at"),
    BalanceRow: (
        *("id", "lot_id", "station_id", "technician_id", "position"),
        *("available_at", "on_hand", "expected"),
    ),
}
# What a van carries is said without a time: the first time that it was said stays.
_STAYS = ("position", "available_at", "arrived_at")


def with_stock_as_found(
    before: TableRows, after: TableRows, found: TableRows, facts: Facts, same: Collection[str]
) -> tuple[TableRows, TableRows]:
    """``before`` and ``after`` with the lots and balances that are to change, and no others.

    The domain sees stock in sum, ``found`` holds the rows as they are. What units have moved to or
    from stays as it is, and so do the lots that are the ``same`` before and after: time alone
    brings no delivery. What a van no longer carries is emptied and not taken away: its movements
    stay.
    """
    vans = {row["id"]: row["technician_id"] for row in (*found[BalanceRow], *after[BalanceRow])}
    settled = {
        key
        for key, technician in vans.items()
        if key in facts.lots or key in same or technician in facts.technicians
    }
    old, new = {**before}, {**after}
    for table, columns in _COLUMNS.items():
        known = {
            row["id"]: {name: row[name] for name in columns}
            for row in found[table]
            if row["id"] not in settled
        }
        named = {row["id"]: row for row in after[table] if row["id"] not in settled}
        old[table] = list(known.values())
        new[table] = [
            *(_changed(row, known.get(key), vans[key] is not None) for key, row in named.items()),
            *_left(known, named),
        ]
    return old, new


def _changed(row: Values, known: Values | None, on_van: bool) -> Values:
    if known is None:
        return row
    stays = _STAYS if on_van else _STAYS[:1]
    return {**row, **{name: known[name] for name in stays if name in known}}


def _left(known: Mapping[str, Values], named: Mapping[str, Values]) -> Iterator[dict[str, Any]]:
    """What is not named any more: only vans, since lots of depots stay in every import."""
    for key, row in known.items():
        if key not in named:
            yield {**row, **({"on_hand": 0, "expected": 0} if "on_hand" in row else {})}
