"""Rehearsals of a policy, and the comments that they judge again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from belowline.domain.policy import Policy
from belowline.domain.rehearsals import Result
from belowline.storage import raw
from belowline.storage.schema import comments, rehearsals, users


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal for the version after ``base``, and how far its rehearsal has come.

    ``site`` is the site whose own part it changes, 0 where it is about what holds for all.
    """

    id: int
    author: int
    base: int
    proposal: Policy
    note: str
    done: int
    total: int
    result: Result | None
    created_at: datetime
    site: int = 0


class Written(NamedTuple):
    """A comment as far as a rehearsal asks."""

    id: int
    story: int
    reply: bool
    author: int
    role: str
    text: str
    status: str
    language: str


def count_since(connection: Connection, since: int) -> int:
    """How many comments have this id or a larger one."""
    query = select(func.count()).select_from(comments).where(comments.c.id >= since)
    found: int = connection.execute(query).scalar_one()
    return found


def written_after(connection: Connection, after: int, limit: int) -> list[Written]:
    """The comments with larger ids than ``after``, the oldest first, ``limit`` at most."""
    rows = connection.execute(
        select(
            comments.c.id,
            comments.c.story_id,
            comments.c.parent_id,
            comments.c.author_id,
            users.c.role,
            comments.c.text,
            comments.c.status,
            comments.c.language,
        )
        .select_from(comments.join(users, users.c.id == comments.c.author_id))
        .where(comments.c.id > after)
        .order_by(comments.c.id)
        .limit(limit)
    )
    return [
        Written(
            row.id,
            row.story_id,
            row.parent_id is not None,
            row.author_id,
            row.role,
            row.text,
            row.status,
            row.language,
        )
        for row in rows
    ]


def latest_before(
    connection: Connection, authors: Collection[int], before: int, limit: int
) -> dict[int, list[tuple[int, str]]]:
    """Author -> (id, status) of their latest comments below ``before``, the newest first."""
    found: dict[int, list[tuple[int, str]]] = {author: [] for author in authors}
    one = (
        "SELECT * FROM (SELECT author_id, id, status FROM comments "
        f"WHERE author_id = ? AND id < {before} ORDER BY id DESC LIMIT {limit}) AS latest"
    )
    everyone = list(found)
    for first in range(0, len(everyone), _AT_ONCE):
        for author, *row in raw.for_each(connection, one, everyone[first : first + _AT_ONCE]):
            found[author].append((row[0], row[1]))
    return found


_AT_ONCE = 100


def begin(connection: Connection, new: Rehearsal, keep: timedelta) -> None:
    """Stores a rehearsal that begins, and forgets those older than ``keep``."""
    connection.execute(delete(rehearsals).where(rehearsals.c.created_at < new.created_at - keep))
    connection.execute(
        rehearsals.insert().values(
            id=new.id,
            author_id=new.author,
            base=new.base,
            proposal=msgspec.json.encode(new.proposal).decode(),
            note=new.note,
            total=new.total,
            created_at=new.created_at,
            site_id=new.site,
        )
    )


def progress(connection: Connection, rehearsal: int, done: int) -> None:
    """Says how many comments have been judged."""
    connection.execute(update(rehearsals).where(rehearsals.c.id == rehearsal).values(done=done))


def finish(connection: Connection, rehearsal: int, result: Result) -> None:
    """Stores what came of it."""
    connection.execute(
        update(rehearsals)
        .where(rehearsals.c.id == rehearsal)
        .values(done=rehearsals.c.total, result=msgspec.json.encode(result).decode())
    )


def get(connection: Connection, rehearsal: int) -> Rehearsal | None:
    """One rehearsal."""
    row = connection.execute(select(rehearsals).where(rehearsals.c.id == rehearsal)).one_or_none()
    return None if row is None else _rehearsal(row)


def _rehearsal(row: Row[Any]) -> Rehearsal:
    return Rehearsal(
        id=row.id,
        author=row.author_id,
        base=row.base,
        proposal=msgspec.json.decode(row.proposal, type=Policy),
        note=row.note,
        done=row.done,
        total=row.total,
        result=None if row.result is None else msgspec.json.decode(row.result, type=Result),
        created_at=row.created_at,
        site=row.site_id,
    )
