"""The root of errors that are written for people, in English and Chinese."""


class DispatchError(ValueError):
    """What was wrong, where, and what would be right, in both languages."""

    def __init__(self, message_en: str, message_zh: str) -> None:
        super().__init__(message_en, message_zh)
        self.message_en = message_en
        self.message_zh = message_zh

    def __str__(self) -> str:
        return f"{self.message_en}\n{self.message_zh}"
