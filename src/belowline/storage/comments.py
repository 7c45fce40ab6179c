"""Comments: reading threads page by page, and the one place where a status changes."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)

from belowline.domain import ids, urgency
from belowline.domain.comments import CHANGES, Comment
from belowline.domain.decisions import Finding
from belowline.domain.language import Tongue
from belowline.domain.ordering import Cursor
from belowline.domain.sites import FIRST
from belowline.storage import raw, sites, stories, streams
from belowline.storage.schema import (
    comments,
    findings,
    milliseconds,
    recommendations,
    reports,
    revisions,
    users,
)
from belowline.storage.upsert import insert as upsert

written = select(
    comments, users.c.name.label("author_name"), users.c.role.label("author_role")
).select_from(comments.join(users, users.c.id == comments.c.author_id))
_written_by_ids = written.where(comments.c.id.in_(bindparam("ids", expanding=True)))


class Thread(msgspec.Struct, frozen=True):
    """A thread's first comment and the number of replies that it is ranked by."""

    comment: Comment
    rank: int


class Latest(NamedTuple):
    """One of an author's latest comments."""

    id: int
    status: str
    text: str
    story: int


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
    rows = connection.execute(_written_by_ids, {"ids": list(ids)})
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
    chain = _chain([comment.parent])
    rows = connection.execute(
        written.join(chain, chain.c.id == comments.c.id).order_by(comments.c.depth)
    )
    return [from_row(row) for row in rows]


def latest(connection: Connection, authors: Collection[int], limit: int) -> dict[int, list[Latest]]:
    """Author -> their latest ``limit`` comments, whatever their status, the newest first."""
    found: dict[int, list[Latest]] = {author: [] for author in authors}
    one = (
        "SELECT * FROM (SELECT author_id, id, status, text, story_id FROM comments "
        f"WHERE author_id = ? ORDER BY id DESC LIMIT {limit}) AS latest"
    )
    for author, *row in raw.for_each(connection, one, found):
        found[author].append(Latest(*row))
    return found


def last_in(connection: Connection, author: int, story: int) -> int | None:
    """The author's last comment under a story, whatever became of it."""
    query = select(func.max(comments.c.id)).where(
        comments.c.author_id == author, comments.c.story_id == story
    )
    return connection.execute(query).scalar()


def times(
    connection: Connection, authors: Collection[int], since: datetime
) -> dict[int, list[datetime]]:
    """Author -> when they have written after ``since``, the oldest first."""
    found: dict[int, list[datetime]] = {author: [] for author in authors}
    rows = raw.run(
        connection,
        f"SELECT author_id, id FROM comments WHERE author_id IN {raw.places(len(found))} "
        "AND id > ? ORDER BY author_id, id",
        (*found, ids.id_at(since, 0)),
    )
    for author, number in rows:
        found[author].append(ids.moment(number))
    return found


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


def add(connection: Connection, comment: Comment, *, import_key: str | None = None) -> Change:
    """Stores a new comment and its first revision, and counts it when it is published."""
    return _add(connection, [(comment, None, import_key)])[comment.id]


def add_all(connection: Connection, new: Sequence[tuple[Comment, str]]) -> dict[int, Change]:
    """`add` for many, each with its Idempotency-Key, counted in their order.

    Id -> change of those that were stored: one whose author had used the key before is not.
    """
    return _add(connection, [(comment, key, None) for comment, key in new])


def _add(
    connection: Connection, new: Sequence[tuple[Comment, str | None, str | None]]
) -> dict[int, Change]:
    others = sites.of_stories(connection, {comment.story for comment, _, _ in new})
    stored = raw.insert(
        connection,
        comments,
        _NEW,
        [(*_new_row(*one), others.get(one[0].story, FIRST)) for one in new],
        ending="ON CONFLICT (author_id, idempotency_key) DO NOTHING RETURNING id",
    )
    ids = {number for (number,) in stored}
    added = [comment for comment, _, _ in new if comment.id in ids]
    _add_revisions(connection, added)
    changes = _count(connection, [(one, int(one.status == "published")) for one in added])
    return {comment.id: change for comment, change in zip(added, changes, strict=True)}


_NEW = (
    "id",
    "story_id",
    "parent_id",
    "root_id",
    "depth",
    "author_id",
    "text",
    "status",
    "reason",
    "revision",
    "created_at",
    "edited_at",
    "recommendations",
    "shown",
    "waits_since",
    "readers",
    "idempotency_key",
    "import_key",
    "written_by",
    "language",
    "script",
    "site_id",
)


