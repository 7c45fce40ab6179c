"""This process among the others that serve the same site: what they tell each other.

Once a second each says how many read each story, who types where, and who is in a hurry, and
hears what the others have said. What is told is how things are, never a change of it: a word that
nobody hears is made up for by the next, and a node that dies is forgotten with its word.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Protocol

import msgspec

from belowline.domain.errors import Refused
from belowline.live.presence import Presence, Typed, Typists
from belowline.metrics import counts
from belowline.storage import nodes
from belowline.storage.engine import Storage

_EVERY = 1.0


class Word(msgspec.Struct, array_like=True):
    """What a node says: readers by story, who types in which story, how much senders have done.

    ``typing`` has a page's digest, the parent's id, until when (the database's time in seconds),
    and whether it has stopped; ``spent`` is by a digest of what is done and who does it.
    """

    readers: dict[int, int] = {}
    typing: dict[int, list[tuple[str, str | None, float, bool]]] = {}
    spent: dict[str, int] = {}


class Paced(Protocol):
    """What knows how much each sender has done here, and wants to know what they do elsewhere."""

    def spent(self) -> dict[str, int]:
        """How much, by sender, of those who have done a good part of what they may."""
        ...

    def spent_elsewhere(self, by_node: Mapping[str, Mapping[str, int]]) -> None:
        """How much, by node and sender."""
        ...


class Nodes:
    """Tells the other nodes, and hears them."""

    def __init__(self, storage: Storage, presence: Presence, pace: Paced) -> None:
        self._storage = storage
        self._presence = presence
        self._pace = pace
        self._name = secrets.token_hex(8)
        self._offset = time.time() - time.monotonic()  # to the database's time from our own
        self._heard = time.monotonic()

    async def run(self) -> None:
        """Speaks and listens until cancelled; without the database it is as if alone."""
        try:
            while True:
                await self.exchange()
                await asyncio.sleep(_EVERY)
        finally:
            await self._leave()

    async def exchange(self) -> None:
        """Says its word and hears the others'."""
        word = msgspec.msgpack.encode(self._word())
        began = time.monotonic()
        try:
            now, words = await self._storage.aside(
                partial(nodes.exchange, name=self._name, word=word)
            )
        except Refused:
            if time.monotonic() - self._heard > nodes.SILENCE:
                self._hear({})
            return
        self._heard = time.monotonic()
        self._offset = now - (began + self._heard) / 2
        self._hear({name: _understood(said) for name, said in words.items()})

    def _word(self) -> Word:
        typing = {
            story: [(who, parent, typed.until + self._offset, typed.stopped)
                    for (who, parent), typed in typists.items()]
            for story, typists in self._presence.typing_here().items()
        }  # fmt: skip
        return Word(self._presence.readers_here(), typing, self._pace.spent())

    def _hear(self, words: dict[str, Word]) -> None:
        counts.nodes = len(words) + 1
        readers: Counter[int] = Counter()
        typing: dict[int, Typists] = {}
        for word in words.values():
            readers.update(word.readers)
            for story, typists in word.typing.items():
                here = typing.setdefault(story, {})
                for who, parent, until, stopped in typists:
                    typed = Typed(until - self._offset, stopped)
                    here[who, parent] = max(here.get((who, parent), typed), typed)
        self._presence.elsewhere(readers, typing)
        self._pace.spent_elsewhere({name: word.spent for name, word in words.items()})

    async def _leave(self) -> None:
        with contextlib.suppress(Refused, TimeoutError):  # then it is forgotten by its silence
            async with asyncio.timeout(_EVERY):
                await self._storage.aside(partial(nodes.leave, name=self._name))


def _understood(said: bytes) -> Word:
    """What a node says; nothing, if its release has other words."""
    try:
        return msgspec.msgpack.decode(said, type=Word)
    except msgspec.MsgspecError:
        return Word()
