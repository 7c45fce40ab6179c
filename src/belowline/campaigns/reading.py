"""A comment's text as copies are compared: its words, each as a number that disguises share.

A word's number stays the same when its letters are swapped, repeated, replaced by look-alikes of
another alphabet or by digits, glued with zero-width characters or spelt out with dots between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import msgspec

from belowline.domain.confusables import AS_WRITTEN, LEET, WORD, script

MOST_WORDS = 1_500
"""Words that are looked at, the first of a text: about a comment of 10,000 characters."""


class Word(msgspec.Struct, frozen=True):
    """A word and its place in the folded text.

    ``value`` says how much it counts before anything is known of its rarity: a letter or two
    little, marks (handles, numbers) less, a part of a text without spaces less than a word.
    """

    number: int
    value: float
    start: int
    end: int


class Text(msgspec.Struct, frozen=True):
    """What a comment says by itself (``own``) and what it quotes."""

    raw: str
    own: tuple[Word, ...]
    quoted: tuple[Word, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where folded ``start`` to ``end`` stands in the text as it was written."""
        return AS_WRITTEN.places(self.raw, start, end)


LEAST_ANSWER = 5
"""Words of their own with which somebody who quotes answers what they quote."""


def copied(text: Text) -> tuple[Word, ...]:
    """What counts as copied when it is found elsewhere: all but what is quoted and answered."""
    if text.quoted and len(text.own) < LEAST_ANSWER:
        return text.own + text.quoted
    return text.own


_BELONGS = 0.7


def answering(text: Text, there: Sequence[Text]) -> tuple[Word, ...]:
    """What counts as copied of a reply to what stands ``there``.

    What looks like a quotation is one when most of its words stand in a text that is ``there``
    and five own words answer it. Anything else that begins with ``>`` counts like any words.
    """
    if text.quoted and len(text.own) >= LEAST_ANSWER:
        wanted = Counter(word.number for word in text.quoted)
        for other in there:
            found = Counter(word.number for word in other.own + other.quoted)
            if (wanted & found).total() >= _BELONGS * wanted.total():
                return text.own
    return text.own + text.quoted


_ADDRESS = re.compile(r"[a-z]{2,7}:+/{1,3}\S*|www\.\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,8}/\S*")
_SPELT = re.compile(r"(?<![^\W_])[^\W_](?:[-.*~|/+,:;·•][^\W_]?(?![^\W_]))+")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?: [^\W\d_](?![^\W_])){3,}")
_INSIDE = re.compile("(?<=[^\\W_])[*~|'\u2019\u2018`\u00b4\"\u201c\u201d^](?=[^\\W_])")
_QUOTED_LINE = re.compile(r"(?m)^[ \t]*>.*$")
_FLAG = re.compile(
    "(?<![\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff]{2}(?![\U0001f1e6-\U0001f1ff])"
)
_SYMBOLS = str.maketrans({"@": "a", "$": "s", "€": "e", "!": "i", "+": "t", "|": "i", "¢": "c"})
_DISGUISED = re.compile(r"(?<=\w)[@$€!|+¢](?=\w)|(?<![\w$])\$(?=[a-z])")
_DIGITS = str.maketrans({**LEET, "1": "i", "6": "b", "2": "z", "l": "i"})
_STROKES = str.maketrans({"l": "i"})
_ASCII_WORD = re.compile(r"[@#]?[a-z0-9](?:[a-z0-9\x00]*[a-z0-9])?")
_ANY_WORD = re.compile(f"[@#]?(?:{WORD.pattern})(?:\x00{WORD.pattern})*")
_HANGUL = re.compile("[\u1100-\u11ff]")
_KOREAN = re.compile("[\u1100-\u115f](?=[\u1161-\u1175\u30fc\u4e28])|[^\u1100-\u11ff\u30fc\u4e28]")
"""Where a syllable of folded Korean begins, or anything else; two vowels look like a stroke."""

_UNSPACED = frozenset(
    {"Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar", "Bopomofo"}
)


def read(raw: str) -> Text:
    """``raw`` as words, in time that grows with its length only."""
    if raw.isascii():
        folded = raw.lower().replace("_", " ")
    else:
        folded = AS_WRITTEN.read(_FLAG.sub("  ", raw))
    folded = _blank(_ADDRESS, folded)
    quotes = [found.span() for found in _QUOTED_LINE.finditer(folded)] if ">" in folded else []
    folded = _opened(folded)
    own: list[Word] = []
    quoted: list[Word] = []
    for word in _words(folded):
        into = quoted if any(start <= word.start < end for start, end in quotes) else own
        into.append(word)
        if len(own) >= MOST_WORDS or len(quoted) >= MOST_WORDS:
            break
    return Text(raw, tuple(own), tuple(quoted))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: " " * len(found[0]), text)


def _opened(text: str) -> str:
    """``text`` with what parts the letters of one word taken out of their way.

    The length stays: a spelt-out word is moved together and followed by spaces.
    """
    text = _SPELT.sub(_joined, text)
    text = _SPACED.sub(_joined, text)
    text = _DISGUISED.sub(lambda found: found[0].translate(_SYMBOLS), text)
    return _INSIDE.sub("\x00", text)


def _joined(found: re.Match[str]) -> str:
    letters = "".join(char for char in found[0] if char.isalnum())
    return letters + " " * (len(found[0]) - len(letters))


def _words(text: str) -> list[Word]:
    found = []
    pattern = _ASCII_WORD if text.isascii() else _ANY_WORD
    for match in pattern.finditer(text):
        part = match[0]
        if part.isascii():
            number, value = _number(part)
            if value:
                found.append(Word(number, value, match.start(), match.end()))
        else:
            found.extend(_other(part, match.start()))
    return found


def _other(part: str, start: int) -> list[Word]:
    part = part.lstrip("#@") if part[0] in "#@" and script(part[-1]) in _UNSPACED else part
    if script(part[0]) not in _UNSPACED and script(part[-1]) not in _UNSPACED:
        number, value = _number(part)
        return [Word(number, value, start, start + len(part))] if value else []
    letters = _letters(part)
    if len(letters) == 2:
        return [Word(_hash(part), 0.3, start, start + len(part))]
    return [
        Word(_hash(part[first:last]), 0.5, start + first, start + last)
        for first, last in zip(letters, letters[2:], strict=False)
    ]


def _letters(part: str) -> list[int]:
    """Where each letter of a part without spaces begins, and its end.

    Folding takes Korean syllables apart into letters of which two say next to nothing, so that a
    syllable is what counts there: it begins with a consonant before a vowel.
    """
    if not _HANGUL.search(part):
        return list(range(len(part) + 1))
    begins = [found.start() for found in _KOREAN.finditer(part)] or [0]
    return [*begins, len(part)] if begins[0] == 0 else [0, *begins, len(part)]


@lru_cache(maxsize=50_000)
def _number(word: str) -> tuple[int, float]:
    if word[0] in "@#":
        number, value = _number(word[1:])
        return number, value * 0.5
    word = word.replace("\x00", "")
    if word.isdecimal():
        return _hash(word), 0.2 if len(word) < 3 else 0.6
    has_digit = any(map(str.isdecimal, word))
    letters = set(word.translate(_DIGITS if has_digit else _STROKES))
    size = len(letters)
    if size <= 1:
        return _hash(word), 0.1
    return _hash("".join(sorted(letters))), 0.3 if size <= 2 else 0.6 if size == 3 else 1.0


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))
