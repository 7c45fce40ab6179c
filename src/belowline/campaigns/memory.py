"""Groups of near-identical texts, kept in memory of a fixed size, in order of arrival."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence

import msgspec

from belowline.campaigns import matching, spaces, typos
from belowline.campaigns.matching import Closest, Core
from belowline.campaigns.reading import Text, Word, beside_marks, copied, read
from belowline.campaigns.rereading import Reread, rereadings, same_place

_KEPT = matching.MOST_KEPT + spaces.MOST_KEPT + typos.MOST_KEPT
_WAYS = 32
_BUCKET = 4 * _WAYS
_FEW = 0.2
_MOST = 0.7


class Prints:
    """Which subjects have a print: at most `matching.COMMON` of them each, the oldest forgotten.

    A table of buckets in memory that the system hands out only as it is used, in two parts: what
    says which print it is, and whose. Four bytes an entry each, and nothing that grows; the newest
    entry of a bucket stands first.
    """

    def __init__(self, room: int) -> None:
        buckets = 1
        while buckets * _WAYS < room:
            buckets *= 2
        self._last = buckets - 1
        self._tags = mmap.mmap(-1, buckets * _BUCKET)
        self._subjects = mmap.mmap(-1, buckets * _BUCKET)

    def get(self, one: int) -> list[int]:
        """Its subjects, the newest first."""
        mixed = one * 0x9E3779B97F4A7C15
        start = (mixed >> 33 & self._last) * _BUCKET
        tag = (mixed & 0xFFFFFFFF | 1).to_bytes(4, "little")
        end = start + _BUCKET
        found: list[int] = []
        place = self._tags.find(tag, start, end)
        while place >= 0:
            if place % 4 == 0:
                found.append(int.from_bytes(self._subjects[place : place + 4], "little"))
            place = self._tags.find(tag, place + 1, end)
        return found

    def add(self, one: int, subject: int) -> None:
        """Says that ``subject`` has a print; the bucket's oldest entry goes when it is full."""
        if subject in self.get(one):
            return
        mixed = one * 0x9E3779B97F4A7C15
        start = (mixed >> 33 & self._last) * _BUCKET
        end = start + _BUCKET
        for part, entry in ((self._tags, mixed & 0xFFFFFFFF | 1), (self._subjects, subject)):
            part[start:end] = entry.to_bytes(4, "little") + part[start : end - 4]


class Groups:
    """Puts texts into groups as they arrive; the same texts in the same order, the same groups."""

    def __init__(self, remembered: int = 1_000_000) -> None:
        self._remembered = remembered
        self._prints = Prints(remembered * _KEPT)
        self._cores: dict[int, bytes] = {}
        self._into: dict[int, int] = {}
        self._marked: set[int] = set()
        self._count = 0

    def add(self, text: str) -> int:
        """The number of the group that ``text`` belongs to, as far as that is known by now."""
        self._count += 1
        self._forget(self._count - self._remembered)
        said = read(text)
        words = copied(said)
        known, likely, found = self._look(words)
        if found and found[0].subject not in self._marked and _cites(said, words, found[0]):
            words = beside_marks(said)
            known, likely, found = self._look(words)
        in_a_row = spaces.prints(said, words) if _may_grow(found) else []
        beginnings = typos.prints(said, words) if _may_grow(found) else []
        again: tuple[Word, ...] = ()
        more = self._rereadings(said, words, likely, in_a_row, beginnings, found)
        if found:
            same = {
                one.closest.subject: one.closest for one in more if same_place(words, found[0], one)
            }
            found = [found[0], *matching.bridged(found), *same.values()]
        elif (reread := next(more, None)) is not None:
            again, found = reread.words, [reread.closest]
        if found:
            first, *others = sorted(found, key=_age)
            subject, core = first.subject, first.core
            for other in others:
                core = matching.merged(core, other.core)
                self._into[other.subject] = subject
                self._cores.pop(other.subject, None)
            before = len(core.examples)
            core = matching.joined(core, words, again)
            leads = len(core.examples) > before
        else:
            subject, core, leads = self._count, matching.alone(words), True
            if said.marks:
                self._marked.add(subject)
        self._cores[subject] = msgspec.msgpack.encode(core)
        if leads:
            others_prints = in_a_row[: spaces.MOST_KEPT] + beginnings[: typos.MOST_KEPT]
            known |= {one: self._known(one) for one in others_prints}
            for part in (
                matching.kept(words, known),
                spaces.kept(in_a_row, known),
                typos.kept(beginnings, known),
            ):
                for one in part:
                    self._prints.add(one, subject)
        return subject

    def now(self, group: int) -> int:
        """The number of the group that ``group`` has become part of, itself when of none."""
        while group in self._into:
            group = self._into[group]
        return group

    def _look(
        self, words: tuple[Word, ...]
    ) -> tuple[dict[int, list[int]], dict[int, Core], list[Closest]]:
        """What has its prints, what is likely, and what it is a copy of."""
        known = {one: self._known(one) for one in matching.prints(words)}
        likely = self._likely(known, len(words))
        return known, likely, matching.fitting(matching.look(words, known), likely)

    def _rereadings(
        self,
        said: Text,
        words: tuple[Word, ...],
        likely: dict[int, Core],
        in_a_row: list[int],
        beginnings: list[int],
        found: Sequence[Closest],
    ) -> Iterator[Reread]:
        """What it is a copy of with other spaces or letters, besides what was ``found``."""
        if not _may_grow(found):
            return iter(())
        but = {one.subject for one in found}
        by_spaces = spaces.candidates({one: self._known(one) for one in in_a_row}, len(words))
        by_letters = typos.candidates({one: self._known(one) for one in beginnings})
        cores = {one: core for one, core in likely.items() if one not in but}
        for one in (*by_spaces, *by_letters):
            if one not in but and one not in cores and (core := self._core(one)):
                cores[one] = core
        return rereadings(said, words, cores, by_spaces, by_letters)

    def _core(self, subject: int) -> Core | None:
        packed = self._cores.get(subject)
        return _decoder.decode(packed) if packed else None

    def _known(self, one: int) -> list[int]:
        found = self._prints.get(one)
        into = self._into
        if any(subject in into for subject in found):
            return list(dict.fromkeys(map(self.now, found)))
        return found

    def _likely(self, known: dict[int, list[int]], words: int) -> dict[int, Core]:
        cores = {}
        for subject in matching.candidates(known, words):
            packed = self._cores.get(subject)
            if packed:
                cores[subject] = _decoder.decode(packed)
        return cores

    def _forget(self, number: int) -> None:
        self._cores.pop(number, None)
        self._marked.discard(number)


def _may_grow(found: Sequence[Closest]) -> bool:
    """Whether a text's prints may be wanted: it is like nothing, or like what has few examples."""
    return not found or matching.takes_examples(found[0].core)


def _cites(text: Text, words: tuple[Word, ...], found: Closest) -> bool:
    """Whether what is shared is what stands in quotation marks, with an answer beside them.

    Where it was said without marks before, who puts it into marks and answers it quotes it.
    """
    beside = {word.start for word in beside_marks(text)}
    if not beside:
        return False
    shared = len(found.match.shared)
    outside = sum(words[place].start in beside for place in found.match.shared)
    inside = len(words) - len(beside)
    return outside <= _FEW * shared and shared - outside >= _MOST * inside


def _age(one: Closest) -> int:
    return one.subject


_decoder = msgspec.msgpack.Decoder(Core)
