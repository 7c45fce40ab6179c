"""Staff's browsers that are told by web push: one is added in itself, and ends with its session."""

from __future__ import annotations

import asyncio

import msgspec

from belowline.actions import alerts as telling
from belowline.actions import record
from belowline.actions.accounts import LONGEST_AGENT
from belowline.actions.alerts import MOST, Ways
from belowline.actions.site import Site
from belowline.domain import ids
from belowline.domain.alerts import Alert, browser_target, demand_when
from belowline.domain.errors import Refused
from belowline.domain.users import CONFINED, User, demand
from belowline.notifiers import push, sealed
from belowline.signin import links
from belowline.storage import alerts, browsers, meta, users
from belowline.storage.engine import Connection

_KEY = "push_key"


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser says of itself: its address at its push service and its keys, base64url.

    ``agent`` is its User-Agent header, ``token`` that of the session that it is signed in with.
    """

    endpoint: str
    p256dh: str
    auth: str
    agent: str
    token: str


def key(connection: Connection) -> str:
    """The site's own key for web push, made the first time. Browsers forget who changes it."""
    return meta.once(connection, _KEY, push.new_key)


async def add(
    site: Site,
    user: User,
    browser: Browser,
    *,
    waiting: int,
    minutes: int,
    quiet_from: int,
    quiet_until: int,
    attacks: bool = False,
) -> Alert:
    """An alert in the browser that asks, in place of one that it had, whosever that was.

    Raises Refused: not_allowed, sign_in, alert_browser, alert_when, alert_many.
    """
    demand(user, "moderate", CONFINED)
    waiting, minutes = demand_when(waiting, minutes, attacks=attacks)
    alert = msgspec.structs.replace(
        _alert(site, user, browser),
        waiting=waiting,
        minutes=minutes,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
    )

    def write(connection: Connection) -> Alert:
        _demand_signed_in(connection, site, user, alert)
        before = browsers.alert_of(connection, alert.target)
        if before is not None:
            alerts.remove(connection, before[0])
        if len(alerts.of_user(connection, user.id)) >= MOST:
            raise Refused("alert_many", limit=MOST)
        alerts.add(connection, alert)
        record.note(connection, user, "alert_set", alert.created_at, detail="push")
        return alert

    return await site.storage.write(write)


async def renew(site: Site, user: User, was: str, browser: Browser) -> None:
    """The browser that was at the address ``was`` has another one, other keys or a new session.

    Raises Refused: not_allowed, sign_in, alert_browser, alert_unknown.
    """
    demand(user, "moderate", CONFINED)
    new = _alert(site, user, browser)

    def write(connection: Connection) -> None:
        _demand_signed_in(connection, site, user, new)
        before = browsers.alert_of(connection, was)
        if before is None or before[1] != user.id:
            raise Refused("alert_unknown")
        there = browsers.alert_of(connection, new.target)
        if there is not None and there != before:
            alerts.remove(connection, there[0])
        browsers.renew(connection, before[0], new)

    await site.storage.write(write)


async def test(site: Site, user: User, ways: Ways, number: int) -> None:
    """Sends a test to one of the user's own browsers, quiet hours or not.

    Raises Refused: not_allowed, alert_unknown, alert_gone (it is removed then), alert_unsent.
    """
    demand(user, "moderate", CONFINED)
    alert = await site.storage.read(lambda connection: alerts.get(connection, number))
    if alert is None or alert.user != user.id or alert.kind != "push":
        raise Refused("alert_unknown")
    try:
        await asyncio.to_thread(telling.send_test, site, ways, alert)
    except push.Gone as error:
        await site.storage.write(lambda connection: alerts.remove(connection, number))
        raise Refused("alert_gone") from error
    except (OSError, ValueError) as error:
        raise Refused("alert_unsent") from error


def _alert(site: Site, user: User, browser: Browser) -> Alert:
    """An alert in the browser, for nothing yet."""
    try:
        sealed.reader(browser.p256dh, browser.auth)
    except ValueError as error:
        raise Refused("alert_browser") from error
    now = site.now()
    return Alert(
        id=ids.new_id(now),
        user=user.id,
        kind="push",
        target=browser_target(browser.endpoint),
        secret=f"{browser.p256dh}.{browser.auth}",
        waiting=0,
        minutes=0,
        quiet_from=0,
        quiet_until=0,
        told_at=None,
        created_at=now,
        agent=browser.agent[:LONGEST_AGENT],
        session=links.hashed(browser.token),
    )


def _demand_signed_in(connection: Connection, site: Site, user: User, alert: Alert) -> None:
    """Or what comes just after the browser was signed out would stay for ever."""
    member = users.by_session(connection, alert.session, site.now())
    if member is None or member.id != user.id:
        raise Refused("sign_in")
