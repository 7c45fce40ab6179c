"""Refusals as answers: problem+json for programs (RFC 9457), a page for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from belowline import logs
from belowline.domain.errors import Refused
from belowline.render import PageContext, negotiate, refusal, render_error
from belowline.render.refusals import refusal_shown
from belowline.render.views import ErrorView
from belowline.web.services import Services

PROBLEM = "application/problem+json"

STATUS: dict[str, int] = {
    "text_empty": 422,
    "text_too_long": 422,
    "text_characters": 422,
    "text_refused": 422,
    "name_empty": 422,
    "name_too_long": 422,
    "name_characters": 422,
    "name_link": 422,
    "name_reserved": 422,
    "name_taken": 409,
    "reason_unknown": 422,
    "note_too_long": 422,
    "story_unknown": 404,
    "story_key": 404,
    "story_mode": 422,
    "story_slow": 422,
    "story_days": 422,
    "site_unknown": 404,
    "site_key": 422,
    "site_name": 422,
    "site_address": 422,
    "site_taken": 409,
    "site_many": 409,
    "policy_unknown": 404,
    "alert_unknown": 404,
    "alert_target": 422,
    "alert_when": 422,
    "alert_hours": 422,
    "alert_many": 422,
    "alert_browser": 422,
    "alert_gone": 410,
    "alert_unsent": 502,
    "rehearsal_unknown": 404,
    "policy_rules": 422,
    "policy_number": 422,
    "policy_list": 422,
    "policy_pair": 422,
    "story_url": 422,
    "comment_unknown": 404,
    "campaign_unknown": 404,
    "user_unknown": 404,
    "decision_unknown": 404,
    "measure_unknown": 404,
    "measure_length": 422,
    "statement_unknown": 404,
    "notice_unknown": 404,
    "parent_unknown": 409,
    "order_unknown": 400,
    "filter_bad": 404,
    "cursor_bad": 404,
    "closed": 403,
    "desk_nameless": 403,
    "banned": 403,
    "not_allowed": 403,
    "sign_in": 401,
    "sign_in_wrong": 401,
    "code_wrong": 422,
    "password_weak": 422,
    "passkey_wrong": 401,
    "passkey_doubted": 401,
    "passkey_unknown": 404,
    "passkey_last": 409,
    "passkey_many": 422,
    "session_unknown": 404,
    "role_unknown": 422,
    "link_used": 410,
    "token_bad": 401,
    "edit_window": 403,
    "withdrawn": 409,
    "own_comment": 403,
    "not_published": 409,
    "outdated": 409,
    "decided_meanwhile": 409,
    "locked": 409,
    "already_decided": 409,
    "appeal_made": 409,
    "appeal_late": 409,
    "appeal_yours": 403,
    "appeal_early": 409,
    "notice_address": 422,
    "notice_email": 422,
    "notice_sure": 422,
    "key_reused": 409,
    "key_bad": 400,
    "too_soon": 429,
    "proof_wanted": 403,
    "too_fast": 429,
    "foreign_origin": 403,
    "body_bad": 400,
    "body_too_large": 413,
    "media_type": 415,
    "not_found": 404,
    "method": 405,
    "internal": 500,
    "unavailable": 503,
}
"""Code of a refusal -> HTTP status. Every code of `SENTENCES` has one; a test compares."""

RETRY_AFTER = "5"
"""Seconds after which what is unavailable may be there again."""

_BY_STATUS = {
    400: "body_bad",
    401: "sign_in",
    403: "not_allowed",
    404: "not_found",
    405: "method",
    413: "body_too_large",
    415: "media_type",
    429: "too_fast",
}
_READING = ("GET", "HEAD")
_log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal as RFC 9457 has it. ``code`` is stable; ``field`` names what is to blame.

    ``statement`` is where it is explained what stops whoever is ``banned``, and how to object;
    ``challenge`` is the work that ``proof_wanted`` asks for; ``request_id`` is the one under which
    the log knows of it.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str = ""
    request_id: str = ""
    statement: str = ""
    challenge: dict[str, Any] | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What a form brought, kept until it is stored, and the cookies that make its sender known."""

    fields: dict[str, str]
    cookies: Callable[[], list[Cookie]]


