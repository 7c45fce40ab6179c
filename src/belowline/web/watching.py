"""What every request leaves behind: an id in its answer, a number in the metrics, a line if wanted.

For everything that is answered through ASGI. Ready reads below it do only the counting.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from belowline import logs
from belowline.metrics import counts

_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LEFT = 499  # as nginx notes a client that went before it was answered


def watched(application: ASGIApp, *, access_log: bool) -> ASGIApp:
    """``application`` with ids, numbers and, with ``access_log``, a line for each request."""

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await application(scope, receive, send)
            return
        began = time.perf_counter()
        status = size = 0
        known_as = _request_id(scope["headers"])

        async def send_watched(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                counts.answered(scope["method"], status)
                counts.request_time.observe(time.perf_counter() - began)
                if not _is_shared(message["headers"]):
                    named = (b"x-request-id", known_as.encode())
                    message["headers"] = [*message["headers"], named]
            elif message["type"] == "http.response.body":
                size += len(message["body"])
            await send(message)

        before = logs.request_id.set(known_as)
        try:
            await application(scope, receive, send_watched)
        finally:
            if not status:
                counts.answered(scope["method"], _LEFT)
            if access_log:
                seconds = time.perf_counter() - began
                path = scope.get("raw_path") or scope["path"].encode()
                logs.access(scope["method"], path, status or _LEFT, size, seconds)
            logs.request_id.reset(before)

    return asgi


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that came with the request, if it can stand in a log; otherwise a new one."""
    for name, value in headers:
        if name == b"x-request-id" and _SANE.fullmatch(value):
            return value.decode()
    return secrets.token_hex(8)


def _is_shared(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether other readers may get this answer from a cache, and with it somebody else's id."""
    return any(
        name.lower() == b"cache-control" and value.startswith(b"public") for name, value in headers
    )