def _new_row(comment: Comment, key: str | None, import_key: str | None) -> tuple[Any, ...]:
    return (
        comment.id,
        comment.story,
        comment.parent,
        comment.root,
        comment.depth,
        comment.author,
        comment.text,
        comment.status,
        comment.reason,
        comment.revision,
        milliseconds(comment.created_at),
        milliseconds(comment.edited_at),
        comment.recommendations,
        comment.status == "published",
        milliseconds(_place(comment)),
        comment.readers,
        key,
        import_key,
        comment.written_by,
        comment.language,
        comment.script,
    )


def _place(comment: Comment) -> datetime | None:
    """Where a new comment waits: as it says, or as one of which nothing is known."""
    if comment.waits_since is None and comment.status == "held":
        return urgency.place(comment, (), 0)
    return comment.waits_since


def _add_revisions(connection: Connection, added: Sequence[Comment]) -> None:
    raw.insert(
        connection,
        revisions,
        ("comment_id", "number", "text", "created_at"),
        [(one.id, one.revision, one.text, milliseconds(one.created_at)) for one in added],
    )


def free_ids(connection: Connection, wanted: int, count: int = 1) -> int:
    """``wanted``, or the next number from which on ``count`` numbers are no comment's."""
    while True:
        statement = "SELECT max(id) FROM comments WHERE id >= ? AND id < ?"
        [(taken,)] = raw.run(connection, statement, (wanted, wanted + count))
        if taken is None:
            return wanted
        wanted = taken + 1


def next_ids(connection: Connection, wanted: int) -> int:
    """``wanted``, or a number above every comment's where the clock was set back.

    So that what is written later stands later, whatever this machine's clock or another's says.
    """
    last = newest(connection)
    return wanted if last < wanted else last + 1 + secrets.randbits(20)


def newest(connection: Connection) -> int:
    """The last comment's number, 0 when there is none."""
    [(found,)] = raw.run(connection, "SELECT max(id) FROM comments")
    return found or 0


def revise(
    connection: Connection, comment: Comment, text: str, tongue: Tongue, now: datetime
) -> None:
    """Gives the comment its next revision, which is written in ``tongue``."""
    number = comment.revision + 1
    connection.execute(
        update(comments)
        .where(comments.c.id == comment.id)
        .values(
            text=text,
            revision=number,
            edited_at=now,
            language=tongue.language,
            script=tongue.script,
        )
    )
    connection.execute(
        insert(revisions).values(comment_id=comment.id, number=number, text=text, created_at=now)
    )


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
            waits_since=None,
        )
    )
    if after == "held":
        rank(connection, [comment.id])
    delta = published - (comment.status == "published")
    return _count(connection, [(comment, delta)])[0]


def _count(connection: Connection, changed: Sequence[tuple[Comment, int]]) -> list[Change]:
    """Adds to what is counted above comments that were or are published; one change each."""
    above = _above(connection, [comment for comment, delta in changed if delta])
    per_story: Counter[int] = Counter()
    per_comment: Counter[int] = Counter()
    changes = []
    for comment, delta in changed:
        flipped = []
        for one in _line(above, comment.parent) if delta else ():
            below = one.below + per_comment[one.id]
            if one.status != "published" and (below > 0) != (below + delta > 0):
                flipped.append(one.id)
            per_comment[one.id] += delta
        per_story[comment.story] += delta
        changes.append(Change(delta, tuple(flipped)))
    for story, delta in sorted(per_story.items()):
        stories.add_to_count(connection, story, delta)
    _add_below(connection, per_comment)
    return changes


def _add_below(connection: Connection, per_comment: Mapping[int, int]) -> None:
    by_delta: dict[int, list[int]] = {}
    for number, delta in per_comment.items():
        by_delta.setdefault(delta, []).append(number)
    for delta, numbers in by_delta.items():
        below = comments.c.below + delta
        connection.execute(
            update(comments)
            .where(comments.c.id.in_(numbers))
            .values(below=below, shown=or_(comments.c.status == "published", below > 0))
        )


def _above(connection: Connection, below: Sequence[Comment]) -> dict[int, Row[Any]]:
    """Id -> (id, parent_id, status, below) of everything that stands above ``below``."""
    parents = {comment.parent for comment in below if comment.parent is not None}
    if not parents:
        return {}
    chain = _chain(parents)
    rows: Iterable[Row[Any]] = connection.execute(
        select(comments.c.id, comments.c.parent_id, comments.c.status, comments.c.below).join(
            chain, chain.c.id == comments.c.id
        )
    )
    return {row.id: row for row in rows}


def _line(above: Mapping[int, Row[Any]], parent: int | None) -> list[Row[Any]]:
    """From the thread's first comment down to ``parent``."""
    line = []
    while parent is not None:
        line.append(above[parent])
        parent = above[parent].parent_id
    return line[::-1]


