"""Staff's passwords, second factors, recovery codes and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from belowline.storage import browsers
from belowline.storage.schema import passwords, recovery_codes, sessions, sign_in_links, users
from belowline.storage.upsert import insert


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody proves themselves by: a password's hash, a secret, the last code's step."""

    user: int
    hash: str
    totp_secret: str
    last_step: int


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is signed in. ``id`` is the beginning of its token's hash."""

    id: str
    agent: str
    created_at: datetime
    expires_at: datetime
    is_this: bool


def secret_of(connection: Connection, user: int) -> Secret | None:
    """How somebody proves themselves, None when they have set nothing up."""
    row = connection.execute(select(passwords).where(passwords.c.user_id == user)).one_or_none()
    if row is None:
        return None
    return Secret(
        user=row.user_id, hash=row.hash, totp_secret=row.totp_secret, last_step=row.last_step
    )


def keep_secret(connection: Connection, secret: Secret, now: datetime) -> None:
    """Sets or replaces it."""
    values = {
        "hash": secret.hash,
        "totp_secret": secret.totp_secret,
        "last_step": secret.last_step,
        "created_at": now,
    }
    connection.execute(
        insert(connection, passwords)
        .values(user_id=secret.user, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


def use_step(connection: Connection, user: int, step: int) -> bool:
    """Marks a code as used; False when it was used already."""
    return (
        connection.execute(
            update(passwords)
            .where(passwords.c.user_id == user, passwords.c.last_step < step)
            .values(last_step=step)
            .returning(passwords.c.user_id)
        ).first()
        is not None
    )


def replace_codes(connection: Connection, user: int, hashes: Sequence[str]) -> None:
    """Gives somebody new recovery codes; the old ones are worth nothing."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user))
    for one in hashes:
        connection.execute(recovery_codes.insert().values(user_id=user, code_hash=one))


def use_code(connection: Connection, user: int, code_hash: str, now: datetime) -> bool:
    """Uses a recovery code up; False when it is not one or was used."""
    return (
        connection.execute(
            update(recovery_codes)
            .where(
                recovery_codes.c.user_id == user,
                recovery_codes.c.code_hash == code_hash,
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=now)
            .returning(recovery_codes.c.user_id)
        ).first()
        is not None
    )


def codes_left(connection: Connection, user: int) -> int:
    """How many recovery codes somebody has."""
    query = select(func.count()).where(
        recovery_codes.c.user_id == user, recovery_codes.c.used_at.is_(None)
    )
    found: int = connection.execute(query).scalar_one()
    return found


def sessions_of(connection: Connection, user: int, this: str, now: datetime) -> list[Session]:
    """Where somebody is signed in, the latest first; ``this`` is the present token's hash."""
    rows = connection.execute(
        select(sessions)
        .where(sessions.c.user_id == user, sessions.c.expires_at > now)
        .order_by(sessions.c.created_at.desc())
        .limit(100)
    )
    return [
        Session(
            id=row.token_hash[:16],
            agent=row.agent,
            created_at=row.created_at,
            expires_at=row.expires_at,
            is_this=row.token_hash == this,
        )
        for row in rows
    ]


def end_session(connection: Connection, user: int, session: str) -> bool:
    """Signs one browser out; False when there is no such session of theirs."""
    done = connection.execute(
        delete(sessions).where(
            sessions.c.user_id == user, sessions.c.token_hash.startswith(session, autoescape=True)
        )
    )
    browsers.end_signed_out(connection)
    return done.rowcount > 0


def end_all(connection: Connection, user: int, but: str = "") -> None:
    """Signs somebody out everywhere, ``but`` here, and takes unused links away."""
    connection.execute(
        delete(sessions).where(sessions.c.user_id == user, sessions.c.token_hash != but)
    )
    connection.execute(
        delete(sign_in_links).where(
            sign_in_links.c.user_id == user, sign_in_links.c.used_at.is_(None)
        )
    )
    browsers.end_signed_out(connection)


def confirm(connection: Connection, token_hash: str) -> None:
    """Lets a session count, now that its second factor was given."""
    connection.execute(
        update(sessions).where(sessions.c.token_hash == token_hash).values(confirmed=True)
    )


def unconfirmed(connection: Connection, token_hash: str, now: datetime) -> int | None:
    """Whose session this is that still lacks its second factor."""
    return connection.execute(
        select(sessions.c.user_id).where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > now,
            sessions.c.confirmed.is_(False),
        )
    ).scalar()


def set_role(connection: Connection, user: int, role: str) -> None:
    """Gives somebody another role."""
    connection.execute(update(users).where(users.c.id == user).values(role=role))


def forget_secret(connection: Connection, user: int) -> None:
    """Takes password, second factor and recovery codes away."""
    connection.execute(delete(passwords).where(passwords.c.user_id == user))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user))
