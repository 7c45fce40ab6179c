"""Whom staff alerts go to, and the outbox of those that are on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, delete, func, select, update

from belowline.domain.alerts import Alert, Waiting
from belowline.domain.breaker import Tightened
from belowline.domain.ids import moment
from belowline.domain.stories import Story
from belowline.domain.users import STAFF
from belowline.storage import breaks, sites, stories
from belowline.storage.decisions import count_waiting
from belowline.storage.schema import alerts, comments, outbox, reports, users
from belowline.storage.sites import Sites


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """An alert on its way: what waited when it was made, and how often it was tried."""

    id: int
    alert: int
    waiting: int
    minutes: int
    tries: int
    due_at: datetime


def add(connection: Connection, alert: Alert) -> None:
    """Stores an alert."""
    connection.execute(
        alerts.insert().values(
            id=alert.id,
            user_id=alert.user,
            kind=alert.kind,
            target=alert.target,
            secret=alert.secret,
            waiting=alert.waiting,
            minutes=alert.minutes,
            quiet_from=alert.quiet_from,
            quiet_until=alert.quiet_until,
            created_at=alert.created_at,
            agent=alert.agent,
            session=alert.session,
        )
    )


def get(connection: Connection, alert: int) -> Alert | None:
    """One alert."""
    row = connection.execute(select(alerts).where(alerts.c.id == alert)).one_or_none()
    return None if row is None else _alert(row)


def of_user(connection: Connection, user: int) -> list[Alert]:
    """A user's alerts, the oldest first."""
    query = select(alerts).where(alerts.c.user_id == user).order_by(alerts.c.id)
    return [_alert(row) for row in connection.execute(query)]


def everyone(connection: Connection) -> list[Alert]:
    """All alerts of who works here: a newsroom has a handful."""
    query = select(alerts).join(users, users.c.id == alerts.c.user_id)
    return [_alert(row) for row in connection.execute(query.where(users.c.role.in_(STAFF)))]


def remove(connection: Connection, alert: int) -> bool:
    """Ends an alert and what of it is on its way; whether there was one."""
    connection.execute(delete(outbox).where(outbox.c.alert_id == alert))
    return connection.execute(delete(alerts).where(alerts.c.id == alert)).rowcount > 0


def remove_all(connection: Connection, user: int) -> None:
    """Ends all alerts of somebody who works here no more."""
    theirs = select(alerts.c.id).where(alerts.c.user_id == user)
    connection.execute(delete(outbox).where(outbox.c.alert_id.in_(theirs)))
    connection.execute(delete(alerts).where(alerts.c.user_id == user))


def take_back(connection: Connection, user: int) -> None:
    """Ends what of somebody's alerts is on its way, and tells them anew of what is so now."""
    theirs = select(alerts.c.id).where(alerts.c.user_id == user)
    connection.execute(delete(outbox).where(outbox.c.alert_id.in_(theirs)))
    connection.execute(update(alerts).where(alerts.c.user_id == user).values(told_at=None))


def told(connection: Connection, alert: Alert, at: datetime | None) -> bool:
    """Notes when it was told; False when another process has done so meanwhile."""
    same = (
        alerts.c.told_at.is_(None) if alert.told_at is None else alerts.c.told_at == alert.told_at
    )
    changed = update(alerts).where(alerts.c.id == alert.id, same).values(told_at=at)
    return connection.execute(changed).rowcount > 0


def waiting(connection: Connection, within: Sites = None) -> Waiting:
    """What waits for a decision now, on these sites."""
    held = connection.execute(
        select(func.min(comments.c.id)).where(comments.c.status == "held", *sites.within(within))
    ).scalar()
    told_of = select(func.min(reports.c.created_at)).where(reports.c.settled.is_(False))
    if within is not None:
        told_of = told_of.join(comments, comments.c.id == reports.c.comment_id)
        told_of = told_of.where(*sites.among(within))
    reported = connection.execute(told_of).scalar()
    since = [one for one in (moment(held) if held else None, reported) if one is not None]
    count = count_waiting(connection, within)
    broke = [how.since for _, how in tightened(connection, within)]
    return Waiting(
        count=count, oldest=min(since) if since and count else None, broke=max(broke, default=None)
    )


def tightened(connection: Connection, within: Sites = None) -> list[tuple[Story, Tightened]]:
    """The stories of these sites that the circuit breaker has made stricter, and how."""
    found = breaks.tightened(connection)
    about = stories.many(connection, found) if found else {}
    return [
        (story, found[number])
        for number, story in about.items()
        if within is None or story.site in within
    ]


# -- the outbox ----------------------------------------------------------------------------


def put_out(connection: Connection, new: Outgoing) -> None:
    """Puts an alert into the outbox."""
    connection.execute(
        outbox.insert().values(
            id=new.id,
            alert_id=new.alert,
            waiting=new.waiting,
            minutes=new.minutes,
            tries=new.tries,
            due_at=new.due_at,
        )
    )


def due(connection: Connection, now: datetime, limit: int) -> list[Outgoing]:
    """What is to be sent now, the oldest first, ``limit`` at most."""
    query = select(outbox).where(outbox.c.due_at <= now).order_by(outbox.c.due_at).limit(limit)
    return [_outgoing(row) for row in connection.execute(query)]


def claim(connection: Connection, one: Outgoing, until: datetime) -> bool:
    """Takes it to send it; False when another process has. It is due again at ``until``."""
    changed = (
        update(outbox)
        .where(and_(outbox.c.id == one.id, outbox.c.due_at == one.due_at))
        .values(due_at=until, tries=one.tries + 1)
    )
    return connection.execute(changed).rowcount > 0


def postpone(connection: Connection, outgoing: int, until: datetime) -> None:
    """Has it tried again then."""
    connection.execute(update(outbox).where(outbox.c.id == outgoing).values(due_at=until))


def take_out(connection: Connection, outgoing: int) -> None:
    """It has arrived, or is given up."""
    connection.execute(delete(outbox).where(outbox.c.id == outgoing))


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(
        id=row.id,
        alert=row.alert_id,
        waiting=row.waiting,
        minutes=row.minutes,
        tries=row.tries,
        due_at=row.due_at,
    )


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        user=row.user_id,
        kind=row.kind,
        target=row.target,
        secret=row.secret,
        waiting=row.waiting,
        minutes=row.minutes,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        told_at=row.told_at,
        created_at=row.created_at,
        agent=row.agent,
        session=row.session,
    )
