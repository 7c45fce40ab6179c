"""One-time links and the sessions they open: random tokens, of which only hashes are stored."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> tuple[str, str]:
    """A token of 256 random bits, and its hash."""
    token = secrets.token_urlsafe(32)
    return token, hashed(token)


def hashed(token: str) -> str:
    """What is stored of ``token``. Its entropy makes a slow hash needless."""
    return hashlib.sha256(token.encode()).hexdigest()
