"""Full-text search over comments: FTS5 on SQLite, a GIN index on PostgreSQL.

Neither can be forgotten by a writer: SQLite's is kept by triggers, and PostgreSQL's is an index of
an expression. What people type is plain words, all of which have to occur; nothing in it is syntax.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Connection, column, func, literal_column, select, table, text

from belowline.storage.schema import comments

TABLE = "comment_words"
INDEX = "ix_comments_words"

_MOST = 10  # words that are looked for
_VECTOR = "to_tsvector('simple', text)"
_SQLITE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5"
    "(text, content='comments', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
)
_TRIGGERS = {
    "comment_words_added": (
        "AFTER INSERT ON comments BEGIN "
        f"INSERT INTO {TABLE} (rowid, text) VALUES (new.id, new.text); END"
    ),
    "comment_words_changed": (
        "AFTER UPDATE OF text ON comments BEGIN "
        f"INSERT INTO {TABLE} ({TABLE}, rowid, text) VALUES ('delete', old.id, old.text); "
        f"INSERT INTO {TABLE} (rowid, text) VALUES (new.id, new.text); END"
    ),
    "comment_words_gone": (
        "AFTER DELETE ON comments BEGIN "
        f"INSERT INTO {TABLE} ({TABLE}, rowid, text) VALUES ('delete', old.id, old.text); END"
    ),
}


def create(connection: Connection) -> None:
    """Makes the index with everything that is there. Nothing happens when it is there already."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(f"CREATE INDEX IF NOT EXISTS {INDEX} ON comments USING gin ({_VECTOR})")
        )
        return
    for statement in _SQLITE:
        connection.exec_driver_sql(statement)
    resume(connection)


def suspend(connection: Connection) -> None:
    """Stops keeping the index, while very many comments are loaded; `resume` brings it back."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP INDEX IF EXISTS {INDEX}"))
        return
    for name in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def resume(connection: Connection) -> None:
    """Takes in everything that is there, when the index has not been kept, and keeps it on."""
    if connection.dialect.name == "postgresql":
        create(connection)
        return
    if _is_kept(connection):
        return
    connection.exec_driver_sql(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('rebuild')")
    for name, does in _TRIGGERS.items():
        connection.exec_driver_sql(f"CREATE TRIGGER IF NOT EXISTS {name} {does}")


def _is_kept(connection: Connection) -> bool:
    names = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    return set(_TRIGGERS) <= set(names.scalars())


def words(typed: str) -> list[str]:
    """The words of what somebody typed, without any sign that could be syntax, ten at most."""
    return re.findall(r"\w+", typed)[:_MOST]


def matches(connection: Connection, typed: str) -> ColumnElement[bool] | None:
    """The condition that a comment's text has all words; the last one may be the beginning of one.

    None when there is no word in ``typed``.
    """
    found = words(typed)
    if not found:
        return None
    if connection.dialect.name == "postgresql":
        query = " & ".join(f"'{word}'" for word in found) + ":*"
        vector: ColumnElement[Any] = literal_column(_VECTOR.replace("text)", "comments.text)"))
        return vector.op("@@")(func.to_tsquery("simple", query))
    query = " ".join(f'"{word}"' for word in found) + "*"
    index = table(TABLE, column("rowid"), column(TABLE))
    chosen = select(index.c.rowid).where(index.c[TABLE].op("MATCH")(query))
    return comments.c.id.in_(chosen)
