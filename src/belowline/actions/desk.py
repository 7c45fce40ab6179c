"""Working together at the desk: who looks at what, stories, notes, views, replies, the morning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

import msgspec

from belowline.actions import record
from belowline.actions.deciding import Card, card_of, sites_wanted
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.domain import desk as desks
from belowline.domain import ids
from belowline.domain.breaker import Tightened
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision, decided
from belowline.domain.desk import HandOver, Lock, Reply, View
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM
from belowline.domain.queue import Filter, read_filter, write_filter
from belowline.domain.sites import Publication
from belowline.domain.stories import Story
from belowline.domain.users import CONFINED, STAFF, Thing, User, demand, may
from belowline.storage import (
    breaks,
    comments,
    decisions,
    queue,
    sites,
    statements,
    stories,
    streams,
)
from belowline.storage import desk as stored
from belowline.storage.engine import Connection

_LONGEST_NOTE = 2_000
_LONGEST_NAME = 60
_LOOKED_BACK = 2_000  # decisions and arrivals that the morning page adds up
_CIVIL_OF = 300
_STORIES = 30
_SHOWN = 100  # appeals and notices that are counted


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the list: numbers, and what a filter may be chosen from.

    ``counts`` is by choice of `Filter.status`, and "assigned"; each up to `storage.queue.MOST`.
    ``tightened`` are the stories that the circuit breaker has made stricter, and how; ``languages``
    those that comments are written in, "" for not known. ``sites`` are those that the one who looks
    works for.
    """

    counts: dict[str, int]
    stories: list[Story]
    staff: list[User]
    views: list[View]
    replies: list[Reply]
    tightened: list[tuple[Story, Tightened]]
    languages: list[str]
    sites: list[Publication] = []


class Morning(msgspec.Struct, frozen=True, kw_only=True):
    """What happened since ``since`` (None: never here before)."""

    since: datetime | None
    waiting: int
    oldest: Comment | None
    first: Card | None
    reports: int
    escalated: int
    arrived: dict[str, int]
    decided: dict[tuple[str, str], int]
    looks: tuple[int, int]
    notes: list[HandOver]
    assigned: int
    appeals: int
    notices: int
    tightened: list[tuple[Story, Tightened]]


async def around(site: Site, user: User, of: str = "") -> Around:
    """What stands beside the list, its numbers and stories of the site of the key ``of`` if one is
    named. Raises Refused("not_allowed").
    """
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> Around:
        within = sites_wanted(connection, user, Filter(site=of))
        latest = stories.some(connection, before=None, limit=_STORIES, within=within)
        return Around(
            counts=_counts(connection, site, user, of),
            stories=latest,
            staff=stored.staff(connection, STAFF),
            views=stored.views_of(connection, user.id),
            replies=stored.replies(connection),
            tightened=_tightened(connection, user),
            languages=queue.languages(connection),
            sites=[one for one in sites.everyone(connection) if _is_ones(user, one.id)],
        )

    return await site.storage.read(read)


async def counts(site: Site, user: User, of: str = "") -> dict[str, int]:
    """`Around.counts`. Raises Refused("not_allowed")."""
    demand(user, "moderate", CONFINED)
    return await site.storage.read(lambda connection: _counts(connection, site, user, of))


def _counts(connection: Connection, site: Site, user: User, of: str) -> dict[str, int]:
    def number(wanted: Filter) -> int:
        return _number(connection, site, user, wanted)

    waiting = ("held", "reported", "escalated")
    said = {name: number(Filter(status=name, site=of)) for name in waiting}
    within = sites_wanted(connection, user, Filter(site=of))
    said["waiting"] = decisions.count_waiting(connection, within)
    said["assigned"] = number(Filter(assigned=True, site=of))
    return said


# -- who looks at what ---------------------------------------------------------------------


