"""What is secret in the database needs the key."""

import base64
import secrets

import pytest

from dispatch.sealing import Seal, SealError


def a_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def test_what_is_sealed_is_opened_with_the_key_and_no_other() -> None:
    key, text = a_key(), "密钥 secret"
    sealed = Seal((key,)).sealed(text)
    assert text not in sealed
    assert Seal((key,)).opened(sealed) == text
    for others in ((), (a_key(),)):
        with pytest.raises(SealError, match="DISPATCH_SECRET_KEY"):
            Seal(others).opened(sealed)


def test_keys_are_changed_by_naming_the_old_one_behind_the_new_one() -> None:
    old, new = a_key(), a_key()
    again = Seal((new, old)).again(Seal((old,)).sealed("secret"))
    assert Seal((new,)).opened(again) == "secret"


def test_what_was_kept_before_there_was_a_key_is_sealed_then() -> None:
    seal = Seal((a_key(),))
    assert Seal().sealed("secret") == "secret"
    assert seal.opened("secret") == "secret"
    assert seal.opened(seal.again("secret")) == "secret"
    assert "secret" not in seal.again("secret")


@pytest.mark.parametrize("key", ["", "secret", base64.b64encode(b"too short").decode()])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(SealError, match="32"):
        Seal((key,))
