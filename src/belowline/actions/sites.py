"""The sites of one installation: making them, and who of the staff works for which."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from belowline.actions import stories as stories_
from belowline.actions.plain import plain
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, STAFF_CHANGED
from belowline.domain.sites import MOST, Publication, site_addresses, site_key, site_name
from belowline.domain.users import CONFINED, Thing, User, demand, may
from belowline.storage import alerts, campaigns, sites, stories, streams, users
from belowline.storage.engine import Connection


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the staff and the sites that they are limited to, None for no limits."""

    user: User
    sites: frozenset[int] | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Every site, and everybody who works for them."""

    sites: list[Publication]
    staff: list[Worker]


async def of_staff(site: Site, user: User) -> list[Publication]:
    """The sites that ``user`` works for. Raises Refused("not_allowed")."""
    demand(user, "moderate", CONFINED)
    found = await site.storage.read(sites.everyone)
    return [one for one in found if may(user, "moderate", Thing(site=one.id))]


async def named(site: Site, user: User, key: str) -> Publication:
    """The site of that key, for its staff. Raises Refused: not_allowed, site_unknown."""
    demand(user, "moderate", CONFINED)
    found = await site.storage.read(lambda connection: _named(connection, key))
    demand(user, "moderate", Thing(site=found.id))
    return found


async def everyone(site: Site) -> list[Publication]:
    """Every site, for the operator."""
    return await site.storage.read(sites.everyone)


async def overview(site: Site, by: User) -> Overview:
    """Every site and who works for it. Raises Refused("not_allowed")."""
    demand(by, "manage_staff", Thing())

    def read(connection: Connection) -> Overview:
        staff = users.staff(connection)
        limited = sites.of_users(connection, [one.id for one in staff])
        return Overview(
            sites=sites.everyone(connection),
            staff=[Worker(user=one, sites=limited.get(one.id)) for one in staff],
        )

    return await site.storage.read(read)


async def add(
    site: Site, by: User | None, key: str, name: str, addresses: Sequence[str]
) -> Publication:
    """A new site; ``by`` is None for the operator's command.

    Raises Refused: not_allowed, site_key, site_name, site_address, site_taken, site_many.
    """
    _demand(by)
    said = site_key(key), site_name(plain(name)), site_addresses(addresses)

    def write(connection: Connection) -> Publication:
        if sites.by_key(connection, key) is not None:
            raise Refused("site_taken", field="key")
        if len(sites.everyone(connection)) >= MOST:
            raise Refused("site_many", limit=MOST)
        now = site.now()
        made = sites.add(connection, *said, now)
        note(connection, by, "site_added", now, detail=key)
        return made

    return await site.storage.write(write)


async def change(
    site: Site, by: User | None, key: str, name: str, addresses: Sequence[str]
) -> Publication:
    """Sets a site's name and addresses; its key and its stories stay as they are.

    Raises Refused: not_allowed, site_unknown, site_name, site_address.
    """
    _demand(by)
    said = site_name(plain(name)), site_addresses(addresses)

    def write(connection: Connection) -> Publication:
        found = _named(connection, key)
        changed = msgspec.structs.replace(found, name=said[0], addresses=said[1])
        sites.change(connection, changed)
        note(connection, by, "site_changed", site.now(), detail=key)
        return changed

    return await site.storage.write(write)


async def move(site: Site, by: User | None, story: str, key: str) -> None:
    """Makes a story a site's, with everything under it. Raises Refused: not_allowed,
    story_unknown, site_unknown.
    """
    _demand(by)

    def write(connection: Connection) -> None:
        to = _named(connection, key)
        found = stories.by_key(connection, story)
        if found is None:
            raise Refused("story_unknown", field="story")
        stories_.give(connection, site, found, to.id)
        detail = f"site={key}"
        note(connection, by, "story_changed", site.now(), subject=found.id, detail=detail)

    await site.storage.write(write)


async def limit(site: Site, by: User | None, member: int, keys: Collection[str]) -> None:
    """Limits a member of the staff to the sites of these keys; with none they work for all.

    From here on their alerts tell of these alone, and what they decided for coming copies of
    campaigns ends, so that those wait again. Raises Refused: not_allowed (oneself too:
    the last who works for all must stay), user_unknown, site_unknown.
    """
    _demand(by)
    if by is not None and member == by.id:
        raise Refused("not_allowed")

    def write(connection: Connection) -> None:
        found = users.get(connection, member)
        if found is None or not found.is_staff:
            raise Refused("user_unknown")
        wanted = {_named(connection, key).id for key in keys}
        now = site.now()
        sites.limit(connection, member, wanted)
        alerts.take_back(connection, member)
        if wanted:
            campaigns.end_all(connection, member, now)
        streams.append(connection, DESK_STREAM, STAFF_CHANGED, subject=member, now=now)
        detail = " ".join(sorted(keys)) or "all"
        note(connection, by, "sites_given", now, subject=member, detail=detail)

    await site.storage.write(write)


async def member_named(site: Site, name: str) -> User:
    """The member of the staff of that name. Raises Refused("user_unknown")."""
    found = await site.storage.read(users.staff)
    one = next((member for member in found if member.name == name.strip()), None)
    if one is None:
        raise Refused("user_unknown", field="name")
    return one


def _demand(by: User | None) -> None:
    if by is not None:
        demand(by, "manage_staff", Thing())


def _named(connection: Connection, key: str) -> Publication:
    found = sites.by_key(connection, key)
    if found is None:
        raise Refused("site_unknown", field="site")
    return found
