"""Gathering what waits for the database, so that much of it is done at once.

A `Gatherer` is a thread that takes everything that waits and hands it on as one group. Those who
were just answered often come again at once: for as many it waits a moment, a quarter of what the
last group took at most, so that there is one full group instead of two halves that take turns.
Whoever is alone waits for nobody. Answers go back to an event loop all together, because waking it
costs more than an answer does.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

import structlog
from sqlalchemy import Connection

from belowline import logs
from belowline.domain.errors import Refused
from belowline.storage import outage

ALONE = object()
"""Stands for the item of a function that takes none."""

_LARGEST_GROUP = 256
_LONGEST_QUEUE = 10_000
_MOST_PATIENCE = 0.005  # seconds
_LOOK_AGAIN = 0.0002  # seconds
_log = structlog.get_logger(__name__)

Answer = tuple[Any, Exception | None]
"""What a function answered, or what it raised."""


class Task:
    """Something that waits for its turn and for an answer: a function, alone or with an item.

    Tasks of one function with an item each that stand next to each other are done by one call.
    ``future`` takes the answer, ``loop`` is the event loop that it belongs to, if to any;
    ``request`` is the id of the request that it serves.
    """

    __slots__ = ("_item", "_work", "future", "loop", "request", "since")

    def __init__(
        self,
        work: Callable[..., Any],
        item: Any,
        future: Future[Any] | asyncio.Future[Any],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._work = work
        self._item = item
        self.future = future
        self.loop = loop
        self.request = logs.request_id.get()
        self.since = time.perf_counter()

    def begins(self) -> bool:
        """False when nobody waits for the answer any more."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()

    def goes_with(self, other: Task) -> bool:
        """Whether one call can do both."""
        return self._work is other._work and ALONE not in (self._item, other._item)

    def perform(self, connection: Connection, run: Sequence[Task]) -> list[Answer]:
        """Calls the function for ``run``, this task and those that go with it."""
        if self._item is ALONE:
            return [(self._work(connection), None)]
        answers = self._work(connection, [task._item for task in run])
        return [
            (None, answer) if isinstance(answer, Exception) else (answer, None)
            for answer in answers
        ]


class Gatherer:
    """A thread with a queue: ``handle`` gets everything that waits, as one group."""

    def __init__(self, name: str, handle: Callable[[list[Task]], None]) -> None:
        self._handle = handle
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._expected = 0  # as many as were in the last group, and those who came meanwhile
        self._patience = 0.0  # seconds
        self._oldest: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, task: Task) -> None:
        """Lets ``task`` wait for the next group; raises Refused("unavailable") when too many do."""
        if self._tasks.qsize() >= _LONGEST_QUEUE:
            raise Refused("unavailable")
        self._tasks.put(task)

    def age(self) -> float:
        """For how many seconds the oldest task that is not finished has been waiting."""
        oldest = self._oldest
        return 0.0 if oldest is None else time.perf_counter() - oldest

    def close(self) -> None:
        """Finishes what is queued."""
        self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            try:
                open_ = self._take()
            except Exception as error:  # or nothing would be stored until somebody restarts it
                _log.error("storage.gathering_failed", exc_info=error)

    def _take(self) -> bool:
        """Hands on one group; whether more may come."""
        group, open_ = self._next_group()
        waiting = [task for task in group if task.begins()]
        if waiting:
            began = time.perf_counter()
            self._oldest = waiting[0].since
            try:
                self._handle(waiting)
            finally:
                self._oldest = None
            self._patience = min((time.perf_counter() - began) / 4, _MOST_PATIENCE)
        self._expected = len(group) + self._tasks.qsize()
        return open_

    def _next_group(self) -> tuple[list[Task], bool]:
        """What waits, and whether more may come."""
        task = self._tasks.get()
        group: list[Task] = []
        until = time.perf_counter() + self._patience
        while task is not None:
            group.append(task)
            if len(group) == _LARGEST_GROUP:
                return group, True
            missing = len(group) < self._expected
            try:
                task = self._soon(until if missing else 0.0)
            except queue.Empty:
                return group, True
        return group, False

    def _soon(self, until: float) -> Task | None:
        """What is there, or comes by then; raises queue.Empty.

        `SimpleQueue.get` has a timeout of its own, but when it is over between its two looks at
        the queue, what is left of it is negative, and that is taken for no limit at all.
        """
        while True:
            try:
                return self._tasks.get_nowait()
            except queue.Empty:
                if time.perf_counter() >= until:
                    raise
            time.sleep(_LOOK_AGAIN)


def runs(group: Iterable[Task]) -> list[list[Task]]:
    """``group`` in its order, with those together that one call can do."""
    found: list[list[Task]] = []
    for task in group:
        if found and found[-1][0].goes_with(task):
            found[-1].append(task)
        else:
            found.append([task])
    return found


def answer(
    connection: Connection, run: list[Task], guard: Callable[[Connection], Any]
) -> list[Answer]:
    """What ``run`` comes to, called within ``guard``, which undoes what a failed call did.

    A call for several that fails is repeated one by one, so that one cannot harm the others.
    Errors of the database are raised.
    """
    try:
        with guard(connection):
            return run[0].perform(connection, run)
    except outage.LOST:
        raise
    except Exception as failure:
        if len(run) == 1:
            return [(None, failure)]
    return [one for task in run for one in answer(connection, [task], guard)]


def settle(tasks: Sequence[Task], answers: Sequence[Answer]) -> None:
    """Gives every waiter its answer, with one wake-up for each event loop."""
    loops: dict[asyncio.AbstractEventLoop | None, list[tuple[Task, Answer]]] = {}
    for task, given in zip(tasks, answers, strict=True):
        loops.setdefault(task.loop, []).append((task, given))
    for loop, settled in loops.items():
        if loop is None:
            _give(settled)
        else:
            with contextlib.suppress(RuntimeError):  # a loop that is closed waits for nothing
                loop.call_soon_threadsafe(_give, settled)


def _give(settled: Sequence[tuple[Task, Answer]]) -> None:
    for task, (given, failure) in settled:
        if task.loop is not None and task.future.done():
            continue  # nobody waits any more
        if failure is None:
            task.future.set_result(given)
        else:
            task.future.set_exception(failure)
