"""Event streams below ASGI and through it: two ways, one contract."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from belowline.domain.events import story_stream
from belowline.domain.stories import story_id
from belowline.live.hub import Hub
from belowline.metrics import counts
from belowline.web import live, transports
from belowline.web.protocol import protocol_class
from tests.live.pages import Told, read_frames
from tests.web.conftest import Reader, Town

FERRY = story_stream(story_id("ferry"))
PATH = "/api/v1/stories/ferry/live"
WAYS = ("below", "through")


class Wire:
    """A connection whose other end is read byte by byte."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        # Small, so that a reader who does not read is soon seen to be slow.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))
        self.got = b""

    def ask(
        self, path: str = PATH, *headers: str, method: str = "GET", version: str = "1.1"
    ) -> Wire:
        """Sends a request."""
        lines = (f"{method} {path} HTTP/{version}", "Host: post.example", *headers, "", "")
        self.socket.sendall("\r\n".join(lines).encode())
        return self

    def until(self, enough: Callable[[bytes], bool]) -> bytes:
        """Reads until ``enough`` is there; everything that came so far."""
        while not enough(self.got):
            data = self.socket.recv(65536)
            assert data, f"closed after {self.got!r}"
            self.got += data
        return self.got

    def hears(self, what: str) -> list[Told]:
        """Reads until an event of this name came; every event so far."""
        self.until(lambda got: f"event: {what}\n".encode() in got and got.endswith(b"\n\n\r\n"))
        return read_frames(_body(self.got))

    def rest(self) -> bytes:
        """Reads to the end; everything that came."""
        while data := self.socket.recv(65536):
            self.got += data
        return self.got

    @property
    def head(self) -> list[str]:
        """The status line and the headers, sorted, without those of this very answer."""
        lines = self.until(lambda got: b"\r\n\r\n" in got).split(b"\r\n\r\n")[0].decode()
        status, *headers = lines.split("\r\n")
        return [status, *sorted(one for one in headers if not one.startswith("x-request-id:"))]


def _body(answer: bytes) -> bytes:
    """The content of an answer in chunks, as far as it has come."""
    rest, body = answer.split(b"\r\n\r\n", 1)[1], b""
    while b"\r\n" in rest:
        size, rest = rest.split(b"\r\n", 1)
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return body


@dataclass
class Doors:
    """A town that is served in both ways at once."""

    town: Town
    ports: dict[str, int]
    wires: list[Wire] = field(default_factory=list)

    def wire(self, way: str) -> Wire:
        """A new connection."""
        self.wires.append(Wire(self.ports[way]))
        return self.wires[-1]

    @property
    def hub(self) -> Hub:
        """Who listens."""
        return self.town.application.services.hub

    def kinds(self) -> set[type]:
        """The kinds of outlets that listen to the ferry."""
        stream = self.hub.stream(FERRY)
        return {type(page) for page in stream.outlets.get("en", ())} if stream else set()

    def settled(self, number: int) -> None:
        """Waits until so many listen."""

        async def wait() -> None:
            async with asyncio.timeout(20):
                while self.hub.total() != number:
                    await asyncio.sleep(0.01)

        self.town.portal.call(wait)


@contextmanager
def _serving(town: Town) -> Iterator[dict[str, int]]:
    application = town.application
    config = uvicorn.Config(application.asgi, lifespan="off", log_config=None)
    config.load()
    ways = {"below": protocol_class(application.services), "through": HttpToolsProtocol}

    async def listen(protocol: Callable[..., asyncio.Protocol]) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            lambda: protocol(config=config, server_state=ServerState(), app_state={}),
            "127.0.0.1",
            0,
        )

    servers = {way: town.portal.call(listen, protocol) for way, protocol in ways.items()}
    yield {way: server.sockets[0].getsockname()[1] for way, server in servers.items()}
    town.portal.call(application.services.hub.close)
    for server in servers.values():
        town.portal.call(server.close)


