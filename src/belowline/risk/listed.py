"""Words that are seldom kind: a list in many languages, of which the model learned what one weighs.

What a listed word says of a comment is learned where there are labelled comments, and holds in the
languages where there are none.
"""

from __future__ import annotations

from collections.abc import Iterable

from belowline.risk import features

WORD, BEGINNING, PAIR = range(3)
"""How a listed entry is met: as a word, as the beginning of a longer one, as two words."""

_LONGEST_ENDING = 3
_SHORTEST_BEGINNING = 4
_SHORTEST_SYLLABLES = 2


class Listed:
    """The entries of a list, ready to be met in texts."""

    def __init__(self, entries: Iterable[str]) -> None:
        self.words: set[str] = set()
        self.pairs: set[tuple[str, str]] = set()
        for entry in entries:
            parts = [word.text for word in features.words(entry)]
            if len(parts) == 1:
                self.words.add(parts[0])
            elif len(parts) == 2:
                self.pairs.add((parts[0], parts[1]))
        self.firsts = {first for first, _ in self.pairs}

    def kind(self, word: str) -> int | None:
        """`WORD`, `BEGINNING` of ``word``, or None where it is not listed."""
        if word in self.words:
            return WORD
        for ending in range(1, _LONGEST_ENDING + 1):
            beginning = word[:-ending]
            if beginning in self.words and len(beginning) >= _shortest(beginning):
                return BEGINNING
        return None


def _shortest(word: str) -> int:
    return _SHORTEST_SYLLABLES if "\uac00" <= word[:1] <= "\ud7a3" else _SHORTEST_BEGINNING
