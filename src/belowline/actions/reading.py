"""Reading discussions: pages of threads, replies, one comment in its context."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from belowline.actions import waiting
from belowline.actions.bans import against
from belowline.actions.site import Site
from belowline.actions.statements import tokens_of
from belowline.domain.comments import Comment
from belowline.domain.errors import Refused
from belowline.domain.ids import moment
from belowline.domain.ordering import Cursor, comment_order, decode_cursor, encode_cursor
from belowline.domain.stories import (
    Story,
    is_story_key,
    seconds_to_wait,
    story_id,
    story_key,
)
from belowline.domain.threads import Mine, Node, Page
from belowline.domain.users import User
from belowline.storage import comments, stories, users
from belowline.storage.engine import Connection

_SHOWN_BY_DEPTH = (3, 2, 1, 1)
"""How many replies of a comment of depth 0, 1, 2 … stand on a page before anyone asks."""

_MOST_ON_A_PAGE = 50
_REPLIES_PER_PAGE = 20
_OWN = 50
_REPLY_ORDER = "replies"


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """One comment between what it answers and what answers it."""

    story: Story
    ancestors: tuple[Comment, ...]
    node: Node


async def page(
    site: Site,
    key: str,
    order: str,
    cursor: str = "",
    *,
    limit: int | None = None,
    unknown_is_empty: bool = False,
) -> Page:
    """One page of a story's threads, each with the first of its replies.

    ``unknown_is_empty`` answers an empty discussion for a story that nobody has written under.
    Raises Refused: story_key, story_unknown, order_unknown, cursor_bad.
    """
    story_key(key)
    comment_order(order)
    start = decode_cursor(cursor, order) if cursor else None
    size = limit or site.rules.threads_per_page

    def read(connection: Connection) -> Page:
        story = stories.by_key(connection, key)
        if story is None:
            return Page(
                story=_nobody_wrote(connection, site, key, unknown_is_empty),
                order=order,
                version=0,
                threads=(),
            )
        return _page(connection, story, order, start, size)

    return await site.storage.read(read)


async def story_or_empty(site: Site, key: str) -> Story:
    """The story, or what it is before anything was written under it. Raises "story_key"."""
    story_key(key)
    return await site.storage.read(
        lambda connection: (
            stories.by_key(connection, key) or _nobody_wrote(connection, site, key, allowed=True)
        )
    )


async def counts(site: Site, keys: Sequence[str]) -> dict[str, int]:
    """Key -> number of published comments, 0 for what is no story's key."""
    possible = [key for key in keys if is_story_key(key)]
    found = await site.storage.read(lambda connection: stories.counts(connection, possible))
    return dict.fromkeys(keys, 0) | found


async def replies(site: Site, comment: int, cursor: str = "") -> tuple[Story, Node]:
    """A comment and the page of its replies that ``cursor`` asks for.

    Raises Refused: comment_unknown, cursor_bad.
    """
    start = decode_cursor(cursor, _REPLY_ORDER).id if cursor else 0

    def read(connection: Connection) -> tuple[Story, Node]:
        parent, story = _shown(connection, comment)
        tree = _Tree(connection, (_REPLIES_PER_PAGE, *_SHOWN_BY_DEPTH[1:]), after=start)
        return story, tree.grow([parent])[0]

    return await site.storage.read(read)


async def one(site: Site, comment: int, viewer: User | None = None) -> tuple[Story, Comment, str]:
    """A comment, its story and the name of whom it answers.

    Raises Refused("comment_unknown") for what ``viewer`` may not see.
    """

    def read(connection: Connection) -> tuple[Story, Comment, str]:
        found, story = _shown(connection, comment, viewer)
        parent = comments.get(connection, found.parent) if found.parent else None
        return story, found, parent.author_name if parent else ""

    return await site.storage.read(read)


async def context(
    site: Site, comment: int, viewer: User | None = None, cursor: str = ""
) -> Context:
    """A comment with its ancestors and the page of its replies that ``cursor`` asks for.

    Raises Refused: comment_unknown, cursor_bad.
    """
    start = decode_cursor(cursor, _REPLY_ORDER).id if cursor else 0

    def read(connection: Connection) -> Context:
        found, story = _shown(connection, comment, viewer)
        tree = _Tree(connection, (_REPLIES_PER_PAGE, *_SHOWN_BY_DEPTH[1:]), after=start)
        above = comments.ancestors(connection, found)
        node = tree.grow([found], above[-1].author_name if above else None)[0]
        return Context(story=story, ancestors=tuple(above), node=node)

    return await site.storage.read(read)


async def mine(site: Site, key: str, viewer: User) -> Mine:
    """What ``viewer`` wrote under a story, recommends there, and whom they mute."""
    story = story_id(story_key(key))

    def read(connection: Connection) -> Mine:
        own = comments.own(connection, viewer.id, story, _OWN)
        parents = comments.many(connection, {one.parent for one in own if one.parent})
        rejected = [one.id for one in own if one.status == "rejected"]
        held = [one.id for one in own if one.status == "held"]
        waits = waiting.waits(connection, site, held)
        return Mine(
            statements=tokens_of(connection, rejected),
            waits={
                number: (one.before, one.minutes, one.opens_at) for number, one in waits.items()
            },
            comments=tuple(own),
            parent_names={number: parent.author_name for number, parent in parents.items()},
            recommended=frozenset(comments.recommended_by(connection, viewer.id, story)),
            muted=tuple(users.muted_by(connection, viewer.id)),
            wait=_wait(connection, site, story, viewer),
            measures=tuple(against(connection, site, viewer, _site_of(connection, story, key))),
        )

    return await site.storage.read(read)


