"""Messages that only one browser can read, whoever carries them: RFC 8291 with RFC 8188."""

from __future__ import annotations

import base64
import secrets

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LONGEST = 3993
"""Bytes of a message: more does not fit into the 4,096 that every push service takes."""
_RECORD = 4096
_SALT = 16
_AUTH = 16
_LAST = b"\x02"  # follows the text in the last record, which is the only one here


class Reader(msgspec.Struct, frozen=True):
    """Whom it is for: the public key of the browser's own pair, and the secret it shares."""

    point: ec.EllipticCurvePublicKey
    auth: bytes


def reader(p256dh: str, auth: str) -> Reader:
    """What a browser has given, base64url. Raises ValueError for what is no point or secret."""
    try:
        shared = unpacked(auth)
        point = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, unpacked(p256dh))
    except ValueError as error:
        raise ValueError("that is no key of a browser") from error
    if len(shared) != _AUTH:
        raise ValueError("that is no key of a browser: its secret has another length")
    return Reader(point, shared)


def seal(
    text: bytes,
    to: Reader,
    *,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """``text`` as ``aes128gcm``; ``salt`` and ``own`` are new each time unless given.

    Raises ValueError for a text of more than `LONGEST` bytes.
    """
    if len(text) > LONGEST:
        raise ValueError("the message is too long")
    salt = salt or secrets.token_bytes(_SALT)
    own = own or ec.generate_private_key(_CURVE)
    mine, theirs = encoded(own.public_key()), encoded(to.point)
    shared = own.exchange(ec.ECDH(), to.point)
    secret = _derived(shared, to.auth, b"WebPush: info\0" + theirs + mine, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + _RECORD.to_bytes(4, "big") + bytes([len(mine)]) + mine
    return head + AESGCM(key).encrypt(nonce, text + _LAST, None)


def encoded(point: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as its 65 bytes."""
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def packed(raw: bytes) -> str:
    """Base64url, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    """What `packed` has packed. Raises ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", True)


_CURVE = ec.SECP256R1()


def _derived(secret: bytes, salt: bytes, about: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=about).derive(secret)
