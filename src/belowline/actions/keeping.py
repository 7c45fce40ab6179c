"""Housekeeping."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from belowline.actions.site import Site
from belowline.domain.ids import id_at
from belowline.storage import campaigns, streams

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


_PARTS = 24 * 22


async def forget_prints(site: Site) -> int:
    """Forgets old comments' prints: each hour of the day a part of them; answers how many."""
    if not site.rules.campaign_memory:
        return 0
    before = id_at(site.now() - site.rules.campaign_memory, 0)
    forgotten = 0
    for part in range(site.now().hour, _PARTS, 24):
        some = partial(campaigns.forget, part=part, parts=_PARTS, before=before)
        forgotten += await site.storage.write(some)
    return forgotten
