"""The database's own refusal to change or delete what the record is made of.

What may change are notes and salts, which an erasure takes away. Whoever owns the database can
take these triggers away too; the chain is what shows it.
"""

from __future__ import annotations

from sqlalchemy import Connection

_FIXED = {
    "decisions": (
        *("id", "comment_id", "revision", "action", '"before"', '"after"', "actor_id", "reason"),
        *("undoes", "created_at"),
    ),
    "acts": ("id", "actor_id", "action", "subject_id", "detail", "created_at"),
    "record": ("number", "kind", "subject", "personal", "hash"),
}
_WORDS = "the record is append-only"


def guard(connection: Connection) -> None:
    """From now on the database refuses."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION belowline_append_only() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
        )
        does = "FOR EACH ROW EXECUTE FUNCTION belowline_append_only()"
    else:
        does = f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    lift(connection)
    for table, columns in _FIXED.items():
        events = {"stays": "DELETE", "unchanged": f"UPDATE OF {', '.join(columns)}"}
        for name, event in events.items():
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {does}"
            )


def lift(connection: Connection) -> None:
    """Lets a whole site be replaced; `guard` comes afterwards, in the same transaction."""
    for table in _FIXED:
        for name in ("stays", "unchanged"):
            on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")
