"""The installation's own values, such as the key that signs credentials."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select

from belowline.storage.schema import meta
from belowline.storage.upsert import insert


def secret(connection: Connection) -> str:
    """The installation's signing key, made the first time it is asked for."""
    return once(connection, "secret", lambda: secrets.token_urlsafe(48))


def once(connection: Connection, key: str, make: Callable[[], str]) -> str:
    """What is kept under ``key``; what ``make`` makes the first time, of many who ask at once."""
    query = select(meta.c.value).where(meta.c.key == key)
    found: str | None = connection.execute(query).scalar()
    if found is None:
        made = insert(connection, meta).values(key=key, value=make())
        connection.execute(made.on_conflict_do_nothing())
        found = str(connection.execute(query).scalar_one())
    return found


def value(connection: Connection, key: str) -> str | None:
    """What is kept under ``key``."""
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def keep(connection: Connection, key: str, value: str) -> None:
    """Keeps ``value`` under ``key`` in place of what was there."""
    connection.execute(
        insert(connection, meta)
        .values(key=key, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )


def touch(connection: Connection, now: datetime) -> None:
    """Writes something that nobody reads: whether that can be done is the question."""
    keep(connection, "touched", now.isoformat())
