"""What lives in memory only: who is here, who is typing, how recommendations move.

It expires by itself, is gathered to about one message a second, and says numbers, never names.
What happens in other processes of the site is brought by :mod:`belowline.live.nodes`.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from belowline.domain.events import (
    ActiveChanged,
    Event,
    Recommended,
    TypingChanged,
    TypingThread,
    story_of,
    story_stream,
)
from belowline.live.frames import frame
from belowline.live.hub import Hub

_TICK = 1.0
_TYPING_LIFE = 6.0
_REPEAT_EVERY = 20
_MOST_TYPING = 1_000
_MOST_STORIES = 4_000  # of which other processes are told, the most read ones

Clock = Callable[[], float]


class Typed(NamedTuple):
    """Until when (by the clock) somebody counts as typing, or as having stopped."""

    until: float
    stopped: bool


Typists = dict[tuple[str, str | None], Typed]
"""The digest of a page's random name and the thread, and what was heard of them last."""


class Presence:
    """Active readers, typing and vote tallies of every open discussion."""

    def __init__(self, hub: Hub, clock: Clock, smallest_crowd: int = 1) -> None:
        self._hub = hub
        self._clock = clock
        self._smallest_crowd = smallest_crowd
        self._typing: dict[str, Typists] = {}
        self._readers_elsewhere: dict[str, int] = {}
        self._typing_elsewhere: dict[str, Typists] = {}
        self._tallies: dict[str, dict[str, int]] = {}
        self._told_active: dict[str, int | None] = {}
        self._told_typing: dict[str, tuple[TypingThread, ...]] = {}

    def types(self, stream: str, client: str, parent: str | None, *, stopped: bool) -> None:
        """Somebody, known only by a page's random name, writes below ``parent``, or stopped."""
        here = self._typing.setdefault(stream, {})
        who = hashlib.blake2b(client.encode(), digest_size=8).hexdigest()
        if (who, parent) in here or len(here) < _MOST_TYPING:
            here[who, parent] = Typed(self._clock() + _TYPING_LIFE, stopped)

    def tally(self, stream: str, comment: str, recommendations: int) -> None:
        """A comment has this many recommendations now."""
        self._tallies.setdefault(stream, {})[comment] = recommendations

    def active(self, stream: str) -> int | None:
        """How many have the discussion open; None where so few would be told apart."""
        number = self._hub.size(stream) + self._readers_elsewhere.get(stream, 0)
        return number if number >= self._smallest_crowd else None

    def greeting(self, stream: str) -> list[bytes]:
        """What a page that has just come is told at once."""
        typing = self._told_typing.get(stream, ())
        frames = [frame(ActiveChanged(active=self.active(stream)))]
        return [*frames, frame(TypingChanged(threads=typing))] if typing else frames

    # -- other processes of the site -------------------------------------------------------

    def readers_here(self) -> dict[int, int]:
        """How many have a story's discussion open in this process, by story."""
        open_here = {name: self._hub.size(name) for name in self._hub.streams()}
        most = heapq.nlargest(_MOST_STORIES, open_here, key=open_here.__getitem__)
        return {story: open_here[name] for name in most if (story := story_of(name)) is not None}

    def typing_here(self) -> dict[int, Typists]:
        """What this process was told of typing, by story, even if nobody reads that here."""
        self._forget_typing(self._typing)
        named = list(self._typing.items())[:_MOST_STORIES]
        return {story: who for name, who in named if (story := story_of(name)) is not None}

    def elsewhere(self, readers: Mapping[int, int], typing: Mapping[int, Typists]) -> None:
        """What all other processes together have, by story, in place of what they had."""
        fresh = {story_stream(story): number for story, number in readers.items()}
        self._hub.changed.update(
            name for name, _ in fresh.items() ^ self._readers_elsewhere.items()
        )
        self._readers_elsewhere = fresh
        self._typing_elsewhere = {story_stream(story): who for story, who in typing.items()}

    # -- telling ---------------------------------------------------------------------------

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
        typing = (self._typing, self._typing_elsewhere, self._told_typing)
        return come_and_gone.union(*typing, self._tallies)

    def _changes(self, stream: str, repeat: bool) -> Iterator[Event]:
        active = self.active(stream)
        if repeat or self._is_worth_telling(stream, active):
            self._told_active[stream] = active
            yield ActiveChanged(active=active)
        typing = self._typing_now(stream)
        if typing != self._told_typing.get(stream, ()):
            self._told_typing[stream] = typing
            if not typing:
                del self._told_typing[stream]
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
        if self.active(stream) is None:
            return ()
        now = self._clock()
        latest = self._typing_elsewhere.get(stream, {}).copy()
        for who, typed in self._typing.get(stream, {}).items():
            latest[who] = max(typed, latest.get(who, typed))
        counts: dict[str | None, int] = {}
        for (_, parent), typed in latest.items():
            if typed.until > now and not typed.stopped:
                counts[parent] = counts.get(parent, 0) + 1
        return tuple(
            TypingThread(parent=parent, count=count)
            for parent, count in sorted(counts.items(), key=lambda item: item[0] or "")
        )

    def _forget(self) -> None:
        self._forget_typing(self._typing)
        self._forget_typing(self._typing_elsewhere)
        open_streams = set(self._hub.streams())
        for memory in (self._tallies, self._told_active, self._told_typing):
            for stream in [name for name in memory if name not in open_streams]:
                del memory[stream]

    def _forget_typing(self, memory: dict[str, Typists]) -> None:
        now = self._clock()
        for stream, typists in list(memory.items()):
            alive = {who: typed for who, typed in typists.items() if typed.until > now}
            if alive:
                memory[stream] = alive
            else:
                del memory[stream]
