"""The event stream's wire format (WHATWG HTML, 9.2 Server-sent events)."""

from __future__ import annotations

import msgspec

from belowline.domain.events import Event

RETRY = b"retry: 2000\n\n"
KEEP_ALIVE = b": still here\n\n"


def frame(event: Event, number: int | None = None) -> bytes:
    """One event as it is sent; ``number`` makes it the reader's bookmark."""
    fields = msgspec.to_builtins(event)
    name = fields.pop("event")
    bookmark = f"id: {number}\n" if number is not None else ""
    data = msgspec.json.encode(fields).decode()
    return f"{bookmark}event: {name}\ndata: {data}\n\n".encode()
