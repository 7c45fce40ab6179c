"""What happened in a discussion site's last days, in numbers: for charts, tables and CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from math import sqrt

import msgspec


class Hourly(msgspec.Struct, frozen=True, array_like=True):
    """How often something happened in one hour: ``hour`` is its beginning, ``language`` that of the
    comments that it happened to.
    """

    hour: datetime
    action: str
    after: str
    by_people: bool
    reason: str
    language: str
    count: int


class Waited(msgspec.Struct, frozen=True, array_like=True):
    """A held comment that a person decided: when it was written, when decided, and how."""

    written: datetime
    decided: datetime
    language: str
    published: bool


class Appealed(msgspec.Struct, frozen=True, array_like=True):
    """An appeal: when it came, and what became of it, None while it is open."""

    came: datetime
    upheld: bool | None


class LookedAgain(msgspec.Struct, frozen=True, array_like=True):
    """A second look: when it was taken, and whether it agreed with the first decision."""

    taken: datetime
    agreed: bool


class Scored(msgspec.Struct, frozen=True, array_like=True):
    """A comment that a person decided, with the risk that it had when it came: None where it was
    too low to be kept.
    """

    score: float | None
    rejected: bool


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Comments with a score from ``low`` to below ``high`` (both None: too low to be kept), and
    how many of them people rejected. The true share of rejected ones lies between ``least`` and
    ``most`` with 95 % certainty; 0 and 1 where there are no comments.
    """

    low: float | None
    high: float | None
    comments: int
    rejected: int
    least: float
    most: float

    @property
    def share(self) -> float:
        """The share that was rejected, 0 where there are no comments."""
        return self.rejected / self.comments if self.comments else 0.0


class Tally(msgspec.Struct, kw_only=True):
    """What came, what of it was held, what people decided: under ``label``, an hour of the day
    ("07") or a language.
    """

    label: str = ""
    arrived: int = 0
    held: int = 0
    approved: int = 0
    rejected: int = 0
    undone: int = 0

    @property
    def decided(self) -> int:
        """How much people decided, or took back."""
        return self.approved + self.rejected + self.undone


class Day(Tally, kw_only=True):
    """One day, and besides: its appeals and what became of them, whenever that was; the second
    looks that were taken and how many agreed.
    """

    day: date
    appeals: int = 0
    upheld: int = 0
    dismissed: int = 0
    looks: int = 0
    agreed: int = 0


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """How long decided comments had waited: median and nine tenths, in minutes."""

    label: str
    comments: int
    median: float
    most: float
    approved: int


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page of numbers."""

    days: list[Day]
    by_hour: list[Tally]  # all hours of the day, or none where nothing happened
    by_language: list[Tally]  # those in which most was written first
    hours: list[Wait]  # of the day at which a comment was written, those with any
    languages: list[Wait]
    reasons: list[tuple[str, int]]
    wait: Wait
    reliability: list[Bin]  # ten by score, after those whose score was too low to be kept


def add_up(
    counts: Iterable[Hourly],
    waited: Sequence[Waited],
    appealed: Iterable[Appealed] = (),
    looked: Iterable[LookedAgain] = (),
    scored: Iterable[Scored] = (),
    *,
    now: datetime,
    days: int,
    zone: tzinfo,
) -> Numbers:
    """The numbers of the last ``days`` days, today included, by the calendar of ``zone``."""
    today = now.astimezone(zone).date()
    by_day = {
        today - timedelta(days=ago): Day(day=today - timedelta(days=ago))
        for ago in reversed(range(days))
    }
    by_hour = {f"{hour:02d}": Tally(label=f"{hour:02d}") for hour in range(24)}
    by_language: dict[str, Tally] = {}
    reasons: dict[str, int] = defaultdict(int)
    for one in counts:
        there = one.hour.astimezone(zone)
        day = by_day.get(there.date())
        if day is not None:
            _count(day, one)
            _count(by_hour[f"{there.hour:02d}"], one)
            spoken = by_language.setdefault(one.language, Tally(label=one.language))
            _count(spoken, one)
            if one.action == "reject":
                reasons[one.reason] += one.count
    for appeal in appealed:
        day = by_day.get(appeal.came.astimezone(zone).date())
        if day is not None:
            _count_appeal(day, appeal)
    for look in looked:
        day = by_day.get(look.taken.astimezone(zone).date())
        if day is not None:
            day.looks += 1
            day.agreed += look.agreed
    hours: dict[str, list[Waited]] = defaultdict(list)
    languages: dict[str, list[Waited]] = defaultdict(list)
    for one_waited in waited:
        hours[f"{one_waited.written.astimezone(zone).hour:02d}"].append(one_waited)
        languages[one_waited.language].append(one_waited)
    return Numbers(
        days=list(by_day.values()),
        by_hour=list(by_hour.values()) if by_language else [],
        by_language=sorted(by_language.values(), key=lambda one: -one.arrived),
        hours=[_wait(hour, found) for hour, found in sorted(hours.items())],
        languages=sorted(
            (_wait(language, found) for language, found in languages.items()),
            key=lambda one: -one.comments,
        ),
        reasons=sorted(reasons.items(), key=lambda item: -item[1]),
        wait=_wait("", waited),
        reliability=reliability(scored),
    )


_BINS = 10


def reliability(scored: Iterable[Scored]) -> list[Bin]:
    """How many comments of each tenth of the scores were rejected: whether a score of 0.7 means
    that about 70 % are."""
    found: dict[int | None, list[bool]] = defaultdict(list)
    for one in scored:
        # In binary 0.29 * 10 or its like may fall just short of a tenth that it has reached.
        tenth = None if one.score is None else min(int(one.score * _BINS + 1e-9), _BINS - 1)
        found[tenth].append(one.rejected)
    return [_bin(tenth, found[tenth]) for tenth in (None, *range(_BINS))]


def _bin(tenth: int | None, rejected: Sequence[bool]) -> Bin:
    least, most = _between(sum(rejected), len(rejected))
    return Bin(
        low=None if tenth is None else tenth / _BINS,
        high=None if tenth is None else (tenth + 1) / _BINS,
        comments=len(rejected),
        rejected=sum(rejected),
        least=least,
        most=most,
    )


def _between(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval for a share, which stays honest for few: 0 of 3 may be as many as half."""
    if not whole:
        return 0.0, 1.0
    z = 1.96
    share, wider = part / whole, 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / wider
    reach = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / wider
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _count(tally: Tally, one: Hourly) -> None:
    if one.action == "post":
        tally.arrived += one.count
        if one.after == "held":
            tally.held += one.count
    elif one.by_people and one.action == "publish":
        tally.approved += one.count
    elif one.by_people and one.action == "reject":
        tally.rejected += one.count
    elif one.by_people and one.action == "undo":
        tally.undone += one.count


def _count_appeal(day: Day, one: Appealed) -> None:
    day.appeals += 1
    if one.upheld is not None:
        day.upheld += one.upheld
        day.dismissed += not one.upheld


def _wait(label: str, waited: Sequence[Waited]) -> Wait:
    minutes = sorted((one.decided - one.written).total_seconds() / 60 for one in waited)
    return Wait(
        label=label,
        comments=len(minutes),
        median=minutes[len(minutes) // 2] if minutes else 0.0,
        most=minutes[len(minutes) * 9 // 10] if minutes else 0.0,
        approved=sum(one.published for one in waited),
    )
