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
import errno
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from belowline.domain.errors import Refused
from belowline.metrics import counts
from belowline.storage import addresses, outage, raw, record, wake
from belowline.storage.groups import ALONE, Answer, Gatherer, Task, answer, runs, settle

Item = TypeVar("Item")
T = TypeVar("T")
Answers = Sequence[T | Exception]
Work = Callable[[Connection], Any]
Listener = Callable[[frozenset[str]], None]

__all__ = ["URL", "Connection", "Storage", "exclusive", "take_turn"]

_READERS = 4
_ASK_AGAIN = 0.002  # seconds
_LAST_WAIT = 3.0  # seconds
_WRITING = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",  # what savepoints and RETURNING note down would go to a file otherwise
    "cache_size=-65536",  # KiB
    "wal_autocheckpoint=4000",  # pages, 16 MB: what many groups change is written back once
    "journal_size_limit=67108864",  # bytes that the log keeps of what it grew to during a long read
)
# PostgreSQL: the groups of all nodes take turns, so that they cannot wait for each other's rows in
# a circle, and each sees all that was stored before. A commit that notifies waits for its turn in
# any case, and a group is as long as one commit. A node that is cut off in the middle of its group
# gives way to the others after `_STALLED` milliseconds.
_TAKE_TURN = (
    "SELECT set_config('idle_in_transaction_session_timeout', ?, true), pg_advisory_xact_lock(?)"
)
_TURN = 4_012_027
_STALLED = "5000"
_log = structlog.get_logger(__name__)


