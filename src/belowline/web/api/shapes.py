"""What the API takes and gives, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from belowline.actions.deciding import Card as DeskCard
from belowline.domain import ids
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision, Finding
from belowline.domain.stories import MOST_DAYS, SLOWEST, WEB_ADDRESS, Story
from belowline.domain.threads import Node, Page
from belowline.domain.users import User

Id = Annotated[str, Meta(description="Opaque, thirteen letters.", examples=["01F5H2K8PQ3R7"])]
SEEN: dict[str, Any] = {"minLength": 1, "pattern": r"[\p{L}\p{N}\p{P}\p{S}]"}
# Tags and private use are part of \p{C} already, which not every reader of
# the description knows.
_PLAIN = "[^\\p{C}\ue000-\uf8ff\U000e0000-\U0010ffff]"
_NAMED = {
    "minLength": 1,
    "pattern": rf"^{_PLAIN}*[\p{{L}}\p{{N}}]{_PLAIN}*$",
}
Text = Annotated[str, Meta(max_length=200_000, extra_json_schema=SEEN)]
Address = Annotated[str, Meta(max_length=2_000, extra_json_schema={"pattern": f"^{WEB_ADDRESS}$"})]
Name = Annotated[str, Meta(max_length=1_000, extra_json_schema=_NAMED)]


class Author(msgspec.Struct, kw_only=True):
    """A user as others see them. ``name`` is empty until it is set."""

    id: str
    name: str
    role: str


class Replies(msgspec.Struct, kw_only=True):
    """Replies to a comment: ``count`` published ones below it at any depth, the first of them."""

    count: int
    comments: list[CommentShape]
    next: str | None


class CommentShape(msgspec.Struct, kw_only=True):
    """A comment. One that is not published has no text and no author: only its place."""

    id: str
    parent: str | None
    author: Author
    text: str
    created_at: datetime
    edited_at: datetime | None
    status: str
    revision: int
    recommendations: int
    replies: Replies


class CommentsPage(msgspec.Struct, kw_only=True):
    """A page of threads. ``version`` is the number to listen from (``/live?after=``)."""

    story: str
    count: int
    version: int
    comments: list[CommentShape]
    next: str | None


class StoryShape(msgspec.Struct, kw_only=True):
    """A story and its discussion's state."""

    key: str
    title: str
    url: str
    mode: str
    slow: int
    close_days: int
    closes_at: datetime | None
    tightens: bool
    count: int
    version: int
    created_at: datetime


class Stories(msgspec.Struct, kw_only=True):
    """A page of stories, the latest first."""

    stories: list[StoryShape]
    next: str | None


class StoryChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to set; what is left out stays as it is. ``site`` is the key of one of several sites."""

    title: Annotated[str, Meta(max_length=1_000)] | None = None
    url: Address | None = None
    mode: Literal["open", "reviewed", "trusting", "closed"] | None = None
    slow: Annotated[int, Meta(ge=0, le=SLOWEST)] | None = None
    close_days: Annotated[int, Meta(ge=0, le=MOST_DAYS)] | None = None
    tightens: bool | None = None
    site: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


class PageOfStory(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The page on which a discussion is embedded, sent with its first comment."""

    url: Address
    title: Annotated[str, Meta(max_length=1_000)] = ""


class HowSent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How our own form was sent: what stands in its trap, its stamp, and proof of work: empty
    where none was asked for yet, ``unable`` where none can be given."""

    homepage: Annotated[str, Meta(max_length=1_000)] = ""
    stamp: Annotated[str, Meta(max_length=100)] = ""
    proof: Annotated[str, Meta(max_length=4_096)] = ""


class NewComment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment or, with a ``parent``, a reply; ``as_desk`` is for staff, in the desk's name."""

    text: Text
    parent: str | None = None
    page: PageOfStory | None = None
    as_desk: bool = False
    sender: HowSent | None = None


class Waits(msgspec.Struct, kw_only=True):
    """How a held comment waits: how many older ones do, within how many minutes half of the
    latest were decided (null: not known), when the desk opens (null: it is open)."""

    before: int
    usual_minutes: int | None
    opens_at: datetime | None


