"""``dispatch keys`` and what ``dispatch serve`` refuses to begin."""

import json
import socket

import pytest
import uvicorn

from api.commands.serve import bound
from tests.api.conftest import Run
from tests.databases import Files, Fill


@pytest.fixture(name="says")
def _says(files: Files, run: Run, init: Fill, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", files.filled(init))
    return run


def test_a_key_is_shown_once_and_kept_as_a_hash(says: Run) -> None:
    made = json.loads(says("keys", "create", "desk", "--role", "viewer", "--json").stdout)
    assert made["key"].startswith(f"fd_{made['id']}_")
    listed = says("keys", "list", "--json").stdout
    assert made["key"] not in listed
    assert [key["id"] for key in json.loads(listed)] == [made["id"]]
    assert says("keys", "revoke", made["id"]).exit_code == 0
    assert json.loads(says("keys", "list", "--json").stdout)[0]["revoked_at"] is not None


def test_what_does_not_exist_gets_no_key(says: Run) -> None:
    for words in (
        ("--role", "viewer", "--territory", "Atlantis"),
        ("--role", "technician"),
        ("--role", "technician", "--technician", "nobody"),
        ("--role", "viewer", "--technician", "T0001"),
    ):
        assert says("keys", "create", "x", *words).exit_code == 2
    assert says("keys", "revoke", "nothing").exit_code == 2


def test_other_machines_are_not_served_without_keys(says: Run) -> None:
    refused = says("serve", "--host", "0.0.0.0", "--lang", "en")
    assert refused.exit_code == 2
    assert "dispatch keys create" in refused.stderr
    made = says("keys", "create", "desk", "--role", "viewer")
    assert made.exit_code == 0


def test_one_file_is_served_by_one_process(says: Run) -> None:
    refused = says("serve", "--workers", 2, "--lang", "en")
    assert refused.exit_code == 2
    assert "PostgreSQL" in refused.stderr


def test_what_several_processes_answer_is_sent_at_once() -> None:
    """Without it the second part of each answer waits for the first to be acknowledged."""
    config = uvicorn.Config("api.app:served", host="127.0.0.1", port=0, workers=2)
    with bound(config) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
