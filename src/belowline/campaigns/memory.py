"""Groups of near-identical texts, kept in memory of a fixed size, in order of arrival."""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import msgspec

from belowline.campaigns import matching
from belowline.campaigns.matching import Closest, Core
from belowline.campaigns.reading import Word, copied, read

_WAYS = 32


class Prints:
    """Which subjects have a print: at most `matching.COMMON` of them each, the oldest forgotten.

    A table of buckets in memory that the system hands out only as it is used: eight bytes an
    entry, and nothing that grows.
    """

    def __init__(self, room: int) -> None:
        buckets = 1
        while buckets * _WAYS < room:
            buckets *= 2
        self._last = buckets - 1
        self._table = memoryview(mmap.mmap(-1, buckets * _WAYS * 8)).cast("Q")

    def get(self, one: int) -> list[int]:
        """Its subjects, in no order."""
        start = self._start(one)
        tag = one >> 7 & 0xFFFFFF or 1
        return [
            entry & 0xFFFFFFFFFF
            for entry in self._table[start : start + _WAYS].tolist()
            if entry >> 40 == tag
        ]

    def add(self, one: int, subject: int) -> None:
        """Says that ``subject`` has a print; the bucket's oldest entry goes when it is full."""
        start = self._start(one)
        tag = one >> 7 & 0xFFFFFF or 1
        entries = self._table[start : start + _WAYS].tolist()
        entry = tag << 40 | subject
        if entry in entries:
            return
        oldest = min(range(_WAYS), key=lambda way: entries[way] & 0xFFFFFFFFFF)
        self._table[start + oldest] = entry

    def _start(self, one: int) -> int:
        mixed = one * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        return (mixed >> 33 & self._last) * _WAYS


class Groups:
    """Puts texts into groups as they arrive; the same texts in the same order, the same groups."""

    def __init__(self, remembered: int = 1_000_000) -> None:
        self._remembered = remembered
        self._prints = Prints(remembered * matching.MOST_KEPT)
        self._cores: dict[int, bytes] = {}
        self._count = 0

    def add(self, text: str) -> int:
        """The number of the group that ``text`` belongs to."""
        self._count += 1
        self._cores.pop(self._count - self._remembered, None)
        words = copied(read(text))
        known = {one: self._prints.get(one) for one in matching.prints(words)}
        found = self._closest(words, known)
        subject = found.subject if found else self._count
        core = matching.joined(found.core, words) if found else matching.alone(words)
        self._cores[subject] = msgspec.msgpack.encode(core)
        if core.size <= matching.MOST_EXAMPLES:
            for one in matching.kept(words, known):
                self._prints.add(one, subject)
        return subject

    def _closest(self, words: Sequence[Word], known: dict[int, list[int]]) -> Closest | None:
        cores = {}
        for subject in matching.candidates(known):
            packed = self._cores.get(subject)
            if packed:
                cores[subject] = _decoder.decode(packed)
        return matching.closest(matching.look(words, known), cores)


_decoder = msgspec.msgpack.Decoder(Core)
