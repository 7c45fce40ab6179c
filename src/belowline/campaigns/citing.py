"""What a comment repeats of the story, or of what it replies to, without any marks of a quotation.

Readers paste a sentence that they are about to answer. Of those who do, each repeats the same,
and none copies another.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise

import msgspec

from belowline.campaigns.matching import pair, repeats
from belowline.campaigns.reading import LEAST_ANSWER, LEAST_QUOTED, Word, read

_FEWEST = 4
"""Pairs of neighbours in common before it is looked at any closer."""

_PART = 0.6
"""What is repeated of a comment, of all of it, is at most so much: who repeats it all copies it."""

_STEP, _STRETCH = 12, 24


class There(msgspec.Struct, frozen=True):
    """The words of a text that comments stand under: their numbers, each two neighbours, and what
    all count together."""

    numbers: tuple[int, ...]
    pairs: frozenset[int]
    value: float


def apart_from_story(
    words: tuple[Word, ...], prints: Collection[int], story: str
) -> tuple[Word, ...]:
    """``words`` (with `matching.prints`) without what they repeat of the ``story``'s text, where
    enough are left."""
    return _apart(words, prints, _there(story), 1.0) if story else words


def apart_from_comment(
    raw: str, words: tuple[Word, ...], prints: Collection[int], other: str
) -> tuple[Word, ...]:
    """``words`` of ``raw`` without what they repeat of the comment ``other``, where that is a part
    of it and enough are left."""
    stretches = (raw[place : place + _STRETCH] for place in range(0, len(raw) - _STRETCH, _STEP))
    if not any(stretch in other for stretch in stretches):
        return words
    return _apart(words, prints, _there(other), _PART)


def _apart(
    words: tuple[Word, ...], prints: Collection[int], there: There, most: float
) -> tuple[Word, ...]:
    if len(there.pairs.intersection(prints)) < _FEWEST:
        return words
    numbers = [word.number for word in words]
    places = repeats(numbers, [word.value for word in words], there.numbers, there.pairs)
    repeated = sum(words[place].value for place in places)
    left = tuple(word for place, word in enumerate(words) if place not in places)
    said = sum(word.value for word in left)
    if LEAST_QUOTED <= repeated <= most * there.value and said >= LEAST_ANSWER:
        return left
    return words


@lru_cache(maxsize=128)
def _there(text: str) -> There:
    said = read(text)
    words = sorted(said.own + said.quoted, key=lambda word: word.start)
    numbers = tuple(word.number for word in words)
    pairs = frozenset(pair(*two) for two in pairwise(numbers))
    return There(numbers, pairs, sum(word.value for word in words))
