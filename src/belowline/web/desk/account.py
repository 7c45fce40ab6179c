"""Coming in with a password and a code, one's own account, and who works here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import accounts
from belowline.domain.errors import Refused
from belowline.domain.secondfactor import SHORTEST_PASSWORD, address
from belowline.domain.users import STAFF, Thing, User, may
from belowline.render import link
from belowline.render.codes import drawn
from belowline.render.office import render_office
from belowline.signin.passwords import new_totp_secret
from belowline.web.answers import private, see_other
from belowline.web.asking import STAFF_COOKIE, Asking, Asks
from belowline.web.desk.door import session_cookie
from belowline.web.desk.frame import (
    NOTHING,
    Form,
    admitted,
    back,
    door,
    problem_of,
    shown,
    status_of,
    surroundings,
)
from belowline.web.parse import user_number

_TRIES = 6  # a minute, for an address and for a name


@get("/desk/sign-in")
async def sign_in_form(asking: Asks) -> Response[Any]:
    """The door for those who have a password."""
    return await _sign_in_form(asking, "")


@post("/desk/sign-in", status_code=303)
async def sign_in(asking: Asks, data: Form) -> Response[Any]:
    """Name, password and code; or, after a link, password and code."""
    name, password, code = (data.get(key, "") for key in ("name", "password", "code"))
    site = asking.services.site
    try:
        asking.demand_own_origin()
        waiting = await _pending(asking)
        asking.keep_pace_of("sign-in", waiting.user.name if waiting else name, _TRIES)
        if waiting is not None:
            await accounts.confirm(site, _cookie(asking), password, code)
            return back(asking, "/desk")
        agent = asking.request.headers.get("user-agent", "")
        session = await accounts.sign_in(site, name, password, code, agent)
    except Refused as refused:
        return await _sign_in_form(asking, name, refused)
    return see_other(asking, link("/desk", surroundings(asking)), [session_cookie(asking, session)])


@get("/desk/setup")
async def setup_form(asking: Asks) -> Response[Any]:
    """Password and second factor, for whoever came by a link or is signed in."""
    return await _setup_form(asking, new_totp_secret())


@post("/desk/setup")
async def set_up(asking: Asks, data: Form) -> Response[Any]:
    """Sets both and shows the recovery codes, once."""
    secret = data.get("secret", "")
    try:
        asking.demand_own_origin()
        asking.keep_pace("setup", _TRIES)
        user = await _to_set_up(asking)
        if not isinstance(user, User):
            return user
        if not secret.isalnum() or len(secret) != 32:
            secret = new_totp_secret()
        codes = await accounts.set_up(
            asking.services.site,
            user,
            _cookie(asking),
            data.get("password", ""),
            secret,
            data.get("code", ""),
        )
    except Refused as refused:
        return await _setup_form(asking, secret, refused)
    return _bare(asking, "codes", codes=codes)


@get("/desk/account")
async def the_account(asking: Asks, said: FromQuery[str] = "") -> Response[Any]:
    """One's own account."""
    return await shown_account(asking, said=said)


@post("/desk/account/sessions", status_code=303)
async def end_session(asking: Asks, data: Form) -> Response[Any]:
    """One of one's own browsers signed out."""
    try:
        asking.must()
        user = await asking.acting()
        await accounts.end_session(asking.services.site, user, data.get("session", ""))
    except Refused as refused:
        return await shown_account(asking, refused=refused)
    return back(asking, "/desk/account", said="ended")


@post("/desk/account/codes")
async def new_codes(asking: Asks) -> Response[Any]:
    """New recovery codes, shown once."""
    asking.must()
    user = await asking.acting()
    codes = await accounts.new_codes(asking.services.site, user)
    return _bare(asking, "codes", codes=codes)


@get("/desk/staff")
async def the_staff(asking: Asks, said: FromQuery[str] = "") -> Response[Any]:
    """Who works here: administrators."""
    return await _staff(asking, said=said)


