"""Mail to those who have sent in a notice or objected, on its way."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, delete, func, select, update

from belowline.storage.schema import appeals, letters, notices


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail on its way about a notice, or about the appeal against a statement.

    ``kind`` is ``receipt`` or ``decision``.
    """

    id: int
    kind: str
    due_at: datetime
    notice: int | None = None
    statement: int | None = None
    tries: int = 0


def written_since(connection: Connection, email: str, since: datetime) -> int:
    """How many notices and appeals have named this address since then."""
    found = 0
    for table in (notices, appeals):
        query = select(func.count()).select_from(table)
        named = query.where(table.c.email == email, table.c.created_at > since)
        found += connection.execute(named).scalar_one()
    return found


def put_out(connection: Connection, letter: Letter) -> None:
    """Has it sent."""
    connection.execute(
        letters.insert().values(
            id=letter.id,
            notice_id=letter.notice,
            statement_id=letter.statement,
            kind=letter.kind,
            tries=letter.tries,
            due_at=letter.due_at,
        )
    )


def due(connection: Connection, now: datetime, limit: int) -> list[Letter]:
    """What is to be sent now, the oldest first, ``limit`` at most."""
    query = select(letters).where(letters.c.due_at <= now).order_by(letters.c.due_at).limit(limit)
    return [
        Letter(
            id=row.id,
            notice=row.notice_id,
            statement=row.statement_id,
            kind=row.kind,
            tries=row.tries,
            due_at=row.due_at,
        )
        for row in connection.execute(query)
    ]


def claim(connection: Connection, letter: Letter, until: datetime) -> bool:
    """Takes it to send it; False when another process has. It is due again at ``until``."""
    changed = (
        update(letters)
        .where(and_(letters.c.id == letter.id, letters.c.due_at == letter.due_at))
        .values(due_at=until, tries=letter.tries + 1)
    )
    return connection.execute(changed).rowcount > 0


def postpone(connection: Connection, letter: int, until: datetime) -> None:
    """Has it tried again then."""
    connection.execute(update(letters).where(letters.c.id == letter).values(due_at=until))


def take_out(connection: Connection, letter: int) -> None:
    """It has arrived, or is given up."""
    connection.execute(delete(letters).where(letters.c.id == letter))
