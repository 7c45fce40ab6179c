"""Housekeeping."""

from __future__ import annotations

from datetime import timedelta

from belowline.actions.site import Site
from belowline.storage import streams

_AT_ONCE = 2_000


async def forget_events(site: Site, keep: timedelta) -> int:
    """Forgets events older than ``keep``, some at a time between other writes; answers how many."""
    forgotten = 0
    while True:
        some = await site.storage.write(
            lambda connection: streams.prune(connection, site.now(), keep, _AT_ONCE)
        )
        forgotten += some
        if some < _AT_ONCE:
            return forgotten
