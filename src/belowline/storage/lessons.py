"""What people's decisions teach, and whose do not count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from belowline.domain.lessons import MEMORY, Lesson
from belowline.storage.schema import decisions, distrusted, revisions
from belowline.storage.upsert import insert as upsert

_TEACHING = ("publish", "reject")
_AT_ONCE = 500


def last(connection: Connection) -> int:
    """The number of the last decision that a person made, 0 without one."""
    query = select(func.max(decisions.c.id)).where(decisions.c.actor_id.is_not(None))
    return connection.execute(query).scalar() or 0


def touched(connection: Connection, after: int) -> list[int]:
    """The comments about which people have decided since decision ``after``, in that order.

    At most those of the latest decisions that a model remembers.
    """
    query = (
        select(decisions.c.comment_id)
        .where(decisions.c.actor_id.is_not(None), decisions.c.id > after)
        .order_by(decisions.c.id.desc())
        .limit(MEMORY)
    )
    latest = [row.comment_id for row in connection.execute(query)]
    return list(dict.fromkeys(reversed(latest)))


def of(connection: Connection, comments: Sequence[int]) -> list[Lesson]:
    """What the standing decisions about ``comments`` teach, in the order of their numbers.

    Nothing for a comment whose decision was undone, or made by somebody who is distrusted.
    """
    doubted = doubts(connection)
    found = [
        lesson
        for first in range(0, len(comments), _AT_ONCE)
        for lesson in _standing(connection, comments[first : first + _AT_ONCE], doubted)
    ]
    return sorted(found, key=lambda lesson: lesson.number)


def _standing(
    connection: Connection, comments: Collection[int], doubted: dict[int, int]
) -> Iterator[Lesson]:
    rows: list[Any] = list(
        connection.execute(
            select(
                decisions.c.id,
                decisions.c.comment_id,
                decisions.c.action,
                decisions.c.actor_id,
                decisions.c.undoes,
                revisions.c.text,
            )
            .join(
                revisions,
                (revisions.c.comment_id == decisions.c.comment_id)
                & (revisions.c.number == decisions.c.revision),
            )
            .where(decisions.c.comment_id.in_(comments), decisions.c.actor_id.is_not(None))
        )
    )
    rows.sort(key=lambda row: row.id)
    undone = {row.undoes for row in rows if row.undoes is not None}
    standing: dict[int, Any] = {
        row.comment_id: row
        for row in rows
        if row.action in _TEACHING
        and row.id not in undone
        and row.id > doubted.get(row.actor_id, 0)
    }
    for row in standing.values():
        yield Lesson(
            comment=row.comment_id,
            number=row.id,
            text=row.text,
            rejected=row.action == "reject",
            teacher=row.actor_id,
        )


def doubts(connection: Connection) -> dict[int, int]:
    """Whose decisions teach nothing -> through which decision."""
    query = select(distrusted).where(distrusted.c.user_id > 0)
    return {row.user_id: row.through for row in connection.execute(query)}


def doubt(connection: Connection, user: int, through: int, now: datetime) -> None:
    """Keeps that ``user``'s decisions up to number ``through`` teach nothing."""
    statement = upsert(connection, distrusted).values(user_id=user, through=through, created_at=now)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"], set_={"through": through, "created_at": now}
        )
    )


def trust(connection: Connection, user: int) -> None:
    """Lets ``user``'s decisions teach again."""
    connection.execute(delete(distrusted).where(distrusted.c.user_id == user))
