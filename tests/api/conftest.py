"""A small organisation and its plan, made once with the real commands."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.databases import Fill

Run = Callable[..., Result]
QUICK = ("--iterations", 40, "--cores", 1)


def run_dispatch(*arguments: object, url: str | None = None) -> Result:
    """Runs a command in this process, on a database; stdout and stderr are apart."""
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, words, env={"DISPATCH_DATABASE_URL": url} if url else None)


@pytest.fixture
def run() -> Run:
    return run_dispatch


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve generated visits as a folder of CSV files."""
    folder = tmp_path_factory.mktemp("organisation") / "small"
    made = run_dispatch("generate", "--visits", 12, "--seed", 5, folder)
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture(scope="session")
def init(organisation: Path) -> Fill:
    """Brings the organisation in, without a plan."""

    def fill(url: str) -> None:
        made = run_dispatch("init", organisation, "--lang", "en", url=url)
        assert made.exit_code == 0, made.output

    return fill


@pytest.fixture(scope="session")
def init_and_plan(init: Fill) -> Fill:
    """Brings the organisation in, and leaves draft 1, which breaks no rule."""

    def fill(url: str) -> None:
        init(url)
        made = run_dispatch("plan", *QUICK, "--json", url=url)
        assert made.exit_code == 0, made.output
        plan = json.loads(made.stdout)
        assert (plan["version"], plan["violations"]) == (1, [])

    return fill


@pytest.fixture(scope="session")
def plan_file(organisation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "small.plan.json"
    made = run_dispatch("plan", organisation, "--iterations", 50, "--out", path, "--lang", "en")
    assert made.exit_code == 0, made.output
    return path
