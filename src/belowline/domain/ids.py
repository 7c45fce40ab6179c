"""Ids: 63-bit numbers inside, thirteen letters outside.

An id is the milliseconds since 1970 followed by 20 random bits, so that ids sort as their
comments were written and a database that clusters by id keeps neighbours together. Outside they
are opaque: Crockford's base 32 (https://www.crockford.com/base32.html), fixed width.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_DIGITS = str.maketrans(_LETTERS, "0123456789abcdefghijklmnopqrstuv")  # those of `int`
_IS_ID = re.compile(f"[0-7][{_LETTERS}]{{12}}")  # a first letter up to 7 keeps it below 2**63
_RANDOM_BITS = 20


def new_id(now: datetime) -> int:
    """An id for something that begins at ``now`` (aware)."""
    return id_at(now, secrets.randbits(_RANDOM_BITS))


def id_at(moment: datetime, low: int) -> int:
    """The id for ``moment`` (aware, not before 1970) whose 20 low bits are ``low``."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return (milliseconds << _RANDOM_BITS) | (low & ((1 << _RANDOM_BITS) - 1))


def moment(number: int) -> datetime:
    """When what bears this id began, to the millisecond."""
    return datetime.fromtimestamp((number >> _RANDOM_BITS) / 1000, UTC)


def encode(number: int) -> str:
    """``number`` (0 to 2**63 - 1) as thirteen letters."""
    return (
        _LETTERS[number >> 60 & 31]
        + _PAIRS[number >> 50 & 1023]
        + _PAIRS[number >> 40 & 1023]
        + _PAIRS[number >> 30 & 1023]
        + _PAIRS[number >> 20 & 1023]
        + _PAIRS[number >> 10 & 1023]
        + _PAIRS[number & 1023]
    )


def decode(text: str) -> int:
    """The number that ``text`` stands for. Raises ValueError for anything `encode` cannot make."""
    if not _IS_ID.fullmatch(text):
        raise ValueError("not an id")
    return int(text.translate(_DIGITS), 32)
