"""Time-based one-time codes (RFC 6238), recovery codes, and what a password has to be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

from belowline.domain.errors import Refused

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
RECOVERY_CODES = 10
_STEP = 30  # seconds
_DIGITS = 6
_DRIFT = 1  # steps that a telephone's clock may be off, before and after


def clean_password(password: str, name: str) -> str:
    """``password`` if it can be one. Raises Refused("password_weak")."""
    is_long = SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
    told = password.casefold() in (name.casefold(), name.casefold() * 2)
    if not is_long or told or len(set(password)) < 5:
        raise Refused("password_weak", field="password", least=SHORTEST_PASSWORD)
    return password


def code_at(secret: str, step: int) -> str:
    """The code of one step of thirty seconds since 1970. ``secret`` is in base 32."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def step_at(now: datetime) -> int:
    """The number of the step that ``now`` lies in."""
    return int(now.timestamp()) // _STEP


def matching_step(secret: str, code: str, now: datetime, last: int) -> int | None:
    """The step whose code this is, None when it is wrong or was used: steps up to ``last``."""
    said = "".join(code.split())
    for step in range(step_at(now) - _DRIFT, step_at(now) + _DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), said.encode()) and step > last:
            return step
    return None


def address(secret: str, name: str, site: str) -> str:
    """What an authenticator app reads: ``otpauth://totp/…``."""
    label = quote(f"{site}:{name}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': site})}"
