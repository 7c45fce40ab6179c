"""A guest: somebody without an account, known by a signed token in this browser."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from itsdangerous import BadSignature, Signer

from belowline.domain import ids

_PREFIX = "guest."


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
