"""Storing whole discussions at once: rows for every table, already counted."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from belowline.storage import record, schema
from belowline.storage.rows import RowValues, expect_many, load

_COLUMNS = {
    "users": ("id", "name", "name_look", "name_honest", "role", "created_at"),
    "stories": ("id", "key", "title", "url", "mode", "language", "comment_count", "created_at"),
    "comments": (
        *("id", "story_id", "parent_id", "root_id", "depth", "author_id", "text", "status"),
        *("reason", "revision", "created_at", "edited_at", "recommendations", "below", "shown"),
        *("waits_since", "language", "script"),
    ),
    "revisions": ("comment_id", "number", "text", "created_at"),
    "findings": (
        *("comment_id", "revision", "number", "check", "version", "code", "weight", "sentence"),
        *("start", "end", "evidence", "score", "cost"),
    ),
    "decisions": (
        *("comment_id", "revision", "action", "before", "after", "actor_id", "reason", "note"),
        "created_at",
    ),
    "reports": ("comment_id", "reporter_id", "reason", "note", "created_at", "settled"),
    "recommendations": ("comment_id", "user_id", "created_at"),
}


class Rows(msgspec.Struct):
    """Rows by table, as tuples of the columns above, parents before their replies.

    Whoever makes them answers for the counters in them: ``comment_count``, ``recommendations``,
    ``below`` and ``shown``.
    """

    users: list[RowValues] = []
    stories: list[RowValues] = []
    comments: list[RowValues] = []
    revisions: list[RowValues] = []
    findings: list[RowValues] = []
    decisions: list[RowValues] = []
    reports: list[RowValues] = []
    recommendations: list[RowValues] = []


def fill(connection: Connection, rows: Rows) -> None:
    """Stores ``rows``."""
    expect_many(connection)
    before = record.last_number(connection)
    for name, columns in _COLUMNS.items():
        load(connection, schema.metadata.tables[name], columns, getattr(rows, name))
    record.seal_missing(connection, after=before)
