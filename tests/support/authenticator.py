"""An authenticator in software: answers a site's questions as a browser with a passkey does."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

_PRESENT, _VERIFIED, _NEW = 1, 4, 64


class Authenticator:
    """One passkey, on a device that counts. ``verifies`` is whether it asks for a fingerprint."""

    def __init__(self, name: str, *, verifies: bool = True) -> None:
        self.id = hashlib.sha256(name.encode()).digest()
        self.count = 0
        self._verifies = verifies
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, question: str, origin: str) -> str:
        """The answer to a question for a new passkey."""
        asked = json.loads(question)
        numbers = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        about = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(key)
        data = self._data(asked["rp"]["id"], _NEW) + about
        attested = {"fmt": "none", "attStmt": {}, "authData": data}
        client = _client("webauthn.create", asked["challenge"], origin)
        return self._said(client, attestationObject=cbor2.dumps(attested))

    def sign(self, question: str, origin: str) -> str:
        """The answer to a question for whoever signs in."""
        asked = json.loads(question)
        self.count += 1
        data = self._data(asked["rpId"], 0)
        client = _client("webauthn.get", asked["challenge"], origin)
        signed = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._said(client, authenticatorData=data, signature=signed)

    def _data(self, host: str, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self._verifies else 0)
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _said(self, client: bytes, **response: bytes) -> str:
        told: dict[str, Any] = {name: bytes_to_base64url(one) for name, one in response.items()}
        told["clientDataJSON"] = bytes_to_base64url(client)
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": told})


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()