class Storage:
    """A database with its one writer and its readers. Started on creation; `close` ends it.

    ``patience`` is for how many seconds somebody waits for an answer before they are refused;
    None for programs that have nobody to answer.
    """

    def __init__(self, url: str | URL, patience: float | None = None) -> None:
        self.url = addresses.parse(url) if isinstance(url, str) else url
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = _writing_engine(self.url)
        self._reader = _reading_engine(self.url)
        self._lock = _WriteLock(self.url) if self.is_sqlite else None
        self._files = _Files(self.url) if self.is_sqlite else None
        self._listeners: list[Listener] = []
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="belowline-reader")
        self._writes = Gatherer("belowline-writer", self._write)
        self._reads = Gatherer("belowline-gathered-reads", self._look)
        self._waker: wake.Waker | None = None
        self._patience = patience
        self._sign = secrets.token_hex(4)  # by which it knows its own notifications

    # -- what callers use ------------------------------------------------------------------

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` in the next group and answers after its commit.

        What ``work`` raises is raised here and undoes only what ``work`` did. Raises
        Refused("unavailable") when the database cannot store, too many writes wait, or the answer
        takes too long. In the last case what had begun may still be stored: whoever sends it
        again is told apart by their Idempotency-Key.
        """
        answer: T = await self._wait(self._writes, work)
        return answer

    async def write_together(
        self, work: Callable[[Connection, list[Item]], Answers[T]], item: Item
    ) -> T:
        """`write` for what many do at once: one call of ``work`` gets the items of all who wait.

        ``work`` gives an answer for each item, in their order, or the exception to raise for it.
        It is one function that stands in a module, because that is how it is known again.
        """
        answer: T = await self._wait(self._writes, work, item)
        return answer

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` on a reading connection, in a thread of its own."""
        context = copy_context()  # the request's id, for what is logged
        done = self._threads.submit(context.run, self.read_now, work)
        return await _at_most(self._patience, asyncio.wrap_future(done))

    async def aside(self, work: Callable[[Connection], T]) -> T:
        """`read` for work that writes a little which need not last, each statement by itself.

        PostgreSQL only: nothing is written to a SQLite file beside its writer.
        """
        done = self._threads.submit(self.aside_now, work)
        return await _at_most(self._patience, asyncio.wrap_future(done))

    async def read_together(
        self, work: Callable[[Connection, list[Item]], Answers[T]], item: Item
    ) -> T:
        """`read` for what many do at once: one call of ``work`` gets the items of all who wait."""
        answer: T = await self._wait(self._reads, work, item)
        return answer

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """`write` for programs without an event loop."""
        answer: T = self._submit(work).result()
        return answer

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """`read` for programs without an event loop."""
        with _outage_is_refusal(), self._reader.connect() as connection:
            return work(connection)

    def aside_now(self, work: Callable[[Connection], T]) -> T:
        """`aside` for programs without an event loop."""
        assert not self.is_sqlite
        with _outage_is_refusal(), self._reader.connect() as connection:
            return work(connection.execution_options(isolation_level="AUTOCOMMIT"))

    def write_age(self) -> float:
        """For how many seconds the oldest write that is not finished has been waiting."""
        return self._writes.age()

    def listen(self, listener: Listener) -> None:
        """Calls ``listener`` with the names of streams that have news, from another thread.

        ``frozenset({"*"})`` means that another process wrote something. A call is only a hint:
        the truth is what is stored.
        """
        self._listeners.append(listener)
        if self._waker is None:
            self._waker = wake.start(self._reader, self.url, self._tell, self._sign)

    def close(self) -> None:
        """Finishes what is queued and closes every connection.

        What another program keeps from being stored for too long, by holding the write lock, is
        refused instead: nobody has been told that it is stored.
        """
        if self._lock is not None:
            self._lock.hurry()
        self._writes.close()
        self._reads.close()
        if self._waker is not None:
            self._waker.stop()
        self._threads.shutdown()
        self._reader.dispose()
        with contextlib.suppress(OSError), self._locked():
            self._writer.dispose()

    # -- in other threads --------------------------------------------------------------------

    def _submit(self, work: Work) -> Future[Any]:
        future: Future[Any] = Future()
        self._writes.submit(Task(work, ALONE, future))
        return future

    async def _wait(self, gatherer: Gatherer, work: Callable[..., Any], item: Any = ALONE) -> Any:
        if self._patience is not None and gatherer.age() > self._patience:
            raise Refused("unavailable")  # others have waited in vain: better told at once
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        gatherer.submit(Task(work, item, future, loop))
        return await _at_most(self._patience, future)

    def _write(self, group: list[Task]) -> None:
        began = time.perf_counter()
        for task in group:
            counts.queue_wait.observe(began - task.since)
        self._commit(group)

    def _commit(self, group: list[Task]) -> None:
        try:
            answers, streams = self._in_one_transaction(group)
        except (*outage.LOST, OSError) as error:
            if len(group) > 1 and not outage.is_outage(error):
                # One of them may be to blame, or a deadlock: find out which.
                half = len(group) // 2
                self._commit(group[:half])
                self._commit(group[half:])
                return
            _log.error("storage.write_failed", request_id=group[0].request, exc_info=error)
            settle(group, [(None, Refused("unavailable"))] * len(group))
            return
        except Exception as error:  # the writer must outlive whatever happens to a group
            settle(group, [(None, error)] * len(group))
            return
        _log.debug("storage.committed", requests=[task.request for task in group])
        self._tell(streams)  # before anybody is answered, so that they read what they wrote
        settle(group, answers)

    def _in_one_transaction(self, group: list[Task]) -> tuple[list[Answer], frozenset[str]]:
        with self._turn(), self._connected() as connection, connection.begin() as transaction:
            if self._files is None:
                raw.run(connection, _TAKE_TURN, (_STALLED, _TURN))
            else:
                self._files.check_log(connection)
            connection.info["streams"] = set()
            connection.info.pop("unsealed", None)  # of a transaction that failed
            answers = [one for run in runs(group) for one in answer(connection, run, _savepoint)]
            record.seal(connection)
            streams = frozenset(connection.info["streams"])
            wake.notify(connection, streams, self._sign)
            began = time.perf_counter()
            transaction.commit()
            counts.commit_time.observe(time.perf_counter() - began)
        counts.group_size.observe(len(group))
        return answers, streams

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        return self._lock or contextlib.nullcontext()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        with self._locked():
            if self._files is not None:
                self._files.check()
            yield

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        """The writing connection. After an outage a new one takes its place the next time:

        SQLite opens what it may not write to for reading only, and such a connection stays so.
        """
        with self._writer.connect() as connection:
            try:
                yield connection
            except outage.LOST as error:
                if outage.is_outage(error) and not connection.invalidated:
                    connection.invalidate(error)
                raise

    def _look(self, group: list[Task]) -> None:
        try:
            answers = self.read_now(
                lambda connection: [
                    one for run in runs(group) for one in answer(connection, run, _nothing)
                ]
            )
        except Exception as error:
            answers = [(None, error)] * len(group)
        settle(group, answers)

    def _tell(self, streams: frozenset[str]) -> None:
        if streams:
            for listener in self._listeners:
                try:
                    listener(streams)
                except Exception as error:  # whoever tells, and the other listeners, go on
                    _log.error("storage.listener_failed", exc_info=error)


@contextlib.contextmanager
def _outage_is_refusal() -> Iterator[None]:
    try:
        yield
    except outage.LOST as error:
        if not outage.is_outage(error):
            raise
        _log.error("storage.read_failed", exc_info=error)
        raise Refused("unavailable") from error


@contextlib.contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """Undoes what was done within when that fails, unless the whole transaction is lost."""
    raw.run(connection, "SAVEPOINT task")
    try:
        yield
    except outage.LOST:
        raise
    except Exception:
        raw.run(connection, "ROLLBACK TO SAVEPOINT task")
        raise
    raw.run(connection, "RELEASE SAVEPOINT task")


def _nothing(_: Connection) -> contextlib.AbstractContextManager[None]:
    """Reading leaves nothing to undo."""
    return contextlib.nullcontext()


async def _at_most(seconds: float | None, answer: asyncio.Future[T]) -> T:
    """Refuses whoever has waited too long. What has not begun by then is not begun any more."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        _log.error("storage.too_slow", seconds=seconds)
        raise Refused("unavailable") from None


