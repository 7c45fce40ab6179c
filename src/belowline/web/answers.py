"""Sending what was made: conditional, compressed, with the headers that every answer bears."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Response
from litestar.datastructures import Cookie

from belowline.web.asking import AnyRequest, Asking
from belowline.web.cache import LIFE, Answer
from belowline.web.hot import public
from belowline.web.problems import RETRY_AFTER

HTML = "text/html"  # the framework adds the charset to text
JSON = "application/json"
SHARED = "public, max-age=0, must-revalidate"
PRIVATE = "private, no-store"
_VARY = "Accept-Encoding, Cookie"
_ALIKE = "Accept-Encoding"

# A browser asks each time, for its reader may have written; a cache that many share may answer
# from what it has for a second, and longer while it asks or cannot (RFC 9213, RFC 5861). nginx
# knows its own header only, and before its version 1.23 only if that comes first.
_FOR_SHARED_CACHES = {
    "CDN-Cache-Control": "max-age=1, stale-while-revalidate=30, stale-if-error=600",
    "X-Accel-Expires": "1",
}


def send(
    request: AnyRequest,
    answer: Answer,
    *,
    cache: str = SHARED,
    known_too: bool = False,
    stream: str = "",
    life: float = LIFE,
) -> Response[Any]:
    """``answer`` in the coding that the client takes, or 304 when it has it.

    ``known_too``: whoever is known by a cookie gets the same. With a ``stream`` it is everyone's,
    and may be given again until that stream has news or ``life`` seconds after it was made.
    """
    if stream:
        public(request.scope, stream, answer.born + life)
    coding, body = answer.encoded(request.headers.get("accept-encoding", ""))
    etag = f'"{answer.etag}{"-" + coding if coding else ""}"'
    headers = dict(_FOR_SHARED_CACHES) if cache == SHARED else {}
    headers |= {"ETag": etag, "Cache-Control": cache, "Vary": _ALIKE if known_too else _VARY}
    if _matches(request.headers.get("if-none-match", ""), answer.etag):
        return Response(None, status_code=304, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    return Response(body, media_type=answer.media_type, headers=headers)


def private(
    asking: Asking,
    body: str | bytes,
    *,
    media_type: str = HTML,
    status: int = 200,
    cookies: list[Cookie] | None = None,
) -> Response[Any]:
    """What is meant for one reader only."""
    data = body.encode() if isinstance(body, str) else body
    coding, data = Answer(data, media_type).encoded(
        asking.request.headers.get("accept-encoding", "")
    )
    headers = {"Cache-Control": PRIVATE, "Vary": _VARY}
    if coding:
        headers["Content-Encoding"] = coding
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER
    return Response(
        data,
        media_type=media_type,
        status_code=status,
        headers=headers,
        cookies=[*asking.cookies(), *(cookies or [])],
    )


def see_other(asking: Asking, path: str, cookies: list[Cookie] | None = None) -> Response[Any]:
    """After a form: look there (303)."""
    return Response(
        None,
        status_code=303,
        media_type=MediaType.TEXT,
        headers={"Location": path, "Cache-Control": PRIVATE},
        cookies=[*asking.cookies(), *(cookies or [])],
    )


def _matches(header: str, etag: str) -> bool:
    """Whether ``If-None-Match`` names this body, in whatever coding it was sent."""
    for part in header.split(","):
        name = part.strip().removeprefix("W/").strip('"')
        if name == "*" or name.split("-")[0] == etag:
            return True
    return False
