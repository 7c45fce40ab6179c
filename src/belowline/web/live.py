"""Event streams over plain ASGI: the answer is an application that owns its connection.

On our own server most streams are taken over below ASGI, in :mod:`belowline.web.transports`. This
is what any other server gets, and what that has to agree with.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import structlog
from litestar import get
from litestar.params import FromPath, FromQuery, HeaderParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from belowline.actions import people
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, desk_stream, stored_stream, story_stream
from belowline.domain.stories import story_id
from belowline.domain.users import CONFINED, demand
from belowline.live.frames import RETRY, chunk, unchunk
from belowline.live.hub import LONGEST_BACKLOG, Outlet
from belowline.metrics import counts
from belowline.web.asking import Asking, Asks
from belowline.web.parse import key_of
from belowline.web.services import Services

_OTHER_FILES = 400
LOOK_AGAIN = 10.0  # seconds, at whether whoever hears of the desk still may
_log = structlog.get_logger(__name__)

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
]

Bookmark = Annotated[str | None, HeaderParameter(name="Last-Event-ID", required=False)]


@get("/stories/{story:str}/live", media_type="text/event-stream")
async def story_live(
    asking: Asks,
    story: FromPath[str],
    after: FromQuery[int | None] = None,
    last_event_id: Bookmark = None,
) -> ASGIApp:
    """What happens in a discussion, as server-sent events."""
    language = asking.services.language(asking.language)
    stream = story_stream(story_id(key_of(story)))
    return _open(asking, stream, language, bookmark(last_event_id, after))


@get("/desk/live", media_type="text/event-stream")
async def desk_live(
    asking: Asks, after: FromQuery[int | None] = None, last_event_id: Bookmark = None
) -> ASGIApp:
    """What happens at the desk, as server-sent events: staff."""
    user = asking.must()
    demand(user, "moderate", CONFINED)
    stream = desk_stream(user.sites)
    may = partial(_may_hear, asking, stream)
    return _open(asking, stream, "en", bookmark(last_event_id, after), may)


HANDLERS = [story_live, desk_live]


def bookmark(header: str | None, after: int | None) -> int | None:
    """The last number that the page has seen: the browser's own on reconnecting, or ``after``."""
    if header and header.isascii() and header.isdigit() and len(header) < 19:
        return int(header)
    return after if after is not None and 0 <= after < 1 << 62 else None


def is_full(services: Services) -> bool:
    """Whether as many streams are open as leave the process files for everything else."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most != resource.RLIM_INFINITY and services.hub.total() >= most - _OTHER_FILES


def greeting(services: Services, stream: str) -> bytes:
    """What a page is told as soon as it listens, frames without a chunk; b"" at the desk."""
    is_desk = stored_stream(stream) == DESK_STREAM
    return b"" if is_desk else b"".join(services.presence.greeting(stream))


async def arrive(
    services: Services, outlet: Outlet, stream: str, language: str, after: int | None
) -> None:
    """Lets ``outlet`` listen once it has caught up; cuts it when it cannot."""
    try:
        await services.relay.attach(outlet, stream, language, after)
    except Exception as error:
        _log.warning("live.attach_failed", stream=stream, error=type(error).__name__)
        outlet.cut()
        return
    if hello := greeting(services, stream):
        outlet.write(chunk(hello))


async def _may_hear(asking: Asking, stream: str) -> bool:
    """Whether whoever opened a stream of the desk still works here, for the same sites."""
    services = asking.services
    try:
        user = await people.by_token(services.site, services.signing_key, asking.token)
        demand(user, "moderate", CONFINED)
    except Refused as refused:
        return refused.code == "unavailable"
    return desk_stream(user.sites) == stream


async def _end_when_not(
    may: Callable[[], Awaitable[bool]], services: Services, page: Outlet
) -> None:
    while await may():
        await asyncio.sleep(LOOK_AGAIN)
    services.relay.detach(page)
    page.end()


def _open(
    asking: Asking,
    stream: str,
    language: str,
    after: int | None,
    may: Callable[[], Awaitable[bool]] | None = None,
) -> ASGIApp:
    services = asking.services
    if is_full(services):
        raise Refused("unavailable")
    headers = [*HEADERS, *services.cross_origin_headers(asking.request.headers.get("origin", ""))]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        leaving = asyncio.create_task(_wait_for_leaving(receive))
        page = _Page(send, leaving)
        page.write(chunk(RETRY))
        tasks = [asyncio.create_task(arrive(services, page, stream, language, after))]
        if may is not None:
            tasks.append(asyncio.create_task(_end_when_not(may, services, page)))
        try:
            await asyncio.wait({leaving})
        finally:
            for task in (leaving, *tasks):
                task.cancel()
            services.relay.detach(page)
            page.forget()

    return application


class _Page(Outlet):
    """An open page that is reached through ASGI. It has a task only while something is sent."""

    __slots__ = ("_ended", "_leaving", "_send", "_sending", "_size", "_waiting")

    def __init__(self, send: Send, leaving: asyncio.Task[None]) -> None:
        super().__init__()
        self._send = send
        self._leaving = leaving
        self._sending: asyncio.Task[None] | None = None
        self._waiting: list[bytes] = []
        self._size = 0
        self._ended = False

    def write(self, data: bytes) -> None:
        """Sends a chunk after those that wait."""
        self._waiting.append(unchunk(data))
        self._size += len(data)
        if self.stream is not None and self._size > LONGEST_BACKLOG:
            counts.slow_readers_cut += 1
            self.cut()
        elif self._sending is None:
            self._sending = asyncio.create_task(self._flush())

    def end(self) -> None:
        """Ends the answer after what waits."""
        self._ended = True
        if self._sending is None:
            self._sending = asyncio.create_task(self._flush())

    def cut(self) -> None:
        """Leaves the answer as it is, unfinished."""
        self._leaving.cancel()

    def backlog(self) -> int:
        """How many bytes wait."""
        return self._size

    def forget(self) -> None:
        """Sends nothing more."""
        if self._sending is not None:
            self._sending.cancel()

    async def _flush(self) -> None:
        try:
            while self._waiting:
                data = b"".join(self._waiting)
                self._waiting.clear()
                await self._send({"type": "http.response.body", "body": data, "more_body": True})
                self._size = sum(map(len, self._waiting))
            if self._ended:
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            self.cut()  # the reader has left in the middle of a write
        finally:
            self._sending = None


async def _wait_for_leaving(receive: Receive) -> None:
    """Nothing else tells that a reader has left a stream on which nothing is sent."""
    while (await receive())["type"] != "http.disconnect":
        pass
