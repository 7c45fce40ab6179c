"""HTTP as several programs speak it at once: connections kept open, one request after another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Broken = (OSError, asyncio.IncompleteReadError)
"""What a request ends with when the server goes away in the middle of it."""


@dataclass(frozen=True)
class Answer:
    """A status, the headers with small letters, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Wire:
    """One connection to a server, opened when it is needed."""

    def __init__(self, port: int, token: str = "", host: str = "127.0.0.1") -> None:
        self._host = host
        self._port = port
        self._token = token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Sends a request and reads its answer. Raises one of `Broken`."""
        try:
            reader = await self._send(method, path, body, headers)
            status, received = await read_head(reader)
            length = int(received.get("content-length", "0"))
            answer = Answer(status, received, await reader.readexactly(length))
        except Broken:
            self.close()
            raise
        if received.get("connection", "") == "close":
            self.close()
        return answer

    async def follow(self, path: str, **headers: str) -> asyncio.StreamReader:
        """Opens a stream; the reader gives what comes after the head. Raises one of `Broken`."""
        try:
            reader = await self._send("GET", path, None, headers)
            status, _ = await read_head(reader)
        except Broken:
            self.close()
            raise
        if status != 200:
            self.close()
            raise ConnectionError(f"the stream was answered with {status}")
        return reader

    def close(self) -> None:
        """Ends the connection; the next request opens another one."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def _send(
        self, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> asyncio.StreamReader:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(data)}"]
        if data:
            lines.append("Content-Type: application/json")
        if self._token:
            lines.append(f"Authorization: Bearer {self._token}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        await self._writer.drain()
        return self._reader


class Lines:
    """The lines of an answer that comes in chunks, wherever a proxy may have cut them."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._rest = b""

    async def next(self) -> bytes:
        """The next line, without its end. Raises one of `Broken`."""
        while b"\n" not in self._rest:
            size = int(await self._reader.readuntil(b"\r\n"), 16)
            if not size:
                raise ConnectionError("the stream was ended")
            self._rest += (await self._reader.readexactly(size + 2))[:-2]
        line, _, self._rest = self._rest.partition(b"\n")
        return line


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """The status and the headers of an answer."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines if line)
    return int(first.split(" ")[1]), {name.lower(): value for name, _, value in pairs}
