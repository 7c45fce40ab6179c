"""Ready answers below ASGI and the handlers above it: one site, asked both ways, bytes compared."""

from __future__ import annotations

import asyncio
import copy
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn
from litestar.types import ASGIApp

from belowline.app import Application
from belowline.metrics import counts
from belowline.server import bind
from belowline.web.cache import Answer, Cache
from belowline.web.hot import Hot, Question, Ready, question
from belowline.web.protocol import protocol_class
from belowline.web.routes import build
from tests.web.conftest import Town, town_at

STORY = "/stories/ferry"
READS = [
    STORY,
    f"{STORY}?order=oldest",
    f"{STORY}?lang=de",
    "/fragments/stories/ferry",
    "/fragments/stories/ferry/comments?order=discussed",
    "/api/v1/stories/ferry/comments",
    "/api/v1/stories/ferry/comments?limit=2",
    "/assets/widget.js",
]


_ASKED: Question = (b"http", b"/", b"a", b"", b"", b"")


class Both:
    """The two ways to the same site: ``ready`` below ASGI, ``plain`` as uvicorn would do it."""

    def __init__(self, town: Town, ready: int, plain: int) -> None:
        self.town = town
        self.ready = ready
        self.plain = plain

    def ask(self, raw: bytes, *, twice: bool = True) -> tuple[bytes, bytes]:
        """The same bytes both ways; below ASGI they are sent ``twice``, so that it is ready."""
        plain = _exchange(self.plain, [raw])
        if twice:
            _exchange(self.ready, [raw])
        return _exchange(self.ready, [raw]), plain


@contextmanager
def _serving(town: Town, asgi: Any, http: Any) -> Iterator[int]:
    listening = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        asgi,
        http=http,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=1,
    )
    server = uvicorn.Server(config)
    done = town.portal.start_task_soon(server.serve, [listening])
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        done.result()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """A site with a few comments, asked both ways."""
    with town_at(tmp_path_factory.mktemp("hot") / "site") as town:
        ada = town.reader()
        for text in ("The ferry was late.", "Again.", "And again."):
            ada.said(text)
        hot = protocol_class(town.application.services)
        asgi, by_hand = town.application.asgi, _by_hand(town.application)
        with _serving(town, asgi, hot) as ready, _serving(town, by_hand, "httptools") as plain:
            yield Both(town, ready, plain)


class _Forgetful(Hot):
    """Keeps nothing, so that everything is made by the handlers."""

    def keep(self, question: Question, ready: Ready) -> None:
        pass


def _by_hand(application: Application) -> ASGIApp:
    services = copy.copy(application.services)
    services.hot = _Forgetful()
    return build(services)


