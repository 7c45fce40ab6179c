"""The floor of the live benchmark: a protocol that writes the same bytes to every transport.

``python -m bench.bare`` prints its port, answers any request with the head of an event stream, and
for each line of standard input, a size, writes one event of that many bytes to all who are there.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

from bench.pages import stamp

_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    b"d\r\nretry: 2000\n\n\r\n"
)


class _Bare(asyncio.Protocol):
    """One connection."""

    def __init__(self, everyone: set[asyncio.Transport]) -> None:
        self._everyone = everyone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has its own classes

    def data_received(self, data: bytes) -> None:
        self._transport.write(_HEAD)
        self._everyone.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._everyone.discard(self._transport)


async def _serve() -> None:
    everyone: set[asyncio.Transport] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Bare(everyone), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    sizes = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(sizes), sys.stdin)
    async for line in sizes:
        data = f"data: {stamp()}".encode().ljust(int(line) - 10, b".") + b"\n\n"
        chunk = b"%x\r\n%b\r\n" % (len(data), data)
        for transport in everyone:
            transport.write(chunk)


if __name__ == "__main__":
    uvloop.run(_serve())
