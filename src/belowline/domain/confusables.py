"""Letters that look alike, the scripts that letters belong to, and forms for comparing text.

The data is Unicode's (`belowline.domain.unicode_tables`), the way of using it that of UTS 39,
"Unicode Security Mechanisms" (https://www.unicode.org/reports/tr39/). Two things differ on
purpose, both in `Reading`: text is compared without regard to case, which UTS 39 leaves open, and
an ASCII letter always stands for itself, so that "burn" is not read as "bum" in a whole article.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache, partial
from unicodedata import category, decimal, normalize

from belowline.domain.unicode_tables import (
    CONFUSABLES,
    SCRIPTS,
    SPACING_MARKS,
    STACKING_MARKS,
)

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters that draw nothing (Default_Ignorable_Code_Point), as the inside of a regex class."""

ACCENTS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1"
    "\u08e3-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
"""Marks that a word can be written with or without: accents, Hebrew points, Arabic vowels, as the
inside of a regex class. The vowel signs of Hindi, Thai and others are not among them: there
another sign makes another word."""

SMALL_CAPITALS = dict(
    zip(
        "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274"
        "\u1d0f\u1d18\ua7af\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22\u028d\u0138",
        "abcdefghijklmnopqrstuvwyzmk",
        strict=True,
    )
)
"""Small capitals, which UTS 39 keeps apart from their letters. They join the two cases of
Cyrillic letters too, of which one looks Latin: \u0412 like B, and \u0432 like a small capital B."""

BADGES = {
    first + place: chr(ord("a") + place)
    for first in (0x1F150, 0x1F170, 0x1F1E6)
    for place in range(26)
}
"""White-on-black letters and the regional indicators that flags are made of."""

LEET = dict(zip("0345789@$+\u20ac\u00a2", "oeastbgastec", strict=True))
"""Digits and symbols that are written for letters, besides those that are a stroke."""

_MEMORY = 20_000


def ranges(table: str) -> str:
    """A table of `unicode_tables` (``41-5a aa``) as the inside of a regex class."""
    return "".join(
        "-".join(chr(int(code, 16)) for code in part.split("-")) for part in table.split()
    )


MARKS = ranges(STACKING_MARKS) + ranges(SPACING_MARKS)
"""All combining marks, as the inside of a regex class."""

WORD = re.compile(f"\\w+(?:(?![\\x00-\\x7f])[{MARKS}]+\\w*)*")
"""A run of letters, digits and the marks on them, in text that a `Reading` has read. The look
ahead spares each space the search through all ranges of marks, which is most of the time."""

_IS_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ARABIC_STRETCH = "\u0640"
_IS_ACCENT = re.compile(f"[{ACCENTS}{INVISIBLE}{_ARABIC_STRETCH}]")


@cache
def _skeletons() -> dict[int, str]:
    """Code point -> what it looks like, for one character each (UTS 39, confusables.txt)."""
    table: dict[int, str] = {}
    for group in CONFUSABLES.split(","):
        target, *sources = group.split()
        skeleton = "".join(chr(int(code, 16)) for code in target.split("+"))
        table.update((int(source, 16), skeleton) for source in sources)
    return table


def skeleton(text: str) -> str:
    """What ``text`` looks like: two texts with one skeleton can be mistaken for each other.

    As UTS 39, section 4, has it: decomposed, invisible characters dropped, each character replaced
    by its prototype, decomposed again. For comparing only, never for showing. Case is kept. Meant
    for short text: decomposing takes time with the square of a run of marks, and here nothing
    limits one.
    """
    visible = _IS_INVISIBLE.sub("", normalize("NFD", text))
    return normalize("NFD", visible.translate(_skeletons()))


