"""Stories: what the publisher says of them, and keeping them level with the folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from belowline.actions.plain import plain
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.ordering import Cursor, decode_cursor, encode_cursor
from belowline.domain.stories import Story, story_id, story_key, story_mode, web_address
from belowline.domain.users import Thing, User, demand
from belowline.storage import stories, streams
from belowline.storage.engine import Connection

_ORDER = "stories"
_LATEST = 253_402_300_799_999  # the last millisecond that Python's calendar has


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A story as its publication has it."""

    key: str
    title: str
    url: str
    mode: str
    language: str
    created_at: datetime


async def get(site: Site, key: str) -> Story:
    """The story. Raises Refused("story_unknown")."""
    story = await site.storage.read(lambda connection: stories.by_key(connection, key))
    if story is None:
        raise Refused("story_unknown", field="story")
    return story


async def some(site: Site, cursor: str, limit: int) -> tuple[list[Story], str | None]:
    """A page of stories, the latest first, and the cursor of the next. Raises "cursor_bad"."""
    start = decode_cursor(cursor, _ORDER) if cursor else None
    if start and start.below > _LATEST:
        raise Refused("cursor_bad", field="cursor")
    before = (start.below, start.id) if start else None
    found = await site.storage.read(
        lambda connection: stories.some(connection, before=before, limit=limit + 1)
    )
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    moment = round(last.created_at.timestamp() * 1000)
    return found[:limit], encode_cursor(Cursor(_ORDER, last.id, moment, 0))


async def put(
    site: Site,
    user: User,
    key: str,
    *,
    title: str | None = None,
    url: str | None = None,
    mode: str | None = None,
) -> Story:
    """Creates or changes a story; what is None stays as it is.

    Raises Refused: not_allowed, story_key, story_mode, story_url.
    """
    demand(user, "change_story", Thing())
    story_key(key)
    values = {
        "title": None if title is None else plain(title),
        "url": None if url is None else web_address(url),
        "mode": None if mode is None else story_mode(mode),
    }

    def write(connection: Connection) -> Story:
        story = _put(connection, site, key, {k: v for k, v in values.items() if v is not None})
        changed = ",".join(name for name, value in values.items() if value is not None)
        note(connection, user, "story_changed", site.now(), subject=story.id, detail=changed)
        return story

    return await site.storage.write(write)


async def publish(site: Site, wanted: Sequence[Wanted]) -> None:
    """Brings the stories to what their publication says; those that are the same are left alone.

    A mode that staff have set since is kept, unless the publication's own has changed.
    """

    def write(connection: Connection) -> None:
        for one in wanted:
            _publish(connection, site, one)

    await site.storage.write(write)


def _put(connection: Connection, site: Site, key: str, values: dict[str, str]) -> Story:
    found = stories.by_key(connection, key)
    now = site.now()
    if found is None:
        stories.add(
            connection,
            story=story_id(key),
            key=key,
            title=values.get("title", ""),
            url=values.get("url", ""),
            mode=values.get("mode", site.rules.default_mode),
            language="",
            created_at=now,
        )
    elif values:
        stories.change(connection, found.id, **values)
        if values.get("mode", found.mode) != found.mode:
            streams.append(connection, story_stream(found.id), "mode", now=now)
    changed = stories.by_key(connection, key)
    if changed is None:
        raise Refused("story_unknown", field="story")
    return changed


def _publish(connection: Connection, site: Site, wanted: Wanted) -> None:
    found = stories.by_key(connection, wanted.key)
    if found is None:
        stories.add(
            connection,
            story=story_id(wanted.key),
            key=wanted.key,
            title=wanted.title,
            url=wanted.url,
            mode=wanted.mode,
            language=wanted.language,
            created_at=wanted.created_at,
        )
        return
    if (found.title, found.url, found.language) != (wanted.title, wanted.url, wanted.language):
        stories.change(
            connection, found.id, title=wanted.title, url=wanted.url, language=wanted.language
        )


async def set_mode(site: Site, key: str, mode: str) -> None:
    """Sets a story's mode for its publication, and tells open pages."""
    await site.storage.write(
        lambda connection: _put(connection, site, key, {"mode": story_mode(mode)})
    )
