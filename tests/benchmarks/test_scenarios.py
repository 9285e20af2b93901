"""Small versions of the benchmark of scenarios: the facts hold, and what is found is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.scenarios.command import PARTS


def kept(folder: Path, *parts: str) -> dict[str, Any]:
    """What is found, by part."""
    out = folder / "out.json"
    assert main(["scenarios", *parts, "--size", "small", "--out", str(out)]) == 0
    said = json.loads(out.read_text(encoding="utf-8"))["parts"]
    assert all(part["found"]["breaches"] == [] for part in said)
    return {part["part"]: part["found"]["figures"] for part in said}


def test_weeks_are_the_same_again(tmp_path: Path) -> None:
    found = kept(tmp_path, "weeks")
    assert found["weeks"]["visits"] > 0
    assert len(found["weeks"]["log_sha256"]) == 64


@pytest.mark.long
def test_every_part_holds(tmp_path: Path) -> None:
    found = kept(tmp_path, "all")
    assert found.keys() == PARTS.keys()
    assert found["planted"] == {"planted": 2, "found": 2}
    assert found["killed"]["processes"] == found["killed"]["cluster"] == found["killed"]["runs"]
    assert found["groups"]["by_groups"]["broken"] == 0
