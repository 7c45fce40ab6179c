"""Bringing a database to the schema of this release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from belowline.storage.engine import Storage, exclusive

_FOLDER = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 4_012_026


def migrate(storage: Storage) -> None:
    """Runs the versions that the database has not seen. Safe when several processes start."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with exclusive(storage) as connection:
        if not storage.is_sqlite:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
            connection.commit()
        if MigrationContext.configure(connection).get_current_revision() == newest():
            connection.rollback()
            return
        connection.rollback()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def newest() -> str | None:
    """The name of the newest version."""
    return ScriptDirectory(str(_FOLDER)).get_current_head()
