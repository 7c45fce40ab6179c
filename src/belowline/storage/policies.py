"""The versions of the policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from belowline.domain.policy import Policy, Version
from belowline.storage import raw
from belowline.storage.schema import policies, users


def newest(connection: Connection) -> int:
    """The number of the version that holds, 0 before the first."""
    [(number,)] = raw.run(connection, "SELECT max(number) FROM policies")
    return number or 0


def get(connection: Connection, number: int) -> Version | None:
    """One version."""
    row = connection.execute(_versions.where(policies.c.number == number)).one_or_none()
    return None if row is None else _version(row)


def some(connection: Connection, *, before: int | None, limit: int) -> list[Version]:
    """The latest versions, those below ``before``, the newest first."""
    query = _versions.order_by(policies.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(policies.c.number < before)
    return [_version(row) for row in connection.execute(query)]


def add(
    connection: Connection, number: int, policy: Policy, *, author: int, note: str, now: datetime
) -> None:
    """Stores a version."""
    connection.execute(
        policies.insert().values(
            number=number,
            content=msgspec.json.encode(policy).decode(),
            author_id=author,
            note=note,
            created_at=now,
        )
    )


_versions = select(policies, users.c.name.label("author_name")).select_from(
    policies.join(users, users.c.id == policies.c.author_id)
)


def _version(row: Row[Any]) -> Version:
    return Version(
        number=row.number,
        policy=msgspec.json.decode(row.content, type=Policy),
        author=row.author_id,
        author_name=row.author_name,
        note=row.note,
        created_at=row.created_at,
    )
