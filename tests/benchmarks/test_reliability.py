"""Small versions of the checks, and that they see what they are there to see."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.__main__ import main
from benchmarks.reliability.command import CHECKS, KINDS
from benchmarks.reliability.frame import LateError, Room, within
from benchmarks.reliability.stores import Store, store_of
from benchmarks.reliability.without_guards import CHECKS as SEEING

pytestmark = pytest.mark.long

SEED = 1
OVER_HTTP = "http-"
"""Servers take long to start; their small versions are in ``tests/api/http``."""
ON_BOTH = [
    name
    for name, check in CHECKS.items()
    if len(check.kinds) > 1 and not name.startswith(OVER_HTTP)
]


@pytest.fixture(scope="module", name="store", params=KINDS)
def _store(request: pytest.FixtureRequest) -> Iterator[Store]:
    # Not among pytest's folders: another run of pytest closes those to who runs PostgreSQL.
    with TemporaryDirectory() as folder, store_of(request.param, Path(folder)) as store:
        yield store


@pytest.fixture(name="room")
def _room(store: Store, tmp_path: Path) -> Room:
    return Room(store, tmp_path, SEED, full=False)


@pytest.mark.parametrize("name", [name for name in ON_BOTH if name != "without-guards"])
def test_the_record_holds(room: Room, name: str) -> None:
    result = CHECKS[name].run(room)
    assert result.breaches == ()
    assert result.figure.startswith("skipped") is (name == "disk" and os.geteuid() != 0)


@pytest.mark.parametrize("name", SEEING)
def test_without_guards_a_check_fails(room: Room, name: str) -> None:
    assert SEEING[name](room).breaches


def test_any_life_holds(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert main(["reliability", "life", "--size", "small", "--out", str(out)]) == 0
    (done,) = json.loads(out.read_text(encoding="utf-8"))["checks"]
    assert (done["check"], done["database"], done["holds"]) == ("life", "sqlite", True)
    assert done["breaches"] == []
    assert done["wall_s"] <= done["deadline_s"]


def _never_done() -> None:
    with within(1):
        while True:
            pass


def test_a_check_ends_at_its_deadline() -> None:
    with pytest.raises(LateError, match="not done after 1 s"):
        _never_done()
