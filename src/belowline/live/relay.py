"""From storage to the hub: reads the events after the last number and looks up how things are now.

A wake-up is a hint and may be lost, doubled or late; what is stored decides. Each event is
rendered once for each language that listens. While nothing much happens an event is told at once;
the more a telling costs, the longer the next one gathers, to a few tellings a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog

from belowline.domain import ids
from belowline.domain.comments import Comment
from belowline.domain.events import (
    DESK_STREAM,
    STAFF_CHANGED,
    AuthorRenamed,
    CardChanged,
    CardLooked,
    CommentAppeared,
    CommentEdited,
    CommentRemoved,
    CountChanged,
    Event,
    ModeChanged,
    Reset,
    StaffChanged,
    WaitingChanged,
    desk_sites,
    stored_stream,
)
from belowline.domain.stories import Story
from belowline.domain.users import User
from belowline.live.frames import chunk, frame
from belowline.live.hub import LONGEST_BACKLOG, Hub, Outlet, Stream
from belowline.metrics import counts
from belowline.storage import comments, decisions, desk, stories, streams, users
from belowline.storage.engine import Connection, Storage
from belowline.storage.streams import StoredEvent

RenderItem = Callable[[Comment, str, str, str], str]
"""(comment, its story's key, its parent's author's name, language) -> its list item."""

_MOST_AT_ONCE = 200
_REST = 3.0  # times what a telling took: a quarter of the time goes into telling, at most
_LONGEST_REST = 0.2
_AFTER_ERROR = 1.0
_JOIN = 0.005
_LOOK_AGAIN = 0.1
_LOOKS = 200
_log = structlog.get_logger(__name__)


class Relay:
    """Moves news from storage to the hub's outlets."""

    def __init__(self, storage: Storage, hub: Hub, render_item: RenderItem) -> None:
        self._storage = storage
        self._hub = hub
        self._render_item = render_item
        self._news: dict[str, float] = {}
        self._woken = asyncio.Event()
        self._reading: dict[tuple[object, ...], asyncio.Task[Any]] = {}
        self._loop = asyncio.get_running_loop()
        storage.listen(self._wake)

    def _wake(self, names: frozenset[str]) -> None:  # in another thread
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, names, time.monotonic())

    def _note(self, names: frozenset[str], committed: float) -> None:
        for name in names:
            self._news.setdefault(name, committed)
        self._woken.set()

    # -- telling what is new ---------------------------------------------------------------

    async def run(self) -> None:
        """Relays until cancelled. An error is noted and the stream is tried again.

        May be run again after it has ended: what came meanwhile is told then.
        """
        self._note(frozenset({"*"}), time.monotonic())
        async with asyncio.TaskGroup() as following:
            while True:
                await self._woken.wait()
                self._woken.clear()
                news, self._news = self._news, {}
                everywhere = news.pop("*", None)
                if everywhere is not None:
                    news = dict.fromkeys(self._hub.streams(), everywhere) | news
                if DESK_STREAM in news:
                    for name in self._hub.streams():
                        if stored_stream(name) == DESK_STREAM:
                            news.setdefault(name, news[DESK_STREAM])
                for name, committed in news.items():
                    stream = self._hub.stream(name)
                    if stream is not None:
                        stream.news = stream.news or committed
                        if not stream.followed:
                            stream.followed = True
                            following.create_task(self._follow(stream))

    async def _follow(self, stream: Stream) -> None:
        """Tells what is new in one stream until nothing is; one of these at a time for each."""
        try:
            while stream.news is not None:
                committed, stream.news = stream.news, None
                began = time.monotonic()
                try:
                    if await self._advance(stream):
                        counts.delivery_lag.observe(time.monotonic() - committed)
                except Exception as error:
                    _log.error("live.relay_failed", stream=stream.name, exc_info=error)
                    stream.news = committed
                    await asyncio.sleep(_AFTER_ERROR)
                await asyncio.sleep(min(_LONGEST_REST, _REST * (time.monotonic() - began)))
        finally:
            stream.followed = False

    async def _advance(self, stream: Stream) -> bool:
        """Tells what is stored after the number that ``stream`` has reached; whether anything.

        When less is stored than was told, as after a failover to a replica that had not got all,
        its pages begin anew.
        """
        told = False
        while self._hub.stream(stream.name) is stream:
            languages = set(stream.outlets)
            read = partial(_read, stream.name, stream.reached, languages, self._render_item)
            last, by_language, ends = await self._storage.read(read)
            if last == stream.reached:
                break
            if set(stream.outlets) <= languages:  # or one came meanwhile who reads another language
                stream.move(last)
                try:
                    await self._hub.publish(stream, by_language)
                except BaseException:
                    self._hub.cut(stream)  # some may not have heard it: they come back by number
                    raise
                told = True
                if ends:
                    self._hub.end(stream)
        return told

    # -- coming and leaving ----------------------------------------------------------------

    def attach_level(self, outlet: Outlet, name: str, language: str, after: int | None) -> bool:
        """Lets ``outlet`` listen if there is nothing that it has missed; whether it does now.

        Most who come are level, and cost no read and no task.
        """
        stream = self._hub.stream(name)
        if stream is None or after not in (None, stream.reached):
            return False
        self._hub.join(outlet, stream, language)
        return True

    async def attach(self, outlet: Outlet, name: str, language: str, after: int | None) -> None:
        """Lets ``outlet`` hear of the stream ``name``, from event ``after`` on (None: now).

        It is written what it has missed, `reset` when that is too much, and is level then. Has to
        be cancelled when it leaves before. Raises TimeoutError when it does not read.
        """
        stream = self._hub.stream(name) or await self._begin(name)
        stream.coming += 1
        try:
            after = stream.reached if after is None else await self._known(outlet, stream, after)
            while after < stream.reached:
                after = await self._catch_up(outlet, stream, language, after)
            self._hub.join(outlet, stream, language)
        finally:
            stream.coming -= 1
            self._hub.forget_if_empty(stream)

    def detach(self, outlet: Outlet) -> None:
        """Lets it hear no more."""
        self._hub.leave(outlet)

    async def _begin(self, name: str) -> Stream:
        stream = self._hub.begin(name, await self._number(name))
        self._note(frozenset({name}), time.monotonic())  # something may have come since the read
        return stream

    async def _known(self, outlet: Outlet, stream: Stream, after: int) -> int:
        """The number up to which a page is level that says it has seen ``after``.

        A page can be ahead of the relay, as it was made from what is stored. A number that is not
        even stored is from another database.
        """
        if after > stream.reached and after > await self._number(stream.name):
            outlet.write(chunk(frame(Reset())))
            return stream.reached
        while after > stream.reached:
            self._note(frozenset({stream.name}), time.monotonic())
            await stream.moved()
        return after

    async def _catch_up(self, outlet: Outlet, stream: Stream, language: str, after: int) -> int:
        """Writes what came after ``after``, and answers the number that it is level with then."""
        reached = stream.reached
        read = partial(_missed, stream.name, after, reached, language, self._render_item)
        data: bytes = await self._joined((stream.name, after, reached, language), read)
        outlet.write(chunk(data))
        for _ in range(_LOOKS):
            if outlet.backlog() <= LONGEST_BACKLOG // 2:
                return reached
            await asyncio.sleep(_LOOK_AGAIN)
        counts.slow_readers_cut += 1
        raise TimeoutError

    async def _number(self, name: str) -> int:
        number: int = await self._joined(
            (name,), lambda connection: streams.number(connection, stored_stream(name))
        )
        return number

    async def _joined(self, key: tuple[object, ...], read: Callable[[Connection], Any]) -> Any:
        """The answer of ``read``, which is read once for all who want it within a moment."""
        task = self._reading.get(key)
        if task is None:
            task = self._reading[key] = asyncio.create_task(self._soon(key, read))
        return await asyncio.shield(task)

    async def _soon(self, key: tuple[object, ...], read: Callable[[Connection], Any]) -> Any:
        await asyncio.sleep(_JOIN)
        del self._reading[key]  # who comes from here on may know of something newer
        return await self._storage.read(read)


