"""What is wrong with data that came in, said all at once, in English and Chinese."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from dispatch.domain.errors import DispatchError
from dispatch.texts import Language, Text

_COMPARISONS_FOR_SUGGESTIONS = 100_000  # a second or so; a file of wrong ids must not take minutes


@dataclass(frozen=True, slots=True)
class DataError:
    """One mistake in a file.

    ``file`` is the file, or workbook and sheet; ``row`` the row number as a spreadsheet or an
    editor shows it; ``column`` the heading as the user wrote it, or the JSON pointer into a
    document; ``value`` what stands there.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message_en: str
    message_zh: str

    def describe(self, lang: Language) -> str:
        """Place, value and message in one line."""
        place = [self.file]
        if self.row is not None:
            place.append(lang.pick(f"row {self.row}", f"第 {self.row} 行"))
        if self.column is not None:
            place.append(self.column)
        value = "" if self.value is None else f"{self.value!r}: "
        return f"{lang.pick(', ', '，').join(place)}: {value}" + lang.pick(
            self.message_en, self.message_zh
        )


class DataErrors(DispatchError):  # noqa: N818 it is several
    """Everything that is wrong with an input, of which therefore nothing was taken over."""

    def __init__(self, errors: tuple[DataError, ...]) -> None:
        super().__init__(
            "\n".join(error.describe(Language.EN) for error in errors),
            "\n".join(error.describe(Language.ZH) for error in errors),
        )
        self.errors = errors


class Findings:
    """Collects the errors of an input."""

    def __init__(self) -> None:
        self.errors: list[DataError] = []
        self._comparisons_left = _COMPARISONS_FOR_SUGGESTIONS

    def add(
        self,
        file: str,
        message: Text,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        self.errors.append(DataError(file, row, column, value, message.en, message.zh))

    def raise_if_any(self) -> None:
        """Raises DataErrors, in the order of the places."""
        if self.errors:
            raise DataErrors(tuple(sorted(self.errors, key=lambda e: (e.file, e.row or 0))))

    def did_you_mean(self, value: str, known: Collection[str]) -> Text:
        """The closest of the ``known`` names as a sentence with a leading space, or nothing."""
        if len(known) > self._comparisons_left:
            return Text("", "")
        self._comparisons_left -= len(known)
        by_folded = {name.casefold(): name for name in known}
        close = get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.6)
        if not close:
            return Text("", "")
        found = by_folded[close[0]]
        return Text(f" Did you mean {found!r}?", f"是不是 {found!r}？")
