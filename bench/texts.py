"""Texts as long and as different from each other as what people write.

A few thousand invented words, some common and most rare as in any language (Zipf's law): who looks
for copies or for words has as much to do with them as with real comments.
"""

from __future__ import annotations

import random
from itertools import accumulate

_STARTS = [*"bcdfghjklmnprstvw", "br", "ch", "gr", "pl", "qu", "sh", "st", "th", "tr"]
_MIDDLES = [*"aeiou", "ai", "ea", "ie", "oo", "ou"]
_ENDS = ["", "d", "l", "m", "n", "nd", "r", "s", "t", "th"]
_WORDS = 6_000
_SHIFT = 2.7
_FEWEST, _MOST = 3, 150


def comment() -> str:
    """Three to 150 words, half of the time more than 27."""
    length = min(max(int(random.lognormvariate(3.3, 0.6)), _FEWEST), _MOST)
    return " ".join(random.choices(_VOCABULARY, cum_weights=_WEIGHTS, k=length)).capitalize() + "."


def _vocabulary() -> list[str]:
    """The same words each time, the short ones first."""
    chance = random.Random(6_000)
    words: dict[str, None] = {}
    while len(words) < _WORDS:
        syllables = chance.choice((1, 1, 2, 2, 2, 3))
        parts = (chance.choice(_STARTS) + chance.choice(_MIDDLES) for _ in range(syllables))
        words["".join(parts) + chance.choice(_ENDS)] = None
    return sorted(words, key=len)


_VOCABULARY = _vocabulary()
_WEIGHTS = list(accumulate(1 / (rank + _SHIFT) for rank in range(1, _WORDS + 1)))
