"""Signs of spam in a text: ways to get in touch, goods, promises and requests, in many languages.

Every sign is counted once, has a weight that anybody can read, and tells its place. Look-alike
letters, accents and case are folded; words with digits for letters and words that are spelt out
are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice
from math import exp
from typing import NamedTuple

from belowline.domain.confusables import AS_SEEN, AS_WRITTEN, WORD, fold, script
from belowline.domain.spam_words import TERMS
from belowline.domain.text import plain_links

MOST_CHARACTERS = 10_000

WEIGHTS = {
    "link": 2.4,
    "bare": 1.0,
    "shortener": 1.5,
    "phone": 2.5,
    "mail": 2.0,
    "handle": 1.0,
    "messenger": 2.0,
    "profile": 4.0,
    "begging": 1.5,
    "own": 2.5,
    "ware": 3.0,
    "earning": 2.2,
    "prize": 2.0,
    "testimony": 2.0,
    "chain": 3.5,
    "praise": 1.0,
    "lure": 1.3,
    "lures": 1.0,
    "money": 1.0,
    "action": 1.2,
    "pointing": 1.5,
    "offer": 2.0,
    "hidden": 2.5,
}
"""Sign -> what it adds to the odds (natural logarithm) that a text is spam.

``lure`` is a word that honest people use too, ``lures`` are two of them; ``begging`` is to ask
twice; ``offer`` is a ware, an earning, a prize, or a lure with a request, together with a
way to get it; ``hidden`` is a telling word that is spelt out or has digits for letters, words in
letters of two alphabets, or letters made of mathematical signs.
"""

COMMON = frozenset({"link", "bare", "phone", "mail", "handle", "lure", "lures", "money", "action"})
"""Signs that honest comments have too: one of them alone says nothing."""

_BASE = -5.5


class Sign(NamedTuple):
    """A sign of spam: its name in `WEIGHTS` and its place in code points, -1 for the whole."""

    name: str
    start: int
    end: int

    @property
    def weight(self) -> float:
        """What it adds to the odds."""
        return WEIGHTS[self.name]


_SHORTENERS = frozenset(
    [
        "bit.ly",
        "adf.ly",
        "goo.gl",
        "tinyurl.com",
        "ow.ly",
        "is.gd",
        "cutt.ly",
        "rebrand.ly",
        "t.me",
        "telegram.me",
        "wa.me",
        "api.whatsapp.com",
        "chat.whatsapp.com",
        "discord.gg",
        "onlyfans.com",
        "linktr.ee",
        "vk.cc",
        "clck.ru",
        "gofundme.com",
        "paypal.me",
        "cash.app",
    ]
)
_PHONE = re.compile(r"(?<![\w.,/:$#-])\+?\(?\d[\d ()./-]{7,18}\d(?![\w%-])")
_SHORT_CODE = re.compile(r"\b(?:to|on|call|text|txt|send|sms)\W{0,2}\d{4,6}\b")
_MAIL = re.compile(r"(?<![\w/.+-])[\w.+-]{2,64}@[\w-]{2,63}\.[a-z]{2,10}\b")
_HANDLE = re.compile(r"(?<![\w/@.])@[a-z][a-z0-9_]{3,31}\b")
_ADDRESSED = re.compile(r"(?i)[^\w@]*(?:rt )?(?:@\w+[^\w@]+)+")
"""Whom a text speaks to, at its beginning: an answer, and no way to get in touch."""
_MONEY = re.compile(
    r"[$\u20ac\xa3\u20bd\u20ba\xa5\u20b9]\s?\d[\d.,]{0,15}|\b\d[\d.,]{0,15}\s?(?:[$\u20ac\xa3\u20bd\u20ba\xa5\u20b9]"
    r"|(?:k |)(?:usd|eur|euros?|dollars?|pounds?|gbp|rub|"
    + fold("\u0440\u0443\u0431")
    + r"\w*|"
    + fold("\u0434\u043e\u043b\u043b")
    + r"\w*|tl|zl|reais|pesos)\b)|\b\d{2,4}\s?%"
)
_SPELT_OUT = re.compile(r"(?<!\w)(?:\w[ ._*\-]{1,2}){3,20}\w(?!\w)")
_LEETED = re.compile(r"(?<![\w@.])(?=\w*[a-z]\w*)(?=\w*\d)\w{4,20}(?!\w)")
_TWO_ALPHABETS = re.compile(
    r"[a-zA-Z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][a-zA-Z]"
)
_FEWEST_MIXED = 2
_FANCY = re.compile(
    "[\u24b6-\u24e9\U0001d400-\U0001d6a3\U0001f130-\U0001f189]{4,}|[\uff41-\uff5a]{4,}"
    "|[\u0400-\u04ff][\u1d00-\u1d7f]|[\u1d00-\u1d7f]{3,}"
)
_POINTING = re.compile(
    "[\u2b07\u27a1\u2b06\u2b05\U0001f446-\U0001f449\U0001f51e\U0001f4b0\U0001f4b5\U0001f4b8\U0001f911"
    "\u2705\U0001f4e9\U0001f4f2\U0001f381\U0001f4b3\U0001f3b0]"
)
"""Hands and arrows that point, money, presents and the like, with which advertising is drawn."""
_TWICE = {"profile": "begging", "own": "begging", "chain": "begging", "lure": "lures"}
_DIGIT_OR_GAP = re.compile(r"[\d@ ._*\-]")
_DIGIT_OR_AT = re.compile(r"[\d@]")
_DATE = re.compile(r"(?:19|20)\d\d")
_FEWEST_DIGITS = 9
_TELLING = ("messenger", "ware", "profile", "earning", "lure")
_UNSPACED = frozenset({"Han", "Hiragana", "Katakana", "Hangul", "Thai"})
_SHORTEST_STEM = 3


class _Terms(NamedTuple):
    """First word, or its beginning, -> what has to follow, and the sign; ``inside`` has terms of
    scripts that put no spaces between words."""

    words: dict[str, list[tuple[tuple[str, ...], str]]]
    stems: dict[str, list[tuple[tuple[str, ...], str]]]
    inside: list[tuple[str, str]]
    longest_stem: int


def prepare() -> None:
    """Reads the lists of words, which takes longer than a check may."""
    _terms()


def score(text: str, commoner: float = 0.0) -> float:
    """How likely ``text`` is spam, from 0 to 1; 0 for a text without a sign.

    ``commoner`` is for a place where spam is commoner: natural logarithm of how many times the
    odds are.
    """
    found = signs(text)
    return probability(found, commoner) if found else 0.0


def probability(found: Sequence[Sign], commoner: float = 0.0) -> float:
    """How likely a text with these signs is spam."""
    return 1 / (1 + exp(-_BASE - commoner - sum(sign.weight for sign in found)))


def signs(text: str) -> list[Sign]:
    """The signs in ``text``, each once, where it stands first; the heaviest come first."""
    text = text[:MOST_CHARACTERS]
    found: dict[str, Sign] = {}
    for sign in _all_signs(text):
        first = found.setdefault(sign.name, sign)
        if sign.name in _TWICE and not overlap(sign, first):
            found.setdefault(_TWICE[sign.name], sign._replace(name=_TWICE[sign.name]))
    offered = any(name in found for name in ("ware", "earning", "prize")) or (
        "lure" in found and "action" in found
    )
    if offered and any(name in found for name in ("link", "phone", "mail", "handle", "messenger")):
        found["offer"] = Sign("offer", -1, -1)
    return sorted(found.values(), key=lambda sign: -sign.weight)


def overlap(one: Sign, other: Sign) -> bool:
    """Whether they share a part of the text."""
    return one.start < other.end and other.start < one.end


def _all_signs(text: str) -> Iterator[Sign]:
    yield from _links(text)
    read = AS_WRITTEN.read(text)
    addressed = _ADDRESSED.match(text)
    begin = addressed.end() if addressed else 0
    for name, start, end in (*_written(read), *_patterns(read)):
        sign = Sign(name, *AS_WRITTEN.places(text, start, end))
        if name != "handle" or sign.start >= begin:
            yield sign
    for start, end in _hidden(read):
        sign = Sign("hidden", *AS_WRITTEN.places(text, start, end))
        if _DIGIT_OR_GAP.search(text, sign.start, sign.end):  # Cyrillic letters are read as digits
            yield sign
    if not text.isascii():
        yield from _drawn(text)


def _drawn(text: str) -> Iterator[Sign]:
    """Letters that are drawn like others, and hands and arrows that point."""
    mixed = list(islice(_mixed_words(text), _FEWEST_MIXED))
    if len(mixed) == _FEWEST_MIXED:
        yield Sign("hidden", *mixed[0])
    if match := _FANCY.search(text):
        yield Sign("hidden", *match.span())
    if match := _POINTING.search(text):
        yield Sign("pointing", *match.span())


def _links(text: str) -> Iterator[Sign]:
    links = plain_links(text)
    for link in links:
        yield Sign("link", link.start, link.end)
        if link.host.lower().removeprefix("www.") in _SHORTENERS:
            yield Sign("shortener", link.start, link.end)
    if links and sum(link.end - link.start for link in links) * 2 > len(text):
        yield Sign("bare", links[0].start, links[0].end)


def _mixed_words(text: str) -> Iterator[tuple[int, int]]:
    """Where the words are that have letters of two alphabets side by side."""
    end = 0
    for match in _TWO_ALPHABETS.finditer(text):
        if match.start() < end:
            continue
        start = match.start()
        while start > end and text[start - 1].isalnum():
            start -= 1
        end = match.end()
        while end < len(text) and text[end].isalnum():
            end += 1
        yield start, end


def _patterns(read: str) -> Iterator[tuple[str, int, int]]:
    if not _DIGIT_OR_AT.search(read):
        return  # most texts, seen to at once
    for match in _PHONE.finditer(read):
        digits = "".join(filter(str.isdigit, match.group()))
        if len(digits) >= _FEWEST_DIGITS and not _DATE.match(digits):
            yield "phone", *match.span()
    for name, pattern in (
        ("phone", _SHORT_CODE),
        ("mail", _MAIL),
        ("handle", _HANDLE),
        ("money", _MONEY),
    ):
        for match in pattern.finditer(read):
            yield name, *match.span()


def _written(read: str) -> Iterator[tuple[str, int, int]]:
    terms = _terms()
    matches = list(WORD.finditer(read))
    parts = [match.group() for match in matches]
    for place, part in enumerate(parts):
        beginning = _beginning_with(part)
        for name in beginning.alone:
            yield name, matches[place].start(), matches[place].end()
        following = parts[place + 1] if place + 1 < len(parts) else ""
        for rest, name in (*beginning.before.get(following, ()), *beginning.before_stems):
            after = parts[place + 1 : place + 1 + len(rest)]
            if len(after) == len(rest) and all(map(_fits, after, rest)):
                yield name, matches[place].start(), matches[place + len(rest)].end()
    if not read.isascii():
        for term, name in terms.inside:
            start = read.find(term)
            if start >= 0:
                yield name, start, start + len(term)


class _Beginning(NamedTuple):
    """The signs that a word is by ``alone``; what has to follow it for others, by the next word,
    or by none where that is a stem."""

    alone: tuple[str, ...]
    before: dict[str, list[tuple[tuple[str, ...], str]]]
    before_stems: list[tuple[tuple[str, ...], str]]


@lru_cache(maxsize=20_000)  # people use the same words
def _beginning_with(part: str) -> _Beginning:
    terms = _terms()
    found = terms.words.get(part, [])
    for length in range(_SHORTEST_STEM, min(len(part), terms.longest_stem) + 1):
        found = found + terms.stems.get(part[:length], [])
    return _beginning(found) if found else _NONE


def _beginning(found: list[tuple[tuple[str, ...], str]]) -> _Beginning:
    made = _Beginning(tuple(name for rest, name in found if not rest), {}, [])
    for rest, name in found:
        if rest and rest[0].endswith("*"):
            made.before_stems.append((rest, name))
        elif rest:
            made.before.setdefault(rest[0], []).append((rest, name))
    return made


_NONE = _Beginning((), {}, [])


def _fits(part: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return part.startswith(wanted[:-1])
    return part == wanted


def _hidden(read: str) -> Iterator[tuple[int, int]]:
    """Telling words that are spelt out ("c a s i n o") or have digits for letters ("cas1no")."""
    for match in _SPELT_OUT.finditer(read):
        if _tells("".join(filter(str.isalnum, match.group()))):
            yield match.span()
    for match in _LEETED.finditer(read) if _DIGIT_OR_AT.search(read) else ():
        if any(_tells(reading.read(match.group())) for reading in AS_SEEN):
            yield match.span()


def _tells(word: str) -> bool:
    return any(name in _TELLING for name in _beginning_with(fold(word)).alone)


@cache
def _terms() -> _Terms:
    terms = _Terms({}, {}, [], 0)
    for name, listed in TERMS.items():
        for term in " ".join(listed.split()).split(", "):
            if any(script(char) in _UNSPACED for char in term):
                terms.inside.append((fold(term), name))
                continue
            first, *rest = (
                fold(part.rstrip("*")) + ("*" if part.endswith("*") else "")
                for part in term.split()
            )
            table = terms.stems if first.endswith("*") else terms.words
            table.setdefault(first.rstrip("*"), []).append((tuple(rest), name))
    return terms._replace(longest_stem=max(map(len, terms.stems)))
