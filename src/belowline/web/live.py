"""Event streams over plain ASGI: the answer is an application that owns its connection."""

from __future__ import annotations

import asyncio
from typing import Annotated

from litestar import get
from litestar.params import FromPath, FromQuery, HeaderParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.stories import story_id
from belowline.domain.users import Thing, demand
from belowline.live.frames import KEEP_ALIVE, RETRY
from belowline.live.hub import Listener
from belowline.web.asking import Asking, Asks
from belowline.web.parse import key_of
from belowline.web.services import Services

_QUIET = 20.0
_MOST_STREAMS = 20_000
_HEADERS = [
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
    return _open(asking, stream, language, _bookmark(last_event_id, after))


@get("/desk/live", media_type="text/event-stream")
async def desk_live(
    asking: Asks, after: FromQuery[int | None] = None, last_event_id: Bookmark = None
) -> ASGIApp:
    """What happens at the desk, as server-sent events: staff."""
    demand(asking.must(), "moderate", Thing())
    return _open(asking, DESK_STREAM, "en", _bookmark(last_event_id, after))


HANDLERS = [story_live, desk_live]


def _bookmark(header: str | None, after: int | None) -> int | None:
    """The last number that the page has seen: the browser's own on reconnecting, or ``after``."""
    if header and header.isascii() and header.isdigit() and len(header) < 19:
        return int(header)
    return after if after is not None and 0 <= after < 1 << 62 else None


def _open(asking: Asking, stream: str, language: str, after: int | None) -> ASGIApp:
    services = asking.services
    if services.hub.total() >= _MOST_STREAMS:
        raise Refused("unavailable")
    headers = [*_HEADERS, *services.cross_origin_headers(asking.request.headers.get("origin", ""))]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": RETRY, "more_body": True})
        listener = Listener(language)
        leaving = asyncio.create_task(_wait_for_leaving(receive, listener))
        try:
            await services.relay.attach(stream, listener, after)
            for data in _greeting(services, stream):
                listener.give(None, data)
            await _feed(listener, send)
        except OSError:
            pass  # the reader has left in the middle of a write
        finally:
            services.relay.detach(stream, listener)
            leaving.cancel()

    return application


def _greeting(services: Services, stream: str) -> list[bytes]:
    return services.presence.greeting(stream) if stream != DESK_STREAM else []


async def _feed(listener: Listener, send: Send) -> None:
    while (data := await listener.take(_QUIET)) is not None:
        await send({"type": "http.response.body", "body": data or KEEP_ALIVE, "more_body": True})
        if listener.closed:
            break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_for_leaving(receive: Receive, listener: Listener) -> None:
    """Nothing else tells that a reader has left a stream on which nothing is sent."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            listener.close()
            return
