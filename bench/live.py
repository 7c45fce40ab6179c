"""Open pages: what one costs in memory, what telling it costs, and how soon it hears.

The floor is a bare protocol that writes the same bytes to the same number of transports. Then a
busy story: fifty comments a second, thousands of open pages, and readers who come at the same
time.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import msgspec

from bench.driver import Job, request
from bench.pages import Heard, stamp
from bench.support import (
    Result,
    Row,
    Served,
    Session,
    cpu_seconds,
    drive,
    memory_mb,
    serve_belowline,
    wait_until,
)
from bench.texts import comment

_LIVE = "/api/v1/stories/ferry/live"
_COMMENTS = "/api/v1/stories/ferry/comments"
_OTHER_FILES = 450
_MOST = 19_500
_BUSY = 5_000
_A_SECOND = 50
_BEATS = 2  # news a second when the cost of a delivery is measured
_REOPENINGS = 10
_STORY = "---\nheadline: {0}\ndate: 2026-05-01\ndiscussion: open\n---\nIt runs on Sundays.\n"


class _Process:
    """A child of ours that answers lines with lines."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, line: str) -> None:
        """Gives it a line."""
        print(line, file=_pipe(self.process.stdin), flush=True)

    def line(self) -> str:
        """The next line it gives. Raises RuntimeError at its end."""
        line = _pipe(self.process.stdout).readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended")
        return line

    def stop(self) -> None:
        """Ends it."""
        self.process.kill()
        self.process.communicate()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("no pipe")
    return pipe


class _Side:
    """A server with its open pages. ``tell`` lets all pages hear of something."""

    def __init__(self, name: str, pid: int, port: int, tell: Callable[[], None]) -> None:
        self.name = name
        self.pid = pid
        self.tell = tell
        self._pages = _Process("bench.pages", str(port), _LIVE)
        self.memory_before = memory_mb(pid)

    def pages(self, command: str) -> Heard:
        """Has its pages do something."""
        self._pages.say(command)
        return msgspec.json.decode(self._pages.line(), type=Heard)

    def kilobytes(self, number: int) -> float:
        """What each of ``number`` open pages adds to the memory of the process."""
        return (memory_mb(self.pid) - self.memory_before) * 1000 / number

    def all_heard(self, number: int) -> Heard:
        """Waits until every page has heard ``number`` news."""
        wait_until(lambda: self.pages("report").fewest >= number, f"{number} news on all pages")
        return self.pages("report")

    def stop(self) -> None:
        """Closes its pages."""
        self._pages.stop()


def run(session: Session) -> Result:
    """As many pages as the file limit allows, against the floor; then a busy story."""
    number = min(_MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHER_FILES)
    with _belowline(session) as server:
        table = _at_the_limit(session, server, number)
        table += _busy(session, server)
    notes = [
        f"{number:,} open pages: as many as files may be open in one process, less {_OTHER_FILES}",
        "age: from the moment a comment is sent (the floor: from being written) to its reading",
        "KB a page: growth of the server's process; what the kernel keeps is the same for both",
        "CPU: all of the server's, the posting, storing and rendering of the comments included",
    ]
    keys = list(dict.fromkeys(key for row in table for key in row))
    return Result("live", [{key: row.get(key, "") for key in keys} for row in table], notes)


# -- as many pages as there can be ---------------------------------------------------------


def _at_the_limit(session: Session, server: Served, number: int) -> list[Row]:
    with _sides(server) as sides:
        memory = {side.name: _first_opening(side, number) for side in sides}
        heard: dict[str, Heard] = {}

        def measure(side: _Side) -> Callable[[], float]:
            def cost() -> float:
                seconds, heard[side.name] = _told(side, int(session.seconds * _BEATS))
                return seconds / heard[side.name].deliveries * 1e6

            return cost

        figures = session.alternate({side.name: measure(side) for side in sides})
        floor = figures["bare protocol"]
        table: list[Row] = [
            {
                "what": f"{number:,} pages",
                "side": name,
                "CPU us a delivery": round(found.median, 2),
                "low": round(found.low, 2),
                "high": round(found.high, 2),
                "over the floor": round(found.over(floor), 2),
                "KB a page": round(memory[name], 2),
                "age p50 ms": round(heard[name].median * 1e3),
                "age p99 ms": round(heard[name].p99 * 1e3),
                "bytes": round(heard[name].each),
            }
            for name, found in figures.items()
        ]
        return [*table, _reopened(session, sides[0], number)]


def _first_opening(side: _Side, number: int) -> float:
    side.pages(f"open {number}")
    return side.kilobytes(number)


def _told(side: _Side, news: int) -> tuple[float, Heard]:
    """CPU seconds of the server while every page hears of ``news``, and what they heard."""
    side.pages("forget")
    before, began = cpu_seconds(side.pid), time.monotonic()
    for beat in range(news):
        time.sleep(max(0.0, began + beat / _BEATS - time.monotonic()))
        side.tell()
    heard = side.all_heard(news)
    if heard.closed_on_us or heard.most > news:
        raise RuntimeError(f"{side.name} lost or doubled something: {heard}")
    return cpu_seconds(side.pid) - before, heard


