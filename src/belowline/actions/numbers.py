"""The numbers of the last days, for staff and, where the publisher wishes, for everybody."""

from __future__ import annotations

from datetime import timedelta, tzinfo

from belowline.actions.site import Site
from belowline.domain.numbers import Numbers, add_up
from belowline.domain.users import Thing, User, demand
from belowline.storage import numbers
from belowline.storage.engine import Connection

DAYS = (7, 30, 90)
_MOST = 20_000


async def of_staff(site: Site, user: User, days: int, zone: tzinfo) -> Numbers:
    """Everything of the last ``days`` days. Raises Refused("not_allowed") to readers."""
    demand(user, "moderate", Thing())
    return await of_everybody(site, days, zone)


async def of_everybody(site: Site, days: int, zone: tzinfo) -> Numbers:
    """The same for whoever may see it by the publisher's setting."""
    now = site.now()
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=days - 1)

    def read(connection: Connection) -> Numbers:
        counts = numbers.hourly(connection, since)
        waited = numbers.waited(connection, since, _MOST)
        appealed = numbers.appealed(connection, since, _MOST)
        looked = numbers.looked_again(connection, since, _MOST)
        scored = numbers.scored(connection, since, _MOST)
        return add_up(counts, waited, appealed, looked, scored, now=now, days=days, zone=zone)

    return await site.storage.read(read)
