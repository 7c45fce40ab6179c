"""What lives in memory only: who is here, who is typing, how recommendations move.

It expires by itself, is gathered to about one message a second, and says numbers, never names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from belowline.domain.events import ActiveChanged, Event, Recommended, TypingChanged, TypingThread
from belowline.live.frames import frame
from belowline.live.hub import Hub

_TICK = 1.0
_TYPING_LIFE = 6.0
_REPEAT_EVERY = 20
_MOST_TYPING = 1_000

Clock = Callable[[], float]


class Presence:
    """Active readers, typing and vote tallies of every open discussion."""

    def __init__(self, hub: Hub, clock: Clock, smallest_crowd: int = 1) -> None:
        self._hub = hub
        self._clock = clock
        self._smallest_crowd = smallest_crowd
        self._typing: dict[str, dict[tuple[str, str | None], float]] = {}
        self._tallies: dict[str, dict[str, int]] = {}
        self._told_active: dict[str, int | None] = {}
        self._told_typing: dict[str, tuple[TypingThread, ...]] = {}

    def types(self, stream: str, client: str, parent: str | None, *, stopped: bool) -> None:
        """Somebody, known only by a page's random name, writes below ``parent``, or stopped."""
        here = self._typing.setdefault(stream, {})
        if stopped:
            here.pop((client, parent), None)
        elif len(here) < _MOST_TYPING:
            here[client, parent] = self._clock() + _TYPING_LIFE

    def tally(self, stream: str, comment: str, recommendations: int) -> None:
        """A comment has this many recommendations now."""
        self._tallies.setdefault(stream, {})[comment] = recommendations

    def active(self, stream: str) -> int | None:
        """How many have the discussion open; None where so few would be told apart."""
        number = self._hub.size(stream)
        return number if number >= self._smallest_crowd else None

    def greeting(self, stream: str) -> list[bytes]:
        """What a page that has just come is told at once."""
        typing = self._told_typing.get(stream, ())
        frames = [frame(ActiveChanged(active=self.active(stream)))]
        return [*frames, frame(TypingChanged(threads=typing))] if typing else frames

    async def run(self) -> None:
        """Tells what has changed once a second, and everything now and then, until cancelled."""
        ticks = 0
        while True:
            await asyncio.sleep(_TICK)
            ticks += 1
            await self.tick(repeat=ticks % _REPEAT_EVERY == 0)

    async def tick(self, *, repeat: bool = False) -> None:
        """Tells every discussion what has changed since the last tick, in one message.

        ``repeat`` tells the number of readers although it is the same: a page that hears nothing
        for a minute knows that its connection is dead.
        """
        for name in self._hub.streams() if repeat else self._moving():
            stream = self._hub.stream(name)
            if stream is not None and name.startswith("story:"):
                told = b"".join(map(frame, self._changes(name, repeat)))
                if told:
                    await self._hub.tell(stream, told)
        self._forget()

    def _moving(self) -> set[str]:
        """The streams where something may have changed."""
        come_and_gone = self._hub.changed.copy()
        self._hub.changed.clear()
        return come_and_gone.union(self._typing, self._tallies)

    def _changes(self, stream: str, repeat: bool) -> Iterator[Event]:
        active = self.active(stream)
        if repeat or self._is_worth_telling(stream, active):
            self._told_active[stream] = active
            yield ActiveChanged(active=active)
        typing = self._typing_now(stream)
        if typing != self._told_typing.get(stream, ()):
            self._told_typing[stream] = typing
            yield TypingChanged(threads=typing)
        if tallies := self._tallies.pop(stream, None):
            yield Recommended(comments=tallies)

    def _is_worth_telling(self, stream: str, active: int | None) -> bool:
        """Whether the crowd is another one; of thousands, one who comes waits for the repeat."""
        told = self._told_active.get(stream, -1)
        if told is None or active is None:
            return told is not active
        return abs(active - told) > told // 100

    def _typing_now(self, stream: str) -> tuple[TypingThread, ...]:
        now = self._clock()
        alive = {who: until for who, until in self._typing.pop(stream, {}).items() if until > now}
        if alive:
            self._typing[stream] = alive
        if self.active(stream) is None:
            return ()
        counts: dict[str | None, int] = {}
        for _, parent in alive:
            counts[parent] = counts.get(parent, 0) + 1
        return tuple(
            TypingThread(parent=parent, count=count)
            for parent, count in sorted(counts.items(), key=lambda item: item[0] or "")
        )

    def _forget(self) -> None:
        open_streams = set(self._hub.streams())
        for memory in (self._typing, self._tallies, self._told_active, self._told_typing):
            for stream in [name for name in memory if name not in open_streams]:
                del memory[stream]
