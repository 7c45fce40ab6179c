"""Telling other processes that a stream has news, and hearing it from them.

PostgreSQL: NOTIFY inside the transaction, so that it is sent by the commit and never without it.
Whoever cannot listen although the database answers looks once a second. SQLite: nothing is sent;
a look at ``PRAGMA data_version`` once a second tells whether another connection has written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from belowline.domain.events import RECONNECTED
from belowline.storage import addresses, raw

_CHANNEL = "belowline"
_SECONDS = 1.0
_log = structlog.get_logger(__name__)

Tell = Callable[[frozenset[str]], None]
EVERYTHING = frozenset({"*"})
ANYTHING = EVERYTHING | {RECONNECTED}


class Waker:
    """A thread that hears of other processes' writes until it is stopped."""

    def __init__(self, listen: Callable[[threading.Event], None]) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=listen, args=(self._stopped,), name="belowline-waker", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        self._stopped.set()
        self._thread.join()


def start(reader: Engine, url: URL, tell: Tell, own: str = "") -> Waker:
    """Begins to call ``tell`` with the streams that other processes have written to.

    ``own`` is the sign that this process gives to `notify`: who wrote it needs not hear it.
    """
    if url.get_backend_name() == "sqlite":
        return Waker(lambda stopped: _watch_sqlite(reader, tell, stopped))
    return Waker(lambda stopped: _listen_postgresql(url, tell, own, stopped))


def notify(connection: Connection, streams: frozenset[str], sign: str = "") -> None:
    """Has the commit of ``connection`` tell every process about ``streams``."""
    if streams and connection.dialect.name == "postgresql":
        raw.run(
            connection,
            "SELECT pg_notify(?, said) FROM unnest(CAST(? AS text[])) AS said",
            (_CHANNEL, [f"{sign} {stream}" for stream in sorted(streams)]),
        )


def _watch_sqlite(reader: Engine, tell: Tell, stopped: threading.Event) -> None:
    with reader.connect() as connection:
        seen = None
        while not stopped.wait(_SECONDS):
            try:
                version = connection.exec_driver_sql("PRAGMA data_version").scalar()
                connection.rollback()
            except SQLAlchemyError as error:
                _log.warning("storage.wake_failed", exc_info=error)
                continue
            if version != seen:
                seen = version
                tell(EVERYTHING)


def _listen_postgresql(url: URL, tell: Tell, own: str, stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            with psycopg.connect(**addresses.parameters(url), autocommit=True) as connection:
                tell(ANYTHING)  # even if it may not listen, as through a pool of connections
                connection.execute(f"LISTEN {_CHANNEL}")
                tell(ANYTHING)  # whatever was said while nobody listened
                _hear(connection, tell, own, stopped)
        except Exception as error:  # whatever it is: who does not listen shows nothing new
            _log.warning("storage.wake_failed", exc_info=error)
            stopped.wait(_SECONDS)


def _hear(connection: psycopg.Connection, tell: Tell, own: str, stopped: threading.Event) -> None:
    while not stopped.is_set():
        for message in connection.notifies(timeout=_SECONDS):
            sign, _, stream = message.payload.partition(" ")
            if sign != own:
                tell(frozenset({stream}))
            if stopped.is_set():
                return
