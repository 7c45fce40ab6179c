"""Passwords as Argon2id hashes, secrets for one-time codes, recovery codes."""

from __future__ import annotations

import base64
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for little memory
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has: made when first asked for, since it takes long."""
    return _hasher.hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    """What is stored of a password. Takes about 50 milliseconds, on purpose."""
    return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Whether this is the password; as slow for nobody's (None) as for somebody's."""
    try:
        _hasher.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def new_totp_secret() -> str:
    """160 random bits in base 32, as RFC 4226 wants them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def new_codes(count: int) -> list[str]:
    """Recovery codes of about fifty random bits: ``abcde-fghjk``."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(count)
    ]
