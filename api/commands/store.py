"""``dispatch init``, ``import`` and ``db``: the database made, filled and looked after."""

from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import shorten

from rich.console import Console

from api.exits import EXIT_NO, EXIT_OK
from api.opened import opened, whoever
from api.progress import interruptible
from api.screen import print_json, screen, table
from dispatch.domain.organisation import Organisation
from dispatch.importing import ImportRefusedError, import_organisation, preview_import
from dispatch.merging import Change, Difference
from dispatch.store import checking, copying, queries, schema
from dispatch.store.database import Database
from dispatch.store.rows_places import OrganisationRow
from dispatch.texts import Language, Text
from scenarios.bases import named_organisation
from scenarios.history import add_history

_SHOWN = 40  # changes on a screen; --json has them all
_WIDTH = 40
_SEED = 1
_KINDS = {
    "organisation": Text("organisation", "组织"),
    "calendars": Text("calendars", "日历"),
    "sla_rules": Text("SLA rules", "服务承诺"),
    "policies": Text("policies", "策略"),
    "stations": Text("stations", "服务站"),
    "customers": Text("customers", "客户"),
    "sites": Text("sites", "站点"),
    "parts": Text("parts", "备件"),
    "lots": Text("lots", "批次"),
    "technicians": Text("technicians", "技术员"),
    "shift_patterns": Text("shift patterns", "班次规律"),
    "work_orders": Text("work orders", "派工单"),
    "visits": Text("visits", "任务"),
    "links": Text("links", "关联"),
    "pins": Text("pins", "锁定"),
    "published": Text("commitments", "已发布"),
}


def make_database(organisation: str | None, as_json: bool, lang: Language) -> int:
    """Makes what is missing of the database; an organisation only comes into an empty one."""
    loaded = named_organisation(organisation)[1] if organisation is not None else None
    with opened() as database:
        schema.upgrade(database)
        difference = _first_import(database, loaded) if loaded is not None else None
        if as_json:
            print_json({"database": database.place, "difference": difference})
            return EXIT_OK
        said = lang.pick(
            f"The database is ready: {database.place}", f"数据库已就绪：{database.place}"
        )
        screen().print(said, soft_wrap=True)
    if difference is not None:
        _show(screen(), difference, lang)
    return EXIT_OK


def import_files(
    organisation: str, dry_run: bool, history_weeks: int, as_json: bool, lang: Language
) -> int:
    """Adds and updates; with ``dry_run`` only shows what that would do."""
    loaded = named_organisation(organisation)[1]
    with opened() as database:
        schema.need_shape(database)
        if dry_run:
            with database.reading() as session:
                difference = preview_import(session, loaded)
        else:
            difference = _import(database, loaded)
            if history_weeks:
                _make_history(database, loaded, history_weeks, lang)
    if as_json:
        print_json({"dry_run": dry_run, "difference": difference})
    else:
        console = screen()
        _show(console, difference, lang)
        if dry_run:
            console.print(lang.pick("Nothing was changed.", "未做任何更改。"))
    return EXIT_OK


def upgrade_database(lang: Language) -> int:
    with opened() as database:
        schema.upgrade(database)
        said = lang.pick(
            f"The database {database.place} has the shape {schema.HEAD}.",
            f"数据库 {database.place} 的结构版本为 {schema.HEAD}。",
        )
        screen().print(said, soft_wrap=True)
    return EXIT_OK


def back_up_database(file: Path, as_json: bool, lang: Language) -> int:
    with opened() as database:
        return _say_copied(copying.back_up(database, file), str(file), as_json, lang)


def restore_database(file: Path, as_json: bool, lang: Language) -> int:
    with opened() as database:
        return _say_copied(copying.restore(file, database), database.place, as_json, lang)


def copy_database(source: str, target: str, as_json: bool, lang: Language) -> int:
    with opened(source) as from_database, opened(target) as to_database:
        copied = copying.copy(from_database, to_database)
        return _say_copied(copied, to_database.place, as_json, lang)