def texts_of(connection: Connection, comment: int) -> list[Row[Any]]:
    """Every version of a comment's text: number, text and created_at, the first one first."""
    query = select(revisions.c.number, revisions.c.text, revisions.c.created_at).where(
        revisions.c.comment_id == comment
    )
    return list(connection.execute(query.order_by(revisions.c.number)))


def add_findings(
    connection: Connection, found: Iterable[tuple[int, int, Sequence[Finding]]], *, first: int = 0
) -> None:
    """Keeps everything that the checks said of revisions: (comment, revision, findings).

    ``first`` is how many findings such a revision has already.
    """
    rows = [
        (comment, revision, number, *msgspec.structs.astuple(finding))
        for comment, revision, findings_ in found
        for number, finding in enumerate(findings_, first)
    ]
    columns = ("comment_id", "revision", "number", *Finding.__struct_fields__)
    raw.insert(connection, findings, columns, rows)


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


def _open_reports(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    rows = connection.execute(
        select(reports.c.comment_id, func.count())
        .where(reports.c.comment_id.in_(ids), reports.c.settled.is_(False))
        .group_by(reports.c.comment_id)
    )
    return {row[0]: row[1] for row in rows}


def rank(connection: Connection, ids: Collection[int], readers: int | None = None) -> None:
    """Gives comments the place that their status, findings and open reports give them now.

    ``readers`` are active on their story, None when that is not known anew.
    """
    said = findings_of(connection, ids)
    open_reports = _open_reports(connection, ids)
    rows = connection.execute(
        select(comments.c.id, comments.c.status, comments.c.created_at, comments.c.readers)
        .where(comments.c.id.in_(ids))
        .order_by(comments.c.id)
    ).all()
    for row in rows:
        active = row.readers if readers is None else readers
        since = None
        if urgency.needs_decision(row.status, open_reports.get(row.id, 0)):
            likely = urgency.harm(said.get(row.id, ()), open_reports.get(row.id, 0))
            concerned = urgency.affected(row.status, active)
            since = urgency.waits_since(row.created_at, likely, concerned)
        connection.execute(
            update(comments)
            .where(comments.c.id == row.id)
            .values(waits_since=since, readers=active)
        )


# -- recommendations -----------------------------------------------------------------------


def recommend(
    connection: Connection, comment: int, user: int, now: datetime, *, quarantined: bool = False
) -> bool:
    """Adds the user's recommendation; False when it was there. In quarantine it does not count."""
    added = connection.execute(  # rowcount is not told of an INSERT on PostgreSQL
        upsert(connection, recommendations)
        .values(comment_id=comment, user_id=user, created_at=now, quarantined=quarantined)
        .on_conflict_do_nothing()
        .returning(recommendations.c.user_id)
    ).all()
    _recount(connection, comment, 0 if quarantined else len(added))
    return bool(added)


def unrecommend(connection: Connection, comment: int, user: int) -> bool:
    """Takes the user's recommendation back; False when there was none."""
    removed = connection.execute(
        recommendations.delete()
        .where(recommendations.c.comment_id == comment, recommendations.c.user_id == user)
        .returning(recommendations.c.quarantined)
    ).all()
    _recount(connection, comment, -sum(not row.quarantined for row in removed))
    return bool(removed)


def quarantine(connection: Connection, comment: int, user: int, *, on: bool) -> None:
    """Has a recommendation count no more for now, or again."""
    changed = connection.execute(
        update(recommendations)
        .where(
            recommendations.c.comment_id == comment,
            recommendations.c.user_id == user,
            recommendations.c.quarantined != on,
        )
        .values(quarantined=on)
        .returning(recommendations.c.user_id)
    ).all()
    _recount(connection, comment, -len(changed) if on else len(changed))


def _recount(connection: Connection, comment: int, delta: int) -> None:
    if delta:
        connection.execute(
            update(comments)
            .where(comments.c.id == comment)
            .values(recommendations=comments.c.recommendations + delta)
        )


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


def _chain(starts: Collection[int]) -> Any:
    """The ids from each of ``starts`` up to its thread's first comment, each once."""
    first = select(comments.c.id, comments.c.parent_id).where(comments.c.id.in_(starts))
    chain = first.cte("chain", recursive=True)
    up = select(comments.c.id, comments.c.parent_id).join(chain, comments.c.id == chain.c.parent_id)
    return chain.union(up)


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
        waits_since=row.waits_since,
        readers=row.readers,
        written_by=row.written_by,
        language=row.language,
        script=row.script,
        site=row.site_id,
    )
