"""``dispatch roads``, and what plans say of where their travel is from."""

import json
from collections.abc import Iterator

import pytest

from tests.api.conftest import Run
from tests.databases import Files, Fill
from tests.roads import Roads, road_server


@pytest.fixture(name="roads")
def _roads() -> Iterator[Roads]:
    with road_server() as server:
        yield server


@pytest.fixture(name="says")
def _says(files: Files, run: Run, init: Fill, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", files.filled(init))
    return run


def test_a_plan_is_made_of_what_the_network_says(says: Run, roads: Roads) -> None:
    plan = ("plan", "--iterations", 30, "--lang", "en")
    before = json.loads(says(*plan, "--json").stdout)["travel"]
    assert before["source"] == "distance"
    assert before["estimated"] == before["legs"]
    assert says("roads", "measure").exit_code == 2
    assert says("roads", "use", "osrm", roads.url).exit_code == 0
    roads.status = 500
    failing = says(*plan)
    assert "answers 500" in failing.stderr
    assert "legs are estimated by distance" in failing.stdout
    roads.status = 200
    measured = says("roads", "measure", "--json")
    assert measured.exit_code == 0
    assert json.loads(measured.stdout)["missing"] == 0
    after = says(*plan, "--json")
    assert json.loads(after.stdout)["travel"]["source"] == "osrm driving"
    assert json.loads(after.stdout)["travel"]["estimated"] == 0
    assert "travel by osrm driving" in says("show", "draft", "--lang", "en").stdout
    assert says("roads", "leave").exit_code == 0
    assert says("roads", "use", "valhalla", "nowhere").exit_code == 2
