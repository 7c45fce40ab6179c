"""Coming to the desk by a one-time link, and leaving it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery

from belowline.actions import accounts, people
from belowline.domain.errors import Refused
from belowline.web.answers import see_other
from belowline.web.asking import STAFF_COOKIE, Asking, Asks
from belowline.web.desk.frame import door

_MONTH = 30 * 24 * 3600


@get("/desk/enter")
async def enter(asking: Asks, token: FromQuery[str] = "") -> Response[Any]:
    """Trades the link for a session. A browser that only looks ahead does not use it up."""
    purpose = asking.request.headers.get("sec-purpose", "")
    if "prefetch" in purpose or "prerender" in purpose:
        raise Refused("unavailable")
    try:
        agent = asking.request.headers.get("user-agent", "")
        session = await people.enter(asking.services.site, token, agent)
    except Refused as refused:
        return door(asking, refused)
    waiting = await accounts.pending(asking.services.site, session)
    further = "/desk/sign-in" if waiting and waiting.has_factor else "/desk/setup"
    return see_other(asking, further if waiting else "/desk", [session_cookie(asking, session)])


@post("/desk/leave", status_code=303)
async def leave(asking: Asks) -> Response[Any]:
    """Ends the session."""
    await asking.acting()
    await people.leave(asking.services.site, asking.token)
    return see_other(asking, "/", [_session(asking, "", 0)])


def session_cookie(asking: Asking, session: str) -> Cookie:
    """The cookie of somebody who is signed in, or has to prove themselves yet."""
    return _session(asking, session, _MONTH)


def _session(asking: Asking, value: str, life: int) -> Cookie:
    return Cookie(
        STAFF_COOKIE,
        value=value,
        path="/",
        max_age=life,
        httponly=True,
        secure=asking.base_url.startswith("https:"),
        samesite="lax",
    )


HANDLERS = [enter, leave]
