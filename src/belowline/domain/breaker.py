"""The circuit breaker: when a story's minute is nothing like its hours, and looks like an attack.

Pure. Numbers alone never break: a story in the news brings more people in a minute than a raid.
What breaks is a minute that is far above the story's own baseline *and* made of what attacks are
made of: copies, newcomers whose comments the checks would hold, a hail of reports, or
recommendations by people who were not here an hour ago.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

MINUTE = timedelta(minutes=1)
"""How much of the past is looked at."""

BEFORE = timedelta(hours=2)
"""How much of the past before that is the baseline."""

NEWCOMER = timedelta(hours=1)
"""Whoever was first seen within that is a newcomer."""

GATHERS = timedelta(minutes=5)
"""How much of the past is looked at for what gathers slowly."""

DWELL = timedelta(minutes=2)
"""For how long a step is given a chance before the next one."""

DISMISSED = timedelta(hours=1)
"""For how long nothing is tightened after staff have said that it was nothing."""

SLOW = 60
"""Seconds between two comments of one person, at the third step."""

STEPS = ("trusting", "reviewed", "slow", "closed")
KINDS = ("copies", "newcomers", "reports", "recommendations", "gathering")

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

# What gathers (`evidence`). Each sign may be a false alarm, and the more is written the more signs
# there are: by so much more likely for each comment a minute, and one, has an attack to be.
_ENOUGH = 2_500
_LEAST = 4  # signs, however clearly each speaks
_QUIET_REPORTS = 0.05  # a minute, where nobody writes
_ATTACK_REPORTS = 2.0  # a minute, more than usual: the least that is worth noticing
_ATTACK_REPORTED = 0.2  # of all comments, more than usual: a rush brings reports too
_AGAIN = math.log(0.9 / 0.5)  # who is reported once is reported again, attack or not
_NEW_LEAST, _NEW_MOST, _FIRST = 0.2, 0.6, 10.0
_REPORTED_USUAL, _REPORTED_MOST, _REPORTED_WEIGHT = 0.03, 0.06, 50
_FAULTY_LEAST, _FAULTY_MOST, _FAULTY_WEIGHT = 0.25, 0.4, 20
_FAULTY_ATTACK = 0.75


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """What happened under one story in the last minute, and what is usual there.

    ``through`` are those that were published although they are copies or suspect newcomers'.
    ``copies`` are comments that say the same as one by somebody else, ``suspect`` those by
    newcomers that a check would hold or whose risk is raised. ``reports`` are counted once a
    reader; ``recommendations`` are those of the one comment that newcomers recommend most.
    ``usual`` is a minute's mean of the two hours before. ``gathered`` counts the reports and
    faulty comments of newcomers in `GATHERS`, where these are what breaks.
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
    gathered: int = 0


class Sign(msgspec.Struct, frozen=True):
    """What a newcomer did: wrote something ``fine`` or ``faulty``, or made a report; ``again``
    where the same author was reported before."""

    at: datetime
    kind: str


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """What is usual: the share of comments that newcomers report, and that of newcomers' comments
    in which the checks find fault."""

    reported: float = 0.0
    faulty: float = _FAULTY_LEAST


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


def shares(*, comments: int, reported: int, by_newcomers: int, faulty: int) -> Shares:
    """What is usual by what was counted, as far as it may be learnt.

    Little history counts little, and nothing is learnt beyond what a heated day brings: an attack
    that begins slowly must not become the usual.
    """
    given = (reported + _REPORTED_USUAL * _REPORTED_WEIGHT) / (comments + _REPORTED_WEIGHT)
    found = (faulty + _FAULTY_LEAST * _FAULTY_WEIGHT) / (by_newcomers + _FAULTY_WEIGHT)
    return Shares(
        reported=min(given, _REPORTED_MOST),
        faulty=min(max(found, _FAULTY_LEAST), _FAULTY_MOST),
    )


def evidence(signs: Sequence[Sign], a_minute: float, usual: Shares, now: datetime) -> float:
    """How much likelier the signs are in an attack than usually: a logarithm, at least 0.

    ``signs`` in their order; ``a_minute`` comments are written. This is Page's CUSUM: time without
    reports and comments without fault speak against an attack as much as the others speak for it.
    It grows at signs only, so Wald's inequality bounds its false alarms by the number of signs.
    Attacks that report nothing are a case of their own, in which reports say nothing.
    """
    quiet = _QUIET_REPORTS + usual.reported * a_minute
    more = _ATTACK_REPORTS + _ATTACK_REPORTED * a_minute
    attack = (usual.faulty + _FAULTY_ATTACK) / 2  # half of the newcomers are still readers
    comments = {
        "faulty": math.log(attack / usual.faulty),
        "fine": math.log((1 - attack) / (1 - usual.faulty)),
    }
    reports = {"report": math.log((quiet + more) / quiet), "again": _AGAIN}
    return max(
        _summed(signs, comments | reports, more, now),
        _summed(signs, comments, 0.0, now),
    )


def _summed(
    signs: Sequence[Sign], weights: Mapping[str, float], a_minute: float, now: datetime
) -> float:
    """The sum of the weights less what each minute takes away, never below 0."""
    score, last = 0.0, signs[0].at if signs else now
    for sign in signs:
        score = max(0.0, score - a_minute * ((sign.at - last) / MINUTE))
        score = max(0.0, score + weights.get(sign.kind, 0.0))
        last = sign.at
    return max(0.0, score - a_minute * ((now - last) / MINUTE))


def gathers(signs: Sequence[Sign], a_minute: float, usual: Shares, now: datetime) -> int:
    """How many signs of an attack there are, if they are enough for one; 0 otherwise."""
    count = sum(sign.kind != "fine" for sign in signs)
    enough = math.log(_ENOUGH * (1 + a_minute))
    return count if count >= _LEAST and evidence(signs, a_minute, usual, now) >= enough else 0


def usual(*, known: int, newcomers: int, share: float, minutes: float, site: float) -> float:
    """Comments a minute that are usual for a story, by those of the two hours before.

    Of ``newcomers`` no more count than the site's long-term ``share`` of them would bring, so that
    an attack of hours is not learnt. A story of fewer ``minutes`` has the ``site``'s usual for the
    rest of its first ten.
    """
    share = min(max(share, _NEW_LEAST), _NEW_MOST)
    counted = known + min(newcomers, known * share / (1 - share))
    missing = max(0.0, _FIRST - minutes)
    return (counted + site * missing) / max(minutes, _FIRST)


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
        "gathering": (minute.gathered, int(GATHERS / MINUTE)),
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
