"""Second looks: at a random share of decisions, and at published comments that teach most."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

RANDOM, UNSURE, NEW_WORDS = "random", "unsure", "new_words"
"""Why something is looked at once more. Whether people agree is told from the random ones alone:
what a model is unsure about, people are too.
"""

MOST_OPEN = 5
"""Chosen ones of a day that wait at the same time."""

_WORTH_IT = 0.3  # scores from about 0.1 to 0.9
_UNKNOWN = 0.5  # in a language that the model does not know its score says nothing
_FEW = 2.0  # lessons


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """What the model knows of a published comment: its ``score``, whether it is ``known`` (its
    language), and in how many ``lessons`` the least taught of the words that raised it has stood.
    """

    comment: int
    score: float
    known: bool
    lessons: float


class Chosen(msgspec.Struct, frozen=True):
    """A comment to be looked at once more, and why."""

    comment: int
    why: str


def worth(doubt: Doubt) -> float:
    """How much an answer would teach, 0 to 2: how unsure the model is, twice where its words are
    new to it.
    """
    unsure = 1 - abs(2 * doubt.score - 1) if doubt.known else _UNKNOWN
    return unsure * (1 + 1 / (1 + doubt.lessons))


def choose(doubts: Iterable[Doubt], count: int) -> list[Chosen]:
    """The ``count`` that teach most, if they teach anything to speak of, the best first."""
    ranked = sorted(((worth(one), one) for one in doubts), key=lambda it: (-it[0], it[1].comment))
    return [
        Chosen(one.comment, NEW_WORDS if one.lessons < _FEW else UNSURE)
        for value, one in ranked[: max(count, 0)]
        if value >= _WORTH_IT
    ]


def allowed(decisions: int, percent: int, *, waiting: int, taken: int) -> int:
    """How many may be chosen now: in a day as many as are drawn at random, ``percent`` of its
    ``decisions`` by people, one at least; ``waiting`` and ``taken`` are there from the last day.
    """
    if not percent:
        return 0
    a_day = max(1, decisions * percent // 100)
    return max(0, min(MOST_OPEN - waiting, a_day - waiting - taken))
