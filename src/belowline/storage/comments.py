"""Comments: reading threads page by page, and the one place where a status changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)

from belowline.domain.comments import CHANGES, Comment
from belowline.domain.decisions import Finding
from belowline.domain.ordering import Cursor
from belowline.storage import stories, streams
from belowline.storage.schema import comments, findings, recommendations, revisions, users
from belowline.storage.upsert import insert as upsert

written = select(
    comments, users.c.name.label("author_name"), users.c.role.label("author_role")
).select_from(comments.join(users, users.c.id == comments.c.author_id))


class Thread(msgspec.Struct, frozen=True):
    """A thread's first comment and the number of replies that it is ranked by."""

    comment: Comment
    rank: int


class Change(msgspec.Struct, frozen=True):
    """What a status did to the numbers.

    ``delta`` is the change of the story's published comments: -1, 0 or 1. ``flipped`` are the
    comments above, the thread's first one first, whose marker appeared or vanished by it.
    """

    delta: int = 0
    flipped: tuple[int, ...] = ()


# -- one comment ---------------------------------------------------------------------------


def get(connection: Connection, comment: int) -> Comment | None:
    """The comment, whatever its status."""
    row = connection.execute(written.where(comments.c.id == comment)).one_or_none()
    return None if row is None else from_row(row)


def many(connection: Connection, ids: Collection[int]) -> dict[int, Comment]:
    """Id -> comment of those of ``ids`` that exist."""
    if not ids:
        return {}
    rows = connection.execute(written.where(comments.c.id.in_(ids)))
    return {row.id: from_row(row) for row in rows}


def by_key(connection: Connection, author: int, key: str) -> Comment | None:
    """The comment that its author sent with this Idempotency-Key."""
    row = connection.execute(
        written.where(comments.c.author_id == author, comments.c.idempotency_key == key)
    ).one_or_none()
    return None if row is None else from_row(row)


