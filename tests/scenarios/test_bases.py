"""A scenario starts from a sample, from files, or from the record."""

from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from dispatch.exchange.documents import write_snapshot
from dispatch.store.database import VARIABLE
from scenarios.bases import Base, BaseError, UnknownOrganisationError, snapshot_at
from tests.builders import a_snapshot


def test_the_record_has_what_was_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"sqlite:///{tmp_path}/record.db")
    assert CliRunner().invoke(app, ["init", "guizhou"]).exit_code == 0
    live = snapshot_at(Base("live", tmp_path, at=datetime(2026, 9, 29, 8, 30)))  # noqa: DTZ001
    sample = snapshot_at(Base("guizhou", tmp_path))
    assert live.now_at == sample.now_at
    assert set(live.visit) == set(sample.visit)
    assert set(live.technician) == set(sample.technician)


def test_a_sample_takes_a_horizon_and_a_policy(tmp_path: Path) -> None:
    found = snapshot_at(
        Base("guizhou", tmp_path, first=date(2026, 10, 1), days=3, policy="cost_first")
    )
    assert (found.end_at - found.start_at).days == 3
    assert found.policy.name == "cost_first"


def test_a_snapshot_has_its_own(tmp_path: Path) -> None:
    write_snapshot(a_snapshot(), tmp_path / "facts.json")
    assert snapshot_at(Base("facts.json", tmp_path)) == a_snapshot()
    with pytest.raises(BaseError, match=r"days, policy: 'facts\.json' has its own"):
        snapshot_at(Base("facts.json", tmp_path, days=2, policy="balanced"))


def test_only_the_record_is_asked_for_a_time(tmp_path: Path) -> None:
    with pytest.raises(BaseError, match="at is for base: live"):
        snapshot_at(Base("guizhou", tmp_path, at=datetime(2026, 9, 29)))  # noqa: DTZ001


def test_what_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownOrganisationError, match="atlantis"):
        snapshot_at(Base("atlantis", tmp_path))
