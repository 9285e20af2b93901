"""Brings an organisation from files into the database, all or nothing."""

from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from dispatch.domain.errors import DispatchError
from dispatch.domain.organisation import Organisation
from dispatch.exchange.references import contradictions
from dispatch.horizon import snapshot_of
from dispatch.merging import Difference, Facts, merge
from dispatch.rehearsal import rehearsal_of
from dispatch.store import queries, queries_plans, queries_stock, queries_work
from dispatch.store.mapping import change_organisation
from dispatch.store.mapping_domain import organisation_of
from dispatch.store.mapping_life import write_states
from dispatch.store.mapping_rows import TableRows, rows_of
from dispatch.store.mapping_stock import with_stock_as_found
from dispatch.store.rows_log import AuditRow
from dispatch.store.rows_places import OrganisationRow

_SHOWN = 5


class ImportRefusedError(DispatchError):
    """An organisation that cannot be brought in: nothing of it was."""


def preview_import(session: Session, brought: Organisation) -> Difference:
    """What an import would do, without doing it. Raises ImportRefusedError."""
    return _rows(session, brought)[2]


def import_organisation(
    session: Session, brought: Organisation, by: str, clock: datetime
) -> Difference:
    """Adds and updates by business key, and says what became different.

    Meanwhile nobody else changes plans, pins, open work or stock.
    ``clock`` is the real time; what is done is on record with the organisation's own. Raises
    ImportRefusedError and GuardError; then nothing is taken over.
    """
    queries_plans.lock_plans(session)
    queries_plans.lock_open_work(session)
    queries_stock.lock_all(session)
    before, after, difference = _rows(session, brought)
    rehearsal = rehearsal_of(
        queries_plans.rehearsal(session),
        queries_plans.planning_at(session),
        brought.planning_at,
        clock,
    )
    at = clock + rehearsal
    change_organisation(session, before, after, by, at)
    queries_plans.set_rehearsal(session, rehearsal)
    for rows in queries_work.life_pages(session, queries_work.is_from_tables()):
        write_states(session, rows)
    session.add(
        AuditRow(
            done_at=at,
            done_by=by,
            command="import",
            subject_kind="organisation",
            subject_id=brought.id,
            after=_summary(difference),
        )
    )
    return difference


def _rows(session: Session, brought: Organisation) -> tuple[TableRows, TableRows, Difference]:
    """The rows before and after an import, and the difference in words of the domain."""
    found = queries.organisation_rows(session)
    if not found[OrganisationRow]:
        _refuse_contradictions(brought)
        return {}, rows_of(brought), merge(_nothing_of(brought), brought, Facts())[1]
    known = organisation_of(found)
    if known.id != brought.id:
        raise ImportRefusedError(
            f"The database is that of organisation {known.id!r}, the files are of {brought.id!r}."
            " Use another database for another organisation (DISPATCH_DATABASE_URL).",
            f"数据库属于组织 {known.id!r}，而文件属于 {brought.id!r}。"
            "不同组织请使用不同的数据库（DISPATCH_DATABASE_URL）。",
        )
    facts = queries.recorded_facts(session)
    merged, difference = merge(known, brought, facts)
    _refuse_contradictions(merged)
    same = frozenset(lot.id for lot in {*known.lots} & {*merged.lots})
    before, after = with_stock_as_found(rows_of(known), rows_of(merged), found, facts, same)
    return before, after, difference


def _nothing_of(brought: Organisation) -> Organisation:
    """The organisation when nothing of it was known yet but its own facts."""
    return replace(
        brought,
        stations=(),
        customers=(),
        sites=(),
        parts=(),
        lots=(),
        technicians=(),
        shift_patterns=(),
        work_orders=(),
        visits=(),
        links=(),
        pins=(),
        published=(),
        calendars=(),
        sla_rules=(),
        policies=(),
    )


def _refuse_contradictions(organisation: Organisation) -> None:
    """What files and database say may each hold together, and not both at once."""
    # Shifts that overlap are for whoever plans to mend: they do not keep facts out.
    facts = snapshot_of(replace(organisation, shift_patterns=()))
    found = list(islice(contradictions(facts), _SHOWN))
    if found:
        english = [f"{c.pointer}: {c.value!r}: {c.message.en}" for c in found]
        chinese = [f"{c.pointer}：{c.value!r}：{c.message.zh}" for c in found]
        raise ImportRefusedError(
            "\n".join(("What is in the files does not fit what is in the database:", *english)),
            "\n".join(("文件内容与数据库内容不相容：", *chinese)),
        )


def _summary(difference: Difference) -> dict[str, object]:
    return {
        "added": {kind: len(keys) for kind, keys in difference.added.items()},
        "changed": [f"{c.kind} {c.key} {c.field}" for c in difference.changed],
        "conflicts": [f"{c.kind} {c.key} {c.field}" for c in difference.conflicts],
    }
