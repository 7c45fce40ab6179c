"""The circuit breaker: when a story's minute is nothing like its hours, and looks like an attack.

Pure. Numbers alone never break: a story in the news brings more people in a minute than a raid.
What breaks is a minute that is far above the story's own baseline *and* made of what attacks are
made of: copies, newcomers whose comments the checks would hold, a hail of reports, or
recommendations by people who were not here an hour ago.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

MINUTE = timedelta(minutes=1)
"""How much of the past is looked at."""

BEFORE = timedelta(hours=2)
"""How much of the past before that is the baseline."""

NEWCOMER = timedelta(hours=1)
"""Whoever was first seen within that is a newcomer."""

DWELL = timedelta(minutes=2)
"""For how long a step is given a chance before the next one."""

DISMISSED = timedelta(hours=1)
"""For how long nothing is tightened after staff have said that it was nothing."""

SLOW = 60
"""Seconds between two comments of one person, at the third step."""

STEPS = ("trusting", "reviewed", "slow", "closed")
KINDS = ("copies", "newcomers", "reports", "recommendations")

_QUIET = timedelta(minutes=10)
_LONGEST_QUIET = timedelta(hours=2)
_PATIENT = timedelta(minutes=10)  # before a discussion is closed altogether
_USUAL = 0.5  # comments a minute that a story is taken to have had, if it had fewer
_FEWEST = 10
_THROUGH = 4
_TIMES = 4.0
_COPIES = 0.4
_NEW = 0.6
_SUSPECT = 0.3
_REPORTS = 8
_REPORTED = 0.3
_RECOMMENDATIONS = 15
_BY_NEWCOMERS = 0.7


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """What happened under one story in the last minute, and what is usual there.

    ``through`` are those that were published although they are copies or suspect newcomers'.
    ``copies`` are comments that say the same as one by somebody else, ``suspect`` those by
    newcomers that a check would hold or whose risk is raised. ``reports`` are counted once a
    reader; ``recommendations`` are those of the one comment that newcomers recommend most.
    ``usual`` is a minute's mean of the two hours before.
    """

    arrivals: int = 0
    through: int = 0
    copies: int = 0
    newcomers: int = 0
    suspect: int = 0
    reports: int = 0
    reports_by_newcomers: int = 0
    recommendations: int = 0
    recommendations_by_newcomers: int = 0
    usual: float = 0.0


class Tightened(msgspec.Struct, frozen=True, kw_only=True):
    """A story that the breaker has made stricter: how far, why, and how it was before.

    ``kind`` and ``minute`` are of its beginning. ``step`` counts from 1 (`STEPS`); ``times`` is
    how often it has broken within a day.
    """

    story: int
    step: int
    kind: str
    minute: Minute
    mode: str
    slow: int
    own_mode: bool
    own_pace: bool
    since: datetime
    changed_at: datetime
    broke_at: datetime
    times: int = 1


def kind_of(minute: Minute) -> str:
    """Why the minute is a break, one of `KINDS`; "" when it is none."""
    if minute.recommendations_by_newcomers >= max(
        _RECOMMENDATIONS, _BY_NEWCOMERS * minute.recommendations, 2 * minute.arrivals
    ):
        return "recommendations"
    if minute.reports >= max(_REPORTS, _REPORTED * minute.arrivals) and (
        minute.reports_by_newcomers >= _NEW * minute.reports
    ):
        return "reports"
    many = minute.arrivals >= max(_FEWEST, _TIMES * max(minute.usual, _USUAL))
    if many and minute.copies >= _COPIES * minute.arrivals:
        return "copies"
    hostile = minute.newcomers >= _NEW * minute.arrivals and (
        minute.suspect >= _SUSPECT * minute.newcomers
    )
    if hostile and (many or minute.suspect >= max(_FEWEST, minute.usual)):
        return "newcomers"
    return ""


def first_step(mode: str, slow: int) -> int:
    """The first step that is stricter than how the story is, never closing; 0 when none is."""
    if mode == "closed":
        return 0
    for step in range(1, len(STEPS)):
        if _strictness(*setting(step, mode, slow)) > _strictness(mode, slow):
            return step
    return 0


def setting(step: int, mode: str, slow: int) -> tuple[str, int]:
    """The mode and the pause of a step, for a story that has ``mode`` and ``slow`` by itself."""
    if step <= 0:
        return mode, slow
    if step == len(STEPS):
        return "closed", slow
    if step == len(STEPS) - 1:
        return ("reviewed" if mode != "closed" else mode), max(slow, SLOW)
    return STEPS[step - 1], slow


def goes_on(now: Tightened, kind: str, minute: Minute, at: datetime) -> Tightened:
    """The same after another look at ``at``; ``kind`` says what breaks, "" when nothing does.

    As long as hardly anything comes through, the step is strict enough, however many still come.
    """
    if kind:
        again = msgspec.structs.replace(now, broke_at=at)
        last = now.step == len(STEPS) - 1
        waited = at - now.changed_at >= (_PATIENT if last else DWELL)
        if waited and now.step < len(STEPS) and minute.through >= _THROUGH:
            return msgspec.structs.replace(again, step=now.step + 1, changed_at=at)
        return again
    if at - max(now.broke_at, now.changed_at) >= rest(now.times):
        return msgspec.structs.replace(now, step=_looser(now), changed_at=at)
    return now


def words(now: Tightened) -> str:
    """The kind and its two numbers, as the story bears them: ``copies 18 25``; "" when over."""
    minute = now.minute
    two = {
        "copies": (minute.copies, minute.arrivals),
        "newcomers": (minute.newcomers, minute.arrivals),
        "reports": (minute.reports, minute.arrivals),
        "recommendations": (minute.recommendations_by_newcomers, minute.recommendations),
    }[now.kind]
    return f"{now.kind} {two[0]} {two[1]}" if now.step else ""


def rest(times: int) -> timedelta:
    """How long it has to be quiet before it is loosened by a step."""
    doubled: int = 2 ** (times - 1)
    return min(_QUIET * doubled, _LONGEST_QUIET)


def _looser(now: Tightened) -> int:
    """The next step down that changes anything; 0 is how it was."""
    for step in range(now.step - 1, 0, -1):
        if _strictness(*setting(step, now.mode, now.slow)) > _strictness(now.mode, now.slow):
            return step
    return 0


def _strictness(mode: str, slow: int) -> tuple[int, int]:
    return ("open", "trusting", "reviewed", "closed").index(mode), min(slow, SLOW)
