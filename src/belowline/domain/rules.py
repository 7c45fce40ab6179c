"""What the publisher has set, as far as rules ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, time, timedelta, tzinfo

import msgspec


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The publisher's choices; every one is a line in docs/settings.md."""

    default_mode: str = "reviewed"
    slow_seconds: int = 0
    close_days: int = 0
    max_characters: int = 10_000
    edit_window: timedelta = timedelta(minutes=15)
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    max_links: int = 3
    risk_note: float = 0.3
    risk_hold: float = 0.6
    risk_hold_in: Mapping[str, float] = msgspec.field(default_factory=dict)
    posts_per_minute: int = 12
    proof_of_work: bool = True
    campaign_copies: int = 3
    campaign_memory: timedelta = timedelta(days=14)
    threads_per_page: int = 20
    second_looks: int = 2
    desk_hours: tuple[time, time] | None = None
    zone: tzinfo = UTC
    base_url: str = ""
    require_second_factor: bool = False
    desk_name: str = ""