class TooFast(Refused):
    """Refused("too_fast") with the seconds after which it may be tried again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too_fast")
        self.seconds = seconds


class ProofWanted(Refused):
    """Refused("proof_wanted") with the challenge to solve."""

    def __init__(self, challenge: dict[str, Any]) -> None:
        super().__init__("proof_wanted")
        self.challenge = challenge


def on_refused(request: Request[Any, Any, Any], refused: Refused) -> Response[Any]:
    """What was asked is not done."""
    return _answer(request, refused)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework itself refuses: unknown addresses, methods, bodies that do not fit."""
    code = _BY_STATUS.get(error.status_code, "body_bad" if error.status_code < 500 else "internal")
    values = {"why": _why(error)} if code == "body_bad" else {}
    answer = _answer(request, Refused(code, **values))
    if error.headers:
        answer.headers.update({name: value for name, value in error.headers.items() if value})
    return answer


def on_undecodable(request: Request[Any, Any, Any], error: UnicodeDecodeError) -> Response[Any]:
    """A body that is not UTF-8, which the framework lets through as a fault."""
    return _answer(request, Refused("body_bad", why="it is not UTF-8"))


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of ours: noted with its trace, told without it."""
    path: bytes = request.scope["raw_path"]
    _log.error("web.failed", path=logs.shown_path(path), exc_info=error)
    return _answer(request, Refused("internal"))


def sentence(refused: Refused, language: str) -> str:
    """What is said to a person."""
    return refusal(refused.code, language, **refused.values)


def shown(refused: Refused, page: PageContext) -> str:
    """What is said to a person in a page."""
    return refusal_shown(refused.code, page, **refused.values)


def _answer(request: Request[Any, Any, Any], refused: Refused) -> Response[Any]:
    status = STATUS[refused.code]
    if refused.code == "unavailable" and request.method in _READING:
        refused = Refused("unavailable", wanted="to read")
    headers = {"Cache-Control": "no-store"}
    if isinstance(refused, TooFast):
        headers["Retry-After"] = str(refused.seconds)
    elif isinstance(wait := refused.values.get("wait"), timedelta):
        headers["Retry-After"] = str(int(wait.total_seconds()))
    elif status == 503:
        headers["Retry-After"] = RETRY_AFTER
    elif status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if _is_for_people(request):
        return _page(request, refused, status, headers)
    return problem(refused, negotiate(request.headers.get("accept-language")), headers)


def problem(refused: Refused, language: str, headers: dict[str, str]) -> Response[Any]:
    """The refusal for a program."""
    said = Problem(
        type=f"urn:belowline:problem:{refused.code}",
        title=refused.code.replace("_", " "),
        status=STATUS[refused.code],
        code=refused.code,
        detail=sentence(refused, language),
        field=refused.field,
        request_id=logs.request_id.get(),
        statement=str(refused.values.get("link", "")),
        challenge=refused.challenge if isinstance(refused, ProofWanted) else None,
    )
    return Response(
        msgspec.json.encode(said), status_code=said.status, media_type=PROBLEM, headers=headers
    )


def _page(
    request: Request[Any, Any, Any], refused: Refused, status: int, headers: dict[str, str]
) -> Response[Any]:
    services: Services = request.app.state.services
    language = services.language(request.query_params.get("lang", ""))
    page = services.page(language, path=request.url.path, base_url=str(request.base_url)[:-1])
    sent: Sent | None = request.state.get("sent") if refused.code == "unavailable" else None
    view = ErrorView(
        status=status,
        detail=shown(refused, page),
        again=_address(request) if sent else "",
        fields=tuple(sent.fields.items()) if sent else (),
        request_id=logs.request_id.get() if status >= 500 else "",
    )
    return Response(
        render_error(view, page),
        status_code=status,
        media_type=MediaType.HTML,
        headers=headers,
        cookies=sent.cookies() if sent else None,
    )


def _address(request: Request[Any, Any, Any]) -> str:
    url = request.url
    return f"{url.path}?{url.query}" if url.query else url.path


def _is_for_people(request: Request[Any, Any, Any]) -> bool:
    if request.headers.get("accept") == "application/json":  # the desk's scripts say so
        return False
    path: str = request.scope["path"]
    return not path.startswith(("/api/", "/fragments/", "/openapi", "/metrics"))


def _why(error: HTTPException) -> str:
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        key, message = extra[0].get("key", ""), extra[0].get("message", "")
        return f"{key}: {message}" if key else str(message)
    return str(error.detail)
