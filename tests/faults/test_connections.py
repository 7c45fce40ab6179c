"""Connections that send too little, and streams that nobody reads."""

from __future__ import annotations

import resource
import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.town import Town, make_town, serve_town, session

_HEAD = b"GET /stories/ferry HTTP/1.1\r\nHost: a"
_BODY = (
    b"POST /api/v1/stories/ferry/comments HTTP/1.1\r\nHost: a\r\nIdempotency-Key: half\r\n"
    b'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"text": "hal'
)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town where a request has to arrive within three seconds."""
    folder = make_town(tmp_path_factory.mktemp("hasty") / "town")
    with serve_town(folder, session(folder, ""), request_seconds="3") as town:
        yield town


@pytest.mark.parametrize(
    ("begun", "answer"),
    [(b"", b""), (_HEAD, b"HTTP/1.1 408 "), (_BODY, b"HTTP/1.1 408 ")],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_request_that_does_not_arrive_is_not_waited_for(
    hasty: Town, begun: bytes, answer: bytes
) -> None:
    with _connection(hasty) as connection:
        connection.sendall(begun)
        assert _all_of(connection)[: len(answer)] == answer
    assert "Traceback" not in hasty.server.output()


def test_a_request_that_drips_in_is_not_waited_for_either(hasty: Town) -> None:
    with _connection(hasty) as connection:
        for byte in _HEAD * 100:
            with suppress(ConnectionError):
                connection.sendall(bytes([byte]))
            if select.select([connection], [], [], 0.1)[0]:
                break
        assert _all_of(connection).startswith(b"HTTP/1.1 408 ")


def test_a_stream_is_no_unfinished_request(hasty: Town) -> None:
    with _connection(hasty) as listening, _connection(hasty) as waiting:
        listening.sendall(b"GET /api/v1/stories/ferry/live HTTP/1.1\r\nHost: a\r\n\r\n")
        waiting.sendall(_HEAD)
        assert _all_of(waiting)  # both were opened together, and only this one is cut
        hasty.guest().said("Does anybody listen?")
        heard = b""
        while b"Does anybody listen?" not in heard:
            heard += listening.recv(65536)


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


def test_a_page_that_never_reads_its_stream_is_let_go_and_nobody_else_notices(
    hasty: Town,
) -> None:
    people = [hasty.guest() for _ in range(8)]
    with _connection(hasty, buffer=4096) as deaf, _connection(hasty) as reading:
        for connection in (deaf, reading):
            connection.sendall(b"GET /api/v1/stories/ferry/live HTTP/1.1\r\nHost: a\r\n\r\n")
        heard = reading.recv(65536)
        before = _memory(hasty)
        # More than the buffers on the way and what one page may have waiting for it.
        with ThreadPoolExecutor(len(people)) as pool:
            said = [
                pool.submit(people[number % 8].said, f"Number {number}: " + "so it goes. " * 800)
                for number in range(320)
            ]
            while heard.count(b"event: comment") < len(said):
                heard += reading.recv(1 << 20)
            assert all(one.result() for one in said)
        grown = _memory(hasty) - before
        assert grown < 64 * 1024, f"{grown} kB more"
        assert hasty.person().client.get("/stories/ferry").status_code == 200
        assert _ends(deaf)


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


def _ends(connection: socket.socket) -> bool:
    """Waits for the other end to give up; what is still on the way is read without haste."""
    connection.settimeout(120)
    with suppress(ConnectionError):
        while connection.recv(4096):
            time.sleep(0.001)
    return True


def _memory(town: Town) -> int:
    """The server's resident memory in kB."""
    status = Path(f"/proc/{town.server.process.pid}/status")
    if not status.exists():
        pytest.skip("only Linux says how much memory a program has")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])
