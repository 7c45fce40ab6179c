"""Ids: 63-bit numbers inside, thirteen letters outside.

An id is the milliseconds since 1970 followed by 20 random bits, so that ids sort as their
comments were written and a database that clusters by id keeps neighbours together. Outside they
are opaque: Crockford's base 32 (https://www.crockford.com/base32.html), fixed width.
"""

from __future__ import annotations

import secrets
from datetime import datetime

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_RANDOM_BITS = 20
_WIDTH = 13
_LIMIT = 1 << 63


def new_id(now: datetime) -> int:
    """An id for something that begins at ``now`` (aware)."""
    return id_at(now, secrets.randbits(_RANDOM_BITS))


def id_at(moment: datetime, low: int) -> int:
    """The id for ``moment`` (aware, not before 1970) whose 20 low bits are ``low``."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return (milliseconds << _RANDOM_BITS) | (low & ((1 << _RANDOM_BITS) - 1))


def encode(number: int) -> str:
    """``number`` (0 to 2**63 - 1) as thirteen letters."""
    letters = []
    for _ in range(_WIDTH):
        number, digit = divmod(number, 32)
        letters.append(_LETTERS[digit])
    return "".join(reversed(letters))


def decode(text: str) -> int:
    """The number that ``text`` stands for. Raises ValueError for anything `encode` cannot make."""
    if len(text) != _WIDTH:
        raise ValueError("an id has thirteen letters")
    number = 0
    for letter in text:
        value = _VALUES.get(letter)
        if value is None:
            raise ValueError("not an id")
        number = number * 32 + value
    if number >= _LIMIT:
        raise ValueError("not an id")
    return number
