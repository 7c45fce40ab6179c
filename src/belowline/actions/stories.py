"""Stories: what the publisher says of them, and keeping them level with the folder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from belowline.actions import breaking
from belowline.actions.plain import plain
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ordering import Cursor, decode_cursor, encode_cursor
from belowline.domain.policy import Policy
from belowline.domain.sites import site_of
from belowline.domain.stories import (
    Story,
    closing_time,
    days_open,
    slow_seconds,
    story_id,
    story_key,
    story_mode,
    web_address,
)
from belowline.domain.users import CONFINED, Thing, User, demand
from belowline.storage import breaks, sites, stories, streams
from belowline.storage.engine import Connection
from belowline.storage.streams import NewEvent

_ORDER = "stories"
_AT_ONCE = 500
_LATEST = 253_402_300_799_999  # the last millisecond that Python's calendar has


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A story as its publication has it. ``own_mode`` is False where ``mode`` is the site's."""

    key: str
    title: str
    url: str
    mode: str
    language: str
    created_at: datetime
    own_mode: bool = True


async def get(site: Site, key: str) -> Story:
    """The story. Raises Refused("story_unknown")."""
    story = await site.storage.read(lambda connection: stories.by_key(connection, key))
    if story is None:
        raise Refused("story_unknown", field="story")
    return story


async def some(
    site: Site, cursor: str, limit: int, within: Collection[int] | None = None
) -> tuple[list[Story], str | None]:
    """A page of stories, the latest first, and the cursor of the next; of the sites ``within``
    alone, None for all. Raises "cursor_bad".
    """
    start = decode_cursor(cursor, _ORDER) if cursor else None
    if start and start.below > _LATEST:
        raise Refused("cursor_bad", field="cursor")
    before = (start.below, start.id) if start else None
    found = await site.storage.read(
        lambda connection: stories.some(connection, before=before, limit=limit + 1, within=within)
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
    slow: int | None = None,
    close_days: int | None = None,
    of: str | None = None,
    tightens: bool | None = None,
) -> Story:
    """Creates or changes a story; what is None stays as it is. ``of`` is the key of its site, to
    which everything under it moves; a new one without it is as `domain.sites.site_of` says.

    Without ``tightens`` the circuit breaker leaves it alone for good, and at once.

    Raises Refused: not_allowed, story_key, story_mode, story_slow, story_days, story_url,
    site_unknown.
    """
    demand(user, "change_story", CONFINED)
    story_key(key)
    values = {
        "title": None if title is None else plain(title),
        "url": None if url is None else web_address(url),
        "mode": None if mode is None else story_mode(mode),
        "slow": None if slow is None else slow_seconds(slow),
        "close_days": None if close_days is None else days_open(close_days),
        "tightens": tightens,
    }
    wanted = {name: value for name, value in values.items() if value is not None}

    def write(connection: Connection) -> Story:
        _demand_site(connection, user, key, str(wanted.get("url", "")), of)
        story = _put(connection, site, key, wanted)
        others = {name: value for name, value in wanted.items() if name != "tightens"}
        changed = " ".join(_said(name, value) for name, value in others.items())
        moves = of is not None and _site_named(connection, of) != story.site
        if of is not None and moves:
            story = give(connection, site, story, _site_named(connection, of))
            changed = f"{changed} site={of}".strip()
        if others or moves or not wanted:
            note(connection, user, "story_changed", site.now(), subject=story.id, detail=changed)
        if tightens is not None:
            switch = "breaker_on" if tightens else "breaker_off"
            note(connection, user, switch, site.now(), subject=story.id)
        return story

    return await site.storage.write(write)


def give(connection: Connection, site: Site, story: Story, to: int) -> Story:
    """Makes a story another site's, whose mode and pace it follows from here on if it followed
    those of the first.
    """
    sites.give(connection, story.id, to)
    policy = site.in_force.now(connection, site.rules).policy
    before, after = policy.at(story.site), policy.at(to)
    now = site.now()
    columns: dict[str, str | int | datetime | None] = {}
    if not story.own_mode and story.chosen == before.mode != after.mode:
        columns["mode"] = after.mode
    if not story.own_pace and _pace_of(before) != _pace_of(after):
        closes_at = closing_time(story.created_at, after.close_days)
        columns["slow"], columns["close_days"] = _pace_of(after)
        columns["closes_at"] = closes_at
        columns["time_is_up"] = closes_at is not None and closes_at <= now
    if columns and not story.tightened:
        stories.change(connection, story.id, **columns)
        streams.append(connection, story_stream(story.id), "mode", now=now)
    streams.append(connection, DESK_STREAM, "seeded", now=now)
    return stories.get(connection, story.id) or story


def _pace_of(policy: Policy) -> tuple[int, int]:
    return policy.slow_seconds, policy.close_days


def _policy_for(connection: Connection, site: Site, key: str, url: str) -> Policy:
    """What holds for a story that comes into being."""
    policy = site.in_force.now(connection, site.rules).policy
    return policy.at(stories.site_for(connection, key, url)) if policy.own else policy


