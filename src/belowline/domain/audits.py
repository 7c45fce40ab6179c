"""Whether a site treats both sides of a pair alike, and each language: added up, pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import comb, sqrt

import msgspec

from belowline.domain.swaps import BOTH, LEFT, RIGHT, Pair

FEWEST = 20
"""Comments that a pair or a language needs before anything is said of it."""
TELLING = 0.02
"""A mean difference of scores below this is even, however sure."""

_CERTAIN = 0.05
_SAME = 0.005
_EXAMPLES = 4
_STRICT = {"published": 0, "held": 1, "refused": 2}


class Seen(msgspec.Struct, frozen=True):
    """What rules and model make of one version of a text.

    ``score`` is the risk, None where the model knows too little of the language. ``status`` is the
    outcome in the story's mode, ``in_open`` the one in an open discussion, where nothing waits for
    its mode alone. ``codes`` are what the checks found.
    """

    score: float | None
    status: str
    in_open: str
    codes: tuple[str, ...]


class Swap(msgspec.Struct, frozen=True):
    """A comment as it was written and with a pair's words in each other's place.

    ``pair`` is the place of the pair in the list; ``comment`` the id as it is written; ``side``
    what the comment had of it: left, right or both. The texts are excerpts around the first
    changed word.
    """

    pair: int
    comment: str
    language: str
    side: str
    text: str
    swapped: str
    written: Seen
    other: Seen

    @property
    def left(self) -> Seen:
        """The version with the left words; of a comment with both, as it was written."""
        return self.other if self.side == RIGHT else self.written

    @property
    def right(self) -> Seen:
        """The version with the right words."""
        return self.written if self.side == RIGHT else self.other

    @property
    def difference(self) -> float:
        """By how much the left version's score is higher."""
        if self.left.score is None or self.right.score is None:
            return 0.0
        return self.left.score - self.right.score

    @property
    def moves(self) -> bool:
        """Whether the outcome is another one, here or in an open discussion."""
        return self.left.status != self.right.status or self.left.in_open != self.right.in_open


class Treated(msgspec.Struct, frozen=True, kw_only=True):
    """A pair's numbers.

    ``named_left``, ``named_right`` and ``named_both`` are comments that have these words; the rest
    is about the first two, each in both versions. ``mean_left`` and ``mean_right`` are the mean
    risk of the ``scored`` ones with the left and with the right words, ``difference`` is the first
    less the second and lies between ``low`` and ``high`` with 95 % certainty (None for too few).
    ``higher_left`` is how many score higher with the left words; ``stricter_left`` how many meet a
    stricter outcome with them, ``open_left`` in an open discussion; ``moved_both`` how many of
    those with both words get another outcome. ``leans`` is ``few`` (too few to tell), ``even``, or
    the side that is treated more strictly. Examples are the most telling ones.
    """

    left: str
    right: str
    named_left: int
    named_right: int
    named_both: int
    scored: int
    mean_left: float
    mean_right: float
    difference: float
    low: float | None
    high: float | None
    higher_left: int
    higher_right: int
    stricter_left: int
    stricter_right: int
    open_left: int
    open_right: int
    moved_both: int
    leans: str
    examples: list[Swap]


class Comment(msgspec.Struct, frozen=True):
    """What became of a comment: ``at_once`` is what the policy made of it when it came ("" where
    that is not recorded); ``approved`` what a person decided who found it held, None for nobody,
    after ``minutes``; ``score`` as in `Seen`.
    """

    language: str
    at_once: str
    approved: bool | None
    minutes: float
    score: float | None


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language's numbers; ``language`` is "" where it could not be told.

    ``approved`` counts among the ``decided`` held comments; ``median`` and ``most`` are how long
    half and nine tenths of these waited, in minutes. ``risk`` is the mean score of the ``scored``.
    """

    language: str
    comments: int
    published: int
    held: int
    decided: int
    approved: int
    median: float
    most: float
    scored: int
    risk: float


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report. ``policy`` is the number of the version that the comments were judged by,
    ``model`` the version of the risk model, "" where its file is missing.
    """

    made_at: datetime
    days: int
    comments: int
    policy: int
    model: str
    pairs: list[Treated]
    languages: list[Language]