def _exchange(port: int, parts: list[bytes]) -> bytes:
    """Sends ``parts`` one by one and reads until the server closes, as the last one has it do."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            connection.sendall(part)
        answer = b""
        while more := connection.recv(65536):
            answer += more
    return answer


def _get(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: post.example", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


LAST = _get("/healthz", "Connection: close")


def _undated(answer: bytes) -> bytes:
    """``answer`` without its date and id, and with the methods that are allowed in one order."""
    answer = re.sub(rb"\r\n(?:date|x-request-id): [^\r]*", b"", answer)
    answer = re.sub(rb'"request_id":"\w*"', b"", answer)
    return re.sub(
        rb"(?<=\r\nallow: )[^\r]*", lambda found: b",".join(sorted(found[0].split(b", "))), answer
    )


def _ready_reads(act: Callable[[], object]) -> int:
    before = counts.ready_reads
    act()
    return counts.ready_reads - before


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip", "identity", "br, gzip", ""])
def test_a_read_has_the_same_bytes_both_ways(both: Both, path: str, coding: str) -> None:
    asked = _get(path, f"Accept-Encoding: {coding}") if coding else _get(path)
    ready, plain = both.ask(asked + LAST)
    assert _undated(ready) == _undated(plain)
    assert ready.startswith(b"HTTP/1.1 200 OK\r\ndate: ")


@pytest.mark.parametrize("path", READS)
def test_a_read_that_was_made_once_is_ready(both: Both, path: str) -> None:
    _exchange(both.ready, [_get(path) + LAST])
    assert _ready_reads(lambda: _exchange(both.ready, [_get(path) + LAST])) == 1


def test_a_reader_who_has_it_is_told_so(both: Both) -> None:
    first = _exchange(both.plain, [_get(STORY) + LAST])
    etag = re.search(rb'etag: ("[^"]+")', first)
    assert etag
    for named in (etag[1].decode(), f"W/{etag[1].decode()}", '"other"', "*"):
        ready, plain = both.ask(_get(STORY, f"If-None-Match: {named}") + LAST)
        assert _undated(ready) == _undated(plain)
        assert ready.startswith(b"HTTP/1.1 200" if named == '"other"' else b"HTTP/1.1 304")


@pytest.mark.parametrize(
    "raw",
    [
        b"HEAD /stories/ferry HTTP/1.1\r\nHost: post.example\r\n\r\n" + LAST,
        b"POST /stories/ferry HTTP/1.1\r\nHost: post.example\r\nContent-Length: 0\r\n\r\n" + LAST,
        b"DELETE /stories/ferry HTTP/1.1\r\nHost: post.example\r\n\r\n" + LAST,
        b"OPTIONS /fragments/stories/ferry HTTP/1.1\r\nHost: a\r\nOrigin: https://b\r\n\r\n" + LAST,
        b"GET /stories/ferry HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + LAST,
        b"GET /stories/ferry HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + LAST,
        b"GET /stories/ferry HTTP/1.0\r\nHost: post.example\r\n\r\n",
        b"GET /stories/ferry HTTP/1.0\r\nHost: post.example\r\nConnection: keep-alive\r\n\r\n",
        _get(STORY, "Connection: close"),
        _get(STORY, "Expect: 100-continue") + LAST,
        _get(STORY, "Upgrade: websocket", "Connection: Upgrade") + LAST,
        _get("http://post.example/stories/ferry") + LAST,
        _get(STORY, "Range: bytes=0-10") + LAST,
        _get("/stories/nowhere") + LAST,
    ],
)  # fmt: skip
def test_what_is_unusual_is_answered_by_the_handlers(both: Both, raw: bytes) -> None:
    ready, plain = both.ask(raw)
    assert _undated(ready) == _undated(plain)
    assert ready


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /stories/ferry HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /stories/mill HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /stories/ferry HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
        b"Content-Length: 4\r\n\r\nabcd",
        b"GET /stories/ferry HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nXY\r\n\r\n",
        b"GET /stories/ferry HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"GET /stories/ferry HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /stories/ferry HTTP/1.1\r\nHost: a\r\nX: y\x00z\r\n\r\n",
        b"GET /stories/ferry HTTP/3.9\r\nHost: a\r\n\r\n",
        b"GET  /stories/ferry HTTP/1.1\r\nHost: a\r\n\r\n" + LAST,
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)  # fmt: skip
def test_smuggling_fares_alike_both_ways(both: Both, raw: bytes) -> None:
    _exchange(both.ready, [_get(STORY) + LAST])
    ready, plain = both.ask(raw)
    assert _undated(ready) == _undated(plain)


LONG = "x" * 70_000


@pytest.mark.parametrize(
    "headers",
    [
        ["If-None-Match: {etag}"],
        ["If-None-Match: W/{etag}"],
        ['If-None-Match: "other", {etag}'],
        ['If-None-Match: "other" ,W/{etag} , "third"'],
        ["If-None-Match: *"],
        ['If-None-Match: "other"'],
        ["If-None-Match: other, {bare}"],
        ['If-None-Match: "other"', "If-None-Match: {etag}"],
        ["If-None-Match:"],
        ["If-None-Match: {etag}", "If-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT"],
        ["If-Modified-Since: Fri, 29 Oct 2049 19:43:31 GMT"],
        ["If-Match: {etag}"],
        ['If-Match: "other"'],
        ["If-None-Match: {etag}", "Range: bytes=0-9"],
        ["If-Range: {etag}", "Range: bytes=0-9"],
        ["Range: bytes=-5"],
        ["Range: bytes=999999-"],
        ["Range: lines=1-2"],
        ["Accept-Encoding: br;q=0, gzip;q=0.5, zstd;q=0.1"],
        ["Accept-Encoding: gzip;q=1.0, br;q=0.2"],
        ["Accept-Encoding: *"],
        ["Accept-Encoding: *;q=0"],
        ["Accept-Encoding: identity;q=0"],
        ["Accept-Encoding: GZIP"],
        ["Accept-Encoding: br;q=nonsense, gzip"],
        ["Accept-Encoding: gzip", "Accept-Encoding: br"],
        ["Accept-Encoding: br", "If-None-Match: {etag}"],
        ["Expect: 100-continue"],
        ["Expect: the-moon"],
        ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: Upgrade, HTTP2-Settings"],
        ["Connection: keep-alive, close"],
        ["X-Folded: one\r\n two"],
        ["X-Folded: one\r\n\ttwo"],
        ["X-Long: {long}"],
        ["Cookie: other=1"],
        ["Cookie: belowline="],
        ["Cookie: a=b", "Cookie: belowline=forged"],
        ["Authorization: Bearer forged"],
        ["Host: other.example"],
    ],
    ids=lambda headers: "; ".join(headers),
)  # fmt: skip
def test_headers_that_change_an_answer_do_so_both_ways(both: Both, headers: list[str]) -> None:
    found = re.search(rb'etag: ("[^"]+")', _exchange(both.plain, [_get(STORY) + LAST]))
    assert found
    etag = found[1].decode()
    named = {"etag": etag, "bare": etag.strip('"'), "long": LONG}
    asked = _get(STORY, *(header.format(**named) for header in headers)) + LAST
    _exchange(both.ready, [_get(STORY) + LAST])
    ready, plain = both.ask(asked)
    assert _undated(ready) == _undated(plain)


@pytest.mark.parametrize(
    "method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "PRI"]
)
def test_another_method_is_never_given_what_a_read_gets(both: Both, method: str) -> None:
    _exchange(both.ready, [_get(STORY) + LAST])
    ready, plain = both.ask(_get(STORY).replace(b"GET", method.encode(), 1) + LAST)
    assert _undated(ready) == _undated(plain)


def test_a_good_request_is_answered_before_a_bad_one_is_refused(both: Both) -> None:
    chain = _get(STORY) + _get(STORY).replace(b"GET", b"get", 1) + LAST
    answers = re.findall(rb"HTTP/1.1 (\d+) ", _exchange(both.ready, [_get(STORY) + chain]))
    assert answers == [b"200", b"200", b"400"]


@pytest.mark.parametrize(
    "target",
    [
        "http://post.example/stories/ferry",
        "HTTP://post.example/stories/ferry?order=oldest",
        "http://other.example/stories/ferry",
        "https://post.example/stories/ferry",
        "//post.example/stories/ferry",
        "/stories/../stories/ferry",
        "/stories//ferry",
        "/stories/%66erry",
        "/stories/ferry?",
        "/stories/ferry?order=oldest&order=newest",
        "/stories/ferry?x=%ff%00",
        "/stories/ferry#comments",
        "/stories/ferry;v=1",
        "*",
        "stories/ferry",
        f"/stories/ferry?{LONG}",
        f"/stories/{LONG}",
    ],
    ids=lambda target: target[:40],
)
def test_unusual_targets_fare_alike_both_ways(both: Both, target: str) -> None:
    ready, plain = both.ask(_get(target) + LAST)
    assert _undated(ready) == _undated(plain)


def _post(*headers: str, path: str = "/api/v1/stories/ferry/typing") -> bytes:
    return _get(path, *headers).replace(b"GET", b"POST", 1)


HIDDEN = _get("/stories/mill")


@pytest.mark.parametrize(
    "raw",
    [
        # CL.TE and TE.CL: both lengths, in either order, and disguised ones.
        _post(f"Content-Length: {len(HIDDEN) + 5}", "Transfer-Encoding: chunked")
        + b"0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: chunked", "Content-Length: 4") + b"0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: chunked, identity", "Content-Length: 4") + b"0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: identity", "Content-Length: 4") + b"0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: chunked", "Transfer-Encoding: identity") + b"0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding : chunked") + b"0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding:\x0bchunked") + b"0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding:\r\n chunked") + b"0\r\n\r\n" + HIDDEN,
        _post("Content-Length: 0", "Content-Length: 0") + HIDDEN,
        _post("Content-Length: 0, 0") + HIDDEN,
        _post("Content-Length: +0") + HIDDEN,
        _post("Content-Length: -1") + HIDDEN,
        _post("Content-Length: 0x10") + HIDDEN,
        _post("Content-Length: 99999999999999999999999") + HIDDEN,
        _post("Content-Length:\r\n 0") + HIDDEN,
        # Chunks: extensions, lengths that overflow, wrong ends, trailers.
        _post("Transfer-Encoding: chunked") + b'2;a="b;c"\r\n{}\r\n0\r\n\r\n' + HIDDEN,
        _post("Transfer-Encoding: chunked") + b"2;\n{}\r\n0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: chunked") + b"2\n{}\n0\n\n" + HIDDEN,
        _post("Transfer-Encoding: chunked") + b"2\r\n{}XX0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: chunked") + b"-2\r\n{}\r\n0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: chunked") + b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n" + HIDDEN,
        _post("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\nHost: evil\r\n\r\n" + HIDDEN,
        # Lines that end in another way, or begin with a blank.
        HIDDEN.replace(b"\r\n", b"\n"),
        _get(STORY).replace(b"\r\n", b"\n") + HIDDEN,
        _get(STORY).replace(b"\r\n", b"\r") + HIDDEN,
        b"\r\n\r\n" + _get(STORY),
        b" " + _get(STORY),
        _get(STORY).replace(b"Host", b" Host"),
        _get(STORY).replace(b"Host: post.example", b"Host: post.example\nX: y"),
        _get(STORY).replace(b" HTTP/1.1", b""),
        _get(STORY).replace(b" HTTP/1.1", b" HTTP/1.1 "),
        _get(STORY).replace(b" HTTP/1.1", b" http/1.1"),
        _get(STORY).replace(b" HTTP/1.1", b"\tHTTP/1.1"),
        _get(STORY, "No-Colon"),
        _get(STORY, ": nameless"),
        _get(STORY, "Na me: x"),
    ],
)  # fmt: skip
def test_no_request_hides_inside_of_another(both: Both, raw: bytes) -> None:
    _exchange(both.ready, [_get(STORY) + LAST])
    _exchange(both.ready, [HIDDEN + LAST])
    # In one piece: what is sent after a refusal may reset the connection before that is read.
    plain = _undated(_exchange(both.plain, [raw + LAST]))
    assert _undated(_exchange(both.ready, [raw + LAST])) == plain


def test_pipelined_requests_are_answered_in_their_order(both: Both) -> None:
    chain = [
        _get(STORY),
        _get("/api/v1/stories/ferry"),  # never ready
        _get(STORY),
        _get("/api/v1/stories/ferry/comments"),
        _get("/stories/nowhere"),
        _get(STORY),
        LAST,
    ]
    ready, plain = both.ask(b"".join(chain))
    assert _undated(ready) == _undated(plain)
    assert ready.count(b"HTTP/1.1 ") == len(chain)


def test_a_request_that_arrives_byte_by_byte_is_answered_all_the_same(both: Both) -> None:
    asked = _get(STORY, "Accept-Encoding: br")
    whole, _ = both.ask(asked + LAST)
    parts = [bytes([byte]) for byte in asked] + [LAST]
    assert _undated(_exchange(both.ready, parts)) == _undated(whole)


@pytest.mark.parametrize("size", [2, 7, 31])
def test_pipelined_requests_arrive_in_any_pieces(both: Both, size: int) -> None:
    chain = _get(STORY) + _get("/stories/nowhere") + _get(STORY, "Accept-Encoding: br") + LAST
    plain = _exchange(both.plain, [chain])
    both.ask(_get(STORY) + LAST)
    pieces = [chain[start : start + size] for start in range(0, len(chain), size)]
    assert _undated(_exchange(both.ready, pieces)) == _undated(plain)


def test_known_bytes_inside_of_another_request_are_only_its_content(both: Both) -> None:
    known = _get(STORY)
    _exchange(both.ready, [known, LAST])
    head = (
        b"POST /api/v1/stories/ferry/typing HTTP/1.1\r\nHost: post.example\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(known)
    )
    for parts in ([head, known, LAST], [head + known, LAST]):
        answer = _exchange(both.ready, parts)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.count(b"HTTP/1.1 ") == 2


def test_whoever_has_a_credential_is_not_given_what_is_everyones(both: Both) -> None:
    ada = both.town.reader()
    ada.said("I am Ada, and this is mine.")
    token = ada.client.cookies["belowline"]
    for header in (f"Cookie: a=b; belowline={token}", f"Authorization: Bearer {token}"):
        asked = _get(STORY, header) + LAST
        both.ask(_get(STORY) + LAST)
        ready, plain = both.ask(asked)
        assert _ready_reads(partial(_exchange, both.ready, [asked])) == 0
        assert b"cache-control: private, no-store" in ready
        assert b"cache-control: private, no-store" in plain


def test_a_comment_an_edit_and_a_decision_are_seen_by_the_next_read(both: Both) -> None:
    ada, mona = both.town.reader(), both.town.moderator()

    def page() -> bytes:
        return _exchange(both.ready, [_get(STORY) + LAST])

    for path in (STORY, STORY):
        _exchange(both.ready, [_get(path) + LAST])
    number = ada.said("Fresh from the quay.")
    assert b"Fresh from the quay." in page()
    edited = ada.ask("PATCH", f"/api/v1/comments/{number}", json={"text": "Edited at the quay."})
    assert edited.status_code == 200
    assert b"Edited at the quay." in page()
    both.town.reader().ask("PUT", f"/api/v1/comments/{number}/recommendation")
    assert _undated(page()) == _undated(_exchange(both.plain, [_get(STORY) + LAST]))
    decision = {"comments": [{"id": number, "revision": 2}], "decision": "reject", "reason": "spam"}
    assert mona.post("/api/v1/desk/decisions", json=decision).status_code == 201
    assert b"Edited at the quay." not in page()


def test_a_cold_story_is_built_once_for_all_who_come_together(both: Both) -> None:
    path = "/fragments/stories/ferry/comments?order=oldest"
    both.town.reader().said("Breaking: the ferry is back.")
    asked = _get(path, "Accept-Encoding: br") + LAST
    before = counts.cache_builds
    with ThreadPoolExecutor(16) as readers:
        answers = set(readers.map(lambda _: _undated(_exchange(both.ready, [asked])), range(16)))
    assert len(answers) == 1
    assert counts.cache_builds - before == 1


def test_who_waits_for_a_builder_that_fails_is_told_and_the_next_one_builds_anew() -> None:
    cache, tries = Cache(), 0

    async def build() -> Answer:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        if tries == 1:
            raise RuntimeError("the disk is gone")
        return Answer(b"The ferry.", "text/plain")

    async def ask_together() -> list[Any]:
        asked = (cache.get("ferry", build) for _ in range(3))
        return await asyncio.gather(*asked, return_exceptions=True)

    assert [str(one) for one in asyncio.run(ask_together())] == ["the disk is gone"] * 3
    assert {one.body for one in asyncio.run(ask_together())} == {b"The ferry."}
    assert tries == 2


def test_a_comment_elsewhere_leaves_an_answer_ready(both: Both) -> None:
    _exchange(both.ready, [_get(STORY) + LAST])
    both.town.moderator("Edgar").ask("PUT", "/api/v1/stories/pond", json={"mode": "open"})
    _exchange(both.ready, [_get(STORY) + LAST])
    both.town.reader().said("At the mill pond.", "pond")
    assert _ready_reads(lambda: _exchange(both.ready, [_get(STORY) + LAST])) == 1


def test_another_host_or_origin_is_another_question(both: Both) -> None:
    for headers in ((), ("Origin: https://news.example",)):
        path = "/fragments/stories/ferry"
        ready, plain = both.ask(_get(path, *headers) + LAST)
        assert _undated(ready) == _undated(plain)
        assert b"access-control-allow-origin: *" in ready  # what is kept is for other origins too
    elsewhere = _get(STORY).replace(b"post.example", b"other.example")
    ready, plain = both.ask(elsewhere + LAST)
    assert _undated(ready) == _undated(plain)
    assert b"http://other.example/stories/ferry" in ready


def test_a_proxys_word_for_https_is_taken_and_a_strangers_is_not(both: Both) -> None:
    ready, plain = both.ask(_get(STORY, "X-Forwarded-Proto: https") + LAST)
    assert _undated(ready) == _undated(plain)
    assert b"https://post.example/stories/ferry" in ready
    assert b"https://post.example/stories/ferry" not in _exchange(both.ready, [_get(STORY) + LAST])


def test_an_answer_from_before_a_change_is_not_kept() -> None:
    hot, asked = Hot(), _ASKED
    made = hot.clock
    hot.heard(["story:1"])
    hot.keep(asked, Ready(200, [], b"old", "story:1", made, 1e18))
    assert hot.find(asked) is None
    hot.keep(asked, Ready(200, [], b"new", "story:1", hot.clock, 1e18))
    assert hot.find(asked)
    hot.heard(["story:2"])
    assert hot.find(asked)
    hot.heard(["*"])
    assert hot.find(asked) is None


def test_an_answer_with_stale_ages_is_not_given() -> None:
    hot, asked = Hot(), _ASKED
    hot.keep(asked, Ready(200, [], b"2 minutes ago", "story:1", hot.clock, 0.0))
    assert hot.find(asked) is None


async def _one_turn() -> None:
    """Lets what was begun on the loop go on to where it waits, which takes no time."""
    await asyncio.sleep(0)


def test_who_asks_while_an_answer_is_made_gets_it_unless_something_changed_before() -> None:
    async def ask() -> tuple[Ready | None, ...]:
        hot, asked = Hot(), _ASKED
        hot.keep(asked, Ready(200, [], b"old", "story:1", hot.clock, 1e18))
        hot.heard(["story:1"])
        making = hot.begin(asked)
        ada = asyncio.create_task(hot.soon(asked))
        await _one_turn()
        hot.heard(["story:1"])
        ben = await hot.soon(asked)
        hot.end(asked, making, Ready(200, [], b"new", "story:1", making.made, 1e18))
        return await ada, ben, await hot.soon(asked)

    ada, ben, chidi = asyncio.run(ask())
    assert ada
    assert ada.body == b"new"
    assert (ben, chidi) == (None, None)


def test_who_waits_for_an_answer_that_fails_is_told_to_make_it() -> None:
    async def ask() -> Ready | None:
        hot = Hot()
        hot.keep(_ASKED, Ready(200, [], b"old", "story:1", hot.clock, 0.0))
        making = hot.begin(_ASKED)
        ada = asyncio.create_task(hot.soon(_ASKED))
        await _one_turn()
        hot.end(_ASKED, making, None)
        return await ada

    assert asyncio.run(ask()) is None


def test_nobody_waits_for_what_was_never_everyones_answer() -> None:
    async def ask() -> Ready | None:
        hot = Hot()
        hot.begin(_ASKED)
        return await hot.soon(_ASKED)

    assert asyncio.run(ask()) is None


def test_a_header_that_is_said_twice_is_no_question() -> None:
    assert question(b"http", b"/", [(b"host", b"a"), (b"host", b"b")]) is None
