"""Passkeys: the questions for browsers and their answers, told to the page's script as JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, post
from litestar.datastructures import Cookie

from belowline.actions import accounts, passkeys
from belowline.domain.errors import Refused
from belowline.domain.users import User
from belowline.render import link
from belowline.signin.passkeys import Place, place
from belowline.web.answers import JSON, private
from belowline.web.asking import STAFF_COOKIE, Asking, Asks
from belowline.web.desk.account import shown_account
from belowline.web.desk.door import session_cookie
from belowline.web.desk.frame import Form, back, surroundings

_TRIES = 12  # a minute for an address: a question and an answer make one


@post("/desk/passkeys/new", status_code=200)
async def ask_for_new(asking: Asks) -> Response[Any]:
    """What the browser is asked for a new passkey."""
    asking.demand_own_origin()
    user = await _owner(asking)
    services = asking.services
    question = await passkeys.ask_for_new(
        services.site, user, _place(asking), services.settings.site_name
    )
    return private(asking, question.encode(), media_type=JSON)


@post("/desk/passkeys", status_code=200)
async def add(asking: Asks, data: Form) -> Response[Any]:
    """The new passkey is kept."""
    asking.demand_own_origin()
    asking.keep_pace("passkey", _TRIES)
    user = await _owner(asking)
    token = asking.request.cookies.get(STAFF_COOKIE, "")
    await passkeys.add(
        asking.services.site,
        user,
        token,
        data.get("answer", ""),
        data.get("name", ""),
        _place(asking),
    )
    return _further(asking, link("/desk/account", surroundings(asking), said="key"))


@post("/desk/passkeys/ask", status_code=200)
async def ask_to_sign_in(asking: Asks) -> Response[Any]:
    """What the browser of whoever signs in is asked."""
    asking.demand_own_origin()
    asking.keep_pace("passkey", _TRIES)
    question = await passkeys.ask_to_sign_in(asking.services.site, _place(asking))
    return private(asking, question.encode(), media_type=JSON)


@post("/desk/passkeys/sign-in", status_code=200)
async def sign_in(asking: Asks, data: Form) -> Response[Any]:
    """Coming in with a passkey."""
    asking.demand_own_origin()
    asking.keep_pace("passkey", _TRIES)
    agent = asking.request.headers.get("user-agent", "")
    session = await passkeys.sign_in(
        asking.services.site, data.get("answer", ""), _place(asking), agent
    )
    return _further(asking, link("/desk", surroundings(asking)), session_cookie(asking, session))


@post("/desk/account/passkeys", status_code=303)
async def remove(asking: Asks, data: Form) -> Response[Any]:
    """One of one's own passkeys removed."""
    try:
        asking.must()
        user = await asking.acting()
        await passkeys.remove(asking.services.site, user, data.get("passkey", ""))
    except Refused as refused:
        return await shown_account(asking, refused=refused)
    return back(asking, "/desk/account", said="keyless")


HANDLERS = [ask_for_new, add, ask_to_sign_in, sign_in, remove]


async def _owner(asking: Asking) -> User:
    """Whose passkey it will be: who is signed in, or came by a link and has nothing to prove yet.

    Raises Refused: sign_in.
    """
    token = asking.request.cookies.get(STAFF_COOKIE, "")
    waiting = await accounts.pending(asking.services.site, token) if token else None
    if waiting is None:
        return asking.must()
    if waiting.has_factor:
        raise Refused("sign_in")
    return waiting.user


def _place(asking: Asking) -> Place:
    return place(asking.services.settings.base_url or asking.base_url)


def _further(asking: Asking, to: str, *cookies: Cookie) -> Response[Any]:
    answer = private(asking, msgspec.json.encode({"to": to}), media_type=JSON)
    for one in cookies:
        answer.set_cookie(one)
    return answer
