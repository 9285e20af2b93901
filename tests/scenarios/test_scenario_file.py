"""Scenario files say what is meant, or everything that is wrong with them and where."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from dispatch.exchange.errors import DataErrors
from dispatch.texts import Language
from scenarios.changes.people import Hire, Shifts
from scenarios.scenario import Effort, load_scenario
from scenarios.scenario_file import DEFAULT_SEEDS, read_scenario, scenario_schema

GOOD = """
name: one more
base: guizhou
seeds: 3
iterations: 40
changes:
  - change: hire
    like: GY-1
  - change: shifts
    end: 20:30
"""


def a_file(folder: Path, text: str, name: str = "scenario.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def wrong(path: Path, lang: Language = Language.EN) -> list[str]:
    with pytest.raises(DataErrors) as refused:
        load_scenario(path)
    return [error.describe(lang) for error in refused.value.errors]


def test_a_file_is_read_as_it_is_meant(tmp_path: Path) -> None:
    form = read_scenario(a_file(tmp_path, GOOD)).form
    assert form.seeds == (1, 2, 3)
    hire, shifts = form.changes
    assert isinstance(hire, Hire)
    assert isinstance(shifts, Shifts)
    assert f"{shifts.end:%H:%M}" == "20:30"


def test_json_says_the_same(tmp_path: Path) -> None:
    written = yaml.load(GOOD, yaml.BaseLoader)
    from_json = read_scenario(a_file(tmp_path, json.dumps(written), "same.json")).form
    assert from_json == read_scenario(a_file(tmp_path, GOOD)).form


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    loaded = load_scenario(a_file(tmp_path, "name: plain\nbase: guizhou\n"))
    assert loaded.scenario.seeds == tuple(range(1, DEFAULT_SEEDS + 1))
    assert loaded.scenario.effort == Effort()


def test_all_that_is_wrong_with_its_form_is_said_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("seeds: 3", "seeds: 0").replace("like: GY-1", "lik: GY-1")
    assert wrong(a_file(tmp_path, text.replace("20:30", "late"))) == [
        "scenario.yaml, row 4, seeds: '0': there are too few of them",
        "scenario.yaml, row 7, changes 1, like: it is missing",
        "scenario.yaml, row 8, changes 1, lik: 'GY-1': there is no such field",
        "scenario.yaml, row 10, changes 2, end: 'late': expected a time such as 08:30",
    ]


def test_all_changes_that_cannot_apply_are_said_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("GY-1", "GY-11") + "    technicians: [ZZ-1]\n"
    english = wrong(a_file(tmp_path, text))
    assert english[0] == (
        "scenario.yaml, row 8, changes 1, like: 'GY-11': there is no such id. Did you mean 'GY-1'?"
    )
    assert english[1].startswith("scenario.yaml, row 11, changes 2, technicians: 'ZZ-1'")
    assert "是不是 'GY-1'" in wrong(a_file(tmp_path, text), Language.ZH)[0]


def test_a_change_that_does_not_exist_is_told_those_that_do(tmp_path: Path) -> None:
    (said,) = wrong(a_file(tmp_path, GOOD.replace("change: hire", "change: fire")))
    assert "changes 1, change" in said
    assert "hire, leave" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("name: [", "this is no valid YAML"),
        ("name: a\nname: b\nbase: guizhou\n", "it stands here twice"),
        ("name: a\nbase: guizhou\niterations: 5\nseconds: 5\n", "not both"),
    ],
)
def test_what_is_no_scenario_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in wrong(a_file(tmp_path, text))[0]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such file" in wrong(tmp_path / "none.yaml")[0]


def test_the_schema_takes_what_the_program_takes(tmp_path: Path) -> None:
    schema = scenario_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    form = read_scenario(a_file(tmp_path, GOOD)).form
    written = {
        "name": form.name,
        "base": form.base,
        "seeds": 3,
        "changes": [{"change": "hire", "like": "GY-1", "count": 2}],
    }
    jsonschema.validate(written, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written | {"changes": [{"change": "fire"}]}, schema)


EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_examples_can_be_run(path: Path) -> None:
    load_scenario(path)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