class Reading:
    """One way of reading a text, letter by letter, that finds its way back to the text.

    Every character is read by itself, so that it takes one pass in C, and a place in what was
    read can be told as a place in what was written.
    """

    def __init__(self, letter: Callable[[str], str]) -> None:
        self._table = _Letters(letter)

    def read(self, text: str) -> str:
        """``text`` as this reading has it, in time that grows with its length only."""
        return text.translate(self._table)

    def places(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Where ``read(text)[start:end]`` (not empty) stands in ``text``."""
        table = self._table
        read = 0
        first = -1
        for place, char in enumerate(text):
            read += len(table[ord(char)])
            if first < 0 and read > start:
                first = place
            if read >= end:
                return first, place + 1
        return first, len(text)


class _Letters(dict[int, str]):
    """Code point -> how it is read, worked out when first met; what is remembered is bounded."""

    def __init__(self, letter: Callable[[str], str]) -> None:
        self._letter = letter

    def __missing__(self, code: int) -> str:
        read = self._letter(chr(code))
        if len(self) < _MEMORY:
            self[code] = read
        return read


def _as_written(char: str) -> str:
    """Compatibility forms, accents and case undone, then look-alikes; symbols are left alone, so
    that what glues words together by looking like a letter (``|``) still parts them."""
    if category(char) == "Nd":
        return str(decimal(char))
    if char == "_":
        return " "
    letters = normalize("NFKD", normalize("NFKD", BADGES.get(ord(char), char)).casefold())
    return "".join(_plain_look(letter) for letter in letters)


def _plain_look(letter: str) -> str:
    if letter.isascii():
        return letter
    if _IS_ACCENT.match(letter):
        return ""
    if not letter.isalnum():
        return letter
    shape = without_accents(_skeletons().get(ord(letter), letter)).casefold()
    shape = SMALL_CAPITALS.get(shape, shape).replace("rn", "m")
    return shape if shape.isalnum() else letter


def _as_seen(char: str, stroke: str, symbols: Mapping[str, str]) -> str:
    """As `_as_written`, but by the shape before the case (a Greek capital \u039d is an N), with
    what looks like a stroke (1, I, |) as ``stroke`` and ``symbols`` as the letters beside them."""
    return "".join(_look(letter, stroke, symbols) for letter in normalize("NFKD", char))


def _look(letter: str, stroke: str, symbols: Mapping[str, str]) -> str:
    if letter in symbols:
        return symbols[letter]
    shape = _skeletons().get(ord(letter), letter)
    if letter != "l" == shape:
        return stroke
    if letter.isascii() or not letter.isalpha():
        return _as_written(letter)
    if shape == letter and letter.isupper():
        return without_accents(letter.casefold())
    return "".join(_as_written(part) for part in shape)


AS_WRITTEN = Reading(_as_written)
"""Case, accents, compatibility forms and other alphabets' look-alikes folded; digits stay."""

BY_SHAPE = Reading(partial(_as_seen, stroke="l", symbols={"0": "o"}))
"""What can be mistaken at a glance: 1, I and l are one letter, so are 0 and O."""

AS_SEEN = (
    Reading(partial(_as_seen, stroke="i", symbols={**LEET, "!": "i"})),
    Reading(partial(_as_seen, stroke="l", symbols={**LEET, "!": "l"})),
)
"""With digits for letters, as in "5h1t". A stroke can be an i or an l, hence two. Such a reading
can be wrong ("the A55"): ask people."""

_REPEATED = re.compile(r"([^\W\d])\1+")  # not digits: 11 is another number than 1


def fold(text: str, *, leet: bool = False, squeeze: bool = False) -> str:
    """``text`` as words are compared: look-alikes, accents, case and invisible characters folded.

    With ``leet``, digits and symbols are read as letters (strokes as i); with ``squeeze``, a
    repeated letter counts once. Linear in the length. For comparing only, never for showing.
    """
    if text.isascii() and not leet:
        folded = text.lower().replace("_", " ")  # as AS_WRITTEN reads it, in a fraction of the time
    else:
        folded = (AS_SEEN[0] if leet else AS_WRITTEN).read(text)
    return _REPEATED.sub(r"\1", folded) if squeeze else folded


@cache
def _script_table() -> tuple[list[int], list[tuple[int, str]]]:
    """The first code of each range, ascending, and beside it the last code and the script."""
    table = []
    for group in SCRIPTS.split(","):
        name, *parts = group.split()
        for part in parts:
            first, _, last = part.partition("-")
            table.append((int(first, 16), int(last or first, 16), name))
    table.sort()
    return [first for first, _, _ in table], [(last, name) for _, last, name in table]


def script(char: str) -> str:
    """The script of a character ("Latin", "Han"), "" for one that many scripts share."""
    starts, rest = _script_table()
    place = bisect_right(starts, ord(char)) - 1
    if place < 0:
        return ""
    last, name = rest[place]
    return name if ord(char) <= last else ""


_TOGETHER = (
    frozenset({"Latin", "Han", "Hiragana", "Katakana"}),
    frozenset({"Latin", "Han", "Bopomofo"}),
    frozenset({"Latin", "Han", "Hangul"}),
)


def mixed_scripts(text: str) -> bool:
    """Whether one word of ``text`` mixes alphabets that are not written together.

    The "Highly Restrictive" level of UTS 39, section 5.2, for each word: one script, or Latin
    with Japanese, Chinese or Korean. "Ada \u0412\u0430\u0441\u044f" is two words and passes.
    """
    if text.isascii():
        return False
    return any(_mixes(word) for word in WORD.findall(normalize("NFKC", text)))


def _mixes(word: str) -> bool:
    found = {script(char) for char in word} - {""}
    return len(found) > 1 and not any(found <= allowed for allowed in _TOGETHER)


def without_accents(text: str) -> str:
    """``text`` without `ACCENTS` and without what draws nothing, decomposed (NFD)."""
    return _IS_ACCENT.sub("", normalize("NFD", text))
