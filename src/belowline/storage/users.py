"""Users, their names, staff sign-in and mutes."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, func, or_, select, update

from belowline.domain import names
from belowline.domain.errors import Refused
from belowline.domain.users import STAFF, User
from belowline.storage import browsers, raw, sites
from belowline.storage.schema import (
    comments,
    decisions,
    milliseconds,
    moment,
    mutes,
    sessions,
    sign_in_links,
    users,
)
from belowline.storage.upsert import insert

_RECORD = 1_000  # or somebody's ten thousandth comment would cost more than their first


def get(connection: Connection, user: int) -> User | None:
    """The user, None when nothing was ever written in that id's name."""
    row = connection.execute(select(users).where(users.c.id == user)).one_or_none()
    return None if row is None else _user(row)


def many(connection: Connection, ids: Collection[int]) -> dict[int, User]:
    """Id -> user of those of ``ids`` in whose name something was written."""
    statement = f"SELECT id, name, role, created_at FROM users WHERE id IN {raw.places(len(ids))}"
    return {
        row[0]: User(id=row[0], name=row[1], role=row[2], created_at=moment(row[3]))
        for row in raw.run(connection, statement, ids)
    }


def ensure(connection: Connection, *people: User) -> None:
    """Stores guests' first appearance; nothing changes for those that are stored already."""
    raw.insert(
        connection,
        users,
        ("id", "name", "role", "created_at"),
        [(one.id, one.name, one.role, milliseconds(one.created_at)) for one in people],
        ending="ON CONFLICT (id) DO NOTHING",
    )


def add(
    connection: Connection, user: User, *, look: str, honest: str, import_key: str | None = None
) -> None:
    """Stores a new user with a name."""
    connection.execute(
        users.insert().values(
            id=user.id,
            name=user.name,
            name_look=look,
            name_honest=honest,
            role=user.role,
            import_key=import_key,
            created_at=user.created_at,
        )
    )


