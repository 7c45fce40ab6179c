"""A story: what is discussed."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import msgspec

from belowline.domain.errors import Refused

MODES = ("open", "reviewed", "closed")
"""``open``: published at once. ``reviewed``: held until approved. ``closed``: nothing new."""

DEFAULT_MODE = "reviewed"
_LONGEST_KEY = 500

WEB_ADDRESS = r"((https?://|/(?!/))[^\x00-\x20\x7f-\x9f\u2028\u2029]*)?"
"""What a story's address looks like, as a regular expression that JSON Schema knows too."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A story as the discussion knows it. ``count`` is the number of published comments.

    ``version`` is the number of the last event on the story's stream.
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


def web_address(raw: str) -> str:
    """``raw`` when it is empty or an http(s) address, the only kind ever shown as a link.

    Raises Refused("story_url"): a ``javascript:`` address would run in a reader's page.
    """
    if not re.fullmatch(WEB_ADDRESS, raw):
        raise Refused("story_url", field="url")
    return raw
