"""Which pictures are taken for a signature, and how they are kept."""

import zlib
from base64 import b64encode
from contextlib import suppress
from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dispatch.domain.events import EventKind as E
from dispatch.domain.events import SignOff
from dispatch.form_details import form_details
from dispatch.signatures import (
    MOST_BASE64,
    MOST_BYTES,
    SignatureError,
    checked_signature,
    digest_of,
    keep_signature,
    signature_of,
)
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from tests.dispatch.commands.records import REPAIRED, found, minute


def a_png(size: tuple[int, int] = (8, 4), kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "white").save(file, kind)
    return file.getvalue()


def sent(png: bytes) -> str:
    return b64encode(png).decode()


def a_bomb() -> bytes:
    """A few bytes that say that they are 30,000 pixels wide and high."""
    body = b"IHDR" + pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return a_png()[:8] + pack(">I", 13) + body + pack(">I", zlib.crc32(body))


def test_a_whole_png_is_taken_as_it_is() -> None:
    assert checked_signature(sent(a_png())) == a_png()
    assert len(sent(bytes(MOST_BYTES))) == MOST_BASE64


@pytest.mark.parametrize(
    "wrong",
    [
        "no base64!",
        "",
        sent(b"%PDF-1.7"),
        sent(a_png(kind="JPEG")),
        sent(a_png()[:-20]),
        sent(a_png()[:8] + a_png()[-12:]),
        sent(a_bomb()),
        sent(a_png((4_000, 1_001))),
        sent(a_png() + bytes(MOST_BYTES)),
    ],
)
def test_what_is_no_small_png_is_refused(wrong: str) -> None:
    with pytest.raises(SignatureError, match=r"PNG of at most 100 KB"):
        checked_signature(wrong)


@given(st.integers(0, len(a_png()) - 1), st.binary(min_size=1, max_size=6))
def test_a_broken_png_is_taken_or_refused_and_nothing_else(at: int, noise: bytes) -> None:
    png = a_png()
    broken = png[:at] + noise + png[at + len(noise) :]
    with suppress(SignatureError):
        assert checked_signature(sent(broken)) == broken


def test_the_sign_off_names_its_picture_and_the_form_has_it(database: Database) -> None:
    known = found(database)
    known.ticket()
    after = known.go(*REPAIRED)
    details = SignOff("Wang", digest_of(a_png()))
    event = known.event(E.SIGNED_OFF, after, details=details)
    for _ in range(2):
        known.send(event)
        in_writing(database, lambda s: keep_signature(s, a_png()))
    with database.reading() as session:
        assert signature_of(session, "W1", event.id) == a_png()
        assert signature_of(session, "W2", event.id) is None
        assert signature_of(session, "W1", "00001") is None
        signed = form_details(session, ["W1-1"], minute(60))["W1-1"].signed
    assert signed is not None
    assert (signed.by, signed.at, signed.picture) == ("Wang", minute(after), a_png())
