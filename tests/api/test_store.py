"""``dispatch init``, ``import`` and ``db`` as people and programs use them."""

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy import update

from dispatch.exchange import load_organisation as read_files
from dispatch.store.copying import Contents, contents
from dispatch.store.database import Database
from dispatch.store.mapping import load_organisation
from dispatch.store.rows_parts import BalanceRow
from tests.api.conftest import Run
from tests.databases import Files, Server


@pytest.fixture(name="url")
def _url(databases: Files | Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database of the commands, empty."""
    url = databases.new(empty=True)
    monkeypatch.setenv("DISPATCH_DATABASE_URL", url)
    return url


@pytest.fixture(name="filled")
def _filled(url: str, run: Run, organisation: Path) -> str:
    made = run("init", organisation, "--lang", "en")
    assert made.exit_code == 0, made.output
    return url


def _contents(url: str) -> Contents:
    database = Database(url)
    with database.reading() as session:
        found = contents(session)
    database.close()
    return found


def _changed(organisation: Path, folder: Path) -> Path:
    """The same organisation, in which one visit takes 77 minutes."""
    folder.mkdir()
    for file in organisation.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    path = folder / "visits.csv"
    with path.open(encoding="utf-8-sig", newline="") as old:
        rows = list(csv.reader(old))
    rows[1][rows[0].index("duration_min")] = "77"
    with path.open("w", encoding="utf-8-sig", newline="") as new:
        csv.writer(new).writerows(rows)
    return folder


def test_init_makes_the_database_and_brings_the_organisation_in(
    url: str, run: Run, organisation: Path
) -> None:
    made = run("init", organisation, "--lang", "en")
    assert made.exit_code == 0
    assert "The database is ready" in made.output
    assert "added visits: 12" in made.output
    database = Database(url)
    with database.reading() as session:
        assert load_organisation(session) == read_files(organisation)
    database.close()


def test_init_without_an_organisation_makes_tables_only(url: str, run: Run) -> None:
    assert json.loads(run("init", "--json").output)["difference"] is None
    assert sum(table.rows for table in _contents(url).values()) == 0


def test_init_does_not_touch_an_organisation_that_is_there(
    filled: str, run: Run, organisation: Path
) -> None:
    before = _contents(filled)
    again = run("init", organisation, "--lang", "en")
    assert again.exit_code == 2
    assert "dispatch import" in again.output
    assert _contents(filled) == before


def test_import_shows_what_changes_and_changes_it(
    filled: str, run: Run, organisation: Path, tmp_path: Path
) -> None:
    changed = _changed(organisation, tmp_path / "changed")
    visit = read_files(organisation).visits[0].id
    before = _contents(filled)
    tried = run("import", changed, "--dry-run", "--lang", "en")
    assert tried.exit_code == 0
    assert visit in tried.output
    assert "4620" in tried.output
    assert "Nothing was changed." in tried.output
    assert _contents(filled) == before
    done = json.loads(run("import", changed, "--json").output)
    assert [(c["key"], c["field"], c["new"]) for c in done["difference"]["changed"]] == [
        (visit, "duration_s", 4620)
    ]
    after = _contents(filled)
    assert {name for name in before if before[name] != after[name]} == {"visits", "audit_trail"}


def test_import_makes_up_weeks_that_have_gone_by(filled: str, run: Run, organisation: Path) -> None:
    known = read_files(organisation)
    before = _contents(filled)
    made = run("import", organisation, "--history", "1", "--lang", "en")
    assert made.exit_code == 0, made.output
    assert "history:" in made.output
    after = _contents(filled)
    tickets = after["tickets"].rows - before["tickets"].rows
    assert tickets > 0
    assert after["work_orders"].rows == len(known.work_orders) + tickets
    refused = run("import", organisation, "--history", "99", "--lang", "en")
    assert refused.exit_code == 2
    assert "1 to 52" in refused.output


def test_import_speaks_chinese(filled: str, run: Run, organisation: Path, tmp_path: Path) -> None:
    assert filled
    shown = run("import", _changed(organisation, tmp_path / "changed"), "--lang", "zh").output
    assert "任务" in shown
    assert "文件中" in shown


def test_without_a_database_every_command_says_how_to_make_one(
    url: str, run: Run, organisation: Path
) -> None:
    assert url
    for command in (("import", organisation), ("db", "check"), ("db", "backup", "never.db")):
        said = run(*command, "--lang", "en")
        assert said.exit_code == 2
        assert "dispatch init" in said.output


def test_backup_restore_copy_and_check(
    filled: str,
    run: Run,
    databases: Files | Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = _contents(filled)
    file = tmp_path / "backup.db"
    rows = sum(table.rows for table in before.values())
    assert f"{rows} rows" in run("db", "backup", file, "--lang", "en").output
    restored, copied = databases.new(empty=True), databases.new(empty=True)
    monkeypatch.setenv("DISPATCH_DATABASE_URL", restored)
    assert json.loads(run("db", "restore", file, "--json").output)["rows"] == rows
    assert run("db", "copy", filled, copied).exit_code == 0
    assert _contents(restored) == _contents(copied) == before
    assert run("db", "restore", file, "--lang", "en").exit_code == 2  # it is not empty any more
    fine = run("db", "check", "--lang", "en")
    assert (fine.exit_code, fine.output) == (0, "All is well.\n")


def test_check_names_what_is_wrong_and_exits_with_1(filled: str, run: Run) -> None:
    database = Database(filled)
    with database.writing() as session:
        more = BalanceRow.on_hand + 1
        session.execute(update(BalanceRow).where(BalanceRow.expected == 0).values(on_hand=more))
    database.close()
    wrong = run("db", "check", "--json")
    assert wrong.exit_code == 1
    assert json.loads(wrong.output)["findings"]


def test_upgrade_brings_an_old_database_up(url: str, run: Run) -> None:
    assert run("init").exit_code == 0
    assert run("db", "upgrade", "--lang", "en").exit_code == 0
    assert _contents(url)["visits"].rows == 0


def test_an_address_that_is_none_is_said_in_words(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", "nonsense")
    said = run("db", "check", "--lang", "zh")
    assert said.exit_code == 2
    assert "不是可用的数据库地址" in said.output