@pytest.fixture
def doors(town: Town) -> Iterator[Doors]:
    """The town's two doors."""
    with _serving(town) as ports:
        opened = Doors(town, ports)
        yield opened
        for wire in opened.wires:
            wire.socket.close()


def test_both_ways_begin_alike_and_tell_the_same(doors: Doors) -> None:
    wires = [doors.wire(way).ask(PATH, "Origin: https://other.example") for way in WAYS]
    for wire in wires:
        wire.hears("active")
    assert doors.kinds() == {transports._Page, live._Page}
    assert wires[0].head == wires[1].head
    assert wires[0].head[0] == "HTTP/1.1 200 OK"
    assert all(_body(wire.got).startswith(b"retry: 2000\n\n") for wire in wires)
    doors.town.reader().said("The ferry is late.")
    told = [[one for one in wire.hears("count") if one[1] != "active"] for wire in wires]
    assert told[0] == told[1]
    assert [(number, name) for number, name, _ in told[0]] == [(1, "comment"), (None, "count")]


@pytest.mark.parametrize("way", WAYS)
def test_a_page_that_comes_back_hears_what_it_missed_and_only_that(doors: Doors, way: str) -> None:
    reader = doors.town.reader()
    for text in ("One boat.", "Two boats, says Ada.", "Three more were seen by Ben."):
        reader.said(text)
    for ask in ((PATH + "?after=1",), (PATH + "?after=0", "Last-Event-ID: 1")):
        heard = doors.wire(way).ask(*ask).hears("active")
        assert [number for number, _, _ in heard if number] == [2, 3]
    assert doors.wire(way).ask(PATH + "?after=99").hears("reset")
    german = doors.wire(way).ask(PATH + "?after=2&lang=de").hears("active")
    assert [name for _, name, _ in german] == ["comment", "count", "active"]
    assert "Antworten" in german[0][2]["html"]


@pytest.mark.parametrize("way", WAYS)
def test_a_request_may_come_byte_by_byte_and_after_another(doors: Doors, way: str) -> None:
    wire = doors.wire(way)
    first = b"GET /healthz HTTP/1.1\r\nHost: post.example\r\n\r\n"
    for byte in first + b"GET " + PATH.encode() + b" HTTP/1.1\r\nHost: post.example\r\n\r\n":
        wire.socket.sendall(bytes([byte]))
    answers = wire.until(lambda got: b"event: active" in got)
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert answers.index(b'"status"') < answers.index(b"retry: 2000")


@pytest.mark.parametrize("way", WAYS)
def test_requests_that_are_sent_together_are_answered_in_order(doors: Doors, way: str) -> None:
    wire = doors.wire(way)
    other = b"GET /healthz HTTP/1.1\r\nHost: post.example\r\n\r\n"
    wire.socket.sendall(other + other.replace(b"/healthz", PATH.encode()) + other)
    wire.until(lambda got: b"event: active" in got)
    doors.town.reader().said("The ferry is late.")
    wire.until(lambda got: b"event: count" in got)
    assert wire.got.count(b"HTTP/1.1 200 OK") == 2  # nothing is answered inside a stream
    assert wire.got.index(b'"status"') < wire.got.index(b"retry: 2000")


@pytest.mark.parametrize("way", WAYS)
def test_a_reader_who_leaves_is_forgotten(doors: Doors, way: str) -> None:
    wires = [doors.wire(way).ask() for _ in range(5)]
    for wire in wires:
        wire.hears("active")
    doors.settled(5)
    for wire in wires:
        wire.socket.close()
    doors.settled(0)
    assert doors.hub.streams() == []


@pytest.mark.parametrize("way", WAYS)
def test_a_reader_who_leaves_before_it_has_caught_up_is_forgotten(doors: Doors, way: str) -> None:
    doors.town.reader().said("The ferry is late.")
    for _ in range(20):
        wire = doors.wire(way).ask(PATH + "?after=0")
        wire.socket.close()
    doors.wire(way).ask().hears("active")
    doors.settled(1)


