"""What the readers share: errors that name the place, lines of numbers."""

import re
from pathlib import Path

_SEPARATORS = re.compile(r"[\s,;]+")


class ReadError(ValueError):
    """A file is not what its reader expects. The message names file, line and what would be right.

    A line number of 0 stands for the whole file.
    """

    def __init__(self, path: Path, line: int, problem: str) -> None:
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {problem}")


def name_of(path: Path) -> str:
    """The instance in a file's name: ``R101`` of R101.100_25-5-5-5, ``50_3`` of x_HCSRP_50_3."""
    words = path.stem.split("_")
    if len(words) > 2 and all(w.isdigit() for w in words[-2:]) and not words[-3][-1:].isdigit():
        return "_".join(words[-2:])
    return path.stem.split(".")[0]


def lines_of(path: Path) -> list[str]:
    """The lines of a text file without blanks around them."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return [line.strip() for line in text.splitlines()]


def numbers_in(text: str) -> list[float] | None:
    """The numbers of a text that has nothing but numbers; None of any other text."""
    words = [word for word in _SEPARATORS.split(text) if word]
    try:
        return [float(word) for word in words]
    except ValueError:
        return None


def whole(value: float, path: Path, line: int, what: str) -> int:
    """A number that has to be whole.

    Raises:
        ReadError: it is not.
    """
    if value != int(value):
        raise ReadError(path, line, f"{what} is {value}: a whole number is expected")
    return int(value)