async def look_at(site: Site, user: User, comment: int) -> Lock | None:
    """Locks a card to ``user`` for a while, or answers who has it.

    Looking at another one, or at 0, gives free what was looked at before. Raises Refused:
    not_allowed.
    """
    demand(user, "moderate", CONFINED)

    def write(connection: Connection) -> Lock | None:
        now = site.now()
        _demand_comment(connection, user, comment)
        held = stored.locks_of(connection, [comment], now).get(comment) if comment else None
        other = held if held is not None and held.user != user.id else None
        if comment and other is None:
            touched = stored.take_lock(connection, comment, user.id, now + desks.LOCK_FOR)
            touched.append(comment)
        else:
            touched = stored.release_locks(connection, user.id)
        for number in touched:
            streams.append(connection, DESK_STREAM, "looking", subject=number, now=now)
        return other

    return await site.storage.write(write)


def _demand_comment(connection: Connection, user: User, comment: int) -> None:
    """Raises Refused("not_allowed") for a comment of a site that ``user`` does not work for."""
    found = comments.get(connection, comment) if user.sites is not None and comment else None
    if found is not None:
        demand(user, "moderate", Thing(site=found.site))


def _is_ones(user: User, site: int) -> bool:
    return may(user, "moderate", Thing(site=site))


# -- escalating, stories -------------------------------------------------------------------


async def escalate(site: Site, user: User, comment: int, note: str) -> Decision:
    """Asks an editor to decide a comment; it keeps its place and says so, until somebody decides
    or `deciding.undo` takes it back. Answers its line in the record.

    Raises Refused: not_allowed, note_too_long, comment_unknown, already_decided.
    """
    demand(user, "moderate", CONFINED)
    _demand_length(note)

    def write(connection: Connection) -> Decision:
        now = site.now()
        found = comments.get(connection, comment)
        if found is None:
            raise Refused("comment_unknown")
        demand(user, "moderate", Thing(site=found.site))
        if found.waits_since is None:
            raise Refused("already_decided")
        line = decisions.add(
            connection,
            decided(
                found,
                "escalate",
                before=found.status,
                after=found.status,
                by=user,
                note=plain(note),
                policy=site.in_force.now(connection, site.rules).number,
                now=now,
            ),
        )
        streams.append(connection, DESK_STREAM, "card", subject=comment, now=now)
        return line

    return await site.storage.write(write)


async def assign(site: Site, user: User, story: str, to: int) -> None:
    """Gives a story to somebody of the staff, 0 to nobody.

    Raises Refused: not_allowed, story_unknown, user_unknown.
    """
    demand(user, "moderate", CONFINED)

    def write(connection: Connection) -> None:
        found = stories.by_key(connection, story)
        if found is None:
            raise Refused("story_unknown")
        demand(user, "moderate", Thing(site=found.site))
        if to and to not in {one.id for one in stored.staff(connection, STAFF)}:
            raise Refused("user_unknown")
        limited = sites.of_user(connection, to) if to else None
        if limited is not None and found.site not in limited:
            raise Refused("user_unknown")
        now = site.now()
        stored.assign(connection, found.id, to, now)
        record.note(connection, user, "story_assigned", now, subject=to or None, detail=story)

    await site.storage.write(write)


# -- notes, views, replies -----------------------------------------------------------------


async def hand_over(site: Site, user: User, note: str) -> None:
    """Leaves a note for whoever comes next. Raises Refused: not_allowed, text_empty,
    note_too_long.
    """
    demand(user, "oversee", Thing())
    _demand_length(note)
    text = plain(note).strip()
    if not text:
        raise Refused("text_empty", field="note")

    def write(connection: Connection) -> None:
        now = site.now()
        stored.add_note(connection, user.id, text, now)
        record.note(connection, user, "handed_over", now)

    await site.storage.write(write)


