"""Connections that send too little, and streams that nobody reads."""

from __future__ import annotations

import asyncio
import resource
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.crowd import Follower
from tests.faults.town import Town, make_town, serve_town, session
from tests.faults.wire import Wire

_HEAD = b"GET /stories/ferry HTTP/1.1\r\nHost: a"
_BODY = (
    b"POST /api/v1/stories/ferry/comments HTTP/1.1\r\nHost: a\r\nIdempotency-Key: half\r\n"
    b'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"text": "hal'
)
_WRITERS = 8


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town where a request has to arrive within three seconds, and nobody looks for copies:
    the longest texts are sent by the hundred here, and each would be compared with many."""
    folder = make_town(tmp_path_factory.mktemp("hasty") / "town")
    with serve_town(folder, session(folder, ""), request_seconds="3", campaign_days="0") as town:
        yield town


def test_requests_that_do_not_arrive_are_not_waited_for_and_a_stream_is_none_of_them(
    hasty: Town,
) -> None:
    with ExitStack() as open_ones:
        # All at once: the time that is given each of them passes for all.
        listening, nothing, half_a_head, half_a_body, dripping = (
            open_ones.enter_context(_connection(hasty)) for _ in range(5)
        )
        listening.sendall(b"GET /api/v1/stories/ferry/live HTTP/1.1\r\nHost: a\r\n\r\n")
        half_a_head.sendall(_HEAD)
        half_a_body.sendall(_BODY)
        for byte in _HEAD * 100:
            with suppress(ConnectionError):
                dripping.sendall(bytes([byte]))
            if select.select([dripping], [], [], 0.1)[0]:
                break
        for cut in (half_a_head, half_a_body, dripping):
            assert _all_of(cut).startswith(b"HTTP/1.1 408 ")
        assert _all_of(nothing) == b""
        hasty.guest().said("Does anybody listen?")
        heard = b""
        while b"Does anybody listen?" not in heard:
            heard += listening.recv(65536)
    assert "Traceback" not in hasty.server.output()


def test_thousands_of_half_open_connections_keep_no_reader_out(hasty: Town) -> None:
    ada, ben = hasty.guest(), hasty.person()
    ada.said("Before")
    with ExitStack() as open_ones:
        half_open = []
        for _ in range(_many()):
            half_open.append(open_ones.enter_context(_connection(hasty)))
            half_open[-1].sendall(_HEAD)
        assert ben.client.get("/stories/ferry").status_code == 200
        assert ada.said("Among the half-open")
        assert ben.texts()[0] == "Among the half-open"
        assert all(_all_of(connection).startswith(b"HTTP/1.1 408 ") for connection in half_open)
    assert ben.client.get("/healthz").status_code == 200


def test_who_asks_many_things_at_once_and_leaves_is_no_fault_of_ours(hasty: Town) -> None:
    ada = hasty.guest()
    ada.said("A long answer: " + "and on " * 1_000)
    head = f"Host: a\r\nAuthorization: {ada.client.headers['Authorization']}\r\n\r\n"
    asked = f"GET /api/v1/stories/ferry/comments HTTP/1.1\r\n{head}".encode() * 100
    for _ in range(3):
        with _connection(hasty, buffer=4096) as leaving:
            leaving.sendall(asked)
            assert leaving.recv(100).startswith(b"HTTP/1.1 200 ")
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert hasty.person().texts()  # by when that is answered, the other has been let go
    assert "Exception in ASGI application" not in hasty.server.output()


def test_a_page_that_never_reads_its_stream_is_let_go_and_nobody_else_notices(
    hasty: Town,
) -> None:
    asyncio.run(_one_is_deaf(hasty))


async def _one_is_deaf(town: Town) -> None:
    tokens = [town.guest().client.headers["Authorization"].split()[1] for _ in range(_WRITERS)]
    wires = [Wire(town.server.port, token) for token in tokens]
    hearing = Follower(town.server.port, "ferry")
    following = asyncio.create_task(hearing.run())
    with _connection(town, buffer=4096) as deaf:
        deaf.sendall(b"GET /api/v1/stories/ferry/live HTTP/1.1\r\nHost: a\r\n\r\n")
        before = _memory(town)
        # Until it is more than the buffers on the way and what one page may have waiting for it.
        number = 0
        while _is_held(town, deaf):
            said = [_says(wire, f"{name}-{number}") for name, wire in enumerate(wires)]
            assert set(await asyncio.gather(*said)) == {201}
            number += 1
        version = (await wires[0].ask("GET", "/api/v1/stories/ferry/comments")).json["version"]
        while hearing.seen < version:
            await asyncio.sleep(0.05)
        grown = _memory(town) - before
        assert grown < 64 * 1024, f"{grown} kB more"
        assert town.person().client.get("/stories/ferry").status_code == 200
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    hearing.close()
    for wire in wires:
        wire.close()
    await asyncio.sleep(0)


async def _says(wire: Wire, name: str) -> int:
    body = {"text": f"{name}: " + "&" * 9_000}  # five times as long on a page
    path = "/api/v1/stories/ferry/comments"
    return (await wire.ask("POST", path, body, idempotency_key=name)).status


def _many() -> int:
    """10,000, or as many as this machine lets the two of us have."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return min(10_000, most - 500)


@contextmanager
def _connection(town: Town, buffer: int = 0) -> Iterator[socket.socket]:
    with socket.socket() as made:
        if buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        made.settimeout(120)
        made.connect(("127.0.0.1", town.server.port))
        yield made


def _all_of(connection: socket.socket) -> bytes:
    """What comes until the other end is closed."""
    found = b""
    with suppress(ConnectionError):
        while data := connection.recv(65536):
            found += data
    return found


def _is_held(town: Town, connection: socket.socket) -> bool:
    """Whether the server still has its end of the connection."""
    ours = f":{connection.getsockname()[1]:04X}"
    theirs = f":{town.server.port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        if local.endswith(theirs) and remote.endswith(ours):
            return state == "01"
    return False


def _memory(town: Town) -> int:
    """The server's resident memory in kB."""
    status = Path(f"/proc/{town.server.process.pid}/status")
    if not status.exists():
        pytest.skip("only Linux says how much memory a program has")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])
