"""What people at the desk keep for each other: who looks at what, notes, stories, views."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from belowline.domain.desk import HandOver, Lock, Reply, View
from belowline.domain.users import User
from belowline.storage import sites
from belowline.storage.schema import (
    comments,
    decisions,
    desk_assignments,
    desk_locks,
    desk_notes,
    desk_replies,
    desk_views,
    desk_visits,
    reports,
    users,
)
from belowline.storage.sites import Sites
from belowline.storage.upsert import insert as upsert

# -- who looks at what ---------------------------------------------------------------------


def locks_of(connection: Connection, ids: Collection[int], now: datetime | None) -> dict[int, Lock]:
    """Comment -> who looks at it now; without ``now``, who was the last to do so."""
    query = (
        select(desk_locks, users.c.name)
        .join(users, users.c.id == desk_locks.c.user_id)
        .where(desk_locks.c.comment_id.in_(ids))
    )
    if now is not None:
        query = query.where(desk_locks.c.expires_at > now)
    rows = connection.execute(query)
    return {row.comment_id: Lock(row.user_id, row.name, row.expires_at) for row in rows}


def take_lock(connection: Connection, comment: int, user: int, until: datetime) -> list[int]:
    """Locks the comment for ``user`` and nothing else; answers what they looked at before."""
    before = release_locks(connection, user, except_for=comment)
    connection.execute(
        upsert(connection, desk_locks)
        .values(comment_id=comment, user_id=user, expires_at=until)
        .on_conflict_do_update(
            index_elements=["comment_id"], set_={"user_id": user, "expires_at": until}
        )
    )
    return before


def release_locks(connection: Connection, user: int, *, except_for: int = 0) -> list[int]:
    """Gives free what ``user`` looked at; answers which comments."""
    rows = connection.execute(
        delete(desk_locks)
        .where(desk_locks.c.user_id == user, desk_locks.c.comment_id != except_for)
        .returning(desk_locks.c.comment_id)
    )
    return list(rows.scalars())


# -- stories that somebody looks after -----------------------------------------------------


def assign(connection: Connection, story: int, user: int, now: datetime) -> None:
    """Gives a story to ``user``; 0 gives it to nobody."""
    connection.execute(delete(desk_assignments).where(desk_assignments.c.story_id == story))
    if user:
        connection.execute(
            insert(desk_assignments).values(story_id=story, user_id=user, created_at=now)
        )


def assigned(connection: Connection, ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Story -> the id and the name of whoever looks after it."""
    rows = connection.execute(
        select(desk_assignments.c.story_id, users.c.id, users.c.name)
        .join(users, users.c.id == desk_assignments.c.user_id)
        .where(desk_assignments.c.story_id.in_(ids))
    )
    return {row.story_id: (row.id, row.name) for row in rows}


# -- notes at the end of a shift -----------------------------------------------------------


def add_note(connection: Connection, user: int, text: str, now: datetime) -> None:
    """Keeps a note for whoever comes next."""
    connection.execute(insert(desk_notes).values(user_id=user, text=text, created_at=now))


def latest_notes(connection: Connection, limit: int) -> list[HandOver]:
    """The latest notes, the newest first."""
    rows = connection.execute(
        select(desk_notes.c.text, desk_notes.c.created_at, users.c.name)
        .join(users, users.c.id == desk_notes.c.user_id)
        .order_by(desk_notes.c.id.desc())
        .limit(limit)
    )
    return [HandOver(by=row.name, text=row.text, created_at=row.created_at) for row in rows]


# -- saved views and replies ---------------------------------------------------------------


def views_of(connection: Connection, user: int) -> list[View]:
    """What ``user`` has saved, by name."""
    rows = connection.execute(
        select(desk_views.c.name, desk_views.c.query)
        .where(desk_views.c.user_id == user)
        .order_by(desk_views.c.name)
    )
    return [View(name=row.name, query=row.query) for row in rows]


def save_view(connection: Connection, user: int, name: str, query: str, most: int) -> None:
    """Keeps a filter under a name; an empty ``query`` forgets it. ``most`` are kept."""
    connection.execute(
        delete(desk_views).where(desk_views.c.user_id == user, desk_views.c.name == name)
    )
    kept = connection.execute(
        select(func.count()).select_from(desk_views).where(desk_views.c.user_id == user)
    ).scalar_one()
    if query and kept < most:
        connection.execute(insert(desk_views).values(user_id=user, name=name, query=query))