def check_database(as_json: bool, lang: Language) -> int:
    """Exit code 1 if something does not hold together."""
    with opened() as database:
        findings = checking.check(database)
    if as_json:
        print_json({"findings": findings})
    else:
        console = screen()
        for finding in findings:
            console.print(f"{finding.subject}: {finding.text.say(lang)}", soft_wrap=True)
        if not findings:
            console.print(lang.pick("All is well.", "一切正常。"))
    return EXIT_NO if findings else EXIT_OK


def _first_import(database: Database, organisation: Organisation) -> Difference:
    with database.reading() as session:
        known = queries.count(session, OrganisationRow)
    if known:
        raise ImportRefusedError(
            f"The database {database.place} holds an organisation already. Bring changes in with"
            " dispatch import.",
            f"数据库 {database.place} 中已有组织数据。请用 dispatch import 导入更改。",
        )
    return _import(database, organisation)


def _import(database: Database, organisation: Organisation) -> Difference:
    with database.writing() as session:
        return import_organisation(session, organisation, whoever(), datetime.now(UTC))


def _make_history(
    database: Database, organisation: Organisation, weeks: int, lang: Language
) -> None:
    """Says on the error stream how far it is: what is asked for as JSON stays JSON."""
    console = screen(errors=True)
    with interruptible() as stop, console.status("") as status:

        def report(day: date, tickets: int) -> None:
            status.update(lang.pick(f"{day}: {tickets} tickets", f"{day}：{tickets} 张报修单"))

        tickets = add_history(database, organisation, weeks, _SEED, report, stop)
    said = lang.pick(f"history: {tickets} tickets", f"历史：{tickets} 张报修单")
    console.print(said, soft_wrap=True)


def _say_copied(copied: copying.Contents, where: str, as_json: bool, lang: Language) -> int:
    rows = sum(of_table.rows for of_table in copied.values())
    if as_json:
        print_json({"to": where, "rows": rows, "tables": copied})
    else:
        said = lang.pick(
            f"{rows} rows are in {where}, equal row by row.",
            f"{rows} 行数据已写入 {where}，逐行核对一致。",
        )
        screen().print(said, soft_wrap=True)
    return EXIT_OK


def _show(console: Console, difference: Difference, lang: Language) -> None:
    """What was added, by kind; what was changed and what was left, one by one."""
    for kind, keys in difference.added.items():
        console.print(
            lang.pick("added", "新增") + f" {_KINDS[kind].say(lang)}: {len(keys)}", soft_wrap=True
        )
    _show_changes(console, lang.pick("Changed", "已更改"), difference.changed, lang)
    _show_changes(
        console,
        lang.pick("Kept, since something else is on record", "已有其他记录，予以保留"),
        difference.conflicts,
        lang,
    )
    console.print(lang.pick(f"unchanged: {difference.unchanged}", f"未变：{difference.unchanged}"))


def _show_changes(
    console: Console, title: str, changes: tuple[Change, ...], lang: Language
) -> None:
    if not changes:
        return
    shown = table(
        lang.pick("what", "对象"),
        lang.pick("id", "编号"),
        lang.pick("field", "字段"),
        lang.pick("in the database", "数据库中"),
        lang.pick("in the files", "文件中"),
        title=f"{title}: {len(changes)}",
    )
    for change in changes[:_SHOWN]:
        kind = _KINDS[change.kind].say(lang)
        shown.add_row(kind, change.key, change.field, _brief(change.old), _brief(change.new))
    console.print(shown)
    if len(changes) > _SHOWN:
        more = len(changes) - _SHOWN
        console.print(lang.pick(f"and {more} more: --json", f"另有 {more} 项：--json"))


def _brief(value: object) -> str:
    return "-" if value is None else shorten(str(value), _WIDTH, placeholder="…")
