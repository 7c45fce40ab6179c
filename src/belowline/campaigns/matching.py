"""Whether two texts are copies: what they share, where, and how much of each that is.

Topic and quotation make texts share words, copying makes them share runs of words. A word counts
in full where a neighbour of it is shared too and stands near it in both texts; shared runs are
then weighed against what stands between them. All of it is exact and depends on nothing but the
texts and on which neighbours are `common` by now.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import msgspec

from belowline.campaigns.reading import Word

MOST_LOOKED_UP = 480
"""Prints of one text that are looked up at most."""

MOST_KEPT = 16
"""Prints of one text that are remembered at most."""

COMMON = 16
"""So many different things having a print makes it say nothing: "I agree", "breaking news"."""

MANY = (0,) * COMMON
"""Stands for what has a print that is common, where it does not matter what that is."""

MOST_EXAMPLES = 3
"""Texts of a group that are compared word by word, and whose prints lead to it."""

MOST_MERGED = 5
"""Texts that are compared of a group that was made of two."""

MOST_CANDIDATES = 6
_ENOUGH = 12
"""What shared prints have to say before two texts are compared at all."""

SAYS = (0, 6, 6, 4, *[3] * COMMON)
"""What a shared print says, by how many have it: two that hardly anything else has are enough, and
four that many have. What shares less shares a word by chance."""

_LONG = 300  # words, up to which a text is compared with so many

_NEAR = 2
_LONE = 0.4
_COMMON_PAIR = 0.5
_BOILERPLATE = 0.4
_GAP = 0.6
_DROP = 1.6
_LEAST_RUN = 1.2
_MOST_RUNS = 3


class _Bounds(NamedTuple):
    """From where on two texts are alike."""

    embedded: float
    whole: float
    cover: float
    shorter: float


_LEAST = _Bounds(embedded=5.5, whole=2.6, cover=0.5, shorter=4.0)
_SURELY = _Bounds(embedded=7.5, whole=3.2, cover=0.62, shorter=5.0)
_EMBEDDED_CORE = 4.5
_DENSITY = 0.5
_MAINLY = 0.33
_AMONG_OWN = 4.0
_MOST_OF_SHORTER = 0.7
_CORE = 0.45
_LEAST_OF_CORE = 0.25

_MOST_VOTES = 160

_SAME_PLACE = 0.5
_SAME = 0.4
_SURE = 3


class Example(msgspec.Struct, frozen=True, array_like=True):
    """One text of a group: the numbers of its words in their order, and what each counts, in
    tenths."""

    numbers: list[int]
    values: list[int]


class Core(msgspec.Struct, frozen=True, array_like=True):
    """What a group's texts share: how many there are, the first few, and in how many each word
    is, with what it counts. While there is one text it says that by itself."""

    size: int
    examples: list[Example]
    votes: dict[int, tuple[int, int]] = {}


class Match(msgspec.Struct, frozen=True):
    """How well a text fits, and which of its words (by their place among the words) are shared.

    ``sure`` is False for two texts that people may have written by themselves: that takes a third.
    """

    score: float
    shared: list[int]
    sure: bool = True


class Closest(msgspec.Struct, frozen=True):
    """The group that a text belongs to, as it was before, and how it fits."""

    subject: int
    core: Core
    match: Match


class Look(msgspec.Struct, frozen=True):
    """A text about to be compared: its words' numbers and weights, and what is common by now."""

    numbers: list[int]
    weights: list[float]
    near: Collection[int]
    common: Collection[int]


def pair(first: int, second: int) -> int:
    """The print of two words near each other, in either order."""
    if first > second:
        first, second = second, first
    return ((first * 0x9E3779B1) ^ (second * 0x85EBCA6B) ^ (second >> 15)) & 0xFFFFFFFF | 1 << 32


def prints(words: Sequence[Word]) -> list[int]:
    """What a text is looked up by: its words, and each two that stand near each other."""
    numbers = [word.number for word in words]
    found = dict.fromkeys(word.number for word in words if word.value >= 0.5)
    for place, number in enumerate(numbers):
        for other in numbers[place + 1 : place + 1 + _NEAR]:
            if other != number:
                found[pair(number, other)] = None
    looked_up = list(found)
    step = 1 + len(looked_up) // MOST_LOOKED_UP
    return [one for one in looked_up if one % step == 0] if step > 1 else looked_up


