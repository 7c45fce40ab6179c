"""The numbers of the last days, for staff and, where the publisher wishes, for everybody."""

from __future__ import annotations

from datetime import timedelta, tzinfo

from belowline.actions.deciding import sites_wanted
from belowline.actions.site import Site
from belowline.domain.numbers import Numbers, add_up
from belowline.domain.queue import Filter
from belowline.domain.users import CONFINED, User, demand
from belowline.storage import numbers
from belowline.storage.engine import Connection
from belowline.storage.sites import Sites

DAYS = (7, 30, 90)
_MOST = 20_000


async def of_staff(site: Site, user: User, days: int, zone: tzinfo, of: str = "") -> Numbers:
    """Everything of the last ``days`` days on the site of the key ``of``, or on all those that the
    user works for. Raises Refused("not_allowed") to readers.
    """
    demand(user, "moderate", CONFINED)
    return await site.storage.read(
        lambda connection: _read(
            connection, site, days, zone, sites_wanted(connection, user, Filter(site=of))
        )
    )


async def of_everybody(site: Site, days: int, zone: tzinfo) -> Numbers:
    """The same of all sites, for whoever may see it by the publisher's setting."""
    return await site.storage.read(lambda connection: _read(connection, site, days, zone, None))


def _read(connection: Connection, site: Site, days: int, zone: tzinfo, within: Sites) -> Numbers:
    now = site.now()
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=days - 1)

    counts = numbers.hourly(connection, since, within)
    waited = numbers.waited(connection, since, _MOST, within)
    appealed = numbers.appealed(connection, since, _MOST, within)
    looked = numbers.looked_again(connection, since, _MOST, within)
    scored = numbers.scored(connection, since, _MOST, within)
    return add_up(counts, waited, appealed, looked, scored, now=now, days=days, zone=zone)