def replies(connection: Connection) -> list[Reply]:
    """Everybody's saved replies, by name."""
    rows = connection.execute(select(desk_replies).order_by(desk_replies.c.name))
    return [Reply(name=row.name, text=row.text) for row in rows]


def save_reply(connection: Connection, name: str, text: str, most: int) -> None:
    """Keeps a reply under a name; an empty ``text`` forgets it. ``most`` are kept."""
    connection.execute(delete(desk_replies).where(desk_replies.c.name == name))
    kept = connection.execute(select(func.count()).select_from(desk_replies)).scalar_one()
    if text and kept < most:
        connection.execute(insert(desk_replies).values(name=name, text=text))


# -- the morning ---------------------------------------------------------------------------


def visit(connection: Connection, user: int, now: datetime, shift: datetime) -> datetime | None:
    """Notes that ``user`` is here; answers when they were here before this shift, None if never.

    A shift goes on while less than from ``shift`` to now passes between two visits.
    """
    row = connection.execute(select(desk_visits).where(desk_visits.c.user_id == user)).one_or_none()
    if row is None:
        connection.execute(insert(desk_visits).values(user_id=user, seen_at=now))
        return None
    before = row.before_at if row.seen_at > shift else row.seen_at
    connection.execute(
        update(desk_visits)
        .where(desk_visits.c.user_id == user)
        .values(seen_at=now, before_at=before)
    )
    found: datetime | None = before
    return found


def decided_since(
    connection: Connection, since: datetime, limit: int, within: Sites = None
) -> dict[tuple[str, str], int]:
    """(name, outcome) -> what people decided since then, of the latest ``limit`` lines."""
    latest = (
        select(
            decisions.c.actor_id,
            decisions.c.after,
            decisions.c.action,
            decisions.c.created_at,
            decisions.c.comment_id,
        )
        .where(decisions.c.actor_id.is_not(None))
        .order_by(decisions.c.id.desc())
        .limit(limit)
        .subquery()
    )
    about = latest.join(users, users.c.id == latest.c.actor_id)
    if within is not None:
        about = about.join(comments, comments.c.id == latest.c.comment_id)
    rows = connection.execute(
        select(users.c.name, latest.c.after, func.count())
        .select_from(about)
        .where(
            latest.c.created_at >= since,
            latest.c.action.in_(("publish", "reject")),
            *sites.among(within),
        )
        .group_by(users.c.name, latest.c.after)
        .order_by(users.c.name, latest.c.after)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def arrived_since(
    connection: Connection, first: int, limit: int, within: Sites = None
) -> dict[str, int]:
    """Status -> comments with ids from ``first`` on, of the latest ``limit`` of all sites."""
    new = (
        select(comments.c.status, comments.c.site_id)
        .where(comments.c.id >= first)
        .order_by(comments.c.id.desc())
        .limit(limit)
        .subquery()
    )
    counted = select(new.c.status, func.count()).group_by(new.c.status)
    if within is not None:
        counted = counted.where(new.c.site_id.in_(sorted(within)))
    return {row[0]: row[1] for row in connection.execute(counted)}


def open_reports(connection: Connection, within: Sites = None) -> int:
    """How many reports wait for a decision."""
    about: Any = reports
    if within is not None:
        about = reports.join(comments, comments.c.id == reports.c.comment_id)
    found: int = connection.execute(
        select(func.count())
        .select_from(about)
        .where(reports.c.settled.is_(False), *sites.among(within))
    ).scalar_one()
    return found


def civil(connection: Connection, limit: int, within: Sites = None) -> list[int]:
    """Of the latest ``limit`` published comments those that readers recommend most."""
    latest = (
        select(comments.c.id, comments.c.recommendations)
        .where(
            comments.c.status == "published",
            comments.c.waits_since.is_(None),
            *sites.within(within),
        )
        .order_by(comments.c.id.desc())
        .limit(limit)
        .subquery()
    )
    best: Any = select(latest.c.id).order_by(latest.c.recommendations.desc(), latest.c.id).limit(20)
    return list(connection.execute(best).scalars())


def staff(connection: Connection, roles: Collection[str]) -> list[User]:
    """Everybody of these roles, by name."""
    rows = connection.execute(
        select(users).where(users.c.role.in_(roles)).order_by(users.c.name, users.c.id).limit(200)
    )
    return [
        User(id=row.id, name=row.name, role=row.role, created_at=row.created_at) for row in rows
    ]