@post("/desk/staff")
async def invite(asking: Asks, data: Form) -> Response[Any]:
    """A link for somebody, shown once."""
    try:
        asking.must()
        by = await asking.acting()
        token = await accounts.invite(
            asking.services.site, by, data.get("name", ""), data.get("role", "")
        )
    except Refused as refused:
        return await _staff(asking, refused=refused, typed=data)
    base = asking.services.settings.base_url.rstrip("/") or asking.base_url
    return await _staff(asking, made=f"{base}/desk/enter?token={token}", typed=data)


@post("/desk/staff/{user:str}/role", status_code=303)
async def change_role(asking: Asks, user: FromPath[str], data: Form) -> Response[Any]:
    """Another role, or none."""
    try:
        asking.must()
        by = await asking.acting()
        number = user_number(user)
        await accounts.change_role(asking.services.site, by, number, data.get("role", ""))
    except Refused as refused:
        return await _staff(asking, refused=refused)
    return back(asking, "/desk/staff", said="role")


@post("/desk/staff/{user:str}/reset", status_code=303)
async def reset(asking: Asks, user: FromPath[str]) -> Response[Any]:
    """Password and second factor taken away, so that a new link can be sent."""
    try:
        asking.must()
        by = await asking.acting()
        await accounts.reset(asking.services.site, by, user_number(user))
    except Refused as refused:
        return await _staff(asking, refused=refused)
    return back(asking, "/desk/staff", said="reset")


HANDLERS = [
    sign_in_form,
    sign_in,
    setup_form,
    set_up,
    the_account,
    end_session,
    new_codes,
    the_staff,
    invite,
    change_role,
    reset,
]


async def _sign_in_form(asking: Asking, name: str, refused: Refused | None = None) -> Response[Any]:
    waiting = await _pending(asking)
    return _bare(asking, "signin", refused, typed=name, waiting=waiting)


async def _setup_form(asking: Asking, secret: str, refused: Refused | None = None) -> Response[Any]:
    user = await _to_set_up(asking)
    if not isinstance(user, User):
        return user
    uri = address(secret, user.name, asking.services.settings.site_name)
    return _bare(
        asking,
        "setup",
        refused,
        secret=secret,
        uri=uri,
        qr=drawn(uri),
        user=user,
        least=SHORTEST_PASSWORD,
    )


async def _to_set_up(asking: Asking) -> User | Response[Any]:
    """Who may choose a password now, or the page for whoever has to come in first."""
    waiting = await _pending(asking)
    user = admitted(asking) if waiting is None else waiting.user
    if user is None:
        return door(asking)
    if waiting is not None and waiting.has_factor:
        return await _sign_in_form(asking, user.name)
    return user


async def shown_account(
    asking: Asking, *, said: str = "", refused: Refused | None = None
) -> Response[Any]:
    """One's own account, after something was done or ``refused``."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    view = await accounts.account(asking.services.site, user, asking.token)
    return shown(asking, "account", "/desk/account", refused, view=view, told=said)


async def _staff(
    asking: Asking,
    *,
    said: str = "",
    made: str = "",
    refused: Refused | None = None,
    typed: Mapping[str, str] = NOTHING,
) -> Response[Any]:
    """Who works here; ``typed`` is the invitation that was ``made`` or refused."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    if not may(user, "manage_staff", Thing()):
        raise Refused("not_allowed")
    found = await accounts.members(asking.services.site, user)
    return shown(
        asking,
        "staff",
        "/desk/staff",
        refused,
        members=found,
        me=user.id,
        made=made,
        typed=typed,
        told=said,
        roles=STAFF,
    )


async def _pending(asking: Asking) -> accounts.Pending | None:
    token = _cookie(asking)
    return await accounts.pending(asking.services.site, token) if token else None


def _cookie(asking: Asking) -> str:
    return asking.request.cookies.get(STAFF_COOKIE, "")


def _bare(
    asking: Asking, name: str, refused: Refused | None = None, **values: Any
) -> Response[Any]:
    """A page before the door: nobody is signed in on it yet."""
    page = surroundings(asking)
    body = render_office(name, page, problem=problem_of(refused, page), **values)
    return private(asking, body, status=status_of(refused))
