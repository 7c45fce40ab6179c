"""A backup: one SQLite file with everything, whatever database it was taken from.

It is a database like any other of ours, and holds one table more: what each table had when the
backup was made, by which damage is noticed before anything is overwritten.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, create_engine, select, text

from belowline.storage.copying import Copying, NotCopied, Progress, Sum, Summing, copy, telling
from belowline.storage.engine import Storage
from belowline.storage.migrate import migrate, versions
from belowline.storage.schema import meta

T = TypeVar("T")

_MANIFEST = "belowline_backup"
_PAGES = 1_000
_ROWS = 5_000


class _File:
    """A SQLite file that is only read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` on a connection of its own."""
        engine = create_engine(f"sqlite:///file:{self.path}?mode=ro&uri=true")
        try:
            with engine.connect() as connection:
                return work(connection)
        finally:
            engine.dispose()


# -- making one ----------------------------------------------------------------------------


def make(storage: Storage, file: Path, now: datetime, progress: Progress) -> list[Sum]:
    """Writes a backup of what ``storage`` holds at one moment, while it may go on changing.

    ``file`` is there when it is whole, and not before. Raises NotCopied.
    """
    with tempfile.TemporaryDirectory(prefix=".belowline-", dir=file.parent) as folder:
        made = Path(folder) / "backup.sqlite"
        if storage.is_sqlite:
            with telling():
                storage.read_now(lambda connection: _copy_pages(connection, made, progress))
        else:
            with opened(f"sqlite:///{made}") as target:
                copy(storage, target, Copying(now=now), progress)
        found = _finish(made)
        made.chmod(0o600)
        made.replace(file)
    return found


def _copy_pages(connection: Connection, made: Path, progress: Progress) -> None:
    """SQLite's online backup, from a connection that can neither write nor checkpoint.

    The read that comes first pins the snapshot: without it the copy would begin anew whenever
    somebody writes, and never end on a busy site.
    """
    connection.execute(select(meta.c.key).limit(1)).all()
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    with closing(sqlite3.connect(made)) as target:
        source.backup(
            target,
            pages=_PAGES,
            progress=lambda _, left, total: progress(total - left, total),
            sleep=0,
        )


def _finish(made: Path) -> list[Sum]:
    """One file without a journal beside it, with what it holds written into it."""
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        found = _sums(connection, lambda done: None)
        connection.execute(f"CREATE TABLE {_MANIFEST} (sums TEXT NOT NULL)")
        sums = msgspec.json.encode(found).decode()
        connection.execute(f"INSERT INTO {_MANIFEST} VALUES (?)", (sums,))
        connection.commit()
    return found


def _sums(connection: sqlite3.Connection, tell: Callable[[int], None]) -> list[Sum]:
    """What each table holds, as it is stored: whatever release wrote it."""
    found = []
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name NOT LIKE 'comment_words%'"  # made anew from the comments
        " AND name <> ? ORDER BY name",
        (_MANIFEST,),
    ).fetchall()
    for (name,) in tables:
        summing = Summing(name)
        rows = connection.execute(f'SELECT * FROM "{name}"')
        while part := rows.fetchmany(_ROWS):
            summing.add(part)
            tell(len(part))
        found.append(summing.result())
    return found


# -- going back to one ---------------------------------------------------------------------


def restore(file: Path, target: Storage, how: Copying, progress: Progress) -> list[Sum]:
    """Puts what the backup holds into ``target``, when it is whole. Raises NotCopied."""
    verify(file)
    with _as_of_this_release(file) as source:
        return copy(source, target, how, progress)


def verify(file: Path) -> list[Sum]:
    """What the backup holds. Raises NotCopied for a damaged one and for what is none."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            (kept,) = connection.execute(f"SELECT sums FROM {_MANIFEST}").fetchone()
            (fault,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            found = _sums(connection, lambda done: None)
    except sqlite3.DatabaseError as error:
        raise NotCopied(f"{file.name} is no backup that can be read: {error}") from error
    if fault != "ok":
        raise NotCopied(f"{file.name} is damaged: {fault}")
    for was, now in zip(msgspec.json.decode(kept, type=list[Sum]), found, strict=True):
        if was != now:
            raise NotCopied(f"{file.name} is damaged: {was.table} is not what it was")
    return found


@contextmanager
def _as_of_this_release(file: Path) -> Iterator[_File]:
    """The backup, or a copy of it with this release's schema when an earlier one made it."""
    known = versions()
    version = _File(file).read_now(
        lambda connection: connection.execute(
            text("SELECT version_num FROM alembic_version")
        ).scalar()
    )
    if version not in known:
        raise NotCopied(f"{file.name} was made by a later release of Belowline")
    if version == known[0]:
        yield _File(file)
        return
    with tempfile.TemporaryDirectory(prefix=".belowline-", dir=file.parent) as folder:
        newer = Path(folder) / "backup.sqlite"
        shutil.copyfile(file, newer)
        with opened(f"sqlite:///{newer}"):
            yield _File(newer)


@contextmanager
def opened(url: str) -> Iterator[Storage]:
    """Storage with this release's schema, closed in the end. Raises NotCopied."""
    storage = Storage(url)
    try:
        with telling():
            migrate(storage)
        yield storage
    finally:
        storage.close()
