"""A text as the risk model sees it: its words with their places, and numbers for what is in them.

Everything is counted word by word, so that each word's part in a score is known exactly. What a
word consists of does not depend on its neighbours, and is worked out once for each different one.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

from belowline.domain.confusables import AS_SEEN, INVISIBLE, fold

BITS = 20
"""All features are numbers below two to this."""

MOST_CHARACTERS = 10_000

_MASK = (1 << BITS) - 1
_MOST_WORDS = 600
_LONGEST_WORD = 24
_MOST_KNOWN = 20_000
_FEWEST_SPELT_OUT = 3

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts that put no spaces between words: each of their characters counts as a word."""

_CHUNK = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_PART = re.compile(r"[^\W_]+(?:\*+[^\W_]*)*")
_GLUE = re.compile(f"['\u2019`\u00b4{INVISIBLE}]")
_DRAWN_OUT = re.compile(r"(\D)\1{2,}")
_DISGUISED = re.compile(r"[^\W\d_][0-9@$!|+\u20ac]+[^\W\d_]|^[@$0-9!|][^\W\d_]{3,}|[^\W\d_]\$+$")
_ADDRESS = re.compile(r"(?i)https?://|www\.")


class Word(NamedTuple):
    """A word as it is compared, and its place in the text in code points."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of ``text``; of a very long one its beginning and its end."""
    found = [
        Word(word, *match.span())
        for match in _CHUNK.finditer(text[:MOST_CHARACTERS])
        for word in _read(match.group())
    ]
    if len(found) > _MOST_WORDS:
        found = found[: _MOST_WORDS // 2] + found[-_MOST_WORDS // 2 :]
    return _with_spelt_out(found)


_known: dict[str, tuple[str, ...]] = {}


def _read(chunk: str) -> tuple[str, ...]:
    """The words in what stands between two spaces."""
    known = _known.get(chunk)
    if known is None:
        known = tuple(_parts(chunk[: 4 * _LONGEST_WORD]))
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        if len(chunk) <= _LONGEST_WORD:
            _known[chunk] = known
    return known


def _parts(chunk: str) -> list[str]:
    if _ADDRESS.match(chunk):
        return ["*address"]
    plain = _GLUE.sub("", chunk)
    parts = [_shortened(part) for part in _PART.findall(fold(plain))]
    if _DISGUISED.search(plain):
        guessed = (_shortened(part) for part in _PART.findall(AS_SEEN[0].read(plain)))
        parts += [part for part in guessed if part not in parts]
    return parts


def _shortened(word: str) -> str:
    return _DRAWN_OUT.sub(r"\1", word)[:_LONGEST_WORD]


def _with_spelt_out(found: list[Word]) -> list[Word]:
    """``found`` and, for each run of single letters ("i d i o t"), the word that they spell."""
    spelt = []
    first = 0
    for place in range(len(found) + 1):
        if place == len(found) or not _is_letter(found[place].text):
            if place - first >= _FEWEST_SPELT_OUT:
                letters = "".join(word.text for word in found[first:place])
                spelt.append(Word(_shortened(letters), found[first].start, found[place - 1].end))
            first = place + 1
    return found + spelt if spelt else found


def _is_letter(word: str) -> bool:
    return len(word) == 1 and not _IS_UNSPACED.match(word)


def itself(word: str) -> int:
    """The feature that is the whole word."""
    return crc32(word.encode()) & _MASK


def of_word(word: str) -> list[int]:
    """The features of one word: itself, and the runs of two to five characters in it."""
    numbers = {itself(word)}
    inside = f"<{word}>"
    length = len(inside)
    if length > 3:
        for size in (2, 3, 4, 5):
            for start in range(length - size + 1):
                numbers.add(crc32(inside[start : start + size].encode(), 1) & _MASK)
    return sorted(numbers)


def of_pair(first: str, second: str) -> int:
    """The feature of two words that follow each other."""
    return crc32(f"{first} {second}".encode(), 2) & _MASK
