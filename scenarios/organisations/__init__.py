"""Sample organisations: folders of CSV files beside this module, made by its ``make_*`` modules."""

from pathlib import Path

_HERE = Path(__file__).parent


def names() -> tuple[str, ...]:
    """The samples' names, sorted."""
    return tuple(sorted(p.parent.name for p in _HERE.glob("*/organisation.csv")))


def path_of(name: str) -> Path:
    """The folder of the sample ``name``. Raises ``KeyError`` for an unknown name."""
    if name not in names():
        raise KeyError(name)
    return _HERE / name