class Posted(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of a comment. ``message`` is for its author; ``html`` only when asked for."""

    comment: CommentShape
    message: str
    html: str = ""
    waiting: Waits | None = None


class Edit(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment's new text, and the revision that the author saw."""

    text: Text
    revision: int | None = None


class NewReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a comment is reported."""

    reason: str
    note: str = ""


class Typing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody writes below ``parent`` (None: a new thread), or no longer."""

    parent: str | None = None
    client: Annotated[str, Meta(max_length=64)] = ""
    stop: bool = False


class Token(msgspec.Struct, kw_only=True):
    """A guest's credential, sent as ``Authorization: Bearer …``."""

    token: str


class Me(msgspec.Struct, kw_only=True):
    """Who I am; ``id`` is null for a passer-by."""

    id: str | None
    name: str
    role: str
    muted: list[str] = []


class NewName(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The display name."""

    name: Name


class Recommendations(msgspec.Struct, kw_only=True):
    """How many recommend a comment now."""

    recommendations: int


class DecidedComment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment, the revision of it that was read, and its status then, if that matters."""

    id: str
    revision: int
    status: str = ""


class NewDecision(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Publish or reject; a rejection needs a reason."""

    comments: Annotated[list[DecidedComment], Meta(min_length=1, max_length=500)]
    decision: Literal["publish", "reject"]
    reason: str = ""
    note: str = ""


class DecisionShape(msgspec.Struct, kw_only=True):
    """A line of the record. ``by`` is null when the policy decided."""

    id: str
    comment: str
    revision: int
    action: str
    before: str
    after: str
    by: str | None
    reason: str
    note: str
    undoes: str | None
    created_at: datetime


class Decisions(msgspec.Struct, kw_only=True):
    """What was decided."""

    decisions: list[DecisionShape]


class ReportShape(msgspec.Struct, kw_only=True):
    """What a reader said against a comment."""

    reason: str
    note: str
    created_at: datetime


class CardShape(msgspec.Struct, kw_only=True):
    """A comment with everything that is needed to decide it. ``why`` says why it waits.

    ``written_by`` is who wrote it in the desk's name; ``language`` and ``script`` are the
    comment's, None where they are not known. ``site`` is its site's key, where there are several.
    """

    comment: CommentShape
    story: StoryShape
    parent: CommentShape | None
    findings: list[Finding]
    reports: list[ReportShape]
    record: dict[str, int]
    why: str
    history: list[DecisionShape]
    harm: float
    readers: int
    looked_at_by: str | None
    written_by: str | None = None
    language: str | None = None
    script: str | None = None
    site: str | None = None


class DeskQueue(msgspec.Struct, kw_only=True):
    """A page of the queue, most urgent first. ``version`` is the number to listen from.

    ``count`` need a decision; ``found`` is what the filter finds, counted up to 10,000.
    """

    count: int
    found: int
    version: int
    cards: list[CardShape]
    next: str | None


# -- from the domain -----------------------------------------------------------------------


def comment_shape(
    comment: Comment, *, whole: bool = False, node: Node | None = None
) -> CommentShape:
    """A comment for readers or, when ``whole``, for its author and staff, whatever its status."""
    readable = whole or comment.status == "published"
    author = Author(
        id=ids.encode(comment.author), name=comment.author_name, role=comment.author_role
    )
    return CommentShape(
        id=ids.encode(comment.id),
        parent=ids.encode(comment.parent) if comment.parent else None,
        author=author if readable else Author(id="", name="", role="reader"),
        text=comment.text if readable else "",
        created_at=comment.created_at,
        edited_at=comment.edited_at if readable else None,
        status=comment.status,
        revision=comment.revision,
        recommendations=comment.recommendations if readable else 0,
        replies=Replies(
            count=comment.below,
            comments=[comment_shape(one.comment, node=one) for one in node.replies] if node else [],
            next=node.next if node else None,
        ),
    )


def page_shape(page: Page) -> CommentsPage:
    """A page of threads."""
    return CommentsPage(
        story=page.story.key,
        count=page.story.count,
        version=page.version,
        comments=[comment_shape(node.comment, node=node) for node in page.threads],
        next=page.next,
    )


def story_shape(story: Story) -> StoryShape:
    """A story."""
    return StoryShape(
        key=story.key,
        title=story.title,
        url=story.url,
        mode=story.mode,
        slow=story.slow,
        close_days=story.close_days,
        closes_at=story.closes_at,
        tightens=story.tightens,
        count=story.count,
        version=story.version,
        created_at=story.created_at,
    )


def me_shape(user: User | None, muted: list[str]) -> Me:
    """Who somebody is."""
    if user is None:
        return Me(id=None, name="", role="reader")
    return Me(id=ids.encode(user.id), name=user.name, role=user.role, muted=muted)


def decision_shape(decision: Decision) -> DecisionShape:
    """A line of the record."""
    return DecisionShape(
        id=ids.encode(decision.id),
        comment=ids.encode(decision.comment),
        revision=decision.revision,
        action=decision.action,
        before=decision.before,
        after=decision.after,
        by=None if decision.actor is None else decision.actor_name,
        reason=decision.reason,
        note=decision.note,
        undoes=ids.encode(decision.undoes) if decision.undoes else None,
        created_at=decision.created_at,
    )


def card_shape(card: DeskCard) -> CardShape:
    """A card of the desk."""
    return CardShape(
        comment=comment_shape(card.comment, whole=True),
        story=story_shape(card.story),
        parent=comment_shape(card.parent, whole=True) if card.parent else None,
        findings=card.findings,
        reports=[
            ReportShape(reason=report.reason, note=report.note, created_at=report.created_at)
            for report in card.reports
        ],
        record=card.record,
        why=card.why,
        history=[decision_shape(line) for line in card.history],
        harm=round(card.standing.harm, 3),
        readers=card.standing.readers,
        looked_at_by=card.lock.name if card.lock else None,
        written_by=card.writer or None,
        language=card.comment.language or None,
        script=card.comment.script or None,
        site=card.publication.key if card.publication else None,
    )
