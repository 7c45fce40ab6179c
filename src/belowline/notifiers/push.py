"""Web push (RFC 8030): sealed messages to browsers, signed with the site's own key (RFC 8292).

Blocks: run it in a thread.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from belowline.notifiers import outward
from belowline.notifiers.sealed import encoded, packed, reader, seal, unpacked

_PATIENCE = 10.0  # seconds
_OK = range(200, 300)
_GONE = (404, 410)
_TOKEN_LIFE = timedelta(hours=12)  # push services refuse more than a day
_CURVE = ec.SECP256R1()
_NUMBER = 32  # bytes of a private key, and of each half of a signature


class Gone(OSError):
    """The browser does not want to hear from us any more, or is no more."""


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends: the private key (`new_key`), and an address of the operator's for complaints.

    ``contact`` is a ``mailto:`` or ``https:`` address; "" where there is none.
    """

    key: str
    contact: str = ""


def new_key() -> str:
    """A new private key, base64url."""
    made = ec.generate_private_key(_CURVE)
    return packed(made.private_numbers().private_value.to_bytes(_NUMBER, "big"))


def public_key(key: str) -> str:
    """What browsers are told of ``key``: they take messages of its owner only."""
    return packed(encoded(_private(key).public_key()))


def post(
    endpoint: str,
    body: bytes,
    *,
    keys: str,
    sender: Sender,
    topic: str,
    life: timedelta,
    urgent: bool,
    now: datetime,
    allowed: Collection[str] = (),
    seconds: float = _PATIENCE,
) -> None:
    """Seals ``body`` for the browser of ``keys`` (``p256dh.auth``) and hands it to its service.

    A message that still waits there is replaced by a newer one of the same ``topic``, and dropped
    after ``life``. Raises Gone when the browser is to be forgotten; OSError or ValueError when the
    service cannot be reached, may not be, or does not answer with 2xx.
    """
    if urlsplit(endpoint).scheme != "https":
        raise ValueError("a push service is asked over https only")
    point, _, auth = keys.partition(".")
    headers = {
        "Authorization": f"vapid t={token(sender, endpoint, now)}, k={public_key(sender.key)}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(life.total_seconds())),
        "Topic": topic,
        "Urgency": "high" if urgent else "normal",
    }
    sealed = seal(body, reader(point, auth))
    answer = outward.post(endpoint, sealed, headers, seconds=seconds, allowed=allowed)
    if answer.status in _GONE:
        raise Gone(f"answered {answer.status}")
    if answer.status not in _OK:
        raise OSError(f"answered {answer.status}")


def token(sender: Sender, endpoint: str, now: datetime) -> str:
    """The JWT that says to the push service of ``endpoint`` who sends, for twelve hours."""
    parts = urlsplit(endpoint)
    claims: dict[str, object] = {
        "aud": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        "exp": int((now + _TOKEN_LIFE).timestamp()),
    }
    if sender.contact:
        claims["sub"] = sender.contact
    said = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    halves = decode_dss_signature(_private(sender.key).sign(said.encode(), ec.ECDSA(SHA256())))
    return f"{said}.{packed(b''.join(half.to_bytes(_NUMBER, 'big') for half in halves))}"


def _json(value: dict[str, object] | dict[str, str]) -> str:
    return packed(msgspec.json.encode(value))


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unpacked(key), "big"), _CURVE)
