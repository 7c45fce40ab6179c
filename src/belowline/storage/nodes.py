"""What the processes of a site tell each other once a second. PostgreSQL only.

Each has one row, which it writes over. Time is the database's, so that the nodes' clocks need not
agree; whoever has said nothing for some seconds is left out, and forgotten later.
"""

from __future__ import annotations

from sqlalchemy import Connection

from belowline.storage import raw

SILENCE = 5.0
"""Seconds after which a node that says nothing is not there any more."""

_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
_SAY = (
    f"INSERT INTO nodes (name, seen_at, word) VALUES (?, {_NOW}, ?) "
    "ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, word = excluded.word"
)
_HEAR = (
    f"SELECT {_NOW}, name, word FROM nodes "
    f"WHERE name = ? OR seen_at > {_NOW} - {round(SILENCE * 1000)}"
)
_FORGET = f"DELETE FROM nodes WHERE seen_at < {_NOW} - 60000"


def exchange(connection: Connection, name: str, word: bytes) -> tuple[float, dict[str, bytes]]:
    """Leaves ``word`` for the others; the database's time in seconds, and what they have left.

    On a connection whose statements stand by themselves.
    """
    raw.run(connection, _SAY, (name, word))
    rows = raw.run(connection, _HEAR, (name,))
    return rows[0][0] / 1000, {row[1]: bytes(row[2]) for row in rows if row[1] != name}


def leave(connection: Connection, name: str) -> None:
    """Is not there any more, and sweeps up after those that could not say so."""
    raw.run(connection, "DELETE FROM nodes WHERE name = ?", (name,))
    raw.run(connection, _FORGET)
