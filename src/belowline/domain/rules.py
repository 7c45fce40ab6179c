"""What the publisher has set, as far as rules ask for it."""

from __future__ import annotations

from datetime import timedelta

import msgspec


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The publisher's choices; every one is a line in docs/settings.md."""

    default_mode: str = "reviewed"
    max_characters: int = 10_000
    edit_window: timedelta = timedelta(minutes=15)
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    max_links: int = 3
    posts_per_minute: int = 12
    campaign_copies: int = 3
    campaign_memory: timedelta = timedelta(days=14)
    threads_per_page: int = 20
