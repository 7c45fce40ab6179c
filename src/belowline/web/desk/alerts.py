"""Staff's alerts: the desk's page of them, browsers among them, and stopping one by its link."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import alerts, browsers
from belowline.actions.browsers import Browser
from belowline.domain import ids
from belowline.domain.alerts import minute_of_day
from belowline.domain.errors import Refused
from belowline.domain.users import Thing, User, may
from belowline.notifiers.push import public_key
from belowline.render import link
from belowline.render.alerts import AlertsView, render_alerts, render_stopped
from belowline.signin import links
from belowline.web.answers import JSON, private
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import (
    Form,
    admitted,
    back,
    door,
    problem_of,
    status_of,
    surroundings,
)
from belowline.web.parse import alert_number, whole

_PATH = "/desk/alerts"
_WRONG = ("alert_target", "alert_when", "alert_hours", "alert_many")
_UNSENT = ("alert_gone", "alert_unsent")
_TESTS = 6  # a minute


@get(_PATH)
async def mine(asking: Asks, said: FromQuery[str] = "") -> Response[Any]:
    """One's own alerts."""
    user = admitted(asking)
    return door(asking) if user is None else await _page(asking, user, told=said)


@post(_PATH, status_code=303)
async def add(asking: Asks, data: Form) -> Response[Any]:
    """Another alert from the form."""
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    try:
        await alerts.add(
            asking.services.site,
            user,
            kind=data.get("kind", ""),
            target=data.get("target", ""),
            **_when(data),
        )
    except Refused as refused:
        if refused.code not in _WRONG:
            raise
        return await _page(asking, user, refused, data)
    return back(asking, _PATH)


@post("/desk/alerts/browsers", status_code=200)
async def add_browser(asking: Asks, data: Form) -> Response[Any]:
    """An alert in the browser that asks; told to the page's script, where to go on."""
    asking.must()
    user = await asking.acting()
    await browsers.add(asking.services.site, user, _browser(asking, data), **_when(data))
    return _json(asking, {"to": link(_PATH, surroundings(asking), said="browser")})


@post("/desk/alerts/browsers/renew", status_code=200)
async def renew_browser(asking: Asks, data: Form) -> Response[Any]:
    """A browser that is told already has another address, other keys or a new session."""
    asking.must()
    user = await asking.acting()
    was = data.get("was", "")
    await browsers.renew(asking.services.site, user, was, _browser(asking, data))
    return _json(asking, {})


@post("/desk/alerts/{alert:str}/test", status_code=303)
async def test(asking: Asks, alert: FromPath[str]) -> Response[Any]:
    """Sends a test to one of one's own browsers."""
    asking.must()
    user = await asking.acting()
    asking.keep_pace_of("alert test", user.name, _TESTS)
    services = asking.services
    ways = services.ways(asking.base_url)
    try:
        await browsers.test(services.site, user, ways, alert_number(alert))
    except Refused as refused:
        if refused.code not in _UNSENT:
            raise
        return await _page(asking, user, refused)
    return back(asking, _PATH, said="tested")


@post("/desk/alerts/{alert:str}/stop", status_code=303)
async def remove(asking: Asks, alert: FromPath[str]) -> Response[Any]:
    """Ends one of one's own."""
    asking.must()
    user = await asking.acting()
    await alerts.remove(asking.services.site, user, alert_number(alert))
    return back(asking, _PATH)


@get("/alerts/{token:str}/stop")
async def ask_to_stop(asking: Asks, token: FromPath[str]) -> Response[Any]:
    """Asks whether to stop; looking ahead, as mail programs do, stops nothing."""
    around = surroundings(asking, f"/alerts/{token}/stop")
    return private(asking, render_stopped(done=False, token=token, page=around))


@post("/alerts/{token:str}/stop", status_code=200)
async def stop(asking: Asks, token: FromPath[str]) -> Response[Any]:
    """Stops it: the button of that page, or a mail program's own (RFC 8058)."""
    services = asking.services
    await alerts.stop(services.site, services.signing_key, token)
    around = surroundings(asking, f"/alerts/{token}/stop")
    return private(asking, render_stopped(done=True, token=token, page=around))


HANDLERS = [mine, add, add_browser, renew_browser, test, remove, ask_to_stop, stop]


async def _page(
    asking: Asking,
    user: User,
    refused: Refused | None = None,
    sent: dict[str, str] | None = None,
    told: str = "",
) -> Response[Any]:
    around = surroundings(asking, _PATH)
    found = await alerts.mine(asking.services.site, user)
    view = AlertsView(
        alerts=tuple((ids.encode(one.id), one) for one in found),
        with_web=may(user, "change_policy", Thing()),
        with_mail=bool(asking.services.settings.smtp_host),
        push_key=public_key(asking.services.push_key),
        session=links.hashed(asking.token),
        problem=problem_of(refused, around),
        told=told,
        sent=dict.fromkeys(_FIELDS, "") | (sent or {}),
    )
    return private(asking, render_alerts(view, around), status=status_of(refused))


_FIELDS = ("kind", "occasion", "target", "waiting", "minutes", "quiet_from", "quiet_until")


def _when(data: dict[str, str]) -> dict[str, Any]:
    return {
        "waiting": whole(data.get("waiting", "")),
        "minutes": whole(data.get("minutes", "")),
        "quiet_from": minute_of_day(data.get("quiet_from", "")),
        "quiet_until": minute_of_day(data.get("quiet_until", "")),
        "attacks": data.get("occasion") == "attacks",
    }


def _browser(asking: Asking, data: dict[str, str]) -> Browser:
    return Browser(
        endpoint=data.get("endpoint", ""),
        p256dh=data.get("p256dh", ""),
        auth=data.get("auth", ""),
        agent=asking.request.headers.get("user-agent", ""),
        token=asking.token,
    )


def _json(asking: Asking, said: dict[str, str]) -> Response[Any]:
    return private(asking, msgspec.json.encode(said), media_type=JSON)
