"""A load driver: raw requests over kept connections, one at a time on each.

It runs in a process of its own (``python -m bench.driver``), reads a Job and writes a Load, so that
it takes no time from what it measures except on the same core. It is Python, and so slower than the
fastest servers here: for those the CPU seconds of the server a request are what counts.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from typing import cast

import httptools
import msgspec
import uvloop


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to send to ``host:port``: complete HTTP/1.1 requests.

    One request is repeated until ``seconds`` are over; several are sent once each, in order,
    by whichever connection is free, until all are answered or the time is over.
    """

    port: int
    requests: list[bytes]
    connections: int = 32
    seconds: float = 5.0
    host: str = "127.0.0.1"
    keep_bodies: bool = False

    def packed(self) -> bytes:
        return msgspec.msgpack.encode(self)


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. ``elapsed`` in seconds, ``latencies`` in seconds and sorted.

    ``acknowledged`` holds the indexes of the requests that were answered with 2xx;
    ``broken`` counts connections that ended with a request unanswered.
    """

    done: int
    elapsed: float
    statuses: dict[int, int]
    latencies: list[float]
    acknowledged: list[int]
    received: int
    broken: int
    bodies: dict[int, bytes]

    @classmethod
    def unpacked(cls, packed: bytes) -> Load:
        return msgspec.msgpack.decode(packed, type=cls)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.done / self.elapsed if self.elapsed else 0.0

    def quantile(self, share: float) -> float:
        """The latency that ``share`` of the answers stayed within, in seconds; 0 without any."""
        if not self.latencies:
            return 0.0
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def request(
    method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """One HTTP/1.1 request as bytes, with its length where it has a body."""
    head = {"Host": "127.0.0.1", **(headers or {})}
    if body:
        head["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


class _Run:
    """The state that all connections share."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.repeats = len(job.requests) == 1
        self.next = 0
        self.end = 0.0
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.acknowledged: list[int] = []
        self.bodies: dict[int, bytes] = {}
        self.received = 0
        self.broken = 0
        self.open = 0
        self.finished = asyncio.get_running_loop().create_future()
        self._connecting: set[asyncio.Task[None]] = set()

    def again(self, connecting: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(connecting)
        self._connecting.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._connecting.discard)

    def take(self) -> int | None:
        """The index of the next request; None when there is nothing more to send."""
        if time.perf_counter() >= self.end:
            return None
        index = self.next
        if not self.repeats and index >= len(self.job.requests):
            return None
        self.next += 1
        return index

    def left(self) -> None:
        self.open -= 1
        if self.open == 0 and not self.finished.done():
            self.finished.set_result(None)


class _Connection(asyncio.Protocol):
    """Sends a request, reads its answer to the end, sends the next."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._index: int | None = None
        self._body = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has its own classes
        self._parser = httptools.HttpResponseParser(self)

    def send(self) -> None:
        self._index = self._run.take()
        if self._index is None:
            self._transport.close()
            return
        requests = self._run.job.requests
        self._body = b""
        self._sent_at = time.perf_counter()
        self._transport.write(requests[0] if self._run.repeats else requests[self._index])

    def data_received(self, data: bytes) -> None:
        self._run.received += len(data)
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        if self._run.job.keep_bodies:
            self._body += body

    def on_message_complete(self) -> None:
        run, index = self._run, self._index
        status = self._parser.get_status_code()
        if index is None or status < 200:  # 1xx announces the real answer
            return
        run.statuses[status] += 1
        run.latencies.append(time.perf_counter() - self._sent_at)
        if status < 300:
            if not run.repeats:
                run.acknowledged.append(index)
            if run.job.keep_bodies:
                run.bodies[index] = self._body
        self._index = None
        if self._parser.should_keep_alive():
            self.send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        run = self._run
        if self._index is not None:
            run.broken += 1
            run.left()
        elif time.perf_counter() < run.end and (run.repeats or run.next < len(run.job.requests)):
            run.again(_connect(run))  # the server closes after each answer
        else:
            run.left()


async def _connect(run: _Run) -> None:
    loop = asyncio.get_running_loop()
    try:
        _, made = await loop.create_connection(lambda: _Connection(run), run.job.host, run.job.port)
    except OSError:
        run.broken += 1
        run.left()
        return
    made.send()


async def _drive(job: Job) -> Load:
    run = _Run(job)
    loop = asyncio.get_running_loop()
    made = []
    for _ in range(job.connections):
        _, connection = await loop.create_connection(lambda: _Connection(run), job.host, job.port)
        made.append(connection)
    run.open = len(made)
    started = time.perf_counter()
    run.end = started + job.seconds
    for connection in made:
        connection.send()
    await run.finished
    return Load(
        done=len(run.latencies),
        elapsed=time.perf_counter() - started,
        statuses=dict(run.statuses),
        latencies=sorted(run.latencies),
        acknowledged=run.acknowledged,
        received=run.received,
        broken=run.broken,
        bodies=run.bodies,
    )


if __name__ == "__main__":
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    answer = msgspec.msgpack.encode(uvloop.run(_drive(job)))
    # sys.stdout may have no buffer (PYTHONUNBUFFERED), and then writes no more than fits in a pipe.
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(answer)
