"""Open pages by the thousand, in a process of their own (``python -m bench.pages PORT PATH``).

Reads commands from standard input and answers each with a line of JSON: ``open N`` (as many more
pages, answered when all are open), ``forget`` (what was heard so far), ``report``, ``close``. What
is told bears the moment it was sent, ``at 0000123.456789 ``, from the clock that all processes of
a machine share; so a page knows how old news is, and counts every one.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from typing import cast

import msgspec
import uvloop

_MARK = b"at 0"
_LONGEST = len("at 0000000.000000")
_CONNECTING = 200


def stamp() -> str:
    """This moment, as pages find it in what they are told."""
    return f"at {time.monotonic():014.6f} "


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What the open pages heard since the last ``forget``. Times in seconds, from being sent.

    ``fewest`` and ``most`` are the news that a single page heard; ``each`` is the size of one.
    """

    open: int
    closed_on_us: int
    deliveries: int
    fewest: int
    most: int
    each: float
    median: float
    p99: float
    longest: float


class _Page(asyncio.Protocol):
    """One open page."""

    def __init__(self, pages: _Pages) -> None:
        self._pages = pages
        self._tail = b""
        self.opened = False
        self.news = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop has its own classes
        self.transport.write(self._pages.request)

    def data_received(self, data: bytes) -> None:
        if not self.opened and b"\n\n" in data:
            self.opened = True
            self._pages.one_more()
        self._pages.received += len(data)
        data = self._tail + data
        first = data.find(_MARK)
        if first < 0 or len(data) < first + _LONGEST:  # none, or only its beginning
            self._tail = data[first:] if first >= 0 else data[1 - len(_MARK) :]
            return
        self._tail = data[1 - len(_MARK) :]
        told = data.count(_MARK)
        self.news += told
        self._pages.hear(float(data[first + 3 : first + _LONGEST]), told)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pages.lost(self)


class _Pages:
    """All of them."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self.request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self.pages: set[_Page] = set()
        self.ages: Counter[int] = Counter()  # milliseconds -> news of that age
        self.received = 0
        self._closed_on_us = 0
        self._opened = 0
        self._waiting: asyncio.Future[None] | None = None

    def one_more(self) -> None:
        self._opened += 1
        if self._waiting and not self._waiting.done() and self._opened == len(self.pages):
            self._waiting.set_result(None)

    def hear(self, sent_at: float, news: int) -> None:
        """News that came together count as old as the first of them."""
        self.ages[round((time.monotonic() - sent_at) * 1000)] += news

    def lost(self, page: _Page) -> None:
        if page in self.pages:
            self.pages.discard(page)
            self._closed_on_us += 1

    async def open(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        for start in range(0, number, _CONNECTING):
            connecting = [
                loop.create_connection(lambda: _Page(self), "127.0.0.1", self._port)
                for _ in range(min(_CONNECTING, number - start))
            ]
            self.pages.update(page for _, page in await asyncio.gather(*connecting))
        self._opened = sum(page.opened for page in self.pages)
        if self._opened < len(self.pages):
            self._waiting = loop.create_future()
            await self._waiting

    def forget(self) -> None:
        self.ages.clear()
        self.received = 0
        for page in self.pages:
            page.news = 0

    def close(self) -> None:
        pages, self.pages = self.pages, set()
        for page in pages:
            page.transport.abort()
        self.forget()

    def report(self) -> Heard:
        news = [page.news for page in self.pages] or [0]
        number = self.ages.total()
        return Heard(
            open=len(self.pages),
            closed_on_us=self._closed_on_us,
            deliveries=number,
            fewest=min(news),
            most=max(news),
            each=self.received / max(1, number),
            median=self._age(0.5),
            p99=self._age(0.99),
            longest=self._age(1.0),
        )

    def _age(self, share: float) -> float:
        """The age in seconds that this share of the news did not pass; 0 without any."""
        wanted = self.ages.total() * share
        for age in sorted(self.ages):
            wanted -= self.ages[age]
            if wanted <= 0:
                return age / 1000
        return 0.0


async def _obey(port: int, path: str) -> None:
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    pages = _Pages(port, path)
    async for line in commands:
        command, *numbers = line.decode().split()
        if command == "open":
            await pages.open(int(numbers[0]))
        elif command == "forget":
            pages.forget()
        elif command == "close":
            pages.close()
        print(msgspec.json.encode(pages.report()).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(_obey(int(sys.argv[1]), sys.argv[2]))
