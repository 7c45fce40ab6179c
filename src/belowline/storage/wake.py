"""Telling other processes that a stream has news, and hearing it from them.

PostgreSQL: NOTIFY inside the transaction, so that it is sent by the commit and never without it.
SQLite: nothing is sent; a look at ``PRAGMA data_version`` once a second tells whether another
connection has written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

_CHANNEL = "belowline"
_SECONDS = 1.0
_log = structlog.get_logger(__name__)

Tell = Callable[[frozenset[str]], None]
EVERYTHING = frozenset({"*"})


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


def start(reader: Engine, url: URL, tell: Tell) -> Waker:
    """Begins to call ``tell`` with the streams that other processes have written to."""
    if url.get_backend_name() == "sqlite":
        return Waker(lambda stopped: _watch_sqlite(reader, tell, stopped))
    return Waker(lambda stopped: _listen_postgresql(url, tell, stopped))


def notify(connection: Connection, streams: frozenset[str]) -> None:
    """Has the commit of ``connection`` tell every process about ``streams``."""
    if connection.dialect.name == "postgresql":
        for stream in sorted(streams):
            connection.execute(
                text("SELECT pg_notify(:channel, :stream)"),
                {"channel": _CHANNEL, "stream": stream},
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


def _listen_postgresql(url: URL, tell: Tell, stopped: threading.Event) -> None:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopped.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"LISTEN {_CHANNEL}")
                tell(EVERYTHING)  # whatever was said while nobody listened
                while not stopped.is_set():
                    for message in connection.notifies(timeout=_SECONDS):
                        tell(frozenset({message.payload}))
                        if stopped.is_set():
                            return
        except psycopg.Error as error:
            _log.warning("storage.wake_failed", exc_info=error)
            stopped.wait(_SECONDS)
