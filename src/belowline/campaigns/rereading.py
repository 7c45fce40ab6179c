"""What a text is a copy of with other spaces or other letters: read again by the words of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from belowline.campaigns import spaces, typos
from belowline.campaigns.matching import Closest, Core
from belowline.campaigns.reading import Text, Word

_SAME_PLACE = 0.5


class Reread(msgspec.Struct, frozen=True):
    """A text's words as those of what it is a copy of, and that."""

    words: tuple[Word, ...]
    closest: Closest


def rereadings(
    text: Text,
    words: Sequence[Word],
    cores: Mapping[int, Core],
    in_a_row: Sequence[int],
    beginnings: Sequence[int],
) -> Iterator[Reread]:
    """Each of ``cores`` that ``words`` of ``text`` are a copy of when they are read again.

    ``in_a_row`` and ``beginnings`` are those that `spaces.candidates` and `typos.candidates` found.
    """
    for subject in in_a_row:
        core = cores.get(subject)
        if core is not None:
            again, fits = spaces.match(text, words, core)
            if fits is not None:
                yield Reread(again, Closest(subject, core, fits))
    for subject, core in typos.worth_reading(cores, beginnings, words):
        again, fits = typos.match(words, core)
        if fits is not None:
            yield Reread(again, Closest(subject, core, fits))


def same_place(words: Sequence[Word], found: Closest, other: Reread) -> bool:
    """Whether ``other`` is found in the part of the text that ``found`` is: both are one thing."""
    ours = _letters(words, found)
    theirs = _letters(other.words, other.closest)
    return len(ours & theirs) >= _SAME_PLACE * min(len(ours), len(theirs))


def _letters(words: Sequence[Word], found: Closest) -> set[int]:
    return {
        place
        for number in found.match.shared
        for place in range(words[number].start, words[number].end)
    }
