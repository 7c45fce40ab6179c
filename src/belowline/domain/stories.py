"""A story: what is discussed."""

from __future__ import annotations

import hashlib
import math
import re
from datetime import datetime, timedelta

import msgspec

from belowline.domain.errors import Refused
from belowline.domain.sites import FIRST

MODES = ("open", "reviewed", "trusting", "closed")
"""``open``: published at once. ``reviewed``: held until approved. ``trusting``: known authors'
comments are published at once, others' held. ``closed``: nothing new."""

DEFAULT_MODE = "reviewed"
_LONGEST_KEY = 500
SLOWEST = 24 * 3600
"""The longest pause, in seconds, that slow mode may ask for between two comments of one person."""

MOST_DAYS = 3650
"""The most days after which a discussion may be set to close by itself."""

WEB_ADDRESS = r"((https?://|/(?!/))[^\x00-\x20\x7f-\x9f\u2028\u2029]*)?"
"""What a story's address looks like, as a regular expression that JSON Schema knows too."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A story as the discussion knows it. ``count`` is the number of published comments.

    ``version`` is the number of the last event on the story's stream. ``mode`` is the one that
    holds, ``closed`` when its time is up, and ``chosen`` the one that was set. ``slow`` is the
    pause in seconds between two comments of one person, 0 for none. ``close_days`` after the
    story's date it closes by itself, at ``closes_at``; 0 and None for never. ``own_mode`` and
    ``own_pace`` say that these were set for this story and do not follow the site's.
    ``tightened`` is why the circuit breaker has made it stricter (:mod:`belowline.domain.breaker`),
    "" when it has not, and ``tightens`` whether it may. ``site`` is the id of its site
    (:mod:`belowline.domain.sites`).
    """

    id: int
    key: str
    title: str
    url: str
    mode: str
    language: str
    count: int
    version: int
    created_at: datetime
    chosen: str = ""
    slow: int = 0
    close_days: int = 0
    closes_at: datetime | None = None
    own_mode: bool = False
    own_pace: bool = False
    tightened: str = ""
    tightens: bool = True
    site: int = FIRST

    def mode_at(self, now: datetime) -> str:
        """The mode that holds at ``now``, to the second in which its time is up."""
        return "closed" if self.closes_at is not None and self.closes_at <= now else self.mode


def story_id(key: str) -> int:
    """The id of the story with this key: 63 bits of its BLAKE2b hash.

    Derived, so that a page can listen to a story before anything was written under it, and an
    import meets the same story again.
    """
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def story_key(raw: str) -> str:
    """``raw`` when it can be a publisher's key for a story; raises Refused("story_key")."""
    if not is_story_key(raw):
        raise Refused("story_key", field="story")
    return raw


def is_story_key(raw: str) -> bool:
    """Whether ``raw`` can be a publisher's key for a story."""
    return 0 < len(raw) <= _LONGEST_KEY and raw.isprintable()


def story_mode(raw: str) -> str:
    """``raw`` when it is a mode; raises Refused("story_mode")."""
    if raw not in MODES:
        raise Refused("story_mode", field="mode")
    return raw


def slow_seconds(raw: int) -> int:
    """``raw`` when slow mode may ask for that pause; raises Refused("story_slow")."""
    if not 0 <= raw <= SLOWEST:
        raise Refused("story_slow", field="slow", limit=SLOWEST)
    return raw


def days_open(raw: int) -> int:
    """``raw`` when a discussion may close after so many days; raises Refused("story_days")."""
    if not 0 <= raw <= MOST_DAYS:
        raise Refused("story_days", field="close_days", limit=MOST_DAYS)
    return raw


def closing_time(created_at: datetime, close_days: int) -> datetime | None:
    """When a story of that date closes by itself, None for never."""
    return created_at + timedelta(days=close_days) if close_days else None


def seconds_to_wait(slow: int, last: datetime | None, now: datetime) -> int:
    """The whole seconds until somebody whose last comment here is of ``last`` may write again."""
    if not slow or last is None:
        return 0
    return max(0, math.ceil(slow - (now - last).total_seconds()))


def web_address(raw: str) -> str:
    """``raw`` when it is empty or an http(s) address, the only kind ever shown as a link.

    Raises Refused("story_url"): a ``javascript:`` address would run in a reader's page.
    """
    if not re.fullmatch(WEB_ADDRESS, raw):
        raise Refused("story_url", field="url")
    return raw
