"""What is secret in the database is sealed: encrypted with a key that is not in it."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from dispatch.domain.errors import DispatchError

KEY_VARIABLE = "DISPATCH_SECRET_KEY"
_MARK = "sealed:"


class SealError(DispatchError):
    """A key that is none, or something sealed that no key opens."""


class Seal:
    """Seals texts with the first of some keys, and opens what any of them has sealed.

    Without keys texts stay as they are. Keys are 32 random bytes as base64.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """Raises SealError for what is no key."""
        self._keys = MultiFernet([_fernet(key) for key in keys]) if keys else None

    def sealed(self, text: str) -> str:
        if self._keys is None:
            return text
        return _MARK + self._keys.encrypt(text.encode()).decode()

    def opened(self, kept: str) -> str:
        """What was sealed, or kept without a key. Raises SealError if no key opens it."""
        if not kept.startswith(_MARK):
            return kept
        try:
            if self._keys is not None:
                return self._keys.decrypt(kept.removeprefix(_MARK)).decode()
        except InvalidToken:
            pass  # sealed with a key that is not among ours
        raise SealError(
            f"The database holds secrets that the keys in {KEY_VARIABLE} do not open. Name the key"
            " that they were sealed with: alone, or behind a new one and a comma.",
            f"数据库中的密文无法用 {KEY_VARIABLE} 中的密钥解开。请提供加密时所用的密钥："
            "可单独给出，也可写在新密钥和逗号之后。",
        )

    def again(self, kept: str) -> str:
        """The same, sealed with the first key now. Raises SealError."""
        return self.sealed(self.opened(kept))


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        raise SealError(
            f"{KEY_VARIABLE} holds something that is no key; 32 random bytes as base64 would be"
            " right (openssl rand -base64 32).",
            f"{KEY_VARIABLE} 中有无效密钥；应为 32 字节随机数的 base64"
            "（openssl rand -base64 32）。",
        ) from error
