"""Staff's alerts: the desk's page of them, and stopping one by its link."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from belowline.actions import alerts
from belowline.domain import ids
from belowline.domain.alerts import minute_of_day
from belowline.domain.errors import Refused
from belowline.domain.users import Thing, User, may
from belowline.render.alerts import AlertsView, render_alerts, render_stopped
from belowline.web.answers import private
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


@get(_PATH)
async def mine(asking: Asks) -> Response[Any]:
    """One's own alerts."""
    user = admitted(asking)
    return door(asking) if user is None else await _page(asking, user)


@post(_PATH, status_code=303)
async def add(asking: Asks, data: Form) -> Response[Any]:
    """Another alert from the form."""
    asking.must()
    user = await asking.acting()
    try:
        await alerts.add(
            asking.services.site,
            user,
            kind=data.get("kind", ""),
            target=data.get("target", ""),
            waiting=whole(data.get("waiting", "")),
            minutes=whole(data.get("minutes", "")),
            quiet_from=minute_of_day(data.get("quiet_from", "")),
            quiet_until=minute_of_day(data.get("quiet_until", "")),
            attacks=data.get("occasion") == "attacks",
        )
    except Refused as refused:
        if refused.code not in _WRONG:
            raise
        return await _page(asking, user, refused, data)
    return back(asking, _PATH)


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


HANDLERS = [mine, add, remove, ask_to_stop, stop]


async def _page(
    asking: Asking, user: User, refused: Refused | None = None, sent: dict[str, str] | None = None
) -> Response[Any]:
    around = surroundings(asking, _PATH)
    found = await alerts.mine(asking.services.site, user)
    view = AlertsView(
        alerts=tuple((ids.encode(one.id), one) for one in found),
        with_web=may(user, "change_policy", Thing()),
        with_mail=bool(asking.services.settings.smtp_host),
        problem=problem_of(refused, around),
        sent=dict.fromkeys(_FIELDS, "") | (sent or {}),
    )
    return private(asking, render_alerts(view, around), status=status_of(refused))


_FIELDS = ("kind", "occasion", "target", "waiting", "minutes", "quiet_from", "quiet_until")
