"""A comment's text as copies are compared: its words, each as a number that disguises share.

A word's number stays the same when its letters are swapped, repeated, replaced by look-alikes of
another alphabet or by digits, glued with zero-width characters or spelt out with dots between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import msgspec

from belowline.domain.confusables import AS_WRITTEN, LEET, WORD, script

MOST_WORDS = 1_500
"""Words that are looked at, the first of a text: about a comment of 10,000 characters."""


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word and its place in the folded text.

    ``value`` says how much it counts before anything is known of its rarity: a letter or two
    little, marks (handles, numbers) less, a part of a text without spaces less than a word.
    """

    number: int
    value: float
    start: int
    end: int


class Text(msgspec.Struct, frozen=True):
    """What a comment says by itself (``own``) and what it quotes.

    ``marks`` is where something stands in quotation marks among its own words, in the folded text.
    ``folded`` is that text, with what parts the letters of one word taken out of their way.
    """

    raw: str
    own: tuple[Word, ...]
    quoted: tuple[Word, ...]
    marks: tuple[tuple[int, int], ...] = ()
    folded: str = ""

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


LEAST_QUOTED = 3
"""What the words in quotation marks have to count to be a quotation."""


def beside_marks(text: Text) -> tuple[Word, ...]:
    """What ``text`` says outside of quotation marks, nothing where that is no answer to them."""
    said = tuple(word for word in text.own if not _within(word, text.marks))
    return said if text.marks and sum(word.value for word in said) >= LEAST_ANSWER else ()


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
_INSIDE = re.compile("(?s)[*~|'\u2019\u2018`\u00b4\"\u201c\u201d^](?=[^\\W_])(?<=[^\\W_].)")
_QUOTED_LINE = re.compile(r"(?m)^[ \t]*>.*$")
_MARKED = re.compile(
    '["\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300e]'
    '([^"\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c-\u300f]{12,2000})'
    '["\u201c\u201d\u201e\u201f\u00ab\u00bb\u300d\u300f]'
)
_MARKS = frozenset('"\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300e')
_FLAG = re.compile(
    "(?<![\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff]{2}(?![\U0001f1e6-\U0001f1ff])"
)
_SYMBOLS = str.maketrans({"@": "a", "$": "s", "€": "e", "!": "i", "+": "t", "|": "i", "¢": "c"})
_DISGUISED = re.compile(r"(?s)[@$€!|+¢](?=\w)(?:(?<=\w.)|(?<=\$)(?<![\w$].)(?=[a-z]))")
AS_LETTERS = str.maketrans({**LEET, "1": "i", "6": "b", "2": "z", "l": "i"})
_STROKES = str.maketrans({"l": "i"})
_ASCII_WORD = re.compile(r"[@#]?[a-z0-9](?:[a-z0-9\x00]*[a-z0-9])?")
_ANY_WORD = re.compile(f"[@#]?(?:{WORD.pattern})(?:\x00{WORD.pattern})*")
_HANGUL = re.compile("[\u1100-\u11ff]")
_KOREAN = re.compile("[\u1100-\u115f](?=[\u1161-\u1175\u30fc\u4e28])|[^\u1100-\u11ff\u30fc\u4e28]")
"""Where a syllable of folded Korean begins, or anything else; two vowels look like a stroke."""

_CALLED = 0.05
PAIR = 0.5
"""What a pair of signs or syllables counts, in scripts that need no spaces."""

_TOO_LONG = 40
"""Letters of which no word has so many, but words without spaces between them have."""

_PIECES = 5
_SHORTEST_PIECE = 3
_PARTED = 6
"""Characters that may stand between two letters that are neighbours all the same."""

_UNSPACED = frozenset(
    {"Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar", "Bopomofo"}
)


def read(raw: str) -> Text:
    """``raw`` as words, in time that grows with its length only."""
    if raw.isascii():
        folded = raw.lower().replace("_", " ")
    else:
        folded = AS_WRITTEN.read(_FLAG.sub("  ", raw))
    if "/" in folded or "www." in folded:
        folded = _blank(_ADDRESS, folded)
    quotes = [found.span() for found in _QUOTED_LINE.finditer(folded)] if ">" in folded else []
    marked = [found.span(1) for found in _MARKED.finditer(folded)] if _marks(folded) else []
    opened = _opened(folded)
    own, quoted = _words(opened), []
    if quotes:
        quoted = [word for word in own if _within(word, quotes)][:MOST_WORDS]
        own = [word for word in own if not _within(word, quotes)]
    own = own[:MOST_WORDS]
    if marked and not quoted:
        own, quoted = _apart(own, marked)
    return Text(raw, tuple(own), tuple(quoted), () if quoted else tuple(marked), opened)


