"""When a form was made, signed, so that nobody can say that it was sooner."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

_SIGNATURE = 16  # hexadecimal digits


def issue(key: str, now: datetime) -> str:
    """The stamp of a form that is made at ``now``."""
    seconds = f"{int(now.timestamp() * 1000):x}"
    return f"{seconds}-{_signature(key, seconds)}"


def age(key: str, stamp: str, now: datetime) -> float | None:
    """The seconds since a stamp was made; None for anything that is not a stamp of ours."""
    made, _, signature = stamp.partition("-")
    if not hmac.compare_digest(_signature(key, made).encode(), signature.encode()):
        return None
    return max(0.0, now.timestamp() - int(made, 16) / 1000)


def _signature(key: str, made: str) -> str:
    said = f"belowline.stamp {made}".encode("utf-8", "replace")
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()[:_SIGNATURE]
