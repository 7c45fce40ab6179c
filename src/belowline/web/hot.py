"""Ready answers: the same question gets the same bytes while nothing has changed.

An answer that is the same for everyone is kept as it was sent, under the request it was sent for:
its target and those headers that can change an answer. It is given again until its story has
news, something changed that concerns all stories, or ages on it ("2 minutes ago") grow stale.
`belowline.web.protocol` asks below ASGI, `belowline.web.routes` on every other server; what
neither finds is made by the handlers, which remain the reference, once for all who ask meanwhile.

What is personal never comes here: a request with a credential has no question.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple

from belowline.metrics import counts

Headers = list[tuple[bytes, bytes]]
Question = tuple[bytes, ...]

EVERYTHING = "*"
_MARK = "belowline.public"
_MOST_BYTES = 128 * 1024 * 1024
_MOST_STREAMS = 100_000
_ASKED = {b"host": 2, b"accept-encoding": 3, b"if-none-match": 4, b"origin": 5}
# With one of these the handlers have to look: a body, a range, a proof of who it is.
_PARTICULAR = {b"authorization", b"content-length", b"transfer-encoding", b"expect", b"range"}
_OUR_COOKIE = b"belowline"
_OK, _NOT_MODIFIED = 200, 304
_STATUS = {_OK: b"HTTP/1.1 200 OK\r\n", _NOT_MODIFIED: b"HTTP/1.1 304 Not Modified\r\n"}


class Ready:
    """An answer, both as ASGI's parts and as the bytes of HTTP/1.1."""

    __slots__ = (
        "_dated",
        "_full",
        "_rest",
        "body",
        "fresh_until",
        "headers",
        "made",
        "status",
        "stream",
    )

    def __init__(
        self, status: int, headers: Headers, body: bytes, stream: str, made: int, fresh_until: float
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.stream = stream
        self.made = made
        self.fresh_until = fresh_until
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self._rest = lines + b"\r\n" + body
        self._full = b""
        self._dated: object = None

    def wire(self, server_headers: Headers) -> bytes:
        """The whole answer, with the headers that the server puts before all others.

        They hold the date, so they are another list each second.
        """
        if self._dated is not server_headers:
            first = b"".join(name + b": " + value + b"\r\n" for name, value in server_headers)
            self._full = _STATUS[self.status] + first + self._rest
            self._dated = server_headers
        return self._full

    @property
    def size(self) -> int:
        """Bytes that it holds, about."""
        return 2 * len(self._rest) + 500


class Making(NamedTuple):
    """An answer on its way: the clock before what it is made of was read, and itself, None if there
    is none for everyone."""

    made: int
    done: asyncio.Future[Ready | None]


class Hot:
    """Ready answers by question, and what is known to have changed since they were made.

    `heard` is called from other threads, everything else on the event loop.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Question, Ready] = OrderedDict()
        self._making: dict[Question, Making] = {}
        self._bytes = 0
        self._telling = threading.Lock()
        self._clock = 0
        self._changed: dict[str, int] = {}
        self._all_changed = 0

    # -- what has changed ------------------------------------------------------------------

    def heard(self, streams: Iterable[str]) -> None:
        """Those streams have news; `EVERYTHING` for something that concerns every answer.

        Called before a write is acknowledged, so that whoever was told of it reads it.
        """
        with self._telling:
            self._clock += 1
            for stream in streams:
                if stream == EVERYTHING or len(self._changed) > _MOST_STREAMS:
                    self._all_changed = self._clock
                    self._changed = {}
                else:
                    self._changed[stream] = self._clock

    @property
    def clock(self) -> int:
        """A number to take before reading what an answer is made of."""
        return self._clock

    # -- asking and keeping ----------------------------------------------------------------

    def find(self, question: Question | None) -> Ready | None:
        """The ready answer, if there is one and nothing has changed since it was made."""
        ready = self._answers.get(question) if question else None
        if ready is None:
            return None
        if self._changed_at(ready.stream) > ready.made or time.monotonic() > ready.fresh_until:
            return None
        return _counted(ready)

    async def soon(self, question: Question | None) -> Ready | None:
        """The answer that another request is making, if it reads all that had changed by now.

        Only where there was an answer for everyone before: who asks for anything else may have to
        wait for what never ends. None where nobody makes it, or nothing comes of it.
        """
        old = self._answers.get(question) if question else None
        making = self._making.get(question) if question else None
        if old is None or making is None or self._changed_at(old.stream) > making.made:
            return None
        ready = await asyncio.shield(making.done)
        return _counted(ready) if ready else None

    def _changed_at(self, stream: str) -> int:
        return max(self._changed.get(stream, 0), self._all_changed)

    def begin(self, question: Question) -> Making:
        """A request begins to make an answer; `end` must follow."""
        making = Making(self.clock, asyncio.get_running_loop().create_future())
        self._making[question] = making
        return making

    def end(self, question: Question, making: Making, ready: Ready | None) -> None:
        """Those who wait get what came of it."""
        if self._making.get(question) is making:
            del self._making[question]
        if not making.done.done():
            making.done.set_result(ready)

    def keep(self, question: Question, ready: Ready) -> None:
        """Keeps an answer; the oldest ones make room."""
        old = self._answers.pop(question, None)
        self._bytes += ready.size - (old.size if old else 0)
        self._answers[question] = ready
        while self._bytes > _MOST_BYTES:
            self._bytes -= self._answers.popitem(last=False)[1].size


def question(
    scheme: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> Question | None:
    """What a GET asks for; None when it is not everyone's question."""
    asked = [scheme, target, b"", b"", b"", b""]
    for name, value in headers:
        place = _ASKED.get(name)
        if place is not None:
            if asked[place]:
                return None  # said twice: whoever reads it shall decide what that means
            asked[place] = value
        elif name in _PARTICULAR or (name == b"cookie" and _OUR_COOKIE in value):
            return None
    return tuple(asked)


def public(scope: Any, stream: str, fresh_until: float) -> None:
    """Marks the answer to ``scope`` as everyone's, good until its ``stream`` has news."""
    scope[_MARK] = (stream, fresh_until)


def _counted(ready: Ready) -> Ready:
    counts.ready_reads += 1
    counts.not_modified += ready.status == _NOT_MODIFIED
    return ready


class Recorder:
    """Watches an answer on its way out and keeps it if a handler called it `public`."""

    def __init__(self, hot: Hot, asked: Question, scope: Any) -> None:
        self._hot = hot
        self._asked = asked
        self._scope = scope
        self._making = hot.begin(asked)
        self._start: Any = None

    def close(self) -> None:
        """Nothing more comes."""
        self._hot.end(self._asked, self._making, None)

    def saw(self, message: Any) -> None:
        """One of ASGI's messages of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            marked: tuple[str, float] | None = self._scope.get(_MARK)
            whole = not message.get("more_body", False)
            if marked and whole and self._start and self._start["status"] in _STATUS:
                self._keep(*marked, message.get("body", b""))
            self._start = None

    def _keep(self, stream: str, fresh_until: float, body: bytes) -> None:
        headers = [(name.lower(), value) for name, value in self._start["headers"]]
        made = self._making.made
        ready = Ready(self._start["status"], headers, body, stream, made, fresh_until)
        self._hot.keep(self._asked, ready)
        self._hot.end(self._asked, self._making, ready)
