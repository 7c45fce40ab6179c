"""What the risk model learns from the desk, and taking it back."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec
import structlog

from belowline.actions import record
from belowline.actions.site import Site
from belowline.domain.events import DESK_STREAM
from belowline.domain.users import Thing, User, demand
from belowline.risk.judge import Judge, Teacher
from belowline.risk.model import Unusable
from belowline.storage import lessons, users
from belowline.storage.engine import Connection

_AFTER_ERROR = 5.0
_REST = 0.2
_SKEW = 60_000  # milliseconds by which another machine's clock may be behind
_log = structlog.get_logger(__name__)


class Taught(msgspec.Struct, frozen=True, kw_only=True):
    """A moderator, and what they have taught."""

    user: User
    taught: Teacher


async def catch_up(site: Site) -> None:
    """Takes in what people have decided, here or in another process, since the last time.

    A model that cannot be used learns nothing; the check says so with every comment.
    """
    try:
        await site.storage.read(lambda connection: catch_up_now(connection, site.judge))
    except Unusable as error:
        _log.error("learning.unusable", error=str(error))


def catch_up_now(connection: Connection, judge: Judge) -> None:
    """As `catch_up`, on a connection. Raises Unusable."""
    doubted = lessons.doubts(connection)
    newest = lessons.last(connection)
    look = lessons.last_look(connection)
    if judge.heard >= newest and judge.looked == look and judge.doubted == doubted:
        return
    with judge.studying:
        if judge.doubted != doubted:
            judge.start_over(doubted)
        touched = lessons.touched(connection, judge.heard)
        if judge.looked != look:
            touched += lessons.looked_at(connection, judge.looked - _SKEW)
        comments = list(dict.fromkeys(touched))
        judge.teach(lessons.of(connection, comments), instead_of=comments, through=newest)
        judge.looked = look


async def keep_up(site: Site) -> None:
    """Learns what other processes' moderators decide, until cancelled."""
    woken = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wake(streams: frozenset[str]) -> None:  # in another thread
        if (DESK_STREAM in streams or "*" in streams) and not loop.is_closed():
            loop.call_soon_threadsafe(woken.set)

    site.storage.listen(wake)
    while True:
        try:
            await catch_up(site)
            await asyncio.sleep(_REST)
        except Exception:
            _log.exception("learning.failed")
            await asyncio.sleep(_AFTER_ERROR)
            continue
        await woken.wait()
        woken.clear()


async def teachers(site: Site, user: User) -> list[Taught]:
    """Who has taught the model what it knows now, the most surprising first.

    Raises Refused("not_allowed").
    """
    demand(user, "moderate", Thing())
    await catch_up(site)
    found = site.judge.teachers()
    known = await site.storage.read(
        lambda connection: users.many(connection, [one.teacher for one in found])
    )
    return [Taught(user=known[one.teacher], taught=one) for one in found if one.teacher in known]


class Doubted(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose lessons were taken back, and when; later ones count."""

    user: User
    since: datetime


async def doubted(site: Site, user: User) -> list[Doubted]:
    """Whose lessons were taken back, the last first. Raises Refused("not_allowed")."""
    demand(user, "moderate", Thing())

    def read(connection: Connection) -> list[Doubted]:
        found = lessons.doubts(connection)
        known = users.many(connection, found) if found else {}
        return [
            Doubted(user=known[one], since=since)
            for one, (_, since) in sorted(found.items(), key=lambda item: item[1][1], reverse=True)
            if one in known
        ]

    return await site.storage.read(read)


async def take_back(site: Site, user: User | None, teacher: int) -> int:
    """Lets everything that ``teacher`` has decided so far teach nothing; how much that was.

    The decisions themselves stand. ``user`` is None for the operator, at the machine itself.
    Raises Refused("not_allowed").
    """
    if user is not None:
        demand(user, "change_policy", Thing())
    await catch_up(site)
    given = len(site.judge.lessons_of(teacher))

    def write(connection: Connection) -> None:
        now = site.now()
        lessons.doubt(connection, teacher, lessons.last(connection), now)
        record.note(connection, user, "lessons_taken", now, subject=teacher, detail=str(given))

    await site.storage.write(write)
    await catch_up(site)
    return given


async def give_back(site: Site, user: User | None, teacher: int) -> None:
    """Takes `take_back` back. Raises Refused("not_allowed")."""
    if user is not None:
        demand(user, "change_policy", Thing())

    def write(connection: Connection) -> None:
        lessons.trust(connection, teacher)
        record.note(connection, user, "lessons_given", site.now(), subject=teacher)

    await site.storage.write(write)
    await catch_up(site)
