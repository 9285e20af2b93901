"""``dispatch stock`` as people and programs use it, in an SQLite file."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli_stock import app
from dispatch.store.checking import check
from dispatch.store.database import Database
from tests.databases import Files
from tests.dispatch.commands.stores import fill


@pytest.fixture(name="url", autouse=True)
def _url(files: Files, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database of the commands, with the small organisation."""
    url = files.new()
    monkeypatch.setenv("DISPATCH_DATABASE_URL", url)
    database = Database(url)
    fill(database)
    database.close()
    return url


def stock(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["stock", *map(str, arguments)])


def said(*arguments: object) -> str:
    result = stock(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def read(*arguments: object) -> Any:  # noqa: ANN401 - JSON
    return json.loads(said(*arguments, "--json"))


def levels(*arguments: object) -> dict[str, tuple[int, int, int]]:
    """On hand, reserved and quarantined by balance."""
    return {
        row["balance_id"]: (row["on_hand"], row["reserved"], row["quarantined"])
        for row in read("show", *arguments)["balances"]
    }


def test_show_lists_what_is_where_in_both_languages() -> None:
    english, chinese = said("show", "--lang", "en"), said("show", "--lang", "zh")
    assert "on hand" in english
    assert "OTHER" in english
    assert "在库" in chinese
    assert levels("--part", "camera2") == {"OTHER": (2, 0, 0)}
    assert "nothing" in said("show", "--place", "T1", "--lang", "en")


def test_units_arrive_and_are_moved_to_a_van(url: str) -> None:
    assert "received: 3 of sim" in said("receive", "L9", "sim", 3, "S2", "--lang", "en")
    moved = read("transfer", "sim", 2, "S2", "T1")
    assert [(m["lot_id"], m["quantity"]) for m in moved["lines"]] == [("L9", 2)]
    assert [m["kind"] for m in moved["lines"]] == ["issue"]
    assert levels("--place", "van/T1") == {"L9@van/T1": (2, 0, 0)}
    database = Database(url)
    assert check(database) == ()
    database.close()


def test_a_delivery_is_expected_at_a_local_time() -> None:
    said("receive", "L9", "sim", 3, "S2", "--expected", "2026-09-30T08:00")
    (row,) = read("show", "--part", "sim")["balances"]
    assert (row["expected"], row["available_at"]) == (3, "2026-09-30T00:00:00+00:00")


def test_units_are_reserved_issued_and_released() -> None:
    (made,) = read("reserve", "V1", "camera", 2, "S1")["reservations"]
    assert levels()["OLD"] == (3, 2, 0)
    assert "held" in said("show", "--visit", "V1", "--lang", "en")
    assert "临时预留" in said("show", "--visit", "V1", "--lang", "zh")
    said("issue", "T1", made["id"])
    assert levels()["OLD@van/T1"] == (2, 2, 0)
    assert "V1/1" in said("release", made["id"], "--lang", "en")
    assert levels()["OLD@van/T1"] == (2, 0, 0)


def test_counts_and_quarantine() -> None:
    said("adjust", "OLD", "S1", "--fewer", 1, "--reason", "count")
    said("quarantine", "OLD", "S1", 2, "--reason", "wet")
    assert "out of quarantine" in said("quarantine", "OLD", "S1", 1, "--leave", "--lang", "en")
    assert "解除隔离" in said("trace", "OLD", "--lang", "zh")
    assert stock("quarantine", "OLD", "S1", 1).exit_code == 2  # no reason
    assert levels()["OLD"] == (1, 0, 1)


def test_trace_follows_a_unit() -> None:
    said("track", "sim")
    said("receive", "L9", "sim", 1, "S1", "--serial", "A")
    trace = read("trace", "A")
    assert [unit["lot_id"] for unit in trace["units"]] == ["L9"]
    assert "received" in said("trace", "L9", "--lang", "en")
    assert "到货" in said("trace", "A", "--lang", "zh")
    nothing = stock("trace", "Z", "--lang", "en")
    assert (nothing.exit_code, nothing.output) == (1, "Nothing is on record.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("transfer", "camera", 99, "S1", "S2"), "可用 8 件"),
        (("transfer", "camera", 1, "S1", "S9"), "不存在"),
        (("reserve", "V9", "camera", 1, "S1"), "V9"),
        (("release", "V1/1"), "不存在"),
    ],
)
def test_what_is_refused_is_said_and_exits_with_2(
    arguments: tuple[object, ...], words: str
) -> None:
    refused = stock(*arguments, "--lang", "zh")
    assert refused.exit_code == 2
    assert words in refused.output


def test_without_a_database_it_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    refused = stock("show", "--lang", "en")
    assert refused.exit_code == 2
    assert "dispatch init" in refused.output
