"""Event streams below ASGI: a connection becomes an outlet of the hub and nothing more.

Once the head is written, uvicorn's protocol, its parser and everything of the request are let go,
and the transport is given to a protocol that only notices that the reader leaves. What is asked
in an unusual way goes through ASGI; a test holds both to the same answers.
"""

from __future__ import annotations

import asyncio
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from belowline.domain.events import story_stream
from belowline.domain.stories import is_story_key, story_id
from belowline.live.frames import LAST_CHUNK, RETRY, chunk
from belowline.live.hub import LONGEST_BACKLOG, Outlet
from belowline.live.relay import Relay
from belowline.metrics import counts
from belowline.web.live import HEADERS, arrive, bookmark, greeting, is_full
from belowline.web.routes import SECURITY_HEADERS
from belowline.web.services import Services

_ADDRESS = re.compile(rb"/api/v1/stories/([^/?#]+)/live(?:\?([^#]*))?")
_UNUSUAL = {b"authorization", b"content-length", b"expect", b"transfer-encoding"}


class _Asked(NamedTuple):
    stream: str
    language: str
    after: int | None
    origin: str


class _Page(Outlet, asyncio.Protocol):
    """An open page, which may read and may leave. A few hundred bytes."""

    __slots__ = ("_relay", "_transport", "arriving")

    def __init__(self, transport: asyncio.Transport, relay: Relay) -> None:
        super().__init__()
        self._transport = transport
        self._relay = relay
        self.arriving: asyncio.Task[None] | None = None
        # Who catches up may have twice as much waiting as who is level, and goes on below `low`.
        transport.set_write_buffer_limits(high=LONGEST_BACKLOG, low=LONGEST_BACKLOG // 2)

    def write(self, data: bytes) -> None:
        """Writes a chunk."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def end(self) -> None:
        """Ends the answer and closes the connection."""
        self.write(LAST_CHUNK)
        self._transport.close()

    def cut(self) -> None:
        """Breaks the connection off."""
        self._transport.abort()

    def backlog(self) -> int:
        """How many bytes wait for the reader."""
        return self._transport.get_write_buffer_size()

    def pause_writing(self) -> None:
        """Too much waits. While it catches up the relay sees to that."""
        if self.stream is not None:
            counts.slow_readers_cut += 1
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """The reader has left."""
        if self.arriving is not None:
            self.arriving.cancel()
            self.arriving = None
        self._relay.detach(self)


def is_stream(target: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a plain GET, whose headers are complete, is for a stream and nothing unusual."""
    return _ADDRESS.fullmatch(target) is not None and _is_usual(headers)


def take_over(protocol: HttpToolsProtocol, services: Services) -> bool:
    """Makes the connection a stream, if `is_stream`; False when ASGI has to answer.

    Called at the end of the request. Afterwards nothing may touch ``protocol`` any more.
    """
    asked = _read(services, protocol)
    if asked is None or is_full(services):
        return False
    transport = protocol.transport
    page = _Page(transport, services.relay)
    transport.set_protocol(page)
    _let_go(protocol)
    stream, language, after, origin = asked
    level = services.relay.attach_level(page, stream, language, after)
    hello = greeting(services, stream) if level else b""
    headers = [*HEADERS, *SECURITY_HEADERS, *services.cross_origin_headers(origin)]
    head = _head([*protocol.server_state.default_headers, *headers])
    transport.write(head + chunk(RETRY + hello))
    if not level:
        page.arriving = asyncio.create_task(arrive(services, page, stream, language, after))
    return True


def _is_usual(headers: list[tuple[bytes, bytes]]) -> bool:
    have = dict(headers)
    return len(have) == len(headers) and _UNUSUAL.isdisjoint(have)


def _read(services: Services, protocol: HttpToolsProtocol) -> _Asked | None:
    """What is asked for; None when that is for ASGI to judge."""
    found = _ADDRESS.fullmatch(protocol.url)
    if found is None:
        return None
    try:
        key = unquote_to_bytes(found[1]).decode()
        pairs = parse_qsl((found[2] or b"").decode("ascii"), keep_blank_values=True)
    except ValueError:
        return None
    query, headers = dict(pairs), dict(protocol.headers)
    after = query.get("after", "0")
    if len(query) < len(pairs) or not is_story_key(key) or not re.fullmatch("[0-9]{1,18}", after):
        return None
    known = headers.get(b"last-event-id", b"").decode("latin-1")
    return _Asked(
        stream=story_stream(story_id(key)),
        language=services.language(query.get("lang", "")),
        after=bookmark(known, int(after) if "after" in query else None),
        origin=headers.get(b"origin", b"").decode("latin-1"),
    )


def _head(headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [b"%b: %b\r\n" % pair for pair in headers]
    return b"HTTP/1.1 200 OK\r\n%btransfer-encoding: chunked\r\n\r\n" % b"".join(lines)


def _let_go(protocol: HttpToolsProtocol) -> None:
    """Ends what uvicorn knows of the connection, so that all of it is freed."""
    protocol.server_state.total_requests += 1
    protocol.connections.discard(protocol)
    del protocol.parser  # it and the protocol hold each other