async def save_view(site: Site, user: User, name: str, query: str) -> None:
    """Keeps a filter, as a part of an address, under a name; "" forgets it.

    Raises Refused: not_allowed, name_empty, name_too_long, filter_bad.
    """
    demand(user, "moderate", CONFINED)
    title = _name(name)
    kept = urlencode(write_filter(read_filter(dict(parse_qsl(query)))))
    await site.storage.write(
        lambda connection: stored.save_view(connection, user.id, title, kept, desks.VIEWS)
    )


async def save_reply(site: Site, user: User, name: str, text: str) -> None:
    """Keeps a reply for everybody at the desk under a name; "" forgets it.

    Raises Refused: not_allowed, name_empty, name_too_long, note_too_long.
    """
    demand(user, "oversee", Thing())
    title = _name(name)
    _demand_length(text)
    kept = plain(text).strip()

    def write(connection: Connection) -> None:
        stored.save_reply(connection, title, kept, desks.REPLIES)
        record.note(connection, user, "reply_kept" if kept else "reply_forgotten", site.now())

    await site.storage.write(write)


def _name(name: str) -> str:
    title = plain(name).strip()
    if not title:
        raise Refused("name_empty", field="name")
    if len(title) > _LONGEST_NAME:
        raise Refused("name_too_long", field="name", limit=_LONGEST_NAME)
    return title


def _demand_length(note: str) -> None:
    if len(note) > _LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=_LONGEST_NOTE)


# -- the morning, and care -----------------------------------------------------------------


async def morning(site: Site, user: User) -> Morning:
    """What happened since ``user`` was here last. Raises Refused("not_allowed")."""
    demand(user, "moderate", CONFINED)
    now = site.now()
    since = await site.storage.write(
        lambda connection: stored.visit(connection, user.id, now, now - desks.SHIFT)
    )

    def read(connection: Connection) -> Morning:
        zone = site.rules.zone
        moment = since or now
        sees_all = may(user, "oversee", Thing())
        within = user.sites
        found, _ = queue.page(
            connection, Filter(), user=user.id, zone=zone, after=None, limit=1, within=within
        )
        return Morning(
            since=since,
            waiting=decisions.count_waiting(connection, within),
            oldest=queue.oldest(connection, within),
            first=card_of(connection, site, found[0]) if found else None,
            reports=stored.open_reports(connection, within),
            escalated=_number(connection, site, user, Filter(status="escalated")),
            arrived=stored.arrived_since(connection, ids.id_at(moment, 0), _LOOKED_BACK, within)
            if since
            else {},
            decided=stored.decided_since(connection, since, _LOOKED_BACK, within) if since else {},
            looks=queue.agreement(connection) if sees_all else (0, 0),
            notes=stored.latest_notes(connection, 5) if sees_all else [],
            assigned=_number(connection, site, user, Filter(assigned=True)),
            appeals=len(statements.open_appeals(connection, _SHOWN, within)),
            notices=len(statements.open_notices(connection, _SHOWN, within)),
            tightened=_tightened(connection, user),
        )

    return await site.storage.read(read)


def _tightened(connection: Connection, user: User) -> list[tuple[Story, Tightened]]:
    found = breaks.tightened(connection)
    about = stories.many(connection, found) if found else {}
    return [(story, found[number]) for number, story in about.items() if _is_ones(user, story.site)]


def _number(connection: Connection, site: Site, user: User, wanted: Filter) -> int:
    zone = site.rules.zone
    within = sites_wanted(connection, user, wanted)
    return queue.count(connection, wanted, user=user.id, zone=zone, within=within)


async def civil(site: Site, user: User, choose: Callable[[list[int]], int]) -> Comment:
    """One of the comments that readers like, to rest the eyes on.

    ``choose`` picks from their ids. Raises Refused: not_allowed, comment_unknown (there is none).
    """
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> Comment:
        some = stored.civil(connection, _CIVIL_OF, user.sites)
        found = comments.get(connection, choose(some)) if some else None
        if found is None:
            raise Refused("comment_unknown")
        return found

    return await site.storage.read(read)
