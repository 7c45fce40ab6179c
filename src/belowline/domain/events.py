"""What open pages must hear of: one struct an event, as it travels in the stream.

Numbered events are stored in the transaction that caused them and hold ids, never text; the ones
below are what a page receives after the relay has looked up how things are now. Unnumbered ones
live in memory only.
"""

from __future__ import annotations

import msgspec


class CommentAppeared(msgspec.Struct, frozen=True, tag_field="event", tag="comment"):
    """A comment became visible. ``parent`` is None in a new thread; ``html`` is its list item."""

    id: str
    parent: str | None
    root: str
    author: str
    count: int
    html: str


class CommentEdited(msgspec.Struct, frozen=True, tag_field="event", tag="edited"):
    """A visible comment's text changed."""

    id: str
    count: int
    html: str


class CommentRemoved(msgspec.Struct, frozen=True, tag_field="event", tag="removed"):
    """A comment is no longer to be read. ``html`` is its marker, None when nothing is left."""

    id: str
    count: int
    html: str | None


class AuthorRenamed(msgspec.Struct, frozen=True, tag_field="event", tag="renamed"):
    """Somebody who wrote here has another display name now."""

    author: str
    name: str


class ModeChanged(msgspec.Struct, frozen=True, tag_field="event", tag="mode"):
    """The story's mode or its pace is another one now.

    ``slow`` is the pause in seconds between two comments of one person, 0 for none; ``closes_at``
    the time (RFC 3339, UTC) when the discussion closes by itself, None for never. ``tightened``
    says that the circuit breaker has made it stricter.
    """

    mode: str
    slow: int = 0
    closes_at: str | None = None
    tightened: bool = False


class CountChanged(msgspec.Struct, frozen=True, tag_field="event", tag="count"):
    """The number of comments that a reader can see."""

    count: int


class ActiveChanged(msgspec.Struct, frozen=True, tag_field="event", tag="active"):
    """How many people have this discussion open; None where the number is too small to tell."""

    active: int | None


class TypingThread(msgspec.Struct, frozen=True):
    """``count`` people are writing below ``parent`` (None: a new thread)."""

    parent: str | None
    count: int


class TypingChanged(msgspec.Struct, frozen=True, tag_field="event", tag="typing"):
    """Where somebody is typing now. Never who."""

    threads: tuple[TypingThread, ...]


class Recommended(msgspec.Struct, frozen=True, tag_field="event", tag="recommended"):
    """Comments whose number of recommendations changed, by id."""

    comments: dict[str, int]


class Reset(msgspec.Struct, frozen=True, tag_field="event", tag="reset"):
    """Too much was missed to be told one by one: load the discussion again."""


class CardChanged(msgspec.Struct, frozen=True, tag_field="event", tag="card"):
    """On the desk's stream: something about this comment changed; ask for its card again."""

    id: str
    story: str


class CardLooked(msgspec.Struct, frozen=True, tag_field="event", tag="looking"):
    """On the desk's stream: ``name`` looks at this comment, "" when nobody does any more.

    It holds for 45 seconds; while somebody goes on looking, it is told again.
    """

    id: str
    user: str
    name: str


class WaitingChanged(msgspec.Struct, frozen=True, tag_field="event", tag="waiting"):
    """On the desk's stream: how many comments wait for a decision."""

    count: int


class StaffChanged(msgspec.Struct, frozen=True, tag_field="event", tag="staff"):
    """On the desk's stream: ``user`` works for other sites now, in another role, or no more.

    It is the last that all pages of the desk hear: they come back with what they may hear now.
    """

    user: str


StoryEvent = (
    CommentAppeared
    | CommentEdited
    | CommentRemoved
    | AuthorRenamed
    | ModeChanged
    | CountChanged
    | ActiveChanged
    | TypingChanged
    | Recommended
    | Reset
)
DeskEvent = CardChanged | CardLooked | WaitingChanged | StaffChanged | Reset
Event = StoryEvent | DeskEvent

DESK_STREAM = "desk"
STAFF_CHANGED = "staff"
"""The kind of event after which pages of the desk have to say anew who they are."""

RECONNECTED = "tally:"
"""What processes call it that they may have missed how recommendations have changed."""


_PARTS = "desk:"


def desk_stream(sites: frozenset[int] | None) -> str:
    """The name of the desk's stream for whoever works for ``sites``, None for all.

    Those of some sites are not stored: they are what is told of the desk's own events there.
    """
    if sites is None:
        return DESK_STREAM
    return _PARTS + ",".join(str(one) for one in sorted(sites))


def desk_sites(stream: str) -> frozenset[int] | None:
    """The sites of such a stream; None for the whole desk's and everything else."""
    if not stream.startswith(_PARTS):
        return None
    return frozenset(map(int, stream.removeprefix(_PARTS).split(",")))


def stored_stream(stream: str) -> str:
    """The stream whose events are told in this one."""
    return DESK_STREAM if stream.startswith(_PARTS) else stream


def story_stream(story: int) -> str:
    """The name of a story's stream."""
    return f"story:{story}"


def story_of(stream: str) -> int | None:
    """The story whose stream has this name; None when it is no story's."""
    kind, _, number = stream.partition(":")
    return int(number) if kind == "story" else None


def tally_name(story: int, comment: int, recommendations: int) -> str:
    """How processes call it that a comment has so many recommendations now."""
    return f"tally:{story}:{comment}:{recommendations}"


def tally_of(name: str) -> tuple[int, int, int] | None:
    """Story, comment and number of what `tally_name` made; None for everything else."""
    kind, *numbers = name.split(":")
    if kind != "tally" or name == RECONNECTED:
        return None
    story, comment, recommendations = map(int, numbers)
    return story, comment, recommendations
