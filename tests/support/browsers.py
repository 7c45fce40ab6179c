"""A browser that is subscribed to web push, as far as a push service and a sender know it.

What it reads is read by the steps of RFC 8188 and RFC 8291 from the reader's side, not by our code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Browser:
    """Its address at the push service, and the keys that it gives to the site."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._own = ec.generate_private_key(ec.SECP256R1())
        self._auth = secrets.token_bytes(16)
        self._point = self._own.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.p256dh = base64.urlsafe_b64encode(self._point).rstrip(b"=").decode()
        self.auth = base64.urlsafe_b64encode(self._auth).rstrip(b"=").decode()

    def read(self, sealed: bytes) -> bytes:
        """The text of a message; raises when it is not for this browser."""
        salt, size, length = sealed[:16], int.from_bytes(sealed[16:20], "big"), sealed[20]
        sender, text = sealed[21 : 21 + length], sealed[21 + length :]
        assert len(text) <= size
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._own.exchange(ec.ECDH(), point)
        about = b"WebPush: info\0" + self._point + sender
        secret = _expanded(_mac(self._auth, shared), about, 32)
        mixed = _mac(salt, secret)
        key = _expanded(mixed, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _expanded(mixed, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, text, None).rstrip(b"\0")
        assert plain.endswith(b"\x02")
        return plain[:-1]


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()


def _expanded(key: bytes, about: bytes, length: int) -> bytes:
    return _mac(key, about + b"\1")[:length]
