"""Who listens to which stream, and writing to all of them at once.

Everything here happens on the event loop. An open page is an outlet and nothing more: no task, no
queue, no cursor. Those of a stream are all level: they have been given every event up to the
stream's ``reached``, and one buffer is written to each of them. Who is not level yet, or reads
too slowly, is not here: it catches up by number, in :mod:`belowline.live.relay`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

from belowline.live.frames import KEEP_ALIVE, chunk
from belowline.metrics import counts

LONGEST_BACKLOG = 512 * 1024
"""Bytes that may wait for a slow reader before it is cut."""

_AT_ONCE = 64  # writes before other work has its turn: about half a millisecond
_QUIET = 20.0
_LOOK_EVERY = 5.0


class Outlet:
    """One open page's connection. There are two kinds: below ASGI, and through it."""

    __slots__ = ("language", "stream")

    def __init__(self) -> None:
        self.stream: Stream | None = None  # where it listens, once it is level
        self.language = ""

    def write(self, data: bytes) -> None:
        """Sends a chunk, as :func:`belowline.live.frames.chunk` makes it. Never waits."""
        raise NotImplementedError

    def end(self) -> None:
        """Ends the stream; nothing may be written after it."""
        raise NotImplementedError

    def cut(self) -> None:
        """Breaks the connection off, whatever waits."""
        raise NotImplementedError

    def backlog(self) -> int:
        """How many bytes wait for the reader."""
        raise NotImplementedError


class Stream:
    """A stream that somebody listens to, or is about to.

    ``reached`` is the number of the last event that its outlets were given, ``coming`` how many
    are catching up with it, ``news`` when something was committed that nobody was given yet.
    """

    def __init__(self, name: str, reached: int) -> None:
        self.name = name
        self.reached = reached
        self.news: float | None = None
        self.followed = False
        self.outlets: dict[str, set[Outlet]] = {}  # by language
        self.coming = 0
        self.spoke = time.monotonic()
        self._moved = asyncio.Event()

    @property
    def size(self) -> int:
        """How many listen."""
        return sum(map(len, self.outlets.values()))

    def move(self, number: int) -> None:
        """From now on who listens is level with event ``number``."""
        self.reached = number
        self._moved.set()
        self._moved = asyncio.Event()

    async def moved(self) -> None:
        """Returns at the next `move`."""
        await self._moved.wait()


class Hub:
    """All streams that are listened to."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._total = 0
        self._written = 0
        self.changed: set[str] = set()  # streams whose size is another; presence empties it

    def stream(self, name: str) -> Stream | None:
        """The stream of this name, if anybody listens or is about to."""
        return self._streams.get(name)

    def begin(self, name: str, number: int) -> Stream:
        """The stream of this name; one that nobody has listened to begins after ``number``."""
        return self._streams.setdefault(name, Stream(name, number))

    def join(self, outlet: Outlet, stream: Stream, language: str) -> None:
        """``outlet``, which is level with ``stream``, is given everything from now on."""
        outlet.stream, outlet.language = stream, language
        stream.outlets.setdefault(language, set()).add(outlet)
        self._total += 1
        self.changed.add(stream.name)

    def leave(self, outlet: Outlet) -> None:
        """It hears no more."""
        stream, outlet.stream = outlet.stream, None
        if stream is None:
            return
        alike = stream.outlets[outlet.language]
        alike.discard(outlet)
        if not alike:
            del stream.outlets[outlet.language]
        self._total -= 1
        self.changed.add(stream.name)
        self.forget_if_empty(stream)

    def forget_if_empty(self, stream: Stream) -> None:
        """Forgets a stream to which nobody listens and nobody is about to."""
        if not stream.outlets and not stream.coming:
            del self._streams[stream.name]

    def streams(self) -> list[str]:
        """The names of the streams that somebody listens to."""
        return list(self._streams)

    def size(self, stream: str) -> int:
        """How many listen to ``stream``."""
        found = self._streams.get(stream)
        return found.size if found else 0

    def total(self) -> int:
        """How many listen to anything."""
        return self._total

    async def publish(self, stream: Stream, by_language: Mapping[str, bytes]) -> None:
        """Writes to each listener of ``stream`` what there is in its language.

        Who listens is settled when this is called; who comes while it is being written is level
        with it already.
        """
        stream.spoke = time.monotonic()
        batches = [
            (chunk(data), list(stream.outlets.get(language, ())))
            for language, data in by_language.items()
        ]
        for data, outlets in batches:
            await self._write(data, outlets)

    async def tell(self, stream: Stream, data: bytes) -> None:
        """Writes the same to each listener of ``stream``, whatever their language."""
        await self.publish(stream, dict.fromkeys(stream.outlets, data))

    async def _write(self, data: bytes, outlets: list[Outlet]) -> None:
        for start in range(0, len(outlets), _AT_ONCE):
            some = outlets[start : start + _AT_ONCE]
            for outlet in some:
                outlet.write(data)
            counts.deliveries += len(some)
            self._written += len(some)
            if self._written >= _AT_ONCE:
                self._written = 0
                await asyncio.sleep(0)

    async def keep_alive(self) -> None:
        """Says something on every stream that was silent for a while, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await self.break_silence()

    async def break_silence(self) -> None:
        """Tells proxies and pages on quiet streams that the connection lives."""
        latest = time.monotonic() - _QUIET
        for stream in list(self._streams.values()):
            if stream.spoke <= latest:
                await self.tell(stream, KEEP_ALIVE)

    def cut(self, stream: Stream) -> None:
        """Breaks off everyone who listens to ``stream``."""
        for outlet in self._all_left(stream):
            outlet.cut()

    def end(self, stream: Stream) -> None:
        """Ends the connections of all who listen to ``stream``; they may come again."""
        for outlet in self._all_left(stream):
            outlet.end()

    def _all_left(self, stream: Stream) -> list[Outlet]:
        """Those who listened to ``stream``, which nobody does any more."""
        listened = [one for alike in stream.outlets.values() for one in alike]
        for outlet in listened:
            self.leave(outlet)
        return listened

    def close(self) -> None:
        """Ends every stream, so that the server can stop."""
        for outlet in self._everyone():
            self.leave(outlet)
            outlet.end()

    def _everyone(self) -> Iterable[Outlet]:
        return [
            outlet
            for stream in self._streams.values()
            for outlets in stream.outlets.values()
            for outlet in outlets
        ]
