"""Stories as the discussion knows them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from belowline.domain.sites import site_of
from belowline.domain.stories import Story, closing_time
from belowline.storage import raw, sites
from belowline.storage.schema import Moment, milliseconds, moment, stories, streams

_version = (
    select(streams.c.number)
    .where(streams.c.name == literal("story:") + cast(stories.c.id, streams.c.name.type))
    .scalar_subquery()
)
_stories = select(stories, func.coalesce(_version, 0).label("version"))


def by_keys(connection: Connection, keys: Collection[str]) -> dict[str, Story]:
    """Key -> story of those of the publisher's ``keys`` that exist."""
    statement = (
        "SELECT id, key, title, url, mode, language, comment_count, "
        "COALESCE((SELECT number FROM streams WHERE name = 'story:' || stories.id), 0), "
        "created_at, slow, close_days, closes_at, time_is_up, own_mode, own_pace, tightened, "
        "tightens, site_id "
        f"FROM stories WHERE key IN {raw.places(len(keys))}"
    )
    return {
        row[1]: Story(
            id=row[0],
            key=row[1],
            title=row[2],
            url=row[3],
            mode="closed" if row[12] else row[4],
            language=row[5],
            count=row[6],
            version=row[7],
            created_at=moment(row[8]),
            chosen=row[4],
            slow=row[9],
            close_days=row[10],
            closes_at=None if row[11] is None else moment(row[11]),
            own_mode=bool(row[13]),
            own_pace=bool(row[14]),
            tightened=row[15],
            tightens=bool(row[16]),
            site=row[17],
        )
        for row in raw.run(connection, statement, keys)
    }


def by_key(connection: Connection, key: str) -> Story | None:
    """The story with the publisher's ``key``."""
    row = connection.execute(_stories.where(stories.c.key == key)).one_or_none()
    return None if row is None else _story(row)


def get(connection: Connection, story: int) -> Story | None:
    """The story with this id."""
    row = connection.execute(_stories.where(stories.c.id == story)).one_or_none()
    return None if row is None else _story(row)


def some(
    connection: Connection,
    *,
    before: tuple[int, int] | None,
    limit: int,
    within: Collection[int] | None = None,
) -> list[Story]:
    """Stories, the latest first, those that stand after ``before``: (milliseconds, id); of the
    sites ``within`` alone, None for all."""
    if within is not None and len(within) > 1:
        found = [
            one
            for site in within
            for one in some(connection, before=before, limit=limit, within=[site])
        ]
        found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
        return found[:limit]
    query = _stories.order_by(stories.c.created_at.desc(), stories.c.id.desc()).limit(limit)
    if within is not None:
        query = query.where(stories.c.site_id.in_(within))
    if before is not None:
        milliseconds, story = before
        place = tuple_(stories.c.created_at, stories.c.id)
        query = query.where(place < tuple_(literal(moment(milliseconds), Moment), story))
    return [_story(row) for row in connection.execute(query)]


def many(connection: Connection, ids: Collection[int]) -> dict[int, Story]:
    """Id -> story of those of ``ids`` that exist."""
    rows = connection.execute(_stories.where(stories.c.id.in_(ids)))
    return {row.id: _story(row) for row in rows}


def counts(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """Key -> number of published comments, 0 for keys that nobody has written under."""
    rows = connection.execute(
        select(stories.c.key, stories.c.comment_count).where(stories.c.key.in_(keys))
    )
    return dict.fromkeys(keys, 0) | {row.key: row.comment_count for row in rows}


def add(
    connection: Connection,
    *,
    story: int,
    key: str,
    title: str,
    url: str,
    mode: str,
    language: str,
    created_at: datetime,
    slow: int = 0,
    close_days: int = 0,
    own_mode: bool = False,
    site: int | None = None,
) -> None:
    """Stores a new story. Its key must not be taken. Without a ``site`` its key and address say
    whose it is."""
    if site is None:
        site = site_for(connection, key, url)
    connection.execute(
        stories.insert().values(
            id=story,
            key=key,
            title=title,
            url=url,
            mode=mode,
            language=language,
            created_at=created_at,
            slow=slow,
            close_days=close_days,
            closes_at=closing_time(created_at, close_days),
            own_mode=own_mode,
            site_id=site,
        )
    )


def site_for(connection: Connection, key: str, url: str) -> int:
    """The site of a new story, by its key and address."""
    return site_of(sites.everyone(connection), key, url)


def change(connection: Connection, story: int, **values: str | int | datetime | None) -> None:
    """Sets any of its columns but those that are counted."""
    connection.execute(update(stories).where(stories.c.id == story).values(**values))


def due(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Stories whose time is up and that nobody has closed yet, ``limit`` at most."""
    query = select(stories.c.id).where(
        stories.c.closes_at.is_not(None),
        ~stories.c.time_is_up,
        stories.c.closes_at <= now,
    )
    return list(connection.execute(query.order_by(stories.c.closes_at).limit(limit)).scalars())


def close(connection: Connection, ids: Collection[int]) -> None:
    """Their time is up."""
    connection.execute(update(stories).where(stories.c.id.in_(ids)).values(time_is_up=True))


def follow_mode(connection: Connection, mode: str, site: int) -> set[int]:
    """Gives ``mode`` to a site's stories that have none of their own; answers those it changed."""
    changed = (
        update(stories)
        .where(~stories.c.own_mode, stories.c.mode != mode, stories.c.site_id == site)
        .values(mode=mode)
    )
    return set(connection.execute(changed.returning(stories.c.id)).scalars())


def follow_pace(
    connection: Connection, slow: int, close_days: int, now: datetime, site: int
) -> set[int]:
    """Gives that pace to a site's stories that have none of their own; answers those it changed."""
    moment = type_coerce(stories.c.created_at, BigInteger) + close_days * 86_400_000
    closes_at = type_coerce(moment, Moment) if close_days else null()
    changed = (
        update(stories)
        .where(
            ~stories.c.own_pace,
            stories.c.site_id == site,
            or_(stories.c.slow != slow, stories.c.close_days != close_days),
        )
        .values(
            slow=slow,
            close_days=close_days,
            closes_at=closes_at,
            time_is_up=moment <= milliseconds(now) if close_days else false(),
        )
    )
    return set(connection.execute(changed.returning(stories.c.id)).scalars())


def add_to_count(connection: Connection, story: int, delta: int) -> None:
    """Changes the number of published comments, in the transaction that changes a status."""
    if delta:
        statement = "UPDATE stories SET comment_count = comment_count + ? WHERE id = ?"
        raw.run(connection, statement, (delta, story))


def _story(row: Row[Any]) -> Story:
    return Story(
        id=row.id,
        key=row.key,
        title=row.title,
        url=row.url,
        mode="closed" if row.time_is_up else row.mode,
        language=row.language,
        count=row.comment_count,
        version=row.version,
        created_at=row.created_at,
        chosen=row.mode,
        slow=row.slow,
        close_days=row.close_days,
        closes_at=row.closes_at,
        own_mode=row.own_mode,
        own_pace=row.own_pace,
        tightened=row.tightened,
        tightens=row.tightens,
        site=row.site_id,
    )
