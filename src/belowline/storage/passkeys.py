"""Staff's passkeys, and the challenges that wait for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from belowline.storage.schema import passkey_challenges, passkeys


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey. ``doubted_at`` is when it counted less than before, as a copy would."""

    credential: str
    user: int
    public_key: str
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None = None
    doubted_at: datetime | None = None


def ask(connection: Connection, challenge: str, user: int | None, until: datetime) -> None:
    """Keeps a challenge; ``user`` is whose new passkey it is for, None for whoever signs in."""
    connection.execute(
        passkey_challenges.insert().values(challenge=challenge, user_id=user, expires_at=until)
    )


def use_challenge(connection: Connection, challenge: str, user: int | None, now: datetime) -> bool:
    """Uses a challenge up, and forgets those that are too old; False when it is not one."""
    found = connection.execute(
        delete(passkey_challenges)
        .where(
            passkey_challenges.c.challenge == challenge,
            passkey_challenges.c.user_id.is_not_distinct_from(user),
            passkey_challenges.c.expires_at > now,
        )
        .returning(passkey_challenges.c.challenge)
    ).first()
    connection.execute(delete(passkey_challenges).where(passkey_challenges.c.expires_at <= now))
    return found is not None


def add(connection: Connection, passkey: Passkey) -> None:
    """Stores a new one."""
    connection.execute(
        passkeys.insert().values(
            credential_id=passkey.credential,
            user_id=passkey.user,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            name=passkey.name,
            created_at=passkey.created_at,
        )
    )


def get(connection: Connection, credential: str) -> Passkey | None:
    """The passkey with this id."""
    found = connection.execute(
        select(passkeys).where(passkeys.c.credential_id == credential)
    ).one_or_none()
    return None if found is None else _passkey(found)


def of(connection: Connection, user: int) -> list[Passkey]:
    """Somebody's passkeys, the oldest first."""
    rows = connection.execute(
        select(passkeys).where(passkeys.c.user_id == user).order_by(passkeys.c.created_at)
    )
    return [_passkey(row) for row in rows]


def count(connection: Connection, user: int) -> int:
    """How many passkeys somebody has."""
    found: int = connection.execute(
        select(func.count()).select_from(passkeys).where(passkeys.c.user_id == user)
    ).scalar_one()
    return found


def used(connection: Connection, credential: str, sign_count: int, now: datetime) -> None:
    """Keeps that it was used, and how often it says that it has signed."""
    connection.execute(
        update(passkeys)
        .where(passkeys.c.credential_id == credential)
        .values(used_at=now, sign_count=sign_count)
    )


def doubt(connection: Connection, credential: str, now: datetime) -> None:
    """Keeps that it may have been copied."""
    connection.execute(
        update(passkeys).where(passkeys.c.credential_id == credential).values(doubted_at=now)
    )


def remove(connection: Connection, user: int, credential: str) -> bool:
    """Takes one of somebody's away; False when there is no such."""
    done = connection.execute(
        delete(passkeys).where(passkeys.c.user_id == user, passkeys.c.credential_id == credential)
    )
    return done.rowcount > 0


def remove_all(connection: Connection, user: int) -> None:
    """Takes all of somebody's away."""
    connection.execute(delete(passkeys).where(passkeys.c.user_id == user))


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        credential=row.credential_id,
        user=row.user_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        name=row.name,
        created_at=row.created_at,
        used_at=row.used_at,
        doubted_at=row.doubted_at,
    )