def _reopened(session: Session, side: _Side, number: int) -> Row:
    """Memory of the process with all pages open, after closing and opening them again."""
    memory = []
    for round_ in range(_REOPENINGS + 1):
        memory.append(memory_mb(side.pid))
        session.log(f"  opened {round_ + 1} times: {memory[-1]:.1f} MB")
        if round_ < _REOPENINGS:
            side.pages("close")
            side.pages(f"open {number}")
    growth = memory[-1] / memory[0]
    return {
        "what": f"opened {_REOPENINGS} times more",
        "side": side.name,
        "memory": round(growth, 3),
    }


@contextmanager
def _sides(server: Served) -> Iterator[list[_Side]]:
    floor = _Process("bench.bare")
    port = int(floor.line())
    ours = _Side("Belowline", server.pid, server.port, lambda: _post(server))
    size = _size_of_an_event(ours)
    bare = _Side("bare protocol", floor.process.pid, port, lambda: floor.say(str(size)))
    try:
        yield [ours, bare]
    finally:
        for side in (ours, bare):
            side.stop()
        floor.stop()


def _size_of_an_event(side: _Side) -> int:
    side.pages("open 1")
    side.pages("forget")
    for _ in range(5):
        side.tell()
    size = side.all_heard(5).each
    side.pages("close")
    return round(size)


# -- a busy story --------------------------------------------------------------------------


def _busy(session: Session, server: Served) -> list[Row]:
    paths = {"another story": "/stories/mill", "the busy story": "/stories/ferry"}
    quiet = {name: _reads(session, server, path) for name, path in paths.items()}
    side = _Side("Belowline", server.pid, server.port, lambda: None)
    table: list[Row] = []
    try:
        side.pages(f"open {_BUSY}")
        for name, path in paths.items():
            side.pages("forget")
            posted, read = asyncio.run(_both(session, server, path))
            heard = side.all_heard(posted)
            if heard.closed_on_us or heard.most > posted:
                raise RuntimeError(f"lost or doubled something: {heard}")
            table.append(
                {
                    "what": f"{_A_SECOND} comments a second, {_BUSY:,} pages",
                    "side": f"reads of {name}",
                    "age p50 ms": round(heard.median * 1e3),
                    "age p99 ms": round(heard.p99 * 1e3),
                    "age most ms": round(heard.longest * 1e3),
                    "read p99 ms": round(read * 1e3, 2),
                    "quiet p99 ms": round(quiet[name] * 1e3, 2),
                    "over quiet": round(read / quiet[name], 2),
                }
            )
    finally:
        side.stop()
    return table


async def _both(session: Session, server: Served, path: str) -> tuple[int, float]:
    reading = asyncio.create_task(asyncio.to_thread(_reads, session, server, path))
    posted = await _posting(session, server)
    return posted, await reading


def _reads(session: Session, server: Served, path: str) -> float:
    """The p99 of reading a page, by sixteen readers, in seconds."""
    asked = request("GET", path, {"Accept-Encoding": "gzip"})
    job = Job(port=server.port, requests=[asked], connections=16, seconds=session.seconds)
    return drive(job).quantile(0.99)


async def _posting(session: Session, server: Served) -> int:
    """Posts at an even pace, whatever the answers take; how many were posted."""
    number = int(session.seconds * _A_SECOND)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as client:
        began = time.monotonic()
        posts = []
        for post in range(number):
            await asyncio.sleep(max(0.0, began + post / _A_SECOND - time.monotonic()))
            posts.append(
                asyncio.create_task(client.post(_COMMENTS, content=_text(), headers=_head()))
            )
        for answer in await asyncio.gather(*posts):
            answer.raise_for_status()
    return number


def _post(server: Served) -> None:
    httpx.post(
        server.url + _COMMENTS, content=_text(), headers=_head(), trust_env=False, timeout=30
    ).raise_for_status()


def _head() -> dict[str, str]:
    return {
        "Idempotency-Key": f"{random.getrandbits(64):x}",
        "Content-Type": "application/json",
    }


def _text() -> bytes:
    return json.dumps({"text": stamp() + comment()}).encode()


@contextmanager
def _belowline(session: Session) -> Iterator[Served]:
    """A site with two stories, without limits of pace, where nothing is held by its score.

    The risk model, which has never seen such words, would hold one comment in 200.
    """
    folder = session.folder / "live-site"
    (folder / "stories").mkdir(parents=True, exist_ok=True)
    for key in ("ferry", "mill"):
        (folder / "stories" / f"{key}.md").write_text(_STORY.format(key), encoding="utf-8")
    with serve_belowline(folder, posts_per_minute="0", risk_hold="1") as server:
        yield server
