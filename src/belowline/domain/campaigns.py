"""Campaigns: near-identical comments that belong together."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """Near-identical comments, by the id of the first of them.

    ``waits`` until staff have decided it. ``standing`` ("publish", "reject", "" for nothing) is
    what they decided for those that come until ``standing_until``; ``standing_act`` is the number
    of the act in the record that says so. It is ``suspended`` while who decided it is no longer
    staff.
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
    suspended: bool = False
    reason: str = ""
    note: str = ""

    def stands(self, now: datetime) -> str:
        """What is decided for a copy that comes ``now``, "" when nothing is."""
        return "" if self.suspended else self._until(now)

    def is_suspended(self, now: datetime) -> bool:
        """Whether something would stand ``now`` if who decided it were still staff."""
        return self.suspended and bool(self._until(now))

    def _until(self, now: datetime) -> str:
        until = self.standing_until
        return self.standing if until is not None and now < until else ""
