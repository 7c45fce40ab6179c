"""The sites of this installation, and who of the staff works for which."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from belowline.domain.sites import FIRST, Publication
from belowline.storage import raw
from belowline.storage.schema import comments, sites, staff_sites, stories
from belowline.storage.upsert import insert as upsert

Sites = Collection[int] | None
"""Some sites by their ids; None for all of them."""


_MAIN = Publication(
    id=FIRST, key="main", name="", addresses=(), created_at=datetime.fromtimestamp(0, UTC)
)
"""The first site as long as nobody has changed it: no row is needed for it, and its name, which
is empty here, is the one of the settings."""


def everyone(connection: Connection) -> list[Publication]:
    """All sites, the first one first."""
    found = [_site(row) for row in connection.execute(select(sites).order_by(sites.c.id))]
    return found if found and found[0].id == FIRST else [_MAIN, *found]


def by_key(connection: Connection, key: str) -> Publication | None:
    """The site that ``key`` names."""
    return next((one for one in everyone(connection) if one.key == key), None)


def add(
    connection: Connection, key: str, name: str, addresses: Collection[str], now: datetime
) -> Publication:
    """Stores a new site. Its key must not be taken."""
    last = everyone(connection)[-1].id
    made = Publication(id=last + 1, key=key, name=name, addresses=tuple(addresses), created_at=now)
    connection.execute(
        insert(sites).values(
            id=made.id, key=key, name=name, addresses="\n".join(addresses), created_at=now
        )
    )
    return made


def change(connection: Connection, site: Publication) -> None:
    """Sets what a site is called and where it stands."""
    values = {"name": site.name, "addresses": "\n".join(site.addresses)}
    connection.execute(
        upsert(connection, sites)
        .values(id=site.id, key=site.key, created_at=site.created_at, **values)
        .on_conflict_do_update(index_elements=["id"], set_=values)
    )


def of_stories(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Story -> site, of those stories that are not the first site's."""
    if not ids:
        return {}
    statement = (
        f"SELECT id, site_id FROM stories WHERE id IN {raw.places(len(ids))} AND site_id > {FIRST}"
    )
    return {row[0]: row[1] for row in raw.run(connection, statement, tuple(ids))}


def give(connection: Connection, story: int, site: int) -> None:
    """Makes a story a site's, with everything that was written under it."""
    connection.execute(update(stories).where(stories.c.id == story).values(site_id=site))
    connection.execute(update(comments).where(comments.c.story_id == story).values(site_id=site))


# -- who works for which ---------------------------------------------------------------------


def of_user(connection: Connection, user: int) -> frozenset[int] | None:
    """The sites that a member of the staff is limited to, None for nobody's limits."""
    found = connection.execute(
        select(staff_sites.c.site_id).where(staff_sites.c.user_id == user)
    ).scalars()
    return frozenset(found) or None


def of_users(connection: Connection, users: Collection[int]) -> dict[int, frozenset[int]]:
    """User -> their sites, of those who are limited to some."""
    rows = connection.execute(select(staff_sites).where(staff_sites.c.user_id.in_(users)))
    found: dict[int, set[int]] = {}
    for row in rows:
        found.setdefault(row.user_id, set()).add(row.site_id)
    return {user: frozenset(some) for user, some in found.items()}


def limit(connection: Connection, user: int, wanted: Collection[int]) -> None:
    """Limits a member of the staff to these sites; to none of them lets them see all."""
    connection.execute(delete(staff_sites).where(staff_sites.c.user_id == user))
    if wanted:
        rows = [{"user_id": user, "site_id": one} for one in sorted(set(wanted))]
        connection.execute(insert(staff_sites), rows)


# -- what a query is confined to -------------------------------------------------------------


def within(wanted: Sites) -> list[Any]:
    """The conditions that a comment is one of these sites': none for all of them.

    What is not the first site's is said to be so, since only that has an index of its own.
    """
    if wanted is None:
        return []
    of_these = comments.c.site_id.in_(sorted(wanted))
    return [of_these] if FIRST in wanted else [of_these, comments.c.site_id > FIRST]


def among(wanted: Sites) -> list[Any]:
    """The same for comments that are found by something else, in whose order they stay."""
    return [] if wanted is None else [(comments.c.site_id + 0).in_(sorted(wanted))]


def _site(row: Row[Any]) -> Publication:
    return Publication(
        id=row.id,
        key=row.key,
        name=row.name,
        addresses=tuple(row.addresses.split("\n")) if row.addresses else (),
        created_at=row.created_at,
    )