def _marks(text: str) -> bool:
    return not _MARKS.isdisjoint(text)


def _within(word: Word, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= word.start < end for start, end in spans)


def _apart(words: list[Word], marked: list[tuple[int, int]]) -> tuple[list[Word], list[Word]]:
    """What is said and what stands in quotation marks, where that is quoted and answered.

    Marks stand around a name, a title or a joke as well, and around what is pasted: a quotation
    has a few words, and who quotes by marks says more than they quote.
    """
    quoted = [word for word in words if _within(word, marked)]
    own = [word for word in words if not _within(word, marked)]
    said, repeated = (sum(word.value for word in some) for some in (own, quoted))
    if repeated >= LEAST_QUOTED and said >= max(LEAST_ANSWER, repeated):
        return own, quoted
    return words, []


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
    """Its words. Those who are called one after the other (``@ada @ben @chidi``) count next to
    nothing: everybody who answers in a long talk calls the same ones.
    """
    found: list[Word] = []
    run: list[tuple[int, int]] = []
    called = -1
    pattern = _ASCII_WORD if text.isascii() else _ANY_WORD
    for match in pattern.finditer(text):
        part, start = match[0], match.start()
        letters = [] if part.isascii() else _unspaced(part, start)
        if run and (not letters or start - run[-1][1] > _PARTED):
            found.extend(_pairs(text, run))
            run = []
        run += letters
        if not letters:
            if len(part) >= _TOO_LONG:
                found.extend(_pieces(part, start))
                continue
            number, value = number_of(part)
            if part[0] == "@":
                if 0 <= start - called <= 2 and found:
                    found[-1] = msgspec.structs.replace(found[-1], value=_CALLED)
                    value = _CALLED
                called = match.end()
            if value:
                found.append(Word(number, value, start, match.end()))
    found.extend(_pairs(text, run))
    return found


def _pieces(part: str, start: int) -> list[Word]:
    """The words of what is too long for one: cut where its letters say so, whatever is before."""
    found: list[Word] = []
    begin = 0
    for place in range(_SHORTEST_PIECE, len(part)):
        piece = part[place - _SHORTEST_PIECE : place]
        if place - begin >= _SHORTEST_PIECE and _hash(piece) % _PIECES == 0:
            found.append(Word(*number_of(part[begin:place]), start + begin, start + place))
            begin = place
    found.append(Word(*number_of(part[begin:]), start + begin, start + len(part)))
    return found


def _unspaced(part: str, start: int) -> list[tuple[int, int]]:
    """Where each letter of a part begins and ends, in scripts that need no spaces."""
    if script(part[-1]) not in _UNSPACED and script(part[0]) not in _UNSPACED:
        return []
    first = len(part) - len(part.lstrip("#@"))
    letters = [first + place for place in _letters(part[first:])]
    return [(start + one, start + end) for one, end in pairwise(letters) if part[one:end] != "\x00"]


def _pairs(text: str, run: list[tuple[int, int]]) -> list[Word]:
    """The words of letters without spaces: each two neighbours, whatever little stands between."""
    if len(run) == 1:
        start, end = run[0]
        return [Word(_hash(text[start:end]), 0.3, start, end)]
    return [
        Word(_hash(text[start:middle] + text[other:end]), PAIR, start, end)
        for (start, middle), (other, end) in pairwise(run)
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
def number_of(word: str) -> tuple[int, float]:
    """The number of a folded word, and what it counts."""
    if word[0] in "@#":  # whom one answers says little: readers of a thread answer the same ones
        number, value = number_of(word[1:])
        return number, value * (0.3 if word[0] == "@" else 0.5)
    word = word.replace("\x00", "")
    if word.isdecimal():
        return _hash(word), 0.2 if len(word) < 3 else 0.6
    has_digit = any(map(str.isdecimal, word))
    letters = set(word.translate(AS_LETTERS if has_digit else _STROKES))
    size = len(letters)
    if size <= 1:
        return _hash(word), 0.1
    return _hash("".join(sorted(letters))), 0.3 if size <= 2 else 0.6 if size == 3 else 1.0


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))
