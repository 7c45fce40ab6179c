"""Telling staff that the queue needs somebody: by mail, webhooks and web push, from an outbox.

What is to be told is decided and put into the outbox in one transaction; then it is sent in
threads and taken out, or tried again. Never a word of a comment is in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import smtplib
from datetime import timedelta, tzinfo

import msgspec
import structlog

from belowline.actions import record
from belowline.actions.site import Site
from belowline.domain import ids
from belowline.domain.alerts import (
    AGAIN,
    RETRIES,
    Alert,
    demand_when,
    is_due,
    is_needed,
    target_of,
)
from belowline.domain.errors import Refused
from belowline.domain.stories import Story
from belowline.domain.users import CONFINED, Thing, User, demand
from belowline.notifiers import mail, push, webhook
from belowline.notifiers.mail import MailServer
from belowline.render.alerts import Needs, noted, tested, told
from belowline.storage import alerts, sites
from belowline.storage.alerts import Outgoing
from belowline.storage.engine import Connection

_DESK = "/desk"
_LEASE = timedelta(minutes=2)
_AT_ONCE = 20
MOST = 20
"""Alerts of one user."""
_TEST_LIFE = timedelta(minutes=5)
_log = structlog.get_logger(__name__)


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """How alerts leave the site: its name, address and language, and the mail server, if any.

    ``key`` signs the links that stop them; ``zone`` is that of quiet hours; ``allowed`` are hosts
    inside the own network that webhooks may go to; ``push`` is who browsers are told by.
    """

    site_name: str
    address: str
    language: str
    zone: tzinfo
    key: str
    mail: MailServer | None = None
    push: push.Sender | None = None
    allowed: tuple[str, ...] = ()


async def mine(site: Site, user: User) -> list[Alert]:
    """The user's alerts. Raises Refused("not_allowed") to readers."""
    demand(user, "moderate", CONFINED)
    return await site.storage.read(lambda connection: alerts.of_user(connection, user.id))


async def add(
    site: Site,
    user: User,
    *,
    kind: str,
    target: str,
    waiting: int,
    minutes: int,
    quiet_from: int,
    quiet_until: int,
    attacks: bool = False,
) -> Alert:
    """A new alert, which tells of the sites that the user works for. Web addresses are for those
    who may change the policy.

    With ``attacks`` it is told of nothing but discussions that were tightened by themselves.

    Raises Refused: not_allowed, alert_target, alert_when, alert_many.
    """
    if kind == "mail":
        demand(user, "moderate", CONFINED)
    else:
        demand(user, "change_policy", Thing())
    waiting, minutes = demand_when(waiting, minutes, attacks=attacks)
    now = site.now()
    alert = Alert(
        id=ids.new_id(now),
        user=user.id,
        kind=kind,
        target=target_of(kind, target),
        secret=secrets.token_urlsafe(32),
        waiting=waiting,
        minutes=minutes,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        told_at=None,
        created_at=now,
    )

    def write(connection: Connection) -> Alert:
        if len(alerts.of_user(connection, user.id)) >= MOST:
            raise Refused("alert_many", limit=MOST)
        alerts.add(connection, alert)
        record.note(connection, user, "alert_set", now, detail=kind)
        return alert

    return await site.storage.write(write)


async def remove(site: Site, user: User, number: int) -> None:
    """Ends one of the user's own alerts. Raises Refused: not_allowed, alert_unknown."""
    demand(user, "moderate", CONFINED)

    def write(connection: Connection) -> None:
        found = alerts.get(connection, number)
        if found is None or found.user != user.id:
            raise Refused("alert_unknown")
        alerts.remove(connection, number)
        record.note(connection, user, "alert_ended", site.now(), detail=found.kind)

    await site.storage.write(write)


async def stop(site: Site, key: str, token: str) -> None:
    """Ends an alert by the link in it, without signing in; a second time changes nothing.

    Raises Refused("alert_unknown") for a link that is not ours.
    """
    number = _number(key, token)
    await site.storage.write(lambda connection: alerts.remove(connection, number))


def token_of(key: str, number: int) -> str:
    """What stands in the link that stops an alert."""
    name = ids.encode(number)
    signed = hmac.new(key.encode(), f"alert {name}".encode(), hashlib.sha256)
    return f"{name}{signed.hexdigest()[:32]}"


def _number(key: str, token: str) -> int:
    try:
        number = ids.decode(token[:13])
    except ValueError as error:
        raise Refused("alert_unknown") from error
    if not hmac.compare_digest(token.encode(), token_of(key, number).encode()):
        raise Refused("alert_unknown")
    return number


# -- the queue needs somebody ----------------------------------------------------------------


async def check(site: Site, zone: tzinfo) -> int:
    """Puts out what has to be told now; answers how many. Every process may do it at any time."""
    return await site.storage.write(lambda connection: _check(connection, site, zone))