class Tally:
    """Adds up what is brought to it, in the order in which it comes."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = pairs
        self._swaps: dict[int, list[Swap]] = defaultdict(list)
        self._comments: dict[str, list[Comment]] = defaultdict(list)

    def add(self, swaps: Iterable[Swap], comments: Iterable[Comment]) -> None:
        """Counts them; of the swaps, texts are kept only where something differs."""
        for one in swaps:
            telling = one.moves or abs(one.difference) >= _SAME
            kept = one if telling else msgspec.structs.replace(one, text="", swapped="")
            self._swaps[one.pair].append(kept)
        for comment in comments:
            self._comments[comment.language].append(comment)

    def treated(self) -> list[Treated]:
        """Each pair's numbers, in the order of the list."""
        return [_treated(pair, self._swaps[place]) for place, pair in enumerate(self._pairs)]

    def languages(self) -> list[Language]:
        """Each language's numbers, the one with the most comments first."""
        found = [_language(language, all_) for language, all_ in self._comments.items()]
        return sorted(found, key=lambda one: (-one.comments, one.language))


def _treated(pair: Pair, swaps: Sequence[Swap]) -> Treated:
    one_sided = [swap for swap in swaps if swap.side != BOTH]
    both = [swap for swap in swaps if swap.side == BOTH]
    scored = [one for one in one_sided if None not in (one.left.score, one.right.score)]
    differences = [one.difference for one in scored]
    low, high = _certainly(differences)
    outcomes = [_stricter(one.left.status, one.right.status) for one in one_sided]
    in_open = [_stricter(one.left.in_open, one.right.in_open) for one in one_sided]
    return Treated(
        left=pair.left,
        right=pair.right,
        named_left=sum(one.side == LEFT for one in one_sided),
        named_right=sum(one.side == RIGHT for one in one_sided),
        named_both=len(both),
        scored=len(scored),
        mean_left=_mean([one.left.score or 0.0 for one in scored]),
        mean_right=_mean([one.right.score or 0.0 for one in scored]),
        difference=_mean(differences),
        low=low,
        high=high,
        higher_left=sum(one >= _SAME for one in differences),
        higher_right=sum(one <= -_SAME for one in differences),
        stricter_left=outcomes.count(1),
        stricter_right=outcomes.count(-1),
        open_left=in_open.count(1),
        open_right=in_open.count(-1),
        moved_both=sum(one.moves for one in both),
        leans=_leans(len(one_sided), _mean(differences), low, high, outcomes, in_open),
        examples=_examples(swaps),
    )


def _leans(
    comments: int,
    difference: float,
    low: float | None,
    high: float | None,
    *outcomes: Sequence[int],
) -> str:
    if comments < FEWEST:
        return "few"
    for signs in outcomes:
        left, right = signs.count(1), signs.count(-1)
        if _by_chance(left, right) < _CERTAIN:
            return LEFT if left > right else RIGHT
    if low is not None and high is not None and not low <= 0 <= high and abs(difference) >= TELLING:
        return LEFT if difference > 0 else RIGHT
    return "even"


def _by_chance(one: int, other: int) -> float:
    """How likely a split as uneven as this is when neither side is preferred (sign test)."""
    count = one + other
    if not count:
        return 1.0
    tail = sum(comb(count, few) for few in range(min(one, other) + 1)) / (1 << count)
    return min(1.0, 2 * tail)


def _stricter(left: str, right: str) -> int:
    """1 where the left outcome is stricter, -1 where the right one is, else 0."""
    difference = _STRICT[left] - _STRICT[right]
    return (difference > 0) - (difference < 0)


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def _certainly(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Between what the mean lies with 95 % certainty, None where there are too few."""
    if len(values) < FEWEST:
        return None, None
    mean = sum(values) / len(values)
    spread = sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    reach = 1.96 * spread / sqrt(len(values))
    return round(mean - reach, 4), round(mean + reach, 4)


def _examples(swaps: Sequence[Swap]) -> list[Swap]:
    """Other outcomes first, then the largest differences; none where nothing differs."""
    telling = [one for one in swaps if one.text]
    return sorted(telling, key=lambda one: (not one.moves, -abs(one.difference)))[:_EXAMPLES]


def _language(language: str, comments: Sequence[Comment]) -> Language:
    decided = [one for one in comments if one.approved is not None]
    minutes = sorted(one.minutes for one in decided)
    scores = [one.score for one in comments if one.score is not None]
    return Language(
        language=language,
        comments=len(comments),
        published=sum(one.at_once == "published" for one in comments),
        held=sum(one.at_once == "held" for one in comments),
        decided=len(decided),
        approved=sum(one.approved is True for one in decided),
        median=round(minutes[len(minutes) // 2], 1) if minutes else 0.0,
        most=round(minutes[len(minutes) * 9 // 10], 1) if minutes else 0.0,
        scored=len(scores),
        risk=_mean(scores),
    )