def kept(words: Sequence[Word], known: Mapping[int, Sequence[int]]) -> list[int]:
    """What a text is remembered by: rare words, and pairs where words are not rare."""
    rare = [word.value >= 0.5 and len(known.get(word.number, ())) < COMMON // 2 for word in words]
    found: list[int] = []
    for place, word in enumerate(words):
        if rare[place]:
            found.append(word.number)
        if place + 1 < len(words):
            other = words[place + 1].number
            if other != word.number and not (rare[place] and rare[place + 1]):
                found.append(pair(word.number, other))
    found = [one for one in dict.fromkeys(found) if len(known.get(one, ())) < COMMON]
    if len(found) > MOST_KEPT:
        found = [found[place * len(found) // MOST_KEPT] for place in range(MOST_KEPT)]
    return found


def candidates(known: Mapping[int, Sequence[int]], words: int) -> list[int]:
    """Those that share most with a text, the best first; older ones first among equals.

    A long text is compared with fewer, since each takes as long as it has ``words``: with as many
    as short ones it would keep everybody waiting.
    """
    shared: dict[int, int] = {}
    for subjects in known.values():
        if len(subjects) < COMMON:
            says = SAYS[len(subjects)]
            for subject in subjects:
                shared[subject] = shared.get(subject, 0) + says
    likely = [subject for subject, says in shared.items() if says >= _ENOUGH]
    most = _fewer(MOST_CANDIDATES, words, least=2)
    return heapq.nsmallest(most, likely, key=lambda one: (-shared[one], one))


def _fewer(most: int, words: int, least: int) -> int:
    return max(least, most * _LONG // max(words, _LONG))


def look(words: Sequence[Word], known: Mapping[int, Sequence[int]]) -> Look:
    """``words`` made ready for comparing."""
    numbers = [word.number for word in words]
    common = {one for one, subjects in known.items() if len(subjects) >= COMMON}
    weights = [word.value for word in words]
    runs = [
        number != after and pair(number, after) in common for number, after in pairwise(numbers)
    ]
    for place in range(len(numbers)):
        before = runs[place - 1] if place else True
        behind = runs[place] if place < len(runs) else True
        if before and behind and runs:
            weights[place] *= _BOILERPLATE
    return Look(numbers, weights, _near(tuple(numbers)), common)


@lru_cache(maxsize=256)  # in a flood the same few are compared with everything that comes
def _near(numbers: tuple[int, ...]) -> frozenset[int]:
    return frozenset(
        pair(number, other)
        for place, number in enumerate(numbers)
        for other in numbers[place + 1 : place + 1 + _NEAR]
    )


class _Shared(NamedTuple):
    """What two texts share, and how much of their runs, of the longer and of the shorter it is."""

    shared: float
    of_runs: float
    of_longer: float
    of_shorter: float


class _Runs(msgspec.Struct, frozen=True):
    """The runs of one text that another has too."""

    inside: list[int]
    shared: list[int]
    gained: float
    span: float


def _runs(
    numbers: Sequence[int],
    weights: Sequence[float],
    others: Sequence[int],
    near: Collection[int],
    common: Collection[int],
) -> _Runs:
    gains, hit = _gains(numbers, weights, others, near, common)
    places = [
        place for _, start, end in _strongest(gains)[:_MOST_RUNS] for place in range(start, end)
    ]
    return _Runs(
        inside=[numbers[place] for place in places],
        shared=[place for place in places if hit[place]],
        gained=sum(gains[place] for place in places if gains[place] > 0),
        span=sum(weights[place] for place in places) or 1.0,
    )


def repeats(
    numbers: Sequence[int], weights: Sequence[float], others: Sequence[int], near: Collection[int]
) -> set[int]:
    """The places of ``numbers`` that stand in runs that another text has too."""
    gains, _ = _gains(numbers, weights, others, near, ())
    return {place for _, start, end in _strongest(gains) for place in range(start, end)}


def repeated(words: Sequence[Word], example: Example) -> set[int]:
    """The places of ``words`` that stand in runs that ``example`` has too."""
    numbers, values = [word.number for word in words], [word.value for word in words]
    return repeats(numbers, values, example.numbers, _near(tuple(example.numbers)))


def _gains(
    numbers: Sequence[int],
    weights: Sequence[float],
    others: Sequence[int],
    near: Collection[int],
    common: Collection[int],
) -> tuple[list[float], list[bool]]:
    left = Counter(others)
    hit = []
    for number in numbers:
        has = left[number] > 0
        if has:
            left[number] -= 1
        hit.append(has)
    support = [_LONE] * len(numbers)
    for place, number in enumerate(numbers):
        if not hit[place]:
            continue
        for other in range(place + 1, min(place + 1 + _NEAR, len(numbers))):
            if hit[other]:
                both = pair(number, numbers[other])
                if both in near:
                    worth = _COMMON_PAIR if both in common else 1.0
                    support[place] = max(support[place], worth)
                    support[other] = max(support[other], worth)
    gains = [
        weight * support[place] if hit[place] else -weight * _GAP
        for place, weight in enumerate(weights)
    ]
    return gains, hit


def _strongest(gains: Sequence[float]) -> list[tuple[float, int, int]]:
    """Runs of ``gains`` with a high sum: (sum, start, end), the strongest first."""
    found = []
    total = best = 0.0
    start = end = 0
    for place, gain in enumerate(gains):
        total += gain
        if total > best:
            best, end = total, place + 1
        if total <= 0 or total < best - _DROP:
            if best >= _LEAST_RUN:
                found.append((best, start, end))
            total = best = 0.0
            start = end = place + 1
    if best >= _LEAST_RUN:
        found.append((best, start, end))
    return sorted(found, key=lambda run: (-run[0], run[1]))


def match(seen: Look, core: Core) -> Match | None:
    """How ``seen`` fits ``core``, None when it is no copy."""
    best = None
    for example in core.examples[: _fewer(MOST_MERGED, len(seen.numbers), least=1)]:
        found = _match_example(seen, example)
        if found and (best is None or found.score > best.score):
            best = found
    if core.size == 1:
        return best
    return _match_core(seen, core, best)


def _match_example(seen: Look, example: Example) -> Match | None:
    if not _may_match(seen, example):
        return None
    near = _near(tuple(example.numbers))
    ours = _runs(seen.numbers, seen.weights, example.numbers, near, seen.common)
    if ours.gained < _LEAST.whole:
        return None
    weights = [value / 10 for value in example.values]
    theirs = _runs(example.numbers, weights, ours.inside, seen.near, seen.common)
    shared = min(ours.gained, theirs.gained)
    whole, other = sum(seen.weights), sum(weights)
    found = _Shared(
        shared=shared,
        of_runs=shared / max(ours.span, theirs.span),
        of_longer=shared / max(whole, other, 0.1),
        of_shorter=shared / max(min(whole, other), 0.1),
    )
    if not _reaches(found, _LEAST):
        return None
    score = shared / min(ours.span, theirs.span) + shared * 0.02
    return Match(score, ours.shared, _reaches(found, _SURELY))


def _reaches(found: _Shared, least: _Bounds) -> bool:
    """Whether so much is shared as a pasted core, or of both texts, or of the shorter one.

    A sentence in two texts that say much else is a proverb or a quotation, and no core yet.
    """
    embedded = least.embedded + (_AMONG_OWN if found.of_shorter < _MAINLY else 0)
    return (
        (found.shared >= embedded and found.of_runs >= _DENSITY)
        or (found.shared >= least.whole and found.of_longer >= least.cover)
        or (found.shared >= least.shorter and found.of_shorter >= _MOST_OF_SHORTER)
    )


def _may_match(seen: Look, example: Example) -> bool:
    """Whether the words that both have could be enough in the best order: a quick no to most."""
    theirs = set(example.numbers)
    most = sum(
        weight
        for number, weight in zip(seen.numbers, seen.weights, strict=True)
        if number in theirs
    )
    if most < _LEAST.whole:
        return False
    if most >= _LEAST.embedded:
        return True
    whole, other = sum(seen.weights), sum(example.values) / 10
    return most >= _LEAST.cover * max(whole, other) or (
        most >= _LEAST.shorter and most >= _MOST_OF_SHORTER * min(whole, other)
    )


def _match_core(seen: Look, core: Core, best: Match | None) -> Match | None:
    """Fits what most of a group share, so that no chain of likenesses makes a group."""
    strength = _strength(core)
    total = sum(strength.values())
    near: set[int] = set()
    for example in core.examples:
        near |= _near(tuple(example.numbers))
    ours = _runs(seen.numbers, seen.weights, list(strength), near, seen.common)
    in_core = sum(strength[number] for number in {seen.numbers[place] for place in ours.shared})
    shared = min(ours.gained, in_core)
    if best is not None:
        return best if shared >= _LEAST_OF_CORE * total else None
    whole = max(sum(seen.weights), total)
    enough = shared >= _EMBEDDED_CORE or (shared >= _LEAST.whole and shared >= _LEAST.cover * whole)
    if enough and shared >= _CORE * total and shared >= _DENSITY * ours.span:
        return Match(shared / total, ours.shared)
    return None


def _strength(core: Core) -> dict[int, float]:
    """What most of a group's texts share, each word by how many of them have it."""
    least = 1 if core.size == 1 else 2 if core.size <= 5 else 0.34 * core.size
    return {
        number: value / 10 * min(1.0, votes / core.size * 1.3)
        for number, (votes, value) in _votes(core).items()
        if votes >= least
    }


def fitting(seen: Look, cores: Mapping[int, Core]) -> list[Closest]:
    """Those of ``cores`` that ``seen`` is a copy of, the best first; the first among equals.

    What is like a single text, but not surely a copy of it, is one where it is like a second one
    in the same place.
    """
    found = [
        Closest(subject, core, fits)
        for subject, core in cores.items()
        if (fits := match(seen, core)) is not None
    ]
    found.sort(key=lambda one: -one.match.score)
    sure = next((one for one in found if one.match.sure or one.core.size > 1), None)
    if sure is not None:
        found.remove(sure)
        return [sure, *found]
    return next((rest for place in range(len(found)) if bridged(rest := found[place:])), [])


def bridged(found: Sequence[Closest]) -> list[Closest]:
    """Those of ``found`` (of `fitting`) that are the same thing as the first.

    The same part of the text fits both, and what most of their texts share is the same: who pastes
    two things into one comment bridges nothing.
    """
    best, *others = found
    places = set(best.match.shared)
    return [
        one
        for one in others
        if len(places.intersection(one.match.shared))
        >= _SAME_PLACE * min(len(places), len(one.match.shared))
        and _alike(best.core, one.core)
    ]


def _alike(one: Core, other: Core) -> bool:
    if one.size < _SURE and other.size < _SURE:
        return True
    ours, theirs = _strength(one), _strength(other)
    both = sum(min(value, theirs[number]) for number, value in ours.items() if number in theirs)
    return both >= _SAME * min(sum(ours.values()), sum(theirs.values()))


def merged(core: Core, other: Core) -> Core:
    """Both as one."""
    votes = dict(_votes(core))
    for number, (count, value) in _votes(other).items():
        if number in votes:
            votes[number] = votes[number][0] + count, max(votes[number][1], value)
        elif len(votes) < _MOST_VOTES:
            votes[number] = count, value
    examples = [*core.examples, *other.examples][:MOST_MERGED]
    return Core(core.size + other.size, examples, votes)


def _votes(core: Core) -> dict[int, tuple[int, int]]:
    if core.size > 1:
        return core.votes
    first = core.examples[0]
    return {number: (1, value) for number, value in zip(first.numbers, first.values, strict=True)}


def alone(words: Sequence[Word]) -> Core:
    """The core of a text that nothing has been found like yet."""
    return Core(1, [_example(words)])


def joined(core: Core, words: Sequence[Word], reread: Sequence[Word] = ()) -> Core:
    """``core`` with one text more, in its own words and as those of the core that it was read by
    (``reread``), if it was.
    """
    votes = dict(_votes(core))
    said = {word.number: round(word.value * 10) for word in (*reread, *words)}
    for number, value in said.items():
        if number in votes:
            votes[number] = votes[number][0] + 1, value
        elif len(votes) < _MOST_VOTES:
            votes[number] = 1, value
    examples = core.examples
    if len(examples) < MOST_EXAMPLES:
        examples = [*examples, _example(words)]
    return Core(core.size + 1, examples, votes)


def takes_examples(core: Core) -> bool:
    """Whether further texts like ``core`` become examples and lead to it."""
    return len(core.examples) < MOST_EXAMPLES


def _example(words: Sequence[Word]) -> Example:
    return Example([word.number for word in words], [round(word.value * 10) for word in words])
