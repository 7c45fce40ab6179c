"""What people's decisions teach, and whose do not count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, select

from belowline.domain.lessons import MEMORY, Doubt, Lesson
from belowline.storage.schema import (
    appeals,
    campaign_members,
    decisions,
    distrusted,
    milliseconds,
    moment,
    revisions,
    second_looks,
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


def last_look(connection: Connection) -> int:
    """When the last second look was taken, in milliseconds, 0 without one."""
    query = select(func.max(second_looks.c.decided_at)).where(
        second_looks.c.decided_at.is_not(None)
    )
    return milliseconds(connection.execute(query).scalar()) or 0


def looked_at(connection: Connection, after: int) -> list[int]:
    """The comments at which people have looked once more after ``after``, in milliseconds, of the
    latest that a model remembers.
    """
    query = (
        select(second_looks.c.comment_id)
        .where(second_looks.c.decided_at > moment(after))
        .order_by(second_looks.c.decided_at.desc())
        .limit(MEMORY)
    )
    return list(dict.fromkeys(connection.execute(query).scalars()))


def of(connection: Connection, comments: Sequence[int]) -> list[Lesson]:
    """What the standing decisions about ``comments`` teach, in the order of their numbers.

    Nothing for a comment whose decision was undone, or made by somebody who is distrusted, nor
    for one that a campaign's standing decision settled: a person decided it once, and the copies
    that were there then have taught that. A second look that agrees makes a lesson count twice,
    one that does not leaves none; where the policy had decided, the look is the first lesson.
    """
    doubted = doubts(connection)
    found = [
        lesson
        for first in range(0, len(comments), _AT_ONCE)
        for lesson in _standing(connection, comments[first : first + _AT_ONCE], doubted)
    ]
    return sorted(found, key=lambda lesson: lesson.number)


def _standing(
    connection: Connection, comments: Collection[int], doubted: dict[int, Doubt]
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
        and not (row.actor_id in doubted and row.id <= doubted[row.actor_id][0])
    }
    upheld = _upheld(connection, standing)
    taught = {
        row.comment_id: Lesson(
            comment=row.comment_id,
            number=row.id,
            text=row.text,
            rejected=row.action == "reject",
            teacher=row.actor_id,
            weight=_UPHELD if row.comment_id in upheld else 1.0,
        )
        for row in standing.values()
    }
    looks = _looks(connection, comments, doubted)
    texts = _texts(connection, looks)
    for look in looks:
        if look.decision not in undone:
            _look_again(taught, look, texts[look.decision])
    yield from taught.values()


class _Look(NamedTuple):
    """A second look that was taken."""

    comment: int
    decision: int
    outcome: str
    agreed: bool
    by: int
    at: datetime


def _looks(
    connection: Connection, comments: Collection[int], doubted: dict[int, Doubt]
) -> list[_Look]:
    """Second looks at ``comments`` by people whose lessons count, in the order of the decisions."""
    rows = connection.execute(
        select(
            second_looks.c.comment_id,
            second_looks.c.decision_id,
            second_looks.c.second_outcome,
            second_looks.c.agreed,
            second_looks.c.second_id,
            second_looks.c.decided_at,
        ).where(second_looks.c.comment_id.in_(comments), second_looks.c.decided_at.is_not(None))
    )
    looks = [_Look(*row) for row in rows]
    counting = [one for one in looks if one.by not in doubted or one.at > doubted[one.by][1]]
    return sorted(counting, key=lambda look: look.decision)


def _texts(connection: Connection, looks: Sequence[_Look]) -> dict[int, str]:
    """Decision -> the text that it was about."""
    if not looks:
        return {}
    rows = connection.execute(
        select(decisions.c.id, revisions.c.text)
        .join(
            revisions,
            (revisions.c.comment_id == decisions.c.comment_id)
            & (revisions.c.number == decisions.c.revision),
        )
        .where(decisions.c.id.in_([look.decision for look in looks]))
    )
    return {row.id: row.text for row in rows}


def _look_again(taught: dict[int, Lesson], look: _Look, text: str) -> None:
    """What a second look makes of the lesson about its comment."""
    lesson = taught.get(look.comment)
    if lesson is None:
        taught[look.comment] = Lesson(
            comment=look.comment,
            number=look.decision,
            text=text,
            rejected=look.outcome == "rejected",
            teacher=look.by,
        )
    elif lesson.number == look.decision and not look.agreed:
        del taught[look.comment]
    elif lesson.number == look.decision:
        taught[look.comment] = msgspec.structs.replace(lesson, weight=lesson.weight + 1)


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


def doubts(connection: Connection) -> dict[int, Doubt]:
    """Whose decisions teach nothing -> through which decision, and since when: no second look that
    was taken before counts either.
    """
    query = select(distrusted).where(distrusted.c.user_id > 0)
    return {row.user_id: (row.through, row.created_at) for row in connection.execute(query)}


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
