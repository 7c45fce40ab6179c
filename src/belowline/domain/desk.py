"""What people at the desk leave for each other, and the pace of a sitting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from belowline.domain.bans import Ban
from belowline.domain.trust import Trust, TrustRules

LOCK_FOR = timedelta(seconds=45)
"""How long a card stays locked to who looks at it, unless they say again that they do."""

SHIFT = timedelta(hours=4)
"""Who comes back after so long has not been here since."""

VIEWS = 20
REPLIES = 50
"""How many views each, and how many replies all together, may save."""


_USUAL = 6.0
_PAUSE = 60.0


def pace(moments: Sequence[datetime]) -> float:
    """How many seconds lie between somebody's decisions, as a rule; 6 when that is not known.

    Gaps of more than a minute are pauses and do not count.
    """
    ordered = sorted(moments)
    gaps = sorted(
        gap
        for earlier, later in pairwise(ordered)
        if 0 < (gap := (later - earlier).total_seconds()) <= _PAUSE
    )
    return gaps[len(gaps) // 2] if len(gaps) >= 5 else _USUAL


class Lock(msgspec.Struct, frozen=True):
    """Who looks at a card, and until when it is theirs."""

    user: int
    name: str
    until: datetime


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk knows of an author besides numbers: earlier names and until when they had them
    (the latest first), what their record is worth by which rules, and what stops them now.
    """

    names: Sequence[tuple[str, datetime]]
    trust: Trust
    rules: TrustRules
    measure: Ban | None = None


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """A note at the end of a shift."""

    by: str
    text: str
    created_at: datetime


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A saved filter: its name, and the part of the address that makes it."""

    name: str
    query: str


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A saved note to the author of a rejected comment."""

    name: str
    text: str
