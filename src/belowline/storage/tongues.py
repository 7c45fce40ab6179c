"""Comments whose language nobody has told yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from belowline.domain.language import Tongue
from belowline.storage.schema import comments, stories


class Untold(NamedTuple):
    """A comment of no known language: its text in this revision, and its story's language."""

    comment: int
    revision: int
    text: str
    story_language: str


def untold(connection: Connection, *, after: int, limit: int) -> list[Untold]:
    """The comments of no known language with larger ids than ``after``, the oldest first."""
    rows = connection.execute(
        select(comments.c.id, comments.c.revision, comments.c.text, stories.c.language)
        .select_from(comments.join(stories, stories.c.id == comments.c.story_id))
        .where(comments.c.language == "", comments.c.id > after)
        .order_by(comments.c.id)
        .limit(limit)
    )
    return [Untold(*row) for row in rows]


def keep(connection: Connection, told: Sequence[tuple[Untold, Tongue]]) -> None:
    """Keeps what the texts are written in, of those that have not been edited meanwhile."""
    if told:
        connection.execute(
            update(comments)
            .where(comments.c.id == bindparam("number"), comments.c.revision == bindparam("read"))
            .values(language=bindparam("spoken"), script=bindparam("written")),
            [
                {
                    "number": one.comment,
                    "read": one.revision,
                    "spoken": tongue.language,
                    "written": tongue.script,
                }
                for one, tongue in told
            ],
        )
