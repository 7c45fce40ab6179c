"""How far somebody is known here: it grows with what was published of them and fades with time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec


class TrustRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the publisher has set about trust.

    ``needs`` fresh published comments make somebody known; after ``half_life`` a comment counts
    half; a rejected one takes away as much as ``rejection_costs`` published ones of its age.
    """

    needs: int = 3
    half_life: timedelta = timedelta(days=90)
    rejection_costs: float = 3.0


DEFAULT = TrustRules()


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody's record is worth now, in fresh published comments, and whether that is enough.

    ``published`` and ``rejected`` are how many comments were looked at.
    """

    worth: float
    known: bool
    published: int
    rejected: int


def trust(
    published: Iterable[datetime],
    rejected: Iterable[datetime],
    now: datetime,
    rules: TrustRules = DEFAULT,
) -> Trust:
    """The trust that comments of these times have earned until ``now``."""
    good, bad = list(published), list(rejected)
    half_life = max(rules.half_life, timedelta(seconds=1))

    def left(moment: datetime) -> float:
        return math.pow(0.5, max(now - moment, timedelta(0)) / half_life)

    worth = sum(map(left, good)) - rules.rejection_costs * sum(map(left, bad))
    # Rounded, or three comments would be worth a little less than three a second later.
    return Trust(
        worth=worth,
        known=bool(good) and round(worth) >= rules.needs,
        published=len(good),
        rejected=len(bad),
    )
