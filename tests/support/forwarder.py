"""A cable that can be cut: a program that passes connections on, in turn to each of its targets.

``python -m tests.support.forwarder HOST PORT TARGET …`` is the program; a target is a port of this
machine, a host and a port with a colon between, or the path of a Unix socket. A target that does
not answer is passed by.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.server import free_port

_MOST = 65536


class Forwarder:
    """A running one. What comes while it is cut waits, as for an answer that never comes."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._process = process

    def cut(self) -> None:
        """Nothing goes through any more, and nobody is told."""
        self._process.send_signal(signal.SIGSTOP)

    def mend(self) -> None:
        """What waits goes through, and everything from now on."""
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def running_forwarder(*targets: str, host: str = "127.0.0.1") -> Iterator[Forwarder]:
    """A forwarder on a free port of ``host``, an address of this machine."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.forwarder", host, str(port), *targets]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_listens(host, port)
            yield Forwarder(port, process)
        finally:
            process.kill()


def _wait_until_it_listens(host: str, port: int) -> None:
    while True:
        with suppress(ConnectionRefusedError), socket.create_connection((host, port)):
            return
        time.sleep(0.02)


async def _serve(host: str, port: int, targets: list[str]) -> None:
    turns = itertools.count()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(turns)
        for number in range(len(targets)):
            with suppress(OSError):
                there = await _open(targets[(first + number) % len(targets)])
                await _join((reader, writer), there)
                return
        writer.transport.abort()

    server = await asyncio.start_server(forward, host, port, backlog=1024)
    await server.serve_forever()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(target: str) -> Ends:
    if not target.startswith("/"):
        host, _, port = target.rpartition(":")
        return await asyncio.open_connection(host or "127.0.0.1", int(port))
    return await asyncio.open_unix_connection(target)


async def _join(here: Ends, there: Ends) -> None:
    """Until one end closes; then the other is closed too."""
    both = [
        asyncio.create_task(_pump(here[0], there[1])),
        asyncio.create_task(_pump(there[0], here[1])),
    ]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for task in both:
        task.cancel()
    for _, writer in (here, there):
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_MOST):
            writer.write(data)
            await writer.drain()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
