"""Single values of other systems' files: times, names, keys, plain text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import blake2b

from belowline.domain.text import REORDERING

LONGEST_KEY = 500
LONGEST_NAME = 100
LONGEST_TITLE = 300

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile("\r\n?|\u2028|\u2029|\x85")
_EMAIL = re.compile(r"([\w.+%'-]+)@[\w-]+(?:\.[\w-]+)+")
_LEAP_SECOND = re.compile(r"(:\d\d):60(?!\d)")
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def parse_time(written: str) -> datetime | None:
    """The moment that an ISO 8601 time means, in UTC; None if it means none.

    A time without an offset is taken as UTC. The year 1, which Go programs write for "never", and
    anything else outside 1970 to 2200 means none.
    """
    try:
        moment = datetime.fromisoformat(_LEAP_SECOND.sub(r"\1:59", written.strip()))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _EARLIEST <= moment < _LATEST else None


def plain(text: str) -> str:
    """``text`` with plain line breaks, and without control characters and halves of characters."""
    return _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text))


def one_line(text: str, longest: int | None = None) -> str:
    """``text`` as one line without outer or repeated blanks, at most ``longest`` characters."""
    return " ".join(plain(text).split())[:longest]


def shown(text: str, longest: int) -> str:
    """`one_line` for people to read: nothing in it reorders what stands around it."""
    return one_line(REORDERING.sub("", text), longest)


def display_name(written: str) -> str:
    """A name that may be shown: of an e-mail address only what stands before the @."""
    return shown(_EMAIL.sub(r"\1", written), LONGEST_NAME)


def author_key(written: str) -> str:
    """An account's or a name's key: bounded, and an e-mail address only in part and as a digest."""
    key = one_line(written)
    shown = _EMAIL.sub(r"\1", key)
    return bounded_key(key) if shown == key else _marked(shown, key)


def bounded_key(written: str) -> str:
    """``written`` as a key of printable characters, at most LONGEST_KEY of them.

    What has to be left out is replaced by a short digest of the whole, so that different keys stay
    different and the same key stays the same.
    """
    key = "".join(filter(str.isprintable, one_line(written)))
    return key if len(key) <= LONGEST_KEY else _marked(key, key)


def _marked(shown: str, whole: str) -> str:
    mark = f"~{digest(whole) & 0xFFFFFFFF:08x}"
    return shown[: LONGEST_KEY - len(mark)] + mark


def digest(*parts: str) -> int:
    """64 bits that stand for ``parts``: 0 for nothing at all, and practically unique otherwise."""
    if not any(parts):
        return 0
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "big")
