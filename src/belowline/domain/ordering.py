"""The ways of ordering the threads of a discussion, and the cursors that page through them."""

from __future__ import annotations

import base64
import binascii

import msgspec

from belowline.domain.errors import Refused

ORDERS: dict[str, str] = {
    "newest": "The latest thread first: for following a story while it moves.",
    "oldest": "The first thread first: for reading a discussion as it went.",
    "discussed": "The thread with the most published replies first: for finding the arguments.",
}
"""Name -> what it is for. Replies are always oldest first, as a conversation is read."""

DEFAULT_ORDER = "newest"


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the last thread's id, its number of replies, the stream's version.

    ``version`` lets the discussed order go on from the ranking that the first page showed.
    """

    order: str
    id: int
    below: int
    version: int


def encode_cursor(cursor: Cursor) -> str:
    """An opaque text for ``cursor``."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def decode_cursor(text: str, order: str) -> Cursor:
    """The cursor that `encode_cursor` made for ``order``; raises Refused("cursor_bad")."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=Cursor)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise Refused("cursor_bad", field="cursor") from error
    numbers = (cursor.id, cursor.below, cursor.version)
    if cursor.order != order or any(not 0 <= number < 1 << 63 for number in numbers):
        raise Refused("cursor_bad", field="cursor")
    return cursor


def comment_order(raw: str) -> str:
    """``raw`` when it is an order; raises Refused("order_unknown")."""
    if raw not in ORDERS:
        raise Refused("order_unknown", field="order")
    return raw
