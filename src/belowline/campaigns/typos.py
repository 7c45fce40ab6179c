"""Copies in whose words a letter is wrong, missing or too many, in each word if need be.

"Tha coundil sald oor harbaur" has no word in common with what it copies. What is left are the
letters that most words begin with, in their order: these lead to it. By the numbers of two words
it is then told whether a letter is all that they differ by, and where several in a row do, they
are read as the words of what is copied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from zlib import crc32

from belowline.campaigns import matching
from belowline.campaigns.matching import COMMON, Core, Example, Match
from belowline.campaigns.reading import AS_LETTERS, PAIR, Text, Word, letter_value
from belowline.domain.confusables import AS_WRITTEN

MOST_LOOKED_UP = 10
"""Prints of a text's first letters that are looked up at most."""

MOST_KEPT = 6
"""Prints of a text's first letters that are remembered at most: the first of those looked up."""

MOST_REREAD = 2
"""Texts, of those found in each way, by whose words one is read again at most."""

_TOGETHER = 7
"""Words in a row whose first letters make a print: of a million texts, hardly two by chance."""

_MOST_EXAMPLES = 2
_FEWEST = 5
"""Longer words that have to be the same or one letter apart, before anything is made of it."""

_SAME = 2
"""Longer words that are the same where nothing but these leads to a text."""

_LONG = 1.0
_AROUND = 4
_LETTERS = (
    "abcdefghijkmnopqrstuvwxyzłđßøæœþð",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґўђјљњћџ",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءپچژگک",
    "אבגדהוזחטיכלמנסעפצקרשתםןץףך",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "".join(map(chr, range(0x0904, 0x094E))),
)


def prints(text: Text, words: Sequence[Word]) -> list[int]:
    """What the first letters of ``words`` are looked up by; nothing in scripts without spaces."""
    if [word.value for word in words].count(PAIR) * 2 > len(words):
        return []
    folded = text.folded
    first = "".join([folded[word.start] for word in words]).translate(AS_LETTERS)
    units = first.encode("utf-32-le", "surrogatepass")
    size = 4 * _TOGETHER
    found = {crc32(units[place : place + size]) for place in range(0, len(units) - size + 1, 4)}
    return [one | 1 << 32 for one in sorted(found)[:MOST_LOOKED_UP]]


def kept(looked_up: Sequence[int], known: Mapping[int, Sequence[int]]) -> list[int]:
    """Those of `prints` to remember a text by: what is not common."""
    return [one for one in looked_up[:MOST_KEPT] if len(known.get(one, ())) < COMMON]


def candidates(having: Mapping[int, Sequence[int]]) -> list[int]:
    """Those that share most of `prints`; ``having`` says which subjects have each of them."""
    shared: Counter[int] = Counter()
    for subjects in having.values():
        if len(subjects) < COMMON:
            shared.update(subjects)
    return sorted(shared, key=lambda one: (-shared[one], one))[:MOST_REREAD]


def worth_reading(
    cores: Mapping[int, Core], found: Sequence[int], words: Sequence[Word]
) -> Iterator[tuple[int, Core]]:
    """Those of ``cores`` by which ``words`` may be read again: what was ``found`` (`candidates`),
    then the first of the others, if they have some of the longer words as they stand.
    """
    yield from ((subject, cores[subject]) for subject in found if subject in cores)
    others = [subject for subject in cores if subject not in found][:MOST_REREAD]
    longer = [word.number for word in words if word.value >= _LONG]
    for subject in others:
        examples = cores[subject].examples[:_MOST_EXAMPLES]
        said = {number for example in examples for number in example.numbers}
        if sum(number in said for number in longer) >= _SAME:
            yield subject, cores[subject]


def match(words: Sequence[Word], core: Core) -> tuple[tuple[Word, ...], Match | None]:
    """``words`` as the words of ``core``, and how these fit it, None when it is no copy."""
    for example in core.examples[:_MOST_EXAMPLES]:
        again = reread(words, example)
        found = matching.match(matching.look(again, {}), core) if again else None
        if found is not None and found.sure:
            return again, found
    return (), None


def reread(words: Sequence[Word], example: Example) -> tuple[Word, ...]:
    """``words`` with those of ``example`` for what is a letter apart from them, in the same order;
    nothing where that are few.
    """
    pairs = _pairs(words, example)
    places = _in_order(pairs) if len(pairs) >= _FEWEST else {}
    if len(set(places.values())) < _FEWEST:
        return ()
    _fill(places, words, example)
    again = list(words)
    for place, there in places.items():
        word = words[place]
        value = example.values[there] / 10
        again[place] = Word(example.numbers[there], value, word.start, word.end)
    return tuple(again)


def _pairs(words: Sequence[Word], example: Example) -> list[tuple[int, int]]:
    """The places of longer words that are the same or a letter apart."""
    apart = differences()
    there: dict[int, list[int]] = {}
    longer = []
    for place, (number, value) in enumerate(zip(example.numbers, example.values, strict=True)):
        there.setdefault(number, []).append(place)
        if value >= _LONG * 10:
            longer.append(number)
    found = []
    for place, word in enumerate(words):
        if word.value < _LONG:
            continue
        number = word.number
        if number in there:
            found += [(place, one) for one in there[number]]
        elif not apart.isdisjoint([other - number for other in longer]):
            near = {other for other in longer if other - number in apart}
            found += [(place, one) for other in near for one in there[other]]
    return found


def _in_order(pairs: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Place -> place there, of those pairs around which others stand in the same order."""
    best: dict[int, tuple[int, int]] = {}
    for place, there in pairs:
        support = sum(
            0 < abs(other - place) <= _AROUND and abs(other - place - one + there) <= 1
            for other, one in pairs
        )
        if support > best.get(place, (0, 0))[0]:
            best[place] = support, there
    return {place: there for place, (_, there) in best.items()}


def _fill(places: dict[int, int], words: Sequence[Word], example: Example) -> None:
    """Adds to ``places`` the short words before and after them that are a letter apart too."""
    apart = differences()
    size = len(example.numbers)
    for step in (1, -1):
        for place, there in sorted(places.items(), reverse=step < 0):
            place, there = place + step, there + step
            while place not in places and 0 <= place < len(words) and 0 <= there < size:
                difference = example.numbers[there] - words[place].number
                if difference and difference not in apart:
                    break
                places[place] = there
                place, there = place + step, there + step


@cache
def differences() -> frozenset[int]:
    """By how much the numbers of two words differ of which one has another letter, or one more."""
    found: set[int] = set()
    for letters in _LETTERS:
        read = {letter for letter in AS_WRITTEN.read(letters) if letter.isalnum()}
        own = {0, *map(letter_value, read)}
        found |= {one - other for one in own for other in own}
    found.discard(0)
    return frozenset(turned for one in found for turned in (one, one - (1 << 32), one + (1 << 32)))
