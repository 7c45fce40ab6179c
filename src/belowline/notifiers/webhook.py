"""Signed webhooks. Blocks: run it in a thread."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime

from belowline.notifiers import outward

_PATIENCE = 10.0  # seconds
_OK = range(200, 300)


def post(
    url: str,
    body: bytes,
    *,
    secret: str,
    delivery: str,
    now: datetime,
    allowed: Collection[str] = (),
    seconds: float = _PATIENCE,
) -> bytes:
    """Sends ``body`` as JSON, signed with ``secret``; what is answered.

    ``delivery`` is the same when it is sent again; ``allowed`` are hosts that may be inside.
    Raises OSError or ValueError when the other side cannot be reached, may not be, or does not
    answer with 2xx.
    """
    headers = {
        "Content-Type": "application/json",
        "Belowline-Delivery": delivery,
        "Belowline-Signature": signature(secret, body, int(now.timestamp())),
    }
    answer = outward.post(url, body, headers, seconds=seconds, allowed=allowed)
    if answer.status not in _OK:
        raise OSError(f"answered {answer.status}")
    return answer.body


def signature(secret: str, body: bytes, seconds: int) -> str:
    """``t=SECONDS,v1=HEX``: HMAC-SHA256 of the seconds, a dot and the body."""
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"
