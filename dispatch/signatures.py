"""Signatures as pictures: checked, kept by what they are, and found again by the sign-off."""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Collection, Mapping
from io import BytesIO
from struct import Struct

from PIL import Image, UnidentifiedImageError
from sqlalchemy.orm import Session

from dispatch.domain.errors import DispatchError
from dispatch.domain.events import SignOff
from dispatch.store import queries_work
from dispatch.store.mapping_life import event_of
from dispatch.store.rows_log import SignatureRow

MOST_BYTES = 100 * 1024
MOST_BASE64 = (MOST_BYTES + 2) // 3 * 4
_MOST_PIXELS = 4_000_000
_BEGIN, _END = b"\x89PNG\r\n\x1a\n", b"\0\0\0\0IEND\xaeB`\x82"
_SIZE, _SIZE_AT = Struct(">II"), 16
"""Width and height, and where they stand in a PNG."""


class SignatureError(DispatchError):
    """A signature that is no picture."""


def checked_signature(sent: str) -> bytes:
    """The picture that was sent in base64. Raises SignatureError unless it is a whole PNG."""
    try:
        png = b64decode(sent, validate=True)
    except Base64Error as error:
        raise _unfit("no base64", "不是 base64") from error
    if len(png) > MOST_BYTES:
        raise _unfit(f"{len(png)} bytes long", f"大小为 {len(png)} 字节")
    has_size = len(png) >= _SIZE_AT + _SIZE.size
    if not (has_size and png.startswith(_BEGIN) and png.endswith(_END)):
        raise _unfit("no whole PNG", "不是完整的 PNG")
    # Looked at before anything is unpacked: few bytes may be a very large picture.
    width, height = _SIZE.unpack_from(png, _SIZE_AT)
    if width * height > _MOST_PIXELS:
        raise _unfit(f"{width} × {height} pixels large", f"尺寸为 {width} × {height} 像素")
    try:
        with Image.open(BytesIO(png), formats=("PNG",)) as image:
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _unfit("no PNG that can be read", "不是可读取的 PNG") from error
    return png


def digest_of(png: bytes) -> str:
    """What a sign-off names a picture by."""
    return hashlib.sha256(png).hexdigest()


def keep_signature(session: Session, png: bytes) -> None:
    """Puts a picture on record; the same again changes nothing."""
    session.merge(SignatureRow(digest=digest_of(png), png=b64encode(png).decode()))


def signature_of(session: Session, work_order_id: str, event_id: str) -> bytes | None:
    """The picture that an event of a work order names; None: there is none."""
    row = queries_work.event_row(session, event_id)
    if row is None or row.work_order_id != work_order_id:
        return None
    details = event_of(vars(row)).details
    digest = details.signature if isinstance(details, SignOff) else None
    return pictures(session, [digest]).get(digest) if digest is not None else None


def pictures(session: Session, digests: Collection[str]) -> Mapping[str, bytes]:
    """Pictures by their digests."""
    rows = queries_work.signature_rows(session, digests)
    return {row.digest: b64decode(row.png) for row in rows}


def _unfit(en: str, zh: str) -> SignatureError:
    most_kb = MOST_BYTES // 1024
    return SignatureError(
        f"The signature is {en}. Send a PNG of at most {most_kb} KB and {_MOST_PIXELS:,} pixels, in"
        " base64.",
        f"签名{zh}。请以 base64 发送不超过 {most_kb} KB、{_MOST_PIXELS:,} 像素的 PNG。",
    )
