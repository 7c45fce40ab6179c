"""uvicorn's HTTP/1.1 connection, with what is answered before a request becomes a task.

Ready answers are given, event streams are taken over. Every other request, and each that is in any
way unusual, goes to the parent class untouched: it answers in order, waits for slow clients and
refuses what is malformed.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.middleware.proxy_headers import _TrustedHosts  # uvicorn is pinned to a minor version
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from belowline import logs
from belowline.web import transports
from belowline.web.hot import Hot, Question, Ready, question
from belowline.web.services import Services

_FORWARDED = (b"http", b"https")
_LONGEST_KNOWN = 4096
_MOST_KNOWN = 10_000


def protocol_class(services: Services) -> type[asyncio.Protocol]:
    """The class of connections to this site, for uvicorn's ``http`` setting."""
    notes = services.settings.access_log
    parts = {"services": services, "hot": services.hot, "known": {}, "notes": notes}
    return type("Protocol", (Protocol,), parts)


class Protocol(HttpToolsProtocol):
    """One connection.

    ``known`` remembers what the parser made of whole requests: the same bytes on a connection
    that is between two requests are the same question, and need not be parsed again.
    """

    services: Services
    hot: Hot
    known: dict[tuple[bool, bool, bytes], Question]
    notes: bool  # in the access log

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._ready: Ready | None = None
        self._asked: Question | None = None
        self._trusted = False
        self._between = True  # no request has begun that has not ended
        self._whole = b""  # what has just come, if it began between two requests
        self._was_used = False
        self._is_stream = False  # the request is for a stream, and its end is to come
        self._is_taken = False  # the connection is a stream; what still comes in is nothing
        self._under_way: Any = None  # the latest request that became a task

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remembers whether the other end is a proxy that may say ``X-Forwarded-Proto``."""
        super().connection_made(transport)
        host = self.client[0] if self.client else None
        self._trusted = host in _TrustedHosts(self.config.forwarded_allow_ips)
        self._secure = self.scheme == "https"

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the request that is under way. The parent tells the last that came, which waits
        for it when somebody sends several at once: its answer would be written to nobody."""
        if self._under_way is not None:
            self._under_way.disconnected = True
            self._under_way.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._under_way = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Answers a request that is known to the byte; parses everything else."""
        if self._between and self._is_free():
            asked = self.known.get((self._secure, self._trusted, data))
            if asked and (ready := self.hot.find(asked)):
                self._give(ready, asked)
                return
        self._whole = data if self._between else b""
        super().data_received(data)

    # -- what the parser calls -------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins. What a task needs is made only if it becomes one."""
        self._between = False
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """The head is there: is the answer?"""
        if self._is_taken:
            return
        plain = self._is_plain()
        self._is_stream = plain and transports.is_stream(self.url, self.headers)
        if self._is_stream:
            return
        self._asked = self._question() if plain else None
        self._ready = self.hot.find(self._asked)
        if self._ready is None:
            self._begin_task()

    def on_body(self, body: bytes) -> None:
        """A part of the content."""
        if self._ready is None and not self._is_taken:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is there; it has its turn, for nothing was under way before it."""
        if self._is_taken:
            return
        self._between = True
        if self._is_stream:
            self._is_stream = False
            self._is_taken = transports.take_over(self, self.services)
            if self._is_taken:
                return
            self._begin_task()
        if self._ready is None or self._asked is None:
            super().on_message_complete()
            return
        self._remember()
        self._give(self._ready, self._asked)
        self._ready = None

    # -- our own ---------------------------------------------------------------------------

    def _begin_task(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def _is_free(self) -> bool:
        """Nobody before it still waits for an answer, and the client takes what it is given."""
        cycle: Any = self.cycle  # None before the first request
        return (cycle is None or cycle.response_complete) and not self.flow.write_paused

    def _is_plain(self) -> bool:
        """A GET that keeps its connection open, without anything beside it."""
        parser = self.parser
        return (
            parser.get_method() == b"GET"
            and self._is_free()
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
        )

    def _question(self) -> Question | None:
        scheme = b"https" if self._secure else b"http"
        if self._trusted:
            for name, value in self.headers:
                if name == b"x-forwarded-proto" and value.strip() in _FORWARDED:
                    scheme = value.strip()
        return question(scheme, self.url, self.headers)

    def _remember(self) -> None:
        whole = self._whole
        alone = whole.find(b"\r\n\r\n") == len(whole) - 4
        # Through a proxy hardly a request comes twice: each names its reader's address.
        repeats = not (self._trusted and b"forwarded-for" in whole.lower())
        if alone and repeats and self._asked and len(whole) <= _LONGEST_KNOWN:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            self.known[self._secure, self._trusted, whole] = self._asked

    def _give(self, ready: Ready, asked: Question) -> None:
        self.transport.write(ready.wire(self.server_state.default_headers))
        if self.notes:
            logs.access("GET", asked[1], ready.status, len(ready.body), 0)
        self.server_state.total_requests += 1
        self._was_used = True
        if self.timeout_keep_alive_task is None:
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def timeout_keep_alive_handler(self) -> None:
        """One timer a connection, looked at when it ends, costs less than one a request."""
        if self._was_used:
            self._was_used = False
            self._wait_for_more()
        else:
            super().timeout_keep_alive_handler()
