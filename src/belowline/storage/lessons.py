"""What people's decisions teach, and whose do not count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from belowline.domain.lessons import MEMORY, Lesson
from belowline.storage.schema import (
    appeals,
    campaign_members,
    decisions,
    distrusted,
    revisions,
    statements,
)
from belowline.storage.upsert import insert as upsert

_TEACHING = ("publish", "reject")
_AT_ONCE = 500
_UPHELD = 3.0  # lessons: two people have looked, and the author's reasons were heard


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

    Nothing for a comment whose decision was undone, or made by somebody who is distrusted, nor
    for one that a campaign's standing decision settled: a person decided it once, and the copies
    that were there then have taught that.
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
    by_standing = _by_standing(connection, comments)
    standing: dict[int, Any] = {
        row.comment_id: row
        for row in rows
        if row.action in _TEACHING
        and row.id not in undone
        and row.id not in by_standing
        and row.id > doubted.get(row.actor_id, 0)
    }
    upheld = _upheld(connection, standing)
    for row in standing.values():
        yield Lesson(
            comment=row.comment_id,
            number=row.id,
            text=row.text,
            rejected=row.action == "reject",
            teacher=row.actor_id,
            weight=_UPHELD if row.comment_id in upheld else 1.0,
        )


def _by_standing(connection: Connection, comments: Collection[int]) -> set[int]:
    """Decisions about ``comments`` that followed from what stands for a campaign's copies."""
    query = select(campaign_members.c.applied).where(
        campaign_members.c.comment_id.in_(comments), campaign_members.c.applied.is_not(None)
    )
    return set(connection.execute(query).scalars())


def _upheld(connection: Connection, comments: Collection[int]) -> set[int]:
    """Those whose authors objected, and were right."""
    about = select(statements.c.id, statements.c.comment_id)
    found = connection.execute(about.where(statements.c.comment_id.in_(comments)))
    made = {row.id: row.comment_id for row in found}
    if not made:
        return set()
    query = select(appeals.c.statement_id)
    right = connection.execute(
        query.where(appeals.c.statement_id.in_(made), appeals.c.upheld.is_(True))
    )
    return {made[number] for number in right.scalars()}


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
