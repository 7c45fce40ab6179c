"""An end to waiting for requests that do not arrive.

uvicorn waits for ever for the first request of a connection and for the rest of any. A look at all
connections every few seconds costs less than a timer for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# RFC 9110, 15.5.9
_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_log = structlog.get_logger(__name__)


class Patience:
    """Cuts connections that were found waiting for the same request more than ``looks`` times."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self._waiting: dict[HttpToolsProtocol, tuple[object, int]] = {}

    def look(self, connections: Iterable[Any]) -> int:
        """Counts once more, and cuts those whose time is over. Answers how many."""
        before, self._waiting, late = self._waiting, {}, []
        for one in connections:
            if not isinstance(one, HttpToolsProtocol) or not _waits(one):
                continue
            request, looks = before.get(one, (one.headers, 0))  # its headers tell one from the next
            looks = looks + 1 if request is one.headers else 1
            if looks > self._looks:
                late.append(one)
            else:
                self._waiting[one] = one.headers, looks
        for one in late:
            _cut(one)
        if late:
            _log.info("web.unfinished_requests_cut", number=len(late))
        return len(late)


def _waits(connection: HttpToolsProtocol) -> bool:
    """Whether we wait for a request. Between two of them uvicorn has a timer of its own."""
    if connection.timeout_keep_alive_task is not None:
        return False
    return not _under_way(connection) or connection.cycle.more_body


def _under_way(connection: HttpToolsProtocol) -> bool:
    cycle = cast(Any, connection.cycle)  # None before the first
    return cycle is not None and not cycle.response_complete


def _cut(connection: HttpToolsProtocol) -> None:
    """Ends the connection; says so to somebody who had begun to ask."""
    begun = cast(Any, connection.headers) is not None
    if begun and not (_under_way(connection) and connection.cycle.response_started):
        connection.transport.write(_TOO_LATE)
    connection.transport.close()
