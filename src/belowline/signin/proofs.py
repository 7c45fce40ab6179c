"""Proof of work in the form of ALTCHA's version 2: made, and judged, by ourselves.

A challenge names a prefix that a derived key (PBKDF2) has for one counter only; finding it takes as
many derivations as the counter is high, judging it takes one. Each is for one intention (its
author, its text, its Idempotency-Key), so that a solved one lets nothing else through and nothing
has to be remembered of it: what is sent twice with one key is stored once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

import msgspec

ALGORITHM = "PBKDF2/SHA-256"
COST = 2_000
"""Rounds of each derivation."""
COUNTERS = (100, 300)
"""The least and the most derivations that are asked for: about half a second on a desk, some
seconds on an old telephone."""
LIFE = 600
"""Seconds for which a challenge can be solved."""
_KEY_LENGTH = 32
_MOST_BYTES = 4_096


class Solution(msgspec.Struct):
    """What a client has found."""

    counter: int
    derivedKey: str


class Challenge(msgspec.Struct):
    """What a client was asked; the parameters as they were signed."""

    parameters: dict[str, Any]
    signature: str


class Payload(msgspec.Struct):
    """What a client sends, as JSON in base64."""

    challenge: Challenge
    solution: Solution


def intention(*parts: str) -> str:
    """What a challenge is for, as a digest."""
    said = "\x00".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(said).hexdigest()


def challenge(key: str, purpose: str, now: datetime) -> dict[str, Any]:
    """A new challenge for one `intention`, as it is sent: ``parameters`` and ``signature``."""
    nonce, salt = secrets.token_bytes(16), secrets.token_bytes(16)
    counter = COUNTERS[0] + secrets.randbelow(COUNTERS[1] - COUNTERS[0] + 1)
    parameters = {
        "algorithm": ALGORITHM,
        "cost": COST,
        "data": {"for": purpose},
        "expiresAt": int(now.timestamp()) + LIFE,
        "keyLength": _KEY_LENGTH,
        "keyPrefix": _derive(nonce, salt, counter, COST)[: _KEY_LENGTH // 2].hex(),
        "nonce": nonce.hex(),
        "salt": salt.hex(),
    }
    return {"parameters": parameters, "signature": _sign(key, parameters)}


def is_solved(key: str, purpose: str, payload: str, now: datetime) -> bool:
    """Whether ``payload`` solves a challenge of ours, for this `intention`, in time."""
    if len(payload) > _MOST_BYTES:
        return False
    try:
        sent = msgspec.json.decode(base64.b64decode(payload, validate=True), type=Payload)
    except (ValueError, msgspec.MsgspecError):
        return False
    parameters = sent.challenge.parameters
    signature = _sign(key, parameters)
    if not hmac.compare_digest(signature.encode(), sent.challenge.signature.encode()):
        return False
    # From here on everything but the solution is as we made it.
    if parameters["data"] != {"for": purpose} or parameters["expiresAt"] < now.timestamp():
        return False
    counter = sent.solution.counter
    if not 0 <= counter < 2**32:
        return False
    nonce, salt = bytes.fromhex(parameters["nonce"]), bytes.fromhex(parameters["salt"])
    derived = _derive(nonce, salt, counter, parameters["cost"]).hex()
    return derived.startswith(parameters["keyPrefix"]) and derived == sent.solution.derivedKey


def _derive(nonce: bytes, salt: bytes, counter: int, cost: int) -> bytes:
    password = nonce + counter.to_bytes(4, "big")
    return hashlib.pbkdf2_hmac("sha256", password, salt, cost, _KEY_LENGTH)


def _sign(key: str, parameters: dict[str, Any]) -> str:
    """Over the parameters as JSON without spaces, keys in their order."""
    canonical = msgspec.json.encode(parameters, order="sorted")
    secret = hmac.digest(key.encode(), b"belowline.proof", "sha256")
    return hmac.new(secret, canonical, hashlib.sha256).hexdigest()