@pytest.mark.parametrize("way", WAYS)
def test_streams_are_ended_in_order_when_the_server_stops(doors: Doors, way: str) -> None:
    wire = doors.wire(way).ask()
    wire.hears("active")
    doors.town.portal.call(doors.hub.close)
    assert wire.until(lambda got: got.endswith(b"\r\n0\r\n\r\n"))
    assert doors.hub.total() == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_reader_who_does_not_read_is_cut_and_the_others_go_on(doors: Doors, way: str) -> None:
    before = counts.slow_readers_cut
    slow, quick = doors.wire(way).ask(), doors.wire(way).ask()
    slow.hears("active")
    quick.hears("active")
    doors.settled(2)

    async def tell() -> None:
        stream = doors.hub.stream(FERRY)
        assert stream is not None
        await doors.hub.tell(stream, b": %b\n\n" % (b"x" * 60_000))

    for _ in range(1_000):
        doors.town.portal.call(tell)
        expected = len(quick.got) + 60_000
        quick.until(lambda got, expected=expected: len(got) >= expected)  # type: ignore[misc]
        if counts.slow_readers_cut > before:
            break
    assert counts.slow_readers_cut == before + 1
    doors.settled(1)
    doors.town.reader().said("The ferry is late.")
    quick.hears("comment")


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        ({"path": PATH + "?after=x"}, 400),
        ({"path": PATH + "?after=-1", "version": "1.0"}, 200),
        ({"path": PATH, "method": "POST"}, 405),
        ({"path": "/api/v1/stories/%00/live"}, 404),
        ({"path": "/api/v1/stories/a/b/live"}, 404),
        ({"path": PATH, "headers": ("Authorization: Bearer nonsense",)}, 401),
        ({"path": PATH, "headers": ("Content-Length: 2", "Transfer-Encoding: chunked")}, 400),
        ({"path": PATH, "headers": ("Connection: close",)}, 200),
    ],
)
def test_what_is_asked_in_an_unusual_way_is_answered_alike(
    doors: Doors, ask: dict[str, object], status: int
) -> None:
    heads = []
    for way in WAYS:
        wire = doors.wire(way)
        headers = ask.get("headers", ())
        assert isinstance(headers, tuple)
        wire.ask(
            str(ask["path"]),
            *headers,
            method=str(ask.get("method", "GET")),
            version=str(ask.get("version", "1.1")),
        )
        heads.append(wire.head)
        assert heads[-1][0].startswith(f"HTTP/1.1 {status} ")
    assert heads[0] == heads[1]
    assert transports._Page not in doors.kinds()


def test_whoever_works_here_no_longer_hears_no_longer_of_the_desk(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_AGAIN", 0.01)
    town = doors.town
    chief, mona = town.moderator("Chief", "administrator"), town.moderator()

    def listens(one: Reader) -> Wire:
        known_by = f"Cookie: belowline_staff={one.client.cookies['belowline_staff']}"
        return doors.wire("below").ask("/api/v1/desk/live?after=0", known_by)

    wires = [listens(chief), listens(mona)]
    doors.settled(2)
    number = mona.get("/api/v1/me").json()["id"]
    let_go = chief.post(f"/desk/staff/{number}/role", data={"role": "reader"})
    assert let_go.status_code == 303
    for wire in wires:  # all have to come anew
        wire.until(lambda got: got.endswith(b"\r\n0\r\n\r\n"))
    assert mona.get("/api/v1/desk/live").status_code in (401, 403)
    again = listens(chief)
    doors.settled(1)
    town.reader().said("Who pays?", "budget")
    again.hears("card")


def test_a_story_key_may_hold_anything_that_can_be_read(doors: Doors) -> None:
    for way in WAYS:
        doors.wire(way).ask("/api/v1/stories/a%2Fb%20%C3%A9/live").hears("active")
    assert doors.hub.streams() == [story_stream(story_id("a/b é"))]
