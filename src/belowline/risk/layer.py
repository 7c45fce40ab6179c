"""What one site has learned: a layer on top of the frozen model.

The layer counts in how many rejected and in how many published comments each feature stood. A
count can be taken away as exactly as it was added and in any order, so an undone decision, or all
of one moderator's, leave nothing behind. How much the layer has to say follows from how it did on
each comment before it was told the answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from typing import NamedTuple

import msgspec

from belowline.domain.lessons import Lesson
from belowline.risk import features
from belowline.risk.features import Word

_PRIOR = 5.0
_MIXES = (0.3, 0.6, 1.2, 2.5, 5.0, 10.0, 20.0)
_FEWEST = 8
_DOUBT = 1.5
_TRIALS = 400
_FEWEST_TRIALS = 100
_REJECTED_PER_MIX = 25
_MOST_KNOWN = 20_000


class Trial(msgspec.Struct, frozen=True):
    """How a comment was judged before its lesson: by the frozen model and by the layer."""

    frozen: float
    layer: float
    rejected: bool
    teacher: int
    language: str


class Standing(NamedTuple):
    """How trials are ordered: for each rejected one the share of the published that stand below it,
    and for each published one the share of the rejected."""

    rejected: list[float]
    published: list[float]


class Layer:
    """What has been learned on a site. `Judge` keeps it from being used by two at once."""

    def __init__(self) -> None:
        self.lessons: dict[int, Lesson] = {}
        self.trials: dict[int, Trial] = {}
        self.mix = 0.0
        self._rejected: dict[int, float] = {}
        self._published: dict[int, float] = {}
        self._totals = [0.0, 0.0]
        self._known: dict[str, tuple[float, int]] = {}

    def score(self, words: Sequence[Word]) -> float:
        """How much more the words belong to what was rejected here, before mixing."""
        if not all(self._totals):
            return 0.0
        total = 0.0
        count = 0
        texts = [word.text for word in words]
        for text in dict.fromkeys(texts):
            value, found = self._of_word(text)
            total += value
            count += found
        for first, second in dict.fromkeys(pairwise(texts)):
            total += self._value(features.of_pair(first, second))
            count += 1
        return total / sqrt(count) if count else 0.0

    def parts(self, words: Sequence[Word]) -> list[float]:
        """By how much each word raised `score`."""
        if not all(self._totals) or not words:
            return [0.0] * len(words)
        texts = [word.text for word in words]
        found = [self._of_word(text) for text in texts]
        count = sum(self._of_word(text)[1] for text in dict.fromkeys(texts))
        parts = [value for value, _ in found]
        pairs = list(pairwise(texts))
        for place, pair in enumerate(pairs):
            half = self._value(features.of_pair(*pair)) / 2
            parts[place] += half
            parts[place + 1] += half
        root = sqrt(count + len(set(pairs)))
        return [part / root for part in parts]

    def taught(self, word: str) -> float:
        """In how many lessons ``word`` has stood."""
        number = features.itself(word)
        return self._rejected.get(number, 0.0) + self._published.get(number, 0.0)

    def learn(self, lesson: Lesson, words: Sequence[Word], frozen: float, language: str) -> None:
        """Takes a lesson in. ``frozen`` is what the frozen model said of the comment."""
        self.trials[lesson.comment] = Trial(
            frozen, self.score(words), lesson.rejected, lesson.teacher, language
        )
        self.lessons[lesson.comment] = lesson
        self._count(words, lesson.rejected, lesson.weight)

    def forget(self, lesson: Lesson, words: Sequence[Word]) -> None:
        """Takes a lesson out again, as exactly as it was taken in."""
        del self.lessons[lesson.comment], self.trials[lesson.comment]
        self._count(words, lesson.rejected, -lesson.weight)

    def latest(self) -> list[Trial]:
        """The trials that count, the oldest first: the later ones, when more had been learned."""
        count = min(max(len(self.trials) * 2 // 3, _FEWEST_TRIALS), _TRIALS)
        return list(self.trials.values())[-count:]

    def weigh(self) -> None:
        """Settles how much the layer says, from the latest trials.

        It says what would surely have ordered them better than the frozen model alone, before the
        layer was told the answers; and nothing as long as the difference may be chance.
        """
        trials = self.latest()
        rejected = [trial for trial in trials if trial.rejected]
        published = [trial for trial in trials if not trial.rejected]
        fewer = min(len(rejected), len(published))
        self.mix = 0.0
        if fewer >= _FEWEST:
            alone = _standing(rejected, published, 0.0)
            gain, mix = max(
                (_sure_gain(alone, _standing(rejected, published, mix)), mix)
                for mix in _MIXES
                if mix <= fewer / _REJECTED_PER_MIX
            )
            self.mix = mix if gain > 0 else 0.0

    def _count(self, words: Sequence[Word], rejected: bool, weight: float) -> None:
        counts = self._rejected if rejected else self._published
        for number in of_words(words):
            left = counts.get(number, 0.0) + weight
            if left > 1e-9:
                counts[number] = left
            else:
                counts.pop(number, None)
        self._totals[rejected] = max(self._totals[rejected] + weight, 0.0)
        self._known.clear()

    def _of_word(self, text: str) -> tuple[float, int]:
        known = self._known.get(text)
        if known is None:
            numbers = features.of_word(text)
            known = sum(map(self._value, numbers)), len(numbers)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = known
        return known

    def _value(self, number: int) -> float:
        """The logarithm of how the odds of a rejection change with this feature."""
        rejected = self._rejected.get(number, 0.0)
        published = self._published.get(number, 0.0)
        if not rejected and not published:
            return 0.0
        share = self._totals[1] / (self._totals[0] + self._totals[1])
        odds = (rejected + _PRIOR * share) / (published + _PRIOR * (1 - share))
        return log(odds * (1 - share) / share)


def of_words(words: Sequence[Word]) -> set[int]:
    """All features of a text."""
    texts = [word.text for word in words]
    found = {number for text in set(texts) for number in features.of_word(text)}
    found.update(features.of_pair(*pair) for pair in pairwise(texts))
    return found


def _standing(rejected: Sequence[Trial], published: Sequence[Trial], mix: float) -> Standing:
    """How they are ordered with so much of the layer."""
    ones = [trial.frozen + mix * trial.layer for trial in rejected]
    others = [trial.frozen + mix * trial.layer for trial in published]
    ordered = sorted(ones), sorted(others)
    return Standing(
        [_below(ordered[1], one) for one in ones], [_below(ordered[0], other) for other in others]
    )


def _sure_gain(alone: Standing, mixed: Standing) -> float:
    """By how much more pairs, one rejected and one published, stand in the right order with the
    layer than without: the share of pairs, less `_DOUBT` standard errors of the difference.

    The error is DeLong's: how far single comments differ from each other in what they gain.
    """
    by_rejected = _climbed(alone.rejected, mixed.rejected)
    by_published = _climbed(alone.published, mixed.published)
    error = sqrt(
        _spread(by_rejected) / len(by_rejected) + _spread(by_published) / len(by_published)
    )
    return sum(by_rejected) / len(by_rejected) - _DOUBT * error


def _climbed(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in zip(before, after, strict=True)]


def _below(ordered: Sequence[float], at: float) -> float:
    """The share of ``ordered`` that is below ``at``; what is level with it counts half."""
    return (bisect_left(ordered, at) + bisect_right(ordered, at)) / (2 * len(ordered))


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)
