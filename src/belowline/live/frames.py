"""The event stream's wire format (WHATWG HTML, 9.2 Server-sent events).

It travels in the chunks of HTTP/1.1 (RFC 9112, 7.1).
"""

from __future__ import annotations

import msgspec

from belowline.domain.events import Event

RETRY = b"retry: 2000\n\n"
KEEP_ALIVE = b": still here\n\n"
LAST_CHUNK = b"0\r\n\r\n"


def frame(event: Event, number: int | None = None) -> bytes:
    """One event as it is sent; ``number`` makes it the reader's bookmark."""
    fields = msgspec.to_builtins(event)
    name = fields.pop("event")
    bookmark = f"id: {number}\n" if number is not None else ""
    data = msgspec.json.encode(fields).decode()
    return f"{bookmark}event: {name}\ndata: {data}\n\n".encode()


def chunk(data: bytes) -> bytes:
    """``data`` as it travels over a connection: framed once, written to thousands."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def unchunk(data: bytes) -> bytes:
    """What `chunk` was given, for a server that makes chunks itself."""
    return data[data.index(b"\n") + 1 : -2]
