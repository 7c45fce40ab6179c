"""Bringing a database to the schema of this release."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from belowline.storage.engine import Connection, Storage, exclusive

_FOLDER = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 4_012_026


def migrate(storage: Storage) -> None:
    """Runs the versions that the database has not seen. Safe when several processes start."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with exclusive(storage) as connection, _alone(connection):
        if MigrationContext.configure(connection).get_current_revision() == newest():
            connection.rollback()
            return
        connection.rollback()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


@contextlib.contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Keeps other processes out on PostgreSQL; the file's write lock does it for SQLite."""
    if connection.dialect.name != "postgresql":
        yield
        return
    key = {"key": _ADVISORY_LOCK}
    connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
    connection.commit()
    try:
        yield
    finally:
        # The lock belongs to the session, which goes back to the pool and lives on.
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
        connection.commit()


@functools.cache
def newest() -> str | None:
    """The name of the newest version."""
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def versions() -> list[str]:
    """The names of all versions, the newest first."""
    return [script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()]


def state(connection: Connection) -> str:
    """How the database's schema stands to this release's: "same", "older" or "newer".

    A version that this release has never heard of was made by a newer one.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    if current == newest():
        return "same"
    return "older" if current is None or current in _known() else "newer"


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(versions())
