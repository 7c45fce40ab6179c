"""The outline of a file: all its comments without their texts, read before anything is yielded.

Whether a parent is there, in which story it stands and whether answers run in circles can only be
said when the whole file was seen, so an importer reads it twice. In between it keeps about 250
bytes for each comment, whatever its length: ids are held as 64-bit digests.
"""

from __future__ import annotations

from array import array
from datetime import datetime
from enum import IntEnum

from msgspec import Struct, structs

from belowline.importers.records import Number, Refused, Skipped, Summary, Warned
from belowline.importers.values import digest, parse_time

_NONE = -1


class Glimpse(Struct, frozen=True, kw_only=True):
    """What the outline needs to know of a comment, as it is written in the file.

    id: "" for a comment that has none. key: the id, or what stands for it.
    author: an account, or a name where there is none.
    """

    id: str
    key: str
    parent: str
    thread: str
    author: str
    text: str
    time: str
    anonymous: bool = False
    deleted: bool = False
    spam: bool = False
    pending: bool = False


class Verdict(IntEnum):
    """What becomes of a comment, by what the rest of the file says about its place."""

    TOP_LEVEL = 0
    REPLY = 1
    ORPHAN = 2
    IN_ANOTHER_STORY = 3
    IN_A_CIRCLE = 4
    DUPLICATE = 5
    UNKNOWN_STORY = 6


_SKIPPING = {
    Verdict.DUPLICATE: (
        "duplicate_id",
        "A comment with this id came before; the first one counts.",
    ),
    Verdict.UNKNOWN_STORY: ("unknown_story", "The file does not say which page it belongs to."),
}
_WARNING = {
    Verdict.ORPHAN: ("orphan", "The comment it answers is not in the file"),
    Verdict.IN_ANOTHER_STORY: (
        "parent_in_another_story",
        "The comment it answers belongs to another story",
    ),
    Verdict.IN_A_CIRCLE: ("circle", "The comments it answers answer it in their turn"),
}


