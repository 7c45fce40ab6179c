"""Signed webhooks. Blocks: run it in a thread."""

from __future__ import annotations

import hashlib
import hmac
import urllib.error
import urllib.request
from datetime import datetime
from email.message import Message
from typing import IO

_PATIENCE = 10.0  # seconds
_OK = range(200, 300)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: Message, newurl: str,
    ) -> None:  # fmt: skip
        """None: what was signed for one address is not sent to another."""


def post(url: str, body: bytes, *, secret: str, delivery: str, now: datetime) -> None:
    """Sends ``body`` as JSON, signed with ``secret``.

    ``delivery`` is the same when it is sent again. Raises OSError when the other side cannot be
    reached or does not answer with 2xx.
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Belowline",
        "Belowline-Delivery": delivery,
        "Belowline-Signature": signature(secret, body, int(now.timestamp())),
    }
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_PATIENCE) as answer:
        if answer.status not in _OK:
            raise OSError(f"answered {answer.status}")


def signature(secret: str, body: bytes, seconds: int) -> str:
    """``t=SECONDS,v1=HEX``: HMAC-SHA256 of the seconds, a dot and the body."""
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"
