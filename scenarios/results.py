"""Results as they come: kept somewhere, or in a folder, as a file of JSON lines to which each
finished run adds one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from scenarios.outcome import Outcome

FILE = "results.jsonl"
_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


class Keeping(Protocol):
    """Where the outcomes of finished runs are kept, by their keys."""

    @property
    def known(self) -> Mapping[str, Outcome]: ...

    def add(self, outcome: Outcome) -> None:
        """Keeps an outcome, for whoever comes later too when this returns."""


class Results:
    """The outcomes of all runs that were ever finished into a folder, by their keys."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._known: dict[str, Outcome] = {one.key: one for one in self._read()}

    @property
    def known(self) -> Mapping[str, Outcome]:
        return self._known

    def add(self, outcome: Outcome) -> None:
        """Keeps an outcome, on disk too when this returns."""
        self._known[outcome.key] = outcome
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            # One write: several programs may add to the same file.
            file.write(_OUTCOME.dump_json(outcome) + b"\n")

    def _read(self) -> Iterator[Outcome]:
        """A line that was cut off in the middle, or is of an older form, is no result."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for line in file:
                try:
                    yield _OUTCOME.validate_json(line)
                except ValidationError:
                    continue