class Outline:
    """Takes a `Glimpse` of each comment in order; after `settle` it knows the place of each."""

    def __init__(self) -> None:
        self._threads: dict[str, int] = {}
        self._stories: dict[str, str] = {}
        self._story_of: list[str | None] = []
        self._first: dict[int, int] = {}
        self._keys = array("Q")
        self._parents = array("Q")
        self._thread_of = array("L")
        self._verdicts = bytearray()
        self._authors: set[int] = set()
        self._contents: set[int] = set()
        self._counts: dict[str, int] = {}
        self._oldest: str | None = None
        self._newest: str | None = None
        self._first_time: datetime | None = None

    def story(self, thread: str, key: str) -> None:
        """Comments that name ``thread`` belong to the story ``key``. The first call counts."""
        self._stories.setdefault(thread, key)

    def add(self, comment: Glimpse) -> None:
        """The next comment of the file."""
        index = len(self._keys)
        own = digest(comment.id)
        key = digest(comment.key)
        if own and own in self._first:
            self._count("duplicate_ids")
        self._first.setdefault(own, index)
        self._first.setdefault(key, index)
        self._keys.append(key)
        self._parents.append(digest(comment.parent))
        self._thread_of.append(self._threads.setdefault(comment.thread, len(self._threads)))
        self._note_numbers(comment)

    def _note_numbers(self, comment: Glimpse) -> None:
        for name in ("anonymous", "deleted", "spam", "pending"):
            self._count(name, getattr(comment, name))
        self._count("empty_bodies", not comment.text.strip())
        self._authors.add(digest("author", comment.author))
        content = digest("content", comment.author, comment.time, comment.text)
        self._count("content_duplicates", content in self._contents)
        self._contents.add(content)
        if comment.time:
            self._oldest = min(self._oldest or comment.time, comment.time)
            self._newest = max(self._newest or comment.time, comment.time)
        moment = parse_time(comment.time)
        if moment and (self._first_time is None or moment < self._first_time):
            self._first_time = moment

    def _count(self, name: str, times: int = 1) -> None:
        self._counts[name] = self._counts.get(name, 0) + times

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def threads(self) -> int:
        """How many different threads the comments name."""
        return len(self._threads)

    @property
    def first_time(self) -> datetime | None:
        """The earliest time of any comment that can be read."""
        return self._first_time

    def settle(self) -> None:
        """Judges every comment. To be called once, after the last `add`."""
        self._story_of = [self._stories.get(thread) for thread in self._threads]
        self._verdicts = bytearray(self._skipping(index) for index in range(len(self)))
        parents = array("q", (self._placed_parent(index) for index in range(len(self))))
        self._counts["max_depth"] = self._break_circles(parents)
        self._contents.clear()

    def _skipping(self, index: int) -> Verdict:
        """DUPLICATE and UNKNOWN_STORY; TOP_LEVEL for all that come in."""
        if self._story_of[self._thread_of[index]] is None:
            return Verdict.UNKNOWN_STORY
        if self._first[self._keys[index]] != index:
            return Verdict.DUPLICATE
        return Verdict.TOP_LEVEL

    def _placed_parent(self, index: int) -> int:
        """Which comment it answers, if that is one to be kept; notes the verdict and the counts."""
        reference = self._parents[index]
        parent = self._first.get(reference, _NONE)
        if parent != _NONE and self._thread_of[parent] != self._thread_of[index]:
            self._count("cross_thread_parents")
        if not reference:
            return _NONE
        self._count("replies")
        self._count("orphans", parent == _NONE)
        self._count("forward_refs", parent > index)
        if self._verdicts[index]:
            return _NONE
        if parent == _NONE or self._verdicts[parent] in _SKIPPING:
            self._verdicts[index] = Verdict.ORPHAN
        elif self.story_key(parent) != self.story_key(index):
            self._verdicts[index] = Verdict.IN_ANOTHER_STORY
        else:
            self._verdicts[index] = Verdict.REPLY
            return parent
        return _NONE

    def _break_circles(self, parents: array[int]) -> int:
        """Cuts each circle at its first comment, and returns the greatest depth."""
        depths = array("Q", bytes(parents.itemsize * len(parents)))
        for index in range(len(parents)):
            above: list[int] = []
            on_the_way: set[int] = set()
            at = index
            while at != _NONE and not depths[at] and at not in on_the_way:
                above.append(at)
                on_the_way.add(at)
                at = parents[at]
            if at != _NONE and not depths[at]:
                self._cut(above[above.index(at) :], parents)
                # The cut comment is now the top of the chain; the walk starts anew from there.
                above = _chain(index, parents)
                at = _NONE
            depth = depths[at] if at != _NONE else 0
            for comment in reversed(above):
                depth += 1
                depths[comment] = depth
        return max(depths, default=0)

    def _cut(self, circle: list[int], parents: array[int]) -> None:
        first = min(circle)
        parents[first] = _NONE
        self._verdicts[first] = Verdict.IN_A_CIRCLE

    def count(self, verdict: Verdict) -> int:
        """How many comments have this verdict."""
        return self._verdicts.count(verdict)

    def story_key(self, index: int) -> str | None:
        """The story that a comment belongs to; None if the file does not say."""
        return self._story_of[self._thread_of[index]]

    def verdict(self, index: int) -> Verdict:
        """What becomes of the comment ``index``, counted from 0. Raises Refused past the last."""
        if index >= len(self._verdicts):
            raise Refused("The file changed while it was read. Import it again.")
        return Verdict(self._verdicts[index])

    def skipped(self, index: int, key: str, place: str) -> Skipped | None:
        """Why the comment does not come in; None if it does."""
        if self.verdict(index) not in _SKIPPING:
            return None
        reason, sentence = _SKIPPING[self.verdict(index)]
        return Skipped(place=place, what="comment", key=key, reason=reason, sentence=sentence)

    def warned(self, index: int, key: str, place: str) -> Warned | None:
        """Why the comment does not stand where the file says; None if it does."""
        if self.verdict(index) not in _WARNING:
            return None
        code, sentence = _WARNING[self.verdict(index)]
        sentence += "; it stands at the top level."
        return Warned(place=place, code=code, key=key, sentence=sentence)

    def summary(self, source: str, size: int, threads: int, details: dict[str, Number]) -> Summary:
        """The file in numbers. ``threads``: how many stories it names."""
        plain = Summary(
            source=source,
            bytes=size,
            comments=len(self),
            threads=threads,
            threads_with_comments=self.threads,
            authors=len(self._authors),
            oldest=self._oldest,
            newest=self._newest,
            details=details,
        )
        return structs.replace(plain, **self._counts)


def _chain(index: int, parents: array[int]) -> list[int]:
    """The comment and all that it stands below, from below."""
    chain = []
    while index != _NONE:
        chain.append(index)
        index = parents[index]
    return chain
