"""Housekeeping."""

from __future__ import annotations

from datetime import timedelta

from belowline.actions.site import Site
from belowline.storage import streams


async def forget_events(site: Site, keep: timedelta) -> int:
    """Forgets events older than ``keep``; answers how many."""
    return await site.storage.write(lambda connection: streams.prune(connection, site.now(), keep))