def _read(
    stream: str,
    after: int,
    languages: set[str],
    render_item: RenderItem,
    connection: Connection,
) -> tuple[int, dict[str, bytes], bool]:
    """The number of the last event, what was told since ``after``, by language, and whether those
    who listen have to come anew.
    """
    stored = stored_stream(stream)
    found = streams.after(connection, stored, after, _MOST_AT_ONCE)
    if not found:
        last = min(after, streams.number(connection, stored))
        return last, dict.fromkeys(languages, frame(Reset()) if last < after else b""), False
    by_language = {
        language: _frames(connection, stream, found, language, render_item)
        for language in languages
    }
    return found[-1].number, by_language, any(event.kind == STAFF_CHANGED for event in found)


def _missed(
    stream: str,
    after: int,
    reached: int,
    language: str,
    render_item: RenderItem,
    connection: Connection,
) -> bytes:
    """What a page has missed that has seen ``after`` when the others have seen ``reached``."""
    found = streams.after(connection, stored_stream(stream), after, _MOST_AT_ONCE + 1)
    found = [event for event in found if event.number <= reached]
    gap = not found or found[0].number != after + 1  # pruned
    if gap or len(found) > _MOST_AT_ONCE:
        return frame(Reset())
    return _frames(connection, stream, found, language, render_item)


