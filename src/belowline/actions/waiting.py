"""How long a held comment will wait, as honestly as that can be known."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from statistics import median

import msgspec

from belowline.actions.site import Site
from belowline.storage import statements
from belowline.storage.engine import Connection

MOST = 1_000
"""How many comments before one's own are counted."""
_LATEST = 60
_FEWEST = 5


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """``before`` older comments wait, `MOST` standing for that many or more.

    ``minutes`` is within how many half of those that were decided last were, None when too few
    were; ``opens_at`` when the desk opens, None while it is open or nobody has said.
    """

    before: int
    minutes: int | None = None
    opens_at: datetime | None = None


async def of(site: Site, comment: int) -> Waiting:
    """How a held comment waits."""
    return await site.storage.read(lambda connection: waits(connection, site, [comment])[comment])


def waits(connection: Connection, site: Site, ids: list[int]) -> dict[int, Waiting]:
    """Held comment -> how it waits."""
    if not ids:
        return {}
    took = [
        (decided - written).total_seconds()
        for written, decided in statements.latest_waits(connection, _LATEST)
    ]
    minutes = max(1, round(median(took) / 60)) if len(took) >= _FEWEST else None
    opens_at = next_opening(site.rules.desk_hours, site.now().astimezone(site.rules.zone))
    return {
        one: Waiting(
            before=statements.held_before(connection, one, MOST),
            minutes=minutes,
            opens_at=opens_at,
        )
        for one in ids
    }


def next_opening(hours: tuple[time, time] | None, now: datetime) -> datetime | None:
    """When the desk opens, None while it is open or its hours are not known.

    Hours may pass midnight: (20:00, 02:00). ``now`` is in the newsroom's zone.
    """
    if hours is None:
        return None
    opens, closes = hours
    at = now.time()
    is_open = opens <= at < closes if opens < closes else at >= opens or at < closes
    if is_open or opens == closes:
        return None
    opening = now.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)
    return opening if opening > now else opening + timedelta(days=1)