def _site_of(connection: Connection, story: int, key: str) -> int:
    found = stories.get(connection, story)
    return found.site if found else stories.site_for(connection, key, "")


def _wait(connection: Connection, site: Site, story: int, viewer: User) -> int:
    found = stories.get(connection, story)
    if found is None or not found.slow or viewer.is_staff:
        return 0
    last = comments.last_in(connection, viewer.id, story)
    return seconds_to_wait(found.slow, None if last is None else moment(last), site.now())


async def latest(site: Site, key: str | None, limit: int) -> list[tuple[Comment, Story]]:
    """The latest published comments of a story, or of the whole site when ``key`` is None.

    Raises Refused("story_unknown").
    """

    def read(connection: Connection) -> list[tuple[Comment, Story]]:
        story = None
        if key is not None:
            story = stories.by_key(connection, key)
            if story is None:
                raise Refused("story_unknown")
        found = comments.published(connection, story=story.id if story else None, limit=limit)
        about = stories.many(connection, {comment.story for comment in found})
        return [(comment, about[comment.story]) for comment in found]

    return await site.storage.read(read)


def _page(
    connection: Connection, story: Story, order: str, cursor: Cursor | None, size: int
) -> Page:
    version = cursor.version if cursor else story.version
    found = comments.threads(connection, story.id, order, cursor, size + 1)
    threads, more = found[:size], len(found) > size
    end = None
    if more:
        last = threads[-1]
        end = encode_cursor(Cursor(order, last.comment.id, last.rank, version))
    return Page(
        story=story,
        order=order,
        version=story.version,
        threads=tuple(
            _Tree(connection, _SHOWN_BY_DEPTH).grow([thread.comment for thread in threads])
        ),
        next=end,
        first=cursor is None,
    )


def _nobody_wrote(connection: Connection, site: Site, key: str, allowed: bool) -> Story:
    if not allowed:
        raise Refused("story_unknown", field="story")
    policy = site.policy
    if policy.own:
        policy = policy.at(stories.site_for(connection, key, ""))
    return Story(
        id=story_id(key),
        key=key,
        title="",
        url="",
        mode=policy.mode,
        language="",
        count=0,
        version=0,
        created_at=site.now(),
        slow=policy.slow_seconds,
    )


def _shown(
    connection: Connection, number: int, viewer: User | None = None
) -> tuple[Comment, Story]:
    found = comments.get(connection, number)
    own = found is not None and viewer is not None and found.author == viewer.id
    if found is None or not (found.shown or own):
        raise Refused("comment_unknown")
    story = stories.get(connection, found.story)
    if story is None:
        raise Refused("comment_unknown")
    return found, story


class _Tree:
    """Fetches replies level by level, breadth first, until the page holds enough.

    What a page costs depends on these limits only, not on how long the discussion is.
    """

    def __init__(self, connection: Connection, limits: tuple[int, ...], *, after: int = 0) -> None:
        self._connection = connection
        self._limits = limits
        self._after = after
        self._left = _MOST_ON_A_PAGE
        self._replies: dict[int, list[Comment]] = {}
        self._cut: set[int] = set()
        self._rest: dict[int, int] = {}

    def grow(self, roots: Sequence[Comment], parent_name: str | None = None) -> list[Node]:
        """The roots with their replies."""
        level = list(roots)
        after = self._after
        for limit in self._limits:
            level = self._fetch(level, limit, after)
            after = 0
        self._count_rest(roots)
        return [self._node(root, parent_name) for root in roots]

    def _fetch(self, level: list[Comment], limit: int, after: int) -> list[Comment]:
        parents = [comment.id for comment in level if comment.below]
        found = comments.replies(self._connection, parents, after=after, limit=limit + 1)
        kept = []
        for parent, children in found.items():
            room = min(limit, self._left)
            self._replies[parent] = children[:room]
            if len(children) > room:
                self._cut.add(parent)
            self._left -= len(children[:room])
            kept.extend(children[:room])
        return kept

    def _count_rest(self, roots: Sequence[Comment]) -> None:
        leaves = {
            comment.id
            for comment in self._everyone(roots)
            if comment.below and comment.id not in self._replies
        }
        paged = {root.id for root in roots} if self._after else set()
        counts = comments.reply_counts(self._connection, (leaves | self._cut) - paged)
        counts |= comments.reply_counts(self._connection, paged & self._cut, after=self._after)
        self._rest = {
            parent: count - len(self._replies.get(parent, ())) for parent, count in counts.items()
        }

    def _everyone(self, roots: Sequence[Comment]) -> list[Comment]:
        return [*roots, *(child for children in self._replies.values() for child in children)]

    def _node(self, comment: Comment, parent_name: str | None) -> Node:
        children = self._replies.get(comment.id, [])
        more = self._rest.get(comment.id, 0)
        cursor = None
        if more:
            last = children[-1].id if children else 0
            cursor = encode_cursor(Cursor(_REPLY_ORDER, last, 0, 0))
        return Node(
            comment=comment,
            parent_name=parent_name,
            replies=tuple(self._node(child, comment.author_name) for child in children),
            more=more,
            next=cursor,
        )