def _check(connection: Connection, site: Site, zone: tzinfo) -> int:
    found = alerts.everyone(connection)
    if not found:
        return 0
    now = site.now()
    limits = sites.of_users(connection, {alert.user for alert in found})
    needs = {
        within: alerts.waiting(connection, within)
        for within in {limits.get(alert.user) for alert in found}
    }
    put_out = 0
    for alert in found:
        waiting = needs[limits.get(alert.user)]
        if is_due(alert, waiting, now, zone):
            if alerts.told(connection, alert, now):
                new = Outgoing(
                    id=ids.new_id(now),
                    alert=alert.id,
                    waiting=waiting.count,
                    minutes=waiting.minutes(now),
                    tries=0,
                    due_at=now,
                )
                alerts.put_out(connection, new)
                put_out += 1
        elif alert.told_at is not None and not is_needed(alert, waiting, now):
            alerts.told(connection, alert, None)
    return put_out


async def deliver(site: Site, ways: Ways) -> int:
    """Sends what is due; answers how many arrived. What fails is tried again later; the alert of a
    browser that takes no more is removed."""
    now = site.now()
    found = await site.storage.read(lambda connection: alerts.due(connection, now, _AT_ONCE))
    arrived = await asyncio.gather(*(_deliver_one(site, ways, one) for one in found))
    return sum(arrived)


async def _deliver_one(site: Site, ways: Ways, one: Outgoing) -> bool:
    def claim(connection: Connection) -> tuple[Alert | None, list[Story]]:
        claimed = alerts.claim(connection, one, site.now() + _LEASE)
        found = alerts.get(connection, one.alert) if claimed else None
        if found is None:
            return None, []
        tightened = alerts.tightened(connection, sites.of_user(connection, found.user))
        return found, [story for story, _ in tightened]

    alert, tightened = await site.storage.write(claim)
    if alert is None:
        return False
    try:
        await asyncio.to_thread(_send, site, ways, alert, one, tightened)
    except push.Gone:
        _log.info("alerts.browser_gone")
        await site.storage.write(lambda connection: alerts.remove(connection, alert.id))
        return False
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _log.warning("alerts.not_delivered", kind=alert.kind, error=type(error).__name__)
        await site.storage.write(lambda connection: _failed(connection, site, one))
        return False
    await site.storage.write(lambda connection: alerts.take_out(connection, one.id))
    return True


def _failed(connection: Connection, site: Site, one: Outgoing) -> None:
    if one.tries >= len(RETRIES):
        alerts.take_out(connection, one.id)
    else:
        alerts.postpone(connection, one.id, site.now() + RETRIES[one.tries])


def _send(site: Site, ways: Ways, alert: Alert, one: Outgoing, tightened: list[Story]) -> None:
    needs = Needs(
        waiting=one.waiting,
        minutes=one.minutes,
        tightened=tuple(story.title or story.key for story in tightened),
    )
    if alert.kind == "push":
        note = noted(ways.site_name, needs, to=_DESK, language=ways.language)
        _push(site, ways, alert, note, topic="queue", life=AGAIN, urgent=bool(tightened))
        return
    stop_at = f"{ways.address}/alerts/{token_of(ways.key, alert.id)}/stop"
    subject, text = told(
        ways.site_name, needs, desk=f"{ways.address}{_DESK}", stop=stop_at, language=ways.language
    )
    if alert.kind == "mail":
        if ways.mail is None:
            raise OSError("no mail server is set")
        mail.send(ways.mail, to=alert.target, subject=subject, text=text, stop=stop_at)
        return
    body: dict[str, object] = {"text": text}
    if alert.kind == "webhook":
        body = {
            "event": "queue.needs",
            "site": ways.site_name,
            "waiting": one.waiting,
            "oldest_minutes": one.minutes,
            "tightened": [{"story": story.key, "mode": story.mode} for story in tightened],
            "desk": f"{ways.address}{_DESK}",
            "stop": stop_at,
        }
    webhook.post(
        alert.target,
        msgspec.json.encode(body),
        secret=alert.secret,
        delivery=ids.encode(one.id),
        now=site.now(),
        allowed=ways.allowed,
    )


def send_test(site: Site, ways: Ways, alert: Alert) -> None:
    """Sends a test to a browser. Blocks; raises push.Gone, OSError or ValueError."""
    note = tested(ways.site_name, to=f"{_DESK}/alerts", language=ways.language)
    _push(site, ways, alert, note, topic="test", life=_TEST_LIFE, urgent=True)


def _push(
    site: Site,
    ways: Ways,
    alert: Alert,
    note: dict[str, str],
    *,
    topic: str,
    life: timedelta,
    urgent: bool,
) -> None:
    if ways.push is None:
        raise OSError("there is no key for web push")
    push.post(
        alert.target,
        msgspec.json.encode(note),
        keys=alert.secret,
        sender=ways.push,
        topic=topic,
        life=life,
        urgent=urgent,
        now=site.now(),
        allowed=ways.allowed,
    )