def _demand_site(connection: Connection, user: User, key: str, url: str, of: str | None) -> None:
    """Raises Refused unless ``user`` works for the story's site, and for the one that it is to
    move to: not_allowed, site_unknown."""
    story = stories.by_key(connection, key)
    to = None if of is None else _site_named(connection, of)
    if story is not None:
        demand(user, "change_story", Thing(site=story.site))
    elif to is None:
        to = site_of(sites.everyone(connection), key, url)
    if to is not None:
        demand(user, "change_story", Thing(site=to))


def _site_named(connection: Connection, key: str) -> int:
    found = sites.by_key(connection, key)
    if found is None:
        raise Refused("site_unknown", field="site")
    return found.id


def _said(name: str, value: str | int) -> str:
    """A change as the record names it: what is written by people is not repeated."""
    return name if name in ("title", "url") else f"{name}={value}"


async def publish(site: Site, wanted: Sequence[Wanted]) -> None:
    """Brings the stories to what their publication says; those that are the same are left alone.

    A mode that staff have set since is kept, unless the publication's own has changed.
    """

    def write(connection: Connection) -> None:
        for one in wanted:
            _publish(connection, site, one)

    await site.storage.write(write)


def _put(connection: Connection, site: Site, key: str, values: dict[str, str | int]) -> Story:
    before = stories.by_key(connection, key)
    now = site.now()
    if before is None:
        policy = _policy_for(connection, site, key, str(values.get("url", "")))
        stories.add(
            connection,
            story=story_id(key),
            key=key,
            title="",
            url="",
            mode=policy.mode,
            language="",
            created_at=now,
            slow=policy.slow_seconds,
            close_days=policy.close_days,
        )
    found = before or stories.by_key(connection, key)
    if found is None:
        raise Refused("story_unknown", field="story")
    if found.tightened and ("mode" in values or not values.get("tightens", True)):
        breaking.over(connection, found, now)
        found = stories.get(connection, found.id) or found
    elif found.tightened and "slow" in values:
        breaks.own_pace(connection, found.id, int(values["slow"]))
    if values:
        stories.change(connection, found.id, **_columns(found, values, now))
    changed = stories.by_key(connection, key)
    if changed is None:
        raise Refused("story_unknown", field="story")
    if before is not None and _pace(before) != _pace(changed):
        streams.append(connection, story_stream(found.id), "mode", now=now)
        changed = stories.by_key(connection, key) or changed
    return changed


def _pace(story: Story) -> tuple[str, int, datetime | None, bool]:
    """What open pages hear of."""
    return story.mode, story.slow, story.closes_at, bool(story.tightened)


def _columns(
    story: Story, values: dict[str, str | int], now: datetime
) -> dict[str, str | int | datetime | None]:
    """The columns that ``values`` set, and those that follow from them.

    Whoever opens a discussion whose time is up means it to stay open.
    """
    columns: dict[str, str | int | datetime | None] = dict(values)
    reopened = values.get("mode", "closed") != "closed" and story.mode_at(now) == "closed"
    if reopened and story.closes_at is not None and story.closes_at <= now:
        columns.setdefault("close_days", 0)
    if "close_days" in columns:
        closes_at = closing_time(story.created_at, int(str(columns["close_days"])))
        columns["closes_at"] = closes_at
        columns["time_is_up"] = closes_at is not None and closes_at <= now
    if "mode" in values:
        columns["own_mode"] = True
    if "slow" in columns or "close_days" in columns:
        columns["own_pace"] = True
    return columns


def _publish(connection: Connection, site: Site, wanted: Wanted) -> None:
    found = stories.by_key(connection, wanted.key)
    if found is None:
        policy = _policy_for(connection, site, wanted.key, wanted.url)
        stories.add(
            connection,
            story=story_id(wanted.key),
            key=wanted.key,
            title=wanted.title,
            url=wanted.url,
            mode=wanted.mode if wanted.own_mode else policy.mode,
            language=wanted.language,
            created_at=wanted.created_at,
            slow=policy.slow_seconds,
            close_days=policy.close_days,
            own_mode=wanted.own_mode,
        )
        return
    if wanted.own_mode and not found.own_mode:
        stories.change(connection, found.id, own_mode=True)
    if (found.title, found.url, found.language) != (wanted.title, wanted.url, wanted.language):
        stories.change(
            connection, found.id, title=wanted.title, url=wanted.url, language=wanted.language
        )


async def set_mode(site: Site, key: str, mode: str) -> None:
    """Sets a story's mode for its publication, and tells open pages."""
    await site.storage.write(
        lambda connection: _put(connection, site, key, {"mode": story_mode(mode)})
    )


async def close_due(site: Site) -> int:
    """Closes the discussions whose time is up and tells open pages; answers how many."""
    closed = 0
    while True:
        some = await site.storage.write(lambda connection: _close_due(connection, site.now()))
        closed += some
        if some < _AT_ONCE:
            return closed


def _close_due(connection: Connection, now: datetime) -> int:
    ids = stories.due(connection, now, _AT_ONCE)
    if ids:
        stories.close(connection, ids)
        news = [NewEvent(stream=story_stream(one), kind="mode") for one in ids]
        streams.append_all(connection, news, now)
    return len(ids)
