"""A text as its letters alone, for copies whose spaces were moved or taken out.

"Th eharbou rcouncil" and "Theharbourcouncil" have no word in common with what they copy, but all
their letters in a row. These lead to it, and are then read again by the words that it has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from zlib import crc32

from belowline.campaigns import matching
from belowline.campaigns.matching import COMMON, SAYS, Core, Example, Match
from belowline.campaigns.reading import AS_LETTERS, PAIR, Text, Word, letter_value, number_of

MOST_LOOKED_UP = 16
"""Prints of a text's letters that are looked up at most."""

MOST_KEPT = 8
"""Prints of a text's letters that are remembered at most: the first of those looked up."""

MOST_REREAD = 2
"""Texts by whose words one is read again at most."""

_TOGETHER = 6
"""Letters in a row that make a print."""

_FEWEST = 20
_MOST = 320
"""Letters that are looked at, the first of a text."""

_FEW_WORDS = 45
_ENOUGH = 18
"""What shared prints have to say: three that hardly anything else has."""

_MOST_EXAMPLES = 2
_LONGEST = 13
_GAINS = [0.0, *(size**1.25 for size in range(1, _LONGEST + 1))]
"""What a known word of so many letters is worth: more than two of half its length."""

_OF_A_WORD = 6
"""Letters of what is no known word for each word that they count as."""

_LETTERS_ONLY = AS_LETTERS | dict.fromkeys([*range(ord("0")), ord("@")])
_BEGINS = re.compile(r"[aeimquy059]|[^\x00-\x7f]")
"""Where prints begin: a third of all places is enough, and takes a third of the time."""

_REPEATED = re.compile(r"(.)\1+")


def prints(text: Text, words: Sequence[Word]) -> list[int]:
    """What the letters of ``words`` are looked up by, wherever spaces stand between them.

    Nothing for what is short, and in scripts that need no spaces.
    """
    if [word.value for word in words].count(PAIR) * 2 > len(words):
        return []
    folded = text.folded
    said = "".join([folded[word.start : word.end] for word in words[:_MOST]])[:_MOST]
    row = _REPEATED.sub(r"\1", said.translate(_LETTERS_ONLY))
    if len(row) < _FEWEST:
        return []
    units = row.encode("utf-32-le", "surrogatepass")
    size = 4 * _TOGETHER
    begins = [4 * found.start() for found in _BEGINS.finditer(row, 0, len(row) - _TOGETHER + 1)]
    found = {crc32(units[place : place + size]) for place in begins}
    return [one | 1 << 32 for one in sorted(found)[:MOST_LOOKED_UP]]


def kept(looked_up: Sequence[int], known: Mapping[int, Sequence[int]]) -> list[int]:
    """Those of `prints` to remember a text by: what is not common."""
    return [one for one in looked_up[:MOST_KEPT] if len(known.get(one, ())) < COMMON]


def candidates(having: Mapping[int, Sequence[int]], words: int) -> list[int]:
    """Those that share enough of `prints` to be read again by their words, the likeliest first.

    ``having`` says which subjects have each of a text's prints. The more ``words`` it has, the more
    it shares by chance.
    """
    shared: Counter[int] = Counter()
    for subjects in having.values():
        if len(subjects) < COMMON:
            says = SAYS[len(subjects)]
            for subject in subjects:
                shared[subject] += says
    enough = _ENOUGH * max(1.0, words / _FEW_WORDS)
    likely = [one for one, says in shared.items() if says >= enough]
    return sorted(likely, key=lambda one: (-shared[one], one))[:MOST_REREAD]


def match(text: Text, words: Sequence[Word], core: Core) -> tuple[tuple[Word, ...], Match | None]:
    """``words`` as the words of ``core``, and how these fit it, None when it is no copy."""
    for example in core.examples[:_MOST_EXAMPLES]:
        again = reread(text, words, example)
        found = matching.match(matching.look(again, {}), core)
        if found is not None and found.sure:
            return again, found
    return (), None


def reread(text: Text, words: Sequence[Word], example: Example) -> tuple[Word, ...]:
    """``words`` parted anew, by those of ``example``: as many of their letters as possible are read
    as its words, and what is left in between as words of their own. A long text's end stays.
    """
    values = {
        number: value / 10
        for number, value in zip(example.numbers, example.values, strict=True)
        if value > 2
    }
    places = [
        place
        for word in words
        for place in range(word.start, word.end)
        if text.folded[place].isalnum()
    ][:_MOST]
    letters = "".join([text.folded[place] for place in places]).translate(AS_LETTERS)
    found: list[Word] = []
    for start, end in _parted(letters, values):
        number, value = number_of(letters[start:end])
        value = values.get(number, value * max(1.0, (end - start) / _OF_A_WORD))
        found.append(Word(number, value, places[start], places[end - 1] + 1))
    last = places[-1] if places else -1
    return (*found, *(word for word in words if word.start > last))


def _parted(letters: str, values: Mapping[int, float]) -> list[tuple[int, int]]:
    """Where each word begins and ends, those of ``values`` and what is left between them."""
    found: list[tuple[int, int]] = []
    begins = _begins(letters, values)
    end = left = len(letters)
    while end:
        start = begins[end]
        if start < 0:
            end -= 1
            continue
        if left > end:
            found.append((end, left))
        found.append((start, end))
        end = left = start
    if left:
        found.append((0, left))
    return found[::-1]


def _begins(letters: str, values: Mapping[int, float]) -> list[int]:
    """For each end of a known word in the best parting, where the word begins; -1 elsewhere."""
    size = len(letters)
    best = [0.0] * (size + 1)
    begins = [-1] * (size + 1)
    value = {letter: letter_value(letter) for letter in set(letters)}
    for start in range(size):
        if best[start] >= best[start + 1]:
            best[start + 1], begins[start + 1] = best[start], -1
        inside, number = set(), 0
        for end in range(start + 1, min(start + _LONGEST, size) + 1):
            letter = letters[end - 1]
            if letter not in inside:
                inside.add(letter)
                number = (number + value[letter]) & 0xFFFFFFFF
            if number in values:
                gain = best[start] + values[number] * _GAINS[end - start]
                if gain > best[end]:
                    best[end], begins[end] = gain, start
    return begins
