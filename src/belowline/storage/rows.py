"""Many rows at once, as the database has them: for seeding, moving and backups.

A row is a tuple of plain values: moments as milliseconds, what is true or false as 1 or 0, so
that the same row is the same on both databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    ForeignKeyConstraint,
    Integer,
    Table,
    cast,
    inspect,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import AddConstraint, DropConstraint

from belowline.storage import search
from belowline.storage.schema import Moment, comments

RowValues = tuple[Any, ...]

_AT_ONCE = 5_000
_CACHE = "PRAGMA cache_size=-262144"  # KiB: indexes of millions of rows are touched at random


def moment(milliseconds: int) -> datetime:
    """What `schema.Moment` makes of ``milliseconds``."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def expect_many(connection: Connection) -> None:
    """Lets the connection keep more of a SQLite file in memory than single comments need."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_CACHE)


def load(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[RowValues]
) -> None:
    """Inserts ``rows``, the values of ``columns``, by COPY on PostgreSQL."""
    quote = connection.dialect.identifier_preparer.quote
    target = f"{quote(table.name)} ({', '.join(quote(name) for name in columns)})"
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {target} FROM STDIN", rows)
        return
    marks = ", ".join("?" * len(columns))
    listed = rows if isinstance(rows, list) else list(rows)
    if listed:
        connection.exec_driver_sql(f"INSERT INTO {target} VALUES ({marks})", listed)


def _copy(connection: Connection, statement: str, rows: Iterable[RowValues]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise OperationalError(statement, None, error) from error


def read(connection: Connection, table: Table) -> Iterator[list[RowValues]]:
    """All rows of ``table`` with all its columns, some thousands at a time, in no order."""
    query = select(*(_plain(column) for column in table.c))
    found = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for part in found.partitions():
        yield [tuple(row) for row in part]


def _plain(column: Any) -> Any:
    if isinstance(column.type, Boolean):
        return cast(column, Integer).label(column.name)
    if isinstance(column.type, Moment):
        return type_coerce(column, BigInteger).label(column.name)
    return column


def is_empty(connection: Connection, *tables: Table) -> bool:
    """Whether none of ``tables`` has a row."""
    looks = (select(literal(1)).select_from(table).limit(1) for table in tables)
    return not any(connection.execute(look).first() for look in looks)


def unguard(connection: Connection, tables: Iterable[Table]) -> None:
    """Takes away what slows loading: indexes and, on PostgreSQL, foreign keys.

    `guard` brings them back, in the same transaction or whenever the rest is loaded.
    """
    for table in tables:
        if table is comments:
            search.suspend(connection)
        for index in table.indexes:
            index.drop(connection, checkfirst=True)
        for key in _foreign_keys(connection, table):
            connection.execute(DropConstraint(key, if_exists=True))


def guard(connection: Connection, tables: Iterable[Table]) -> None:
    """Makes the indexes and foreign keys that are not there."""
    expect_many(connection)
    for table in tables:
        for index in table.indexes:
            index.create(connection, checkfirst=True)
        if table is comments:
            search.resume(connection)
        wanted = _foreign_keys(connection, table)
        there = {key["name"] for key in inspect(connection).get_foreign_keys(table.name)}
        for key in wanted:
            if key.name not in there:
                connection.execute(AddConstraint(key))


def _foreign_keys(connection: Connection, table: Table) -> list[ForeignKeyConstraint]:
    """None on SQLite, where a table keeps those that it was made with."""
    if connection.dialect.name == "sqlite":
        return []
    return sorted(table.foreign_key_constraints, key=lambda key: str(key.name))


def analyze(connection: Connection) -> None:
    """Has PostgreSQL look at what was loaded, or it plans as if the tables were empty."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")
