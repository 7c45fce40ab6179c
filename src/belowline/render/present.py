"""From comments to what templates show: the text as HTML, and what the viewer may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from belowline.domain import ids
from belowline.domain import text as texts
from belowline.domain.comments import Comment
from belowline.domain.ordering import ORDERS
from belowline.domain.stories import MODES, Story
from belowline.domain.threads import Mine, Node, Page
from belowline.domain.users import Thing, User, may
from belowline.render.views import (
    AuthorView,
    CommentView,
    DiscussionView,
    PaceView,
    RepliesView,
    ToldView,
    ViewerView,
)

_NOBODY = AuthorView(id="", name="", role="reader")
_NOTHING = Mine()
_SLOWS = (0, 15, 30, 60, 300, 900, 3600)  # seconds
_DAYS = (0, 1, 3, 7, 14, 30, 90)


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, when, and what is personal to them. ``user`` is None for a passer-by.

    ``desk`` is the desk's name, "" where it has none.
    """

    now: datetime
    user: User | None = None
    mine: Mine = _NOTHING
    edit_window: timedelta = timedelta(0)
    desk: str = ""

    def view(self) -> ViewerView:
        """As templates have it."""
        if self.user is None:
            return ViewerView()
        return ViewerView(
            id=ids.encode(self.user.id),
            name=self.user.name,
            role=self.user.role,
            desk=self.desk if may(self.user, "speak_for_desk", Thing()) else "",
            limited=self.user.sites is not None,
        )


def comment(
    one: Comment,
    story: str,
    viewer: Viewer,
    *,
    mode: str = "open",
    parent_name: str | None = None,
    whole: bool = False,
) -> CommentView:
    """One comment without its replies; ``whole`` shows a very long one to its end."""
    user = viewer.user
    mine = user is not None and one.is_by(user.id)
    readable = one.status == "published" or (mine and one.status != "withdrawn")
    fold = None if whole or not readable else texts.fold_point(one.text)
    thing = Thing(comment=one, mode=mode, edit_window=viewer.edit_window, now=viewer.now)
    return CommentView(
        id=ids.encode(one.id),
        story=story,
        parent=ids.encode(one.parent) if one.parent else None,
        root=ids.encode(one.root),
        author=_author(one) if readable else _NOBODY,
        status=one.status,
        reason=one.reason,
        revision=one.revision,
        html=texts.to_html(one.text[:fold]) if readable else "",
        characters=len(one.text) if readable else 0,
        folded=fold is not None,
        created_at=one.created_at,
        edited_at=one.edited_at if readable else None,
        recommendations=one.recommendations if readable else 0,
        depth=one.depth,
        in_reply_to=None if one.parent is None else parent_name or "",
        reply_count=one.below,
        mine=readable and mine,
        recommended=one.id in viewer.mine.recommended,
        statement=viewer.mine.statements.get(one.id, ""),
        waits=viewer.mine.waits.get(one.id),
        can_edit=user is not None and may(user, "edit", thing),
        can_delete=user is not None and may(user, "withdraw", thing),
    )


def tree(node: Node, story: str, viewer: Viewer, *, mode: str = "open") -> CommentView:
    """A comment with its replies, the viewer's own unpublished ones among them."""
    here = comment(node.comment, story, viewer, mode=mode, parent_name=node.parent_name)
    below = [tree(reply, story, viewer, mode=mode) for reply in node.replies]
    below += _own_below(node, story, viewer, mode)
    return msgspec.structs.replace(
        here, replies=tuple(below), more_replies=node.more, more_cursor=node.next
    )


def discussion(page: Page, viewer: Viewer, *, nonce: str, max_characters: int) -> DiscussionView:
    """A page of a discussion."""
    story = page.story
    return DiscussionView(
        story=story.key,
        title=story.title,
        mode=story.mode,
        order=page.order,
        orders=tuple(ORDERS),
        version=page.version,
        count=story.count,
        comments=tuple(tree(node, story.key, viewer, mode=story.mode) for node in page.threads),
        own_held=_own_threads(page, viewer),
        next=page.next,
        first_page=page.first,
        viewer=viewer.view(),
        nonce=nonce,
        max_characters=max_characters,
        slow=story.slow,
        wait=viewer.mine.wait,
        tightened=story.tightened.partition(" ")[0],
        told=told(viewer),
    )


def told(viewer: Viewer) -> tuple[ToldView, ...]:
    """What stops the viewer here or was said to them."""
    return tuple(
        ToldView(kind=one.kind, reason=one.reason, until=one.until, statement=one.link)
        for one in viewer.mine.measures
    )


def pace(story: Story, *, saved: bool = False) -> PaceView:
    """A story's mode and pace for the staff's form."""
    return PaceView(
        story=story.key,
        title=story.title or story.key,
        count=story.count,
        mode=story.mode,
        slow=story.slow,
        close_days=story.close_days,
        closes_at=story.closes_at,
        closed=story.mode == "closed" and story.chosen != "closed",
        modes=MODES,
        slows=tuple(sorted({*_SLOWS, story.slow})),
        days=tuple(sorted({*_DAYS, story.close_days})),
        saved=saved,
        tightens=story.tightens,
        tightened=_why(story.tightened),
    )


def _why(tightened: str) -> tuple[str, int, int] | None:
    kind, *numbers = tightened.split()[:3] or [""]
    return (kind, int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else None


def replies(node: Node, story: str, viewer: Viewer) -> RepliesView:
    """A further page of a comment's replies."""
    return RepliesView(
        story=story,
        parent=ids.encode(node.comment.id),
        comments=tuple(tree(reply, story, viewer) for reply in node.replies),
        next=node.next,
        more=node.more,
    )


def own(viewer: Viewer, story: str, mode: str) -> list[CommentView]:
    """The viewer's own comments, each as its own item."""
    names = viewer.mine.parent_names
    return [
        comment(one, story, viewer, mode=mode, parent_name=names.get(one.parent or 0))
        for one in viewer.mine.comments
    ]


def _author(one: Comment) -> AuthorView:
    return AuthorView(id=ids.encode(one.author), name=one.author_name, role=one.author_role)


def _own_threads(page: Page, viewer: Viewer) -> tuple[CommentView, ...]:
    listed = {node.comment.id for node in page.threads}
    return tuple(
        comment(one, page.story.key, viewer, mode=page.story.mode)
        for one in _unpublished(viewer.mine.comments)
        if one.parent is None and one.id not in listed
    )


def _own_below(node: Node, story: str, viewer: Viewer, mode: str) -> list[CommentView]:
    listed = {reply.comment.id for reply in node.replies}
    return [
        comment(one, story, viewer, mode=mode, parent_name=node.comment.author_name)
        for one in reversed(_unpublished(viewer.mine.comments))
        if one.parent == node.comment.id and one.id not in listed
    ]


def _unpublished(comments: Sequence[Comment]) -> list[Comment]:
    return [one for one in comments if one.status != "published"]
