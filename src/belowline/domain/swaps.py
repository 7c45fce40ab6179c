"""Pairs whose words are put in each other's place, to see whether both are treated alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from belowline.domain.confusables import MARKS, script

LEFT, RIGHT, BOTH = "left", "right", "both"

_IN_WORD = f"\\w{MARKS}"
_WITHOUT_SPACES = frozenset({"Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"})
_ENDINGS = frozenset({"Hangul"})  # what follows a Korean noun is written onto it
_BEFORE = {
    "Arabic": "[\u0648\u0641]?[\u0628\u0644\u0643]?(?:\u0627\u0644|\u0644\u0644)?",
    "Hebrew": "[\u05d5\u05e9\u05db\u05d4\u05d1\u05dc\u05de]{0,3}",
}
"""Script -> what is written onto the beginning of a noun: "and", "in", "for", "the"."""


class Pair(msgspec.Struct, frozen=True):
    """Two words or phrases of which a comment may have either."""

    left: str
    right: str


class Swapped(msgspec.Struct, frozen=True):
    """A text with each side in the other's place. ``side`` is the one that it had, "both" where
    it had both; ``places`` are where it was changed, in code points, before and after.
    """

    text: str
    side: str
    places: tuple[tuple[int, int], ...]


def pair(entry: str) -> Pair | None:
    """The pair that is listed as "Northside = Southside"; None for what is none."""
    sides = [" ".join(unicodedata.normalize("NFC", one).split()) for one in entry.split("=")]
    if len(sides) != 2 or not all(re.search(r"\w", one) for one in sides):
        return None
    left, right = sides
    return None if left.lower() == right.lower() else Pair(left, right)


def pairs(listed: Iterable[str]) -> list[Pair]:
    """The pairs of a list; what is none is passed over."""
    return [found for found in map(pair, listed) if found is not None]


def swap(text: str, with_: Pair) -> Swapped | None:
    """``text`` with the pair's words in each other's place; None where it has neither.

    Whole words only, in whatever case they are written, and the other gets that case. In scripts
    without spaces a word is found wherever it stands. Both are exchanged in one go, so that
    swapping twice gives the text again, up to spaces within a phrase.
    """
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    sides: set[str] = set()
    done = length = 0
    for side, start, end in _places(text, with_):
        listed, other = (with_.left, with_.right) if side == LEFT else (with_.right, with_.left)
        put = _like(text[start:end], listed, other)
        parts += [text[done:start], put]
        length += start - done
        places.append((start, length))
        length += len(put)
        done = end
        sides.add(side)
    if not sides:
        return None
    side = BOTH if len(sides) == 2 else sides.pop()
    return Swapped("".join([*parts, text[done:]]), side, tuple(places))


def _places(text: str, with_: Pair) -> Iterator[tuple[str, int, int]]:
    """(side, start, end) of each occurrence, in their order."""
    for found in _pattern(with_).finditer(text):
        side = LEFT if found[LEFT] is not None else RIGHT
        yield side, found.start(side), found.end(side)


@lru_cache(maxsize=1024)
def _pattern(with_: Pair) -> re.Pattern[str]:
    """Finds either side, the longer one where both begin at the same place."""
    sides = sorted(((LEFT, with_.left), (RIGHT, with_.right)), key=lambda side: -len(side[1]))
    return re.compile("|".join(_as_word(*side) for side in sides), re.IGNORECASE)


def _as_word(name: str, words: str) -> str:
    first, last = script(words[0]), script(words[-1])
    before = "" if first in _WITHOUT_SPACES else f"(?<![{_IN_WORD}]){_BEFORE.get(first, '')}"
    after = f"(?![{_IN_WORD}])"
    if last in _WITHOUT_SPACES | _ENDINGS:
        after = f"(?![{MARKS}])"
    spelt = re.escape(words).replace("\\ ", "\\s+")
    spelt = re.sub("['\u2019]", "['\u2019]", spelt)
    return f"{before}(?P<{name}>{spelt}){after}"


def _like(found: str, listed: str, other: str) -> str:
    """``other`` in the case in which ``listed`` was ``found``."""
    if found == listed:
        return other
    if found.islower():
        return other.lower()
    if found.isupper() and sum(map(str.isalpha, found)) > 1:
        return other.upper()
    if found[:1].isupper():
        return other[:1].upper() + other[1:]
    return other
