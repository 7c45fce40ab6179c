"""What templates are given: plain values, ready to be shown, in the reader's language.

A template never asks the database and never decides who may do what; whoever builds a view
(:mod:`belowline.actions.reading`) has already done both.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class AuthorView(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote something. ``name`` is empty until the reader sets one ("No Name")."""

    id: str
    name: str
    role: str


class CommentView(msgspec.Struct, frozen=True, kw_only=True):
    """One comment as one viewer sees it, with those of its replies that are on this page.

    ``html`` is safe HTML made from plain text (paragraphs, line breaks, links). When ``folded``,
    it is only the beginning and ``characters`` says how long the whole is.
    ``status`` other than ``published`` with ``mine`` false means a marker: ``html`` is empty and
    ``reason`` (a code, or "") says why a moderator removed it.
    """

    id: str
    story: str
    parent: str | None
    root: str
    author: AuthorView
    status: str
    reason: str
    revision: int
    html: str
    characters: int
    folded: bool
    created_at: datetime
    edited_at: datetime | None
    recommendations: int
    depth: int
    in_reply_to: str | None  # the parent's author's name ("" for no name), None at the top level
    replies: tuple[CommentView, ...] = ()
    reply_count: int = 0  # published comments anywhere below this one
    more_replies: int = 0  # how many direct replies are shown elsewhere but not in `replies`
    more_cursor: str | None = None  # cursor for those; None when there are none
    mine: bool = False
    recommended: bool = False
    statement: str = ""  # the token of the statement of reasons, for its author
    waits: tuple[int, int | None, datetime | None] | None = None  # before, minutes, opening
    can_edit: bool = False
    can_delete: bool = False

    @property
    def is_marker(self) -> bool:
        """True when only a line in its place is shown."""
        return self.status != "published" and not self.mine


class ViewerView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is looking. ``id`` is None for someone who has not acted yet.

    ``desk`` is the name of the desk if they may write in it, "" otherwise. ``limited`` says that
    they work for some of several sites.
    """

    id: str | None = None
    name: str = ""
    role: str = "reader"
    desk: str = ""
    limited: bool = False


class ToldView(msgspec.Struct, frozen=True, kw_only=True):
    """A measure as whom it meets is told of it: ``statement`` is where it is explained."""

    kind: str
    reason: str
    until: datetime | None
    statement: str


class DiscussionView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a discussion: its head, one page of threads and where to go on."""

    story: str
    title: str
    mode: str
    order: str
    orders: tuple[str, ...]
    version: int
    count: int
    comments: tuple[CommentView, ...]
    own_held: tuple[
        CommentView, ...
    ] = ()  # the viewer's own comments not published, top-level ones
    next: str | None = None  # cursor of the next page
    first_page: bool = True
    viewer: ViewerView = ViewerView()
    nonce: str = ""
    max_characters: int = 10_000
    slow: int = 0  # the pause in seconds between two comments of one person
    wait: int = 0  # seconds until the viewer may write again
    tightened: str = ""  # what the circuit breaker saw, where it has made the story stricter
    told: tuple[ToldView, ...] = ()  # what stops the viewer or was said to them

    @property
    def stopped(self) -> bool:
        """Whether the viewer may not write here."""
        return any(one.kind != "warning" for one in self.told)


class StoryCard(msgspec.Struct, frozen=True, kw_only=True):
    """A story in a list."""

    key: str
    url: str
    headline: str
    summary: str
    byline: tuple[tuple[str, str], ...]  # (name, url) of each author
    section: str
    published_at: datetime | None
    image: str
    image_alt: str
    image_width: int
    image_height: int
    comment_count: int
    language: str


class PaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A story's mode and pace, for the form that changes them.

    The choices hold what stands now, whether it is a usual one or not. ``closed`` is whether the
    discussion has closed by itself; ``closes_at`` is when it will or did.
    """

    story: str
    title: str
    count: int
    mode: str
    slow: int
    close_days: int
    closes_at: datetime | None
    closed: bool
    modes: tuple[str, ...]
    slows: tuple[int, ...]
    days: tuple[int, ...]
    saved: bool = False
    tightens: bool = True
    tightened: tuple[str, int, int] | None = None  # why the circuit breaker has, with two numbers


class StoryPageView(msgspec.Struct, frozen=True, kw_only=True):
    """The story page: the story itself, its discussion and its neighbours."""

    card: StoryCard
    absolute_url: str
    body_html: str
    tags: tuple[tuple[str, str], ...]  # (tag, url)
    updated_at: datetime | None
    discussion: DiscussionView
    related: tuple[StoryCard, ...]
    structured_data: str  # JSON-LD, safe inside <script>
    sent: CommentView | None = None  # what the viewer has just sent (pages without JavaScript)
    pace: PaceView | None = None  # for staff, to change it in the page


class RepliesView(msgspec.Struct, frozen=True, kw_only=True):
    """A further page of the direct replies to ``parent``."""

    story: str
    parent: str
    comments: tuple[CommentView, ...]
    next: str | None = None  # cursor of the next page
    more: int = 0  # how many direct replies that page and those after it hold


class StoryListView(msgspec.Struct, frozen=True, kw_only=True):
    """A list of stories. ``kind`` is ``home``, ``author`` or ``tag``; ``heading`` is its name."""

    kind: str
    heading: str
    stories: tuple[StoryCard, ...]
    page: int = 1
    pages: int = 1


class PermalinkView(msgspec.Struct, frozen=True, kw_only=True):
    """One comment in its context: ``ancestors`` from the thread's first to the direct parent."""

    story: str
    title: str
    mode: str
    ancestors: tuple[CommentView, ...]
    comment: CommentView
    count: int
    viewer: ViewerView = ViewerView()
    nonce: str = ""
    max_characters: int = 10_000
    excerpt: str = ""  # the comment's beginning as plain text, for the page's description
    slow: int = 0
    wait: int = 0


class CommentFormView(msgspec.Struct, frozen=True, kw_only=True):
    """A page to write a comment or, with a ``parent``, a reply. ``problem`` says what to change."""

    story: str
    title: str
    mode: str
    nonce: str
    parent: CommentView | None = None
    text: str = ""
    problem: str = ""
    viewer: ViewerView = ViewerView()
    max_characters: int = 10_000
    slow: int = 0
    wait: int = 0


class EditFormView(msgspec.Struct, frozen=True, kw_only=True):
    """A page to edit one's own comment; ``text`` is its plain text or what was just refused."""

    title: str
    comment: CommentView
    text: str
    problem: str = ""
    max_characters: int = 10_000


class DeleteFormView(msgspec.Struct, frozen=True, kw_only=True):
    """A page that asks whether one's own comment shall go."""

    title: str
    comment: CommentView
    problem: str = ""


class ReportFormView(msgspec.Struct, frozen=True, kw_only=True):
    """A page to report a comment. ``reasons`` are codes; ``sent`` turns it into a thank-you."""

    title: str
    comment: CommentView
    reasons: tuple[str, ...]
    reason: str = ""
    note: str = ""
    problem: str = ""
    sent: bool = False


class NameFormView(msgspec.Struct, frozen=True, kw_only=True):
    """A page to set the display name; ``next`` is the local path to return to."""

    name: str
    next: str = "/"
    problem: str = ""


class ErrorView(msgspec.Struct, frozen=True, kw_only=True):
    """An error as a person sees it. ``detail`` is the refusal's sentence, "" for the usual one.

    ``fields`` are the names and values of the form that they sent, given back so that nothing is
    lost, and ``again`` is the address that it went to, "" when there was none. ``request_id`` is
    what a person can quote when it was the server's fault.
    """

    status: int
    detail: str = ""
    again: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    request_id: str = ""
