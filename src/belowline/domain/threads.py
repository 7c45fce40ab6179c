"""A discussion as it is read: comments with those of their replies that are on the page."""

from __future__ import annotations

from datetime import datetime

import msgspec

from belowline.domain.bans import Ban
from belowline.domain.comments import Comment
from belowline.domain.stories import Story


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with the first of its replies.

    ``more`` says how many further direct replies are shown elsewhere; ``next`` is the cursor that
    brings them, None when there are none.
    """

    comment: Comment
    parent_name: str | None = None
    replies: tuple[Node, ...] = ()
    more: int = 0
    next: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a story's threads, as of the stream's ``version``."""

    story: Story
    order: str
    version: int
    threads: tuple[Node, ...]
    next: str | None = None
    first: bool = True


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """What is personal about a discussion: one's own comments, recommendations and mutes.

    ``statements`` has the token of the statement about each that was rejected; ``waits`` how each
    held one waits: how many are before it, the usual minutes, when the desk opens. ``measures``
    are those against the viewer, and what they were warned of.
    """

    comments: tuple[Comment, ...] = ()
    parent_names: dict[int, str] = {}
    recommended: frozenset[int] = frozenset()
    muted: tuple[int, ...] = ()
    wait: int = 0  # seconds until the next comment is taken here, in slow mode
    statements: dict[int, str] = {}
    waits: dict[int, tuple[int, int | None, datetime | None]] = {}
    measures: tuple[Ban, ...] = ()
