"""What one site has learned: a layer on top of the frozen model.

The layer counts in how many rejected and in how many published comments each feature stood. A
count can be taken away as exactly as it was added and in any order, so an undone decision, or all
of one moderator's, leave nothing behind. How much the layer has to say follows from how it did on
each comment before it was told the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log, sqrt

import msgspec

from belowline.domain.lessons import Lesson
from belowline.risk import features
from belowline.risk.features import Word

_PRIOR = 5.0
_MIXES = (0.0, 0.3, 0.6, 1.2, 2.5, 5.0, 10.0, 20.0)
_FEWEST = 5
_GAIN = 0.02
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
        """Settles how much the layer says, from the latest trials."""
        trials = self.latest()
        rejected = sum(trial.rejected for trial in trials)
        self.mix = 0.0
        if _FEWEST <= rejected <= len(trials) - _FEWEST:
            most = min(rejected, len(trials) - rejected) / _REJECTED_PER_MIX
            reached = [
                (mix, _order([_mixed(trial, mix) for trial in trials]))
                for mix in _MIXES
                if mix <= most
            ]
            best = max(order for _, order in reached)
            if best > reached[0][1] + _GAIN:
                self.mix = next(mix for mix, order in reached if order >= best - _GAIN / 2)

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


def _mixed(trial: Trial, mix: float) -> tuple[float, bool]:
    return trial.frozen + mix * trial.layer, trial.rejected


def _order(scored: Iterable[tuple[float, bool]]) -> float:
    """The share of pairs, one rejected and one published, that stand in the right order."""
    seen = 0
    right = 0.0
    rejected = 0
    for _, is_rejected in sorted(scored):
        if is_rejected:
            rejected += 1
            right += seen
        else:
            seen += 1
    return right / (seen * rejected) if seen and rejected else 0.5
