"""What a change of the policy would have done: comments judged again by both, and the sum of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from belowline.domain.decisions import Decision

_EXAMPLES = 6
_LONGEST_PAUSE = timedelta(minutes=5)  # a longer one was no work on a card
_FEWEST = 20
USUAL_SECONDS = 20.0
"""What a decision takes where a site has made too few to know."""


class Verdict(msgspec.Struct, frozen=True, array_like=True):
    """What the two policies make of one comment, and what became of it in the end.

    ``why`` is the code for which the second decides as it does.
    """

    comment: int
    language: str
    before: str
    after: str
    why: str
    status: str
    excerpt: str


class LanguageSum(msgspec.Struct, kw_only=True):
    """One language's numbers; ``language`` is "" where it is not known."""

    language: str
    comments: int = 0
    held_before: int = 0
    held_after: int = 0
    refused_before: int = 0
    refused_after: int = 0


class Move(msgspec.Struct, kw_only=True):
    """Comments that the change takes from one outcome to another.

    ``published`` and ``rejected`` are what people made of them in the end.
    """

    before: str
    after: str
    comments: int = 0
    published: int = 0
    rejected: int = 0
    examples: list[Verdict] = []


class Result(msgspec.Struct, kw_only=True):
    """A whole rehearsal. A decision takes ``seconds`` here, ``measured`` or only supposed."""

    days: int
    seconds: float
    measured: bool
    languages: list[LanguageSum] = []
    moves: list[Move] = []

    @property
    def comments(self) -> int:
        """How many comments were judged."""
        return sum(one.comments for one in self.languages)

    @property
    def more_held(self) -> int:
        """How many more comments would have waited, negative for fewer."""
        return sum(one.held_after - one.held_before for one in self.languages)

    @property
    def minutes(self) -> float:
        """What that costs moderators, negative for what it saves."""
        return self.more_held * self.seconds / 60


class Tally:
    """Adds verdicts up, in the order in which they come."""

    def __init__(self) -> None:
        self._languages: dict[str, LanguageSum] = {}
        self._moves: dict[tuple[str, str], Move] = {}
        self._reasons: Counter[tuple[str, str, str]] = Counter()

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Counts them; keeps a few of each kind of change as examples, of each reason some."""
        for one in verdicts:
            here = self._languages.setdefault(one.language, LanguageSum(language=one.language))
            here.comments += 1
            here.held_before += one.before == "held"
            here.held_after += one.after == "held"
            here.refused_before += one.before == "refused"
            here.refused_after += one.after == "refused"
            if one.before != one.after:
                self._moved(one)

    def _moved(self, one: Verdict) -> None:
        key = (one.before, one.after)
        move = self._moves.setdefault(key, Move(before=one.before, after=one.after, examples=[]))
        move.comments += 1
        move.published += one.status == "published"
        move.rejected += one.status == "rejected"
        self._reasons[*key, one.why] += 1
        if len(move.examples) < _EXAMPLES and self._reasons[*key, one.why] <= _EXAMPLES // 2:
            move.examples.append(one)

    def result(self, days: int, seconds: float | None) -> Result:
        """The sum, the languages and changes with the most comments first."""
        return Result(
            days=days,
            seconds=USUAL_SECONDS if seconds is None else seconds,
            measured=seconds is not None,
            languages=sorted(self._languages.values(), key=lambda one: -one.comments),
            moves=sorted(self._moves.values(), key=lambda one: -one.comments),
        )


def seconds_a_decision(lines: Sequence[Decision]) -> float | None:
    """The median of the pauses between decisions of the same person; None for too few of them."""
    last: dict[int, Decision] = {}
    pauses = []
    for line in sorted(lines, key=lambda line: (line.created_at, line.id)):
        if line.actor is None:
            continue
        before = last.get(line.actor)
        last[line.actor] = line
        if before is not None and line.created_at - before.created_at <= _LONGEST_PAUSE:
            pauses.append((line.created_at - before.created_at).total_seconds())
    if len(pauses) < _FEWEST:
        return None
    return sorted(pauses)[len(pauses) // 2]
