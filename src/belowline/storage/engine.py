"""One writer that commits in groups, and readers beside it.

A function given to `Storage.write` runs in the writer's thread with others in one transaction,
each inside a savepoint of its own; its caller is answered after the one commit, so an answer
always means "on disk". A function may run a second time when its group has to be repeated, so it
touches nothing but its connection.

SQLite: exactly one connection on the machine may write or checkpoint at a time, because releases
from 3.7.0 to 3.51.2 can corrupt a WAL database when two do so at the same moment
(docs/decisions/0003). A lock file is held from before a transaction begins until it is committed
and checkpointed, by the server and by the command line alike; readers are opened read-only and
can do neither.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from belowline.domain.errors import Refused
from belowline.storage import wake

T = TypeVar("T")
Work = Callable[[Connection], Any]
Listener = Callable[[frozenset[str]], None]

__all__ = ["Connection", "Storage", "exclusive"]

_LARGEST_GROUP = 256
_LONGEST_QUEUE = 10_000
_READERS = 4
_log = structlog.get_logger(__name__)


class _Task:
    """One function that waits for its commit."""

    __slots__ = ("future", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.future: Future[Any] = Future()


class Storage:
    """A database with its one writer and its readers. Started on creation; `close` ends it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = _writing_engine(self.url)
        self._reader = _reading_engine(self.url)
        self._lock = _WriteLock(self.url) if self.is_sqlite else contextlib.nullcontext()
        self._tasks: queue.Queue[_Task | None] = queue.Queue(_LONGEST_QUEUE)
        self._listeners: list[Listener] = []
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="belowline-reader")
        self._thread = threading.Thread(target=self._run, name="belowline-writer", daemon=True)
        self._thread.start()
        self._waker: wake.Waker | None = None

    # -- what callers use ------------------------------------------------------------------

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` in the next group and answers after its commit.

        What ``work`` raises is raised here and undoes only what ``work`` did. Raises
        Refused("unavailable") when the database cannot store or too many writes wait.
        """
        return await asyncio.wrap_future(self._submit(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` on a reading connection, in a thread of its own."""
        return await asyncio.wrap_future(self._threads.submit(self.read_now, work))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """`write` for programs without an event loop."""
        answer: T = self._submit(work).result()
        return answer

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """`read` for programs without an event loop."""
        try:
            with self._reader.connect() as connection:
                return work(connection)
        except (OperationalError, InterfaceError) as error:
            _log.error("storage.read_failed", error=type(error.orig).__name__)
            raise Refused("unavailable") from error

    def listen(self, listener: Listener) -> None:
        """Calls ``listener`` with the names of streams that have news, from another thread.

        ``frozenset({"*"})`` means that another process wrote something. A call is only a hint:
        the truth is what is stored.
        """
        self._listeners.append(listener)
        if self._waker is None:
            self._waker = wake.start(self._reader, self.url, self._tell)

    def close(self) -> None:
        """Finishes what is queued and closes every connection."""
        self._tasks.put(None)
        self._thread.join()
        if self._waker is not None:
            self._waker.stop()
        self._threads.shutdown()
        self._reader.dispose()
        with self._lock:
            self._writer.dispose()

    # -- the writer's thread ---------------------------------------------------------------

    def _submit(self, work: Work) -> Future[Any]:
        task = _Task(work)
        try:
            self._tasks.put_nowait(task)
        except queue.Full:
            raise Refused("unavailable") from None
        return task.future

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            waiting = [task for task in group if task.future.set_running_or_notify_cancel()]
            if waiting:
                self._commit(waiting)

    def _next_group(self) -> list[_Task] | None:
        task = self._tasks.get()
        group: list[_Task] = []
        while task is not None:
            group.append(task)
            if len(group) == _LARGEST_GROUP or self._tasks.empty():
                return group
            task = self._tasks.get_nowait()
        if group:
            self._tasks.put(None)  # the end was seen while a group was open: see it again
        return group or None

    def _commit(self, group: list[_Task]) -> None:
        try:
            answers, streams = self._in_one_transaction(group)
        except DBAPIError as error:
            if len(group) > 1:  # one of them may be to blame, or a deadlock: each on its own
                for task in group:
                    self._commit([task])
                return
            _log.error("storage.write_failed", error=type(error.orig).__name__)
            group[0].future.set_exception(Refused("unavailable"))
            return
        except Exception as error:  # the writer must outlive whatever happens to a group
            for task in group:
                task.future.set_exception(error)
            return
        for task, (answer, failure) in zip(group, answers, strict=True):
            if failure is None:
                task.future.set_result(answer)
            else:
                task.future.set_exception(failure)
        self._tell(streams)

    def _in_one_transaction(
        self, group: list[_Task]
    ) -> tuple[list[tuple[Any, Exception | None]], frozenset[str]]:
        with self._lock, self._writer.connect() as connection, connection.begin():
            connection.info["streams"] = set()
            answers = [_in_savepoint(connection, task.work) for task in group]
            streams = frozenset(connection.info["streams"])
            wake.notify(connection, streams)
        return answers, streams

    def _tell(self, streams: frozenset[str]) -> None:
        if streams:
            for listener in self._listeners:
                listener(streams)


def _in_savepoint(connection: Connection, work: Work) -> tuple[Any, Exception | None]:
    connection.exec_driver_sql("SAVEPOINT task")
    try:
        answer = work(connection)
    except DBAPIError:
        raise
    except Exception as failure:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT task")
        return None, failure
    connection.exec_driver_sql("RELEASE SAVEPOINT task")
    return answer, None


class _WriteLock:
    """Held while this machine's one writing connection of a SQLite file is at work."""

    def __init__(self, url: URL) -> None:
        self._path = Path(f"{url.database}.lock")

    def __enter__(self) -> None:
        self._file = self._path.open("a")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _writing_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, pool_size=1, max_overflow=1, pool_pre_ping=True)
        event.listen(engine, "connect", _prefer_indexes)
        return engine
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # or Python begins transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _reading_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(
            url, pool_size=_READERS, pool_pre_ping=True, isolation_level="REPEATABLE READ"
        )
        event.listen(engine, "connect", _prefer_indexes)
        return engine
    address = f"sqlite:///file:{url.database}?mode=ro&uri=true"
    engine = create_engine(
        address,
        pool_size=_READERS + 1,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("query_only=ON", "mmap_size=268435456"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")  # one snapshot for all queries of one read

    return engine


def _prefer_indexes(connection: Any, _: object) -> None:
    """Has PostgreSQL plan for disks without a moving head.

    By its default, for those with one, it finds twenty comments of a large story by going
    through everybody's, the newest first: an eternity when the story is an old one.
    """
    connection.execute("SET random_page_cost = 1.1")
    connection.commit()


@contextlib.contextmanager
def exclusive(storage: Storage) -> Iterator[Connection]:
    """The writing connection for migrations, outside any group, with the write lock held."""
    with storage._lock, storage._writer.connect() as connection:
        yield connection
