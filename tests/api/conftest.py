"""A small organisation and its plan, made once with the real commands."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app

Run = Callable[..., Result]


def run_dispatch(*arguments: object) -> Result:
    """Runs a command in this process; stdout and stderr are apart."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


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
def plan_file(organisation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "small.plan.json"
    made = run_dispatch("plan", organisation, "--iterations", 50, "--out", path, "--lang", "en")
    assert made.exit_code == 0, made.output
    return path
