"""A new comment's short way to its handler, past the framework.

The framework takes as long to find a handler and to make its arguments and answer as everything
else about a comment together. So what is usual in such a request is read here, and the same
function is called that the handler calls; whatever is unusual in any way goes to the framework as
it came. The handler is the reference: `tests/web/test_short_way.py` holds both to the same answers.
"""

from __future__ import annotations

import re

import msgspec
from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, ReceiveMessage, Scope, Send

from belowline.domain.errors import Refused
from belowline.web.answers import JSON, PRIVATE
from belowline.web.api import shapes
from belowline.web.api.handlers import NO_STORE, take_comment
from belowline.web.asking import AnyRequest, provide_asking
from belowline.web.problems import on_error, on_refused

_ADDRESS = re.compile(r"/api/v1/stories/([^/]+)/comments")
_LARGEST = 64 * 1024  # of a body that is read here; a comment has a few hundred bytes
_QUERY = re.compile(rb"(?:html=([A-Za-z-]*))?")
_decode = msgspec.json.Decoder(shapes.NewComment).decode
_encode = msgspec.json.Encoder().encode


def short_way(application: Litestar) -> ASGIApp:
    """``application``, with a short way for new comments."""

    async def short(scope: Scope, receive: Receive, send: Send) -> None:
        usual = _usual(scope) if scope["type"] == ScopeType.HTTP else None
        if usual is None:
            await application(scope, receive, send)
            return
        messages, body = await _body(receive)
        data = _comment(body)
        if data is None:
            await application(scope, _again(messages, receive), send)
            return
        scope["litestar_app"] = application
        await _answer(Request(scope, receive, send), data, *usual)

    return short


def _usual(scope: HTTPScope) -> tuple[str, str, str] | None:
    """The story, the Idempotency-Key and the language of the list item that is wanted."""
    address = _ADDRESS.fullmatch(scope["path"])
    query = _QUERY.fullmatch(scope["query_string"])
    if scope["method"] != "POST" or address is None or query is None:
        return None
    keys = [value for name, value in scope["headers"] if name == b"idempotency-key"]
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    if len(keys) != 1 or not keys[0] or kinds != [b"application/json"]:
        return None
    return address[1], keys[0].decode("latin-1"), (query[1] or b"").decode("ascii")


async def _body(receive: Receive) -> tuple[list[ReceiveMessage], bytes]:
    """What was received, and the body that it makes; b"" when that is large or never comes."""
    messages: list[ReceiveMessage] = []
    body = b""
    while len(body) <= _LARGEST:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request":
            break
        body += message["body"]
        if not message.get("more_body", False):
            return messages, body
    return messages, b""


def _comment(body: bytes) -> shapes.NewComment | None:
    """The comment in ``body``, None when that is not as it should be."""
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _again(messages: list[ReceiveMessage], receive: Receive) -> Receive:
    """``receive`` with ``messages`` once more before everything else."""
    waiting = iter(messages)

    async def again() -> ReceiveMessage:
        message = next(waiting, None)
        return await receive() if message is None else message

    return again


async def _answer(
    request: AnyRequest, data: shapes.NewComment, story: str, key: str, html: str
) -> None:
    response: Response[object]
    try:
        asking = await provide_asking(request)
        posted = await take_comment(asking, story, data, key, html)
        if not asking.fresh:
            await _send(request.send, _encode(posted))
            return
        cookies = asking.cookies()
        response = Response(posted, status_code=201, headers=NO_STORE, cookies=cookies)
    except Refused as refused:
        response = on_refused(request, refused)
    except Exception as error:
        response = on_error(request, error)
    ready = response.to_asgi_response(app=None, request=request)
    await ready(request.scope, request.receive, request.send)


async def _send(send: Send, body: bytes) -> None:
    headers = [
        (b"cache-control", PRIVATE.encode()),
        (b"content-type", JSON.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
