"""Who listens to which stream, and handing them what there is.

Everything here happens on the event loop; nothing waits. A listener whose buffer grows too long
is let go: its page comes back with the number it has seen and catches up, which is the normal
path for every gap.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

_LONGEST_BUFFER = 512 * 1024


class Listener:
    """One open page. ``seen`` is the number of the last numbered event it was given."""

    __slots__ = ("_buffer", "_held_back", "_ready", "_size", "closed", "language", "seen")

    def __init__(self, language: str) -> None:
        self.language = language
        self.seen: int | None = None  # None until it has caught up
        self.closed = False
        self._held_back: list[tuple[int | None, bytes]] = []
        self._buffer: deque[bytes] = deque()
        self._size = 0
        self._ready = asyncio.Event()

    def give(self, number: int | None, frame: bytes) -> None:
        """Hands over a frame; a numbered one that was seen already is passed over."""
        if self.seen is None:
            self._held_back.append((number, frame))
            return
        if number is not None:
            if number <= self.seen:
                return
            self.seen = number
        self._size += len(frame)
        self._buffer.append(frame)
        if self._size > _LONGEST_BUFFER:
            self.close()
        self._ready.set()

    def catch_up(self, seen: int, frames: list[tuple[int | None, bytes]]) -> None:
        """Gives what was missed since ``seen``, then what came in the meantime."""
        self.seen = seen
        held_back, self._held_back = self._held_back, []
        for number, frame in frames + held_back:
            self.give(number, frame)

    def close(self) -> None:
        """Ends the stream after what is in the buffer."""
        self.closed = True
        self._ready.set()

    async def take(self, seconds: float) -> bytes | None:
        """The next bytes to send; b"" when nothing came for ``seconds``, None at the end."""
        if not self._buffer and not self.closed:
            try:
                async with asyncio.timeout(seconds):
                    await self._ready.wait()
            except TimeoutError:
                return b""
        self._ready.clear()
        if self._buffer:
            taken = b"".join(self._buffer)
            self._buffer.clear()
            self._size = 0
            return taken
        return None if self.closed else b""


class Hub:
    """All listeners, by stream."""

    def __init__(self) -> None:
        self._streams: dict[str, set[Listener]] = {}

    def add(self, stream: str, listener: Listener) -> None:
        """Lets ``listener`` hear of ``stream``."""
        self._streams.setdefault(stream, set()).add(listener)

    def remove(self, stream: str, listener: Listener) -> None:
        """Lets it hear no more."""
        listeners = self._streams.get(stream)
        if listeners is not None:
            listeners.discard(listener)
            if not listeners:
                del self._streams[stream]

    def streams(self) -> list[str]:
        """The streams that somebody listens to."""
        return list(self._streams)

    def size(self, stream: str) -> int:
        """How many listen to ``stream``."""
        return len(self._streams.get(stream, ()))

    def total(self) -> int:
        """How many listen to anything."""
        return sum(map(len, self._streams.values()))

    def languages(self, stream: str) -> set[str]:
        """The languages in which ``stream`` is listened to."""
        return {listener.language for listener in self._streams.get(stream, ())}

    def publish(
        self, stream: str, frame: bytes, *, number: int | None = None, language: str | None = None
    ) -> None:
        """Gives ``frame`` to all listeners of ``stream``, or to those of one language."""
        for listener in list(self._streams.get(stream, ())):
            if language is None or listener.language == language:
                listener.give(number, frame)

    def close(self) -> None:
        """Ends every stream, so that the server can stop."""
        for listener in self._everyone():
            listener.close()

    def _everyone(self) -> Iterator[Listener]:
        for listeners in list(self._streams.values()):
            yield from list(listeners)
