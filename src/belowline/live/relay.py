"""From storage to the hub: reads the events after the last number and looks up how things are now.

A wake-up is a hint and may be lost, doubled or late; what is stored decides. Each event is
rendered once for each language that listens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from belowline.domain import ids
from belowline.domain.comments import Comment
from belowline.domain.events import (
    DESK_STREAM,
    AuthorRenamed,
    CardChanged,
    CommentAppeared,
    CommentEdited,
    CommentRemoved,
    CountChanged,
    Event,
    ModeChanged,
    Reset,
    WaitingChanged,
)
from belowline.domain.stories import Story
from belowline.domain.users import User
from belowline.live.frames import frame
from belowline.live.hub import Hub, Listener
from belowline.storage import comments, decisions, stories, streams, users
from belowline.storage.engine import Connection, Storage
from belowline.storage.streams import StoredEvent

RenderItem = Callable[[Comment, str, str, str], str]
"""(comment, its story's key, its parent's author's name, language) -> its list item."""

Frames = list[tuple[int | None, bytes]]
_MOST_AT_ONCE = 200
_log = structlog.get_logger(__name__)


class Relay:
    """Moves news from storage to the hub's listeners."""

    def __init__(self, storage: Storage, hub: Hub, render_item: RenderItem) -> None:
        self._storage = storage
        self._hub = hub
        self._render_item = render_item
        self._reached: dict[str, int] = {}
        self._news: set[str] = set()
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        storage.listen(self._wake)

    def _wake(self, names: frozenset[str]) -> None:  # in another thread
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, names)

    def _note(self, names: frozenset[str]) -> None:
        self._news |= names
        self._woken.set()

    async def run(self) -> None:
        """Relays until cancelled. An error is noted and the stream is tried again at the next."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            names, self._news = self._news, set()
            listened = set(self._hub.streams())
            for stream in listened if "*" in names else names & listened:
                try:
                    await self._relay(stream)
                except Exception as error:
                    _log.error("live.relay_failed", stream=stream, exc_info=error)

    async def _relay(self, stream: str) -> None:
        reached = self._reached.get(stream)
        if reached is None:  # its first listener is still catching up
            return
        languages = self._hub.languages(stream)
        while True:
            read = partial(
                _read,
                stream=stream,
                after=reached,
                languages=languages,
                render_item=self._render_item,
            )
            found, by_language = await self._storage.read(read)
            for language, frames in by_language.items():
                for number, data in frames:
                    self._hub.publish(stream, data, number=number, language=language)
            if not found:
                return
            reached = found[-1].number
            self._reached[stream] = max(reached, self._reached.get(stream, 0))

    async def attach(self, stream: str, listener: Listener, after: int | None) -> None:
        """Lets ``listener`` hear of ``stream``, beginning after event ``after`` (None: now)."""
        self._hub.add(stream, listener)
        seen, frames = await self._storage.read(
            lambda connection: _missed(
                connection, stream, after, listener.language, self._render_item
            )
        )
        last = max((number for number, _ in frames if number is not None), default=seen)
        self._reached.setdefault(stream, last)
        listener.catch_up(seen, frames)
        self._note(frozenset({stream}))  # something may have come between the read and now

    def detach(self, stream: str, listener: Listener) -> None:
        """Lets it hear no more."""
        self._hub.remove(stream, listener)
        if not self._hub.size(stream):
            self._reached.pop(stream, None)


def _read(
    connection: Connection,
    stream: str,
    after: int,
    languages: set[str],
    render_item: RenderItem,
) -> tuple[list[StoredEvent], dict[str, Frames]]:
    found = streams.after(connection, stream, after, _MOST_AT_ONCE)
    if not found:
        return found, {}
    return found, {
        language: _frames(connection, stream, found, language, render_item)
        for language in languages
    }


def _missed(
    connection: Connection,
    stream: str,
    after: int | None,
    language: str,
    render_item: RenderItem,
) -> tuple[int, Frames]:
    """The number that the listener has seen, and what it has to be given."""
    now = streams.number(connection, stream)
    if after is None or after == now:
        return now, []
    found = streams.after(connection, stream, after, _MOST_AT_ONCE + 1)
    gap = not found or found[0].number != after + 1  # pruned, or a number from another database
    if gap or len(found) > _MOST_AT_ONCE:
        return now, [(None, frame(Reset()))]
    return after, _frames(connection, stream, found, language, render_item)


def _frames(
    connection: Connection,
    stream: str,
    found: Sequence[StoredEvent],
    language: str,
    render_item: RenderItem,
) -> Frames:
    if stream == DESK_STREAM:
        return _desk_frames(connection, found)
    story = stories.get(connection, int(stream.removeprefix("story:")))
    if story is None:
        return []
    subjects = comments.many(connection, {event.subject for event in found})
    parents = comments.many(
        connection, {one.parent for one in subjects.values() if one.parent is not None}
    )
    frames: Frames = []
    for event in found:
        told = _tell_one(connection, event, story, subjects, parents, language, render_item)
        if told is not None:
            frames.append((event.number, frame(told, event.number)))
    frames.append((None, frame(CountChanged(count=story.count))))
    return frames


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
        return ModeChanged(mode=story.mode)
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


def _desk_frames(connection: Connection, found: Sequence[StoredEvent]) -> Frames:
    subjects = comments.many(connection, {event.subject for event in found})
    about = stories.many(connection, {comment.story for comment in subjects.values()})
    frames: Frames = []
    for event in found:
        if event.kind == "seeded":
            frames.append((event.number, frame(Reset(), event.number)))
        comment = subjects.get(event.subject)
        if comment is not None:
            changed = CardChanged(id=ids.encode(comment.id), story=about[comment.story].key)
            frames.append((event.number, frame(changed, event.number)))
    waiting = WaitingChanged(count=decisions.count_waiting(connection))
    frames.append((None, frame(waiting)))
    return frames
