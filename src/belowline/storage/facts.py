"""What a database says about itself, for those who look after it."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select, text

from belowline.storage import migrate, users
from belowline.storage.schema import comments

_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """``schema`` is "same", "older" or "newer" than this release; ``clock`` the server's, if any.

    ``unsafe`` names what would lose comments when the power goes; ``damage`` is the first thing
    that SQLite finds wrong with its file, "" when all is well or nothing was looked at.
    """

    release: str
    schema: str
    staff: int = 0
    newest: datetime | None = None
    clock: datetime | None = None
    standby: bool = False
    unsafe: tuple[str, ...] = ()
    damage: str = ""


def gather(connection: Connection, *, thoroughly: bool) -> Facts:
    """Looks at everything; ``thoroughly`` reads a SQLite file from its beginning to its end."""
    schema = migrate.state(connection)
    ours = _ours(connection) if schema == "same" else {}
    if connection.dialect.name == "postgresql":
        return _of_postgresql(connection, schema, ours)
    return _of_sqlite(connection, schema, ours, thoroughly)


def _ours(connection: Connection) -> dict[str, object]:
    newest = connection.execute(
        select(comments.c.created_at).order_by(comments.c.id.desc()).limit(1)
    ).scalar()
    return {"staff": len(users.staff(connection)), "newest": newest}


def _of_sqlite(
    connection: Connection, schema: str, ours: dict[str, object], thoroughly: bool
) -> Facts:
    found = "ok"
    if thoroughly:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    return msgspec.convert(
        {
            "release": f"SQLite {sqlite3.sqlite_version}",
            "schema": schema,
            "unsafe": () if mode == "wal" else (f"journal_mode={mode}",),
            "damage": "" if found == "ok" else found.splitlines()[0],
            **ours,
        },
        Facts,
    )


def _of_postgresql(connection: Connection, schema: str, ours: dict[str, object]) -> Facts:
    values = {
        name: connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar()
        for name in ("server_version", *_SETTINGS)
    }
    return msgspec.convert(
        {
            "release": f"PostgreSQL {values['server_version']}",
            "schema": schema,
            "clock": connection.execute(select(func.clock_timestamp())).scalar(),
            "standby": connection.execute(select(func.pg_is_in_recovery())).scalar(),
            "unsafe": tuple(f"{name}=off" for name in _SETTINGS if values[name] == "off"),
            **ours,
        },
        Facts,
    )
