"""Several workers for one site: they are started, kept running, and stopped in order.

Each worker has a listening socket of its own, among which the system shares out the connections
evenly (SO_REUSEPORT). All of them are bound here and stay open here: who comes while a worker has
ended waits at its socket for the one that takes its place, and nobody is turned away.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import structlog

from belowline import server
from belowline.app import database_url, open_site
from belowline.server import Post, bind
from belowline.settings import BadSetting, Settings
from belowline.web.board import Board

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_LONG = 10.0  # seconds: whoever lived as long is started again at once
_LONGEST_WAIT = 30.0  # seconds
_log = structlog.get_logger(__name__)

Run = Callable[[Post], None]


def serve(settings: Settings, folder: Path, ready: Callable[[str], None]) -> int:
    """Serves the site in ``folder`` with ``settings.workers`` processes; the exit code.

    ``ready`` is told the address once all of them answer. Raises BadSetting, and OSError when the
    database cannot be used.
    """
    if database_url(settings, folder).startswith("sqlite"):
        raise BadSetting(
            "workers: a SQLite file is served by one process; "
            "leave workers at 1, or name a PostgreSQL database"
        )
    with tempfile.TemporaryDirectory(prefix="belowline-workers-") as pinned:

        def run(post: Post) -> None:
            board = Board(post.name, Path(pinned))
            server.serve(settings, folder, ready=lambda *_: post.is_ready(), post=post, board=board)

        workers = Supervisor(
            settings.host,
            settings.port,
            settings.workers,
            run,
            lambda port: ready(server.address(settings.host, port)),
        )
        # What the database has to say is said once, and its tables are brought up to date once.
        open_site(settings, folder).storage.close()
        return workers.run()


class _Worker:
    """One of the processes, and its life so far. ``pid`` is 0 while it does not run."""

    def __init__(self, number: int, listening: socket.socket | None) -> None:
        self.number = number
        self.listening = listening
        self.pid = 0
        self.began = 0.0
        self.wait = 0.0
        self.due = 0.0


class Supervisor:
    """Runs ``run`` in ``count`` processes until it is told to stop by SIGTERM or SIGINT.

    ``ready`` is told the port once all of them answer for the first time.
    """

    def __init__(
        self, host: str, port: int, count: int, run: Run, ready: Callable[[int], None]
    ) -> None:
        self._host = host
        self._run = run
        self._ready = ready
        bind(host, port).close() if port else None  # in one line if somebody else listens there
        first = bind(host, port, shared=True)
        self.port: int = first.getsockname()[1]
        sockets = [first, *(bind(host, self.port, shared=True) for _ in range(count - 1))]
        self._workers = [_Worker(number, one) for number, one in enumerate(sockets)]
        self._unready = count
        self._stopping = False
        self._failed = False

    def run(self) -> int:
        """Returns when all have ended: 0, or 1 when one could not even be started."""
        with ExitStack() as closing:
            self._guard = _pipe(closing)
            self._told = _pipe(closing)
            self._signals = closing.enter_context(_signals())
            for worker in self._workers:
                self._start(worker)
            while not self._stopping or any(worker.pid for worker in self._workers):
                self._wait()
        return int(self._failed)

    # -- waiting for what happens --------------------------------------------------------------

    def _wait(self) -> None:
        told, signals = self._told[0], self._signals.fileno()
        heard, _, _ = select.select([told, signals], [], [], self._seconds())
        if told in heard:
            self._count_ready(len(os.read(told, 64)))
        if signals in heard:
            for number in self._signals.recv(64):
                if number in (signal.SIGTERM, signal.SIGINT):
                    self._stop(signal.Signals(number))
        self._bury()
        if not self._stopping:
            for worker in self._workers:
                if not worker.pid and worker.due <= time.monotonic():
                    self._start(worker)

    def _seconds(self) -> float | None:
        """Until the next worker is due."""
        due = [worker.due for worker in self._workers if not worker.pid]
        return None if self._stopping or not due else max(0.0, min(due) - time.monotonic())

    def _count_ready(self, number: int) -> None:
        before, self._unready = self._unready, self._unready - number
        if before > 0 >= self._unready and not self._stopping:
            self._ready(self.port)

    def _stop(self, how: signal.Signals) -> None:
        """The first time ends them in order; SIGINT after that has them hurry."""
        self._stopping = True
        for worker in self._workers:
            if worker.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, how)

    # -- workers' lives ------------------------------------------------------------------------

    def _bury(self) -> None:
        for worker in self._workers:
            if worker.pid and (found := os.waitpid(worker.pid, os.WNOHANG))[0]:
                worker.pid = 0
                self._mourn(worker, os.waitstatus_to_exitcode(found[1]))

    def _mourn(self, worker: _Worker, status: int) -> None:
        """Decides when ``worker`` is started again."""
        if self._stopping:
            return
        _log.error("server.worker_ended", worker=worker.number, status=status)
        if self._unready > 0 and status > 0:  # it has said why
            self._failed = True
            self._stop(signal.SIGTERM)
            return
        lived = time.monotonic() - worker.began
        worker.wait = 0.0 if lived >= _LONG else min(max(0.5, worker.wait * 2), _LONGEST_WAIT)
        worker.due = time.monotonic() + worker.wait
        if worker.wait > 1 and worker.listening is not None:
            worker.listening.close()  # it may be long: the others take its connections
            worker.listening = None

    def _start(self, worker: _Worker) -> None:
        if worker.listening is None:
            worker.listening = bind(self._host, self.port, shared=True)
        worker.began = time.monotonic()
        worker.pid = os.fork()
        if not worker.pid:
            self._be(worker, worker.listening)

    def _be(self, worker: _Worker, listening: socket.socket) -> None:
        """What the worker's process does. It never returns from here."""
        status = 1
        try:
            os.setsid()  # Ctrl+C is for the supervisor, which passes it on
            signal.set_wakeup_fd(-1)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            os.close(self._guard[1])
            for other in self._workers:
                if other is not worker and other.listening is not None:
                    other.listening.close()
            self._run(Post(worker.number, listening, self._guard[0], self._told[1]))
            status = 0
        except Exception as error:
            _log.error("server.worker_failed", worker=worker.number, exc_info=error)
        finally:
            os._exit(status)


def _pipe(closing: ExitStack) -> tuple[int, int]:
    both = os.pipe()
    for end in both:
        closing.callback(os.close, end)
    return both


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket that says the number of each signal that comes."""
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    woken = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        reading.close()
        writing.close()
