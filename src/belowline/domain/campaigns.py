"""Campaigns: near-identical comments that belong together."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """Near-identical comments, by the id of the first of them.

    ``waits`` until staff have decided it. ``standing`` ("publish", "reject", "" for nothing) is
    what they decided for those that come until ``standing_until``; ``standing_act`` is the number
    of the act in the record that says so.
    """

    id: int
    copies: int
    accounts: int
    waits: bool
    first_at: datetime
    last_at: datetime
    standing: str = ""
    standing_until: datetime | None = None
    standing_by: int | None = None
    standing_by_name: str = ""
    standing_act: int | None = None
    reason: str = ""
    note: str = ""

    def stands(self, now: datetime) -> str:
        """What is decided for a copy that comes ``now``, "" when nothing is."""
        until = self.standing_until
        return self.standing if until is not None and now < until else ""