class _WriteLock:
    """Held while this machine's one writing connection of a SQLite file is at work.

    It is waited for by asking again and again, since a thread that waits inside the system's call
    cannot be told to give up.
    """

    def __init__(self, url: URL) -> None:
        self._path = Path(f"{url.database}.lock")
        self._hurried = threading.Event()

    def hurry(self) -> None:
        """From now on waits `_LAST_WAIT` seconds at most, and raises BlockingIOError then."""
        self._hurried.set()

    def __enter__(self) -> None:
        self._file = self._path.open("a")
        try:
            self._wait()
        except BaseException:
            self._file.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _wait(self) -> None:
        until: float | None = None
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if self._hurried.is_set():
                    until = until or time.monotonic() + _LAST_WAIT
                    if time.monotonic() > until:
                        raise
            time.sleep(_ASK_AGAIN)


class _Files:
    """Whether a SQLite database's file and its log are still at their place.

    What is written to files that were moved away, deleted or replaced is gone with this process.
    The checks raise FileNotFoundError until they are back.
    """

    def __init__(self, url: URL) -> None:
        self._path = str(url.database)
        self._opened: tuple[int, int] | None = None  # None until there is one

    def check(self) -> None:
        """Before connecting, which would make a new file."""
        found = _identity(self._path)
        self._opened = self._opened or found
        if found != self._opened:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self._path)

    def check_log(self, connection: Connection) -> None:
        """Within a transaction: then a connection has its log open, the same for all its life."""
        log = f"{self._path}-wal"
        found = _identity(log)
        if found != connection.info.setdefault("log", found):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), log)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _writing_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_size=1,
            max_overflow=1,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=addresses.manners(url),
        )
        event.listen(engine, "connect", _prefer_indexes)
        return engine
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": 30}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # or Python begins transactions of its own
        for pragma in _WRITING:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        raw.run(connection, "BEGIN IMMEDIATE")

    return engine


def _reading_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_size=_READERS,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            hide_parameters=True,
            connect_args=addresses.manners(url),
        )
        event.listen(engine, "connect", _prefer_indexes)
        return engine
    address = f"sqlite:///file:{url.database}?mode=ro&uri=true"
    engine = create_engine(
        address,
        pool_size=_READERS + 2,  # the pool's, gathered reads' and the waker's
        connect_args={"check_same_thread": False, "timeout": 30},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("query_only=ON", "mmap_size=268435456"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        raw.run(connection, "BEGIN")  # one snapshot for all queries of one read

    return engine


def _prefer_indexes(connection: Any, _: object) -> None:
    """Has PostgreSQL plan for disks without a moving head.

    By its default, for those with one, it finds twenty comments of a large story by going
    through everybody's, the newest first: an eternity when the story is an old one.
    """
    connection.execute("SET random_page_cost = 1.1")
    connection.commit()


def take_turn(connection: Connection) -> None:
    """Has the groups of all nodes wait until the transaction is over. PostgreSQL only."""
    raw.run(connection, "SELECT pg_advisory_xact_lock(?)", (_TURN,))


@contextlib.contextmanager
def exclusive(storage: Storage) -> Iterator[Connection]:
    """The writing connection for migrations, outside any group, with the write lock held.

    Raises OSError in one line when the database cannot be opened or written to.
    """
    try:
        with storage._locked(), storage._writer.connect() as connection:
            yield connection
    except DBAPIError as error:
        if not outage.is_outage(error):
            raise
        where = storage.url.render_as_string()
        raise OSError(f"cannot use the database {where}: {outage.words(error)}") from error
