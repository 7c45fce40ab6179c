"""When staff are told that the queue needs somebody: pure, by the numbers and the clock."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

import msgspec

from belowline.domain.errors import Refused

KINDS = ("mail", "webhook", "slack", "push")
AGAIN = timedelta(hours=4)
"""After so long it is told once more, if still nobody came."""

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 600))
"""How long after each failure it is tried again; after the last it is given up."""

LONGEST_TARGET = 500
_LONGEST_ENDPOINT = 2_000  # addresses of push services hold tokens

_MAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+")
_WEB = re.compile(r"https?://[^\s/@?#]+[^\s]*")
_ENDPOINT = re.compile(r"https://[A-Za-z0-9.:\[\]-]+/[!-~]*")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell, how, and when.

    ``target`` is an address of mail or of the web. ``secret`` is what a webhook is signed with, or
    the keys of a browser, of which ``agent`` and ``session`` are the name and the session.

    It is told when ``waiting`` comments wait, the oldest has for ``minutes`` (0: never for that;
    both 0: for attacks alone), or a story was tightened by itself, but not in the quiet hours,
    which are minutes of the day and the same where there are none. ``told_at`` is when it last
    was, None since nobody was needed any more.
    """

    id: int
    user: int
    kind: str
    target: str
    secret: str
    waiting: int
    minutes: int
    quiet_from: int
    quiet_until: int
    told_at: datetime | None
    created_at: datetime
    agent: str = ""
    session: str = ""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits now: how many comments, and since when the oldest, None when none does.

    ``broke`` is since when the story is tightened that was tightened last, None when none is.
    """

    count: int
    oldest: datetime | None
    broke: datetime | None = None

    def minutes(self, now: datetime) -> int:
        """For how many whole minutes the oldest has been waiting."""
        return 0 if self.oldest is None else max(0, int((now - self.oldest).total_seconds() // 60))


def is_needed(alert: Alert, waiting: Waiting, now: datetime) -> bool:
    """Whether the queue is as long or as old as the alert says, or a story is tightened."""
    many = bool(alert.waiting) and waiting.count >= alert.waiting
    old = bool(alert.minutes) and waiting.count > 0 and waiting.minutes(now) >= alert.minutes
    return many or old or waiting.broke is not None


def is_due(alert: Alert, waiting: Waiting, now: datetime, zone: tzinfo) -> bool:
    """Whether to tell it now: once, again after `AGAIN`, and at once for each new attack."""
    if not is_needed(alert, waiting, now) or is_quiet(alert, now, zone):
        return False
    if alert.told_at is None or now - alert.told_at >= AGAIN:
        return True
    return waiting.broke is not None and waiting.broke > alert.told_at


def is_quiet(alert: Alert, now: datetime, zone: tzinfo) -> bool:
    """Whether it is one of the alert's quiet hours, which may go over midnight."""
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if alert.quiet_from <= alert.quiet_until:
        return alert.quiet_from <= minute < alert.quiet_until
    return minute >= alert.quiet_from or minute < alert.quiet_until


def is_mail(raw: str) -> bool:
    """Whether mail can be sent to this address, and to no other by it."""
    return _MAIL.fullmatch(raw) is not None


def target_of(kind: str, raw: str) -> str:
    """``raw`` when it can be told by ``kind``; raises Refused("alert_target")."""
    pattern = {"mail": _MAIL, "webhook": _WEB, "slack": _WEB}.get(kind)
    target = raw.strip()
    if pattern is None or len(target) > LONGEST_TARGET or not pattern.fullmatch(target):
        raise Refused("alert_target", field="target")
    return target


def browser_target(raw: str) -> str:
    """``raw`` when it can be a push service's address; raises Refused("alert_browser")."""
    if len(raw) > _LONGEST_ENDPOINT or not _ENDPOINT.fullmatch(raw):
        raise Refused("alert_browser")
    return raw


def demand_when(waiting: int, minutes: int, *, attacks: bool) -> tuple[int, int]:
    """When an alert tells of the queue: (0, 0), never, for ``attacks`` alone.

    Raises Refused("alert_when").
    """
    if attacks:
        return 0, 0
    if not 0 <= waiting <= 100_000 or not 0 <= minutes <= 100_000 or not (waiting or minutes):
        raise Refused("alert_when", field="waiting")
    return waiting, minutes


def minute_of_day(raw: str) -> int:
    """The minute of the day that ``07:30`` is; raises Refused("alert_hours")."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", raw.strip() or "00:00")
    if found is None:
        raise Refused("alert_hours", field="quiet_from")
    return int(found[1]) * 60 + int(found[2])
