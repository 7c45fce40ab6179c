"""Statements as text, straight to the database's driver.

For the few that every comment needs: SQLAlchemy takes several times as long to build and send a
statement as SQLite takes to run it. Everything else is SQLAlchemy Core.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

_MOST_ROWS = 500  # with all their columns below what either database takes as values

Rows = list[tuple[Any, ...]]


def run(connection: Connection, statement: str, values: Iterable[Any] = ()) -> Rows:
    """The rows that ``statement`` answers. ``?`` stands for a value, on both databases.

    Raises the same errors as ``connection.execute``.
    """
    dialect = connection.dialect
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor = driver.execute(spelt(statement, dialect.paramstyle), tuple(values))
        return cursor.fetchall() if cursor.description else []
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            statement, None, error, dialect.loaded_dbapi.Error, hide_parameters=True
        ) from error


def for_each(connection: Connection, statement: str, values: Collection[Any]) -> Rows:
    """The rows that ``statement``, which has one place, answers for each value, asked at once."""
    if not values:
        return []
    return run(connection, " UNION ALL ".join([statement] * len(values)), values)


def places(count: int) -> str:
    """The places of ``count`` values: ``(?, ?, ?)``."""
    return f"({', '.join('?' * count)})"


def joined(connection: Connection, expression: str) -> str:
    """All values of ``expression``, with commas between: one row instead of many, since a driver
    lets other threads run for each.
    """
    if connection.dialect.name == "sqlite":
        return f"group_concat({expression})"
    return f"string_agg({expression}, ',')"


def insert(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    ending: str = "",
) -> Rows:
    """Inserts ``rows``, the values of ``columns`` as the database has them, in one statement.

    ``ending`` is SQL that both databases understand: ON CONFLICT, RETURNING. Answers what it
    has it return.
    """
    returned: Rows = []
    beginning = _beginning(table, columns, connection.dialect)
    for first in range(0, len(rows), _MOST_ROWS):
        part = rows[first : first + _MOST_ROWS]
        all_places = ", ".join([places(len(columns))] * len(part))
        values = [value for row in part for value in row]
        returned += run(connection, f"{beginning} {all_places} {ending}", values)
    return returned


@lru_cache
def _beginning(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES"


@lru_cache(maxsize=512)
def spelt(statement: str, paramstyle: str) -> str:
    """``statement`` as the driver wants it."""
    return statement if paramstyle == "qmark" else statement.replace("?", "%s")
