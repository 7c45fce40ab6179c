"""Words that the publisher has listed, also when they are written to get past a list.

Case, accents and other alphabets' look-alikes never hide a word. What has to be guessed, digits
for letters ("5h1t", but also the road A55), letters drawn out or parted by signs, words of scripts
that put no spaces between them, holds a comment for people and refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from belowline.checks.context import CheckContext
from belowline.domain.confusables import AS_SEEN, AS_WRITTEN, MARKS, WORD, fold, script
from belowline.domain.decisions import Finding
from belowline.domain.marking import _
from belowline.domain.policy import Policy

VERSION = "2"

_MOST_FINDINGS = 20
_LONGEST_CHUNK = 80
_CHUNK = re.compile(r"\S+")
_EDGES = ".,;:!?\"'()[]{}<>*_~\u2026\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\u00a1\u00bf"
_DRAWN_OUT = re.compile(r"(\w)\1\1")
_REPEATED = re.compile(r"(\w)\1+")
_UNSPACED = frozenset({"Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"})
_FEWEST_SPELT_OUT = 3
_BLANK = "\u2d63"  # a letter of Tifinagh, one code point and its own look-alike only
_BETWEEN = re.compile(f"(?:[ -/:-@\\[-`{{-~]|[^\\w{MARKS}\n])+")


class _Found(NamedTuple):
    word: str
    start: int
    end: int
    sure: bool


class _List(NamedTuple):
    """Listed words by their first part as written, and as a whole in ways of guessing.

    ``inside`` has, by their length, those that are no words between spaces: emoji, and words of
    scripts without spaces. ``lengths`` are those of ``wholes``.
    """

    phrases: dict[str, list[tuple[tuple[str, ...], str]]]
    wholes: dict[str, str]
    squeezed: dict[str, str]
    inside: dict[int, dict[str, str]]
    lengths: set[int]


def look(context: CheckContext) -> list[Finding]:
    """word_banned (refuse, or hold when guessed) and word_suspect (hold), one a listed word.

    What stands within an allowed phrase is overlooked.
    """
    text = _without(context.text, context.allowed_words)
    banned = [
        _finding(found, "word_banned", "refuse" if found.sure else "hold")
        for found in _search(text, context.banned_words)
    ]
    suspect = [
        _finding(found, "word_suspect", "hold") for found in _search(text, context.suspect_words)
    ]
    return banned + suspect


def _without(text: str, allowed: tuple[str, ...]) -> str:
    """``text`` with a letter that no list holds in place of each of those in an allowed phrase."""
    if not allowed:
        return text
    phrases = _prepared(allowed).phrases
    read = AS_WRITTEN.read(text)
    matches = list(WORD.finditer(read))
    parts = [match.group() for match in matches]
    for place, part in enumerate(parts):
        for phrase, _word in phrases.get(part, ()):
            if tuple(parts[place : place + len(phrase)]) == phrase:
                last = matches[place + len(phrase) - 1]
                start, end = AS_WRITTEN.places(text, matches[place].start(), last.end())
                text = text[:start] + _BLANK * (end - start) + text[end:]
    return text


_SENTENCES = {
    "word_banned": _("It holds a word that is not allowed here."),
    "word_suspect": _("It holds a word that a moderator looks at first."),
}


def _finding(found: _Found, code: str, weight: str) -> Finding:
    return Finding(
        check="words",
        version=VERSION,
        code=code,
        weight=weight,
        sentence=_SENTENCES[code],
        start=found.start,
        end=found.end,
        evidence=found.word,
    )


def _search(text: str, listed: tuple[str, ...]) -> list[_Found]:
    """The first place of each listed word, sure ones before guesses."""
    if not listed:
        return []
    words = _prepared(listed)
    first: dict[str, _Found] = {}
    for search in (_as_written, _inside, _disguised):
        for found in search(text, words):
            first.setdefault(found.word, found)
            if len(first) == _MOST_FINDINGS:
                return list(first.values())
    return list(first.values())


def prepare(policy: Policy) -> None:
    """Reads a policy's lists, which takes some tenths of a second for thousands of long words.

    Nobody's comment should wait for it. Within a check it would be cut off, each time anew, and
    every comment held.
    """
    for listed in (policy.banned_words, policy.suspect_words, policy.allowed_words):
        _prepared(listed)


@lru_cache(maxsize=256)  # three lists of each of several sites
def _prepared(listed: tuple[str, ...]) -> _List:
    words = _List({}, {}, {}, {}, set())
    for word in listed:
        folded = fold(word).strip()
        parts = tuple(WORD.findall(folded))
        if not folded:
            continue
        if not parts or any(script(char) in _UNSPACED for char in folded):
            words.inside.setdefault(len(folded), {}).setdefault(folded, word)
            continue
        words.phrases.setdefault(parts[0], []).append((parts, word))
        if len(parts) == 1 and len(parts[0]) > 1:
            words.wholes.setdefault(parts[0], word)
            words.squeezed.setdefault(fold(word, squeeze=True), word)
            words.lengths.add(len(parts[0]))
    return words


def _as_written(text: str, words: _List) -> Iterator[_Found]:
    """Whole words and phrases, and words spelt out in single letters ("s p a m")."""
    read = AS_WRITTEN.read(text)
    matches = list(WORD.finditer(read))
    parts = [match.group() for match in matches]
    seen: set[str] = set()
    for place, part in enumerate(parts):
        for phrase, word in words.phrases.get(part, ()):
            if word not in seen and tuple(parts[place : place + len(phrase)]) == phrase:
                seen.add(word)
                last = matches[place + len(phrase) - 1]
                start, end = AS_WRITTEN.places(text, matches[place].start(), last.end())
                yield _Found(word, start, end, sure=True)
    for first, after in _single_letters(parts):
        for start, end, word in _spelt_out("".join(parts[first:after]), words):
            if word not in seen:
                seen.add(word)
                span = matches[first + start].start(), matches[first + end - 1].end()
                whole = end - start == after - first
                yield _Found(word, *AS_WRITTEN.places(text, *span), sure=whole)


def _single_letters(parts: list[str]) -> Iterator[tuple[int, int]]:
    """Where each run of at least three single letters begins, and where it is over."""
    first = 0
    for place in range(len(parts) + 1):
        if place == len(parts) or len(parts[place]) != 1:
            if place - first >= _FEWEST_SPELT_OUT:
                yield first, place
            first = place + 1


def _spelt_out(letters: str, words: _List) -> Iterator[tuple[int, int, str]]:
    """The listed words among ``letters``: "a s p a m" has no space to tell where one begins."""
    for length in sorted(words.lengths, reverse=True):
        if length >= _FEWEST_SPELT_OUT:
            for start in range(len(letters) - length + 1):
                word = words.wholes.get(letters[start : start + length])
                if word is not None:
                    yield start, start + length, word


def _inside(text: str, words: _List) -> Iterator[_Found]:
    """Emoji, and words of scripts without spaces, wherever they stand. In such a script the end of
    one word and the beginning of the next can make a third, so that only emoji are sure."""
    if text.isascii():
        return
    read = AS_WRITTEN.read(text)
    seen: set[str] = set()
    for length, listed in words.inside.items():
        for start in range(len(read) - length + 1):
            word = listed.get(read[start : start + length])
            if word is not None and word not in seen:
                seen.add(word)
                place = AS_WRITTEN.places(text, start, start + length)
                yield _Found(word, *place, sure=WORD.search(word) is None)


def _disguised(text: str, words: _List) -> Iterator[_Found]:
    """Words with digits and signs for letters, drawn out, or with signs between the letters."""
    chunks: dict[str, int] = {}
    for match in _CHUNK.finditer(text):
        chunk = match.group().strip(_EDGES)
        if 1 < len(chunk) <= _LONGEST_CHUNK and "://" not in chunk and _has_letter(chunk):
            chunks.setdefault(chunk, match.start() + match.group().index(chunk))
    if not chunks:
        return
    for reading in (AS_WRITTEN, *AS_SEEN):
        # One pass over all chunks: reading each by itself takes several times as long.
        lines = _BETWEEN.sub("", reading.read("\n".join(chunks))).split("\n")
        for (chunk, start), letters in zip(chunks.items(), lines, strict=True):
            word = _guess(letters, words)
            if word is not None:
                yield _Found(word, start, start + len(chunk), sure=False)


def _has_letter(chunk: str) -> bool:
    """Without one it is a number or a row of signs, whatever they look like."""
    return any(char.isalpha() for char in chunk)


def _guess(letters: str, words: _List) -> str | None:
    if letters in words.wholes:
        return words.wholes[letters]
    if _DRAWN_OUT.search(letters):
        return words.squeezed.get(_REPEATED.sub(r"\1", letters))
    return None
