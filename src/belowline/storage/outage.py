"""Telling a database that cannot be used just now from a mistake in what it was asked.

An outage is nobody's fault who asks: the disk is full, read-only or broken, the server is away,
shuts down or has become a replica. It is answered by "come back later", and nothing is gained by
asking again at once.
"""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, PendingRollbackError

LOST = (DBAPIError, PendingRollbackError)
"""What a statement raises by which a whole transaction is lost: the database's error, or that its
connection went away in an earlier one."""

# https://www.sqlite.org/rescode.html
_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = ("08", "25006", "25P03", "25P04", "53", "55P03", "57", "58", "XX")


def is_outage(error: BaseException) -> bool:
    """Whether the database, its disk or the way to it is to blame."""
    if isinstance(error, PendingRollbackError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True  # whatever the last words of the connection were
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _SQLITE
    if isinstance(cause, psycopg.Error):
        if cause.sqlstate is None:  # the connection, not an answer
            return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
        return cause.sqlstate.startswith(_POSTGRESQL)
    return isinstance(cause, OSError)


def name(error: BaseException) -> str:
    """What happened, for the log: an error's name, never a statement with what somebody wrote."""
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    return type(cause).__name__


def words(error: BaseException) -> str:
    """What happened, in one line of the database's own words."""
    return (str(_cause(error)).strip().splitlines() or [name(error)])[0]


def _cause(error: BaseException) -> BaseException:
    return error.orig or error if isinstance(error, DBAPIError) else error
