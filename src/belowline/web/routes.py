"""Every address, on one screen, and what surrounds all of them."""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote

from litestar import Litestar, Router
from litestar.config.response_cache import ResponseCacheConfig
from litestar.datastructures import State
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from belowline import logs
from belowline.domain.errors import Refused
from belowline.web import feeds, fragments, health, law, live, pages, plumbing
from belowline.web.answers import PRIVATE
from belowline.web.api import authors
from belowline.web.api import campaigns as api_campaigns
from belowline.web.api import handlers as api
from belowline.web.api import law as api_law
from belowline.web.api.posts import short_way
from belowline.web.asking import PROVIDERS
from belowline.web.desk import (
    account,
    alerts,
    campaigns,
    care,
    door,
    lessons,
    numbers,
    passkeys,
    policy,
    record,
    settings,
    shared,
    sites,
)
from belowline.web.desk import law as desk_law
from belowline.web.desk import pages as desk
from belowline.web.desk import people as desk_people
from belowline.web.hot import Hot, Question, Ready, Recorder, question
from belowline.web.parse import SLASH
from belowline.web.problems import on_error, on_http, on_refused, on_undecodable
from belowline.web.services import Services
from belowline.web.watching import watched

_LARGEST_BODY = 512 * 1024
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
    "font-src 'self' https:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'; manifest-src 'self'"
)
SECURITY_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]
# RFC 9111, 4.2.2: what does not say who may keep it, some caches keep as they think fit.
_UNLESS_IT_SAYS = (b"cache-control", PRIVATE.encode())
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type, idempotency-key"),
    (b"access-control-max-age", b"86400"),
]
_FOR_OTHERS = ("/api/v1/", "/fragments/", "/embed.js", "/assets/")


def build(services: Services) -> ASGIApp:
    """The application that answers everything."""
    surrounded = _surrounded(short_way(routed(services)), services)
    access_log = services.settings.access_log
    return _ready_first(watched(surrounded, access_log=access_log), services.hot, access_log)


def routed(services: Services) -> Litestar:
    """Every address and what answers there."""
    programs = Router(
        "/api/v1",
        route_handlers=[
            *api.HANDLERS,
            *authors.HANDLERS,
            *api_law.HANDLERS,
            *api_campaigns.HANDLERS,
            *live.HANDLERS,
        ],
    )
    people = Router(
        "/",
        route_handlers=[
            *pages.HANDLERS,
            *fragments.HANDLERS,
            *feeds.HANDLERS,
            *law.HANDLERS,
            *desk.HANDLERS,
            *shared.HANDLERS,
            *care.HANDLERS,
            *door.HANDLERS,
            *record.HANDLERS,
            *settings.HANDLERS,
            *policy.HANDLERS,
            *lessons.HANDLERS,
            *numbers.HANDLERS,
            *alerts.HANDLERS,
            *campaigns.HANDLERS,
            *desk_people.HANDLERS,
            *account.HANDLERS,
            *sites.HANDLERS,
            *passkeys.HANDLERS,
            *desk_law.HANDLERS,
            *plumbing.HANDLERS,
            *health.HANDLERS,
        ],
        include_in_schema=False,
    )
    return Litestar(
        route_handlers=[programs, people],
        dependencies=PROVIDERS,
        exception_handlers={
            Refused: on_refused,
            HTTPException: on_http,
            UnicodeDecodeError: on_undecodable,
            Exception: on_error,
        },
        state=State({"services": services}),
        request_max_body_size=_LARGEST_BODY,
        openapi_config=OpenAPIConfig(
            title="Belowline",
            version="1",
            path="/openapi",
            render_plugins=[JsonRenderPlugin(path="/v1.json")],
            use_handler_docstrings=True,
        ),
        response_cache_config=ResponseCacheConfig(default_expiration=None),
        logging_config=None,
        debug=False,
    )


def _ready_first(application: ASGIApp, hot: Hot, access_log: bool) -> ASGIApp:
    """Gives what is ready before anything else is done for a request."""

    async def ready_first(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            asked = _question(scope)
            ready = hot.find(asked) or await hot.soon(asked)
            if ready is not None:
                await _give(send, ready)
                if access_log:
                    logs.access("GET", scope["raw_path"], ready.status, len(ready.body), 0)
                return
        await application(scope, receive, send)

    return ready_first


def _surrounded(application: ASGIApp, services: Services) -> ASGIApp:
    """Adds what every answer bears, answers preflights, and keeps slashes inside story keys."""

    async def surrounded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await application(scope, receive, send)
            return
        _keep_slashes(scope)
        extra = [*SECURITY_HEADERS, _UNLESS_IT_SAYS]
        if scope["path"].startswith(_FOR_OTHERS):
            origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
            extra += services.cross_origin_headers(origin)
            if scope["method"] == "OPTIONS":
                await _preflight(send, [*extra, *_PREFLIGHT])
                return
        recorder = None
        if (asked := _question(scope)) is not None:
            recorder = Recorder(services.hot, asked, scope)

        # RFC 9110, 9.3.2: HEAD is answered as GET is, without the content.
        is_head = scope["method"] == HttpMethod.HEAD
        scope = cast(Scope, {**scope, "method": HttpMethod.GET}) if is_head else scope

        async def send_surrounded(message: Message) -> None:
            if message["type"] == "http.response.start":
                have = {name for name, _ in message["headers"]}
                missing = (pair for pair in extra if pair[0] not in have)
                message["headers"] = [*message["headers"], *missing]
            elif message["type"] == "http.response.body" and is_head:
                message["body"] = b""
            if recorder:
                recorder.saw(message)
            await send(message)

        try:
            await application(scope, receive, send_surrounded)
        finally:
            if recorder:
                recorder.close()

    return surrounded


def _keep_slashes(scope: Scope) -> None:
    raw: bytes = scope.get("raw_path") or b""
    if b"%2f" in raw.lower():
        path = raw.split(b"?")[0].decode("latin-1")
        scope["path"] = "/".join(
            unquote(segment).replace("/", SLASH) for segment in path.split("/")
        )


def _question(scope: HTTPScope) -> Question | None:
    if scope["method"] != HttpMethod.GET:
        return None
    query = scope["query_string"]
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    return question(scope["scheme"].encode(), target, scope["headers"])


async def _give(send: Send, ready: Ready) -> None:
    await send({"type": "http.response.start", "status": ready.status, "headers": ready.headers})
    await send({"type": "http.response.body", "body": ready.body, "more_body": False})


async def _preflight(send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