def _frames(
    connection: Connection,
    stream: str,
    found: Sequence[StoredEvent],
    language: str,
    render_item: RenderItem,
) -> bytes:
    if stored_stream(stream) == DESK_STREAM:
        return _desk_frames(connection, found, desk_sites(stream))
    story = stories.get(connection, int(stream.removeprefix("story:")))
    if story is None:
        return b""
    subjects = comments.many(connection, {event.subject for event in found})
    parents = comments.many(
        connection, {one.parent for one in subjects.values() if one.parent is not None}
    )
    told = []
    for event in found:
        change = _tell_one(connection, event, story, subjects, parents, language, render_item)
        if change is not None:
            told.append(frame(change, event.number))
    told.append(frame(CountChanged(count=story.count)))
    return b"".join(told)


def _tell_one(
    connection: Connection,
    event: StoredEvent,
    story: Story,
    subjects: dict[int, Comment],
    parents: dict[int, Comment],
    language: str,
    render_item: RenderItem,
) -> Event | None:
    if event.kind == "seeded":
        return Reset()
    if event.kind == "mode":
        closes_at = story.closes_at.isoformat() if story.closes_at else None
        return ModeChanged(
            mode=story.mode,
            slow=story.slow,
            closes_at=closes_at,
            tightened=bool(story.tightened),
        )
    if event.kind == "renamed":
        return _renamed(users.get(connection, event.subject))
    comment = subjects.get(event.subject)
    if comment is None:
        return None
    number = ids.encode(comment.id)
    if not comment.shown:
        return CommentRemoved(id=number, count=story.count, html=None)
    parent = parents.get(comment.parent) if comment.parent else None
    html = render_item(comment, story.key, parent.author_name if parent else "", language)
    if comment.status != "published":
        return CommentRemoved(id=number, count=story.count, html=html)
    if event.kind == "removed":
        return None  # it is back, and a later event says so
    if event.kind == "edited":
        return CommentEdited(id=number, count=story.count, html=html)
    return CommentAppeared(
        id=number,
        parent=ids.encode(comment.parent) if comment.parent else None,
        root=ids.encode(comment.root),
        author=ids.encode(comment.author),
        count=story.count,
        html=html,
    )


def _renamed(user: User | None) -> Event | None:
    return AuthorRenamed(author=ids.encode(user.id), name=user.name) if user else None


def _looked(connection: Connection, comment: int) -> CardLooked:
    lock = desk.locks_of(connection, [comment], None).get(comment)
    user = ids.encode(lock.user) if lock else ""
    return CardLooked(id=ids.encode(comment), user=user, name=lock.name if lock else "")


def _desk_frames(
    connection: Connection, found: Sequence[StoredEvent], sites: frozenset[int] | None
) -> bytes:
    subjects = comments.many(connection, {event.subject for event in found})
    if sites is not None:
        subjects = {id: one for id, one in subjects.items() if one.site in sites}
    about = stories.many(connection, {comment.story for comment in subjects.values()})
    told = []
    for event in found:
        if event.kind == "seeded":
            told.append(frame(Reset(), event.number))
        if event.kind == STAFF_CHANGED:
            told.append(frame(StaffChanged(user=ids.encode(event.subject)), event.number))
        comment = subjects.get(event.subject)
        if comment is not None and event.kind == "looking":
            told.append(frame(_looked(connection, comment.id), event.number))
        elif comment is not None:
            changed = CardChanged(id=ids.encode(comment.id), story=about[comment.story].key)
            told.append(frame(changed, event.number))
    waiting = WaitingChanged(count=decisions.count_waiting(connection, sites))
    told.append(frame(waiting))
    return b"".join(told)
