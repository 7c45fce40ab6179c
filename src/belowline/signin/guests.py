"""A guest: somebody without an account, known by a signed token in this browser."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from itsdangerous import BadSignature, Signer

from belowline.domain import ids

_PREFIX = "guest."
_SECONDS = 5


def number(key: str, sent: Sequence[str], now: datetime) -> int:
    """The id of a guest of whom no more is known than what they have just ``sent``.

    Every process makes the same of it, for some seconds, and nobody can who has not the key.
    """
    turn = int(now.timestamp() // _SECONDS)
    said = "\x00".join([str(turn), *sent]).encode("utf-8", "replace")
    digest = hmac.digest(key.encode(), said, "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def issue(key: str, guest: int) -> str:
    """The token of the guest with this id, signed with the installation's key."""
    return _signer(key).sign(_PREFIX + ids.encode(guest)).decode()


@lru_cache(maxsize=4096)
def read(key: str, token: str) -> int | None:
    """The id in a guest's token; None for anything else, forged tokens included.

    Remembered, because a token comes with every request of its bearer.
    """
    if not token.startswith(_PREFIX):
        return None
    try:
        signed = _signer(key).unsign(token).decode()
        return ids.decode(signed.removeprefix(_PREFIX))
    except (BadSignature, ValueError):
        return None


def _signer(key: str) -> Signer:
    return Signer(key, salt="belowline.guest", digest_method=hashlib.sha256)