def by_import_key(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """Import key -> id of those that are here already."""
    rows = connection.execute(
        select(users.c.import_key, users.c.id).where(users.c.import_key.in_(keys))
    )
    return {row.import_key: row.id for row in rows}


def name_is_forged(connection: Connection, user: int, *, look: str, honest: str) -> bool:
    """Whether a name of this ``look`` would pass for somebody else.

    Two readers may both be called Anna; nobody but its bearer may use a staff member's name, and
    nobody may write Anna's name in letters that only look like hers.
    """
    found = connection.execute(
        select(users.c.id)
        .where(
            users.c.name_look == look,
            users.c.id != user,
            or_(users.c.role.in_((*STAFF, "desk")), users.c.name_honest != honest),
        )
        .limit(1)
    ).first()
    return found is not None


def rename(connection: Connection, user: int, name: str, *, look: str, honest: str) -> None:
    """Sets the display name."""
    connection.execute(
        update(users)
        .where(users.c.id == user)
        .values(name=name, name_look=look, name_honest=honest)
    )


def stories_written_in(connection: Connection, user: int) -> list[int]:
    """The stories where the user has a comment that readers see."""
    return list(
        connection.execute(
            select(comments.c.story_id)
            .where(comments.c.author_id == user, comments.c.status == "published")
            .distinct()
        ).scalars()
    )


def record(connection: Connection, user: int) -> dict[str, int]:
    """Status -> number among the user's latest comments, of which the last thousand count."""
    return records(connection, [user])[user]


def records(connection: Connection, authors: Collection[int]) -> dict[int, dict[str, int]]:
    """Author -> their `record`."""
    found: dict[int, dict[str, int]] = {author: {} for author in authors}
    one = (
        "SELECT * FROM (SELECT author_id, status, count(*) FROM (SELECT author_id, status "
        f"FROM comments WHERE author_id = ? ORDER BY id DESC LIMIT {_RECORD}) AS latest "
        "GROUP BY author_id, status) AS counted"
    )
    for author, status, number in raw.for_each(connection, one, found):
        found[author][status] = number
    return found


def rejections(connection: Connection, user: int) -> int:
    """How many decisions against the user's comments stand."""
    found: int = connection.execute(
        select(func.count())
        .select_from(decisions.join(comments, comments.c.id == decisions.c.comment_id))
        .where(comments.c.author_id == user, decisions.c.action == "reject")
    ).scalar_one()
    return found


def upheld_reports(connection: Connection, authors: Collection[int]) -> dict[int, int]:
    """Author -> how many of their latest thousand rejected comments readers had reported."""
    found = dict.fromkeys(authors, 0)
    one = (
        "SELECT * FROM (SELECT author_id, count(*) FROM (SELECT id, author_id, status "
        f"FROM comments WHERE author_id = ? ORDER BY id DESC LIMIT {_RECORD}) AS latest "
        "WHERE latest.status = 'rejected' AND (SELECT count(*) FROM reports "
        "WHERE comment_id = latest.id) > 0 GROUP BY author_id) AS counted"
    )
    return found | dict(raw.for_each(connection, one, found))


def since(connection: Connection, ids: Collection[int]) -> dict[int, datetime]:
    """User -> since when they are here."""
    rows = connection.execute(select(users.c.id, users.c.created_at).where(users.c.id.in_(ids)))
    return {row.id: row.created_at for row in rows}


def staff(connection: Connection) -> list[User]:
    """Everyone with a role above reader."""
    rows = connection.execute(select(users).where(users.c.role.in_(STAFF)).order_by(users.c.id))
    return [_user(row) for row in rows]


def staff_by_look(connection: Connection, look: str) -> User | None:
    """The staff member whose name looks like this."""
    row = connection.execute(
        select(users).where(users.c.name_look == look, users.c.role.in_(STAFF)).limit(1)
    ).one_or_none()
    return None if row is None else _user(row)


def member(connection: Connection, name: str, role: str, now: datetime) -> User:
    """The staff member of that name, added with ``role`` when new. Raises Refused: name_taken."""
    found = next((one for one in staff(connection) if one.name == name), None)
    if found is not None:
        return found
    added = User(id=secrets.randbits(63), name=name, role=role, created_at=now)
    look, honest = names.look(name), names.honest(name)
    if name_is_forged(connection, added.id, look=look, honest=honest):
        raise Refused("name_taken", field="name")
    add(connection, added, look=look, honest=honest)
    return added


# -- staff sign-in -------------------------------------------------------------------------


def add_link(connection: Connection, token_hash: str, user: int, expires_at: datetime) -> None:
    """Stores a one-time sign-in link by its token's hash."""
    connection.execute(
        sign_in_links.insert().values(token_hash=token_hash, user_id=user, expires_at=expires_at)
    )


def use_link(connection: Connection, token_hash: str, now: datetime) -> int | None:
    """The link's user, once: a second use, or one too late, finds nobody."""
    return connection.execute(
        update(sign_in_links)
        .where(
            and_(
                sign_in_links.c.token_hash == token_hash,
                sign_in_links.c.used_at.is_(None),
                sign_in_links.c.expires_at > now,
            )
        )
        .values(used_at=now)
        .returning(sign_in_links.c.user_id)
    ).scalar()


def add_session(
    connection: Connection,
    token_hash: str,
    user: int,
    now: datetime,
    life: timedelta,
    *,
    confirmed: bool = True,
    agent: str = "",
) -> None:
    """Stores a session by its token's hash; one that is not confirmed counts for nothing yet."""
    connection.execute(
        sessions.insert().values(
            token_hash=token_hash,
            user_id=user,
            created_at=now,
            expires_at=now + life,
            confirmed=confirmed,
            agent=agent,
        )
    )


def by_session(connection: Connection, token_hash: str, now: datetime) -> User | None:
    """Who is signed in with this session, and which sites they work for."""
    row = connection.execute(
        select(users)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > now,
            sessions.c.confirmed.is_(True),
        )
    ).one_or_none()
    if row is None:
        return None
    return msgspec.structs.replace(_user(row), sites=sites.of_user(connection, row.id))


def end_session(connection: Connection, token_hash: str) -> None:
    """Signs out."""
    connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash))
    browsers.end_signed_out(connection)


# -- mutes ---------------------------------------------------------------------------------


def mute(connection: Connection, user: int, muted: int) -> None:
    """Hides ``muted`` for ``user``."""
    connection.execute(
        insert(connection, mutes).values(user_id=user, muted_id=muted).on_conflict_do_nothing()
    )


def unmute(connection: Connection, user: int, muted: int) -> None:
    """Shows ``muted`` to ``user`` again."""
    connection.execute(mutes.delete().where(mutes.c.user_id == user, mutes.c.muted_id == muted))


def muted_by(connection: Connection, user: int) -> list[int]:
    """Whom the user has hidden."""
    return list(
        connection.execute(select(mutes.c.muted_id).where(mutes.c.user_id == user)).scalars()
    )


def _user(row: Row[Any]) -> User:
    return User(id=row.id, name=row.name, role=row.role, created_at=row.created_at)