def by_import_key(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """Import key -> id of those that are here already."""
    rows = connection.execute(
        select(comments.c.import_key, comments.c.id).where(comments.c.import_key.in_(keys))
    )
    return {row.import_key: row.id for row in rows}


def ancestors(connection: Connection, comment: Comment) -> list[Comment]:
    """The comments above ``comment``, the thread's first one first."""
    if comment.parent is None:
        return []
    chain = _chain(comment.parent)
    rows = connection.execute(
        written.join(chain, chain.c.id == comments.c.id).order_by(comments.c.depth)
    )
    return [from_row(row) for row in rows]


def recent_texts(
    connection: Connection, author: int, limit: int, *, but: int | None = None
) -> list[str]:
    """The texts of the author's latest comments, leaving out the comment ``but``."""
    return list(
        connection.execute(
            select(comments.c.text)
            .where(comments.c.author_id == author, comments.c.id != (but or 0))
            .order_by(comments.c.id.desc())
            .limit(limit)
        ).scalars()
    )


def own(connection: Connection, author: int, story: int, limit: int) -> list[Comment]:
    """The author's latest comments under a story that were not withdrawn."""
    rows = connection.execute(
        written.where(
            comments.c.author_id == author,
            comments.c.story_id == story,
            comments.c.status != "withdrawn",
        )
        .order_by(comments.c.id.desc())
        .limit(limit)
    )
    return [from_row(row) for row in rows]


def published(connection: Connection, *, story: int | None, limit: int) -> list[Comment]:
    """The latest published comments of a story or the whole site, the newest first."""
    query = written.where(comments.c.status == "published")
    if story is not None:
        query = query.where(comments.c.story_id == story)
    rows = connection.execute(query.order_by(comments.c.id.desc()).limit(limit))
    return [from_row(row) for row in rows]


# -- threads -------------------------------------------------------------------------------


def threads(
    connection: Connection, story: int, order: str, cursor: Cursor | None, limit: int
) -> list[Thread]:
    """The next ``limit`` threads after ``cursor``."""
    if order == "discussed":
        return _most_discussed(connection, story, cursor, limit)
    newest = order == "newest"
    query = _thread_query(story)
    place = comments.c.root_id
    if cursor is not None:
        query = query.where(place < cursor.id if newest else place > cursor.id)
    query = query.order_by(place.desc() if newest else place).limit(limit)
    return [Thread(from_row(row), row.below) for row in connection.execute(query)]


def _most_discussed(
    connection: Connection, story: int, cursor: Cursor | None, limit: int
) -> list[Thread]:
    """Threads by their number of replies as it was at the cursor's version.

    Ranks move while somebody pages. A thread that climbed over the cursor would be skipped and
    one that fell below it would be shown twice, so the threads that changed since the first page
    are put where they stood then.
    """
    place = tuple_(comments.c.below, comments.c.id)
    query = _thread_query(story).order_by(comments.c.below.desc(), comments.c.id.desc())
    if cursor is None:
        rows = connection.execute(query.limit(limit))
        return [Thread(from_row(row), row.below) for row in rows]
    changes = streams.changes_since(connection, f"story:{story}", cursor.version)
    still = query.where(place < tuple_(cursor.below, cursor.id)).limit(limit + len(changes))
    found = [
        Thread(from_row(row), row.below)
        for row in connection.execute(still)
        if row.id not in changes
    ]
    moved = [
        Thread(comment, comment.below - change)
        for comment in many(connection, list(changes)).values()
        if comment.parent is None and comment.shown
        if (change := changes[comment.id]) is not None
    ]
    found.extend(
        thread
        for thread in moved
        if thread.rank >= 0 and (thread.rank, thread.comment.id) < (cursor.below, cursor.id)
    )
    found.sort(key=lambda thread: (thread.rank, thread.comment.id), reverse=True)
    return found[:limit]


def replies(
    connection: Connection, parents: Sequence[int], *, after: int = 0, limit: int
) -> dict[int, list[Comment]]:
    """Parent -> its first ``limit`` replies that are shown, those with larger ids than ``after``.

    A LATERAL join on PostgreSQL and a correlated list on SQLite, which has no LATERAL: both read
    ``limit`` index entries a parent, however many replies there are.
    """
    if not parents:
        return {}
    parent = comments.alias("parent")
    first = (
        select(comments.c.id)
        .where(comments.c.parent_id == parent.c.id, comments.c.shown, comments.c.id > after)
        .order_by(comments.c.id)
        .limit(limit)
        .correlate(parent)
    )
    if connection.dialect.name == "postgresql":
        chosen = first.lateral("chosen")
        ids = select(chosen.c.id).select_from(parent.join(chosen, true()))
        query = written.where(comments.c.id.in_(ids.where(parent.c.id.in_(parents))))
    else:
        reply = comments.alias("reply")
        ids = select(reply.c.id).select_from(parent.join(reply, reply.c.id.in_(first)))
        query = written.where(comments.c.id.in_(ids.where(parent.c.id.in_(parents))))
    found: dict[int, list[Comment]] = {}
    for row in connection.execute(query.order_by(comments.c.id)):
        found.setdefault(row.parent_id, []).append(from_row(row))
    return found


def reply_counts(
    connection: Connection, parents: Collection[int], *, after: int = 0
) -> dict[int, int]:
    """Parent -> number of its direct replies that are shown and have larger ids than ``after``."""
    if not parents:
        return {}
    rows = connection.execute(
        select(comments.c.parent_id, func.count())
        .where(comments.c.parent_id.in_(parents), comments.c.shown, comments.c.id > after)
        .group_by(comments.c.parent_id)
    )
    return {row[0]: row[1] for row in rows}


# -- writing -------------------------------------------------------------------------------


def add(
    connection: Connection,
    comment: Comment,
    *,
    idempotency_key: str | None = None,
    import_key: str | None = None,
) -> Change:
    """Stores a new comment and its first revision, and counts it when it is published."""
    connection.execute(
        insert(comments).values(
            id=comment.id,
            story_id=comment.story,
            parent_id=comment.parent,
            root_id=comment.root,
            depth=comment.depth,
            author_id=comment.author,
            text=comment.text,
            status=comment.status,
            reason=comment.reason,
            revision=comment.revision,
            created_at=comment.created_at,
            edited_at=comment.edited_at,
            recommendations=comment.recommendations,
            below=0,
            shown=comment.status == "published",
            idempotency_key=idempotency_key,
            import_key=import_key,
        )
    )
    _add_revision(connection, comment.id, comment.revision, comment.text, comment.created_at)
    return _count(connection, comment, int(comment.status == "published"))


def free_id(connection: Connection, wanted: int) -> int:
    """``wanted``, or the next number that no comment has."""
    while connection.execute(select(comments.c.id).where(comments.c.id == wanted)).first():
        wanted += 1
    return wanted


def revise(connection: Connection, comment: Comment, text: str, now: datetime) -> None:
    """Gives the comment its next revision."""
    number = comment.revision + 1
    connection.execute(
        update(comments)
        .where(comments.c.id == comment.id)
        .values(text=text, revision=number, edited_at=now)
    )
    _add_revision(connection, comment.id, number, text, now)


def set_status(connection: Connection, comment: Comment, after: str, reason: str = "") -> Change:
    """Changes the status and everything that is counted from it, in one place.

    Raises ValueError for a change that `CHANGES` does not have.
    """
    if after != comment.status and after not in CHANGES[comment.status]:
        raise ValueError(f"a comment that is {comment.status} cannot become {after}")
    published = after == "published"
    connection.execute(
        update(comments)
        .where(comments.c.id == comment.id)
        .values(
            status=after,
            reason=reason,
            shown=true() if published else comments.c.below > 0,
        )
    )
    return _count(connection, comment, published - (comment.status == "published"))


def _count(connection: Connection, comment: Comment, delta: int) -> Change:
    if not delta:
        return Change()
    stories.add_to_count(connection, comment.story, delta)
    above = ancestors(connection, comment)
    if above:
        below = comments.c.below + delta
        connection.execute(
            update(comments)
            .where(comments.c.id.in_([one.id for one in above]))
            .values(below=below, shown=or_(comments.c.status == "published", below > 0))
        )
    flipped = tuple(
        one.id
        for one in above
        if one.status != "published" and (one.below > 0) != (one.below + delta > 0)
    )
    return Change(delta, flipped)


def _add_revision(
    connection: Connection, comment: int, number: int, text: str, now: datetime
) -> None:
    connection.execute(
        insert(revisions).values(comment_id=comment, number=number, text=text, created_at=now)
    )


def add_findings(
    connection: Connection, comment: int, revision: int, found: Iterable[Finding]
) -> None:
    """Keeps everything that the checks said of a revision."""
    rows = [
        {"comment_id": comment, "revision": revision, "number": number}
        | msgspec.structs.asdict(finding)
        for number, finding in enumerate(found)
    ]
    if rows:
        connection.execute(insert(findings), rows)


def findings_of(connection: Connection, ids: Collection[int]) -> dict[int, list[Finding]]:
    """Comment -> what the checks said of its present revision."""
    rows = connection.execute(
        select(findings)
        .join(
            comments,
            and_(
                comments.c.id == findings.c.comment_id,
                comments.c.revision == findings.c.revision,
            ),
        )
        .where(findings.c.comment_id.in_(ids))
        .order_by(findings.c.comment_id, findings.c.number)
    ).mappings()
    found: dict[int, list[Finding]] = {}
    for row in rows:
        found.setdefault(row["comment_id"], []).append(
            Finding(**{field: row[field] for field in Finding.__struct_fields__})
        )
    return found


# -- recommendations -----------------------------------------------------------------------


def recommend(connection: Connection, comment: int, user: int, now: datetime) -> bool:
    """Adds the user's recommendation; False when it was there."""
    added = connection.execute(  # rowcount is not told of an INSERT on PostgreSQL
        upsert(connection, recommendations)
        .values(comment_id=comment, user_id=user, created_at=now)
        .on_conflict_do_nothing()
        .returning(recommendations.c.user_id)
    ).all()
    return _recount(connection, comment, len(added))


def unrecommend(connection: Connection, comment: int, user: int) -> bool:
    """Takes the user's recommendation back; False when there was none."""
    removed = connection.execute(
        recommendations.delete().where(
            recommendations.c.comment_id == comment, recommendations.c.user_id == user
        )
    ).rowcount
    return _recount(connection, comment, -removed)


def _recount(connection: Connection, comment: int, delta: int) -> bool:
    if delta:
        connection.execute(
            update(comments)
            .where(comments.c.id == comment)
            .values(recommendations=comments.c.recommendations + delta)
        )
    return delta != 0


def recommended_by(connection: Connection, user: int, story: int) -> list[int]:
    """The comments of a story that the user recommends."""
    return list(
        connection.execute(
            select(recommendations.c.comment_id)
            .join(comments, comments.c.id == recommendations.c.comment_id)
            .where(recommendations.c.user_id == user, comments.c.story_id == story)
        ).scalars()
    )


# -- rows ----------------------------------------------------------------------------------


def _thread_query(story: int) -> Select[Any]:
    return written.where(
        comments.c.story_id == story, comments.c.parent_id.is_(None), comments.c.shown
    )


def _chain(start: int) -> Any:
    """The ids from ``start`` up to the thread's first comment."""
    first = select(comments.c.id, comments.c.parent_id).where(comments.c.id == start)
    chain = first.cte("chain", recursive=True)
    up = select(comments.c.id, comments.c.parent_id).join(chain, comments.c.id == chain.c.parent_id)
    return chain.union_all(up)


def from_row(row: Row[Any]) -> Comment:
    """The comment in a row of `written`."""
    return Comment(
        id=row.id,
        story=row.story_id,
        parent=row.parent_id,
        root=row.root_id,
        depth=row.depth,
        author=row.author_id,
        author_name=row.author_name,
        author_role=row.author_role,
        text=row.text,
        status=row.status,
        reason=row.reason,
        revision=row.revision,
        created_at=row.created_at,
        edited_at=row.edited_at,
        recommendations=row.recommendations,
        below=row.below,
    )
