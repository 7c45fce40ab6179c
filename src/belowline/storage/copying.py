"""Taking everything from one database to another, of either kind, and knowing that it arrived.

A copy is read in one snapshot, written in one transaction, and read again before that commits:
each table must have as many rows as the original, and the same checksum. Nothing is held in
memory but some thousands of rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from belowline.storage import append_only, wake
from belowline.storage.engine import Storage, exclusive, take_turn
from belowline.storage.rows import (
    RowValues,
    analyze,
    expect_many,
    guard,
    is_empty,
    load,
    read,
    unguard,
)
from belowline.storage.schema import events, metadata, streams

TABLES = tuple(table for table in metadata.sorted_tables if not table.info.get("passing"))
_SIZE = 16
_NAMES = ", ".join(f'"{table.name}"' for table in TABLES)
_GIVE_WAY = 200  # milliseconds, less than PostgreSQL's deadlock_timeout
_PATIENCE = 60.0  # seconds

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told how many rows were dealt with, and how many there are altogether."""


class NotCopied(Exception):
    """A copy could not be made or did not arrive. Its text is a sentence for the operator."""


class Source(Protocol):
    """What can be copied from: a `Storage`, or a backup."""

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` on a connection that sees one snapshot."""
        ...


class Sum(msgspec.Struct, frozen=True):
    """What a table holds: its number of rows and the sum of their hashes, in no order."""

    table: str
    rows: int
    checksum: str


class Summing:
    """Adds up the rows of a table as they pass."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._rows = 0
        self._sum = 0

    def add(self, rows: Iterable[RowValues]) -> None:
        """Takes ``rows`` in."""
        for row in rows:
            packed = msgspec.msgpack.encode(row)
            digest = hashlib.blake2b(packed, digest_size=_SIZE).digest()
            self._sum += int.from_bytes(digest, "big")
            self._rows += 1

    def result(self) -> Sum:
        """What has passed."""
        return Sum(self._table, self._rows, f"{self._sum % (1 << 8 * _SIZE):0{2 * _SIZE}x}")


def count(connection: Connection) -> int:
    """How many rows all tables have."""
    return sum(
        connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES
    )


def sums(connection: Connection, tell: Callable[[int], None]) -> list[Sum]:
    """What every table holds; ``tell`` is given the number of rows that were just read."""
    found = []
    for table in TABLES:
        summing = Summing(table.name)
        for part in read(connection, table):
            summing.add(part)
            tell(len(part))
        found.append(summing.result())
    return found


class Copying(msgspec.Struct, frozen=True, kw_only=True):
    """How to copy: over what the target holds, or only into an empty one; and only while nothing
    is written to the source, or whatever happens there meanwhile.
    """

    over: bool = False
    still: bool = False
    now: datetime


@contextlib.contextmanager
def telling() -> Iterator[None]:
    """Makes one sentence of what a database says, instead of a trace."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise NotCopied(f"the database refused: {reason}") from error


def copy(source: Source, target: Storage, how: Copying, progress: Progress) -> list[Sum]:
    """Copies every table and answers what was copied. All of it arrives, or nothing.

    Both have this release's schema. Open pages of a site that is overwritten are told to load
    anew. Raises NotCopied, as ``how`` says and when what arrived is not what left.
    """

    def work(origin: Connection) -> list[Sum]:
        with telling():
            return _copy(origin, source, target, how, progress)

    return source.read_now(work)


def _copy(
    origin: Connection, source: Source, target: Storage, how: Copying, progress: Progress
) -> list[Sum]:
    meter = _Meter(progress, 2 * count(origin))
    with _loading(target) as connection:
        before = _make_room(connection, how)
        unguard(connection, TABLES)
        left = [_load(origin, connection, table, meter.add) for table in TABLES]
        guard(connection, TABLES)
        append_only.guard(connection)
        _continue_counting(connection)
        _demand_same(left, sums(connection, meter.add))
        _demand_sound(connection)
        if how.still and source.read_now(fingerprint) != fingerprint(origin):
            raise NotCopied("the site was written to meanwhile; stop it and try again")
        _outrun(connection, before, how.now)
        analyze(connection)
        wake.notify(connection, wake.ANYTHING)
    return left


def _make_room(connection: Connection, how: Copying) -> dict[str, int]:
    """Empties the target if that may be; answers the numbers that its streams had."""
    if is_empty(connection, *TABLES):
        return {}
    if not how.over:
        raise NotCopied("there is something in that database already")
    if connection.dialect.name == "postgresql":
        _have_all_wait(connection)
    append_only.lift(connection)
    before = _numbers(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"TRUNCATE {_NAMES}")
    else:
        for table in reversed(TABLES):
            connection.execute(delete(table))
    return before


def _have_all_wait(connection: Connection) -> None:
    """Nobody else writes or reads until the transaction is over. PostgreSQL only.

    Tables are locked one after the other, and who has begun may hold one that comes later and
    need one that is locked. Whoever waits for them gives way before PostgreSQL sees a deadlock,
    so that they can finish, and tries again.
    """
    take_turn(connection)
    until = time.monotonic() + _PATIENCE
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_GIVE_WAY}")
    while True:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"LOCK TABLE {_NAMES} IN ACCESS EXCLUSIVE MODE")
            break
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != "55P03":
                raise
            if time.monotonic() > until:
                raise NotCopied("others use the database all the time; stop them first") from error
    connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")


class _Meter:
    """Adds up progress."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._done = 0
        self._total = total

    def add(self, rows: int) -> None:
        """So many more rows were dealt with."""
        self._done += rows
        self._progress(self._done, self._total)


@contextlib.contextmanager
def _loading(target: Storage) -> Iterator[Connection]:
    """The writing connection in one transaction, without foreign keys being looked up a row."""
    with exclusive(target) as connection:
        if connection.dialect.name == "sqlite":
            # Not through SQLAlchemy, which would begin a transaction, and then it has no effect.
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                expect_many(connection)
                yield connection
        finally:
            if connection.dialect.name == "sqlite":
                driver.execute("PRAGMA foreign_keys=ON")


def _load(
    origin: Connection, connection: Connection, table: Table, tell: Callable[[int], None]
) -> Sum:
    summing = Summing(table.name)
    columns = [column.name for column in table.c]
    for part in read(origin, table):
        summing.add(part)
        load(connection, table, columns, part)
        tell(len(part))
    return summing.result()


def _continue_counting(connection: Connection) -> None:
    """On PostgreSQL numbers come from sequences, which know nothing of rows that were copied."""
    if connection.dialect.name != "postgresql":
        return
    for table in TABLES:
        column = table.autoincrement_column
        if column is None or column.autoincrement is False or column.foreign_keys:
            continue
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"
                f" greatest(1, coalesce(max({column.name}), 0)), max({column.name}) IS NOT NULL)"
                f" FROM {table.name}"
            )
        )


def _demand_same(left: list[Sum], arrived: list[Sum]) -> None:
    for before, after in zip(left, arrived, strict=True):
        if before != after:
            raise NotCopied(
                f"{before.table}: {before.rows} rows ({before.checksum}) left and {after.rows} "
                f"({after.checksum}) arrived; nothing was kept"
            )


def _demand_sound(connection: Connection) -> None:
    """PostgreSQL has looked when the foreign keys were made again."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise NotCopied(f"{broken[0]} points at a row of {broken[2]} that is not there")


def fingerprint(connection: Connection) -> tuple[int, ...]:
    """Numbers of which one changes with nearly everything that is written to a site."""
    numbers = connection.execute(select(func.coalesce(func.sum(streams.c.number), 0))).scalar_one()
    return int(numbers), count(connection)


# -- a site that is replaced ---------------------------------------------------------------


def _numbers(connection: Connection) -> dict[str, int]:
    return {row.name: row.number for row in connection.execute(select(streams))}


def _outrun(connection: Connection, before: dict[str, int], moment: datetime) -> None:
    """Moves every stream on from where the replaced site was.

    A number stands for what was shown at it, in caches and open pages: it must not come to stand
    for something else.
    """
    now = _numbers(connection)
    for name in sorted(before):
        number = max(before[name], now.get(name, 0)) + 1
        if name in now:
            connection.execute(update(streams).where(streams.c.name == name).values(number=number))
        else:
            connection.execute(insert(streams).values(name=name, number=number))
        connection.execute(
            insert(events).values(
                stream=name,
                number=number,
                kind="seeded",
                subject=0,
                root_id=0,
                delta=0,
                created_at=moment,
            )
        )
